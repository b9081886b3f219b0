/* SPDX-License-Identifier: Apache-2.0 */
/* How does the fake internet take memory, and read addresses and numbers? */
#include "world.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("internet: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

void *pool_zalloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		fatal("out of memory");
	return memory;
}

/* Doubles at every power of two, so that a loop of pool_grow is linear. */
void *pool_grow(void *array, size_t count, size_t size)
{
	if (count && (count & (count - 1)))
		return array;
	array = realloc(array, (count ? count * 2 : 1) * size);
	if (!array)
		fatal("out of memory");
	return array;
}

char *pool_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		fatal("out of memory");
	return copy;
}

char *pool_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		fatal("out of memory");
	va_end(args);
	return text;
}

bool ip_parse(const char *text, struct ip *ret)
{
	*ret = (struct ip){ .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	return inet_pton(ret->family, text, ret->bytes) == 1;
}

const char *ip_text(const struct ip *ip, char out[64])
{
	return inet_ntop(ip->family, ip->bytes, out, 64);
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

long number_parse(const char *text, const char *where)
{
	static const struct {
		char suffix;
		long factor;
	} units[] = { { 's', 1 },     { 'm', 60 },     { 'h', 3600 },
		      { 'd', 86400 }, { 'w', 604800 }, { 'y', 31536000 } };
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text)
		fatal("%s: \"%s\" is not a number", where, text);
	if (!*end)
		return number;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (*end == units[i].suffix && !end[1])
			return number * units[i].factor;
	fatal("%s: \"%s\": a number may end in s, m, h, d, w or y", where, text);
}

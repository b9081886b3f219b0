/* SPDX-License-Identifier: Apache-2.0 */
/* How are ids made, written and read? */
#include "base/uuid.h"

#include <stdatomic.h>
#include <sys/random.h>
#include <unistd.h>

/* ---- making ---- */

/* Milliseconds << 12 | fraction: the upper 60 bits of the newest id. */
static _Atomic uint64_t newest;

static uint64_t next_ticks(int64_t at_us)
{
	uint64_t us = at_us > 0 ? (uint64_t)at_us : 0;
	uint64_t ticks = us / 1000 << 12 | (us % 1000 << 12) / 1000;
	uint64_t last = atomic_load(&newest), next;

	do
		next = ticks > last ? ticks : last + 1;
	while (!atomic_compare_exchange_weak(&newest, &last, next));
	return next;
}

static void put_random(uint8_t *out, size_t len)
{
	static const char line[] = "dss: the kernel gives no random octets\n";
	ssize_t got;

	do
		got = getrandom(out, len, 0); /* all or nothing up to 256 octets */
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)len) {
		(void)!write(STDERR_FILENO, line, sizeof line - 1);
		_exit(5);
	}
}

struct uuid uuid_new(int64_t at_us)
{
	uint64_t ticks = next_ticks(at_us), ms = ticks >> 12;
	struct uuid id;

	put_random(id.octets + 8, 8);
	for (int i = 0; i < 6; i++)
		id.octets[i] = (uint8_t)(ms >> (40 - 8 * i));
	id.octets[6] = (uint8_t)(0x70 | (ticks >> 8 & 0x0f)); /* RFC 9562 section 4.2: version 7 */
	id.octets[7] = (uint8_t)ticks;
	id.octets[8] = (uint8_t)(0x80 | (id.octets[8] & 0x3f)); /* section 4.1: the variant */
	return id;
}

int64_t uuid_time_us(struct uuid id)
{
	uint64_t ms = 0, fraction = (uint64_t)(id.octets[6] & 0x0f) << 8 | id.octets[7];

	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id.octets[i];
	return (int64_t)(ms * 1000 + (fraction * 1000 + 4095) / 4096);
}

/* ---- the text ---- */

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* The 26 digits stand for 130 bits, of which the first two are zero. */
static void put_suffix(char *out, struct uuid id)
{
	unsigned bits = 0, held = 2;
	const uint8_t *at = id.octets;

	for (int i = 0; i < ID_SUFFIX_LEN; i++) {
		if (held < 5) {
			bits = bits << 8 | *at++;
			held += 8;
		}
		held -= 5;
		out[i] = alphabet[bits >> held & 31];
	}
	out[ID_SUFFIX_LEN] = 0;
}

static int digit_value(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

static void read_suffix(struct str suffix, struct uuid *ret)
{
	unsigned bits = 0, held = 0;
	uint8_t *at = ret->octets;

	for (size_t i = 0; i < ID_SUFFIX_LEN; i++) {
		bits = bits << 5 | (unsigned)digit_value(suffix.data[i]);
		held += i ? 5 : 3;
		if (held >= 8) {
			held -= 8;
			*at++ = (uint8_t)(bits >> held);
		}
	}
}

const char *id_format(char out[static ID_TEXT_BYTES], const char *prefix, struct uuid id)
{
	size_t len = 0;

	while (len < ID_PREFIX_MAX && prefix[len]) {
		out[len] = prefix[len];
		len++;
	}
	if (len)
		out[len++] = '_';
	put_suffix(out + len, id);
	return out;
}

struct str id_text(struct arena *a, const char *prefix, struct uuid id)
{
	char text[ID_TEXT_BYTES];

	return str_copy(a, str_of(id_format(text, prefix, id)));
}

int id_parse(struct str text, const char *prefix, struct uuid *ret, struct err *err)
{
	struct str wanted = str_of(prefix), shown = str_first(text, ID_TEXT_BYTES), suffix = text;

	if (wanted.len) {
		if (!str_starts(text, wanted) || text.len == wanted.len ||
		    text.data[wanted.len] != '_')
			return err_set(err, ERR_SYNTAX, "id \"%.*s\": it must begin with \"%s_\"",
				       STR(shown), prefix);
		suffix = str_from(text, wanted.len + 1);
	}
	if (suffix.len != ID_SUFFIX_LEN)
		return err_set(err, ERR_SYNTAX,
			       "id \"%.*s\": %zu characters%s%s%s, there must be %d", STR(shown),
			       suffix.len, wanted.len ? " after \"" : "", prefix,
			       wanted.len ? "_\"" : "", ID_SUFFIX_LEN);
	for (size_t i = 0; i < suffix.len; i++)
		if (digit_value(suffix.data[i]) < 0)
			return err_set(err, ERR_SYNTAX,
				       "id \"%.*s\": character %zu is none of \"%s\"", STR(shown),
				       text.len - suffix.len + i + 1, alphabet);
	if (digit_value(suffix.data[0]) > 7)
		return err_set(err, ERR_SYNTAX, "id \"%.*s\": more than 128 bits", STR(shown));
	read_suffix(suffix, ret);
	return 0;
}

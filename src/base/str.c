/* SPDX-License-Identifier: Apache-2.0 */
/* How are bytes compared, cut and copied? */
#include "base/str.h"

#include "base/err.h"

#include <stdarg.h>

bool str_eq_nocase(struct str a, struct str b)
{
	return a.len == b.len && str_starts_nocase(a, b);
}

int str_cmp(struct str a, struct str b)
{
	size_t len = MIN(a.len, b.len);
	int order = len ? memcmp(a.data, b.data, len) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_first(s, prefix.len), prefix);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
	if (s.len < prefix.len)
		return false;
	for (size_t i = 0; i < prefix.len; i++)
		if (char_lower(s.data[i]) != char_lower(prefix.data[i]))
			return false;
	return true;
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

bool str_ends_nocase(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq_nocase(str_from(s, s.len - suffix.len), suffix);
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	const char *at;

	if (!needle.len)
		return 0;
	at = s.len ? memmem(s.data, s.len, needle.data, needle.len) : NULL;
	return at ? at - s.data : -1;
}

ptrdiff_t str_find_nocase(struct str s, struct str needle)
{
	for (size_t i = 0; i + needle.len <= s.len; i++)
		if (str_starts_nocase(str_from(s, i), needle))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t str_find_char(struct str s, char c)
{
	const char *at = s.len ? memchr(s.data, c, s.len) : NULL;

	return at ? at - s.data : -1;
}

ptrdiff_t str_find_last_char(struct str s, char c)
{
	const char *at = s.len ? memrchr(s.data, c, s.len) : NULL;

	return at ? at - s.data : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len && is_blank(s.data[0]))
		s = str_from(s, 1);
	while (s.len && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool str_split(struct str *rest, char separator, struct str *ret_part)
{
	ptrdiff_t at;

	if (!rest->data)
		return false;
	at = str_find_char(*rest, separator);
	if (at < 0) {
		*ret_part = *rest;
		*rest = STR_NONE;
	} else {
		*ret_part = str_first(*rest, (size_t)at);
		*rest = str_from(*rest, (size_t)at + 1);
	}
	return true;
}

bool str_word(struct str *rest, struct str *ret_word)
{
	size_t start = 0, end;

	while (start < rest->len && char_is_space(rest->data[start]))
		start++;
	for (end = start; end < rest->len && !char_is_space(rest->data[end]);)
		end++;
	if (start == end)
		return false;
	*ret_word = (struct str){ rest->data + start, end - start };
	*rest = str_from(*rest, end);
	return true;
}

int str_to_uint(struct str s, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (!s.len)
		return ERR_SYNTAX;
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_digit(s.data[i]))
			return ERR_SYNTAX;
	for (size_t i = 0; i < s.len; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(s.data[i] - '0'), &value) ||
		    value > max)
			return ERR_LIMIT;
	*ret = value;
	return 0;
}

struct str str_copy(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.len + 1);

	if (s.len)
		memcpy(copy, s.data, s.len);
	copy[s.len] = 0;
	return (struct str){ copy, s.len };
}

struct str str_lower(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.len + 1);

	for (size_t i = 0; i < s.len; i++)
		copy[i] = char_lower(s.data[i]);
	copy[s.len] = 0;
	return (struct str){ copy, s.len };
}

static struct str str_vprintf(struct arena *a, const char *format, va_list args)
{
	struct buf b;
	va_list again;
	int len;

	buf_init(&b, a);
	buf_reserve(&b, 128);
	va_copy(again, args);
	len = vsnprintf(b.data, b.cap, format, args);
	if (len >= 0 && (size_t)len >= b.cap) {
		buf_reserve(&b, (size_t)len + 1);
		len = vsnprintf(b.data, b.cap, format, again);
	}
	va_end(again);
	b.len = len < 0 ? 0 : (size_t)len;
	return buf_str(&b);
}

struct str str_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	struct str s;

	va_start(args, format);
	s = str_vprintf(a, format, args);
	va_end(args);
	return s;
}

const char *str_cstring(struct arena *a, struct str s)
{
	return str_copy(a, s).data;
}

/* FNV-1a over eight bytes at a time with a final mix: keys are short, and not chosen by strangers
 * to collide in one table for longer than one scan. */
uint64_t str_hash(struct str s)
{
	uint64_t hash = 0xcbf29ce484222325u ^ s.len;
	size_t i = 0;

	for (; i + 8 <= s.len; i += 8) {
		uint64_t word;

		memcpy(&word, s.data + i, 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 32;
	}
	for (; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.data[i]) * 0x100000001b3u;
	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9u;
	return hash ^ (hash >> 32);
}

void buf_init(struct buf *b, struct arena *a)
{
	*b = (struct buf){ .arena = a };
}

void buf_release(struct buf *b)
{
	if (!b->arena)
		memory_free(b->data);
	*b = (struct buf){ .arena = b->arena };
}

void buf_grow(struct buf *b, size_t len)
{
	size_t wanted, cap;

	if (__builtin_add_overflow(b->len, len, &wanted) || wanted > SIZE_MAX / 4)
		memory_exhausted();
	cap = MAX(MAX(b->cap * 2, wanted), (size_t)64);
	b->data =
		b->arena ? arena_grow(b->arena, b->data, b->cap, cap) : memory_resize(b->data, cap);
	b->cap = cap;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	size_t room;
	int len;

	buf_reserve(b, 64);
	room = b->cap - b->len;
	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(b->data + b->len, room, format, args);
	if (len >= 0 && (size_t)len >= room) {
		buf_reserve(b, (size_t)len + 1);
		len = vsnprintf(b->data + b->len, (size_t)len + 1, format, again);
	}
	va_end(again);
	va_end(args);
	if (len > 0)
		b->len += (size_t)len;
}

void buf_put_uint(struct buf *b, uint64_t value)
{
	char digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	buf_put(b, digits + at, sizeof digits - at);
}

void buf_put_varint(struct buf *b, uint64_t value)
{
	char *at = buf_reserve(b, 10);
	size_t len = 0;

	while (value >= 0x80) {
		at[len++] = (char)(0x80 | (value & 0x7f));
		value >>= 7;
	}
	at[len++] = (char)value;
	b->len += len;
}

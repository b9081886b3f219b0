/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Views of bytes. A struct str is a pointer and a length: not NUL-terminated, any byte values,
 * never owned. Bytes from outside stay bytes until the sink that encodes them (terminal, JSON, HTML
 * …).
 */
#ifndef DSS_BASE_STR_H
#define DSS_BASE_STR_H

#include "base/arena.h"
#include "base/banned.h"

#include <string.h>

struct str {
	const char *data;
	size_t len;
};

#define STR_LIT(literal) ((struct str){ ("" literal), sizeof(literal) - 1 })
/** For constant initialisers. */
#define STR_INIT(literal)                                                                          \
	{                                                                                          \
		("" literal), sizeof(literal) - 1                                                  \
	}
/** The two arguments of "%.*s". */
#define STR(s) (int)(s).len, (s).data
#define STR_NONE ((struct str){ NULL, 0 })

static inline struct str str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

static inline struct str str_bytes(const void *data, size_t len)
{
	return (struct str){ data, len };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

static inline struct str str_from(struct str s, size_t start)
{
	return start >= s.len ? (struct str){ s.data + s.len, 0 }
			      : (struct str){ s.data + start, s.len - start };
}

static inline struct str str_first(struct str s, size_t len)
{
	return (struct str){ s.data, len < s.len ? len : s.len };
}

/** ASCII only, whatever the locale. */
static inline char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool char_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool char_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool str_eq_nocase(struct str a, struct str b);
/** Less, equal, greater as memcmp does; a prefix sorts first. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_ends_nocase(struct str s, struct str suffix);
/** Offset of the first occurrence, or -1. */
ptrdiff_t str_find(struct str s, struct str needle);
ptrdiff_t str_find_nocase(struct str s, struct str needle);
ptrdiff_t str_find_char(struct str s, char c);
ptrdiff_t str_find_last_char(struct str s, char c);
/** Without the spaces and tabs, CR and LF at both ends. */
struct str str_trim(struct str s);
/**
 * Take the part before the next separator off the front of *rest. Returns false when nothing was
 * left. "a,,b" gives "a", "", "b".
 */
bool str_split(struct str *rest, char separator, struct str *ret_part);
/** Take the next run of non-space characters off the front; false at the end. */
bool str_word(struct str *rest, struct str *ret_word);
/** All of s as an unsigned decimal number of at most max: 0, or ERR_SYNTAX, or ERR_LIMIT. */
int str_to_uint(struct str s, uint64_t max, uint64_t *ret) MUST_USE;

/** Copies in the arena; each is followed by a NUL that its length does not count. */
struct str str_copy(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s);
struct str str_printf(struct arena *a, const char *format, ...) PRINTF(2, 3);
/** NUL-terminated copy, for libraries that need one; stops at nothing: check for NUL bytes first.
 */
const char *str_cstring(struct arena *a, struct str s);

uint64_t str_hash(struct str s);

/** A growing run of bytes in an arena, or (arena NULL) on the heap: then buf_release it. */
struct buf {
	struct arena *arena;
	char *data;
	size_t len, cap;
};

void buf_init(struct buf *b, struct arena *a);
void buf_release(struct buf *b);
void buf_grow(struct buf *b, size_t len);

/** Make room for len more bytes and return where they go; the caller adds to b->len. */
static inline char *buf_reserve(struct buf *b, size_t len)
{
	if (__builtin_expect(len > b->cap - b->len, 0))
		buf_grow(b, len);
	return b->data + b->len;
}

static inline void buf_put(struct buf *b, const void *data, size_t len)
{
	if (!len)
		return;
	memcpy(buf_reserve(b, len), data, len);
	b->len += len;
}

static inline void buf_put_str(struct buf *b, struct str s)
{
	buf_put(b, s.data, s.len);
}

static inline void buf_put_char(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->len++;
}

void buf_printf(struct buf *b, const char *format, ...) PRINTF(2, 3);
void buf_put_uint(struct buf *b, uint64_t value);
/** Unsigned LEB128, as in descriptors' compact form. */
void buf_put_varint(struct buf *b, uint64_t value);
#define buf_put_lit(b, literal) buf_put((b), ("" literal), sizeof(literal) - 1)

static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ b->data, b->len };
}

#endif

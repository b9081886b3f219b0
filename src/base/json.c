/* SPDX-License-Identifier: Apache-2.0 */
/* How is JSON written? */
#include "base/json.h"

void json_init(struct json *w, struct buf *out)
{
	*w = (struct json){ .out = out };
}

static void value_begins(struct json *w)
{
	if (w->needs_comma && !w->after_key)
		buf_put_char(w->out, ',');
	w->after_key = false;
	w->needs_comma = true;
}

static void nest(struct json *w, bool is_array)
{
	value_begins(w);
	buf_put_char(w->out, is_array ? '[' : '{');
	w->depth++;
	w->is_array = (w->is_array & ~(1ull << (w->depth & 63))) |
		      ((uint64_t)is_array << (w->depth & 63));
	w->needs_comma = false;
}

void json_object(struct json *w)
{
	nest(w, false);
}

void json_array(struct json *w)
{
	nest(w, true);
}

void json_end(struct json *w)
{
	buf_put_char(w->out, (w->is_array >> (w->depth & 63)) & 1 ? ']' : '}');
	w->depth--;
	w->needs_comma = true;
	w->after_key = false;
}

void json_key_put(struct json *w, const char *key, size_t len)
{
	char *at = buf_reserve(w->out, len + 4);
	char *const start = at;

	if (w->needs_comma)
		*at++ = ',';
	*at++ = '"';
	memcpy(at, key, len);
	at += len;
	*at++ = '"';
	*at++ = ':';
	w->out->len += (size_t)(at - start);
	w->needs_comma = true;
	w->after_key = true;
}

/* Length of the valid UTF-8 sequence at s, or 0 (RFC 3629 section 4). */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t len = s[0] < 0x80                   ? 1
		     : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		     : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
		     : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
						   : 0;

	if (!len || len > left)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* What needs no escape. */
#define PLAIN(c) ((c) >= 0x20 && (c) < 0x7f && (c) != '"' && (c) != '\\')
#define PLAIN_4(c) PLAIN(c), PLAIN((c) + 1), PLAIN((c) + 2), PLAIN((c) + 3)
#define PLAIN_16(c) PLAIN_4(c), PLAIN_4((c) + 4), PLAIN_4((c) + 8), PLAIN_4((c) + 12)
#define PLAIN_64(c) PLAIN_16(c), PLAIN_16((c) + 16), PLAIN_16((c) + 32), PLAIN_16((c) + 48)

static const bool plain[256] = { PLAIN_64(0), PLAIN_64(64) };

/* Copies the plain characters at the front of s; returns how many. There is room. */
static size_t put_plain(char *out, struct str s)
{
	size_t i = 0;

	for (; i < s.len && plain[(unsigned char)s.data[i]]; i++)
		out[i] = s.data[i];
	return i;
}

static void put_escape(struct buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char short_names[] = "b\bt\tn\nf\fr\r\"\"\\\\";

	for (size_t i = 0; i + 1 < sizeof short_names; i += 2)
		if ((unsigned char)short_names[i + 1] == c) {
			buf_put(out, (char[]){ '\\', short_names[i] }, 2);
			return;
		}
	buf_put(out, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
}

static size_t put_other(struct buf *out, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.data;
	size_t len = utf8_length(p, s.len);

	if (len == 1)
		put_escape(out, p[0]);
	else if (len == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		put_escape(out, p[1]);
	else if (len)
		buf_put(out, p, len);
	else
		buf_put_lit(out, "\xef\xbf\xbd");
	return len ? len : 1;
}

void json_str(struct json *w, struct str s)
{
	struct buf *out = json_quoted(w);

	for (;;) {
		size_t len = put_plain(buf_reserve(out, s.len + 1), s);

		out->len += len;
		s = str_from(s, len);
		if (!s.len)
			break;
		s = str_from(s, put_other(out, s));
	}
	buf_put_char(out, '"');
}

void json_text(struct json *w, const char *s)
{
	json_str(w, str_of(s));
}

void json_uint(struct json *w, uint64_t value)
{
	value_begins(w);
	buf_put_uint(w->out, value);
}

void json_int(struct json *w, int64_t value)
{
	value_begins(w);
	if (value < 0)
		buf_put_char(w->out, '-');
	buf_put_uint(w->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void json_bool(struct json *w, bool value)
{
	value_begins(w);
	buf_put_str(w->out, value ? STR_LIT("true") : STR_LIT("false"));
}

void json_null(struct json *w)
{
	value_begins(w);
	buf_put_lit(w->out, "null");
}

void json_hundredths(struct json *w, int64_t value)
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	value_begins(w);
	buf_printf(w->out, "%s%llu", value < 0 ? "-" : "", (unsigned long long)(size / 100));
	if (size % 100)
		buf_printf(w->out, size % 10 ? ".%02u" : ".%u",
			   (unsigned)(size % 10 ? size % 100 : size % 100 / 10));
}

void json_hex(struct json *w, struct str bytes)
{
	static const char hex[] = "0123456789abcdef";

	value_begins(w);
	buf_put_char(w->out, '"');
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];

		buf_put(w->out, (char[]){ hex[c >> 4], hex[c & 15] }, 2);
	}
	buf_put_char(w->out, '"');
}

struct buf *json_quoted(struct json *w)
{
	value_begins(w);
	buf_put_char(w->out, '"');
	return w->out;
}

void json_raw(struct json *w, struct str encoded)
{
	value_begins(w);
	buf_put_str(w->out, encoded);
}

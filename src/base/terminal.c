/* SPDX-License-Identifier: Apache-2.0 */
/* How are foreign bytes made harmless for a terminal? */
#include "base/terminal.h"

enum { LINE_BYTES = 2000 };

/* Code points that move, hide or turn text. Sorted. */
static const struct {
	uint32_t first, last;
} unseen[] = { { 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad }, { 0x034f, 0x034f },
	       { 0x061c, 0x061c },   { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
	       { 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f }, { 0x3164, 0x3164 },
	       { 0xd800, 0xdfff },   { 0xe000, 0xf8ff },   { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f },
	       { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb }, { 0xfffe, 0xffff },
	       { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff } };

static bool is_shown(uint32_t point)
{
	for (size_t i = 0; i < ARRAY_COUNT(unseen) && unseen[i].first <= point; i++)
		if (point <= unseen[i].last)
			return false;
	return (point & 0xfffe) != 0xfffe;
}

/* RFC 3629 section 3: shortest forms only. Returns the length, 0 when s does not start with UTF-8.
 */
static size_t utf8_take(struct str s, uint32_t *ret_point)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)s.data[0];
	size_t len = first < 0x80   ? 1
		     : first < 0xc2 ? 0
		     : first < 0xe0 ? 2
		     : first < 0xf0 ? 3
		     : first < 0xf5 ? 4
				    : 0;
	uint32_t point = len == 1 ? first : first & (0x7fu >> len);

	if (!len || len > s.len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		unsigned char next = (unsigned char)s.data[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (next & 0x3f);
	}
	if (len > 1 && (point < smallest[len] || point > 0x10ffff))
		return 0;
	*ret_point = point;
	return len;
}

size_t terminal_put(struct buf *out, struct str foreign)
{
	size_t columns = 0;

	while (foreign.len) {
		uint32_t point = 0;
		size_t len = utf8_take(foreign, &point), before = out->len;

		if (!len || point < 0x20 || point == 0x7f) {
			buf_printf(out, "\\x%02X", (unsigned char)foreign.data[0]);
			columns += out->len - before;
			len = 1;
		} else if (is_shown(point)) {
			buf_put(out, foreign.data, len);
			columns++;
		} else {
			buf_printf(out, "\\u{%04X}", point);
			columns += out->len - before;
		}
		foreign = str_from(foreign, len);
	}
	return columns;
}

size_t terminal_columns(struct str encoded)
{
	size_t columns = 0;

	for (size_t i = 0; i < encoded.len; i++)
		columns += ((unsigned char)encoded.data[i] & 0xc0) != 0x80;
	return columns;
}

void terminal_wrap(struct buf *out, struct str encoded, size_t column, size_t indent, size_t width)
{
	struct str word;
	bool is_first = true;

	while (str_word(&encoded, &word)) {
		size_t columns = terminal_columns(word);

		if (!is_first && column + 1 + columns > width) {
			buf_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!is_first) {
			buf_put_char(out, ' ');
			column++;
		}
		buf_put_str(out, word);
		column += columns;
		is_first = false;
	}
}

struct str terminal_line(struct arena *a, const char *prefix, struct str text)
{
	struct buf line;

	buf_init(&line, a);
	buf_put_str(&line, str_of(prefix));
	terminal_put(&line, str_first(text, LINE_BYTES));
	if (text.len > LINE_BYTES)
		buf_put_lit(&line, " ...");
	buf_put_char(&line, '\n');
	return buf_str(&line);
}

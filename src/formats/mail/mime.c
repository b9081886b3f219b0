/* SPDX-License-Identifier: Apache-2.0 */
/* How is text written into a mail? RFC 5322, RFC 2045, RFC 2047. */
#include "formats/mail/mime.h"

#include "base/encode.h"
#include "formats/civil.h"

enum {
	LINE_MOST = 76,
	WORD_OCTETS =
		42 /* give 56 of base64: an encoded word has 75 at most (RFC 2047 section 2) */
};

static const char *const day_names[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* ---- header fields ---- */

static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_printable(text.data[i]))
			return false;
	return str_find(text, STR_LIT("=?")) < 0;
}

/* Whole characters; of octets that are no UTF-8 as many as fit. */
static struct str word_take(struct str *rest)
{
	size_t len = MIN(rest->len, (size_t)WORD_OCTETS), whole = len;
	struct str word;

	while (whole && whole < rest->len && ((unsigned char)rest->data[whole] & 0xc0) == 0x80)
		whole--;
	word = str_first(*rest, whole ? whole : len);
	*rest = str_from(*rest, word.len);
	return word;
}

static void put_encoded(struct buf *out, struct str text)
{
	while (text.len) {
		struct str word = word_take(&text);

		buf_put_lit(out, "=?UTF-8?B?");
		base64_put(out, word);
		buf_put_lit(out, "?=");
		if (text.len)
			buf_put_lit(out, "\r\n "); /* blanks between encoded words are not shown */
	}
}

/* Breaks at blanks; a word that is longer than a line stands as it is, up to 998 octets. */
static void put_folded(struct buf *out, struct str text, size_t column)
{
	struct str word;
	bool is_first = true;

	while (str_split(&text, ' ', &word)) {
		if (!is_first && word.len && column + 1 + word.len > LINE_MOST) {
			buf_put_lit(out, "\r\n");
			column = 0;
		}
		if (!is_first) {
			buf_put_char(out, ' ');
			column++;
		}
		buf_put_str(out, word);
		column += word.len;
		is_first = false;
	}
}

static struct str one_line(struct arena *a, struct str text)
{
	struct str line = str_copy(a, text);
	char *octets = (char *)line.data;

	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)octets[i] < ' ' || octets[i] == 0x7f)
			octets[i] = ' ';
	return str_trim(line);
}

static size_t longest_word(struct str text)
{
	size_t longest = 0;
	struct str word;

	while (str_split(&text, ' ', &word))
		longest = MAX(longest, word.len);
	return longest;
}

void mime_field_text(struct buf *out, const char *name, struct str text)
{
	struct arena scratch = { 0 };
	struct str line = one_line(&scratch, text);

	buf_printf(out, "%s: ", name);
	if (is_plain(line) && longest_word(line) < LINE_MOST)
		put_folded(out, line, strlen(name) + 2);
	else
		put_encoded(out, line);
	buf_put_lit(out, "\r\n");
	arena_release(&scratch);
}

static void put_quoted(struct buf *out, struct str text)
{
	buf_put_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"' || text.data[i] == '\\')
			buf_put_char(out, '\\');
		buf_put_char(out, text.data[i]);
	}
	buf_put_char(out, '"');
}

void mime_field_mailbox(struct buf *out, const char *name, struct str display, struct str address)
{
	struct arena scratch = { 0 };
	struct str line = one_line(&scratch, display);

	buf_printf(out, "%s: ", name);
	if (!line.len) {
		buf_put_str(out, address);
	} else {
		if (is_plain(line) && line.len < LINE_MOST / 2)
			put_quoted(out, line);
		else
			put_encoded(out, line);
		buf_printf(out, "\r\n <%.*s>", STR(address));
	}
	buf_put_lit(out, "\r\n");
	arena_release(&scratch);
}

void mime_field_addresses(struct buf *out, const char *name, const struct str *addresses,
			  size_t count)
{
	buf_printf(out, "%s: ", name);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_put_lit(out, ",\r\n ");
		buf_put_str(out, addresses[i]);
	}
	buf_put_lit(out, "\r\n");
}

void mime_field_date(struct buf *out, int64_t at_us)
{
	int64_t seconds = floor_div(at_us, 1000000), days = floor_div(seconds, DAY_SECONDS);
	struct civil_date date = civil_of_days(days);
	unsigned of_day = (unsigned)(seconds - days * DAY_SECONDS);

	buf_printf(out, "Date: %s, %02u %s %04d %02u:%02u:%02u +0000\r\n",
		   day_names[civil_weekday(days)], date.day, month_names[date.month - 1],
		   (int)date.year, of_day / 3600, of_day / 60 % 60, of_day % 60);
}

/* ---- bodies ---- */

static void put_octet(struct buf *out, struct str line, size_t at, size_t *column)
{
	unsigned char c = (unsigned char)line.data[at];
	bool is_last = at + 1 == line.len;
	/* A blank at the end of a line, and a dot or "From " at its start, are safer encoded. */
	bool is_literal = (c > ' ' && c <= '~' && c != '=' && !(!at && (c == '.' || c == 'F'))) ||
			  ((c == ' ' || c == '\t') && !is_last);
	size_t width = is_literal ? 1 : 3;

	if (*column + width + !is_last > LINE_MOST) {
		buf_put_lit(out, "=\r\n");
		*column = 0;
	}
	if (is_literal)
		buf_put_char(out, (char)c);
	else
		buf_printf(out, "=%02X", c);
	*column += width;
}

void mime_quoted_printable(struct buf *out, struct str text)
{
	struct str line;

	while (text.len && str_split(&text, '\n', &line)) {
		size_t column = 0;

		for (size_t i = 0; i < line.len; i++)
			put_octet(out, line, i, &column);
		buf_put_lit(out, "\r\n");
	}
}

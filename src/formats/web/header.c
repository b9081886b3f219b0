/* SPDX-License-Identifier: Apache-2.0 */
/* What do the lines of an HTTP response's head say? RFC 9110, RFC 9112. */
#include "formats/web/header.h"

#include "formats/civil.h"

static const char token_marks[] = "!#$%&'*+-.^_`|~";

static bool is_token_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) ||
	       (c && memchr(token_marks, c, sizeof token_marks - 1));
}

static struct str line_of(struct str line)
{
	if (line.len && line.data[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

int web_header_read(struct str line, struct web_header *ret)
{
	struct str text = line_of(line), value;
	size_t end = 0;

	while (end < text.len && is_token_char(text.data[end]))
		end++;
	if (!end || end == text.len || text.data[end] != ':')
		return ERR_SYNTAX;
	value = str_from(text, end + 1);
	for (size_t i = 0; i < value.len; i++)
		if (!value.data[i] || value.data[i] == '\r' || value.data[i] == '\n')
			return ERR_SYNTAX;
	*ret = (struct web_header){ str_first(text, end), str_trim(value) };
	return 0;
}

int web_status_read(struct str line, unsigned *ret)
{
	struct str rest = line_of(line), word;
	uint64_t number;

	if (!str_starts(rest, STR_LIT("HTTP/")) || !str_split(&rest, ' ', &word) ||
	    !str_split(&rest, ' ', &word) || word.len != 3 || str_to_uint(word, 599, &number) < 0 ||
	    number < 100)
		return ERR_SYNTAX;
	*ret = (unsigned)number;
	return 0;
}

struct str web_media_type(struct arena *a, struct str value)
{
	struct str type = value;
	size_t slashes = 0;

	(void)str_split(&value, ';', &type);
	type = str_trim(type);
	for (size_t i = 0; i < type.len; i++) {
		slashes += type.data[i] == '/';
		if (type.data[i] != '/' && !is_token_char(type.data[i]))
			return STR_NONE;
	}
	return slashes == 1 ? str_lower(a, type) : STR_NONE;
}

static unsigned month_of(struct str word)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (unsigned i = 0; i < 12; i++)
		if (str_eq(word, str_bytes(months + i * 3, 3)))
			return i + 1;
	return 0;
}

static int clock_read(struct str text, uint64_t part[3])
{
	static const uint64_t most[3] = { 23, 59, 60 };
	struct str word;

	for (size_t i = 0; i < 3; i++)
		if (!str_split(&text, ':', &word) || word.len != 2 ||
		    str_to_uint(word, most[i], &part[i]) < 0)
			return ERR_SYNTAX;
	return text.len ? ERR_SYNTAX : 0;
}

int web_date_parse(struct str text, int64_t *ret_utc_us)
{
	struct str word[6];
	uint64_t day, year, clock[3];
	unsigned month;
	int64_t days;

	for (size_t i = 0; i < ARRAY_COUNT(word); i++)
		if (!str_split(&text, ' ', &word[i]))
			return ERR_SYNTAX;
	month = month_of(word[2]);
	if (text.len || word[0].len != 4 || word[0].data[3] != ',' || !month ||
	    str_to_uint(word[1], 31, &day) < 0 || !day || word[3].len != 4 ||
	    str_to_uint(word[3], 9999, &year) < 0 || year < 1970 ||
	    day > civil_month_days((int64_t)year, month) || clock_read(word[4], clock) < 0 ||
	    !str_eq(word[5], STR_LIT("GMT")))
		return ERR_SYNTAX;
	days = civil_days((int64_t)year, month, (unsigned)day);
	*ret_utc_us = (days * DAY_SECONDS + (int64_t)(clock[0] * 3600 + clock[1] * 60 + clock[2])) *
		      1000000;
	return 0;
}

int64_t web_retry_after_us(struct str value, int64_t now_us)
{
	uint64_t seconds;
	int64_t date_us;

	if (str_to_uint(value, 365 * DAY_SECONDS, &seconds) == 0)
		return (int64_t)seconds * 1000000;
	if (web_date_parse(value, &date_us) == 0)
		return MAX(date_us - now_us, (int64_t)0);
	return -1;
}

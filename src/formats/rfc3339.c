/* SPDX-License-Identifier: Apache-2.0 */
/* Which moment does a time of RFC 3339 name? */
#include "formats/rfc3339.h"

#include "formats/civil.h"

/* Exactly count digits, least to most, off the front. */
static int digits_take(struct str *text, unsigned count, unsigned least, unsigned most,
		       unsigned *ret)
{
	uint64_t value;

	if (text->len < count)
		return ERR_SYNTAX;
	if (str_to_uint(str_first(*text, count), most, &value) < 0 || value < least)
		return ERR_SYNTAX;
	*text = str_from(*text, count);
	*ret = (unsigned)value;
	return 0;
}

static int char_take(struct str *text, char lower)
{
	if (!text->len || char_lower(text->data[0]) != lower)
		return ERR_SYNTAX;
	*text = str_from(*text, 1);
	return 0;
}

static int date_take(struct str *text, int64_t *ret_days)
{
	unsigned year, month, day;

	TRY(digits_take(text, 4, 1970, 9999, &year));
	TRY(char_take(text, '-'));
	TRY(digits_take(text, 2, 1, 12, &month));
	TRY(char_take(text, '-'));
	TRY(digits_take(text, 2, 1, 31, &day));
	if (day > civil_month_days(year, month))
		return ERR_SYNTAX;
	*ret_days = civil_days(year, month, day);
	return 0;
}

static int fraction_take(struct str *text, unsigned *ret_us)
{
	unsigned us = 0, count = 0;

	if (char_take(text, '.') < 0)
		return 0;
	for (; text->len && char_is_digit(text->data[0]); count++, *text = str_from(*text, 1))
		if (count < 6)
			us = us * 10 + (unsigned)(text->data[0] - '0');
	if (!count || count > 9)
		return ERR_SYNTAX;
	for (; count < 6; count++)
		us *= 10;
	*ret_us = us;
	return 0;
}

static int offset_take(struct str *text, int *ret_minutes)
{
	unsigned hours, minutes;
	int sign;

	if (char_take(text, 'z') == 0)
		return 0;
	sign = char_take(text, '+') == 0 ? 1 : -1;
	if (sign < 0)
		TRY(char_take(text, '-'));
	TRY(digits_take(text, 2, 0, 23, &hours));
	TRY(char_take(text, ':'));
	TRY(digits_take(text, 2, 0, 59, &minutes));
	*ret_minutes = sign * (int)(hours * 60 + minutes);
	return 0;
}

int rfc3339_parse_date(struct str text, int64_t *ret_utc_us)
{
	int64_t days;

	TRY(date_take(&text, &days));
	if (text.len)
		return ERR_SYNTAX;
	*ret_utc_us = days * DAY_SECONDS * 1000000;
	return 0;
}

int rfc3339_parse(struct str text, int64_t *ret_utc_us)
{
	unsigned hour, minute, second, us = 0;
	int offset = 0;
	int64_t days, utc_us;

	TRY(date_take(&text, &days));
	TRY(char_take(&text, 't'));
	TRY(digits_take(&text, 2, 0, 23, &hour));
	TRY(char_take(&text, ':'));
	TRY(digits_take(&text, 2, 0, 59, &minute));
	TRY(char_take(&text, ':'));
	TRY(digits_take(&text, 2, 0, 60, &second));
	TRY(fraction_take(&text, &us));
	TRY(offset_take(&text, &offset));
	if (text.len)
		return ERR_SYNTAX;
	second = MIN(second, 59u);
	utc_us = ((days * DAY_SECONDS + hour * 3600 + minute * 60 + second - offset * 60) *
		  1000000) +
		 us;
	if (utc_us < 0)
		return ERR_SYNTAX;
	*ret_utc_us = utc_us;
	return 0;
}

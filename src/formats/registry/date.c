/* SPDX-License-Identifier: Apache-2.0 */
/* Which moment does a date of a registry mean, whatever its shape? */
#include "formats/civil.h"
#include "formats/registry/registration.h"

enum { PARTS = 8, YEAR_LEAST = 1970, YEAR_MOST = 2200 };

struct date_reader {
	struct str rest;
	uint64_t number[PARTS];
	size_t digits[PARTS];
	size_t count;
	unsigned month;      /* by name; 0: none */
	size_t month_before; /* how many numbers came before it */
	int64_t seconds;     /* of the day */
	int64_t offset_s;    /* of the zone */
	bool has_clock;
};

static struct str run_of(struct str text, bool (*is_part)(char c))
{
	size_t len = 0;

	while (len < text.len && is_part(text.data[len]))
		len++;
	return str_first(text, len);
}

static unsigned month_named(struct str word)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (word.len < 3)
		return 0;
	for (unsigned i = 0; i < 12; i++)
		if (str_eq_nocase(str_first(word, 3), str_bytes(names + i * 3, 3)))
			return i + 1;
	return 0;
}

/* "10:00" or "10:00:00", fractions passed over: true when the rest begins with one. */
static bool clock_take(struct date_reader *r)
{
	uint64_t part[3] = { 0 };
	struct str rest = r->rest, digits;

	for (size_t i = 0; i < 3; i++) {
		digits = run_of(rest, char_is_digit);
		if (digits.len < 1 || digits.len > 2 ||
		    str_to_uint(digits, i ? 60 : 24, &part[i]) < 0)
			return false;
		rest = str_from(rest, digits.len);
		if (!rest.len || rest.data[0] != ':') {
			if (!i)
				return false;
			break;
		}
		if (i < 2)
			rest = str_from(rest, 1);
	}
	if (rest.len && rest.data[0] == '.')
		rest = str_from(rest, 1 + run_of(str_from(rest, 1), char_is_digit).len);
	r->seconds = (int64_t)(part[0] * 3600 + part[1] * 60 + part[2]);
	r->has_clock = true;
	r->rest = rest;
	return true;
}

/* "+03:00", "-0500", "+8" behind a clock. */
static bool zone_take(struct date_reader *r)
{
	char sign = r->rest.data[0];
	struct str rest = str_from(r->rest, 1), hours, minutes = STR_NONE;
	uint64_t h, m = 0;

	if (!r->has_clock || (sign != '+' && sign != '-'))
		return false;
	hours = run_of(rest, char_is_digit);
	rest = str_from(rest, hours.len);
	if (hours.len == 4) {
		minutes = str_from(hours, 2);
		hours.len = 2;
	} else if (rest.len && rest.data[0] == ':') {
		minutes = run_of(str_from(rest, 1), char_is_digit);
		rest = str_from(rest, 1 + minutes.len);
	}
	if (str_to_uint(hours, 14, &h) < 0 || (minutes.len && str_to_uint(minutes, 59, &m) < 0))
		return false;
	r->offset_s = (int64_t)(h * 3600 + m * 60) * (sign == '+' ? 1 : -1);
	r->rest = rest;
	return true;
}

static bool part_take(struct date_reader *r)
{
	struct str digits = run_of(r->rest, char_is_digit), word;

	if (!r->has_clock && clock_take(r))
		return true;
	if (digits.len) {
		if (r->count == PARTS || str_to_uint(digits, UINT32_MAX, &r->number[r->count]) < 0)
			return false;
		r->digits[r->count++] = digits.len;
		r->rest = str_from(r->rest, digits.len);
		return true;
	}
	word = run_of(r->rest, char_is_alpha);
	if (word.len) {
		if (!r->month && month_named(word)) {
			r->month = month_named(word);
			r->month_before = r->count;
		}
		r->rest = str_from(r->rest, word.len);
		return true;
	}
	if (!zone_take(r))
		r->rest = str_from(r->rest, 1);
	return true;
}

/* The numbers as year, month, day; false when there is no such reading. */
static bool order(const struct date_reader *r, uint64_t *year, uint64_t *month, uint64_t *day)
{
	const uint64_t *n = r->number;

	if (r->count && r->digits[0] == 8) {
		*year = n[0] / 10000;
		*month = n[0] / 100 % 100;
		*day = n[0] % 100;
		return true;
	}
	if (r->month) {
		size_t at = r->count && r->digits[0] == 4 ? 0 : 1;

		*month = r->month;
		if (r->count == 1) { /* "before Aug-1996" */
			*year = n[0];
			*day = 1;
			return r->digits[0] == 4;
		}
		*year = r->count > 1 ? n[at] : 0;
		*day = r->count > 1 ? n[!at] : 0;
		return r->count > 1 && r->digits[at] == 4;
	}
	if (r->count < 3)
		return false;
	if (r->digits[0] == 4) {
		*year = n[0];
		*month = n[1];
		*day = n[2];
		return true;
	}
	*year = n[2];
	*day = n[1] > 12 ? n[1] : n[0];
	*month = n[1] > 12 ? n[0] : n[1];
	return r->digits[2] == 4;
}

int registry_date_parse(struct str text, int64_t *ret_utc_us)
{
	struct date_reader r = { .rest = str_first(str_trim(text), 80) };
	uint64_t year = 0, month = 0, day = 0;
	int64_t seconds;

	while (r.rest.len)
		if (!part_take(&r))
			return ERR_SYNTAX;
	if (!order(&r, &year, &month, &day) || year < YEAR_LEAST || year > YEAR_MOST || !month ||
	    month > 12 || !day || day > civil_month_days((int64_t)year, (unsigned)month))
		return ERR_SYNTAX;
	seconds = civil_days((int64_t)year, (unsigned)month, (unsigned)day) * DAY_SECONDS +
		  r.seconds - r.offset_s;
	*ret_utc_us = seconds * 1000000;
	return 0;
}

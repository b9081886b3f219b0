/* SPDX-License-Identifier: Apache-2.0 */
/* When does the clock change by the rule in a TZif footer? POSIX.1 section 8.3; RFC 9636 section 3.3.2. */
#include "formats/civil.h"
#include "formats/tzif.h"

enum rule_day_kind { DAY_JULIAN /* Jn: 1 to 365, never 29 February */, DAY_ZERO, DAY_MONTH };
enum { RULE_HOURS = 167, OFFSET_HOURS = 24, YEARS = 4 };

struct reader {
	struct str rest;
	bool is_broken;
};

static bool reader_take(struct reader *r, char c)
{
	if (!r->rest.len || r->rest.data[0] != c)
		return false;
	r->rest = str_from(r->rest, 1);
	return true;
}

static void reader_want(struct reader *r, char c)
{
	r->is_broken |= !reader_take(r, c);
}

static int32_t reader_number(struct reader *r, int32_t min, int32_t max)
{
	int32_t value = 0;
	size_t len = 0;

	for (; len < r->rest.len && char_is_digit(r->rest.data[len]) && value <= max; len++)
		value = value * 10 + (r->rest.data[len] - '0');
	r->rest = str_from(r->rest, len);
	r->is_broken |= !len || value < min || value > max;
	return value;
}

/* [+-]hh[:mm[:ss]] */
static int32_t reader_time(struct reader *r, int32_t max_hours)
{
	bool is_negative = reader_take(r, '-');
	int32_t seconds;

	if (!is_negative)
		(void)reader_take(r, '+');
	seconds = reader_number(r, 0, max_hours) * 3600;
	if (reader_take(r, ':')) {
		seconds += reader_number(r, 0, 59) * 60;
		if (reader_take(r, ':'))
			seconds += reader_number(r, 0, 59);
	}
	return is_negative ? -seconds : seconds;
}

/* A designation: three letters or more, or "<…>" with digits and signs. */
static void reader_name(struct reader *r)
{
	bool is_quoted = reader_take(r, '<');
	size_t len = 0;

	for (; len < r->rest.len; len++) {
		char c = r->rest.data[len];

		if (!char_is_alpha(c) && !(is_quoted && (char_is_digit(c) || c == '+' || c == '-')))
			break;
	}
	r->is_broken |= len < 3;
	r->rest = str_from(r->rest, len);
	if (is_quoted)
		reader_want(r, '>');
}

static struct tz_rule_day reader_day(struct reader *r)
{
	struct tz_rule_day day = { .time_s = 2 * 3600 };

	if (reader_take(r, 'M')) {
		day.kind = DAY_MONTH;
		day.month = (uint8_t)reader_number(r, 1, 12);
		reader_want(r, '.');
		day.week = (uint8_t)reader_number(r, 1, 5);
		reader_want(r, '.');
		day.day = (uint16_t)reader_number(r, 0, 6);
	} else if (reader_take(r, 'J')) {
		day.kind = DAY_JULIAN;
		day.day = (uint16_t)reader_number(r, 1, 365);
	} else {
		day.kind = DAY_ZERO;
		day.day = (uint16_t)reader_number(r, 0, 365);
	}
	if (reader_take(r, '/'))
		day.time_s = reader_time(r, RULE_HOURS);
	return day;
}

int tz_rule_parse(struct str text, struct tz_rule *ret)
{
	struct reader r = { .rest = text };
	struct tz_rule rule = { 0 };

	reader_name(&r);
	rule.std_offset_s = -reader_time(&r, OFFSET_HOURS); /* POSIX counts to the west */
	if (r.rest.len) {
		rule.has_dst = true;
		reader_name(&r);
		rule.dst_offset_s = rule.std_offset_s + 3600;
		if (r.rest.len && r.rest.data[0] != ',')
			rule.dst_offset_s = -reader_time(&r, OFFSET_HOURS);
		reader_want(&r, ',');
		rule.to_dst = reader_day(&r);
		reader_want(&r, ',');
		rule.to_std = reader_day(&r);
	}
	if (r.is_broken || r.rest.len)
		return ERR_SYNTAX;
	*ret = rule;
	return 0;
}

/* Days since 1970 of a rule's day in a year. */
static int64_t rule_day(const struct tz_rule_day *day, int64_t year)
{
	int64_t first;
	unsigned at;

	if (day->kind == DAY_ZERO)
		return civil_days(year, 1, 1) + day->day;
	if (day->kind == DAY_JULIAN)
		return civil_days(year, 1, 1) + day->day - 1 +
		       (civil_is_leap(year) && day->day >= 60);
	first = civil_days(year, day->month, 1);
	at = (day->day + 7 - civil_weekday(first)) % 7 + 7 * (day->week - 1u);
	while (at >= civil_month_days(year, day->month)) /* week 5: the last */
		at -= 7;
	return first + at;
}

struct change {
	int64_t at_s;
	int32_t offset_s;
};

/* The changes of some years in order. At the same instant the one to summer time is last: a rule
 * whose year ends when the next begins is summer time all year (RFC 9636 section 3.3.2). */
static size_t rule_changes(const struct tz_rule *rule, int64_t first_year,
			   struct change out[static 2 * YEARS])
{
	size_t count = 0;

	for (int64_t year = first_year; year < first_year + YEARS; year++) {
		struct change both[2] = {
			{ rule_day(&rule->to_std, year) * DAY_SECONDS + rule->to_std.time_s -
				  rule->dst_offset_s,
			  rule->std_offset_s },
			{ rule_day(&rule->to_dst, year) * DAY_SECONDS + rule->to_dst.time_s -
				  rule->std_offset_s,
			  rule->dst_offset_s },
		};

		for (size_t i = 0; i < 2; i++) {
			size_t at = count++;
			bool is_dst = i == 1;

			for (; at && (out[at - 1].at_s > both[i].at_s ||
				      (out[at - 1].at_s == both[i].at_s && !is_dst &&
				       out[at - 1].offset_s == rule->dst_offset_s));
			     at--)
				out[at] = out[at - 1];
			out[at] = both[i];
		}
	}
	return count;
}

int32_t tz_rule_offset(const struct tz_rule *rule, int64_t at_s, int64_t *ret_until_s)
{
	struct change changes[2 * YEARS];
	int32_t offset_s = rule->std_offset_s;
	size_t count, i;

	*ret_until_s = INT64_MAX;
	if (!rule->has_dst)
		return offset_s;
	count = rule_changes(rule, civil_of_days(floor_div(at_s, DAY_SECONDS)).year - 1, changes);
	for (i = 0; i < count && changes[i].at_s <= at_s; i++)
		offset_s = changes[i].offset_s;
	if (i < count)
		*ret_until_s = changes[i].at_s;
	return offset_s;
}

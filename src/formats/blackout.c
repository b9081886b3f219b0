/* SPDX-License-Identifier: Apache-2.0 */
/* When does a schedule not fire? The grammar stands in blackout.h. */
#include "formats/blackout.h"

#include "formats/civil.h"

enum { MINUTE_S = 60, DAY_MINUTES = 24 * 60, ALL_DAYS = 0x7f, STEPS = 4 * BLACKOUT_WINDOWS * 7 };

static const char allowed[] = "MON-FRI 08:00-18:00, 22:00-06:00, or 2026-12-24..2027-01-01";

struct reader {
	struct str text;
	size_t at;
	struct err *err;
};

static char peek(const struct reader *r)
{
	return r->at < r->text.len ? r->text.data[r->at] : 0;
}

static bool take(struct reader *r, char c)
{
	if (r->at >= r->text.len || r->text.data[r->at] != c)
		return false;
	r->at++;
	return true;
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->text.len && char_is_space(peek(r)))
		r->at++;
}

static int explain(const struct reader *r, size_t at, const char *why)
{
	struct str rest = str_from(r->text, at);
	ptrdiff_t end = str_find_char(rest, ';');

	if (end >= 0)
		rest.len = (size_t)end;
	return err_set(r->err, ERR_SYNTAX, "blackouts, column %zu: \"%.*s\": %s; allowed: %s",
		       at + 1, STR(str_first(str_trim(rest), 40)), why, allowed);
}

static bool digits(struct reader *r, unsigned count, unsigned *ret)
{
	unsigned value = 0;

	for (unsigned i = 0; i < count; i++, r->at++) {
		if (!char_is_digit(peek(r)))
			return false;
		value = value * 10 + (unsigned)(peek(r) - '0');
	}
	*ret = value;
	return true;
}

static bool weekday_read(struct reader *r, unsigned *ret)
{
	static const char names[] = "sunmontuewedthufrisat";
	struct str three = str_first(str_from(r->text, r->at), 3);

	for (unsigned i = 0; i < 7; i++) {
		if (str_eq_nocase(three, (struct str){ names + 3 * i, 3 })) {
			r->at += 3;
			*ret = i;
			return true;
		}
	}
	return false;
}

static int weekdays_read(struct reader *r, uint8_t *ret)
{
	uint8_t days = 0;

	do {
		size_t start = r->at;
		unsigned first, last;

		if (!weekday_read(r, &first))
			return explain(r, start, "not a day's name");
		last = first;
		if (take(r, '-') && !weekday_read(r, &last))
			return explain(r, start, "not a range of days");
		days |= (uint8_t)(1u << first);
		for (unsigned day = first; day != last;)
			days |= (uint8_t)(1u << (day = (day + 1) % 7));
	} while (take(r, ','));
	*ret = days;
	return 0;
}

static int clock_read(struct reader *r, uint16_t *ret)
{
	size_t start = r->at;
	unsigned hour, minute;

	if (!digits(r, 2, &hour) || !take(r, ':') || !digits(r, 2, &minute) || minute > 59 ||
	    hour * 60 + minute > DAY_MINUTES)
		return explain(r, start, "not a time from 00:00 to 24:00");
	*ret = (uint16_t)(hour * 60 + minute);
	return 0;
}

static int date_read(struct reader *r, int64_t *ret)
{
	size_t start = r->at;
	unsigned year, month, day;

	if (!digits(r, 4, &year) || !take(r, '-') || !digits(r, 2, &month) || !take(r, '-') ||
	    !digits(r, 2, &day) || !year || month < 1 || month > 12 || day < 1 ||
	    day > civil_month_days(year, month))
		return explain(r, start, "not a date");
	*ret = civil_days(year, month, day);
	return 0;
}

static int dates_read(struct reader *r, struct blackout_window *window)
{
	size_t start = r->at;

	window->has_dates = true;
	TRY(date_read(r, &window->first_day));
	window->last_day = window->first_day;
	if (take(r, '.')) {
		if (!take(r, '.'))
			return explain(r, start, "two dates are joined by \"..\"");
		TRY(date_read(r, &window->last_day));
	}
	if (window->last_day < window->first_day)
		return explain(r, start, "ends before it begins");
	return 0;
}

static int hours_read(struct reader *r, struct blackout_window *window)
{
	size_t start = r->at;

	window->weekdays = ALL_DAYS;
	if (char_is_alpha(peek(r)))
		TRY(weekdays_read(r, &window->weekdays));
	skip_blanks(r);
	TRY(clock_read(r, &window->from_minute));
	if (!take(r, '-'))
		return explain(r, start, "two times are joined by \"-\"");
	TRY(clock_read(r, &window->until_minute));
	if (window->from_minute == window->until_minute || window->from_minute == DAY_MINUTES)
		return explain(r, start, "holds no time; a whole day is 00:00-24:00");
	return 0;
}

static bool has_date(const struct reader *r)
{
	struct reader ahead = *r;
	unsigned year;

	return digits(&ahead, 4, &year) && take(&ahead, '-');
}

static int window_read(struct reader *r, struct blackout_window *window)
{
	size_t start = r->at;

	*window = (struct blackout_window){ 0 };
	TRY(has_date(r) ? dates_read(r, window) : hours_read(r, window));
	skip_blanks(r);
	if (r->at < r->text.len && peek(r) != ';')
		return explain(r, start, "more than a window");
	return 0;
}

static bool is_endless(const struct blackouts *blackouts)
{
	static const struct tz utc;
	int64_t at_s = 0;

	return blackouts_cover(blackouts, &utc, 0, &at_s) && at_s == INT64_MAX;
}

int blackouts_parse(struct str text, struct blackouts *ret, struct err *err)
{
	struct reader r = { .text = text, .err = err };
	struct blackouts blackouts = { 0 };

	if (text.len > BLACKOUT_TEXT_BYTES)
		return err_set(err, ERR_LIMIT, "blackouts: up to %d characters",
			       BLACKOUT_TEXT_BYTES);
	skip_blanks(&r);
	while (r.at < text.len) {
		if (blackouts.count == BLACKOUT_WINDOWS)
			return err_set(err, ERR_LIMIT, "blackouts: up to %d windows",
				       BLACKOUT_WINDOWS);
		TRY(window_read(&r, &blackouts.window[blackouts.count++]));
		(void)take(&r, ';');
		skip_blanks(&r);
	}
	if (is_endless(&blackouts))
		return err_set(err, -EDOM, "blackouts: they leave no time to fire");
	*ret = blackouts;
	return 0;
}

/* Local second at which the window that holds local_s ends; false: it does not hold it. */
static bool window_covers(const struct blackout_window *window, int64_t local_s, int64_t *ret_end_s)
{
	int64_t day = floor_div(local_s, DAY_SECONDS);
	int64_t minute = (local_s - day * DAY_SECONDS) / MINUTE_S;
	bool is_over_midnight = window->until_minute <= window->from_minute;

	if (window->has_dates) {
		*ret_end_s = (window->last_day + 1) * DAY_SECONDS;
		return day >= window->first_day && day <= window->last_day;
	}
	if (is_over_midnight && minute < window->until_minute &&
	    window->weekdays >> civil_weekday(day - 1) & 1) {
		*ret_end_s = day * DAY_SECONDS + window->until_minute * MINUTE_S;
		return true;
	}
	*ret_end_s = (day + is_over_midnight) * DAY_SECONDS + window->until_minute * MINUTE_S;
	return window->weekdays >> civil_weekday(day) & 1 && minute >= window->from_minute &&
	       (is_over_midnight || minute < window->until_minute);
}

/* The instant at which the windows over at_s end, without those that begin there. */
static bool covers_once(const struct blackouts *blackouts, const struct tz *tz, int64_t at_s,
			int64_t *ret_end_s)
{
	int64_t ignored, local_s = at_s + tz_offset(tz, at_s, &ignored), end_s, longest_s = local_s;

	for (size_t i = 0; i < blackouts->count; i++)
		if (window_covers(&blackouts->window[i], local_s, &end_s))
			longest_s = MAX(longest_s, end_s);
	if (longest_s == local_s)
		return false;
	(void)tz_from_local(tz, longest_s, ret_end_s);
	if (*ret_end_s <= at_s) /* the clock shows the end a second time */
		*ret_end_s = at_s + (longest_s - local_s);
	return true;
}

bool blackouts_cover(const struct blackouts *blackouts, const struct tz *tz, int64_t at_s,
		     int64_t *ret_end_s)
{
	int64_t end_s = at_s;

	for (unsigned steps = 0; covers_once(blackouts, tz, end_s, &end_s); steps++) {
		if (steps > STEPS) {
			*ret_end_s = INT64_MAX;
			return true;
		}
	}
	*ret_end_s = end_s;
	return end_s > at_s;
}

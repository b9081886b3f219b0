/* SPDX-License-Identifier: Apache-2.0 */
/* When does a cron expression fire next? The rules stand in cron.h. */
#include "formats/civil.h"
#include "formats/cron.h"

enum {
	MINUTE_S = 60,
	SPANS = 2000 /* of one offset: more than four a year in the calendar's cycle of 400 years */
};

static const int64_t first_s = -62135596800; /* 0001-01-01 */
static const int64_t last_s = 253402300799;  /* 9999-12-31 */

static bool matches_day_of_month(const struct cron *cron, struct civil_date date, unsigned weekday)
{
	unsigned last = civil_month_days(date.year, date.month);
	unsigned last_workday;

	if (cron->days >> date.day & 1 || (cron->has_last_day && date.day == last))
		return true;
	if (!cron->has_last_workday)
		return false;
	weekday = (weekday + last - date.day) % 7; /* of the last day */
	last_workday = weekday == 0 ? last - 2 : weekday == 6 ? last - 1 : last;
	return date.day == last_workday;
}

static bool matches_day_of_week(const struct cron *cron, struct civil_date date, unsigned weekday)
{
	if (cron->weekdays >> weekday & 1 || cron->nth_weekdays[(date.day - 1) / 7] >> weekday & 1)
		return true;
	return cron->last_weekdays >> weekday & 1 &&
	       date.day + 7 > civil_month_days(date.year, date.month);
}

static bool matches_day(const struct cron *cron, struct civil_date date, unsigned weekday)
{
	bool month = matches_day_of_month(cron, date, weekday);
	bool week = matches_day_of_week(cron, date, weekday);

	return cron->needs_both_days ? month && week : month || week;
}

/* The first minute of the day from one on, or -1. */
static int next_minute(const struct cron *cron, unsigned from)
{
	unsigned hour = from / 60;
	uint64_t rest = cron->minutes >> from % 60 << from % 60;

	for (; hour < 24; hour++, rest = cron->minutes)
		if (cron->hours >> hour & 1 && rest)
			return (int)(hour * 60) + __builtin_ctzll(rest);
	return -1;
}

bool cron_next_local(const struct cron *cron, int64_t from_s, int64_t *ret_local_s)
{
	int64_t from = -floor_div(-from_s, MINUTE_S); /* rounded up */
	int64_t day = floor_div(from, DAY_SECONDS / MINUTE_S);
	int64_t end = day + CALENDAR_CYCLE_DAYS + 1;
	unsigned minute = (unsigned)(from - day * (DAY_SECONDS / MINUTE_S));

	while (day < end) {
		struct civil_date date = civil_of_days(day);
		int found = -1;

		if (!(cron->months >> date.month & 1)) {
			day += civil_month_days(date.year, date.month) - date.day + 1;
			minute = 0;
			continue;
		}
		if (matches_day(cron, date, civil_weekday(day)))
			found = next_minute(cron, minute);
		if (found >= 0) {
			*ret_local_s = day * DAY_SECONDS + found * (int64_t)MINUTE_S;
			return true;
		}
		day++;
		minute = 0;
	}
	return false;
}

static int next_elapsed(const struct cron *cron, const struct tz *tz, int64_t after_s,
			int64_t *ret_at_s)
{
	int64_t from_s = after_s + 1, until_s, local_s;

	for (unsigned spans = 0; spans < SPANS; spans++) {
		int32_t offset_s = tz_offset(tz, from_s, &until_s);
		int64_t at_s;

		if (!cron_next_local(cron, from_s + offset_s, &local_s))
			return -ERANGE;
		at_s = local_s - offset_s;
		if (at_s < until_s) {
			*ret_at_s = at_s;
			return 0;
		}
		from_s = until_s; /* a clock that goes back shows earlier times again */
	}
	return -ERANGE;
}

/* Instants rise with local times (tz_from_local gives the first of a repeated time), so the first
 * local time whose instant lies ahead is the answer. */
static int next_fixed(const struct cron *cron, const struct tz *tz, int64_t after_s,
		      int64_t *ret_at_s)
{
	int64_t until_s, local_s = after_s + tz_offset(tz, after_s, &until_s);
	int64_t end_s = local_s + 4 * TZ_OFFSET_LIMIT_S;

	while (cron_next_local(cron, local_s, &local_s)) {
		int64_t at_s;

		(void)tz_from_local(tz, local_s, &at_s);
		if (at_s > after_s) {
			*ret_at_s = at_s;
			return 0;
		}
		if (local_s > end_s)
			break;
		local_s += MINUTE_S;
	}
	return -ERANGE;
}

int cron_next(const struct cron *cron, const struct tz *tz, int64_t after_s, int64_t *ret_at_s)
{
	if (after_s < first_s || after_s > last_s)
		return -ERANGE;
	return cron->is_by_elapsed_time ? next_elapsed(cron, tz, after_s, ret_at_s)
					: next_fixed(cron, tz, after_s, ret_at_s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The proleptic Gregorian calendar, in days since 1970-01-01: what RFC 3339 and time zones mean by a
 * date. Pure arithmetic; a local time is a count of seconds as if the local clock were UTC.
 */
#ifndef DSS_FORMATS_CIVIL_H
#define DSS_FORMATS_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

enum { DAY_SECONDS = 86400, CALENDAR_CYCLE_DAYS = 146097 /**< 400 years: the calendar repeats */ };

struct civil_date {
	int64_t year;
	unsigned month; /**< 1 to 12 */
	unsigned day;   /**< 1 to 31 */
};

static inline int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static inline bool civil_is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/** 28 to 31. */
unsigned civil_month_days(int64_t year, unsigned month);
/** Days since 1970-01-01; negative before. */
int64_t civil_days(int64_t year, unsigned month, unsigned day);
struct civil_date civil_of_days(int64_t days);

/** 0 is Sunday. */
static inline unsigned civil_weekday(int64_t days)
{
	int64_t weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday */

	return (unsigned)(weekday < 0 ? weekday + 7 : weekday);
}

#endif

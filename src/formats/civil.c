/* SPDX-License-Identifier: Apache-2.0 */
/* Which date is day N, and which day is a date? */
#include "formats/civil.h"

enum { DAYS_TO_1970 = 719468 /* from 0000-03-01 */ };

unsigned civil_month_days(int64_t year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && civil_is_leap(year) ? 29 : days[(month - 1) % 12];
}

/* Years begin in March here, so that the leap day is the last of its year. */
int64_t civil_days(int64_t year, unsigned month, unsigned day)
{
	int64_t march_year = year - (month <= 2);
	int64_t era = floor_div(march_year, 400);
	int64_t of_era = march_year - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * CALENDAR_CYCLE_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       DAYS_TO_1970;
}

struct civil_date civil_of_days(int64_t days)
{
	int64_t shifted = days + DAYS_TO_1970;
	int64_t era = floor_div(shifted, CALENDAR_CYCLE_DAYS);
	int64_t of_era = shifted - era * CALENDAR_CYCLE_DAYS;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t march_month = (5 * of_year + 2) / 153;
	unsigned month = (unsigned)(march_month < 10 ? march_month + 3 : march_month - 9);

	return (struct civil_date){
		.year = year + era * 400 + (month <= 2),
		.month = month,
		.day = (unsigned)(of_year - (153 * march_month + 2) / 5 + 1),
	};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What time is it? */
#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_utc_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

static char *put_digits(char *out, unsigned value, unsigned count)
{
	for (unsigned i = count; i-- > 0; value /= 10)
		out[i] = (char)('0' + value % 10);
	return out + count;
}

/* Days since 1970-01-01 as a date of the proleptic Gregorian calendar. Years are counted from
 * March, so that the leap day is their last. */
static void date_of(int64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	int64_t since = days + 719468; /* 0000-03-01 */
	int64_t era = (since >= 0 ? since : since - 146096) / 146097;
	unsigned day_of_era = (unsigned)(since - era * 146097);
	unsigned year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned shifted = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * shifted + 2) / 5 + 1;
	*month = shifted < 10 ? shifted + 3 : shifted - 9;
	*year = (unsigned)(year_of_era + era * 400) + (*month <= 2);
}

const char *clock_text(int64_t utc_us, char out[static TIME_TEXT_BYTES])
{
	enum { DAY_SECONDS = 86400 };
	int64_t seconds = utc_us / 1000000 - (utc_us % 1000000 < 0);
	int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
	unsigned left = (unsigned)(seconds - days * DAY_SECONDS), year, month, day;
	char *at = out;

	out[0] = 0;
	if (days < -719162 || days > 2932896) /* years 1 to 9999 */
		return out;
	date_of(days, &year, &month, &day);
	at = put_digits(at, year, 4);
	*at++ = '-';
	at = put_digits(at, month, 2);
	*at++ = '-';
	at = put_digits(at, day, 2);
	*at++ = 'T';
	at = put_digits(at, left / 3600, 2);
	*at++ = ':';
	at = put_digits(at, left / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, left % 60, 2);
	*at++ = 'Z';
	*at = 0;
	return out;
}

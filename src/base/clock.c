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

const char *clock_text(int64_t utc_us, char out[static TIME_TEXT_BYTES])
{
	time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(out, TIME_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm))
		out[0] = 0;
	return out;
}

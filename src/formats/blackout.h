/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Blackout windows: times at which a schedule does not fire. Pure.
 *
 *     MON-FRI 08:00-18:00         every working day, by the clock of the schedule's zone
 *     SAT,SUN 22:00-06:00         over midnight: it belongs to the day on which it begins
 *     12:00-13:00                 every day; 00:00-24:00 is the whole day
 *     2026-12-24..2027-01-01      both days included
 *
 * Several windows are joined by ";". Days are named by three letters in any case; a range may go over
 * the week's end (FRI-MON). A window begins with its first minute and ends before its last:
 * 08:00-18:00 holds 17:59 and not 18:00.
 */
#ifndef DSS_FORMATS_BLACKOUT_H
#define DSS_FORMATS_BLACKOUT_H

#include "formats/tzif.h"

enum { BLACKOUT_WINDOWS = 32, BLACKOUT_TEXT_BYTES = 1024 };

struct blackout_window {
	bool has_dates;
	int64_t first_day, last_day;        /**< with dates; days since 1970 */
	uint8_t weekdays;                   /**< without; bit 0 is Sunday */
	uint16_t from_minute, until_minute; /**< of the day; until <= from: over midnight */
};

/** All zero: none. */
struct blackouts {
	struct blackout_window window[BLACKOUT_WINDOWS];
	size_t count;
};

/** 0; ERR_LIMIT; ERR_SYNTAX: err says which column, what stands there, and what is allowed; -EDOM: no
 * time is left. Empty text is no window. */
int blackouts_parse(struct str text, struct blackouts *ret, struct err *err) MUST_USE;

/** Is it blacked out? Then *ret_end_s is the first instant that is not. Windows that touch or overlap
 * are one. */
bool blackouts_cover(const struct blackouts *blackouts, const struct tz *tz, int64_t at_s,
		     int64_t *ret_end_s);

#endif

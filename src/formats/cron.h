/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Cron expressions: when does a schedule fire next? Pure: no clock, no files; the time zone is read
 * by formats/tzif.h.
 *
 *     minute      0-59
 *     hour        0-23
 *     day of month 1-31, L (the last day), LW (the last day from Monday to Friday)
 *     month       1-12 or JAN-DEC
 *     day of week 0-7 or SUN-SAT, 0 and 7 are Sunday; 5L (the last Friday), MON#2 (the second Monday)
 *
 * A field is a list, joined by commas, of: `*`; a value; a range `9-17`; a range or `*` with a step
 * `9-17/2`; a value with a step `5/15`, which goes on to the field's end. Names in any case. `?` is
 * another `*` in the two day fields. `H` stands for one value that is drawn from the seed, so that
 * schedules spread over the field: `H` alone (in day of month from 1 to 28, so that each month has
 * it), `H(9-17)`, `H/15`, `H(0-29)/10`. A range that ends with SUN ends with the week (FRI-SUN).
 *
 * @hourly, @daily or @midnight, @weekly (Sunday), @monthly, @yearly or @annually: at minute 0, hour 0
 * of the first day of what they name. @reboot and @every are refused, so are years, seconds, time
 * zones inside the expression, ranges that run backwards, and what can never fire (30 February).
 *
 * Days (POSIX.1 crontab, and Vixie cron for what POSIX does not know, such as steps): when both day
 * fields are restricted, a day that matches either one fires: "0 0 1,15 * MON" is the 1st, the 15th
 * and every Monday. When one of them begins with `*` or `?`, both must match, and so they must for a
 * star with a step: every second day of the month, restricted to Sundays.
 *
 * Clock changes (as in Vixie cron and cronsim):
 * - A fixed time (neither minute nor hour begins with `*`) that the clock skips fires once, at the
 *   moment the clock goes forward; several skipped times fire once together. One that the clock shows
 *   twice fires the first time only.
 * - When minute or hour begins with `*`, the schedule goes by elapsed time: it fires at each minute
 *   that really passes and whose local time matches: a skipped time is skipped, a repeated one fires
 *   each time.
 */
#ifndef DSS_FORMATS_CRON_H
#define DSS_FORMATS_CRON_H

#include "formats/tzif.h"

enum { CRON_TEXT_BYTES = 256 };

/** Bit n of a set is the value n. */
struct cron {
	uint64_t minutes;
	uint32_t hours, days, months;
	uint8_t weekdays;        /**< bit 0 is Sunday, bit 6 Saturday */
	uint8_t last_weekdays;   /**< 5L: bit 5 */
	uint8_t nth_weekdays[5]; /**< MON#2: bit 1 of [1] */
	bool has_last_day;       /**< L */
	bool has_last_workday;   /**< LW */
	bool needs_both_days;    /**< a day field begins with a star */
	bool is_by_elapsed_time; /**< minute or hour begins with a star */
};

/**
 * @seed  what `H` is drawn from, such as the bytes of the schedule's id; the same seed gives the same
 *        times in every release
 * 0; ERR_LIMIT: longer than CRON_TEXT_BYTES; ERR_SYNTAX: err names the field, the column (from 1) and
 * what is allowed; -EDOM: no day ever matches.
 */
int cron_parse(struct str text, struct str seed, struct cron *ret, struct err *err) MUST_USE;

/**
 * The first fire after an instant, in seconds since 1970 UTC. 0; -ERANGE: after_s is not in the years
 * 1 to 9999, or the zone's clock never shows the time.
 */
int cron_next(const struct cron *cron, const struct tz *tz, int64_t after_s,
	      int64_t *ret_at_s) MUST_USE;

/** The first minute from a local time on that matches, clocks without changes; false: none. */
bool cron_next_local(const struct cron *cron, int64_t from_s, int64_t *ret_local_s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * When does a schedule fire? A plan is a schedule, read: ticks are the times of its cron expression;
 * each tick has a moment when it is due. Pure: the time is given, nothing is stored here.
 *
 * Due is the tick plus the jitter, which is drawn from the schedule's id and the tick: the same
 * for every scheduler and every time it is asked. It never reaches the next tick, so ticks become due
 * in order.
 *
 * A tick that becomes due inside a blackout window waits for its end; with MISSED_SKIP it is passed
 * over and counts nowhere.
 *
 * What is due and not fired yet, because nobody was there, the clock was set, or a blackout ended:
 *
 *	MISSED_SKIP	the newest tick fires unless it is more than PLAN_GRACE_US late; the rest is lost
 *	MISSED_ONCE	the newest tick fires however late it is: all that was missed is made up for once
 *	MISSED_ALL	the newest PLAN_CATCH_UP ticks fire, each of them
 */
#ifndef DSS_APP_PLAN_H
#define DSS_APP_PLAN_H

#include "base/uuid.h"
#include "formats/blackout.h"
#include "formats/cron.h"
#include "store/schedule.h"

enum {
	PLAN_GRACE_US = 60000000,
	PLAN_CATCH_UP = 24,
	PLAN_JITTER_S = 24 * 3600, /**< largest jitter */
	PLAN_COUNTED = 1000        /**< more missed ticks than that are not counted */
};

struct plan {
	struct cron cron;
	struct tz tz;
	struct blackouts blackouts;
	struct str seed; /**< octets of the schedule's id, in the arena */
	int64_t jitter_s;
	enum missed_policy missed;
};

/** A tick, and when it is due; UTC microseconds. */
struct plan_fire {
	int64_t tick_us, due_us;
};

/** What there is to do about a schedule now. */
struct plan_due {
	struct plan_fire fires[PLAN_CATCH_UP]; /**< to fire, oldest first */
	size_t count;
	int64_t lost;          /**< due ticks that will not fire; PLAN_COUNTED: that many or more */
	int64_t first_lost_us; /**< the oldest of them; 0: none */
	struct plan_fire next; /**< after these; tick 0: never again */
};

/**
 * @zone  of row->zone (app/zone.h); its memory and the row's outlive the plan
 * 0; or the code of cron_parse or blackouts_parse, with their text.
 */
int plan_read(struct arena *a, const struct schedule_row *row, const struct tz *zone,
	      struct plan *ret, struct err *err) MUST_USE;

/** The first tick after one. -ERANGE: none. */
int plan_next(const struct plan *plan, int64_t after_us, struct plan_fire *ret) MUST_USE;

/** The first tick that is not due yet: what a new schedule begins with, and one whose zone, clock or
 * fields have changed. -ERANGE: none. */
int plan_first(const struct plan *plan, int64_t now_us, struct plan_fire *ret) MUST_USE;

/** @next_us  the tick that the schedule waits for. */
void plan_due(const struct plan *plan, int64_t next_us, int64_t now_us, struct plan_due *ret);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Firing schedules. A tick that fires is one batch, made in the transaction that moves the schedule
 * on to its next tick; that a schedule has one batch a tick is a unique key of the store. So a tick
 * fires once, however many schedulers try, and whichever of them dies or wakes up late.
 */
#ifndef DSS_APP_TICK_H
#define DSS_APP_TICK_H

#include "app/leader.h"
#include "app/plan.h"
#include "store/schedule.h"

enum {
	TICK_AGAIN_US = 600000000, /**< a schedule that cannot be read is tried again after that */
	TICK_SCHEDULES = 100000    /**< more are not looked at again */
};

/** What became of a schedule that was due. */
struct tick_outcome {
	size_t fired;      /**< batches made */
	int64_t lost;      /**< ticks that will not fire (app/plan.h) */
	struct uuid batch; /**< the newest of them */
	struct plan_fire next;
};

/**
 * Fire what is due of one schedule, row as schedule_due gave it.
 * @leader  NULL: nobody has to lead
 * 0; -ESTALE: nothing was done: another leads, or the schedule has changed meanwhile; ERR_SYNTAX,
 * -EINVAL …: the schedule cannot be read (err says why); it waits for TICK_AGAIN_US.
 */
int tick_fire(struct store *store, const struct leader *leader, const struct schedule_row *row,
	      struct tick_outcome *ret, struct err *err) MUST_USE;

/**
 * A schedule waits for a tick that was worked out with the clock and the zones of its time. When the
 * clock was set back, or zones were updated, it is wrong. Look at all schedules that wait for a moment
 * ahead: whose tick is none any more, or has another before it, waits for the first that is not due
 * now. What fired already does not fire again: its batch is there.
 * *ret_moved: how many had waited for another tick.
 */
int tick_plan_again(struct store *store, const struct leader *leader, size_t *ret_moved,
		    struct err *err) MUST_USE;

#endif

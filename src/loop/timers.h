/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Tens of thousands of deadlines behind one uv_timer: a wheel of 2,048 slots of 4 ms.
 *
 * Starting and stopping cost O(1) and no memory: a struct timer is part of what it limits. A timer
 * is never early, and late by at most one slot (4 ms) and what the loop is busy with. Dues further
 * away than one turn of the wheel (8 s) stay in their slot and are looked at once a turn.
 *
 * The loop is kept alive while a timer runs, and not otherwise.
 */
#ifndef DSS_LOOP_TIMERS_H
#define DSS_LOOP_TIMERS_H

#include <uv.h>

#include "base/str.h"

enum { TIMER_SLOTS = 2048, TIMER_SLOT_MS = 4 };

/** All zero is a valid stopped timer. It must be stopped before its storage goes. */
struct timer {
	struct timer *next, **link; /**< link is NULL while stopped */
	int64_t due_us;             /**< clock_monotonic_us() */
	/** Called once, on the loop, with the timer stopped: it may start it again, start and stop
	 * others, and free it. */
	void (*on_due)(struct timer *timer);
};

struct timers {
	uv_loop_t *loop;
	uv_timer_t *handle;  /**< on the heap: libuv keeps it for a turn after timers_close */
	size_t count;        /**< running timers */
	uint64_t next_tick;  /**< the first slot time that was not swept yet */
	uint64_t armed_tick; /**< when the handle fires; UINT64_MAX: not armed */
	uint64_t used[TIMER_SLOTS / 64];
	struct timer *slot[TIMER_SLOTS];
};

void timers_open(struct timers *timers, uv_loop_t *loop);
/** Forgets all timers without calling them; timers_open may follow. */
void timers_close(struct timers *timers);

/** Start, or start anew. A due in the past fires on the next turn of the loop, never in here. */
void timer_start(struct timers *timers, struct timer *timer, int64_t due_us);
/** Does nothing when stopped. */
void timer_stop(struct timers *timers, struct timer *timer);

static inline bool timer_is_running(const struct timer *timer)
{
	return timer->link != NULL;
}

#endif

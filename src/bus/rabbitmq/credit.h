/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How many messages may the broker hand us of each queue? AMQP has a limit for each consumer of one
 * queue, and none for several together: so the limits are shared out, by turns 8 : 3 : 1 among the
 * queues that use theirs up, and what a queue does not use goes to the others. Each keeps one, so that
 * its next message comes at once: at most BUS_QUEUES - 1 messages wait here beyond the prefetch.
 */
#ifndef DSS_BUS_RABBITMQ_CREDIT_H
#define DSS_BUS_RABBITMQ_CREDIT_H

#include "bus/turns.h"

struct credit {
	unsigned live;     /**< what its consumers may have */
	unsigned live_out; /**< what they have */
	unsigned old_out;  /**< what consumers that were cancelled still have */
};

/** Does it have all that it may? Then there may be more. */
static inline bool credit_is_used_up(const struct credit *credit)
{
	return credit->live && credit->live_out >= credit->live;
}

/** What live + old_out is to be. */
void credit_plan(const struct credit credits[BUS_QUEUES], unsigned prefetch,
		 unsigned ret_target[BUS_QUEUES]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The role `dss scheduler`: fires schedules, expands batches, hands waiting scans to the bus, gives
 * back what dead workers held, and lets go what is older than it is kept. It scans nothing.
 *
 * Several may run: one leads (app/leader.h), the others wait to take over. The leader looks when the
 * store's wake descriptor says that something was committed, when the next schedule is due, and once
 * a second besides. What it does stands in a table of duties (duty.h); each step is one transaction
 * that checks that this process still leads. Steps are short and run on the loop: it waits for the
 * store and for nothing else.
 *
 * Time limits are monotonic; the wall clock says only which ticks are due. When it was set, or zones
 * may have been updated, schedules work out again what they wait for.
 */
#ifndef DSS_ROLES_SCHEDULER_SCHEDULER_H
#define DSS_ROLES_SCHEDULER_SCHEDULER_H

#include "base/err.h"
#include "base/log.h"
#include "bus/bus.h"

struct scheduler_options {
	struct str store; /**< as in store/store.h */
	struct bus_address bus;
	int default_profile; /**< enum profile_number of scans whose batch and domain name none */
	/** Days that things are kept; 0: for ever. */
	unsigned keep_scans; /**< final scans, changes, batches that have none left */
	unsigned keep_events;
	unsigned keep_audit;
	unsigned keep_keys;       /**< that have expired or were revoked, from then on */
	unsigned keep_letters;    /**< dead ones */
	unsigned keep_deliveries; /**< that were delivered or failed */
	int ready_fd;             /**< written to, once, after the first round; 0: nobody asks */
	const struct log *log;
};

/** Until SIGTERM or SIGINT. 0, or the code of the store. */
int scheduler_main(const struct scheduler_options *options, struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** What the leading scheduler does: one duty a file, in the order of their table (duties.c). */
#ifndef DSS_ROLES_SCHEDULER_DUTY_H
#define DSS_ROLES_SCHEDULER_DUTY_H

#include "app/app.h"
#include "app/collect.h"
#include "app/leader.h"
#include "app/lookout.h"
#include "app/relay.h"
#include "roles/scheduler/outside.h"
#include "roles/scheduler/scheduler.h"

enum { RESTING_BATCHES = 256 };

/** A batch that waits for its quota, or that cannot be expanded. */
struct resting {
	struct uuid batch;
	int64_t until_us; /**< monotonic */
};

/** What the duties share; one thread uses it. */
struct duties {
	const struct scheduler_options *options;
	struct store *store;
	struct app app;
	struct str folder; /**< data folder */
	struct leader *leader;
	int64_t now_us; /**< monotonic, of this round */
	int64_t due_us; /**< until the next schedule is due, by the wall clock, or the collector goes on;
			     -1: nothing waits */
	struct relay relay;
	struct outside *outside;
	struct resting resting[RESTING_BATCHES];
	size_t resting_count;
	struct lookout lookout;
	int64_t dead_seen; /**< dead letters up to this time have been looked at */
	int64_t clock_us;  /**< wall clock minus monotonic, when it was last looked at; 0: never */
	int64_t planned_us;
	int64_t expiring_us;   /**< when the next walk over what is old begins */
	size_t expiring;       /**< which sort of things it looks at (expire.c) */
	int64_t expired;       /**< of that sort, in this walk */
	int64_t collecting_us; /**< when the collector goes on */
	struct collect collect;
	int64_t reminding_us;    /**< when expiries are looked at again */
	int64_t lapsing_us;      /**< when acceptances are looked at again */
	struct uuid scan_cursor; /**< of scans and of batches that were looked at */
	int64_t batch_cursor;
};

/**
 * One step. *ret_again: there is more to do at once. -ESTALE: another leads by now; other codes are
 * the store's, and the duty is tried again later.
 */
typedef int duty_run(struct duties *duties, bool *ret_again, struct err *err);

duty_run duty_plan, duty_fire, duty_expand, duty_relay, duty_rescue, duty_expire, duty_collect,
	duty_remind;
/** With a bus outside of the store (outside.h). */
duty_run duty_publish, duty_letters;

/** What a duty found out and others want to read: an event for the log. */
#define duty_log(duties, event, ...)                                                               \
	log_event((duties)->options->log, LEVEL_INFO, (event), NULL, __VA_ARGS__)

/** All duties once. *ret_again: some have more to do. The first failure ends the round. */
int duties_run(struct duties *duties, bool *ret_again, struct err *err) MUST_USE;

#endif

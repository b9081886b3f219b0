/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Jobs: the rows of the embedded bus (bus/embedded). A job is free, leased to a consumer, or dead.
 * Taking it raises its token and its attempt; what its holder does to it names the token, so that a
 * consumer whose lease went to another changes nothing.
 */
#ifndef DSS_STORE_JOB_H
#define DSS_STORE_JOB_H

#include "base/uuid.h"
#include "store/store.h"

#define JOB_DELAY_MOST_US INT64_C(3600000000)

struct job_row {
	int64_t no;
	int queue; /**< enum bus_queue */
	struct str message;
	int64_t available_at, enqueued_at;
	int64_t lease_until; /**< 0: free */
	struct uuid consumer;
	int64_t token;
	int attempt;       /**< deliveries so far */
	struct str reason; /**< of the last retry, or of its death; empty: none */
	int64_t dead_at;   /**< 0: alive */
};

/** available_at in the past: at once. */
int job_insert(struct store_tx *tx, int queue, struct str message, int64_t available_at,
	       int64_t *ret_no, struct err *err) MUST_USE;
/** Up to `limit` free jobs of a queue are leased to the consumer, the longest available first. */
int job_take(struct store_tx *tx, int queue, struct uuid consumer, unsigned limit, int64_t lease_us,
	     struct job_row **ret, size_t *ret_count, struct err *err) MUST_USE;
/** sql_foresee of it. */
int job_foresee_take(struct store_tx *tx, int queue, struct uuid consumer, unsigned limit,
		     int64_t lease_us, struct err *err) MUST_USE;
/** Is there a free job in this queue, or a lease that ran out in any? Cheap: before job_take. */
int job_is_ready(struct store_tx *tx, int queue, bool *ret, struct err *err) MUST_USE;

/* The holder's. All: -ESTALE unless the token is the job's and the job is alive. */

/** Done: the row goes. */
int job_ack(struct store_tx *tx, int64_t no, int64_t token, struct err *err) MUST_USE;
/** sql_foresee of it. */
int job_foresee_ack(struct store_tx *tx, int64_t no, int64_t token, struct err *err) MUST_USE;
/** Free again from available_at on. */
int job_retry(struct store_tx *tx, int64_t no, int64_t token, int64_t available_at,
	      struct str reason, struct err *err) MUST_USE;
/** Free again at once, and this delivery is not counted. */
int job_give_back(struct store_tx *tx, int64_t no, int64_t token, struct err *err) MUST_USE;
/** To the dead letters. */
int job_bury(struct store_tx *tx, int64_t no, int64_t token, struct str reason,
	     struct err *err) MUST_USE;
/** All leases of the consumer last lease_us from now. */
int job_renew(struct store_tx *tx, struct uuid consumer, int64_t lease_us,
	      struct err *err) MUST_USE;
/** What the consumer holds; only no and token are set. */
int job_held(struct store_tx *tx, struct uuid consumer, struct job_row **ret, size_t *ret_count,
	     struct err *err) MUST_USE;

/**
 * Leases of a consumer that died (the nil id: those that ran out, anybody's) end: the jobs are free
 * at once, ahead of those that came later; those that were delivered max_attempts times are dead.
 */
int job_rescue(struct store_tx *tx, struct uuid consumer, int max_attempts, int64_t *ret_freed,
	       int64_t *ret_dead, struct err *err) MUST_USE;
/** The clock was set back by so much: delayed jobs keep their delay, which is never more than
 * JOB_DELAY_MOST_US. */
int job_shift(struct store_tx *tx, int64_t by_us, int64_t *ret_count, struct err *err) MUST_USE;
/** When the next delayed job comes due or the next lease runs out; 0: nothing waits. */
int job_next_due(struct store_tx *tx, int queues, int64_t *ret, struct err *err) MUST_USE;
/** sql_foresee of it. */
int job_foresee_due(struct store_tx *tx, int queues, struct err *err) MUST_USE;

struct job_depth {
	int64_t ready, delayed, leased, dead;
	int64_t oldest_at; /**< when the oldest that is not dead was enqueued; 0: none */
};
int job_depth(struct store_tx *tx, int queue, struct job_depth *ret, struct err *err) MUST_USE;
/** Dead letters, the latest first. */
int job_dead_list(struct store_tx *tx, const struct page *page, struct job_row **ret,
		  size_t *ret_count, struct str *ret_next, struct err *err) MUST_USE;
/** One that died elsewhere: queue, message, attempt, reason, enqueued_at and dead_at. */
int job_insert_dead(struct store_tx *tx, const struct job_row *row, struct err *err) MUST_USE;
/** A dead letter goes back to its queue with all its attempts; -ENOENT. */
int job_revive(struct store_tx *tx, int64_t no, struct err *err) MUST_USE;
/** A dead letter goes for ever; -ENOENT. */
int job_discard(struct store_tx *tx, int64_t no, struct err *err) MUST_USE;
/** Up to `limit` dead letters of before `before` go. */
int job_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
	       struct err *err) MUST_USE;

#endif

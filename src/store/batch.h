/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Batches: many scans accepted in one transaction, expanded later, so many a transaction. expanding →
 * running → done, or cancelled.
 */
#ifndef DSS_STORE_BATCH_H
#define DSS_STORE_BATCH_H

#include "base/uuid.h"
#include "store/store.h"

/* Stored numbers: append only. */
enum batch_cause { BATCH_API, BATCH_COMMAND, BATCH_SCHEDULE, BATCH_IMPORT, BATCH_CAUSES };
enum batch_state { BATCH_EXPANDING, BATCH_RUNNING, BATCH_DONE, BATCH_CANCELLED, BATCH_STATES };
/** By number; end with NULL. */
extern const char *const batch_cause_words[], *const batch_state_words[];

enum { BATCH_NO_PROFILE = -1 };

struct batch_row {
	int64_t no; /**< rises with each batch; not for the outside */
	struct uuid id;
	int64_t workspace;
	enum batch_cause cause;
	struct uuid schedule; /**< nil: none */
	int64_t tick;         /**< UTC microseconds of cron's own time; 0: none */
	struct str selector;  /**< empty: the names of batch_add_names */
	int profile;          /**< enum profile_number, or BATCH_NO_PROFILE: each domain's own */
	int priority;         /**< enum scan_priority */
	enum batch_state state;
	int64_t cursor; /**< domain.no, or position, that is expanded */
	int64_t total;  /**< scans made so far; all of them when it no longer expands */
	int64_t done, incomplete, failed, cancelled; /**< of them have ended so */
	struct uuid created_by;
	int64_t created_at, expanded_at, ended_at; /**< 0: not yet */
	struct str trace;
};

/** Fills no, id, created_at, state and counts. -EEXIST: this schedule has fired this tick. */
int batch_insert(struct store_tx *tx, struct batch_row *row, struct err *err) MUST_USE;
/** Positions go on from the last one, from 1. */
int batch_add_names(struct store_tx *tx, struct uuid batch, const struct str *names, size_t count,
		    struct err *err) MUST_USE;
/** Names after a position, and the position of the last one returned. */
int batch_names(struct store_tx *tx, struct uuid batch, int64_t after_position, unsigned limit,
		struct str **ret, size_t *ret_count, int64_t *ret_last_position,
		struct err *err) MUST_USE;
/** -ENOENT. */
int batch_get(struct store_tx *tx, struct uuid id, struct batch_row *ret, struct err *err) MUST_USE;
/** sql_foresee of it. */
int batch_foresee(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** Newest first. -EINVAL: page->after is no place in this list. */
int batch_list(struct store_tx *tx, int64_t workspace, const struct page *page,
	       struct batch_row **ret, size_t *ret_count, struct str *ret_next,
	       struct err *err) MUST_USE;
/** The oldest that are still expanding. */
int batch_expanding(struct store_tx *tx, unsigned limit, struct batch_row **ret, size_t *ret_count,
		    struct err *err) MUST_USE;
/** A step of expansion: the cursor goes on, there are `made` scans more; is_last: it runs now, or is
 * done when none of its scans is open (*ret_is_done). -ESTALE: it does not expand from `from`. */
int batch_advance(struct store_tx *tx, struct uuid id, int64_t from, int64_t to, int64_t made,
		  bool is_last, bool *ret_is_done, struct err *err) MUST_USE;
/** `count` of its scans have ended with this enum scan_status; *ret_is_done: they were the last ones
 * of a batch that was running. */
int batch_count_end(struct store_tx *tx, struct uuid id, int scan_status, int64_t count,
		    bool *ret_is_done, struct err *err) MUST_USE;
/** No more scans are made of it, and it has ended. Its scans: batch_cancel_scans. -EALREADY: it has
 * ended; -ENOENT. */
int batch_cancel(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** Ends up to `limit` queued scans and asks running ones to stop; returns the ids of those that ended
 * now. None: all is done. */
int batch_cancel_scans(struct store_tx *tx, struct uuid id, unsigned limit, struct uuid **ret,
		       size_t *ret_count, struct err *err) MUST_USE;
/** Batches that ended before `before` and of which no scan is left go. Looks at `limit` batches after
 * *cursor (0: the first) and moves it; *ret_is_end: none is left to look at. */
int batch_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *cursor,
		 int64_t *ret_gone, bool *ret_is_end, struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Scans: one domain each. queued → running → done, incomplete, failed or cancelled; final is final:
 * a retry is a new scan that names the old.
 *
 * A scan waits for the relay, is published (on the bus), runs, has ended. Whoever takes it gets a
 * token; what it writes later names the token, so that a worker which lost it writes nothing.
 */
#ifndef DSS_STORE_SCAN_H
#define DSS_STORE_SCAN_H

#include "base/uuid.h"
#include "store/store.h"

/* Stored numbers: append only. */
enum scan_status {
	SCAN_IS_QUEUED,
	SCAN_IS_RUNNING,
	SCAN_IS_DONE,
	SCAN_IS_INCOMPLETE,
	SCAN_IS_FAILED,
	SCAN_IS_CANCELLED,
	SCAN_STATUSES
};
/** By number; end with NULL. */
extern const char *const scan_status_words[], *const scan_priority_words[];

static inline bool scan_status_is_final(enum scan_status status)
{
	return status >= SCAN_IS_DONE;
}

/** Lower goes first; the relay gives them turns 8 : 3 : 1. The numbers are the bus's queues too. */
enum scan_priority { PRIORITY_HIGH, PRIORITY_NORMAL, PRIORITY_BULK, PRIORITY_COUNT };

enum scan_flag {
	SCAN_IS_ACTIVE_FLAG = 1, /**< consent to active questions */
	SCAN_IS_FRESH_FLAG = 2   /**< past the caches */
};

/** Hundredths of points. */
struct area_points {
	uint8_t applies, is_incomplete;
	uint16_t points, max;
};
enum { SCAN_AREAS = 6 }; /**< by enum area (model/check.h) */

struct scan_row {
	int64_t no; /**< rises with each scan; not for the outside */
	struct uuid id;
	int64_t workspace, domain;
	struct str name; /**< of the domain: joined, not stored here */
	enum scan_status status;
	int profile, priority;
	unsigned flags; /**< enum scan_flag */
	struct uuid batch, retry_of, created_by;
	struct str recheck;   /**< check id or prefix; empty: the whole profile */
	struct str trace;     /**< W3C traceparent; its batch's when it has none */
	int64_t published_at; /**< 0: not on the bus and not running */
	int64_t cancel_at;    /**< a running one that is to stop */
	struct uuid worker;   /**< while it runs */
	int64_t token;
	int attempt, deaths;
	int64_t created_at, started_at, ended_at; /**< 0: not yet */
	int grade, score;                         /**< score -1: none */
	struct area_points areas[SCAN_AREAS];
	int64_t gaps;
	struct str algorithm;
	int64_t fact_set, verdicts; /**< numbers (store/fact.h); 0: none */
	bool is_first_of_set;       /**< for scan_end: this transaction has made the set for it */
	struct str error;
	int64_t progress_event; /**< event.sequence of its last scan.progress; 0: none */
	struct str progress;    /**< that event's data: JSON; empty: not told yet, or ended */
};

/** All conditions must hold. */
struct scan_filter {
	int64_t workspace;
	int64_t domain;    /**< 0: any */
	struct uuid batch; /**< nil: any */
	int status;        /**< enum scan_status; -1: any */
	bool is_open;      /**< queued or running; status is -1 then */
};

/** Fills no, id and created_at. -EEXIST: its batch has a scan of this domain already. */
int scan_insert(struct store_tx *tx, struct scan_row *row, struct err *err) MUST_USE;
/** The same of no batch, by who has read its domain in this transaction: sql_sure. Fills no `no`. */
int scan_insert_sure(struct store_tx *tx, struct scan_row *row, struct err *err) MUST_USE;
/** Those of a batch; of domains that it has a scan of already none is made. */
int scan_insert_new(struct store_tx *tx, struct scan_row *rows, size_t count, int64_t *ret_made,
		    struct err *err) MUST_USE;
/** sql_foresee of scan_get, and of the documents that scan_end will name. */
int scan_foresee(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
int scan_foresee_end(struct store_tx *tx, const struct scan_row *row, struct err *err) MUST_USE;
/** -ENOENT. */
int scan_get(struct store_tx *tx, struct uuid id, struct scan_row *ret, struct err *err) MUST_USE;
/** sql_foresee of scan_open_of. */
int scan_foresee_open(struct store_tx *tx, int64_t domain, struct err *err) MUST_USE;
/** The queued or running scan of the domain that is no recheck; -ENOENT. */
int scan_open_of(struct store_tx *tx, int64_t domain, struct scan_row *ret,
		 struct err *err) MUST_USE;
/** Newest first; those of a batch in the order of their domains' numbers. -EINVAL: page->after is no
 * place in this list. */
int scan_list(struct store_tx *tx, const struct scan_filter *filter, const struct page *page,
	      struct scan_row **ret, size_t *ret_count, struct str *ret_next,
	      struct err *err) MUST_USE;

/* ---- the relay ---- */

struct scan_waiting {
	struct uuid id;
	int64_t workspace;
	int priority;
	struct str trace;
};
/** Workspaces with unpublished scans of this priority, by number. */
int scan_waiting_workspaces(struct store_tx *tx, int priority, int64_t **ret, size_t *ret_count,
			    struct err *err) MUST_USE;
/** sql_foresee of the first of them, of each priority. */
int scan_foresee_waiting(struct store_tx *tx, struct err *err) MUST_USE;
/** The oldest first. */
int scan_waiting_list(struct store_tx *tx, int priority, int64_t workspace, unsigned limit,
		      struct scan_waiting **ret, size_t *ret_count, struct err *err) MUST_USE;
/** Do at least `most` scans of all workspaces wait to be handed over? */
int scan_backlog_reaches(struct store_tx *tx, int64_t most, bool *ret, struct err *err) MUST_USE;
int scan_waiting_count(struct store_tx *tx, int priority, int64_t workspace, int64_t *ret,
		       struct err *err) MUST_USE;
/** The bus has confirmed it. No error when it is not queued any more. */
int scan_published(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** Published before `before` and not taken since: the bus may have lost it. It waits for the relay
 * again; a second message of a scan has no effect. */
int scan_unpublish(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_count,
		   struct err *err) MUST_USE;
/** How many are on the bus and not taken, and how many run; workspace 0: of all. */
int scan_in_flight(struct store_tx *tx, int64_t workspace, int64_t *ret_on_bus,
		   int64_t *ret_running, struct err *err) MUST_USE;
/** sql_foresee of it, of all. */
int scan_foresee_in_flight(struct store_tx *tx, struct err *err) MUST_USE;

struct scan_on_bus {
	int64_t waiting, running; /**< not taken yet; taken */
	int64_t oldest_at;        /**< when the oldest that waits was published; 0: none does */
};
/** What the bus has, as the store knows it, by priority. */
int scan_on_bus(struct store_tx *tx, struct scan_on_bus ret[PRIORITY_COUNT],
		struct err *err) MUST_USE;

/* ---- the worker: each write names its token, -ESTALE when the scan is another's by now ---- */

/** queued, or running with a worker that is lost (store/worker.h) → running. -EALREADY: it is final
 * or runs elsewhere; -ENOENT. */
int scan_take(struct store_tx *tx, struct uuid id, struct uuid worker, struct scan_row *ret,
	      struct err *err) MUST_USE;
/** sql_foresee of it. */
int scan_foresee_take(struct store_tx *tx, struct uuid id, struct uuid worker,
		      struct err *err) MUST_USE;
/** A scanner died with it. */
int scan_count_death(struct store_tx *tx, struct uuid id, int64_t token, int *ret_deaths,
		     struct err *err) MUST_USE;
/** So far it is: its event of this sequence. */
int scan_set_progress(struct store_tx *tx, struct uuid id, int64_t token, int64_t sequence,
		      struct err *err) MUST_USE;
/** running → queued; is_to_publish: for the relay, else its message is still on the bus. */
int scan_release(struct store_tx *tx, struct uuid id, int64_t token, bool is_to_publish,
		 struct err *err) MUST_USE;
/** Running → row->status, with all from started_at to error (ended_at 0: now). A queued one can only
 * fail or be cancelled. volatile_blob: what differs from scan to scan of the same fact set. */
int scan_end(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
	     struct err *err) MUST_USE;
/** The same for who has read in this transaction that it runs under row->token (sql_sure). */
int scan_end_held(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
		  struct err *err) MUST_USE;
int scan_volatile(struct store_tx *tx, struct uuid id, struct str *ret, struct err *err) MUST_USE;
/** Those that a worker runs; nil: those whose worker is lost. */
int scan_running(struct store_tx *tx, struct uuid worker, struct scan_row **ret, size_t *ret_count,
		 struct err *err) MUST_USE;
/** A running one is asked to stop, a queued one is cancelled; ret: how it stands now. -EALREADY: it
 * is final. */
int scan_cancel(struct store_tx *tx, struct uuid id, struct scan_row *ret,
		struct err *err) MUST_USE;
/** The running scans of this worker that are to stop. */
int scan_cancel_asked(struct store_tx *tx, struct uuid worker, struct uuid **ret, size_t *ret_count,
		      struct err *err) MUST_USE;

/** Final scans made before `before` go, but for each domain's last final one and the one that its
 * summary is of. Looks at `limit` scans after *cursor (nil: the oldest) and moves it; *ret_is_end:
 * none is left to look at. */
int scan_expire(struct store_tx *tx, int64_t before, unsigned limit, struct uuid *cursor,
		int64_t *ret_gone, bool *ret_is_end, struct err *err) MUST_USE;

#endif

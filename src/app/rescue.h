/* SPDX-License-Identifier: Apache-2.0 */
/** What becomes of work whose worker is gone, or that the queue has given up. For the scheduler. */
#ifndef DSS_APP_RESCUE_H
#define DSS_APP_RESCUE_H

#include "app/leader.h"
#include "store/worker.h"

struct rescued {
	size_t scans;           /**< that ran there, and wait again */
	int64_t messages, dead; /**< freed; given up, since they were delivered too often */
};

/** A worker that is dead (app/lookout.h): in one transaction its messages are free, its scans wait
 * again, its row goes, and an event says so. @leader  NULL: nobody has to lead. @is_to_publish  its
 * messages are not in the store, and may be gone: the scans wait for the relay. -ESTALE: another leads.
 * -ENOENT: others have done it already, or it has beaten since its row was read. */
int rescue_worker(struct store *store, const struct leader *leader, const struct worker_row *worker,
		  bool is_to_publish, struct rescued *ret, struct err *err) MUST_USE;

/**
 * Messages that the queue gave up leave a scan behind that nobody will take: it fails, with the
 * message's reason. Looks at dead letters since *seen_us (0: all) and moves it; what still runs
 * is looked at again.
 */
int rescue_letters(struct store *store, const struct leader *leader, int64_t *seen_us,
		   size_t *ret_failed, struct err *err) MUST_USE;

/** The clock was set back by so much (0: unknown, while nobody led): what the queue holds back until
 * a time keeps its delay. */
int rescue_clock(struct store *store, const struct leader *leader, int64_t back_us,
		 int64_t *ret_moved, struct err *err) MUST_USE;

#endif

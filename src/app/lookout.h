/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which workers are dead? The scheduler that leads looks every round, and every worker once a second:
 * what a hung worker holds is taken over whoever else runs.
 *
 * One whose lock is released is dead, and that at once. One that has not renewed its row for a lease
 * by our own monotonic clock hangs, or is somewhere else and gone. The clock on the wall is not asked:
 * it may have been set. While we ourselves cannot write to the store nobody hangs for that: a full disk
 * or a database that is away keeps all from renewing, and when it is over they get their time anew.
 */
#ifndef DSS_APP_LOOKOUT_H
#define DSS_APP_LOOKOUT_H

#include "store/worker.h"

enum { LOOKOUT_WORKERS = 1024 /**< more are not watched for hanging */ };

/** A worker, and since when its row is as it is. */
struct watched {
	struct uuid worker;
	int64_t lease_until, since_us; /**< the second is monotonic */
};

/** Zeroed: nothing was seen yet. One thread uses it. */
struct lookout {
	struct watched watched[LOOKOUT_WORKERS];
	size_t count;
	int64_t wrote_us; /**< of the look before */
};

/** Who looks, and when. */
struct lookout_view {
	struct str folder; /**< data folder, where the locks are; empty: there are none */
	struct uuid self;  /**< is never dead; the nil id: nobody */
	int64_t now_us;    /**< monotonic */
	int64_t wrote_us; /**< when we wrote to the store last, which we try as often as a worker beats */
};

/** Look once. *ret_dead is in the arena: the rows of the dead, as rescue_worker wants them. */
int lookout_look(struct lookout *lookout, struct store *store, struct arena *a,
		 const struct lookout_view *view, struct worker_row **ret_dead, size_t *ret_count,
		 struct err *err) MUST_USE;

#endif

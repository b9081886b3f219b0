/* SPDX-License-Identifier: Apache-2.0 */
/* Do as many scans wait as may? */
#include "app/backlog.h"

#include "base/clock.h"
#include "store/scan.h"

#include <inttypes.h>

/* Counting takes longer the more there are: at most one part in SELDOM of the time goes into it. */
enum { LOOK_US = 1000000, SELDOM = 50 };

struct look {
	int64_t most;
	bool is_full;
};

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct look *look = context;

	return scan_backlog_reaches(tx, look->most, &look->is_full, err);
}

int backlog_check(struct app *app, struct problem *problem)
{
	struct look counted = { .most = app->backlog_most };
	int64_t now_us = clock_monotonic_us(), due_us = app->backlog_look_us;

	if (!counted.most)
		return 0;
	if (now_us >= due_us &&
	    atomic_compare_exchange_strong(&app->backlog_look_us, &due_us, now_us + LOOK_US)) {
		TRY(store_read(app->store, look, &counted, &problem->err));
		app->is_backlog_full = counted.is_full;
		app->backlog_look_us =
			clock_monotonic_us() +
			MAX((int64_t)LOOK_US, SELDOM * (clock_monotonic_us() - now_us));
	}
	if (!app->is_backlog_full)
		return 0;
	problem->retry_us = BACKLOG_RETRY_S * INT64_C(1000000);
	return err_set(&problem->err, -ENOBUFS,
		       "%" PRId64 " scans wait already, as many as may: come back later",
		       counted.most);
}

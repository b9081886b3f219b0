/* SPDX-License-Identifier: Apache-2.0 */
/* What is older than it is kept? */
#include "app/finding.h"
#include "roles/scheduler/duty.h"
#include "store/event.h"
#include "store/history.h"
#include "store/idempotency.h"
#include "store/scan.h"
#include "store/session.h"

enum { STEP = 500 };
static const int64_t day_us = INT64_C(86400000000), pause_us = INT64_C(3600000000),
		     lapse_us = INT64_C(60000000);

struct walk {
	const struct duties *duties;
	struct uuid cursor; /* of scans */
	int64_t scans, changes, events, others;
	bool is_end;
};

static int step(struct store_tx *tx, void *context, struct err *err)
{
	struct walk *walk = context;
	const struct scheduler_options *options = walk->duties->options;
	int64_t links;

	*walk = (struct walk){ .duties = walk->duties,
			       .cursor = walk->duties->expire_cursor,
			       .is_end = true };
	TRY(leader_check(tx, walk->duties->leader, err));
	if (options->keep_scans)
		TRY(scan_expire(tx, tx->now_us - options->keep_scans * day_us, STEP, &walk->cursor,
				&walk->scans, &walk->is_end, err));
	if (options->keep_scans)
		TRY(change_expire(tx, tx->now_us - options->keep_scans * day_us, STEP,
				  &walk->changes, err));
	if (options->keep_events)
		TRY(event_expire(tx, tx->now_us - options->keep_events * day_us, STEP,
				 &walk->events, err));
	TRY(idempotency_expire(tx, STEP, &walk->others, err));
	TRY(session_expire(tx, STEP, &links, err));
	walk->others += links;
	walk->is_end &= walk->changes < STEP && walk->events < STEP && walk->others < STEP;
	return 0;
}

/* Acceptances whose time is over. */
static int lapse(struct duties *duties, bool *ret_again, struct err *err)
{
	size_t count;

	if (duties->now_us < duties->lapsing_us)
		return 0;
	TRY(app_finding_lapse(&duties->app, STEP, &count, err));
	*ret_again |= count == STEP;
	if (count < STEP)
		duties->lapsing_us = duties->now_us + lapse_us;
	if (count)
		duty_log(duties, "finding.lapsed", LOG_UINT("findings", count));
	return 0;
}

int duty_expire(struct duties *duties, bool *ret_again, struct err *err)
{
	struct walk walk = { .duties = duties };

	TRY(lapse(duties, ret_again, err));
	if (duties->now_us < duties->expiring_us)
		return 0;
	TRY(store_write(duties->store, step, &walk, err));
	duties->expire_cursor = walk.cursor;
	if (walk.scans || walk.changes || walk.events)
		duty_log(duties, "store.expired", LOG_INT("scans", walk.scans),
			 LOG_INT("changes", walk.changes), LOG_INT("events", walk.events));
	*ret_again |= !walk.is_end;
	if (walk.is_end) {
		duties->expire_cursor = UUID_NIL;
		duties->expiring_us = duties->now_us + pause_us;
	}
	return 0;
}

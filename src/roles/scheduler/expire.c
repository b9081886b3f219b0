/* SPDX-License-Identifier: Apache-2.0 */
/* What is older than it is kept? */
#include "app/finding.h"
#include "roles/scheduler/duty.h"
#include "store/audit.h"
#include "store/batch.h"
#include "store/delivery.h"
#include "store/event.h"
#include "store/history.h"
#include "store/idempotency.h"
#include "store/job.h"
#include "store/key.h"
#include "store/scan.h"
#include "store/session.h"

#include <stddef.h>

enum { STEP = 500 };
static const int64_t day_us = INT64_C(86400000000), pause_us = INT64_C(3600000000),
		     lapse_us = INT64_C(60000000);

/* One transaction: so many of one sort. */
struct step {
	const struct duties *duties;
	int64_t before, gone;
	struct uuid scan_cursor;
	int64_t batch_cursor;
	bool is_end;
};

typedef int expire_step(struct store_tx *tx, struct step *step, struct err *err);

static int expire_scans(struct store_tx *tx, struct step *step, struct err *err)
{
	return scan_expire(tx, step->before, STEP, &step->scan_cursor, &step->gone, &step->is_end,
			   err);
}

static int expire_batches(struct store_tx *tx, struct step *step, struct err *err)
{
	return batch_expire(tx, step->before, STEP, &step->batch_cursor, &step->gone, &step->is_end,
			    err);
}

/* Those of which a step lets go the oldest, until there are fewer than it may. */
#define EXPIRE_OLDEST(name, call)                                                                  \
	static int name(struct store_tx *tx, struct step *step, struct err *err)                   \
	{                                                                                          \
		TRY(call);                                                                         \
		step->is_end = step->gone < STEP;                                                  \
		return 0;                                                                          \
	}

EXPIRE_OLDEST(expire_changes, change_expire(tx, step->before, STEP, &step->gone, err))
EXPIRE_OLDEST(expire_events, event_expire(tx, step->before, STEP, &step->gone, err))
EXPIRE_OLDEST(expire_keys, key_expire(tx, step->before, STEP, &step->gone, err))
EXPIRE_OLDEST(expire_deliveries, delivery_expire(tx, step->before, STEP, &step->gone, err))
EXPIRE_OLDEST(expire_letters, job_expire(tx, step->before, STEP, &step->gone, err))
EXPIRE_OLDEST(expire_answers, idempotency_expire(tx, STEP, &step->gone, err))
EXPIRE_OLDEST(expire_sessions, session_expire(tx, STEP, &step->gone, err))
/* By whole days: each time that rows go leaves a row. */
EXPIRE_OLDEST(expire_audit,
	      audit_expire(tx, step->before - step->before % day_us, STEP, &step->gone, err))

enum { NO_SETTING = -1 };

static const struct {
	const char *name;
	expire_step *run;
	int days; /* where the setting stands; NO_SETTING: each has its own time */
} sorts[] = {
	{ "scans", expire_scans, offsetof(struct scheduler_options, keep_scans) },
	{ "changes", expire_changes, offsetof(struct scheduler_options, keep_scans) },
	{ "batches", expire_batches, offsetof(struct scheduler_options, keep_scans) },
	{ "events", expire_events, offsetof(struct scheduler_options, keep_events) },
	{ "audit_rows", expire_audit, offsetof(struct scheduler_options, keep_audit) },
	{ "keys", expire_keys, offsetof(struct scheduler_options, keep_keys) },
	{ "dead_letters", expire_letters, offsetof(struct scheduler_options, keep_letters) },
	{ "deliveries", expire_deliveries, offsetof(struct scheduler_options, keep_deliveries) },
	{ "answers", expire_answers, NO_SETTING },
	{ "sessions", expire_sessions, NO_SETTING },
};

static bool days_of(const struct duties *duties, size_t sort, int64_t *ret)
{
	int place = sorts[sort].days;

	*ret = place == NO_SETTING ? 0 : *(const unsigned *)((const char *)duties->options + place);
	return place == NO_SETTING || *ret;
}

static int run_step(struct store_tx *tx, void *context, struct err *err)
{
	struct step *step = context;
	int64_t days;

	*step = (struct step){ .duties = step->duties,
			       .scan_cursor = step->duties->scan_cursor,
			       .batch_cursor = step->duties->batch_cursor,
			       .is_end = true };
	TRY(leader_check(tx, step->duties->leader, err));
	if (!days_of(step->duties, step->duties->expiring, &days))
		return 0;
	step->before = tx->now_us - days * day_us;
	return sorts[step->duties->expiring].run(tx, step, err);
}

static void next_sort(struct duties *duties)
{
	if (duties->expired)
		duty_log(duties, "store.expired", LOG_TEXT("what", sorts[duties->expiring].name),
			 LOG_INT("rows", duties->expired));
	duties->expired = 0;
	duties->scan_cursor = UUID_NIL;
	duties->batch_cursor = 0;
	duties->expiring = (duties->expiring + 1) % ARRAY_COUNT(sorts);
	if (!duties->expiring)
		duties->expiring_us = duties->now_us + pause_us;
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
	struct step step = { .duties = duties };

	TRY(lapse(duties, ret_again, err));
	if (duties->now_us < duties->expiring_us)
		return 0;
	TRY(store_write(duties->store, run_step, &step, err));
	duties->scan_cursor = step.scan_cursor;
	duties->batch_cursor = step.batch_cursor;
	duties->expired += step.gone;
	if (step.is_end)
		next_sort(duties);
	*ret_again |= duties->now_us >= duties->expiring_us;
	return 0;
}

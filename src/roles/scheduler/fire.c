/* SPDX-License-Identifier: Apache-2.0 */
/* Which schedules are due? */
#include "app/rescue.h"
#include "app/tick.h"
#include "base/clock.h"
#include "roles/scheduler/duty.h"

enum { STEP = 50, PLAN_AGAIN_US = 600000000, CLOCK_SLACK_US = 2000000 };
static const int64_t clock_trust_us = INT64_C(86400000000);

struct look {
	struct arena *a;
	struct schedule_row *rows;
	size_t count;
	int64_t next_us, now_us;
};

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct look *look = context;

	store_keep(tx, look->a);
	look->now_us = tx->now_us;
	TRY(schedule_due(tx, tx->now_us, STEP, &look->rows, &look->count, err));
	return schedule_next_due(tx, &look->next_us, err);
}

static int fire_one(struct duties *duties, const struct schedule_row *row, struct err *err)
{
	char id[ID_TEXT_BYTES], batch[ID_TEXT_BYTES];
	struct tick_outcome outcome;
	int code = tick_fire(duties->store, duties->leader, row, &outcome, err);

	id_format(id, "sch", row->id);
	if (code == ERR_SYNTAX || code == ERR_LIMIT || code == -EINVAL || code == -EDOM ||
	    code == -ENOTSUP) {
		log_event(duties->options->log, LEVEL_WARNING, "schedule.unreadable", NULL,
			  LOG_TEXT("schedule", id), LOG_TEXT("error", err->text));
		return 0;
	}
	TRY(code);
	duty_log(duties, "schedule.fired", LOG_TEXT("schedule", id),
		 LOG_TEXT("batch", outcome.fired ? id_format(batch, "bat", outcome.batch) : ""),
		 LOG_UINT("ticks", outcome.fired), LOG_INT("lost", outcome.lost));
	return 0;
}

int duty_fire(struct duties *duties, bool *ret_again, struct err *err)
{
	struct arena a = { 0 };
	struct look looked = { .a = &a };
	int code = store_read(duties->store, look, &looked, err);

	for (size_t i = 0; i < looked.count && code == 0; i++) {
		code = fire_one(duties, &looked.rows[i], err);
		if (code ==
		    -ESTALE) /* somebody changed the schedule, or leads: who, says the next step */
			code = 0;
	}
	*ret_again = looked.count == STEP;
	duties->due_us = looked.next_us ? MAX(looked.next_us - looked.now_us, 0) : -1;
	arena_release(&a);
	return code;
}

/* Was the wall clock set since the last look, and by how much? At the first look nobody knows. */
static bool clock_was_set(struct duties *duties, int64_t *ret_by_us)
{
	int64_t apart_us = clock_utc_us() - clock_monotonic_us();
	bool is_first = !duties->clock_us;

	*ret_by_us = is_first ? 0 : apart_us - duties->clock_us;
	duties->clock_us = apart_us;
	if (!is_first && *ret_by_us <= CLOCK_SLACK_US && *ret_by_us >= -CLOCK_SLACK_US)
		return false;
	if (!is_first)
		log_event(duties->options->log, LEVEL_WARNING, "clock.set", NULL,
			  LOG_INT("by_ms", *ret_by_us / 1000));
	return true;
}

int duty_plan(struct duties *duties, bool *ret_again, struct err *err)
{
	int64_t before_us = duties->clock_us, by_us, moved_jobs;
	bool was_set = clock_was_set(duties, &by_us);
	size_t moved;

	if (by_us > 0) /* it may be a time now at which nothing would be kept any more */
		duties->expiring_us = MAX(duties->expiring_us, duties->now_us + clock_trust_us);
	if (was_set && by_us <= 0) {
		int code = rescue_clock(duties->store, duties->leader, -by_us, &moved_jobs, err);

		if (code < 0) {
			duties->clock_us = before_us; /* another time */
			return code;
		}
	}
	if (!was_set && duties->now_us < duties->planned_us)
		return 0;
	TRY(tick_plan_again(duties->store, duties->leader, &moved, err));
	duties->planned_us = duties->now_us + PLAN_AGAIN_US;
	if (moved)
		duty_log(duties, "schedule.planned", LOG_UINT("moved", moved));
	return 0;
}

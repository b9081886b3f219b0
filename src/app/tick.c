/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when a schedule is due? */
#include "app/tick.h"

#include "app/zone.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/trace.h"
#include "store/batch.h"
#include "store/event.h"

struct firing {
	const struct leader *leader;
	const struct schedule_row *row;
	struct plan plan;
	struct plan_due due;
	struct tick_outcome outcome;
};

static int plan_load(struct arena *a, const struct schedule_row *row, struct plan *ret,
		     struct err *err)
{
	struct tz zone;

	TRY(zone_load(a, row->zone, &zone, err));
	return plan_read(a, row, &zone, ret, err);
}

static int guard(struct store_tx *tx, const struct leader *leader, struct err *err)
{
	return leader ? leader_check(tx, leader, err) : 0;
}

static void time_put(struct json *w, const char *key, int64_t at_us)
{
	char text[TIME_TEXT_BYTES];

	json_key(w, key);
	json_text(w, clock_text(at_us, text));
}

static int event_put(struct store_tx *tx, const struct schedule_row *row, int type, struct str data,
		     struct str trace, struct err *err)
{
	struct event_row event = { .workspace = row->workspace,
				   .type = type,
				   .object = row->id,
				   .severity = -1,
				   .data = data,
				   .trace = trace };

	return event_insert(tx, &event, err);
}

static int tell_lost(struct store_tx *tx, const struct firing *firing, struct err *err)
{
	struct json w;
	struct buf data;

	if (!firing->due.lost)
		return 0;
	buf_init(&data, tx->a);
	json_init(&w, &data);
	json_object(&w);
	json_key(&w, "ticks");
	json_int(&w, firing->due.lost);
	time_put(&w, "first", firing->due.first_lost_us);
	json_end(&w);
	return event_put(tx, firing->row, EVENT_SCHEDULE_MISSED, buf_str(&data), STR_NONE, err);
}

static int tell_fired(struct store_tx *tx, const struct firing *firing,
		      const struct batch_row *batch, int64_t tick_us, struct err *err)
{
	char id[ID_TEXT_BYTES];
	struct json w;
	struct buf data;

	buf_init(&data, tx->a);
	json_init(&w, &data);
	json_object(&w);
	json_key(&w, "batch");
	json_text(&w, id_format(id, "bat", batch->id));
	time_put(&w, "tick", tick_us);
	json_end(&w);
	return event_put(tx, firing->row, EVENT_SCHEDULE_FIRED, buf_str(&data), batch->trace, err);
}

static int fire_one(struct store_tx *tx, struct firing *firing, int64_t tick_us, struct err *err)
{
	const struct schedule_row *row = firing->row;
	const struct trace trace = trace_new();
	char text[TRACEPARENT_BYTES];
	struct batch_row batch = { .workspace = row->workspace,
				   .cause = BATCH_SCHEDULE,
				   .schedule = FAULT_IS_OFF("unique-tick") ? UUID_NIL : row->id,
				   .tick = tick_us,
				   .selector = row->selector,
				   .profile = row->profile,
				   .priority = row->priority,
				   .state = BATCH_EXPANDING,
				   .created_by = row->id };
	int code;

	batch.trace = str_of(trace_text(&trace, text));
	code = batch_insert(tx, &batch, err);
	if (code == -EEXIST) /* fired, before the clock was set back */
		return 0;
	TRY(code);
	firing->outcome.fired++;
	firing->outcome.batch = batch.id;
	return tell_fired(tx, firing, &batch, tick_us, err);
}

static int move_on(struct store_tx *tx, void *context, struct err *err)
{
	const struct firing *firing = context;
	const struct plan_due *due = &firing->due;
	int64_t last_us = due->count ? due->fires[due->count - 1].tick_us : 0;

	return schedule_move(tx, firing->row->id, firing->row->next_tick, last_us,
			     due->next.tick_us, due->next.due_us, err);
}

static int fire(struct store_tx *tx, void *context, struct err *err)
{
	struct firing *firing = context;
	const struct plan_due *due = &firing->due;

	firing->outcome = (struct tick_outcome){ .lost = due->lost, .next = due->next };
	TRY(guard(tx, firing->leader, err));
	if (!FAULT_IS_OFF("unique-tick"))
		TRY(move_on(tx, firing, err));
	for (size_t i = 0; i < due->count; i++)
		TRY(fire_one(tx, firing, due->fires[i].tick_us, err));
	return tell_lost(tx, firing, err);
}

/* Not to be tried at every turn. */
static int put_off(struct store_tx *tx, void *context, struct err *err)
{
	struct firing *firing = context;

	TRY(guard(tx, firing->leader, err));
	return schedule_move(tx, firing->row->id, firing->row->next_tick, 0, firing->row->next_tick,
			     tx->now_us + TICK_AGAIN_US, err);
}

static int read_now(struct store_tx *tx, void *context, struct err *err)
{
	*(int64_t *)context = tx->now_us;
	return 0;
}

int tick_fire(struct store *store, const struct leader *leader, const struct schedule_row *row,
	      struct tick_outcome *ret, struct err *err)
{
	struct firing firing = { .leader = leader, .row = row };
	struct arena a = { 0 };
	struct err ignored;
	int64_t now_us;
	int code = plan_load(&a, row, &firing.plan, err);

	if (code < 0) {
		(void)!store_write(store, put_off, &firing, &ignored);
	} else {
		code = store_read(store, read_now, &now_us, err);
		if (code == 0) {
			plan_due(&firing.plan, row->next_tick, now_us, &firing.due);
			FAULT_POINT("scheduler.before-fire");
			code = store_write(store, fire, &firing, err);
			FAULT_POINT("scheduler.after-fire");
			if (FAULT_IS_OFF("unique-tick"))
				code = store_write(store, move_on, &firing, err);
		}
	}
	arena_release(&a);
	if (code == 0)
		*ret = firing.outcome;
	return code;
}

/* A schedule that is to wait for another tick. */
struct move {
	struct uuid id;
	int64_t from_us;
	struct plan_fire to;
};

struct review {
	const struct leader *leader;
	struct arena *a;
	struct schedule_row *rows;
	size_t row_count;
	int64_t now_us;
	struct move *moves;
	size_t count;
};

static int rows_read(struct store_tx *tx, void *context, struct err *err)
{
	struct review *review = context;

	store_keep(tx, review->a);
	review->now_us = tx->now_us;
	return schedule_due(tx, INT64_MAX, TICK_SCHEDULES, &review->rows, &review->row_count, err);
}

/* Does the schedule wait for what it would wait for today? */
static bool waits_well(const struct plan *plan, const struct schedule_row *row,
		       const struct plan_fire *first)
{
	struct plan_fire same;

	return row->next_tick <= first->tick_us &&
	       plan_next(plan, row->next_tick - 1, &same) == 0 && same.tick_us == row->next_tick &&
	       same.due_us == row->next_at;
}

static void row_review(struct review *review, const struct schedule_row *row)
{
	struct arena a = { 0 };
	struct plan_fire first;
	struct plan plan;
	struct err ignored;

	if (row->next_at > review->now_us && plan_load(&a, row, &plan, &ignored) == 0 &&
	    plan_first(&plan, review->now_us, &first) == 0 && !waits_well(&plan, row, &first))
		review->moves[review->count++] = (struct move){ row->id, row->next_tick, first };
	arena_release(&a);
}

static int rows_move(struct store_tx *tx, void *context, struct err *err)
{
	struct review *review = context;

	TRY(guard(tx, review->leader, err));
	for (size_t i = 0; i < review->count; i++) {
		const struct move *move = &review->moves[i];
		int code = schedule_move(tx, move->id, move->from_us, 0, move->to.tick_us,
					 move->to.due_us, err);

		if (code < 0 && code != -ESTALE)
			return code;
	}
	return 0;
}

int tick_plan_again(struct store *store, const struct leader *leader, size_t *ret_moved,
		    struct err *err)
{
	struct arena a = { 0 };
	struct review review = { .leader = leader, .a = &a };
	int code = store_read(store, rows_read, &review, err);

	if (code == 0) {
		review.moves = arena_array(&a, review.row_count, sizeof *review.moves);
		for (size_t i = 0; i < review.row_count; i++)
			row_review(&review, &review.rows[i]);
	}
	if (code == 0 && review.count)
		code = store_write(store, rows_move, &review, err);
	if (code == 0)
		*ret_moved = review.count;
	arena_release(&a);
	return code;
}

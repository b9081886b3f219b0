/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done with the schedules of a workspace? */
#include "app/schedule.h"

#include "app/named.h"
#include "app/record.h"
#include "app/schedule_fields.h"
#include "base/json.h"
#include "store/batch.h"
#include "store/scan.h"

#include <inttypes.h>

enum { UPCOMING = 100 };

struct call {
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct str name_or_id;
	int64_t version;
	const struct schedule_input *input;
	struct schedule_row row;
	struct uuid batch;
	int64_t now_us;
};

static APP_NAMED(schedule_named, struct schedule_row, "schedule", "sch", schedule_get,
		 schedule_find);
APP_GET(app_schedule_get, SCOPE_SCHEDULES_READ, struct schedule_row, schedule_named);
APP_LIST(app_schedule_list, SCOPE_SCHEDULES_READ, struct schedule_row, schedule_list);

static int find_for_write(struct store_tx *tx, struct call *call, struct err *err)
{
	TRY(schedule_named(tx, call->actor->workspace, call->name_or_id, &call->row, err));
	return version_check(call->version, call->row.version, call->row.name, call->problem, err);
}

/* Lets the row wait for its first tick from now on. */
static int plan_from_now(struct store_tx *tx, struct call *call, struct err *err)
{
	struct schedule_row *row = &call->row;
	struct plan_fire first = { 0 };
	struct plan plan;
	int code = schedule_plan(call->a, row, &plan, call->problem);

	if (code == 0 && plan_first(&plan, tx->now_us, &first) < 0)
		code = problem_add(call->problem, STR_LIT("/cron"), "never",
				   "this never fires: no tick is left outside of the blackouts");
	if (code < 0)
		return err_set(err, code, "%s", call->problem->errors[0].detail.data);
	row->next_tick = first.tick_us;
	row->next_at = first.due_us;
	return 0;
}

/* ---- add ---- */

static int add_schedule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int64_t count;

	call->row.id = uuid_new(tx->now_us); /* H is drawn from it */
	problem_init(call->problem, call->problem->a);
	TRY(plan_from_now(tx, call, err));
	TRY(schedule_count(tx, call->actor->workspace, &count, err));
	if (count >= SCHEDULES)
		return err_set(err, -EDQUOT, "a workspace has at most %d schedules", SCHEDULES);
	TRY(schedule_insert(tx, &call->row, err));
	TRY(record_made(tx, call->actor, APPLIED_SCHEDULE, call->row.id, err));
	return record_audit(tx, call->actor, "schedule.create", call->row.name, STR_NONE,
			    schedule_json(tx->a, &call->row), err);
}

int app_schedule_add(struct app *app, const struct actor *actor, struct arena *a,
		     const struct schedule_input *input, struct schedule_row *ret,
		     struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	call.row = (struct schedule_row){ .workspace = actor->workspace,
					  .zone = STR_LIT("UTC"),
					  .selector = STR_LIT("all"),
					  .profile = BATCH_NO_PROFILE,
					  .priority = PRIORITY_BULK,
					  .missed = MISSED_ONCE,
					  .is_enabled = true };
	TRY(actor_may(actor, SCOPE_SCHEDULES_WRITE, problem));
	if (!input->has_name)
		problem_add(problem, STR_LIT("/name"), "required", "a schedule needs a name");
	if (!input->has_cron)
		problem_add(problem, STR_LIT("/cron"), "required",
			    "a schedule needs a cron expression, such as \"30 2 * * *\"");
	TRY(schedule_fields_read(a, input, &call.row, problem));
	TRY(store_write(app->store, add_schedule, &call, &problem->err));
	*ret = call.row;
	return 0;
}

/* ---- read ---- */

static int get_schedule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	call->now_us = tx->now_us;
	return schedule_named(tx, call->actor->workspace, call->name_or_id, &call->row, err);
}

int app_schedule_upcoming(struct app *app, const struct actor *actor, struct arena *a,
			  struct str name_or_id, unsigned count, struct plan_fire **ret,
			  size_t *ret_count, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .name_or_id = name_or_id };
	struct plan_fire *fires;
	struct plan plan;
	size_t made = 0;
	int code;

	TRY(actor_may(actor, SCOPE_SCHEDULES_READ, problem));
	if (count < 1 || count > UPCOMING)
		return problem_add(problem, STR_LIT("/count"), "range", "1 to %d", UPCOMING);
	TRY(store_read(app->store, get_schedule, &call, &problem->err));
	TRY(schedule_plan(a, &call.row, &plan, problem));
	fires = arena_array(a, count, sizeof *fires);
	code = plan_first(&plan, call.now_us, &fires[0]);
	while (code == 0 && ++made < count)
		code = plan_next(&plan, fires[made - 1].tick_us, &fires[made]);
	*ret = fires;
	*ret_count = made;
	return 0;
}

/* ---- change ---- */

static int update_schedule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct schedule_row before;

	store_keep(tx, call->a);
	problem_init(call->problem, call->problem->a);
	TRY(find_for_write(tx, call, err));
	before = call->row;
	if (schedule_fields_read(call->a, call->input, &call->row, call->problem) < 0)
		return err_set(err, -EINVAL, "%s", call->problem->errors[0].detail.data);
	if (schedule_times_differ(&before, &call->row))
		TRY(plan_from_now(tx, call, err));
	TRY(schedule_update(tx, &call->row, err));
	return record_audit(tx, call->actor, "schedule.update", before.name,
			    schedule_json(tx->a, &before), schedule_json(tx->a, &call->row), err);
}

int app_schedule_update(struct app *app, const struct actor *actor, struct arena *a,
			struct str name_or_id, int64_t version, const struct schedule_input *input,
			struct schedule_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = a,
			     .problem = problem,
			     .name_or_id = name_or_id,
			     .version = version,
			     .input = input };
	struct schedule_row any = { .zone = STR_LIT("UTC") };

	TRY(actor_may(actor, SCOPE_SCHEDULES_WRITE, problem));
	TRY(store_read(app->store, get_schedule, &call, &problem->err));
	TRY(schedule_fields_read(a, input, &any, problem));
	TRY(store_write(app->store, update_schedule, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int delete_schedule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(find_for_write(tx, call, err));
	TRY(record_removed(tx, call->actor, APPLIED_SCHEDULE, call->row.id, err));
	TRY(schedule_delete(tx, call->row.id, err));
	return record_audit(tx, call->actor, "schedule.delete", call->row.name,
			    schedule_json(tx->a, &call->row), STR_NONE, err);
}

int app_schedule_delete(struct app *app, const struct actor *actor, struct str name_or_id,
			int64_t version, struct problem *problem)
{
	struct call call = {
		.actor = actor, .problem = problem, .name_or_id = name_or_id, .version = version
	};

	TRY(actor_may(actor, SCOPE_SCHEDULES_WRITE, problem));
	return store_write(app->store, delete_schedule, &call, &problem->err);
}

static struct str run_json(struct arena *a, const struct schedule_row *row)
{
	char id[ID_TEXT_BYTES];
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "schedule");
	json_text(&w, id_format(id, "sch", row->id));
	json_end(&w);
	return buf_str(&out);
}

static int run_schedule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct batch_row batch;

	TRY(schedule_named(tx, call->actor->workspace, call->name_or_id, &call->row, err));
	batch = (struct batch_row){ .workspace = call->actor->workspace,
				    .cause = BATCH_SCHEDULE,
				    .schedule = call->row.id,
				    .selector = call->row.selector,
				    .profile = call->row.profile,
				    .priority = call->row.priority,
				    .created_by = call->actor->id,
				    .trace = call->actor->trace };
	TRY(batch_insert(tx, &batch, err));
	call->batch = batch.id;
	TRY(record_event(tx, call->actor,
			 (struct event_row){ .type = EVENT_BATCH_CREATED,
					     .object = batch.id,
					     .severity = -1,
					     .data = run_json(tx->a, &call->row) },
			 err));
	return record_audit(tx, call->actor, "schedule.run", call->row.name, STR_NONE, STR_NONE,
			    err);
}

int app_schedule_run(struct app *app, const struct actor *actor, struct str name_or_id,
		     struct uuid *ret_batch, struct problem *problem)
{
	struct call call = { .actor = actor, .name_or_id = name_or_id };

	TRY(actor_may(actor, SCOPE_SCHEDULES_WRITE, problem));
	TRY(store_write(app->store, run_schedule, &call, &problem->err));
	*ret_batch = call.batch;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules: what is scanned when. */
#include "app/schedule.h"

#include "model/profile.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"
#include "store/scan.h"

enum { UPCOMING = 5 };

struct schedule_view {
	struct uuid id;
	struct str name, cron, zone, blackouts, selector, profile;
	int64_t jitter_s;
	int priority, missed;
	bool is_enabled;
	int64_t next_at, last_at, created_at, version;
};

static const struct desc_field schedule_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct schedule_view, id, .custom = &wire_id_sch),
	DESC_FIELD(2, DESC_STR, struct schedule_view, name),
	DESC_FIELD(3, DESC_STR, struct schedule_view, cron),
	DESC_FIELD(4, DESC_STR, struct schedule_view, zone),
	DESC_FIELD(5, DESC_STR, struct schedule_view, blackouts),
	DESC_FIELD(6, DESC_INT, struct schedule_view, jitter_s),
	DESC_FIELD(7, DESC_STR, struct schedule_view, selector),
	DESC_FIELD(8, DESC_STR, struct schedule_view, profile),
	DESC_FIELD(9, DESC_ENUM, struct schedule_view, priority, .names = scan_priority_words),
	DESC_FIELD(10, DESC_ENUM, struct schedule_view, missed, .names = missed_policy_words),
	DESC_NAMED(11, DESC_BOOL, struct schedule_view, is_enabled, "enabled"),
	DESC_FIELD(12, DESC_TIME, struct schedule_view, next_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(13, DESC_TIME, struct schedule_view, last_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(14, DESC_TIME, struct schedule_view, created_at),
	DESC_FIELD(15, DESC_INT, struct schedule_view, version),
};
static const struct desc schedule_desc = DESC_CALLED("schedule", schedule_view, schedule_fields);

static struct schedule_view view_of(struct arena *a, const struct schedule_row *row)
{
	return (struct schedule_view){
		.id = row->id,
		.name = row->name,
		.cron = row->cron,
		.zone = row->zone,
		.blackouts = row->blackouts,
		.selector = row->selector,
		.profile = profile_word(row->profile),
		.jitter_s = row->jitter_s,
		.priority = row->priority,
		.missed = row->missed,
		.is_enabled = row->is_enabled,
		.next_at = row->is_enabled ? row->next_at : 0,
		.last_at = row->last_at,
		.created_at = row->created_at,
		.version = row->version,
	};
}

static int schedule_answer(struct request *r, const struct schedule_row *row)
{
	struct schedule_view view = view_of(&r->arena, row);

	r->version = row->version;
	return answer_struct(r, &view);
}

static int schedules_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct schedule_row *rows;

	TRY_APP(r, app_schedule_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				     &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_schedules_list = {
	.page = schedules_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &schedule_desc,
	.flags = OPERATION_LIST,
};

struct write_schedule {
	struct str id, name, cron, zone, blackouts, selector;
	uint64_t jitter_s;
	int profile, priority, missed;
	bool enabled;
};

#define SCHEDULE_ID                                                                                \
	FIELD_PATH(FIELD_TEXT, struct write_schedule, id, "name or id", .least = 1,                \
		   .most = SCHEDULE_NAME_BYTES, .example = "nightly")
#define WRITE_FIELDS(NEEDED)                                                                       \
	FIELD_BODY(FIELD_TEXT, struct write_schedule, name, "once in the workspace", .least = 1,   \
		   .most = SCHEDULE_NAME_BYTES, .flags = (NEEDED)),                                \
		FIELD_BODY(FIELD_TEXT, struct write_schedule, cron,                                \
			   "five fields, with names, steps, H for spreading, or @daily",           \
			   .least = 1, .most = 256, .flags = (NEEDED), .example = "30 2 * * *"),   \
		FIELD_BODY(FIELD_TEXT, struct write_schedule, zone, "time zone; UTC", .least = 1,  \
			   .most = 64, .example = "Europe/Berlin"),                                \
		FIELD_BODY(FIELD_LINES, struct write_schedule, blackouts,                          \
			   "windows in which nothing fires", .most = 2000,                         \
			   .flags = FIELD_NULLABLE),                                               \
		FIELD_BODY(FIELD_TEXT, struct write_schedule, selector,                            \
			   "all, tag:corp, owner:…, name:*.example.com", .least = 1, .most = 512), \
		FIELD_BODY(FIELD_UINT, struct write_schedule, jitter_s,                            \
			   "seconds that a fire may come later", .most = PLAN_JITTER_S),           \
		FIELD_BODY(FIELD_CHOICE, struct write_schedule, profile,                           \
			   "how much is asked; null: each domain's own", .words = profile_words,   \
			   .flags = FIELD_NULLABLE),                                               \
		FIELD_BODY(FIELD_CHOICE, struct write_schedule, priority, "which queue",           \
			   .words = scan_priority_words),                                          \
		FIELD_BODY(FIELD_CHOICE, struct write_schedule, missed,                            \
			   "what is made up for after a pause", .words = missed_policy_words),     \
		FIELD_BODY(FIELD_BOOL, struct write_schedule, enabled, "false pauses it")

static const struct field add_fields[] = { WRITE_FIELDS(FIELD_REQUIRED), FIELD_END };
static const struct field update_fields[] = { SCHEDULE_ID, WRITE_FIELDS(0), FIELD_END };
static const struct field id_fields[] = { SCHEDULE_ID, FIELD_END };

static struct schedule_input input_of(const struct request *r)
{
	const struct write_schedule *in = r->input.values;
	const struct input *given = &r->input;

	return (struct schedule_input){
		.has_name = input_given(given, "name"),
		.has_cron = input_given(given, "cron"),
		.has_zone = input_given(given, "zone"),
		.has_blackouts = input_given(given, "blackouts"),
		.has_selector = input_given(given, "selector"),
		.has_jitter = input_given(given, "jitter_s"),
		.has_profile = input_given(given, "profile"),
		.has_priority = input_given(given, "priority"),
		.has_missed = input_given(given, "missed"),
		.has_enabled = input_given(given, "enabled"),
		.name = in->name,
		.cron = in->cron,
		.zone = in->zone,
		.blackouts = in->blackouts,
		.selector = in->selector,
		.jitter_s = (int64_t)in->jitter_s,
		.profile = input_given(given, "profile") && !input_is_null(given, "profile")
				   ? str_of(profile_words[in->profile])
				   : STR_NONE,
		.priority = str_of(scan_priority_words[in->priority]),
		.missed = str_of(missed_policy_words[in->missed]),
		.is_enabled = in->enabled,
	};
}

static int add_answer(struct request *r)
{
	struct schedule_input input = input_of(r);
	struct schedule_row row;

	TRY_APP(r, app_schedule_add(r->app, &r->actor, &r->arena, &input, &row, &r->problem));
	answer_location(r, "schedules", wire_id(&r->arena, "sch", row.id));
	return schedule_answer(r, &row);
}

const struct operation operation_schedules_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct write_schedule),
	.shape = &schedule_desc,
	.codes = { 409, 422, 429 },
};

static int get_answer(struct request *r)
{
	const struct write_schedule *in = r->input.values;
	struct schedule_row row;

	TRY_APP(r, app_schedule_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return schedule_answer(r, &row);
}

const struct operation operation_schedules_get = {
	.handle = get_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_schedule),
	.shape = &schedule_desc,
	.codes = { 404 },
};

static int update_answer(struct request *r)
{
	const struct write_schedule *in = r->input.values;
	struct schedule_input input = input_of(r);
	struct schedule_row row;
	int64_t version;

	if (if_match_read(r, &version) < 0)
		return 0;
	TRY_APP(r, app_schedule_update(r->app, &r->actor, &r->arena, in->id, version, &input, &row,
				       &r->problem));
	return schedule_answer(r, &row);
}

const struct operation operation_schedules_update = {
	.handle = update_answer,
	.fields = update_fields,
	.input_size = sizeof(struct write_schedule),
	.shape = &schedule_desc,
	.flags = OPERATION_PATCH | OPERATION_IF_MATCH,
	.codes = { 404, 409, 412, 422, 428 },
};

static int delete_answer(struct request *r)
{
	const struct write_schedule *in = r->input.values;
	int64_t version = 0;

	if (if_match_read_optional(r, &version) < 0)
		return 0;
	TRY_APP(r, app_schedule_delete(r->app, &r->actor, in->id, version, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_schedules_delete = {
	.handle = delete_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_schedule),
	.codes = { 404, 412 },
};

struct run_view {
	struct uuid batch;
};

static const struct desc_field run_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct run_view, batch, .custom = &wire_id_bat),
};
static const struct desc run_desc = DESC_CALLED("schedule_run", run_view, run_fields);

static int run_answer(struct request *r)
{
	const struct write_schedule *in = r->input.values;
	struct run_view view;

	TRY_APP(r, app_schedule_run(r->app, &r->actor, in->id, &view.batch, &r->problem));
	answer_location(r, "batches", wire_id(&r->arena, "bat", view.batch));
	return answer_struct(r, &view);
}

const struct operation operation_schedules_run = {
	.handle = run_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_schedule),
	.shape = &run_desc,
	.codes = { 404, 429 },
	.help = "A batch besides its ticks, also of one that is paused.",
};

struct fire_view {
	int64_t tick, due_at;
};

static const struct desc_field fire_fields[] = {
	DESC_FIELD(1, DESC_TIME, struct fire_view, tick),
	DESC_FIELD(2, DESC_TIME, struct fire_view, due_at),
};
static const struct desc fire_desc = DESC_CALLED("fire", fire_view, fire_fields);

struct fires_view {
	struct fire_view *items;
	size_t item_count;
};

static const struct desc_field fires_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct fires_view, items, item_count, .of = &fire_desc),
};
static const struct desc fires_desc = DESC_CALLED("fires", fires_view, fires_fields);

static int upcoming_answer(struct request *r)
{
	const struct write_schedule *in = r->input.values;
	struct fires_view view = { 0 };
	struct plan_fire *fires;

	TRY_APP(r, app_schedule_upcoming(r->app, &r->actor, &r->arena, in->id, UPCOMING, &fires,
					 &view.item_count, &r->problem));
	view.items = arena_array(&r->arena, view.item_count + 1, sizeof *view.items);
	for (size_t i = 0; i < view.item_count; i++)
		view.items[i] = (struct fire_view){ fires[i].tick_us, fires[i].due_us };
	return answer_struct(r, &view);
}

const struct operation operation_schedules_upcoming = {
	.handle = upcoming_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_schedule),
	.shape = &fires_desc,
	.codes = { 404 },
	.help = "The next five: cron's own time, and when it is due with jitter and blackouts.",
};

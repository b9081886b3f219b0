/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: many scans at once. */
#include "app/batch.h"

#include "base/clock.h"
#include "model/profile.h"
#include "roles/api/idempotent.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"
#include "store/scan.h"

struct batch_view {
	struct uuid id, schedule;
	int cause, state, priority;
	struct str selector, profile;
	uint64_t total, done, incomplete, failed, cancelled;
	int64_t tick, created_at, expanded_at, ended_at, eta;
};

static const struct desc_field batch_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct batch_view, id, .custom = &wire_id_bat),
	DESC_FIELD(2, DESC_ENUM, struct batch_view, state, .names = batch_state_words),
	DESC_FIELD(3, DESC_ENUM, struct batch_view, cause, .names = batch_cause_words),
	DESC_FIELD(4, DESC_CUSTOM, struct batch_view, schedule, .custom = &wire_id_sch),
	DESC_FIELD(5, DESC_TIME, struct batch_view, tick, .flags = DESC_OPTIONAL),
	DESC_FIELD(6, DESC_STR, struct batch_view, selector),
	DESC_FIELD(7, DESC_STR, struct batch_view, profile),
	DESC_FIELD(8, DESC_ENUM, struct batch_view, priority, .names = scan_priority_words),
	DESC_FIELD(9, DESC_UINT, struct batch_view, total),
	DESC_FIELD(10, DESC_UINT, struct batch_view, done),
	DESC_FIELD(11, DESC_UINT, struct batch_view, incomplete),
	DESC_FIELD(12, DESC_UINT, struct batch_view, failed),
	DESC_FIELD(13, DESC_UINT, struct batch_view, cancelled),
	DESC_FIELD(14, DESC_TIME, struct batch_view, created_at),
	DESC_FIELD(15, DESC_TIME, struct batch_view, expanded_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(16, DESC_TIME, struct batch_view, ended_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(17, DESC_TIME, struct batch_view, eta, .flags = DESC_OPTIONAL),
};
static const struct desc batch_desc = DESC_CALLED("batch", batch_view, batch_fields);

/* When it will have ended, at the pace until now; 0: nothing tells. */
static int64_t eta_of(const struct batch_row *row)
{
	int64_t ended = row->done + row->incomplete + row->failed + row->cancelled;
	int64_t now_us = clock_utc_us();

	if (row->state != BATCH_RUNNING || ended <= 0 || now_us <= row->created_at)
		return 0;
	return now_us + (now_us - row->created_at) / ended * (row->total - ended);
}

static struct batch_view view_of(struct arena *a, const struct batch_row *row)
{
	return (struct batch_view){
		.id = row->id,
		.schedule = row->schedule,
		.cause = row->cause,
		.state = row->state,
		.priority = row->priority,
		.selector = row->selector,
		.profile = profile_word(row->profile),
		.total = (uint64_t)row->total,
		.done = (uint64_t)row->done,
		.incomplete = (uint64_t)row->incomplete,
		.failed = (uint64_t)row->failed,
		.cancelled = (uint64_t)row->cancelled,
		.tick = row->tick,
		.created_at = row->created_at,
		.expanded_at = row->expanded_at,
		.ended_at = row->ended_at,
		.eta = eta_of(row),
	};
}

static int batch_answer(struct request *r, const struct batch_row *row)
{
	struct batch_view view = view_of(&r->arena, row);

	return answer_struct(r, &view);
}

struct add_batch {
	struct str *names;
	size_t name_count;
	struct str selector;
	int profile, priority;
};

static const struct field add_fields[] = {
	FIELD_ARRAY(IN_BODY, FIELD_TEXT, struct add_batch, names, name_count, 0,
		    "domains, as people type them; or", .least = 1, .most = 300,
		    .items_most = BATCH_NAMES),
	FIELD_BODY(FIELD_TEXT, struct add_batch, selector,
		   "which of the workspace: all, tag:corp, owner:…, name:*.example.com", .least = 1,
		   .most = 512, .example = "tag:corp"),
	FIELD_BODY(FIELD_CHOICE, struct add_batch, profile,
		   "how much they ask; not given: each domain's", .words = profile_words),
	FIELD_BODY(FIELD_CHOICE, struct add_batch, priority, "which queue they go through",
		   .words = scan_priority_words, .fallback = "bulk"),
	FIELD_END,
};

static void keep_answer(void *request, struct arena *a, const void *made, bool is_new,
			struct idempotency_row *ret)
{
	struct batch_view view = view_of(a, made);
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	desc_json(&w, &batch_desc, &view);
	ret->status = 202;
	ret->response = buf_str(&out);
	ret->location = wire_location(a, "batches",
				      wire_id(a, "bat", ((const struct batch_row *)made)->id));
}

static int add_answer(struct request *r)
{
	const struct add_batch *in = r->input.values;
	struct batch_input input = {
		.names = in->names,
		.name_count = in->name_count,
		.selector = in->selector,
		.profile = input_given(&r->input, "profile") ? str_of(profile_words[in->profile])
							     : STR_NONE,
		.priority = str_of(scan_priority_words[in->priority]),
		.cause = r->actor.kind == ACTOR_COMMAND ? BATCH_COMMAND : BATCH_API,
	};
	struct batch_row row;
	int code;

	idempotent_begin(r, keep_answer);
	code = app_batch_start(r->app, &r->actor, &r->arena, &input, &row, &r->problem);
	if (code == -EINPROGRESS)
		return idempotent_replay(r);
	TRY_APP(r, code);
	answer_location(r, "batches", wire_id(&r->arena, "bat", row.id));
	answer_header(r, "Retry-After", "2");
	return batch_answer(r, &row);
}

const struct operation operation_batches_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct add_batch),
	.shape = &batch_desc,
	.flags = OPERATION_IDEMPOTENT,
	.codes = { 422, 429 },
	.help = "Accepted in one transaction however many; its scans are made of it afterwards.",
};

static int batches_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct batch_row *rows;

	TRY_APP(r, app_batch_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				  &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_batches_list = {
	.page = batches_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &batch_desc,
	.flags = OPERATION_LIST,
	.help = "Newest first.",
};

struct name_batch {
	struct str id;
};

static const struct field name_fields[] = {
	FIELD_PATH(FIELD_WORD, struct name_batch, id, "its id", .least = 1, .most = 64,
		   .example = "bat_01h455vb4pex5vsknk084sn02q"),
	FIELD_END,
};

static int get_answer(struct request *r)
{
	const struct name_batch *in = r->input.values;
	struct batch_row row;

	TRY_APP(r, app_batch_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return batch_answer(r, &row);
}

const struct operation operation_batches_get = {
	.handle = get_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_batch),
	.shape = &batch_desc,
	.codes = { 404 },
	.help = "Its scans: /scans?batch=ID.",
};

static int cancel_answer(struct request *r)
{
	const struct name_batch *in = r->input.values;
	struct batch_row row;

	TRY_APP(r, app_batch_cancel(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return batch_answer(r, &row);
}

const struct operation operation_batches_cancel = {
	.handle = cancel_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_batch),
	.shape = &batch_desc,
	.codes = { 404, 409 },
	.help = "Its queued scans have ended with the answer; running ones are asked to stop.",
};

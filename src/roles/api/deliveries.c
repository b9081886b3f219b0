/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries: what went where, and what the receiver said. */
#include "app/delivery.h"

#include "app/channel.h"
#include "app/event.h"
#include "roles/api/delivery_view.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"

static const struct desc_field attempt_fields[] = {
	DESC_FIELD(1, DESC_TIME, struct attempt_view, at),
	DESC_FIELD(2, DESC_INT, struct attempt_view, status, .flags = DESC_OPTIONAL),
	DESC_FIELD(3, DESC_INT, struct attempt_view, elapsed_us, .flags = DESC_OPTIONAL),
	DESC_FIELD(4, DESC_STR, struct attempt_view, error),
	DESC_FIELD(5, DESC_STR, struct attempt_view, reply),
};
static const struct desc attempt_desc = DESC_CALLED("attempt", attempt_view, attempt_fields);

static const struct desc_field delivery_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct delivery_view, id, .custom = &wire_id_dlv),
	DESC_FIELD(2, DESC_STR, struct delivery_view, channel),
	DESC_FIELD(3, DESC_STR, struct delivery_view, recipient),
	DESC_FIELD(4, DESC_ENUM, struct delivery_view, kind, .names = delivery_kind_words),
	DESC_FIELD(5, DESC_ENUM, struct delivery_view, state, .names = delivery_state_words),
	DESC_FIELD(6, DESC_STR, struct delivery_view, domain),
	DESC_FIELD(7, DESC_CUSTOM, struct delivery_view, events, .custom = &wire_count),
	DESC_FIELD(8, DESC_CUSTOM, struct delivery_view, attempt, .custom = &wire_count),
	DESC_FIELD(9, DESC_TIME, struct delivery_view, created_at),
	DESC_FIELD(10, DESC_TIME, struct delivery_view, due_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(11, DESC_TIME, struct delivery_view, ended_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(12, DESC_INT, struct delivery_view, status, .flags = DESC_OPTIONAL),
	DESC_FIELD(13, DESC_INT, struct delivery_view, elapsed_us, .flags = DESC_OPTIONAL),
	DESC_FIELD(14, DESC_STR, struct delivery_view, error),
	DESC_FIELD(15, DESC_STR, struct delivery_view, reply),
	DESC_FIELD(16, DESC_STR, struct delivery_view, transcript),
	DESC_ARRAY(17, DESC_CUSTOM, struct delivery_view, items, item_count, .custom = &wire_object,
		   .flags = DESC_OPTIONAL),
	DESC_ARRAY(18, DESC_STRUCT, struct delivery_view, attempts, attempt_count,
		   .of = &attempt_desc, .flags = DESC_OPTIONAL),
};
const struct desc delivery_desc = DESC_CALLED("delivery", delivery_view, delivery_fields);

struct delivery_view delivery_view_of(struct arena *a, const struct delivery_row *row)
{
	bool is_final = row->state == DELIVERY_DELIVERED || row->state == DELIVERY_FAILED;

	return (struct delivery_view){
		.id = row->id,
		.channel = row->channel_name,
		.recipient = row->recipient,
		.domain = row->domain_name,
		.reply = row->last.reply,
		.error = row->last.error,
		.transcript = row->last.transcript,
		.kind = (int)row->kind,
		.state = (int)row->state,
		.events = row->events,
		.attempt = row->attempt,
		.status = row->last.status,
		.elapsed_us = row->last.elapsed_us,
		.created_at = row->created_at,
		.due_at = is_final ? 0 : row->due_at,
		.ended_at = row->ended_at,
	};
}

struct list_deliveries {
	struct listing_input page;
	struct str id;
	int state;
};

#define STATE_FIELD                                                                                \
	FIELD_QUERY(FIELD_CHOICE, struct list_deliveries, state, "only those",                     \
		    .words = delivery_state_words)

static const struct field list_fields[] = { LISTING_FIELDS(struct list_deliveries), STATE_FIELD,
					    FIELD_END };
static const struct field list_of_fields[] = {
	FIELD_PATH(FIELD_TEXT, struct list_deliveries, id, "the channel's name or id", .least = 1,
		   .most = CHANNEL_NAME_BYTES, .example = "ops"),
	LISTING_FIELDS(struct list_deliveries), STATE_FIELD, FIELD_END
};

static int deliveries_page(struct request *r, struct listing *list)
{
	const struct list_deliveries *in = r->input.values;
	struct delivery_choice choice = {
		.channel = in->id,
		.state = input_given(&r->input, "state") ? str_of(delivery_state_words[in->state])
							 : STR_NONE,
	};
	struct page page = listing_page(list);
	struct delivery_row *rows;

	TRY_APP(r, app_delivery_list(r->app, &r->actor, list->arena, &choice, &page, &rows,
				     &list->count, &list->next, &r->problem));
	LISTING_SHOW(list, delivery_view_of, rows);
	return 0;
}

const struct operation operation_deliveries_list = {
	.page = deliveries_page,
	.fields = list_fields,
	.input_size = sizeof(struct list_deliveries),
	.shape = &delivery_desc,
	.flags = OPERATION_LIST,
	.help = "The newest first.",
};

const struct operation operation_channels_deliveries = {
	.page = deliveries_page,
	.fields = list_of_fields,
	.input_size = sizeof(struct list_deliveries),
	.shape = &delivery_desc,
	.flags = OPERATION_LIST,
	.codes = { 404 },
	.help = "The newest first.",
};

struct name_delivery {
	struct str id;
};

static const struct field name_fields[] = {
	FIELD_PATH(FIELD_WORD, struct name_delivery, id, "its id", .least = 1, .most = 64,
		   .example = "dlv_01h455vb4pex5vsknk084sn02q"),
	FIELD_END,
};

static struct str event_text(struct arena *a, const struct event_row *event)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	event_json(&w, event);
	return buf_str(&out);
}

static struct attempt_view attempt_of(const struct attempt_outcome *outcome, int64_t at)
{
	return (struct attempt_view){ .at = at,
				      .status = outcome->status,
				      .elapsed_us = outcome->elapsed_us,
				      .error = outcome->error,
				      .reply = outcome->reply };
}

/* The one that delivered it stands in the delivery. */
static void attempts_put(struct arena *a, const struct delivery_row *row,
			 struct delivery_view *view)
{
	view->attempts = arena_array(a, row->attempt_count + 1, sizeof *view->attempts);
	for (size_t i = 0; i < row->attempt_count; i++)
		view->attempts[view->attempt_count++] =
			attempt_of(&row->attempts[i].outcome, row->attempts[i].at);
	if (row->state == DELIVERY_DELIVERED)
		view->attempts[view->attempt_count++] = attempt_of(&row->last, row->ended_at);
}

static int get_answer(struct request *r)
{
	const struct name_delivery *in = r->input.values;
	struct delivery_view view;
	struct event_row *events;
	struct delivery_row row;
	size_t count;

	TRY_APP(r, app_delivery_get(r->app, &r->actor, &r->arena, in->id, &row, &events, &count,
				    &r->problem));
	view = delivery_view_of(&r->arena, &row);
	attempts_put(&r->arena, &row, &view);
	view.items = arena_array(&r->arena, count + 1, sizeof *view.items);
	view.item_count = count;
	for (size_t i = 0; i < count; i++)
		view.items[i] = event_text(&r->arena, &events[i]);
	return answer_struct(r, &view);
}

const struct operation operation_deliveries_get = {
	.handle = get_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_delivery),
	.shape = &delivery_desc,
	.codes = { 404 },
	.help = "items are its events, as /events has them; a digest of very many names the first. "
		"attempts are the newest 20, the oldest of them first.",
};

static int again_answer(struct request *r)
{
	const struct name_delivery *in = r->input.values;
	struct delivery_view view;
	struct delivery_row row;

	TRY_APP(r, app_delivery_again(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	view = delivery_view_of(&r->arena, &row);
	return answer_struct(r, &view);
}

const struct operation operation_deliveries_again = {
	.handle = again_answer,
	.fields = name_fields,
	.input_size = sizeof(struct name_delivery),
	.shape = &delivery_desc,
	.codes = { 404, 409 },
	.help = "Under its id: a receiver that has it can tell.",
};

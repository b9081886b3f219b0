/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: where events go. */
#include "app/channel.h"

#include "base/clock.h"
#include "report/notice.h"
#include "roles/api/accept.h"
#include "roles/api/delivery_view.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"

enum { WAIT_MOST_S = 60 };

struct channel_view {
	struct uuid id;
	struct str name, target, reason, template, media_type, script, signing_secret;
	int kind;
	struct str *to;
	size_t to_count;
	bool to_owner, enabled;
	int64_t heartbeat_s, failures, rest_until, delivered_at, created_at, version;
};

static const struct desc_field channel_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct channel_view, id, .custom = &wire_id_chn),
	DESC_FIELD(2, DESC_STR, struct channel_view, name),
	DESC_FIELD(3, DESC_ENUM, struct channel_view, kind, .names = channel_kind_words),
	DESC_FIELD(4, DESC_STR, struct channel_view, target),
	DESC_ARRAY(5, DESC_STR, struct channel_view, to, to_count, .flags = DESC_OPTIONAL),
	DESC_FIELD(6, DESC_BOOL, struct channel_view, to_owner, .flags = DESC_OPTIONAL),
	DESC_FIELD(7, DESC_STR, struct channel_view, template),
	DESC_FIELD(8, DESC_STR, struct channel_view, media_type),
	DESC_FIELD(9, DESC_STR, struct channel_view, script),
	DESC_FIELD(10, DESC_INT, struct channel_view, heartbeat_s, .flags = DESC_OPTIONAL),
	DESC_FIELD(11, DESC_BOOL, struct channel_view, enabled),
	DESC_FIELD(12, DESC_STR, struct channel_view, reason),
	DESC_FIELD(13, DESC_CUSTOM, struct channel_view, failures, .custom = &wire_count),
	DESC_FIELD(14, DESC_TIME, struct channel_view, rest_until, .flags = DESC_OPTIONAL),
	DESC_FIELD(15, DESC_TIME, struct channel_view, delivered_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(16, DESC_TIME, struct channel_view, created_at),
	DESC_FIELD(17, DESC_INT, struct channel_view, version),
	DESC_FIELD(18, DESC_STR, struct channel_view, signing_secret),
};
static const struct desc channel_desc = DESC_CALLED("channel", channel_view, channel_fields);

static struct channel_view view_of(struct arena *a, const struct channel_row *row)
{
	return (struct channel_view){
		.id = row->id,
		.name = row->name,
		.target = row->settings.shown,
		.reason = row->reason,
		.template = row->settings.template_text,
		.media_type = row->settings.media_type,
		.script = row->settings.script,
		.kind = (int)row->kind,
		.to = row->settings.to,
		.to_count = row->settings.to_count,
		.to_owner = row->settings.is_to_owner,
		.enabled = row->is_enabled,
		.heartbeat_s = row->settings.heartbeat_s,
		.failures = row->failures,
		.rest_until = row->rest_until,
		.delivered_at = row->delivered_at,
		.created_at = row->created_at,
		.version = row->version,
	};
}

static int channel_answer(struct request *r, const struct channel_row *row, struct str signing)
{
	struct channel_view view = view_of(&r->arena, row);

	view.signing_secret = signing;
	r->version = row->version;
	return answer_struct(r, &view);
}

static int channels_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct channel_row *rows;

	TRY_APP(r, app_channel_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				    &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_channels_list = {
	.page = channels_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &channel_desc,
	.flags = OPERATION_LIST,
	.help = "URLs and secrets are shown nowhere; target says where it goes.",
};

struct write_channel {
	struct str id, name, url, signing_secret, template, media_type, script;
	struct str *to;
	size_t to_count;
	uint64_t heartbeat_s;
	int kind;
	bool to_owner, enabled;
};

#define CHANNEL_ID                                                                                 \
	FIELD_PATH(FIELD_TEXT, struct write_channel, id, "name or id", .least = 1,                 \
		   .most = CHANNEL_NAME_BYTES, .example = "ops")
#define WRITE_FIELDS(NEEDED)                                                                        \
	FIELD_BODY(FIELD_TEXT, struct write_channel, name, "once in the workspace", .least = 1,     \
		   .most = CHANNEL_NAME_BYTES, .flags = (NEEDED)),                                  \
		FIELD_BODY(FIELD_TEXT, struct write_channel, url,                                   \
			   "webhook, slack: where to POST; never shown again", .least = 1,          \
			   .most = CHANNEL_URL_BYTES, .flags = FIELD_SECRET,                        \
			   .example = "https://hooks.example.com/dss"),                             \
		FIELD_BODY(FIELD_TEXT, struct write_channel, signing_secret,                        \
			   "webhook: whsec_… of Standard Webhooks; empty: one is made and shown " \
			   "once; the old one is good for a day more",                              \
			   .most = 200, .flags = FIELD_SECRET),                                     \
		FIELD_BODY(FIELD_LINES, struct write_channel, template,                             \
			   "webhook: the body in words of Mustache; empty: ours",                   \
			   .most = CHANNEL_TEMPLATE_BYTES),                                         \
		FIELD_BODY(FIELD_TEXT, struct write_channel, media_type, "of the template",         \
			   .most = 100, .example = "application/json"),                             \
		FIELD_ARRAY(IN_BODY, FIELD_TEXT, struct write_channel, to, to_count, 0,             \
			    "mail: addresses", .least = 3, .most = 254,                             \
			    .items_most = CHANNEL_ADDRESSES, .example = "ops@example.com"),         \
		FIELD_BODY(FIELD_BOOL, struct write_channel, to_owner,                              \
			   "mail: to the domain's owner, where that is an address"),                \
		FIELD_BODY(FIELD_TEXT, struct write_channel, script,                                \
			   "script: a file's name in the folder notify.scripts", .least = 1,        \
			   .most = 100),                                                            \
		FIELD_BODY(FIELD_UINT, struct write_channel, heartbeat_s,                           \
			   "a message when nothing was told for so many seconds; 0: none",          \
			   .most = 366 * 86400),                                                    \
		FIELD_BODY(FIELD_BOOL, struct write_channel, enabled, "false: nothing goes there")

static const struct field add_fields[] = { FIELD_BODY(FIELD_CHOICE, struct write_channel, kind,
						      "how it goes", .words = channel_kind_words,
						      .flags = FIELD_REQUIRED),
					   WRITE_FIELDS(FIELD_REQUIRED), FIELD_END };
static const struct field update_fields[] = { CHANNEL_ID, WRITE_FIELDS(0), FIELD_END };
static const struct field id_fields[] = { CHANNEL_ID, FIELD_END };

static struct channel_input input_of(const struct request *r)
{
	const struct write_channel *in = r->input.values;
	const struct input *given = &r->input;

	return (struct channel_input){
		.has_name = input_given(given, "name"),
		.has_kind = true,
		.has_url = input_given(given, "url"),
		.has_signing = input_given(given, "signing_secret"),
		.has_to = input_given(given, "to"),
		.has_to_owner = input_given(given, "to_owner"),
		.has_template = input_given(given, "template"),
		.has_media_type = input_given(given, "media_type"),
		.has_script = input_given(given, "script"),
		.has_heartbeat = input_given(given, "heartbeat_s"),
		.has_enabled = input_given(given, "enabled"),
		.name = in->name,
		.kind = str_of(channel_kind_words[in->kind]),
		.url = in->url,
		.signing = in->signing_secret,
		.to = in->to,
		.to_count = in->to_count,
		.is_to_owner = in->to_owner,
		.template_text = in->template,
		.media_type = in->media_type,
		.script = in->script,
		.heartbeat_s = (int64_t)in->heartbeat_s,
		.is_enabled = in->enabled,
	};
}

/* The layer app does not render: a template that cannot be is refused here. */
static bool is_template_good(struct request *r)
{
	const struct write_channel *in = r->input.values;
	struct str media_type = in->media_type.len ? in->media_type : STR_LIT("application/json");
	struct err why = { 0 };

	if (!in->template.len ||
	    notice_template_check(&r->arena, in->template, media_type, &why) == 0)
		return true;
	complain(&r->complaints, PLACE_BODY, STR_LIT("/template"), "template", "%s", why.text);
	return false;
}

static int add_answer(struct request *r)
{
	struct channel_input input = input_of(r);
	struct channel_row row;
	struct str signing;

	if (!is_template_good(r))
		return answer_complaints(r);
	TRY_APP(r,
		app_channel_add(r->app, &r->actor, &r->arena, &input, &row, &signing, &r->problem));
	answer_location(r, "channels", wire_id(&r->arena, "chn", row.id));
	return channel_answer(r, &row, signing);
}

const struct operation operation_channels_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct write_channel),
	.shape = &channel_desc,
	.codes = { 409, 422, 429 },
	.help = "signing_secret is in the answer when it was made here, this once.",
};

static int get_answer(struct request *r)
{
	const struct write_channel *in = r->input.values;
	struct channel_row row;

	TRY_APP(r, app_channel_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return channel_answer(r, &row, STR_NONE);
}

const struct operation operation_channels_get = {
	.handle = get_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_channel),
	.shape = &channel_desc,
	.codes = { 404 },
};

static int update_answer(struct request *r)
{
	const struct write_channel *in = r->input.values;
	struct channel_input input = input_of(r);
	struct channel_row row;
	struct str signing;
	int64_t version;

	if (!is_template_good(r))
		return answer_complaints(r);
	if (if_match_read(r, &version) < 0)
		return 0;
	TRY_APP(r, app_channel_update(r->app, &r->actor, &r->arena, in->id, version, &input, &row,
				      &signing, &r->problem));
	return channel_answer(r, &row, signing);
}

const struct operation operation_channels_update = {
	.handle = update_answer,
	.fields = update_fields,
	.input_size = sizeof(struct write_channel),
	.shape = &channel_desc,
	.flags = OPERATION_PATCH | OPERATION_IF_MATCH,
	.codes = { 404, 409, 412, 422, 428 },
	.help = "enabled true forgets its failures. What happened while it was off stays untold.",
};

static int delete_answer(struct request *r)
{
	const struct write_channel *in = r->input.values;
	int64_t version = 0;

	if (if_match_read_optional(r, &version) < 0)
		return 0;
	TRY_APP(r, app_channel_delete(r->app, &r->actor, in->id, version, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_channels_delete = {
	.handle = delete_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_channel),
	.codes = { 404, 412 },
	.help = "Its log of deliveries goes with it.",
};

/* ---- test ---- */

static int test_look(struct request *r)
{
	const struct str *id = r->again_state;
	struct delivery_view view;
	struct event_row *events;
	struct delivery_row row;
	size_t count;
	struct json w;
	bool is_final;

	TRY_APP(r, app_delivery_get(r->app, &r->actor, &r->arena, *id, &row, &events, &count,
				    &r->problem));
	is_final = row.state == DELIVERY_DELIVERED || row.state == DELIVERY_FAILED;
	if (!is_final && clock_monotonic_us() < r->again_us)
		return 0;
	view = delivery_view_of(&r->arena, &row);
	w = answer_json(r, is_final ? 200 : 202);
	desc_json(&w, &delivery_desc, &view);
	return 0;
}

static int test_answer(struct request *r)
{
	const struct write_channel *in = r->input.values;
	unsigned seconds = MIN(prefer_wait(request_header(r, "Prefer")), (unsigned)WAIT_MOST_S);
	struct str *id = ARENA_NEW(&r->arena, struct str);
	struct delivery_view view;
	struct delivery_row row;

	TRY_APP(r, app_channel_test(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	*id = wire_id(&r->arena, "dlv", row.id);
	answer_location(r, "deliveries", *id);
	if (!seconds) {
		view = delivery_view_of(&r->arena, &row);
		return answer_struct(r, &view);
	}
	r->again = test_look;
	r->again_state = id;
	r->again_us = r->begun_us + (int64_t)seconds * 1000000;
	answer_header(r, "Preference-Applied", str_printf(&r->arena, "wait=%u", seconds).data);
	return test_look(r);
}

const struct operation operation_channels_test = {
	.handle = test_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_channel),
	.shape = &delivery_desc,
	.codes = { 404, 409 },
	.help = "A message that says that it is a test. With Prefer: wait=N the answer is how it "
		"went, as "
		"soon as that is known.",
};

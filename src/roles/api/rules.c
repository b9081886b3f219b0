/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: which events go to which channels. */
#include "app/rule.h"

#include "app/digest.h"
#include "app/event.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"

struct rule_view {
	struct uuid id;
	struct str name, events, immediate, selector, area, digest_at;
	int min_severity;
	struct str *to;
	size_t to_count;
	bool enabled;
	int64_t digest_s, created_at, version;
};

static const struct desc_field rule_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct rule_view, id, .custom = &wire_id_rul),
	DESC_FIELD(2, DESC_STR, struct rule_view, name),
	DESC_FIELD(3, DESC_STR, struct rule_view, events),
	DESC_FIELD(4, DESC_STR, struct rule_view, immediate),
	DESC_FIELD(5, DESC_STR, struct rule_view, selector),
	DESC_FIELD(6, DESC_STR, struct rule_view, area),
	DESC_FIELD(7, DESC_ENUM, struct rule_view, min_severity, .names = severity_words),
	DESC_FIELD(8, DESC_CUSTOM, struct rule_view, digest_s, .custom = &wire_count),
	DESC_ARRAY(9, DESC_STR, struct rule_view, to, to_count),
	DESC_FIELD(10, DESC_BOOL, struct rule_view, enabled),
	DESC_FIELD(11, DESC_TIME, struct rule_view, created_at),
	DESC_FIELD(12, DESC_INT, struct rule_view, version),
	DESC_FIELD(13, DESC_STR, struct rule_view, digest_at),
};
static const struct desc rule_desc = DESC_CALLED("rule", rule_view, rule_fields);

static struct rule_view view_of(struct arena *a, const struct rule_row *row)
{
	return (struct rule_view){
		.id = row->id,
		.name = row->name,
		.events = row->events,
		.immediate = row->immediate,
		.selector = row->selector,
		.area = row->area,
		.min_severity = (int)row->severity,
		.to = row->names,
		.to_count = row->channel_count,
		.enabled = row->is_enabled,
		.digest_s = row->digest_s,
		.digest_at = row->digest_at,
		.created_at = row->created_at,
		.version = row->version,
	};
}

static int rule_answer(struct request *r, const struct rule_row *row)
{
	struct rule_view view = view_of(&r->arena, row);

	r->version = row->version;
	return answer_struct(r, &view);
}

static int rules_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct rule_row *rows;

	TRY_APP(r, app_rule_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				 &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_rules_list = {
	.page = rules_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &rule_desc,
	.flags = OPERATION_LIST,
};

struct write_rule {
	struct str id, name, events, immediate, selector, area, digest_at;
	uint64_t digest_s;
	int min_severity;
	struct str *to;
	size_t to_count;
	bool enabled;
	uint32_t days;
};

#define RULE_ID                                                                                    \
	FIELD_PATH(FIELD_TEXT, struct write_rule, id, "name or id", .least = 1,                    \
		   .most = RULE_NAME_BYTES, .example = "ops")
#define FILTER_FIELDS                                                                              \
	FIELD_BODY(FIELD_TEXT, struct write_rule, events,                                          \
		   "types of events, with stars and blanks; *: all news", .most = 1024,            \
		   .example = "finding.* *.expiring"),                                             \
		FIELD_BODY(FIELD_TEXT, struct write_rule, immediate,                               \
			   "those that wait for no digest; none: all wait", .most = 1024),         \
		FIELD_BODY(FIELD_TEXT, struct write_rule, selector,                                \
			   "all, tag:corp, owner:…, name:*.example.com", .least = 1, .most = 512), \
		FIELD_BODY(FIELD_TEXT, struct write_rule, area,                                    \
			   "mail, or the first words of check ids: mail.spf; empty: any",          \
			   .most = 100),                                                           \
		FIELD_BODY(FIELD_CHOICE, struct write_rule, min_severity, "the least",             \
			   .words = severity_words),                                               \
		FIELD_BODY(FIELD_UINT, struct write_rule, digest_s,                                \
			   "seconds that events are gathered; 0: each by itself; 900",             \
			   .most = RULE_DIGEST_MAX_S),                                             \
		FIELD_BODY(FIELD_TEXT, struct write_rule, digest_at,                               \
			   "digests at an hour instead: daily 08:00 Europe/Berlin, weekly mon "    \
			   "07:30; empty: digest_s",                                               \
			   .most = DIGEST_AT_BYTES)
#define WRITE_FIELDS(NEEDED)                                                                       \
	FIELD_BODY(FIELD_TEXT, struct write_rule, name, "once in the workspace", .least = 1,       \
		   .most = RULE_NAME_BYTES, .flags = (NEEDED)),                                    \
		FILTER_FIELDS,                                                                     \
		FIELD_ARRAY(IN_BODY, FIELD_TEXT, struct write_rule, to, to_count, (NEEDED),        \
			    "channels, by name or id", .least = 1, .most = 80,                     \
			    .items_most = RULE_CHANNELS, .example = "ops"),                        \
		FIELD_BODY(FIELD_BOOL, struct write_rule, enabled, "false pauses it")
#define DAYS_FIELD(KIND)                                                                           \
	KIND(FIELD_UINT, struct write_rule, days, "how far to look back", .least = 1,              \
	     .most = PREVIEW_DAYS, .fallback = "7")

static const struct field add_fields[] = { WRITE_FIELDS(FIELD_REQUIRED), FIELD_END };
static const struct field update_fields[] = { RULE_ID, WRITE_FIELDS(0), FIELD_END };
static const struct field id_fields[] = { RULE_ID, FIELD_END };
static const struct field preview_fields[] = { RULE_ID, DAYS_FIELD(FIELD_QUERY), FIELD_END };
static const struct field try_fields[] = { FILTER_FIELDS, DAYS_FIELD(FIELD_BODY), FIELD_END };

static struct rule_input input_of(const struct request *r)
{
	const struct write_rule *in = r->input.values;
	const struct input *given = &r->input;

	return (struct rule_input){
		.has_name = input_given(given, "name"),
		.has_events = input_given(given, "events"),
		.has_immediate = input_given(given, "immediate"),
		.has_selector = input_given(given, "selector"),
		.has_area = input_given(given, "area"),
		.has_severity = input_given(given, "min_severity"),
		.has_digest = input_given(given, "digest_s"),
		.has_digest_at = input_given(given, "digest_at"),
		.has_channels = input_given(given, "to"),
		.has_enabled = input_given(given, "enabled"),
		.name = in->name,
		.events = in->events,
		.immediate = in->immediate,
		.selector = in->selector,
		.area = in->area,
		.severity = str_of(severity_words[in->min_severity]),
		.digest_s = (int64_t)in->digest_s,
		.digest_at = in->digest_at,
		.channels = in->to,
		.channel_count = in->to_count,
		.is_enabled = in->enabled,
	};
}

static int add_answer(struct request *r)
{
	struct rule_input input = input_of(r);
	struct rule_row row;

	TRY_APP(r, app_rule_add(r->app, &r->actor, &r->arena, &input, &row, &r->problem));
	answer_location(r, "rules", wire_id(&r->arena, "rul", row.id));
	return rule_answer(r, &row);
}

const struct operation operation_rules_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct write_rule),
	.shape = &rule_desc,
	.codes = { 409, 422, 429 },
	.help = "It counts for events from now on.",
};

static int get_answer(struct request *r)
{
	const struct write_rule *in = r->input.values;
	struct rule_row row;

	TRY_APP(r, app_rule_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return rule_answer(r, &row);
}

const struct operation operation_rules_get = {
	.handle = get_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_rule),
	.shape = &rule_desc,
	.codes = { 404 },
};

static int update_answer(struct request *r)
{
	const struct write_rule *in = r->input.values;
	struct rule_input input = input_of(r);
	struct rule_row row;
	int64_t version;

	if (if_match_read(r, &version) < 0)
		return 0;
	TRY_APP(r, app_rule_update(r->app, &r->actor, &r->arena, in->id, version, &input, &row,
				   &r->problem));
	return rule_answer(r, &row);
}

const struct operation operation_rules_update = {
	.handle = update_answer,
	.fields = update_fields,
	.input_size = sizeof(struct write_rule),
	.shape = &rule_desc,
	.flags = OPERATION_PATCH | OPERATION_IF_MATCH,
	.codes = { 404, 409, 412, 422, 428 },
};

static int delete_answer(struct request *r)
{
	const struct write_rule *in = r->input.values;
	int64_t version = 0;

	if (if_match_read_optional(r, &version) < 0)
		return 0;
	TRY_APP(r, app_rule_delete(r->app, &r->actor, in->id, version, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_rules_delete = {
	.handle = delete_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_rule),
	.codes = { 404, 412 },
};

/* ---- preview ---- */

struct message_view {
	int64_t at, events;
	bool digest;
	struct str first;
};

static const struct desc_field message_fields[] = {
	DESC_FIELD(1, DESC_TIME, struct message_view, at),
	DESC_FIELD(2, DESC_BOOL, struct message_view, digest),
	DESC_FIELD(3, DESC_INT, struct message_view, events),
	DESC_FIELD(4, DESC_CUSTOM, struct message_view, first, .custom = &wire_object),
};
static const struct desc message_desc = DESC_CALLED("message", message_view, message_fields);

struct preview_view {
	int64_t from, events, wanted, digests, alone;
	bool cut;
	struct message_view *messages;
	size_t message_count;
};

static const struct desc_field preview_view_fields[] = {
	DESC_FIELD(1, DESC_TIME, struct preview_view, from, .flags = DESC_OPTIONAL),
	DESC_FIELD(2, DESC_CUSTOM, struct preview_view, events, .custom = &wire_count),
	DESC_FIELD(3, DESC_BOOL, struct preview_view, cut),
	DESC_FIELD(4, DESC_CUSTOM, struct preview_view, wanted, .custom = &wire_count),
	DESC_FIELD(5, DESC_CUSTOM, struct preview_view, digests, .custom = &wire_count),
	DESC_FIELD(6, DESC_CUSTOM, struct preview_view, alone, .custom = &wire_count),
	DESC_ARRAY(7, DESC_STRUCT, struct preview_view, messages, message_count,
		   .of = &message_desc),
};
static const struct desc preview_desc =
	DESC_CALLED("rule_preview", preview_view, preview_view_fields);

static struct str event_text(struct arena *a, const struct event_row *event)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	event_json(&w, event);
	return buf_str(&out);
}

static int preview(struct request *r, const struct rule_input *input)
{
	const struct write_rule *in = r->input.values;
	struct preview_view view;
	struct preview looked;

	TRY_APP(r, app_rule_preview(r->app, &r->actor, &r->arena, in->id, input, in->days, &looked,
				    &r->problem));
	view = (struct preview_view){ .from = looked.from,
				      .events = looked.events,
				      .wanted = looked.wanted,
				      .digests = looked.digests,
				      .alone = looked.alone,
				      .cut = looked.is_cut,
				      .message_count = looked.message_count };
	view.messages = arena_array(&r->arena, looked.message_count + 1, sizeof *view.messages);
	for (size_t i = 0; i < looked.message_count; i++)
		view.messages[i] =
			(struct message_view){ .at = looked.messages[i].at,
					       .events = looked.messages[i].events,
					       .digest = looked.messages[i].is_digest,
					       .first = event_text(&r->arena,
								   &looked.messages[i].first) };
	return answer_struct(r, &view);
}

static int preview_answer(struct request *r)
{
	return preview(r, NULL);
}

const struct operation operation_rules_preview = {
	.handle = preview_answer,
	.fields = preview_fields,
	.input_size = sizeof(struct write_rule),
	.shape = &preview_desc,
	.codes = { 404 },
	.help = "What it would have sent to each of its channels, as domains are tagged now. The "
		"newest "
		"messages are shown; cut: there were more events than are looked at.",
};

static int try_answer(struct request *r)
{
	struct rule_input input = input_of(r);

	return preview(r, &input);
}

const struct operation operation_rules_try = {
	.handle = try_answer,
	.fields = try_fields,
	.input_size = sizeof(struct write_rule),
	.shape = &preview_desc,
	.codes = { 422 },
	.help = "A rule that is not there yet: nothing is stored.",
};

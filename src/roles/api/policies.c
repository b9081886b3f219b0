/* SPDX-License-Identifier: Apache-2.0 */
/* Policies: what owners say of checks and findings. */
#include "app/policy.h"

#include "checks/families.h"
#include "roles/api/etag.h"
#include "roles/api/listing.h"
#include "roles/api/wire.h"

struct policy_view {
	struct uuid id;
	struct str name, selector, rules;
	int64_t created_at, version;
};

static const struct desc_field policy_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct policy_view, id, .custom = &wire_id_pol),
	DESC_FIELD(2, DESC_STR, struct policy_view, name),
	DESC_FIELD(3, DESC_STR, struct policy_view, selector),
	DESC_FIELD(4, DESC_CUSTOM, struct policy_view, rules, .custom = &wire_object),
	DESC_FIELD(5, DESC_TIME, struct policy_view, created_at),
	DESC_FIELD(6, DESC_INT, struct policy_view, version),
};
static const struct desc policy_view_desc = DESC_CALLED("policy", policy_view, policy_fields);

static struct policy_view view_of(struct arena *a, const struct policy_row *row)
{
	return (struct policy_view){ .id = row->id,
				     .name = row->name,
				     .selector = row->selector,
				     .rules = row->document,
				     .created_at = row->created_at,
				     .version = row->version };
}

static int policy_answer(struct request *r, const struct policy_row *row)
{
	struct policy_view view = view_of(&r->arena, row);

	r->version = row->version;
	return answer_struct(r, &view);
}

static int policies_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct policy_row *rows;

	TRY_APP(r, app_policy_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				   &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_policies_list = {
	.page = policies_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &policy_view_desc,
	.flags = OPERATION_LIST,
};

struct write_policy {
	struct str id, name, selector, rules;
};

#define POLICY_ID                                                                                  \
	FIELD_PATH(FIELD_TEXT, struct write_policy, id, "name or id", .least = 1,                  \
		   .most = POLICY_NAME_BYTES, .example = "corporate")
#define WRITE_FIELDS(NEEDED)                                                                       \
	FIELD_BODY(FIELD_TEXT, struct write_policy, name, "once in the workspace", .least = 1,     \
		   .most = POLICY_NAME_BYTES, .flags = (NEEDED)),                                  \
		FIELD_BODY(FIELD_TEXT, struct write_policy, selector,                              \
			   "whose findings: all, tag:corp, owner:…, name:*.example.com",           \
			   .least = 1, .most = 512),                                               \
		FIELD_BODY(FIELD_JSON, struct write_policy, rules,                                 \
			   "checks, accept and expect, as in a policy file",                       \
			   .most = POLICY_DOCUMENT_BYTES,                                          \
			   .example = "{\"checks\":{\"mail.bimi\":\"off\"}}")

static const struct field add_fields[] = { WRITE_FIELDS(FIELD_REQUIRED), FIELD_END };
static const struct field update_fields[] = { POLICY_ID, WRITE_FIELDS(0), FIELD_END };
static const struct field id_fields[] = { POLICY_ID, FIELD_END };

static struct policy_input input_of(struct request *r)
{
	const struct write_policy *in = r->input.values;

	return (struct policy_input){
		.has_name = input_given(&r->input, "name"),
		.has_selector = input_given(&r->input, "selector"),
		.has_rules = input_given(&r->input, "rules"),
		.name = in->name,
		.selector = in->selector,
		.rules = in->rules,
		.check_ids = check_ids(&r->arena),
	};
}

static int add_answer(struct request *r)
{
	struct policy_input input = input_of(r);
	struct policy_row row;

	TRY_APP(r, app_policy_add(r->app, &r->actor, &r->arena, &input, &row, &r->problem));
	answer_location(r, "policies", wire_id(&r->arena, "pol", row.id));
	return policy_answer(r, &row);
}

const struct operation operation_policies_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct write_policy),
	.shape = &policy_view_desc,
	.codes = { 409, 422, 429 },
	.help = "It holds from each domain's next scan on.",
};

static int get_answer(struct request *r)
{
	const struct write_policy *in = r->input.values;
	struct policy_row row;

	TRY_APP(r, app_policy_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return policy_answer(r, &row);
}

const struct operation operation_policies_get = {
	.handle = get_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_policy),
	.shape = &policy_view_desc,
	.codes = { 404 },
};

static int update_answer(struct request *r)
{
	const struct write_policy *in = r->input.values;
	struct policy_input input = input_of(r);
	struct policy_row row;
	int64_t version;

	if (if_match_read(r, &version) < 0)
		return 0;
	TRY_APP(r, app_policy_update(r->app, &r->actor, &r->arena, in->id, version, &input, &row,
				     &r->problem));
	return policy_answer(r, &row);
}

const struct operation operation_policies_update = {
	.handle = update_answer,
	.fields = update_fields,
	.input_size = sizeof(struct write_policy),
	.shape = &policy_view_desc,
	.flags = OPERATION_PATCH | OPERATION_IF_MATCH,
	.codes = { 404, 409, 412, 422, 428 },
	.help = "rules are taken as a whole.",
};

static int delete_answer(struct request *r)
{
	const struct write_policy *in = r->input.values;
	int64_t version = 0;

	if (if_match_read_optional(r, &version) < 0)
		return 0;
	TRY_APP(r, app_policy_delete(r->app, &r->actor, in->id, version, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_policies_delete = {
	.handle = delete_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_policy),
	.codes = { 404, 412 },
	.help = "What it accepted counts again from the domains' next scans on.",
};

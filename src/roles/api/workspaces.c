/* SPDX-License-Identifier: Apache-2.0 */
/* Workspaces: who shares nothing with the others, and how much they may use. */
#include "app/workspace.h"

#include "roles/api/listing.h"
#include "roles/api/wire.h"

struct quotas_view {
	int64_t max_domains, max_scans_per_day, max_scans_in_flight, max_requests_per_minute;
};

static const struct desc_field quotas_fields[] = {
	DESC_FIELD(1, DESC_INT, struct quotas_view, max_domains),
	DESC_FIELD(2, DESC_INT, struct quotas_view, max_scans_per_day),
	DESC_FIELD(3, DESC_INT, struct quotas_view, max_scans_in_flight),
	DESC_FIELD(4, DESC_INT, struct quotas_view, max_requests_per_minute),
};
static const struct desc quotas_desc = DESC_CALLED("quotas", quotas_view, quotas_fields);

struct workspace_view {
	struct uuid id;
	struct str name;
	struct quotas_view quotas;
	int64_t domains, scans_today, created_at, version;
};

static const struct desc_field workspace_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct workspace_view, id, .custom = &wire_id_wsp),
	DESC_FIELD(2, DESC_STR, struct workspace_view, name),
	DESC_FIELD(3, DESC_STRUCT, struct workspace_view, quotas, .of = &quotas_desc),
	DESC_FIELD(4, DESC_INT, struct workspace_view, domains),
	DESC_FIELD(5, DESC_INT, struct workspace_view, scans_today),
	DESC_FIELD(6, DESC_TIME, struct workspace_view, created_at),
	DESC_FIELD(7, DESC_INT, struct workspace_view, version),
};
static const struct desc workspace_desc =
	DESC_CALLED("workspace", workspace_view, workspace_fields);

static struct workspace_view view_of(struct arena *a, const struct workspace_row *row)
{
	return (struct workspace_view){
		.id = row->id,
		.name = row->name,
		.quotas = { row->quotas.max_domains, row->quotas.max_scans_per_day,
			    row->quotas.max_scans_in_flight, row->quotas.max_requests_per_minute },
		.domains = row->domains,
		.scans_today = row->scans_today,
		.created_at = row->created_at,
		.version = row->version,
	};
}

static int workspace_answer(struct request *r, const struct workspace_row *row)
{
	struct workspace_view view = view_of(&r->arena, row);

	r->version = row->version;
	return answer_struct(r, &view);
}

static int workspaces_page(struct request *r, struct listing *list)
{
	struct page page = listing_page(list);
	struct workspace_row *rows;

	TRY_APP(r, app_workspace_list(r->app, &r->actor, list->arena, &page, &rows, &list->count,
				      &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_workspaces_list = {
	.page = workspaces_page,
	.fields = listing_fields,
	.input_size = sizeof(struct listing_only),
	.shape = &workspace_desc,
	.flags = OPERATION_LIST,
	.help = "Admins of the workspace default see all; everybody else the own one.",
};

struct write_workspace {
	struct str id, name;
	uint64_t max_domains, max_scans_per_day, max_scans_in_flight, max_requests_per_minute;
};

enum { QUOTA_MOST = 1000000000 };

#define WORKSPACE_ID                                                                               \
	FIELD_PATH(FIELD_WORD, struct write_workspace, id, "name or id", .least = 1, .most = 64,   \
		   .example = "default")
#define QUOTA(M, HELP) FIELD_BODY(FIELD_UINT, struct write_workspace, M, HELP, .most = QUOTA_MOST)
#define WRITE_FIELDS                                                                               \
	QUOTA(max_domains, "0: no limit"), QUOTA(max_scans_per_day, "by UTC day; 0: no limit"),    \
		QUOTA(max_scans_in_flight, "running at once, more wait; 0: no limit"),             \
		QUOTA(max_requests_per_minute, "of one key or session; 0: no limit")
#define NAME_FIELD(FLAGS)                                                                          \
	FIELD_BODY(FIELD_WORD, struct write_workspace, name,                                       \
		   "lower-case letters, digits and hyphens", .least = 1,                           \
		   .most = WORKSPACE_NAME_BYTES, .flags = (FLAGS))

static const struct field add_fields[] = { NAME_FIELD(FIELD_REQUIRED), WRITE_FIELDS, FIELD_END };
static const struct field update_fields[] = { WORKSPACE_ID, NAME_FIELD(0), WRITE_FIELDS,
					      FIELD_END };
static const struct field id_fields[] = { WORKSPACE_ID, FIELD_END };

static struct workspace_input input_of(const struct request *r)
{
	const struct write_workspace *in = r->input.values;
	const struct input *given = &r->input;

	return (struct workspace_input){
		.has_name = input_given(given, "name"),
		.has_max_domains = input_given(given, "max_domains"),
		.has_max_scans_per_day = input_given(given, "max_scans_per_day"),
		.has_max_scans_in_flight = input_given(given, "max_scans_in_flight"),
		.has_max_requests_per_minute = input_given(given, "max_requests_per_minute"),
		.name = in->name,
		.quotas = { (int64_t)in->max_domains, (int64_t)in->max_scans_per_day,
			    (int64_t)in->max_scans_in_flight,
			    (int64_t)in->max_requests_per_minute },
	};
}

static int add_answer(struct request *r)
{
	struct workspace_input input = input_of(r);
	struct workspace_row row;

	TRY_APP(r, app_workspace_add(r->app, &r->actor, &r->arena, &input, &row, &r->problem));
	answer_location(r, "workspaces", row.name);
	return workspace_answer(r, &row);
}

const struct operation operation_workspaces_add = {
	.handle = add_answer,
	.fields = add_fields,
	.input_size = sizeof(struct write_workspace),
	.shape = &workspace_desc,
	.codes = { 403, 409, 422 },
	.help = "For admins of the workspace default. They work inside of another by sending "
		"Dss-Workspace with its name.",
};

static int get_answer(struct request *r)
{
	const struct write_workspace *in = r->input.values;
	struct workspace_row row;

	TRY_APP(r, app_workspace_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return workspace_answer(r, &row);
}

const struct operation operation_workspaces_get = {
	.handle = get_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_workspace),
	.shape = &workspace_desc,
	.codes = { 404 },
};

static int update_answer(struct request *r)
{
	const struct write_workspace *in = r->input.values;
	struct workspace_input input = input_of(r);
	struct workspace_row row;
	int64_t version;

	if (if_match_read(r, &version) < 0)
		return 0;
	TRY_APP(r, app_workspace_update(r->app, &r->actor, &r->arena, in->id, version, &input, &row,
					&r->problem));
	return workspace_answer(r, &row);
}

const struct operation operation_workspaces_update = {
	.handle = update_answer,
	.fields = update_fields,
	.input_size = sizeof(struct write_workspace),
	.shape = &workspace_desc,
	.flags = OPERATION_PATCH | OPERATION_IF_MATCH,
	.codes = { 403, 404, 409, 412, 422, 428 },
};

static int delete_answer(struct request *r)
{
	const struct write_workspace *in = r->input.values;
	int64_t version = 0;

	if (if_match_read_optional(r, &version) < 0)
		return 0;
	TRY_APP(r, app_workspace_delete(r->app, &r->actor, in->id, version, &r->problem));
	return answer_empty(r, 204);
}

const struct operation operation_workspaces_delete = {
	.handle = delete_answer,
	.fields = id_fields,
	.input_size = sizeof(struct write_workspace),
	.codes = { 403, 404, 409, 412 },
	.help = "Only one without domains, users and keys.",
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Who has a part of this installation, and how much of it? */
#include "app/workspace.h"

#include "app/named.h"
#include "app/record.h"
#include "app/text.h"
#include "base/json.h"

struct call {
	const struct actor *actor;
	struct arena *a;
	struct str name_or_id;
	int64_t version;
	const struct workspace_input *input;
	struct str name; /* input's, checked */
	struct workspace_row row;
	struct problem *problem;
	const struct page *page;
	struct workspace_row *rows;
	size_t count;
	struct str next;
};

static bool runs_installation(const struct actor *actor)
{
	return actor->workspace == WORKSPACE_DEFAULT &&
	       (actor->scopes & role_scopes(actor->role) & SCOPE_WORKSPACES_WRITE);
}

/* Writing is for the admins of the default workspace. */
static int may_write(const struct actor *actor, struct problem *problem)
{
	TRY(actor_may(actor, SCOPE_WORKSPACES_WRITE, problem));
	if (actor->workspace == WORKSPACE_DEFAULT)
		return 0;
	return err_set(&problem->err, -EACCES,
		       "only admins of the workspace default make and change workspaces");
}

/* The row that name_or_id means, when the actor may know of it. */
static int find_row(struct store_tx *tx, struct call *call, struct err *err)
{
	struct str text = call->name_or_id;
	struct workspace_row row;
	struct uuid id;

	if (!text.len)
		TRY(workspace_get(tx, call->actor->workspace, &row, err));
	else if (!id_parse(text, "wsp", &id, NULL))
		TRY(workspace_by_id(tx, id, &row, err));
	else
		TRY(workspace_find(tx, text, &row, err));
	if (row.no != call->actor->workspace && !runs_installation(call->actor))
		return err_set(err, -ENOENT, "no such workspace");
	call->row = row;
	return 0;
}

static int find_for_write(struct store_tx *tx, struct call *call, struct err *err)
{
	TRY(find_row(tx, call, err));
	return version_check(call->version, call->row.version, call->row.name, call->problem, err);
}

static void quota_put(struct json *w, const char *key, int64_t value)
{
	if (!value)
		return;
	json_key(w, key);
	json_int(w, value);
}

static struct str workspace_json(struct arena *a, const struct workspace_row *row)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "name");
	json_str(&w, row->name);
	quota_put(&w, "max_domains", row->quotas.max_domains);
	quota_put(&w, "max_scans_per_day", row->quotas.max_scans_per_day);
	quota_put(&w, "max_scans_in_flight", row->quotas.max_scans_in_flight);
	quota_put(&w, "max_requests_per_minute", row->quotas.max_requests_per_minute);
	json_end(&w);
	return buf_str(&out);
}

/* A name is part of addresses: lower-case letters, digits, hyphens. */
static void name_read(struct call *call, struct problem *problem)
{
	struct str name = str_trim(call->input->name);

	if (!name.len || name.len > WORKSPACE_NAME_BYTES) {
		problem_add(problem, STR_LIT("/name"), "name", "a name has 1 to %d characters",
			    WORKSPACE_NAME_BYTES);
		return;
	}
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (char_is_digit(c) || (c >= 'a' && c <= 'z') || (c == '-' && i))
			continue;
		problem_add(
			problem, STR_LIT("/name"), "name",
			"column %zu: a name has lower-case letters and digits, and hyphens inside",
			i + 1);
		return;
	}
	call->name = name;
}

static void quota_read(bool is_given, int64_t value, const char *pointer, struct problem *problem)
{
	if (is_given && (value < 0 || value > INT64_C(1000000000000)))
		problem_add(problem, str_of(pointer), "range", "0 (no limit) to 1,000,000,000,000");
}

static int input_read(struct call *call, struct problem *problem)
{
	const struct workspace_input *input = call->input;
	const struct quotas *q = &input->quotas;

	if (input->has_name)
		name_read(call, problem);
	quota_read(input->has_max_domains, q->max_domains, "/max_domains", problem);
	quota_read(input->has_max_scans_per_day, q->max_scans_per_day, "/max_scans_per_day",
		   problem);
	quota_read(input->has_max_scans_in_flight, q->max_scans_in_flight, "/max_scans_in_flight",
		   problem);
	quota_read(input->has_max_requests_per_minute, q->max_requests_per_minute,
		   "/max_requests_per_minute", problem);
	return problem_code(problem);
}

static void input_apply(const struct call *call, struct workspace_row *row)
{
	const struct workspace_input *input = call->input;

	if (input->has_name)
		row->name = call->name;
	if (input->has_max_domains)
		row->quotas.max_domains = input->quotas.max_domains;
	if (input->has_max_scans_per_day)
		row->quotas.max_scans_per_day = input->quotas.max_scans_per_day;
	if (input->has_max_scans_in_flight)
		row->quotas.max_scans_in_flight = input->quotas.max_scans_in_flight;
	if (input->has_max_requests_per_minute)
		row->quotas.max_requests_per_minute = input->quotas.max_requests_per_minute;
}

static int add_workspace(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	call->row = (struct workspace_row){ 0 };
	input_apply(call, &call->row);
	TRY(workspace_insert(tx, &call->row, err));
	return record_audit(tx, call->actor, "workspace.create", call->row.name, STR_NONE,
			    workspace_json(tx->a, &call->row), err);
}

int app_workspace_add(struct app *app, const struct actor *actor, struct arena *a,
		      const struct workspace_input *input, struct workspace_row *ret,
		      struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .input = input, .problem = problem };

	TRY(may_write(actor, problem));
	if (!input->has_name)
		problem_add(problem, STR_LIT("/name"), "required", "a workspace needs a name");
	TRY(input_read(&call, problem));
	TRY(store_write(app->store, add_workspace, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int get_workspace(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return find_row(tx, call, err);
}

int app_workspace_get(struct app *app, const struct actor *actor, struct arena *a,
		      struct str name_or_id, struct workspace_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .name_or_id = name_or_id };

	TRY(actor_may(actor, SCOPE_WORKSPACES_READ, problem));
	TRY(store_read(app->store, get_workspace, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int list_workspaces(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	if (runs_installation(call->actor))
		return workspace_list(tx, call->page, &call->rows, &call->count, &call->next, err);
	TRY(find_row(tx, call, err)); /* name_or_id is empty: the own one */
	call->rows = &call->row;
	call->count = 1;
	return 0;
}

int app_workspace_list(struct app *app, const struct actor *actor, struct arena *a,
		       const struct page *page, struct workspace_row **ret, size_t *ret_count,
		       struct str *ret_next, struct problem *problem)
{
	struct call *call = ARENA_NEW(a, struct call); /* the own row lives in it */

	*call = (struct call){ .actor = actor, .a = a, .page = page };
	TRY(actor_may(actor, SCOPE_WORKSPACES_READ, problem));
	TRY(page_check(page, problem));
	TRY(page_code(store_read(app->store, list_workspaces, call, &problem->err), problem));
	*ret = call->rows;
	*ret_count = call->count;
	*ret_next = call->next;
	return 0;
}

static int update_workspace(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct str before;

	store_keep(tx, call->a);
	TRY(find_for_write(tx, call, err));
	before = workspace_json(tx->a, &call->row);
	if (call->row.no == WORKSPACE_DEFAULT && call->input->has_name &&
	    !str_eq(call->name, call->row.name))
		return err_set(err, -EPERM, "the workspace default keeps its name");
	input_apply(call, &call->row);
	TRY(workspace_update(tx, &call->row, err));
	return record_audit(tx, call->actor, "workspace.update", call->row.name, before,
			    workspace_json(tx->a, &call->row), err);
}

int app_workspace_update(struct app *app, const struct actor *actor, struct arena *a,
			 struct str name_or_id, int64_t version,
			 const struct workspace_input *input, struct workspace_row *ret,
			 struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = a,
			     .name_or_id = name_or_id,
			     .version = version,
			     .input = input,
			     .problem = problem };

	TRY(may_write(actor, problem));
	TRY(input_read(&call, problem));
	TRY(store_write(app->store, update_workspace, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int delete_workspace(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(find_for_write(tx, call, err));
	TRY(workspace_delete(tx, call->row.no, err));
	return record_audit(tx, call->actor, "workspace.delete", call->row.name,
			    workspace_json(tx->a, &call->row), STR_NONE, err);
}

int app_workspace_delete(struct app *app, const struct actor *actor, struct str name_or_id,
			 int64_t version, struct problem *problem)
{
	struct call call = {
		.actor = actor, .name_or_id = name_or_id, .version = version, .problem = problem
	};

	TRY(may_write(actor, problem));
	return store_write(app->store, delete_workspace, &call, &problem->err);
}

int app_workspace_enter(struct app *app, const struct actor *actor, struct str name_or_id,
			struct actor *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = problem->a, .name_or_id = name_or_id };

	TRY(actor_may(actor, SCOPE_WORKSPACES_READ, problem));
	TRY(store_read(app->store, get_workspace, &call, &problem->err));
	*ret = *actor;
	ret->is_visitor |= call.row.no != actor->workspace;
	ret->workspace = call.row.no;
	return 0;
}

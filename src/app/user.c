/* SPDX-License-Identifier: Apache-2.0 */
/* Which people may log in, and as what? */
#include "app/user.h"

#include "app/named.h"
#include "app/password.h"
#include "app/record.h"
#include "app/text.h"
#include "base/json.h"
#include "store/session.h"
#include "store/workspace.h"

struct call {
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct str name_or_id;
	int64_t version;
	const struct user_input *input;
	struct str name; /* input's, checked */
	int role;
	struct str hash; /* of input's password */
	struct user_row row;
};

static struct str user_json(struct arena *a, const struct user_row *row)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "name");
	json_str(&w, row->name);
	json_key(&w, "role");
	json_text(&w, role_words[row->role]);
	json_key(&w, "is_disabled");
	json_bool(&w, row->is_disabled);
	json_key(&w, "has_password");
	json_bool(&w, row->password.len > 0);
	json_end(&w);
	return buf_str(&out);
}

/* Hashes stay inside. */
static struct user_row shown(struct user_row row)
{
	row.password = row.password.len ? STR_LIT("set") : STR_NONE;
	return row;
}

static int input_read(struct call *call, struct problem *problem)
{
	const struct user_input *input = call->input;

	if (input->has_name)
		(void)!label_read(input->name, USER_NAME_BYTES, STR_LIT("/name"), &call->name,
				  problem);
	if (input->has_role)
		(void)!word_read(input->role, role_words, STR_LIT("/role"), &call->role, problem);
	if (input->has_password && input->password.len)
		(void)!password_read(input->password, call->name, problem);
	TRY(problem_code(problem));
	if (input->has_role)
		TRY(actor_covers(call->actor, (enum role)call->role, problem));
	if (input->has_password && input->password.len)
		TRY(password_hash(call->a, input->password, &call->hash, problem));
	return 0;
}

static void input_apply(const struct call *call, struct user_row *row)
{
	const struct user_input *input = call->input;

	if (input->has_name)
		row->name = call->name;
	if (input->has_role)
		row->role = (enum role)call->role;
	if (input->has_password)
		row->password = call->hash;
	if (input->has_disabled)
		row->is_disabled = input->is_disabled;
}

static int add_user(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	call->row = (struct user_row){ .workspace = call->actor->workspace };
	input_apply(call, &call->row);
	TRY(user_insert(tx, &call->row, err));
	return record_audit(tx, call->actor, "user.create", call->row.name, STR_NONE,
			    user_json(tx->a, &call->row), err);
}

int app_user_add(struct app *app, const struct actor *actor, struct arena *a,
		 const struct user_input *input, struct user_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .input = input, .problem = problem };

	TRY(actor_may(actor, SCOPE_USERS_WRITE, problem));
	if (!input->has_name)
		problem_add(problem, STR_LIT("/name"), "required", "a user needs a name");
	TRY(input_read(&call, problem));
	TRY(store_write(app->store, add_user, &call, &problem->err));
	*ret = shown(call.row);
	return 0;
}

/* Names of people are the installation's: those of other workspaces are not there. */
static int user_named(struct store_tx *tx, int64_t workspace, struct str name_or_id,
		      struct user_row *ret, struct err *err)
{
	struct user_row row;
	struct uuid id;

	if (!id_parse(name_or_id, "usr", &id, NULL))
		TRY(user_get(tx, id, &row, err));
	else
		TRY(user_find(tx, name_or_id, &row, err));
	if (row.workspace != workspace)
		return err_set(err, -ENOENT, "no such user");
	*ret = row;
	return 0;
}

static int user_shown(struct store_tx *tx, int64_t workspace, struct str name_or_id,
		      struct user_row *ret, struct err *err)
{
	TRY(user_named(tx, workspace, name_or_id, ret, err));
	*ret = shown(*ret);
	return 0;
}

static int users_shown(struct store_tx *tx, int64_t workspace, const struct page *page,
		       struct user_row **ret, size_t *ret_count, struct str *ret_next,
		       struct err *err)
{
	TRY(user_list(tx, workspace, page, ret, ret_count, ret_next, err));
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = shown((*ret)[i]);
	return 0;
}

APP_GET(app_user_get, SCOPE_USERS_READ, struct user_row, user_shown);
APP_LIST(app_user_list, SCOPE_USERS_READ, struct user_row, users_shown);

static int find_for_write(struct store_tx *tx, struct call *call, struct err *err)
{
	int code;

	TRY(user_named(tx, call->actor->workspace, call->name_or_id, &call->row, err));
	code = actor_covers(call->actor, call->row.role, call->problem);
	if (code < 0)
		return err_set(err, code, "the person has more rights than you have");
	return version_check(call->version, call->row.version, call->row.name, call->problem, err);
}

static bool is_admin(const struct user_row *row)
{
	return row->role == ROLE_ADMIN && !row->is_disabled;
}

/* A workspace keeps an admin, unless those who run the installation take it down. */
static int keep_last_admin(struct store_tx *tx, const struct call *call, struct err *err)
{
	bool is_guarded = call->row.workspace == WORKSPACE_DEFAULT ||
			  (!call->actor->is_visitor && call->actor->kind != ACTOR_COMMAND);
	int64_t admins;

	if (!is_guarded)
		return 0;
	TRY(user_count_admins(tx, call->row.workspace, &admins, err));
	return admins > 1 ? 0
			  : err_set(err, -EPERM, "%.*s is the last admin: make another one first",
				    STR(call->row.name));
}

static int look_for_user(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return user_named(tx, call->actor->workspace, call->name_or_id, &call->row, err);
}

static int update_user(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct user_row before;

	store_keep(tx, call->a);
	TRY(find_for_write(tx, call, err));
	before = call->row;
	input_apply(call, &call->row);
	if (is_admin(&before) && !is_admin(&call->row))
		TRY(keep_last_admin(tx, call, err));
	TRY(user_update(tx, &call->row, err));
	if (call->input->has_password || call->row.role < before.role || call->row.is_disabled)
		TRY(session_delete_of(tx, call->row.id, err));
	return record_audit(tx, call->actor, "user.update", before.name, user_json(tx->a, &before),
			    user_json(tx->a, &call->row), err);
}

int app_user_update(struct app *app, const struct actor *actor, struct arena *a,
		    struct str name_or_id, int64_t version, const struct user_input *input,
		    struct user_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = a,
			     .name_or_id = name_or_id,
			     .version = version,
			     .input = input,
			     .problem = problem };

	TRY(actor_may(actor, SCOPE_USERS_WRITE, problem));
	/* before the work of a hash */
	TRY(store_read(app->store, look_for_user, &call, &problem->err));
	TRY(input_read(&call, problem));
	TRY(store_write(app->store, update_user, &call, &problem->err));
	*ret = shown(call.row);
	return 0;
}

static int delete_user(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(find_for_write(tx, call, err));
	if (is_admin(&call->row))
		TRY(keep_last_admin(tx, call, err));
	TRY(user_delete(tx, call->row.id, err));
	return record_audit(tx, call->actor, "user.delete", call->row.name,
			    user_json(tx->a, &call->row), STR_NONE, err);
}

int app_user_delete(struct app *app, const struct actor *actor, struct str name_or_id,
		    int64_t version, struct problem *problem)
{
	struct call call = {
		.actor = actor, .name_or_id = name_or_id, .version = version, .problem = problem
	};

	TRY(actor_may(actor, SCOPE_USERS_WRITE, problem));
	return store_write(app->store, delete_user, &call, &problem->err);
}

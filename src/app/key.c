/* SPDX-License-Identifier: Apache-2.0 */
/* Which programs may act for a workspace? */
#include "app/key.h"

#include "app/named.h"
#include "app/record.h"
#include "app/text.h"
#include "app/token.h"
#include "base/json.h"

enum { USED_EVERY_US = 60000000 };

struct call {
	const struct actor *actor;
	struct arena *a;
	struct str id;
	struct key_row row;
};

static struct str key_json(struct arena *a, const struct key_row *row)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "name");
	json_str(&w, row->name);
	json_key(&w, "prefix");
	json_str(&w, row->prefix);
	json_key(&w, "role");
	json_text(&w, role_words[row->role]);
	json_key(&w, "scopes");
	json_array(&w);
	for (unsigned bit = 0; bit < SCOPE_COUNT; bit++)
		if (row->scopes >> bit & 1)
			json_text(&w, scope_word((enum scope)(1u << bit)));
	json_end(&w);
	json_key(&w, "expires_at");
	json_int(&w, row->expires_at);
	json_end(&w);
	return buf_str(&out);
}

static int scopes_read(const struct actor *actor, const struct key_input *input, enum role role,
		       uint32_t *ret, struct problem *problem)
{
	uint32_t may = role_scopes(role) & role_scopes(actor->role) & actor->scopes, given = 0;

	if (input->scope_count > KEY_SCOPES)
		return problem_add(problem, STR_LIT("/scopes"), "too-many", "at most %d scopes",
				   KEY_SCOPES);
	for (size_t i = 0; i < input->scope_count; i++) {
		struct str word = str_trim(input->scopes[i]);
		struct str pointer = str_printf(problem->a, "/scopes/%zu", i);
		uint32_t scope;

		if (scope_parse(word, &scope) < 0)
			problem_add(problem, pointer, "enum", "there is no scope \"%.*s\"",
				    (int)MIN(word.len, 64), word.data);
		else if (scope & (scope - 1))
			given |= may; /* "*" */
		else if (!(scope & may))
			problem_add(problem, pointer, "scope",
				    "%.*s is not the role's, or not yours to give", STR(word));
		else
			given |= scope;
	}
	*ret = input->scope_count ? given : may;
	return problem_code(problem);
}

static int input_read(const struct actor *actor, const struct key_input *input, struct key_row *ret,
		      struct problem *problem)
{
	int role = MIN(ROLE_OPERATOR, actor->role);

	(void)!label_read(input->name, KEY_NAME_BYTES, STR_LIT("/name"), &ret->name, problem);
	if (input->role.len &&
	    !word_read(input->role, role_words, STR_LIT("/role"), &role, problem) &&
	    role > (int)actor->role)
		problem_add(problem, STR_LIT("/role"), "role", "at most your own: %s",
			    role_words[actor->role]);
	ret->role = (enum role)role;
	ret->expires_at = input->expires_at;
	if (input->expires_at < 0)
		problem_add(problem, STR_LIT("/expires_at"), "range", "not before 1970");
	return scopes_read(actor, input, ret->role, &ret->scopes, problem);
}

static int create_key(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	if (call->row.expires_at && call->row.expires_at <= tx->now_us)
		return err_set(err, -ERANGE, "the time is over already");
	TRY(key_insert(tx, &call->row, err));
	return record_audit(tx, call->actor, "key.create", id_text(tx->a, "key", call->row.id),
			    STR_NONE, key_json(tx->a, &call->row), err);
}

int app_key_create(struct app *app, const struct actor *actor, struct arena *a,
		   const struct key_input *input, struct key_row *ret, struct str *ret_secret,
		   struct problem *problem)
{
	struct call call = { .actor = actor, .a = a };
	struct str secret;
	int code;

	TRY(actor_may(actor, SCOPE_KEYS_WRITE, problem));
	TRY(input_read(actor, input, &call.row, problem));
	secret = key_new(a);
	call.row.workspace = actor->workspace;
	call.row.hash = token_hash(a, secret);
	call.row.prefix = str_first(secret, KEY_SHOWN_CHARS);
	call.row.created_by = actor->id;
	code = store_write(app->store, create_key, &call, &problem->err);
	if (code == -ERANGE)
		return problem_add(problem, STR_LIT("/expires_at"), "range",
				   "the time is over already");
	TRY(code);
	*ret = call.row;
	*ret_secret = secret;
	return 0;
}

/* By id alone. */
static int key_named(struct store_tx *tx, int64_t workspace, struct str id_text,
		     struct key_row *ret, struct err *err)
{
	struct uuid id;

	if (id_parse(id_text, "key", &id, NULL) < 0)
		return err_set(err, -ENOENT, "no such key");
	return key_get(tx, workspace, id, ret, err);
}

APP_GET(app_key_get, SCOPE_KEYS_READ, struct key_row, key_named);
APP_LIST(app_key_list, SCOPE_KEYS_READ, struct key_row, key_list);

static int revoke_key(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(key_named(tx, call->actor->workspace, call->id, &call->row, err));
	TRY(key_revoke(tx, call->row.id, err));
	return record_audit(tx, call->actor, "key.revoke", id_text(tx->a, "key", call->row.id),
			    key_json(tx->a, &call->row), STR_NONE, err);
}

int app_key_revoke(struct app *app, const struct actor *actor, struct str id,
		   struct problem *problem)
{
	struct call call = { .actor = actor, .id = id };

	TRY(actor_may(actor, SCOPE_KEYS_WRITE, problem));
	return store_write(app->store, revoke_key, &call, &problem->err);
}

/* ---- who comes with it ---- */

struct comer {
	struct arena *a;
	struct str hash;
	struct key_row row;
	bool is_good, is_to_mark;
};

static int find_key(struct store_tx *tx, void *context, struct err *err)
{
	struct comer *comer = context;
	const struct key_row *row = &comer->row;
	int code;

	store_keep(tx, comer->a);
	code = key_find(tx, comer->hash, &comer->row, err);
	comer->is_good =
		!code && !row->revoked_at && (!row->expires_at || row->expires_at > tx->now_us);
	comer->is_to_mark = tx->now_us - row->used_at >= USED_EVERY_US;
	return code == -ENOENT ? 0 : code;
}

static int mark_used(struct store_tx *tx, void *context, struct err *err)
{
	struct comer *comer = context;

	return key_used(tx, comer->row.id, err);
}

int app_key_check(struct app *app, struct arena *a, struct str secret, struct actor *ret,
		  struct problem *problem)
{
	struct comer comer = { .a = a };

	if (key_is_one(secret)) {
		comer.hash = token_hash(a, secret);
		TRY(store_read(app->store, find_key, &comer, &problem->err));
	}
	if (!comer.is_good)
		return err_set(&problem->err, -EACCES,
			       "no such key, or it is revoked or its time is over");
	if (comer.is_to_mark) /* who may only read may come in all the same when the disk is full */
		app_mark(app, mark_used, &comer);
	*ret = (struct actor){
		.kind = ACTOR_KEY,
		.workspace = comer.row.workspace,
		.id = comer.row.id,
		.name = comer.row.name,
		.role = comer.row.role,
		.scopes = comer.row.scopes & role_scopes(comer.row.role),
	};
	return 0;
}

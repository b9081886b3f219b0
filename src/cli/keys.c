/* SPDX-License-Identifier: Apache-2.0 */
/* Which programs may use the API? */
#include "cli/task.h"

#define KEYS "/api/v1/keys"

static const struct column columns[] = {
	{ "ID", "id", COLUMN_TEXT },
	{ "NAME", "name", COLUMN_TEXT },
	{ "BEGINS", "prefix", COLUMN_TEXT },
	{ "ROLE", "role", COLUMN_TEXT },
	{ "USED", "used_at", COLUMN_TIME },
	{ "EXPIRES", "expires_at", COLUMN_DATE },
	{ "REVOKED", "revoked_at", COLUMN_DATE },
	{ "SCOPES", "scopes", COLUMN_TEXT },
};

static const struct column made_columns[] = {
	{ "key", "secret", COLUMN_TEXT },    { "id", "id", COLUMN_TEXT },
	{ "name", "name", COLUMN_TEXT },     { "role", "role", COLUMN_TEXT },
	{ "scopes", "scopes", COLUMN_TEXT }, { "expires", "expires_at", COLUMN_TIME },
};

static int create(struct task *task)
{
	struct rest_response response;
	struct document key;
	struct str expires;
	struct buf body;
	struct json w;
	int code = task_time(task, SETTING_EXPIRES, 1, &expires);

	if (code != EXIT_DONE)
		return code;
	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "name", task->words[0]);
	body_text(&w, "role", task_text(task, SETTING_ROLE));
	body_texts(&w, "scopes", task_value(task, SETTING_SCOPES));
	body_text(&w, "expires_at", expires);
	json_end(&w);
	code = task_send(task, "POST", STR_LIT(KEYS), buf_str(&body), &key, &response);
	if (code == EXIT_DONE)
		code = task_show(task, &response, &key, made_columns, ARRAY_COUNT(made_columns));
	if (code == EXIT_DONE)
		code = task_done(task, "The key is shown this once and stored nowhere. Keep it in "
				       "a file, and name that with --token-file.");
	return code;
}

static int list(struct task *task)
{
	return task_list(task, STR_LIT(KEYS), columns, ARRAY_COUNT(columns),
			 "no keys; dss keys create NAME makes one");
}

static int revoke_one(struct task *task, struct str id, void *data)
{
	int code =
		task_send(task, "DELETE", task_path(task, KEYS "/", id, ""), STR_NONE, NULL, NULL);

	return code != EXIT_DONE ? code : task_done(task, "revoked %.*s", STR(id));
}

static int revoke(struct task *task)
{
	return task_each(task, revoke_one, NULL);
}

int keys_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "create", create, 1, 1, "NAME [--role ROLE] [--scope SCOPES] [--expires DATE]" },
		{ "revoke", revoke, 1, WORDS_ANY, "ID..." },
		{ NULL },
	};

	return task_run(call, "keys", verbs);
}

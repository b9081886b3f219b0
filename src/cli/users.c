/* SPDX-License-Identifier: Apache-2.0 */
/* Which people may log in? */
#include "cli/task.h"

#include "cli/password.h"

#define USERS "/api/v1/users"

static const struct column columns[] = {
	{ "NAME", "name", COLUMN_TEXT },
	{ "ROLE", "role", COLUMN_TEXT },
	{ "DISABLED", "disabled", COLUMN_TEXT },
	{ "PASSWORD", "has_password", COLUMN_TEXT },
	{ "LAST LOGIN", "last_login_at", COLUMN_TIME },
	{ "LOCKED UNTIL", "locked_until", COLUMN_TIME },
	{ "ID", "id", COLUMN_TEXT },
};

static int list(struct task *task)
{
	return task_list(task, STR_LIT(USERS), columns, ARRAY_COUNT(columns),
			 "nobody can log in yet; dss users add NAME --role admin adds a person");
}

static struct str password_body(struct task *task, struct str name, const struct secret *password)
{
	struct buf body;
	struct json w;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "name", name);
	if (name.len)
		body_text(&w, "role", task_text(task, SETTING_ROLE));
	body_text(&w, "password", password->bytes);
	json_end(&w);
	return buf_str(&body);
}

static int add(struct task *task)
{
	struct rest_response response;
	struct secret password;
	struct document user;
	struct str body;
	int code = password_ask(task, &password);

	if (code != EXIT_DONE)
		return code;
	body = password_body(task, task->words[0], &password);
	code = task_send(task, "POST", STR_LIT(USERS), body, &user, &response);
	secret_forget(&password);
	if (code == EXIT_DONE && !str_eq(task->format, STR_LIT("text")))
		return task_show(task, &response, &user, NULL, 0);
	return code != EXIT_DONE ? code
				 : task_done(task, "added %.*s (%.*s)",
					     STR(document_text(task->arena, &user, "name")),
					     STR(document_text(task->arena, &user, "role")));
}

static int passwd(struct task *task)
{
	struct rest_request request = { .method = "PATCH",
					.path = task_path(task, USERS "/", task->words[0], ""),
					.content_type = "application/merge-patch+json",
					.if_match = "*" };
	struct secret password;
	int code = password_ask(task, &password);

	if (code != EXIT_DONE)
		return code;
	request.body = password_body(task, STR_NONE, &password);
	code = task_ask(task, request, NULL, NULL);
	secret_forget(&password);
	return code != EXIT_DONE ? code
				 : task_done(task, "%.*s has a new password; sessions have ended",
					     STR(task->words[0]));
}

static int rm_one(struct task *task, struct str name, void *data)
{
	struct rest_request request = { .method = "DELETE",
					.path = task_path(task, USERS "/", name, ""),
					.if_match = "*" };
	int code = task_ask(task, request, NULL, NULL);

	return code != EXIT_DONE ? code : task_done(task, "removed %.*s", STR(name));
}

static int rm(struct task *task)
{
	return task_each(task, rm_one, NULL);
}

int users_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "add", add, 1, 1, "NAME [--role ROLE] [--password-file FILE]" },
		{ "passwd", passwd, 1, 1, "NAME [--password-file FILE]" },
		{ "rm", rm, 1, WORDS_ANY, "NAME..." },
		{ NULL },
	};

	return task_run(call, "users", verbs);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which policies hold for the domains that are watched? */
#include "cli/policy_file.h"
#include "cli/task.h"

#define POLICIES "/api/v1/policies"

static const struct column columns[] = {
	{ "NAME", "name", COLUMN_TEXT },
	{ "SELECTS", "selector", COLUMN_TEXT },
	{ "SINCE", "created_at", COLUMN_DATE },
	{ "ID", "id", COLUMN_TEXT },
};

static int list(struct task *task)
{
	return task_list(task, STR_LIT(POLICIES), columns, ARRAY_COUNT(columns),
			 "no policies; dss policy set NAME FILE makes one");
}

static int show(struct task *task)
{
	struct rest_response response;
	int code = task_send(task, "GET", task_path(task, POLICIES "/", task->words[0], ""),
			     STR_NONE, NULL, &response);

	return code != EXIT_DONE
		       ? code
		       : console_put(str_printf(task->arena, "%.*s\n", STR(response.body)));
}

static struct str body_of(struct task *task, struct str rules, bool has_name)
{
	struct buf body;
	struct json w;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	if (has_name)
		body_text(&w, "name", task->words[0]);
	body_text(&w, "selector", task_text(task, SETTING_SELECT));
	json_key(&w, "rules");
	json_raw(&w, rules);
	json_end(&w);
	return buf_str(&body);
}

/* What is there is changed, and otherwise made. */
static int set(struct task *task)
{
	struct rest_request change = { .method = "PATCH",
				       .path = task_path(task, POLICIES "/", task->words[0], ""),
				       .content_type = "application/merge-patch+json",
				       .if_match = "*" };
	struct str path, name = task->words[0];
	struct rest_response response = { 0 };
	struct document policies;
	struct str rules;
	bool is_there = false;
	int code = policy_file_json(task->call, task->words[1], &rules);

	if (code == EXIT_DONE)
		code = task_send(task, "GET", STR_LIT(POLICIES "?limit=1000"), STR_NONE, &policies,
				 &response);
	if (code != EXIT_DONE)
		return code;
	for (size_t i = 0; i < document_at(&policies, "items")->count; i++)
		is_there |=
			str_eq(document_text(task->arena,
					     &document_at(&policies, "items")->items[i], "name"),
			       name);
	path = STR_LIT(POLICIES);
	change.body = body_of(task, rules, false);
	code = is_there ? task_ask(task, change, NULL, NULL)
			: task_send(task, "POST", path, body_of(task, rules, true), NULL, NULL);
	return code != EXIT_DONE
		       ? code
		       : task_done(task, "%.*s holds from each domain's next scan on", STR(name));
}

static int rm_one(struct task *task, struct str name, void *data)
{
	struct rest_request request = { .method = "DELETE",
					.path = task_path(task, POLICIES "/", name, ""),
					.if_match = "*" };
	int code = task_ask(task, request, NULL, NULL);

	return code != EXIT_DONE ? code : task_done(task, "removed %.*s", STR(name));
}

static int rm(struct task *task)
{
	return task_each(task, rm_one, NULL);
}

int policy_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "show", show, 1, 1, "NAME" },
		{ "set", set, 2, 2, "NAME FILE [--select SELECTOR]" },
		{ "rm", rm, 1, WORDS_ANY, "NAME..." },
		{ NULL },
	};

	return task_run(call, "policy", verbs);
}

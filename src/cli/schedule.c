/* SPDX-License-Identifier: Apache-2.0 */
/* When are domains scanned by themselves? */
#include "cli/task.h"

#define SCHEDULES "/api/v1/schedules"

enum { RUNS_SHOWN = 3 };

static const struct column columns[] = {
	{ "NAME", "name", COLUMN_TEXT },       { "CRON", "cron", COLUMN_TEXT },
	{ "ZONE", "zone", COLUMN_TEXT },       { "SELECTS", "selector", COLUMN_TEXT },
	{ "ENABLED", "enabled", COLUMN_TEXT }, { "NEXT", "next_at", COLUMN_TIME },
	{ "LAST", "last_at", COLUMN_TIME },    { "ID", "id", COLUMN_TEXT },
};

static void number_put(struct json *w, const char *name, uint64_t number)
{
	json_key(w, name);
	json_uint(w, number);
}

/* " next runs: 2026-11-23 01:30, 2026-11-24 01:30, …" */
static int runs_say(struct task *task, struct str id)
{
	struct document upcoming;
	const struct document *items;
	struct buf out;
	int code = task_send(task, "GET", task_path(task, SCHEDULES "/", id, "/upcoming"), STR_NONE,
			     &upcoming, NULL);

	if (code != EXIT_DONE)
		return code;
	items = document_at(&upcoming, "items");
	buf_init(&out, task->arena);
	for (size_t i = 0; i < items->count && i < RUNS_SHOWN; i++)
		buf_printf(&out, "%s%.*s", i ? ", " : "",
			   STR(document_text(task->arena, &items->items[i], "tick")));
	buf_put_char(&out, 0);
	return task_done(task, "next runs: %s", out.len > 1 ? out.data : "none");
}

static int add(struct task *task)
{
	const struct setting_value *tags = task_value(task, SETTING_TAG);
	struct str selector = task_text(task, SETTING_SELECT);
	struct rest_response response;
	struct document schedule;
	struct buf body;
	struct json w;
	int code;

	if (!task_text(task, SETTING_CRON).len)
		return console_usage("schedule", "--cron says when: --cron \"30 2 * * *\"");
	if (tags->count > 1 || (tags->count && selector.len))
		return console_usage("schedule", "which domains? one --tag, or --select");
	if (tags->count)
		selector = str_printf(task->arena, "tag:%.*s", STR(tags->list[0]));
	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "name", task->words[0]);
	body_text(&w, "cron", task_text(task, SETTING_CRON));
	body_text(&w, "zone", task_text(task, SETTING_ZONE));
	body_text(&w, "selector", selector.len ? selector : STR_LIT("all"));
	body_text(&w, "profile", task_text(task, SETTING_ITS_PROFILE));
	body_text(&w, "priority", task_text(task, SETTING_PRIORITY));
	body_text(&w, "missed", task_text(task, SETTING_MISSED));
	if (task_text(task, SETTING_JITTER).len)
		number_put(&w, "jitter_s", task_value(task, SETTING_JITTER)->number / 1000);
	json_end(&w);
	code = task_send(task, "POST", STR_LIT(SCHEDULES), buf_str(&body), &schedule, &response);
	if (code == EXIT_DONE && !str_eq(task->format, STR_LIT("text")))
		return task_show(task, &response, &schedule, NULL, 0);
	return code != EXIT_DONE ? code
				 : runs_say(task, document_text(task->arena, &schedule, "id"));
}

static int list(struct task *task)
{
	return task_list(task, STR_LIT(SCHEDULES), columns, ARRAY_COUNT(columns),
			 "no schedules; dss schedule add NAME --cron \"30 2 * * *\" makes one");
}

static int enable(struct task *task, struct str name, bool is_enabled)
{
	int code = task_enable(task, task_path(task, SCHEDULES "/", name, ""), is_enabled);

	return code != EXIT_DONE ? code
				 : task_done(task, "%.*s %s", STR(name),
					     is_enabled ? "runs again" : "is paused");
}

static int pause_one(struct task *task, struct str name, void *data)
{
	return enable(task, name, false);
}

static int resume_one(struct task *task, struct str name, void *data)
{
	return enable(task, name, true);
}

static int run_one(struct task *task, struct str name, void *data)
{
	struct document batch;
	int code = task_send(task, "POST", task_path(task, SCHEDULES "/", name, "/run"), STR_NONE,
			     &batch, NULL);

	return code != EXIT_DONE ? code
				 : task_done(task, "%.*s: dss scans watch %.*s", STR(name),
					     STR(document_text(task->arena, &batch, "batch")));
}

static int rm_one(struct task *task, struct str name, void *data)
{
	struct rest_request request = { .method = "DELETE",
					.path = task_path(task, SCHEDULES "/", name, ""),
					.if_match = "*" };
	int code = task_ask(task, request, NULL, NULL);

	return code != EXIT_DONE ? code : task_done(task, "removed %.*s", STR(name));
}

static int pause_(struct task *task)
{
	return task_each(task, pause_one, NULL);
}

static int resume(struct task *task)
{
	return task_each(task, resume_one, NULL);
}

static int run(struct task *task)
{
	return task_each(task, run_one, NULL);
}

static int rm(struct task *task)
{
	return task_each(task, rm_one, NULL);
}

int schedule_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "add", add, 1, 1, "NAME --cron EXPRESSION [--tag TAG]" },
		{ "pause", pause_, 1, WORDS_ANY, "NAME..." },
		{ "resume", resume, 1, WORDS_ANY, "NAME..." },
		{ "run", run, 1, WORDS_ANY, "NAME..." },
		{ "rm", rm, 1, WORDS_ANY, "NAME..." },
		{ NULL },
	};

	return task_run(call, "schedule", verbs);
}

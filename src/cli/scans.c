/* SPDX-License-Identifier: Apache-2.0 */
/* Which scans were asked for, and how far are they? */
#include "cli/task.h"

#include "base/terminal.h"

#include <poll.h>
#include <unistd.h>

#define SCANS "/api/v1/scans"
#define BATCHES "/api/v1/batches"

enum { LOOK_EVERY_MS = 500 };

static const struct column list_columns[] = {
	{ "ID", "id", COLUMN_TEXT },
	{ "DOMAIN", "domain", COLUMN_TEXT },
	{ "STATE", "state", COLUMN_TEXT },
	{ "GRADE", "grade", COLUMN_TEXT },
	{ "SCORE", "score", COLUMN_NUMBER },
	{ "PROFILE", "profile", COLUMN_TEXT },
	{ "ASKED", "created_at", COLUMN_TIME },
	{ "ENDED", "ended_at", COLUMN_TIME },
};

static const struct column show_columns[] = {
	{ "id", "id", COLUMN_TEXT },
	{ "domain", "domain", COLUMN_TEXT },
	{ "state", "state", COLUMN_TEXT },
	{ "grade", "grade", COLUMN_TEXT },
	{ "score", "score", COLUMN_TEXT },
	{ "profile", "profile", COLUMN_TEXT },
	{ "priority", "priority", COLUMN_TEXT },
	{ "batch", "batch", COLUMN_TEXT },
	{ "recheck", "recheck", COLUMN_TEXT },
	{ "asked", "created_at", COLUMN_TIME },
	{ "started", "started_at", COLUMN_TIME },
	{ "ended", "ended_at", COLUMN_TIME },
	{ "attempt", "attempt", COLUMN_TEXT },
	{ "questions answered", "progress.answered", COLUMN_TEXT },
	{ "checks judged", "progress.judged", COLUMN_TEXT },
	{ "gaps", "gaps", COLUMN_TEXT },
	{ "algorithm", "algorithm", COLUMN_TEXT },
	{ "error", "error", COLUMN_TEXT },
};

static const struct column batch_columns[] = {
	{ "id", "id", COLUMN_TEXT },
	{ "state", "state", COLUMN_TEXT },
	{ "selector", "selector", COLUMN_TEXT },
	{ "scans", "total", COLUMN_TEXT },
	{ "done", "done", COLUMN_TEXT },
	{ "incomplete", "incomplete", COLUMN_TEXT },
	{ "failed", "failed", COLUMN_TEXT },
	{ "cancelled", "cancelled", COLUMN_TEXT },
	{ "asked", "created_at", COLUMN_TIME },
	{ "ended", "ended_at", COLUMN_TIME },
};

static bool is_batch(struct str id)
{
	return str_starts(id, STR_LIT("bat_"));
}

static struct str path_of(struct task *task, struct str id)
{
	return task_path(task, is_batch(id) ? BATCHES "/" : SCANS "/", id, "");
}

static bool is_final(struct str state)
{
	static const char *const finals[] = { "done", "incomplete", "failed", "cancelled" };

	for (size_t i = 0; i < ARRAY_COUNT(finals); i++)
		if (str_eq(state, str_of(finals[i])))
			return true;
	return false;
}

/* ---- watch ---- */

/* "bat_…: running, 31 of 120 ended", or how far a scan is, on one line of a terminal; nobody else is told. */
static void state_say(struct task *task, const struct document *document)
{
	struct str id = document_text(task->arena, document, "id");
	struct str state = document_text(task->arena, document, "state");
	int64_t ended = document_int(document, "done") + document_int(document, "incomplete") +
			document_int(document, "failed") + document_int(document, "cancelled");
	struct buf line;

	if (!isatty(STDERR_FILENO) || task_value(task, SETTING_QUIET)->is_on)
		return;
	buf_init(&line, task->arena);
	buf_put_lit(&line, "\r\033[K");
	terminal_put(&line, id);
	buf_put_lit(&line, ": ");
	terminal_put(&line, state);
	if (is_batch(id))
		buf_printf(&line, ", %lld of %lld ended, %lld failed", (long long)ended,
			   (long long)document_int(document, "total"),
			   (long long)document_int(document, "failed"));
	if (document_at(document, "progress")->type == DOCUMENT_OBJECT)
		buf_printf(&line, ", %lld of %lld questions answered, %lld of %lld checks judged",
			   (long long)document_int(document, "progress.answered"),
			   (long long)document_int(document, "progress.asked"),
			   (long long)document_int(document, "progress.judged"),
			   (long long)document_int(document, "progress.checks"));
	(void)!write(STDERR_FILENO, line.data, line.len);
}

static int watch_one(struct task *task, struct str id, void *data)
{
	struct str path = path_of(task, id), state;
	struct rest_response response;
	struct document document;
	int code;

	for (;;) {
		struct arena_mark mark = arena_mark(task->arena);

		code = task_send(task, "GET", path, STR_NONE, &document, &response);
		if (code != EXIT_DONE)
			return code;
		state = document_text(task->arena, &document, "state");
		if (is_final(state))
			break;
		state_say(task, &document);
		arena_rewind(task->arena, mark);
		poll(NULL, 0, LOOK_EVERY_MS);
	}
	if (isatty(STDERR_FILENO) && !task_value(task, SETTING_QUIET)->is_on)
		(void)!write(STDERR_FILENO, "\r\033[K", 4);
	code = is_batch(id) ? task_show(task, &response, &document, batch_columns,
					ARRAY_COUNT(batch_columns))
			    : task_show(task, &response, &document, show_columns,
					ARRAY_COUNT(show_columns));
	if (code == EXIT_DONE && str_eq(state, STR_LIT("incomplete")))
		return EXIT_INCOMPLETE;
	return code == EXIT_DONE && str_eq(state, STR_LIT("failed")) ? EXIT_BROKEN : code;
}

static int watch(struct task *task)
{
	return task_each(task, watch_one, NULL);
}

/* ---- start ---- */

static void options_put(struct task *task, struct json *w)
{
	body_text(w, "profile", task_text(task, SETTING_ITS_PROFILE));
	body_text(w, "priority", task_text(task, SETTING_PRIORITY));
}

static int started(struct task *task, const struct document *document,
		   const struct rest_response *response)
{
	struct str id = document_text(task->arena, document, "id");
	bool is_text = str_eq(task->format, STR_LIT("text"));

	if (task_value(task, SETTING_WAIT)->is_on)
		return watch_one(task, id, NULL);
	if (!is_text)
		return task_show(task, response, document, NULL, 0);
	return task_done(task, "%.*s  %.*s%.*s%s", STR(id),
			 STR(document_text(task->arena, document, "domain")),
			 STR(document_text(task->arena, document, "selector")),
			 response->status == 200 ? " (was on its way already)" : "");
}

static int batch_start(struct task *task, struct str selector)
{
	struct rest_response response;
	struct document batch;
	struct buf body;
	struct json w;
	int code;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "selector", selector);
	options_put(task, &w);
	json_end(&w);
	code = task_send(task, "POST", STR_LIT(BATCHES), buf_str(&body), &batch, &response);
	return code != EXIT_DONE ? code : started(task, &batch, &response);
}

static int scan_start(struct task *task, struct str name, void *data)
{
	struct rest_response response;
	struct document scan;
	struct buf body;
	struct json w;
	int code;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "name", name);
	options_put(task, &w);
	if (task_value(task, SETTING_ACTIVE)->is_on) {
		json_key(&w, "active");
		json_bool(&w, true);
	}
	if (task_value(task, SETTING_FRESH)->is_on) {
		json_key(&w, "fresh");
		json_bool(&w, true);
	}
	json_end(&w);
	code = task_send(task, "POST", STR_LIT(SCANS), buf_str(&body), &scan, &response);
	return code != EXIT_DONE ? code : started(task, &scan, &response);
}

static int start(struct task *task)
{
	const struct setting_value *tags = task_value(task, SETTING_TAG);
	struct str selector = task_text(task, SETTING_SELECT);

	if (tags->count == 1)
		selector = str_printf(task->arena, "tag:%.*s", STR(tags->list[0]));
	if (task_value(task, SETTING_ALL)->is_on)
		selector = STR_LIT("all");
	if (!selector.len == !task->word_count || tags->count > 1)
		return console_usage(
			"scans", "start which? names, or --all, --tag TAG or --select SELECTOR");
	return selector.len ? batch_start(task, selector) : task_each(task, scan_start, NULL);
}

/* ---- the others ---- */

static int list(struct task *task)
{
	struct buf path;

	buf_init(&path, task->arena);
	buf_put_lit(&path, SCANS);
	query_add(&path, "state", task_text(task, SETTING_SCAN_STATE));
	query_add(&path, "domain", task_text(task, SETTING_OF_DOMAIN));
	return task_list(task, buf_str(&path), list_columns, ARRAY_COUNT(list_columns),
			 "no scans; dss scans start NAME asks for one");
}

static int batches(struct task *task)
{
	static const struct column columns[] = {
		{ "ID", "id", COLUMN_TEXT },
		{ "STATE", "state", COLUMN_TEXT },
		{ "CAUSE", "cause", COLUMN_TEXT },
		{ "SELECTS", "selector", COLUMN_TEXT },
		{ "SCANS", "total", COLUMN_COUNT },
		{ "DONE", "done", COLUMN_COUNT },
		{ "INCOMPLETE", "incomplete", COLUMN_COUNT },
		{ "FAILED", "failed", COLUMN_COUNT },
		{ "ASKED", "created_at", COLUMN_TIME },
		{ "ENDED", "ended_at", COLUMN_TIME },
	};

	return task_list(task, STR_LIT(BATCHES), columns, ARRAY_COUNT(columns),
			 "no batches; dss scans start --tag TAG makes one");
}

static int show(struct task *task)
{
	struct rest_response response;
	struct document document;
	struct str id = task->words[0];
	int code = task_send(task, "GET", path_of(task, id), STR_NONE, &document, &response);

	if (code != EXIT_DONE)
		return code;
	return is_batch(id) ? task_show(task, &response, &document, batch_columns,
					ARRAY_COUNT(batch_columns))
			    : task_show(task, &response, &document, show_columns,
					ARRAY_COUNT(show_columns));
}

static int cancel_one(struct task *task, struct str id, void *data)
{
	int code = task_send(task, "DELETE", path_of(task, id), STR_NONE, NULL, NULL);

	return code != EXIT_DONE ? code : task_done(task, "%.*s is asked to stop", STR(id));
}

static int cancel(struct task *task)
{
	return task_each(task, cancel_one, NULL);
}

/* What failed, a line a finding; -v and other formats hold every check. */
static int results(struct task *task)
{
	static const struct column columns[] = {
		{ "SEVERITY", "severity", COLUMN_TEXT }, { "VERDICT", "verdict", COLUMN_TEXT },
		{ "CHECK", "check", COLUMN_TEXT },       { "SUBJECT", "subject", COLUMN_TEXT },
		{ "REASON", "reason", COLUMN_TEXT },     { "TEXT", "text", COLUMN_TEXT },
	};
	bool is_all =
		task_value(task, SETTING_VERBOSE)->is_on || !str_eq(task->format, STR_LIT("text"));
	struct buf path;

	buf_init(&path, task->arena);
	buf_put_str(&path, task_path(task, SCANS "/", task->words[0], "/results"));
	if (!is_all)
		query_add(&path, "verdict", STR_LIT("fail"));
	return task_list_view(task, buf_str(&path),
			      &(struct view){ .columns = columns,
					      .count = ARRAY_COUNT(columns),
					      .member = "findings",
					      .empty = "nothing failed; -v shows every check" });
}

int scans_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "start", start, 0, WORDS_ANY, "NAME... | --tag TAG | --all" },
		{ "batches", batches, 0, 0, "" },
		{ "show", show, 1, 1, "ID" },
		{ "watch", watch, 1, WORDS_ANY, "ID..." },
		{ "cancel", cancel, 1, WORDS_ANY, "ID..." },
		{ "results", results, 1, 1, "ID" },
		{ NULL },
	};

	return task_run(call, "scans", verbs);
}

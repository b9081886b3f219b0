/* SPDX-License-Identifier: Apache-2.0 */
/* Which domains are watched, and what is known of each? */
#include "cli/task.h"

#include "cli/import.h"
#include "cli/notify.h"

#define DOMAINS "/api/v1/domains"
#define SCHEDULES "/api/v1/schedules"

enum { TAGS_MAX = 256, NAMES_AT_ONCE = 500 };

static const struct column list_columns[] = {
	{ "NAME", "name", COLUMN_TEXT },          { "GRADE", "grade", COLUMN_TEXT },
	{ "SCORE", "score", COLUMN_NUMBER },      { "CRIT", "open.critical", COLUMN_NUMBER },
	{ "HIGH", "open.high", COLUMN_NUMBER },   { "MED", "open.medium", COLUMN_NUMBER },
	{ "EXPIRES", "expires_at", COLUMN_DATE }, { "SCANNED", "scanned_at", COLUMN_TIME },
	{ "OWNER", "owner", COLUMN_TEXT },        { "TAGS", "tags", COLUMN_TEXT },
};

static const struct column show_columns[] = {
	{ "name", "name", COLUMN_TEXT },
	{ "id", "id", COLUMN_TEXT },
	{ "grade", "grade", COLUMN_TEXT },
	{ "score", "score", COLUMN_TEXT },
	{ "critical", "open.critical", COLUMN_TEXT },
	{ "high", "open.high", COLUMN_TEXT },
	{ "medium", "open.medium", COLUMN_TEXT },
	{ "low", "open.low", COLUMN_TEXT },
	{ "scanned", "scanned_at", COLUMN_TIME },
	{ "scan", "scan", COLUMN_TEXT },
	{ "expires", "expires_at", COLUMN_TIME },
	{ "owner", "owner", COLUMN_TEXT },
	{ "tags", "tags", COLUMN_TEXT },
	{ "profile", "profile", COLUMN_TEXT },
	{ "notes", "notes", COLUMN_TEXT },
	{ "proven", "proven_at", COLUMN_TIME },
	{ "added", "created_at", COLUMN_TIME },
	{ "version", "version", COLUMN_TEXT },
};

/* ---- add ---- */

static const struct str daily = STR_INIT("daily");

/* The schedule that scans what has the tag: made when there is none, at an hour of its own. */
static int daily_begin(struct task *task)
{
	struct rest_request look = { .method = "GET", .path = STR_LIT(SCHEDULES "/daily") };
	struct rest_response response;
	struct document schedule;
	struct err err = { 0 };
	int code = rest_call(&task->door.rest, task->arena, &look, NULL, NULL, &response, &err);

	if (code < 0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	if (response.status == 404)
		code = task_send(task, "POST", STR_LIT(SCHEDULES),
				 STR_LIT("{\"name\":\"daily\",\"cron\":\"H H * * *\","
					 "\"selector\":\"tag:daily\"}"),
				 &schedule, &response);
	else
		code = task_ask(task, look, &schedule, &response);
	if (code != EXIT_DONE || !str_eq(task->format, STR_LIT("text")))
		return code;
	return task_done(task, "scanned each day, next at %.*s",
			 STR(document_text(task->arena, &schedule, "next_at")));
}

static int add_one(struct task *task, struct str name, void *data)
{
	struct setting_value tags = *(const struct setting_value *)data; /* with those of --mail */
	struct rest_response response;
	struct document domain;
	struct buf body;
	struct json w;
	int code;

	if (task_value(task, SETTING_DAILY)->is_on) {
		struct str *list = arena_array(task->arena, tags.count + 1, sizeof *list);

		for (size_t i = 0; i < tags.count; i++)
			list[i] = tags.list[i];
		list[tags.count++] = daily;
		tags.list = list;
	}
	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "name", name);
	body_texts(&w, "tags", &tags);
	body_text(&w, "owner", task_text(task, SETTING_OWNER));
	body_text(&w, "notes", task_text(task, SETTING_NOTES));
	body_text(&w, "profile", task_text(task, SETTING_ITS_PROFILE));
	json_end(&w);
	code = task_send(task, "POST", STR_LIT(DOMAINS), buf_str(&body), &domain, &response);
	if (code == EXIT_DONE && !str_eq(task->format, STR_LIT("text")))
		return task_show(task, &response, &domain, NULL, 0);
	return code != EXIT_DONE ? code
				 : task_done(task, "added %.*s",
					     STR(document_text(task->arena, &domain, "name")));
}

static int add(struct task *task)
{
	struct setting_value tags = *task_value(task, SETTING_TAG);
	int tested = EXIT_DONE, code = notify_mail_begin(task, &tags, &tested);

	if (code == EXIT_DONE)
		code = task_each(task, add_one, &tags);
	if (code == EXIT_DONE && task_value(task, SETTING_DAILY)->is_on)
		code = daily_begin(task);
	return MAX(code, tested);
}

static int rm_one(struct task *task, struct str name, void *data)
{
	bool purges = task_value(task, SETTING_PURGE)->is_on;
	struct rest_request request = { .method = "DELETE",
					.path = task_path(task, DOMAINS "/", name,
							  purges ? "?purge=true" : ""),
					.if_match = "*" };
	int code = task_ask(task, request, NULL, NULL);

	return code != EXIT_DONE
		       ? code
		       : task_done(task, "%s %.*s", purges ? "purged" : "removed", STR(name));
}

static int rm(struct task *task)
{
	return task_each(task, rm_one, NULL);
}

static int show(struct task *task)
{
	struct rest_response response;
	struct document domain;
	int code = task_send(task, "GET", task_path(task, DOMAINS "/", task->words[0], ""),
			     STR_NONE, &domain, &response);

	return code != EXIT_DONE ? code
				 : task_show(task, &response, &domain, show_columns,
					     ARRAY_COUNT(show_columns));
}

/* What to publish, and whether a scan has seen it. */
static int prove(struct task *task)
{
	static const struct column columns[] = {
		{ "publish", "record", COLUMN_TEXT },
		{ "type", "type", COLUMN_TEXT },
		{ "text", "text", COLUMN_TEXT },
		{ "proven", "proven_at", COLUMN_TIME },
	};
	struct rest_response response;
	struct document proof;
	int code = task_send(task, "POST", task_path(task, DOMAINS "/", task->words[0], "/proof"),
			     STR_NONE, &proof, &response);

	if (code == EXIT_DONE)
		code = task_show(task, &response, &proof, columns, ARRAY_COUNT(columns));
	if (code != EXIT_DONE || !str_eq(task->format, STR_LIT("text")) ||
	    document_at(&proof, "proven")->type == DOCUMENT_TRUE)
		return code;
	return task_done(task, "each scan of %.*s looks for it from now on", STR(task->words[0]));
}

static struct str list_path(struct task *task)
{
	const struct setting_value *tags = task_value(task, SETTING_TAG);
	struct buf path;

	buf_init(&path, task->arena);
	buf_put_lit(&path, DOMAINS);
	query_add(&path, "q", task_text(task, SETTING_MATCH));
	query_add(&path, "owner", task_text(task, SETTING_OWNER));
	query_add(&path, "grade", task_text(task, SETTING_GRADE));
	query_add(&path, "tag", tags->count ? tags->list[0] : STR_NONE);
	return buf_str(&path);
}

static int list(struct task *task)
{
	if (task_value(task, SETTING_TAG)->count > 1)
		return console_usage("domains", "list takes one --tag");
	return task_list(task, list_path(task), list_columns, ARRAY_COUNT(list_columns),
			 "no domains; dss domains add NAME adds one, dss domains import FILE many");
}

/* Names alone, one a line: what scan, import and other programs read. */
static int export_(struct task *task)
{
	static const struct column names[] = { { NULL, "name", COLUMN_TEXT } };

	return task_list(task, list_path(task), names, 1, NULL);
}

/* ---- tags ---- */

static bool has_text(const struct str *texts, size_t count, struct str text)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(texts[i], text))
			return true;
	return false;
}

static struct str tags_body(struct task *task, const struct document *domain)
{
	const struct document *tags = document_at(domain, "tags");
	const struct setting_value *removed = task_value(task, SETTING_UNTAG);
	struct buf body;
	struct json w;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	json_key(&w, "tags");
	json_array(&w);
	for (size_t i = 0; i < tags->count; i++)
		if (!has_text(removed->list, removed->count, tags->items[i].text) &&
		    !has_text(task->words + 1, task->word_count - 1, tags->items[i].text))
			json_str(&w, tags->items[i].text);
	for (size_t i = 1; i < task->word_count; i++)
		json_str(&w, task->words[i]);
	json_end(&w);
	json_end(&w);
	return buf_str(&body);
}

/* Reads, changes and writes; when somebody else has written meanwhile, once more. */
static int tag(struct task *task)
{
	struct str path = task_path(task, DOMAINS "/", task->words[0], "");
	struct rest_response response;
	struct document domain;
	int code = EXIT_USAGE;

	if (task->word_count == 1 && !task_value(task, SETTING_UNTAG)->count)
		return console_usage("domains", "dss domains tag NAME TAG... [--remove TAGS]");
	for (unsigned attempt = 0; attempt < 3; attempt++) {
		struct rest_request request = { .method = "PATCH",
						.path = path,
						.content_type = "application/merge-patch+json" };

		code = task_send(task, "GET", path, STR_NONE, &domain, &response);
		if (code != EXIT_DONE)
			return code;
		request.if_match = str_cstring(task->arena, response.etag);
		request.body = tags_body(task, &domain);
		code = task_ask(task, request, &domain, &response);
		if (code == EXIT_DONE)
			break;
	}
	if (code != EXIT_DONE)
		return code;
	if (!str_eq(task->format, STR_LIT("text")))
		return task_show(task, &response, &domain, NULL, 0);
	return task_done(task, "%.*s: %.*s", STR(document_text(task->arena, &domain, "name")),
			 STR(document_text(task->arena, &domain, "tags")));
}

/* ---- validate ---- */

struct verdicts {
	struct task *task;
	struct buf out;
	bool is_any_wrong;
};

static void verdict_put(struct verdicts *verdicts, const struct document *name)
{
	bool is_valid = document_at(name, "valid")->type == DOCUMENT_TRUE;
	static const struct column right[] = { { NULL, "given", COLUMN_TEXT },
					       { NULL, "name", COLUMN_TEXT },
					       { NULL, "note", COLUMN_TEXT },
					       { NULL, "delegation", COLUMN_TEXT } };
	static const struct column wrong[] = { { NULL, "given", COLUMN_TEXT },
					       { NULL, "detail", COLUMN_TEXT } };

	verdicts->is_any_wrong |= !is_valid;
	buf_put_str(&verdicts->out, is_valid ? STR_LIT(" ok     ") : STR_LIT(" wrong  "));
	if (is_valid)
		table_put(&verdicts->out, right, ARRAY_COUNT(right), name, 1, 0, 0);
	else
		table_put(&verdicts->out, wrong, ARRAY_COUNT(wrong), name, 1, 0, 0);
}

static int names_check(struct verdicts *verdicts, const struct str *names, size_t count)
{
	struct task *task = verdicts->task;
	struct rest_response response;
	const struct document *items;
	struct document answer;
	struct buf body;
	struct json w;
	int code;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	json_key(&w, "names");
	json_array(&w);
	for (size_t i = 0; i < count; i++)
		json_str(&w, names[i]);
	json_end(&w);
	json_end(&w);
	code = task_send(task, "POST", STR_LIT(DOMAINS "/validate"), buf_str(&body), &answer,
			 &response);
	if (code != EXIT_DONE)
		return code;
	items = document_at(&answer, "names");
	if (!str_eq(task->format, STR_LIT("text"))) {
		buf_put_str(&verdicts->out, str_trim(response.body));
		buf_put_char(&verdicts->out, '\n');
	}
	for (size_t i = 0; i < items->count; i++)
		if (str_eq(task->format, STR_LIT("text")))
			verdict_put(verdicts, &items->items[i]);
		else
			verdicts->is_any_wrong |=
				document_at(&items->items[i], "valid")->type != DOCUMENT_TRUE;
	return EXIT_DONE;
}

static int validate(struct task *task)
{
	struct verdicts verdicts = { .task = task };
	int code = EXIT_DONE;

	buf_init(&verdicts.out, task->arena);
	for (size_t i = 0; i < task->word_count && code == EXIT_DONE; i += NAMES_AT_ONCE)
		code = names_check(&verdicts, task->words + i,
				   MIN(task->word_count - i, (size_t)NAMES_AT_ONCE));
	if (code == EXIT_DONE)
		code = console_put(buf_str(&verdicts.out));
	return code == EXIT_DONE && verdicts.is_any_wrong ? EXIT_USAGE : code;
}

int domains_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "add", add, 1, WORDS_ANY, "NAME... [--daily] [--mail ADDRESS]" },
		{ "rm", rm, 1, WORDS_ANY, "NAME... [--purge]" },
		{ "show", show, 1, 1, "NAME" },
		{ "prove", prove, 1, 1, "NAME" },
		{ "tag", tag, 1, TAGS_MAX, "NAME TAG... [--remove TAGS]" },
		{ "import", domains_import, 0, 1, "FILE|- | --axfr ZONE@SERVER" },
		{ "export", export_, 0, 0, "" },
		{ "validate", validate, 1, WORDS_ANY, "NAME..." },
		{ NULL },
	};

	return task_run(call, "domains", verbs);
}

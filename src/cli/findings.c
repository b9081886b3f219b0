/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with our domains, and what is said about it? */
#include "cli/task.h"

#define FINDINGS "/api/v1/findings"

static const struct column list_columns[] = {
	{ "SEVERITY", "severity", COLUMN_TEXT },
	{ "STATUS", "status", COLUMN_TEXT },
	{ "DOMAIN", "domain", COLUMN_TEXT },
	{ "CHECK", "check", COLUMN_TEXT },
	{ "SUBJECT", "subject", COLUMN_TEXT },
	{ "SINCE", "first_seen", COLUMN_DATE },
	{ "ID", "id", COLUMN_TEXT },
	{ "TEXT", "text", COLUMN_TEXT },
};

static const struct column show_columns[] = {
	{ "id", "id", COLUMN_TEXT },
	{ "domain", "domain", COLUMN_TEXT },
	{ "check", "check", COLUMN_TEXT },
	{ "subject", "subject", COLUMN_TEXT },
	{ "severity", "severity", COLUMN_TEXT },
	{ "status", "status", COLUMN_TEXT },
	{ "text", "text", COLUMN_TEXT },
	{ "rests on", "evidence.rests_on", COLUMN_TEXT },
	{ "first seen", "first_seen", COLUMN_TIME },
	{ "last seen", "last_seen", COLUMN_TIME },
	{ "closed", "closed_at", COLUMN_TIME },
	{ "reason", "reason", COLUMN_TEXT },
	{ "until", "until", COLUMN_TIME },
	{ "decided by", "decided_by", COLUMN_TEXT },
	{ "version", "version", COLUMN_TEXT },
};

static int list(struct task *task)
{
	const struct setting_value *tags = task_value(task, SETTING_TAG);
	struct buf path;

	if (tags->count > 1)
		return console_usage("findings", "list takes one --tag");
	buf_init(&path, task->arena);
	buf_put_lit(&path, FINDINGS);
	query_add(&path, "domain", task_text(task, SETTING_OF_DOMAIN));
	query_add(&path, "check", task_text(task, SETTING_OF_CHECK));
	query_add(&path, "status", task_text(task, SETTING_FINDING_STATUS));
	query_add(&path, "min_severity", task_text(task, SETTING_MIN_SEVERITY));
	query_add(&path, "tag", tags->count ? tags->list[0] : STR_NONE);
	return task_list(task, buf_str(&path), list_columns, ARRAY_COUNT(list_columns),
			 "no findings");
}

static int show(struct task *task)
{
	struct rest_response response;
	struct document finding;
	int code = task_send(task, "GET", task_path(task, FINDINGS "/", task->words[0], ""),
			     STR_NONE, &finding, &response);

	return code != EXIT_DONE ? code
				 : task_show(task, &response, &finding, show_columns,
					     ARRAY_COUNT(show_columns));
}

/* One check for many domains is one cause: what to mend first. */
static int groups(struct task *task)
{
	static const struct column columns[] = { { "SEVERITY", "severity", COLUMN_TEXT },
						 { "DOMAINS", "domains", COLUMN_NUMBER },
						 { "FINDINGS", "findings", COLUMN_NUMBER },
						 { "CHECK", "check", COLUMN_TEXT } };
	struct rest_response response;
	struct document answer;
	struct buf path;
	int code;

	buf_init(&path, task->arena);
	buf_put_lit(&path, FINDINGS "/groups");
	query_add(&path, "status", task_text(task, SETTING_FINDING_STATUS));
	code = task_send(task, "GET", buf_str(&path), STR_NONE, &answer, &response);
	return code != EXIT_DONE ? code
				 : task_show_items(task, &response, document_at(&answer, "items"),
						   columns, ARRAY_COUNT(columns));
}

static int recheck_one(struct task *task, struct str id, void *data)
{
	struct document scan;
	int code = task_send(task, "POST", task_path(task, FINDINGS "/", id, "/recheck"), STR_NONE,
			     &scan, NULL);

	return code != EXIT_DONE
		       ? code
		       : task_done(task, "%.*s  %.*s", STR(document_text(task->arena, &scan, "id")),
				   STR(document_text(task->arena, &scan, "domain")));
}

static int recheck(struct task *task)
{
	return task_each(task, recheck_one, NULL);
}

struct decision {
	const char *status, *done;
	struct str until;
};

static int decide_one(struct task *task, struct str id, void *data)
{
	const struct decision *decision = data;
	struct rest_request request = { .method = "PATCH",
					.path = task_path(task, FINDINGS "/", id, ""),
					.content_type = "application/merge-patch+json",
					.if_match = "*" };
	struct rest_response response;
	struct document finding;
	struct buf body;
	struct json w;
	int code;

	buf_init(&body, task->arena);
	json_init(&w, &body);
	json_object(&w);
	body_text(&w, "status", str_of(decision->status));
	body_text(&w, "reason", task_text(task, SETTING_REASON));
	body_text(&w, "until", decision->until);
	json_end(&w);
	request.body = buf_str(&body);
	code = task_ask(task, request, &finding, &response);
	if (code == EXIT_DONE && !str_eq(task->format, STR_LIT("text")))
		return task_show(task, &response, &finding, NULL, 0);
	return code != EXIT_DONE ? code
				 : task_done(task, "%s %.*s %.*s %.*s", decision->done,
					     STR(document_text(task->arena, &finding, "domain")),
					     STR(document_text(task->arena, &finding, "check")),
					     STR(document_text(task->arena, &finding, "subject")));
}

/* ---- a check of a domain instead of an id ---- */

enum { NAMED_MAX = 1000 };

struct named {
	struct task *task;
	struct str check;
	struct arena arena; /* of a line */
	struct str ids[NAMED_MAX];
	size_t count;
};

static int on_finding(void *data, struct str line)
{
	struct named *named = data;
	struct document finding;

	if (document_parse(&named->arena, line, &finding) == 0 && named->count < NAMED_MAX &&
	    str_eq(document_text(&named->arena, &finding, "check"), named->check))
		named->ids[named->count++] =
			str_copy(named->task->arena, document_text(&named->arena, &finding, "id"));
	arena_release(&named->arena);
	return 0;
}

/* What the check found of --domain, whatever its subjects. */
static int named_find(struct task *task, struct str check, struct named *ret)
{
	struct rest_request request = { .method = "GET", .accept = "application/x-ndjson" };
	struct rest_response response;
	struct err err = { 0 };
	struct buf path;

	ret->task = task;
	ret->check = check;
	buf_init(&path, task->arena);
	buf_put_lit(&path, FINDINGS);
	query_add(&path, "domain", task_text(task, SETTING_OF_DOMAIN));
	query_add(&path, "check", check);
	request.path = buf_str(&path);
	if (rest_call(&task->door.rest, task->arena, &request, on_finding, ret, &response, &err) <
	    0) {
		console_say("%s", err.text);
		return EXIT_BROKEN;
	}
	if (response.status >= 300)
		return task_problem(task, &response);
	if (ret->count)
		return EXIT_DONE;
	console_say("%.*s has found nothing of %.*s", STR(check),
		    STR(task_text(task, SETTING_OF_DOMAIN)));
	return EXIT_USAGE;
}

static int decide_word(struct task *task, struct str word, void *data)
{
	struct named *named;
	int worst;

	if (str_starts(word, STR_LIT("fnd_")))
		return decide_one(task, word, data);
	if (!task_text(task, SETTING_OF_DOMAIN).len)
		return console_usage("findings",
				     "\"%.*s\" is no finding's id; of a check, --domain "
				     "says whose",
				     STR(word));
	named = ARENA_NEW(task->arena, struct named);
	worst = named_find(task, word, named);
	for (size_t i = 0; i < named->count; i++) {
		int code = decide_one(task, named->ids[i], data);

		worst = MAX(worst, code);
	}
	return worst;
}

static int accept_(struct task *task)
{
	bool is_false = task_value(task, SETTING_FALSE_POSITIVE)->is_on;
	struct decision decision = { .status = is_false ? "false-positive" : "accepted",
				     .done = is_false ? "a false positive:" : "accepted:" };
	int code = task_time(task, SETTING_UNTIL, 1, &decision.until);

	if (code != EXIT_DONE)
		return code;
	if (!task_text(task, SETTING_REASON).len)
		return console_usage("findings", "accept needs --reason TEXT: others will ask why");
	if (is_false && decision.until.len)
		return console_usage("findings",
				     "what is not there has no --until; leave one of the two out");
	return task_each(task, decide_word, &decision);
}

static int reopen(struct task *task)
{
	struct decision decision = { .status = "open", .done = "reopened:" };

	return task_each(task, decide_word, &decision);
}

int findings_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "list", list, 0, 0, "" },
		{ "show", show, 1, 1, "ID" },
		{ "accept", accept_, 1, WORDS_ANY,
		  "ID... | CHECK --domain NAME, --reason TEXT [--until DATE]" },
		{ "groups", groups, 0, 0, "" },
		{ "recheck", recheck, 1, WORDS_ANY, "ID..." },
		{ "reopen", reopen, 1, WORDS_ANY, "ID..." },
		{ NULL },
	};

	return task_run(call, "findings", verbs);
}

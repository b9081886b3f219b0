/* SPDX-License-Identifier: Apache-2.0 */
/* What has changed, and what expires? */
#include "cli/task.h"

/* Every server of a zone is asked besides the resolver, and says the same in most cases. */
static bool is_of_one_server(struct arena *a, const struct document *row)
{
	return str_starts(document_text(a, row, "question"), STR_LIT("dns_at "));
}

static int changes(struct task *task)
{
	static const struct column columns[] = {
		{ "", "kind", COLUMN_SIGN },
		{ "WHAT", "question", COLUMN_TEXT },
		{ "SEVERITY", "severity", COLUMN_TEXT },
		{ "SEEN", "at", COLUMN_TIME },
		{ "CHANGE", "", COLUMN_CHANGE },
	};
	struct str since;
	struct buf path;
	int code = task_time(task, SETTING_SINCE, -1, &since);

	if (code != EXIT_DONE)
		return code;
	buf_init(&path, task->arena);
	buf_put_str(&path, task_path(task, "/api/v1/domains/", task->words[0], "/changes"));
	query_add(&path, "from", since);
	return task_list_view(task, buf_str(&path),
			      &(struct view){ .columns = columns,
					      .count = ARRAY_COUNT(columns),
					      .empty = "nothing has changed",
					      .is_minor = is_of_one_server,
					      .minor = "more, of single servers (-v shows them)" });
}

static int expiry(struct task *task)
{
	static const struct column columns[] = {
		{ "EXPIRES", "at", COLUMN_TIME },
		{ "WHAT", "kind", COLUMN_TEXT },
		{ "DOMAIN", "domain", COLUMN_TEXT },
		{ "SUBJECT", "subject", COLUMN_TEXT },
	};
	struct str before;
	struct buf path;
	int code = task_time(task, SETTING_WITHIN, 1, &before);

	if (code != EXIT_DONE)
		return code;
	buf_init(&path, task->arena);
	buf_put_lit(&path, "/api/v1/expiry");
	query_add(&path, "before", before);
	return task_list(task, buf_str(&path), columns, ARRAY_COUNT(columns),
			 "nothing that we have seen expires by then");
}

int diff_run(const struct call *call)
{
	static const struct verb verbs[] = { { "of", changes, 1, 1, "DOMAIN [--since TIME]" },
					     { NULL } };

	return task_run_alone(call, "diff", verbs);
}

int expiry_run(const struct call *call)
{
	static const struct verb verbs[] = { { "list", expiry, 0, 0, "[--within TIME]" },
					     { NULL } };

	return task_run_alone(call, "expiry", verbs);
}

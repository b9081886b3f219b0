/* SPDX-License-Identifier: Apache-2.0 */
/* What waits in the queue, and what could not be delivered? */
#include "cli/task.h"

#define QUEUE "/api/v1/queue"

static int status(struct task *task)
{
	static const struct column columns[] = {
		{ "QUEUE", "name", COLUMN_TEXT },        { "READY", "ready", COLUMN_NUMBER },
		{ "DELAYED", "delayed", COLUMN_NUMBER }, { "RUNNING", "leased", COLUMN_NUMBER },
		{ "DEAD", "dead", COLUMN_NUMBER },       { "OLDEST", "oldest_at", COLUMN_TIME },
	};
	const struct document *queues;
	struct rest_response response;
	struct document answer;
	struct buf out;
	int code = task_send(task, "GET", STR_LIT(QUEUE), STR_NONE, &answer, &response);

	if (code != EXIT_DONE)
		return code;
	if (!str_eq(task->format, STR_LIT("text")))
		return task_show(task, &response, &answer, NULL, 0);
	queues = document_at(&answer, "queues");
	buf_init(&out, task->arena);
	table_put(&out, columns, ARRAY_COUNT(columns), queues->items, queues->count, TABLE_TITLES,
		  0);
	return console_put(buf_str(&out));
}

static int dead(struct task *task)
{
	static const struct column columns[] = {
		{ "ID", "id", COLUMN_TEXT },        { "QUEUE", "queue", COLUMN_TEXT },
		{ "SCAN", "scan", COLUMN_TEXT },    { "TRIES", "attempts", COLUMN_NUMBER },
		{ "DIED", "dead_at", COLUMN_TIME }, { "REASON", "reason", COLUMN_TEXT },
	};

	return task_list(task, STR_LIT(QUEUE "/dead"), columns, ARRAY_COUNT(columns),
			 "no dead letters");
}

static int retry_one(struct task *task, struct str id, void *data)
{
	int code = task_send(task, "POST", task_path(task, QUEUE "/dead/", id, "/retry"), STR_NONE,
			     NULL, NULL);

	return code != EXIT_DONE ? code : task_done(task, "%.*s is tried again", STR(id));
}

static int retry(struct task *task)
{
	return task_each(task, retry_one, NULL);
}

int queue_run(const struct call *call)
{
	static const struct verb verbs[] = {
		{ "status", status, 0, 0, "" },
		{ "dead", dead, 0, 0, "" },
		{ "retry", retry, 1, WORDS_ANY, "ID..." },
		{ NULL },
	};

	return task_run(call, "queue", verbs);
}

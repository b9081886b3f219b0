/* SPDX-License-Identifier: Apache-2.0 */
/* What waits in the queue, and what could not be delivered? */
#include "cli/task.h"

#define QUEUE "/api/v1/queue"

static int status(struct task *task)
{
	static const struct column queues[] = {
		{ "QUEUE", "queue", COLUMN_TEXT },      { "READY", "ready", COLUMN_COUNT },
		{ "DELAYED", "delayed", COLUMN_COUNT }, { "RUNNING", "leased", COLUMN_COUNT },
		{ "DEAD", "dead", COLUMN_COUNT },       { "OLDEST", "oldest_at", COLUMN_TIME },
	};
	static const struct column workers[] = {
		{ "WORKER", "id", COLUMN_TEXT },         { "HOST", "host", COLUMN_TEXT },
		{ "PID", "pid", COLUMN_NUMBER },         { "SCANS", "running", COLUMN_COUNT },
		{ "AT MOST", "capacity", COLUMN_COUNT }, { "DRAINS", "draining", COLUMN_TEXT },
		{ "SINCE", "started_at", COLUMN_TIME },
	};
	const struct document *live;
	struct rest_response response;
	struct document answer;
	int code = task_send(task, "GET", STR_LIT(QUEUE), STR_NONE, &answer, &response);

	if (code == EXIT_DONE)
		code = task_show_items(task, &response, document_at(&answer, "queues"), queues,
				       ARRAY_COUNT(queues));
	if (code != EXIT_DONE || !str_eq(task->format, STR_LIT("text")))
		return code;
	live = document_at(&answer, "workers");
	if (!live->count)
		return console_put(
			STR_LIT("no worker lives; dss serve or dss worker starts one\n"));
	return task_show_items(task, &response, live, workers, ARRAY_COUNT(workers));
}

static int dead(struct task *task)
{
	static const struct column columns[] = {
		{ "ID", "id", COLUMN_TEXT },           { "QUEUE", "queue", COLUMN_TEXT },
		{ "TRIES", "attempt", COLUMN_NUMBER }, { "DIED", "dead_at", COLUMN_TIME },
		{ "REASON", "reason", COLUMN_TEXT },   { "MESSAGE", "message", COLUMN_TEXT },
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

/* SPDX-License-Identifier: Apache-2.0 */
/* What did the last scans find, as a report? */
#include "cli/output.h"
#include "cli/task.h"

struct writing {
	struct output output;
	struct err err;
};

static int on_line(void *data, struct str line)
{
	struct writing *writing = data;

	TRY(output_write(&writing->output, line, &writing->err));
	return output_write(&writing->output, STR_LIT("\n"), &writing->err);
}

static struct str path_of(struct task *task)
{
	const struct setting_value *tags = task_value(task, SETTING_TAG);
	struct buf path;

	buf_init(&path, task->arena);
	if (task->word_count)
		buf_put_str(&path, task_path(task, "/api/v1/domains/", task->words[0], "/report"));
	else
		buf_put_lit(&path, "/api/v1/reports");
	query_add(&path, "tag", tags->count ? tags->list[0] : STR_NONE);
	query_add(&path, "owner", task_text(task, SETTING_OWNER));
	query_add(&path, "format", task_text(task, SETTING_FORMAT));
	return buf_str(&path);
}

static int report(struct task *task)
{
	const struct setting_value *tags = task_value(task, SETTING_TAG);
	struct str file = task_text(task, SETTING_OUTPUT);
	struct rest_request request = { .method = "GET", .accept = "*/*" };
	struct rest_response response;
	struct writing writing = { 0 };
	int code;

	if (tags->count > 1)
		return console_usage("report", "it takes one --tag");
	if (task->word_count && (tags->count || task_text(task, SETTING_OWNER).len))
		return console_usage("report", "either a domain, or --tag and --owner");
	request.path = path_of(task);
	code = output_open(&writing.output, file.len ? str_cstring(task->arena, file) : NULL,
			   &writing.err);
	if (code == 0)
		code = rest_call(&task->door.rest, task->arena, &request, on_line, &writing,
				 &response, &writing.err);
	if (code == 0 && response.status >= 300)
		return task_problem(task, &response);
	if (code == 0)
		code = output_close(&writing.output, &writing.err);
	if (code < 0) {
		console_say("%s", writing.err.text);
		return EXIT_BROKEN;
	}
	return EXIT_DONE;
}

int report_run(const struct call *call)
{
	static const struct verb verbs[] = { { "of", report, 0, 1, "[DOMAIN]" }, { NULL } };

	return task_run_alone(call, "report", verbs);
}

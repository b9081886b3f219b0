/* SPDX-License-Identifier: Apache-2.0 */
/* What does the scanner say, and is it still there? */
#include "children/scanner.h"

struct scanner_process {
	struct process *process;
	const struct scanner_process_events *events;
	void *data;
	struct scanner_inbox inbox;
	struct runner_client client; /* of its runs */
};

_Static_assert((int)SCANNER_FD == PROCESS_FD && (int)SCANNER_PACES_FD == PROCESS_FD + 1,
	       "the scanner's descriptors are those that process.c gives");

static const struct process_role role = { .name = "scanner", .version = SCANNER_PROTOCOL };

static struct scanner_process *process_of(struct runner_client *client)
{
	return (void *)((char *)client - offsetof(struct scanner_process, client));
}

static void on_ran(struct runner_client *client, const struct run_result *result)
{
	process_send(process_of(client)->process, SCANNER_RAN, result->number, &run_result_desc,
		     result);
}

static bool is_full(struct runner_client *client)
{
	return process_is_full(process_of(client)->process);
}

static void on_run(struct scanner_process *process, const struct run_request *request)
{
	struct run_result result = { .number = request->number, .end = RUN_MISSING };

	if (!process->client.runner)
		on_ran(&process->client, &result);
	else if (process->client.out < RUNS_OUT)
		runner_run(&process->client, request);
	else
		process_blame(process->process,
			      "the scanner cannot be believed: it has too many runs out");
}

static void body_deliver(struct scanner_process *process, const struct frame *frame,
			 const struct scanner_body *body)
{
	const struct scanner_process_events *events = process->events;
	void *data = process->data;

	if (body->type == SCANNER_READY && events->on_ready)
		events->on_ready(data, &body->ready);
	else if (body->type == SCANNER_RESULT && events->on_result)
		events->on_result(data, &body->result);
	else if (body->type == SCANNER_VERDICTS && events->on_verdicts)
		events->on_verdicts(data, &body->verdicts);
	else if (body->type == SCANNER_ANSWERS && events->on_answers)
		events->on_answers(data, &body->answers);
	else if (body->type == SCANNER_FACTS && events->on_facts)
		events->on_facts(data, &body->facts, frame->body);
	else if (body->type == SCANNER_PROGRESS && events->on_progress)
		events->on_progress(data, &body->progress);
	else if (body->type == SCANNER_LOG && events->on_log)
		events->on_log(data, &body->log);
	else if (body->type == SCANNER_RUN)
		on_run(process, &body->run);
	else if (body->type == SCANNER_UNRUN && process->client.runner)
		runner_unrun(&process->client, body->unrun.number);
	else if (body->type == SCANNER_FATAL)
		process_note_fatal(process->process, body->fatal.exit_code, body->fatal.text);
}

static int on_frame(void *data, const struct frame *frame, struct err *err)
{
	struct scanner_process *process = data;
	struct arena arena = { 0 };
	struct scanner_body body;
	int code = scanner_inbox_read(&arena, &process->inbox, frame, &body, err);

	if (code > 0)
		body_deliver(process, frame, &body);
	arena_release(&arena); /* and nothing of process: it may have been closed */
	return MIN(code, 0);
}

static void on_drain(void *data)
{
	struct scanner_process *process = data;

	if (process->client.runner)
		runner_resume(process->client.runner);
	if (process->events->on_drain)
		process->events->on_drain(process->data);
}

static void on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	struct scanner_process *process = data;

	runner_leave(&process->client);
	process->events->on_gone(process->data, exit_code, is_crash, why);
}

static const struct process_events process_events = { on_frame, on_drain, on_gone };

int scanner_process_start(uv_loop_t *loop, const struct scanner_configuration *configuration,
			  int paces_fd, const struct scanner_process_events *events, void *data,
			  struct scanner_process **ret, struct err *err)
{
	struct scanner_process *process = memory_alloc(sizeof *process);
	int code;

	*process = (struct scanner_process){ .events = events,
					     .data = data,
					     .client = { .on_ran = on_ran, .is_full = is_full } };
	code = process_start(loop, &role, configuration->has_paces ? paces_fd : -1, &process_events,
			     process, &process->process, err);
	if (code < 0) {
		memory_free(process);
		return code;
	}
	process->inbox.wants_verdicts = !configuration->format.len;
	process->inbox.wants_facts = configuration->wants_facts;
	process_send(process->process, SCANNER_CONFIGURE, 0, &scanner_configuration_desc,
		     configuration);
	*ret = process;
	return 0;
}

void scanner_process_close(struct scanner_process *process)
{
	if (!process)
		return;
	runner_leave(&process->client);
	process_close(process->process);
	scanner_inbox_release(&process->inbox);
	memory_free(process);
}

void scanner_process_blame(struct scanner_process *process, const char *why)
{
	process_blame(process->process, why);
}

void scanner_process_join(struct scanner_process *process, struct runner *runner)
{
	runner_join(runner, &process->client);
}

void scanner_process_scan(struct scanner_process *process, const struct scanner_scan *scan)
{
	scanner_inbox_expect(&process->inbox, scan->number);
	process_send(process->process, SCANNER_SCAN, scan->number, &scanner_scan_desc, scan);
}

void scanner_process_judge(struct scanner_process *process, const struct scanner_judge *judge)
{
	scanner_inbox_expect(&process->inbox, judge->number);
	if (judge->wants_verdicts)
		scanner_inbox_find(&process->inbox, judge->number)->wants_verdicts = true;
	process_send(process->process, SCANNER_JUDGE, judge->number, &scanner_judge_desc, judge);
}

void scanner_process_ask(struct scanner_process *process, const struct scanner_ask *ask,
			 uint64_t count)
{
	process->inbox.lines += count;
	process_send(process->process, SCANNER_ASK, 0, &scanner_ask_desc, ask);
}

void scanner_process_cancel(struct scanner_process *process, uint64_t number)
{
	struct scanner_flight *flight = scanner_inbox_find(&process->inbox, number);
	struct scanner_cancel cancel = { .number = number };

	if (!flight || flight->is_cancelled)
		return;
	flight->is_cancelled = true;
	process_send(process->process, SCANNER_CANCEL, number, &scanner_cancel_desc, &cancel);
}

void scanner_process_finish(struct scanner_process *process)
{
	process_expect_end(process->process);
	process_send(process->process, SCANNER_FINISH, 0, NULL, NULL);
}

bool scanner_process_is_full(const struct scanner_process *process)
{
	return process_is_full(process->process);
}

const struct scanner_flight *scanner_process_flights(const struct scanner_process *process,
						     size_t *ret_count)
{
	*ret_count = process->inbox.count;
	return process->inbox.flights;
}

pid_t scanner_process_pid(const struct scanner_process *process)
{
	return process_pid(process->process);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What does the scanner say, and is it still there? */
#include "children/scanner.h"

#include "loop/child.h"
#include "loop/frames.h"

#include <sys/socket.h>
#include <unistd.h>

enum { LEAVE_MS = 5000, STOP_MS = 1000 };

struct scanner_process {
	struct child *child;
	struct frames *frames;
	const struct scanner_process_events *events;
	void *data;
	struct scanner_inbox inbox;
	struct buf body;       /* of the frame that is sent */
	uv_timer_t *last_call; /* its stream has ended: it has this long to leave by itself */
	bool has_exited, has_ended, is_gone, is_finished, is_blamed;
	struct child_exit how;
	int fatal_code;
	char why[512];
};

const char *scanner_program(struct arena *a)
{
	static const char *const places[] = { "dss-net", "../lib/dss/dss-net" };
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	ptrdiff_t slash = len > 0 ? str_find_last_char(str_bytes(path, (size_t)len), '/') : -1;

	for (size_t i = 0; slash >= 0 && i < ARRAY_COUNT(places); i++) {
		struct str found = str_printf(a, "%.*s/%s", (int)slash, path, places[i]);

		if (!access(found.data, X_OK))
			return found.data;
	}
	return NULL;
}

/* Gone is when both the process and its last frames are through. */
static void check_gone(struct scanner_process *process)
{
	char why[sizeof process->why];

	if (!process->has_exited || !process->has_ended || process->is_gone)
		return;
	process->is_gone = true;
	if (process->how.signal && !process->why[0])
		snprintf(process->why, sizeof process->why,
			 "the scanner was killed by signal %d (%s)", process->how.signal,
			 strsignal(process->how.signal));
	else if (process->how.code && !process->why[0])
		snprintf(process->why, sizeof process->why, "the scanner left with exit code %d",
			 process->how.code);
	else if (!process->is_finished && !process->why[0])
		snprintf(process->why, sizeof process->why, "the scanner left too early");
	/* Whoever is told may close the process: its words are told from a copy. */
	memcpy(why, process->why, sizeof why);
	process->events->on_gone(process->data,
				 process->fatal_code ? process->fatal_code
				 : why[0]            ? 5
						     : 0,
				 !process->fatal_code, why);
}

static void on_exit_child(struct child *child, struct child_exit how, void *data)
{
	struct scanner_process *process = data;

	process->has_exited = true;
	process->has_ended |= process->is_blamed; /* what it still says is not read */
	process->how = how;
	check_gone(process);
}

static void on_fatal(struct scanner_process *process, const struct scanner_fatal *fatal)
{
	process->fatal_code = fatal->exit_code ? fatal->exit_code : 5;
	snprintf(process->why, sizeof process->why, "%.*s",
		 (int)MIN(fatal->text.len, sizeof process->why - 1), fatal->text.data);
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
	else if (body->type == SCANNER_FATAL)
		on_fatal(process, &body->fatal);
}

void scanner_process_blame(struct scanner_process *process, const char *why)
{
	if (!process->why[0])
		snprintf(process->why, sizeof process->why, "%s", why);
	process->is_blamed = true;
	frames_pause(process->frames);
	child_stop(process->child, 0);
}

static void on_frame(struct frames *frames, const struct frame *frame, void *data)
{
	struct scanner_process *process = data;
	struct arena arena = { 0 };
	struct scanner_body body;
	struct err err = { 0 };
	char why[sizeof err.text + 64];
	int code = scanner_inbox_read(&arena, &process->inbox, frame, &body, &err);

	if (code < 0) {
		snprintf(why, sizeof why, "the scanner cannot be believed: %s", err.text);
		scanner_process_blame(process, why);
	} else if (code > 0) {
		body_deliver(process, frame, &body);
	}
	arena_release(&arena); /* and nothing of process: it may have been closed */
}

static void on_drain(struct frames *frames, void *data)
{
	struct scanner_process *process = data;

	if (process->events->on_drain)
		process->events->on_drain(process->data);
}

static void on_last_call(uv_timer_t *timer)
{
	struct scanner_process *process = timer->data;

	child_stop(process->child, STOP_MS);
}

static void on_end(struct frames *frames, int code, void *data)
{
	struct scanner_process *process = data;

	process->has_ended = true;
	if (code < 0 && !process->why[0] && code != -ECONNRESET)
		snprintf(process->why, sizeof process->why, "the scanner's stream broke");
	if (code == ERR_LIMIT || code == ERR_SYNTAX)
		child_stop(process->child, 0);
	else if (!process->has_exited)
		uv_timer_start(process->last_call, on_last_call, LEAVE_MS, 0);
	check_gone(process);
}

static const struct frames_events frames_events = { on_frame, on_drain, on_end };

static int child_open(uv_loop_t *loop, struct scanner_process *process, const char *program, int fd,
		      int paces_fd, struct err *err)
{
	const char *const argv[] = { program, "scanner", NULL };
	const struct child_descriptor descriptors[] = { { fd, SCANNER_FD },
							{ STDERR_FILENO, STDERR_FILENO },
							{ paces_fd, SCANNER_PACES_FD } };
	const struct child_settings settings = { .argv = argv,
						 .descriptors = descriptors,
						 .descriptor_count =
							 ARRAY_COUNT(descriptors) - (paces_fd < 0),
						 .has_own_group = true };

	return child_start(loop, &settings, on_exit_child, process, &process->child, err);
}

static int streams_open(uv_loop_t *loop, struct scanner_process *process, int paces_fd,
			struct err *err)
{
	struct arena arena = { 0 };
	const char *program = scanner_program(&arena);
	int fds[2], code = 0;

	if (!program)
		return err_set(err, -ENOENT, "dss-net is missing: it belongs beside dss");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		code = err_set(err, -errno, "cannot make a socket pair: %s", strerror(errno));
	} else {
		code = child_open(loop, process, program, fds[1], paces_fd, err);
		close(fds[1]);
		if (code >= 0)
			code = frames_open(loop, fds[0], &frames_events, process, &process->frames,
					   err);
		if (code < 0)
			close(fds[0]);
	}
	arena_release(&arena);
	return code;
}

static void body_send(struct scanner_process *process, enum scanner_frame type, uint64_t number,
		      const struct desc *desc, const void *body)
{
	int code;

	process->body.len = 0;
	if (desc)
		desc_encode(&process->body, desc, body);
	code = frames_put_body(process->frames, (uint8_t)type, SCANNER_PROTOCOL, number,
			       buf_str(&process->body));
	(void)code; /* its end is told by on_gone */
}

int scanner_process_start(uv_loop_t *loop, const struct scanner_configuration *configuration,
			  int paces_fd, const struct scanner_process_events *events, void *data,
			  struct scanner_process **ret, struct err *err)
{
	struct scanner_process *process = memory_alloc(sizeof *process);
	int code;

	memset(process, 0, sizeof *process);
	process->events = events;
	process->data = data;
	buf_init(&process->body, NULL);
	process->last_call = memory_alloc(sizeof *process->last_call);
	if (uv_timer_init(loop, process->last_call) < 0)
		memory_exhausted();
	process->last_call->data = process;
	code = streams_open(loop, process, configuration->has_paces ? paces_fd : -1, err);
	if (code < 0) {
		scanner_process_close(process);
		return code;
	}
	process->inbox.wants_verdicts = !configuration->format.len;
	process->inbox.wants_facts = configuration->wants_facts;
	body_send(process, SCANNER_CONFIGURE, 0, &scanner_configuration_desc, configuration);
	*ret = process;
	return 0;
}

void scanner_process_close(struct scanner_process *process)
{
	if (!process)
		return;
	uv_close((uv_handle_t *)process->last_call, (uv_close_cb)memory_free);
	frames_close(process->frames);
	child_release(process->child);
	buf_release(&process->body);
	scanner_inbox_release(&process->inbox);
	memory_free(process);
}

void scanner_process_scan(struct scanner_process *process, const struct scanner_scan *scan)
{
	scanner_inbox_expect(&process->inbox, scan->number);
	body_send(process, SCANNER_SCAN, scan->number, &scanner_scan_desc, scan);
}

void scanner_process_judge(struct scanner_process *process, const struct scanner_judge *judge)
{
	scanner_inbox_expect(&process->inbox, judge->number);
	if (judge->wants_verdicts)
		scanner_inbox_find(&process->inbox, judge->number)->wants_verdicts = true;
	body_send(process, SCANNER_JUDGE, judge->number, &scanner_judge_desc, judge);
}

void scanner_process_ask(struct scanner_process *process, const struct scanner_ask *ask,
			 uint64_t count)
{
	process->inbox.lines += count;
	body_send(process, SCANNER_ASK, 0, &scanner_ask_desc, ask);
}

void scanner_process_cancel(struct scanner_process *process, uint64_t number)
{
	struct scanner_flight *flight = scanner_inbox_find(&process->inbox, number);
	struct scanner_cancel cancel = { .number = number };

	if (!flight || flight->is_cancelled)
		return;
	flight->is_cancelled = true;
	body_send(process, SCANNER_CANCEL, number, &scanner_cancel_desc, &cancel);
}

void scanner_process_finish(struct scanner_process *process)
{
	process->is_finished = true;
	body_send(process, SCANNER_FINISH, 0, NULL, NULL);
}

bool scanner_process_is_full(const struct scanner_process *process)
{
	return frames_is_full(process->frames);
}

const struct scanner_flight *scanner_process_flights(const struct scanner_process *process,
						     size_t *ret_count)
{
	*ret_count = process->inbox.count;
	return process->inbox.flights;
}

pid_t scanner_process_pid(const struct scanner_process *process)
{
	return child_pid(process->child);
}

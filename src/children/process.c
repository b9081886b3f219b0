/* SPDX-License-Identifier: Apache-2.0 */
/* Is the child still there, and how did it leave? */
#include "children/process.h"

#include "loop/child.h"
#include "loop/frames.h"

#include <sys/socket.h>
#include <unistd.h>

enum { LEAVE_MS = 5000, STOP_MS = 1000 };

struct process {
	const struct process_role *role;
	const struct process_events *events;
	void *data;
	struct child *child;
	struct frames *frames;
	struct buf body;       /* of the frame that is sent */
	uv_timer_t *last_call; /* its stream has ended: it has this long to leave by itself */
	bool has_exited, has_ended, is_gone, is_finished, is_blamed;
	struct child_exit how;
	int fatal_code;
	char why[512];
};

const char *process_program(struct arena *a)
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

static void say_why(struct process *process)
{
	const char *name = process->role->name;

	if (process->why[0])
		return;
	if (process->how.signal)
		snprintf(process->why, sizeof process->why, "the %s was killed by signal %d (%s)",
			 name, process->how.signal, strsignal(process->how.signal));
	else if (process->how.code)
		snprintf(process->why, sizeof process->why, "the %s left with exit code %d", name,
			 process->how.code);
	else if (!process->is_finished)
		snprintf(process->why, sizeof process->why, "the %s left too early", name);
}

static void check_gone(struct process *process)
{
	char why[sizeof process->why];

	if (!process->has_exited || !process->has_ended || process->is_gone)
		return;
	process->is_gone = true;
	say_why(process);
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
	struct process *process = data;

	process->has_exited = true;
	process->has_ended |= process->is_blamed; /* what it still says is not read */
	process->how = how;
	check_gone(process);
}

void process_note_fatal(struct process *process, int exit_code, struct str why)
{
	process->fatal_code = exit_code ? exit_code : 5;
	snprintf(process->why, sizeof process->why, "%.*s",
		 (int)MIN(why.len, sizeof process->why - 1), why.data);
}

void process_blame(struct process *process, const char *why)
{
	if (!process->why[0])
		snprintf(process->why, sizeof process->why, "%s", why);
	process->is_blamed = true;
	frames_pause(process->frames);
	child_stop(process->child, 0);
}

static void on_frame(struct frames *frames, const struct frame *frame, void *data)
{
	struct process *process = data;
	struct err err = { 0 };
	char why[sizeof err.text + 64];

	if (process->events->on_frame(process->data, frame, &err) >= 0)
		return; /* and nothing of process: it may have been closed */
	snprintf(why, sizeof why, "the %s cannot be believed: %s", process->role->name, err.text);
	process_blame(process, why);
}

static void on_drain(struct frames *frames, void *data)
{
	struct process *process = data;

	if (process->events->on_drain)
		process->events->on_drain(process->data);
}

static void on_last_call(uv_timer_t *timer)
{
	struct process *process = timer->data;

	child_stop(process->child, STOP_MS);
}

static void on_end(struct frames *frames, int code, void *data)
{
	struct process *process = data;

	process->has_ended = true;
	if (code < 0 && !process->why[0] && code != -ECONNRESET)
		snprintf(process->why, sizeof process->why, "the %s's stream broke",
			 process->role->name);
	if (code == ERR_LIMIT || code == ERR_SYNTAX)
		child_stop(process->child, 0);
	else if (!process->has_exited)
		uv_timer_start(process->last_call, on_last_call, LEAVE_MS, 0);
	check_gone(process);
}

static const struct frames_events frames_events = { on_frame, on_drain, on_end };

static int child_open(uv_loop_t *loop, struct process *process, const char *program, int fd,
		      int spare_fd, struct err *err)
{
	const char *const argv[] = { program, process->role->name, NULL };
	const struct child_descriptor descriptors[] = { { fd, PROCESS_FD },
							{ STDERR_FILENO, STDERR_FILENO },
							{ spare_fd, PROCESS_FD + 1 } };
	const struct child_settings settings = { .argv = argv,
						 .descriptors = descriptors,
						 .descriptor_count =
							 ARRAY_COUNT(descriptors) - (spare_fd < 0),
						 .has_own_group = true };

	return child_start(loop, &settings, on_exit_child, process, &process->child, err);
}

static int streams_open(uv_loop_t *loop, struct process *process, int spare_fd, struct err *err)
{
	struct arena arena = { 0 };
	const char *program = process_program(&arena);
	int fds[2], code = 0;

	if (!program)
		return err_set(err, -ENOENT, "dss-net is missing: it belongs beside dss");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		code = err_set(err, -errno, "cannot make a socket pair: %s", strerror(errno));
	} else {
		code = child_open(loop, process, program, fds[1], spare_fd, err);
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

int process_start(uv_loop_t *loop, const struct process_role *role, int spare_fd,
		  const struct process_events *events, void *data, struct process **ret,
		  struct err *err)
{
	struct process *process = memory_alloc(sizeof *process);
	int code;

	*process = (struct process){ .role = role, .events = events, .data = data };
	buf_init(&process->body, NULL);
	process->last_call = memory_alloc(sizeof *process->last_call);
	if (uv_timer_init(loop, process->last_call) < 0)
		memory_exhausted();
	process->last_call->data = process;
	code = streams_open(loop, process, spare_fd, err);
	if (code < 0) {
		process_close(process);
		return code;
	}
	*ret = process;
	return 0;
}

void process_close(struct process *process)
{
	if (!process)
		return;
	uv_close((uv_handle_t *)process->last_call, (uv_close_cb)memory_free);
	frames_close(process->frames);
	child_release(process->child);
	buf_release(&process->body);
	memory_free(process);
}

void process_send_body(struct process *process, uint8_t type, uint64_t number, struct str body)
{
	int code = frames_put_body(process->frames, type, process->role->version, number, body);

	(void)code; /* its end is told by on_gone */
}

void process_send(struct process *process, uint8_t type, uint64_t number, const struct desc *desc,
		  const void *body)
{
	process->body.len = 0;
	if (desc)
		desc_encode(&process->body, desc, body);
	process_send_body(process, type, number, buf_str(&process->body));
}

void process_pause(struct process *process)
{
	frames_pause(process->frames);
}

void process_resume(struct process *process)
{
	frames_resume(process->frames);
}

void process_expect_end(struct process *process)
{
	process->is_finished = true;
}

bool process_is_full(const struct process *process)
{
	return frames_is_full(process->frames);
}

pid_t process_pid(const struct process *process)
{
	return child_pid(process->child);
}

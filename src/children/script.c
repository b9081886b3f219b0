/* SPDX-License-Identifier: Apache-2.0 */
/* How is a program of the operator's told of a notice? */
#include "children/script.h"

#include "base/clock.h"
#include "loop/child.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CPU_S = 10, DESCRIPTORS = 64, ERROR_BYTES = 200 };
#define MEMORY_BYTES ((rlim_t)2 << 30)
#define FILE_BYTES ((rlim_t)64 << 20)

struct script_run {
	struct child *child;
	uv_poll_t *poll; /* on its standard streams */
	uv_timer_t *timer;
	int fd;
	script_callback *callback;
	void *context;
	struct arena arena;
	struct str input;
	size_t written, printed;
	struct buf reply;
	int64_t began_us;
	bool has_ended, has_exited;
	struct child_exit how;
	char error[ERROR_BYTES];
};

/* ---- which program ---- */

static bool is_word(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_alpha(text.data[i]) && !char_is_digit(text.data[i]) &&
		    (!text.data[i] || !strchr("._-", text.data[i])))
			return false;
	return text.len <= SCRIPT_NAME_BYTES;
}

static int path_of(struct arena *a, struct str folder, struct str name, struct str *ret,
		   struct err *err)
{
	if (!folder.len || folder.data[0] != '/')
		return err_set(err, -EINVAL, "no folder of scripts is configured");
	if (!name.len || name.data[0] == '.' || !is_word(name))
		return err_set(err, -EINVAL,
			       "a script is named by the file's name alone: letters, digits, "
			       "\".\", \"_\" and \"-\"");
	*ret = str_printf(a, "%.*s/%.*s", STR(folder), STR(name));
	return 0;
}

static int file_check(const char *path, struct err *err)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return err_set(err, -errno, "script %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode) || access(path, X_OK) < 0)
		return err_set(err, -EACCES, "script %s: it is no program (chmod +x)", path);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, -EPERM, "script %s: others may write to it (chmod go-w)", path);
	return 0;
}

int script_check(struct str folder, struct str name, struct err *err)
{
	struct arena scratch = { 0 };
	struct str path;
	int code = path_of(&scratch, folder, name, &path, err);

	if (code == 0)
		code = file_check(path.data, err);
	arena_release(&scratch);
	return code;
}

/* ---- its end ---- */

static void run_free(struct script_run *run)
{
	if (run->poll)
		uv_close((uv_handle_t *)run->poll, (uv_close_cb)memory_free);
	uv_close((uv_handle_t *)run->timer, (uv_close_cb)memory_free);
	if (run->fd >= 0)
		close(run->fd);
	child_release(run->child);
	buf_release(&run->reply);
	arena_release(&run->arena);
	memory_free(run);
}

void script_cancel(struct script_run *run)
{
	run_free(run);
}

static void say(struct script_run *run, const char *why)
{
	if (!run->error[0])
		snprintf(run->error, sizeof run->error, "%s", why);
}

/* Over when it has exited: a grandchild that holds the streams open is no reason to wait. */
static void run_end(struct script_run *run)
{
	struct script_result result = {
		.is_delivered = !run->error[0] && !run->how.signal && !run->how.code,
		.code = run->how.signal ? -1 : run->how.code,
		.elapsed_us = clock_monotonic_us() - run->began_us,
		.reply = buf_str(&run->reply),
	};
	char why[ERROR_BYTES] = "";

	if (run->how.signal)
		snprintf(why, sizeof why, "the script was ended by signal %d", run->how.signal);
	else if (run->how.code)
		snprintf(why, sizeof why, "the script left with exit code %d", run->how.code);
	if (!result.is_delivered)
		say(run, why);
	result.error = str_of(run->error);
	run->callback(run->context, &result);
	run_free(run);
}

static void streams_read(struct script_run *run);

static void on_exit_child(struct child *child, struct child_exit how, void *data)
{
	struct script_run *run = data;

	run->has_exited = true;
	run->how = how;
	if (!run->has_ended)
		streams_read(run); /* what is still in the socket */
	run_end(run);
}

static void on_timer(uv_timer_t *timer)
{
	struct script_run *run = timer->data;

	say(run, "the script did not end in time");
	child_stop(run->child, 0);
}

/* ---- its streams ---- */

static void streams_end(struct script_run *run)
{
	run->has_ended = true;
	uv_poll_stop(run->poll);
}

static void streams_read(struct script_run *run)
{
	char part[4096];
	ssize_t got;

	while ((got = recv(run->fd, part, sizeof part, MSG_DONTWAIT)) > 0) {
		size_t room = SCRIPT_REPLY_BYTES - run->reply.len;

		buf_put(&run->reply, part, MIN((size_t)got, room));
		run->printed += (size_t)got;
		if (run->printed < SCRIPT_OUTPUT_BYTES)
			continue;
		say(run, "the script printed too much");
		if (!run->has_exited)
			child_stop(run->child, 0);
		streams_end(run);
		return;
	}
	if (got == 0 || (errno != EAGAIN && errno != EINTR))
		streams_end(run);
}

/* A script that does not read what it is told is none of our business: it may know enough. */
static void streams_write(struct script_run *run)
{
	struct str rest = str_from(run->input, run->written);
	ssize_t sent = rest.len ? send(run->fd, rest.data, rest.len, MSG_NOSIGNAL) : 0;

	run->written += sent > 0 ? (size_t)sent : 0;
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		run->written = run->input.len;
	if (run->written == run->input.len)
		shutdown(run->fd, SHUT_WR);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct script_run *run = poll->data;
	bool is_writing = run->written < run->input.len;

	if (is_writing && (status < 0 || events & UV_WRITABLE))
		streams_write(run);
	if (status < 0 || events & UV_READABLE)
		streams_read(run);
	if (!run->has_ended)
		uv_poll_start(poll, UV_READABLE | (run->written < run->input.len ? UV_WRITABLE : 0),
			      on_ready);
}

/* ---- its beginning ---- */

static int child_open(uv_loop_t *loop, struct script_run *run, const struct script_order *order,
		      const char *path, int fd, struct err *err)
{
	struct arena *a = &run->arena;
	const char *const argv[] = { path, NULL };
	const char *const environment[] = {
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
		str_cstring(a, str_printf(a, "DSS_ID=%.*s", STR(order->id))),
		str_cstring(a, str_printf(a, "DSS_TYPE=%.*s", STR(order->type))), NULL
	};
	const struct child_descriptor descriptors[] = { { fd, 0 }, { fd, 1 }, { fd, 2 } };
	const struct child_limit limits[] = { { RLIMIT_CORE, 0, 0 },
					      { RLIMIT_CPU, CPU_S, CPU_S },
					      { RLIMIT_AS, MEMORY_BYTES, MEMORY_BYTES },
					      { RLIMIT_FSIZE, FILE_BYTES, FILE_BYTES },
					      { RLIMIT_NOFILE, DESCRIPTORS, DESCRIPTORS } };
	const struct child_settings settings = { .argv = argv,
						 .environment = environment,
						 .descriptors = descriptors,
						 .descriptor_count = ARRAY_COUNT(descriptors),
						 .limits = limits,
						 .limit_count = ARRAY_COUNT(limits),
						 .has_own_group = true };

	return child_start(loop, &settings, on_exit_child, run, &run->child, err);
}

static int streams_open(uv_loop_t *loop, struct script_run *run, const struct script_order *order,
			const char *path, struct err *err)
{
	int fds[2], code;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return err_set(err, -errno, "cannot make a socket pair: %s", strerror(errno));
	run->fd = fds[0];
	code = child_open(loop, run, order, path, fds[1], err);
	close(fds[1]);
	TRY(code);
	if (fcntl(run->fd, F_SETFL, O_NONBLOCK) < 0)
		return err_set(err, -errno, "fcntl: %s", strerror(errno));
	run->poll = memory_alloc(sizeof *run->poll);
	if (uv_poll_init(loop, run->poll, run->fd) < 0)
		memory_exhausted();
	run->poll->data = run;
	uv_poll_start(run->poll, UV_READABLE | UV_WRITABLE, on_ready);
	return 0;
}

static struct script_run *run_new(uv_loop_t *loop, const struct script_order *order)
{
	struct script_run *run = memory_alloc(sizeof *run);

	*run = (struct script_run){ .fd = -1, .began_us = clock_monotonic_us() };
	run->input = str_copy(&run->arena, order->input);
	buf_init(&run->reply, NULL);
	run->timer = memory_alloc(sizeof *run->timer);
	if (uv_timer_init(loop, run->timer) < 0)
		memory_exhausted();
	run->timer->data = run;
	return run;
}

int script_start(uv_loop_t *loop, const struct script_order *order, script_callback *callback,
		 void *context, struct script_run **ret, struct err *err)
{
	struct script_run *run;
	struct str path;
	int code;

	if (!is_word(order->id) || !is_word(order->type))
		return err_set(err, -EINVAL, "id and type of a message are words");
	if (order->input.len > SCRIPT_INPUT_BYTES)
		return err_set(err, ERR_LIMIT, "the message has more than %d octets",
			       SCRIPT_INPUT_BYTES);
	run = run_new(loop, order);
	run->callback = callback;
	run->context = context;
	code = path_of(&run->arena, order->folder, order->name, &path, err);
	if (code == 0)
		code = file_check(path.data, err);
	if (code == 0)
		code = streams_open(loop, run, order, path.data, err);
	if (code < 0) {
		run_free(run);
		return code;
	}
	uv_timer_start(run->timer, on_timer,
		       order->timeout_ms ? order->timeout_ms : SCRIPT_TIMEOUT_MS, 0);
	*ret = run;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which roles run, and what is done about those that do not? */
#include "roles/serve/supervisor.h"

#include "base/clock.h"
#include "loop/child.h"
#include "loop/timers.h"
#include "roles/serve/probe.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum role_state { ROLE_DOWN, ROLE_UP, ROLE_READY };

struct role {
	struct timer timer; /* down: starts it; up: looks whether it is ready */
	struct supervisor *supervisor;
	const struct supervised *what;
	struct child *child;
	struct probe *probe;
	uv_poll_t *ready; /* of the pipe by which it says so; NULL: it has, or has a probe */
	int ready_fd;
	enum role_state state;
	unsigned wait_ms; /* of the next restart */
	int64_t started_us;
	bool is_asked_to_end; /* it is its turn in a roll */
};

struct supervisor {
	struct supervisor_settings settings;
	struct arena environment_arena, readiness_arena;
	const char *const *environment;
	struct readiness readiness;
	struct timers timers;
	struct timer roll_timer;
	struct role roles[SUPERVISOR_ROLES];
	size_t count;
	size_t rolling; /* whose turn it is; count: nobody's */
	bool rolls_again, is_stopping, was_ready, was_refused;
};

static void role_start(struct role *role);
static void roll_next(struct supervisor *supervisor);

static const char *const *environment_copy(struct arena *a, const char *const *environment)
{
	const char **copy;
	size_t count = 0;

	while (environment && environment[count])
		count++;
	copy = arena_array(a, count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = str_copy(a, str_of(environment[i])).data;
	return copy;
}

static struct role *role_of_timer(struct timer *timer)
{
	return (struct role *)timer; /* its first member */
}

static void role_later(struct role *role, unsigned ms, void (*on_due)(struct timer *timer))
{
	role->timer.on_due = on_due;
	timer_start(&role->supervisor->timers, &role->timer,
		    clock_monotonic_us() + (int64_t)ms * 1000);
}

static bool is_any_alive(const struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->count; i++)
		if (supervisor->roles[i].child)
			return true;
	return false;
}

/* ---- ready ---- */

static void role_ready(struct role *role)
{
	struct supervisor *supervisor = role->supervisor;
	bool are_all = true;

	role->state = ROLE_READY;
	log_event(supervisor->settings.log, LEVEL_INFO, "role.ready", NULL,
		  LOG_TEXT("name", role->what->name),
		  LOG_UINT("ms", (uint64_t)(clock_monotonic_us() - role->started_us) / 1000));
	for (size_t i = 0; i < supervisor->count; i++)
		are_all &= supervisor->roles[i].state == ROLE_READY;
	if (are_all && !supervisor->was_ready) {
		supervisor->was_ready = true;
		supervisor->settings.on_ready(supervisor->settings.data);
	}
	if (supervisor->rolling < supervisor->count &&
	    role == &supervisor->roles[supervisor->rolling])
		roll_next(supervisor);
}

static void ready_forget(struct role *role)
{
	if (!role->ready)
		return;
	uv_poll_stop(role->ready);
	close(role->ready_fd);
	uv_close((uv_handle_t *)role->ready, (uv_close_cb)memory_free);
	role->ready = NULL;
}

/* It has said so; or its end is closed, and its exit tells the rest. */
static void on_said(uv_poll_t *poll, int status, int events)
{
	struct role *role = poll->data;
	char said;
	ssize_t got = read(role->ready_fd, &said, 1);

	if (got < 0 && errno == EAGAIN)
		return;
	ready_forget(role);
	if (got == 1)
		role_ready(role);
}

/* The end that the role gets; negative: there is none, and it never gets ready. */
static int ready_listen(struct role *role)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	role->ready = memory_alloc(sizeof *role->ready);
	role->ready_fd = ends[0];
	if (uv_poll_init(role->supervisor->settings.loop, role->ready, ends[0]) < 0)
		memory_exhausted();
	role->ready->data = role;
	uv_poll_start(role->ready, UV_READABLE, on_said);
	return ends[1];
}

static void on_look(struct timer *timer);

static void on_probed(bool is_ready, void *data)
{
	struct role *role = data;

	role->probe = NULL;
	if (is_ready)
		role_ready(role);
	else
		role_later(role, PROBE_EVERY_MS, on_look);
}

static void on_look(struct timer *timer)
{
	struct role *role = role_of_timer(timer);
	struct supervisor *supervisor = role->supervisor;

	if (probe_start(supervisor->settings.loop, supervisor->readiness.listen,
			supervisor->readiness.has_tls, on_probed, role, &role->probe, NULL) < 0)
		role_later(role, PROBE_EVERY_MS, on_look);
}

/* ---- starting and ending ---- */

static void on_due(struct timer *timer)
{
	role_start(role_of_timer(timer));
}

static void role_wait(struct role *role)
{
	role_later(role, role->wait_ms, on_due);
	role->wait_ms = MIN(MAX(role->wait_ms * 2, RESTART_LEAST_MS), RESTART_MOST_MS);
}

static void role_ended(struct role *role, struct child_exit how, int64_t lived_us)
{
	bool is_refusal = how.code == 2 && !role->supervisor->was_ready;
	bool is_wanted = role->is_asked_to_end || role->supervisor->is_stopping;
	const struct log_field fields[] = {
		LOG_TEXT("name", role->what->name),
		how.signal ? LOG_INT("signal", how.signal) : LOG_INT("code", how.code),
		LOG_UINT("lived_ms", (uint64_t)lived_us / 1000),
		LOG_UINT("restart_ms", role->wait_ms) /* last: only of one that starts again */
	};

	log_put(role->supervisor->settings.log, is_wanted ? LEVEL_INFO : LEVEL_WARNING,
		"role.ended", NULL, fields, ARRAY_COUNT(fields) - (is_wanted || is_refusal));
}

static void on_exit_of_role(struct child *child, struct child_exit how, void *data)
{
	struct role *role = data;
	struct supervisor *supervisor = role->supervisor;
	int64_t lived_us = clock_monotonic_us() - role->started_us;

	if (role->state == ROLE_READY && lived_us > (int64_t)LIVED_MS * 1000)
		role->wait_ms = 0;
	role_ended(role, how, lived_us);
	child_release(child);
	role->child = NULL;
	role->state = ROLE_DOWN;
	timer_stop(&supervisor->timers, &role->timer);
	ready_forget(role);
	if (role->probe) {
		probe_cancel(role->probe);
		role->probe = NULL;
	}
	if (how.code == 2 && !supervisor->was_ready && !supervisor->is_stopping) {
		supervisor->was_refused = true;
		supervisor_stop(supervisor);
		return;
	}
	if (supervisor->is_stopping) {
		if (!is_any_alive(supervisor))
			supervisor->settings.on_end(supervisor->was_refused,
						    supervisor->settings.data);
	} else if (role->is_asked_to_end) {
		role_start(role);
	} else {
		role_wait(role);
	}
}

static int role_run(struct role *role, struct err *err)
{
	struct supervisor *supervisor = role->supervisor;
	bool has_probe = role->what->readiness.listen.len;
	struct child_descriptor descriptors[2] = { { STDERR_FILENO, STDERR_FILENO } };
	struct child_settings settings = {
		.argv = role->what->argv,
		.environment = supervisor->environment,
		.descriptors = descriptors,
		.descriptor_count = 1,
		.has_own_group =
			true, /* a terminal's Ctrl-C comes to us alone, and goes on as SIGTERM */
		.directory = supervisor->settings.directory
	};
	int end = has_probe ? -1 : ready_listen(role), code;

	if (has_probe && supervisor->readiness.listen_fd)
		descriptors[settings.descriptor_count++] =
			(struct child_descriptor){ supervisor->readiness.listen_fd, LISTEN_FD };
	if (end >= 0)
		descriptors[settings.descriptor_count++] =
			(struct child_descriptor){ end, READY_FD };
	code = child_start(supervisor->settings.loop, &settings, on_exit_of_role, role,
			   &role->child, err);
	if (end >= 0)
		close(end);
	return code;
}

static void role_start(struct role *role)
{
	struct supervisor *supervisor = role->supervisor;
	struct err err = { 0 };

	role->is_asked_to_end = false;
	role->started_us = clock_monotonic_us();
	if (role_run(role, &err) < 0) {
		role->child = NULL;
		ready_forget(role);
		log_event(supervisor->settings.log, LEVEL_ERROR, "role.unstartable", NULL,
			  LOG_TEXT("name", role->what->name), LOG_TEXT("reason", err.text),
			  LOG_UINT("restart_ms", role->wait_ms));
		role_wait(role);
		return;
	}
	role->state = ROLE_UP;
	log_event(supervisor->settings.log, LEVEL_INFO, "role.started", NULL,
		  LOG_TEXT("name", role->what->name),
		  LOG_INT("pid", (int64_t)child_pid(role->child)));
	if (role->what->readiness.listen.len)
		role_later(role, PROBE_EVERY_MS / 5, on_look);
}

/* ---- one by one ---- */

static void on_roll_late(struct timer *timer)
{
	struct supervisor *supervisor =
		(struct supervisor *)((char *)timer - offsetof(struct supervisor, roll_timer));

	log_event(supervisor->settings.log, LEVEL_WARNING, "roll.late", NULL,
		  LOG_TEXT("name", supervisor->roles[supervisor->rolling].what->name));
	roll_next(supervisor);
}

static void roll_turn(struct supervisor *supervisor)
{
	struct role *role = &supervisor->roles[supervisor->rolling];

	timer_start(&supervisor->timers, &supervisor->roll_timer,
		    clock_monotonic_us() +
			    (int64_t)(supervisor->settings.stop_ms + ROLL_MS) * 1000);
	role->wait_ms = 0;
	role->is_asked_to_end = true;
	if (role->child)
		child_stop(role->child, supervisor->settings.stop_ms);
	else /* it waits to be started again: now, with what is new */
		role_start(role);
}

static void roll_next(struct supervisor *supervisor)
{
	timer_stop(&supervisor->timers, &supervisor->roll_timer);
	if (++supervisor->rolling == supervisor->count) {
		if (!supervisor->rolls_again) {
			log_put(supervisor->settings.log, LEVEL_INFO, "roll.done", NULL, NULL, 0);
			return;
		}
		supervisor->rolls_again = false;
		supervisor->rolling = 0;
	}
	roll_turn(supervisor);
}

static void readiness_set(struct supervisor *supervisor, struct readiness readiness)
{
	arena_release(&supervisor->readiness_arena);
	supervisor->readiness = readiness;
	supervisor->readiness.listen = str_copy(&supervisor->readiness_arena, readiness.listen);
}

void supervisor_roll(struct supervisor *supervisor, const char *const *environment,
		     struct readiness readiness)
{
	struct arena old = supervisor->environment_arena;

	if (supervisor->is_stopping)
		return;
	supervisor->environment_arena = (struct arena){ 0 };
	supervisor->environment = environment_copy(&supervisor->environment_arena, environment);
	arena_release(&old);
	readiness_set(supervisor, readiness);
	if (supervisor->rolling < supervisor->count) {
		supervisor->rolls_again = true;
		return;
	}
	supervisor->rolling = 0;
	roll_turn(supervisor);
}

/* ---- all of them ---- */

struct supervisor *supervisor_open(const struct supervisor_settings *settings)
{
	struct supervisor *supervisor = memory_alloc(sizeof *supervisor);

	memset(supervisor, 0, sizeof *supervisor);
	supervisor->settings = *settings;
	if (!settings->stop_ms)
		supervisor->settings.stop_ms = STOP_MS;
	supervisor->environment =
		environment_copy(&supervisor->environment_arena, settings->environment);
	supervisor->count = supervisor->rolling = MIN(settings->count, (size_t)SUPERVISOR_ROLES);
	supervisor->roll_timer.on_due = on_roll_late;
	timers_open(&supervisor->timers, settings->loop);
	for (size_t i = 0; i < supervisor->count; i++) {
		struct role *role = &supervisor->roles[i];

		role->supervisor = supervisor;
		role->what = &settings->roles[i];
		if (role->what->readiness.listen.len)
			readiness_set(supervisor, role->what->readiness);
		role_start(role);
	}
	return supervisor;
}

size_t supervisor_pids(const struct supervisor *supervisor, pid_t ret[static SUPERVISOR_ROLES])
{
	for (size_t i = 0; i < supervisor->count; i++)
		ret[i] = supervisor->roles[i].child ? child_pid(supervisor->roles[i].child) : 0;
	return supervisor->count;
}

void supervisor_kill(struct supervisor *supervisor, pid_t pid)
{
	for (size_t i = 0; i < supervisor->count; i++) {
		struct role *role = &supervisor->roles[i];

		if (role->child && child_pid(role->child) == pid)
			child_signal(role->child, SIGKILL);
	}
}

static void on_nothing_left(struct timer *timer)
{
	struct supervisor *supervisor =
		(struct supervisor *)((char *)timer - offsetof(struct supervisor, roll_timer));

	supervisor->settings.on_end(supervisor->was_refused, supervisor->settings.data);
}

void supervisor_stop(struct supervisor *supervisor)
{
	bool is_first = !supervisor->is_stopping;

	supervisor->is_stopping = true;
	timer_stop(&supervisor->timers, &supervisor->roll_timer);
	for (size_t i = 0; i < supervisor->count; i++) {
		struct role *role = &supervisor->roles[i];

		if (!role->child)
			timer_stop(&supervisor->timers, &role->timer);
		else if (is_first)
			child_stop(role->child, supervisor->settings.stop_ms);
		else
			child_signal(role->child, SIGTERM);
	}
	if (is_first && !is_any_alive(supervisor)) {
		supervisor->roll_timer.on_due = on_nothing_left;
		timer_start(&supervisor->timers, &supervisor->roll_timer, 0);
	}
}

void supervisor_close(struct supervisor *supervisor)
{
	if (!supervisor)
		return;
	for (size_t i = 0; i < supervisor->count; i++) {
		if (supervisor->roles[i].probe)
			probe_cancel(supervisor->roles[i].probe);
		ready_forget(&supervisor->roles[i]);
		child_release(supervisor->roles[i].child);
	}
	timers_close(&supervisor->timers);
	arena_release(&supervisor->environment_arena);
	arena_release(&supervisor->readiness_arena);
	memory_free(supervisor);
}

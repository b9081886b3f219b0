/* SPDX-License-Identifier: Apache-2.0 */
/* When does the scheduler look, and does it lead? */
#include "roles/scheduler/scheduler.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/timers.h"
#include "roles/scheduler/duty.h"
#include "store/folder.h"

#include <signal.h>
#include <unistd.h>

enum {
	LOOK_US =
		1000000, /* safety net under the wake descriptor, and how often we ask who leads */
	APART_US = 4000, /* from round to round at least, however often we are woken */
	REST_US = 1000000, /* after a failure */
	EXPIRE_FIRST_US = 60000000
};

struct scheduler {
	struct timer timer; /* first: it is what a due timer is of */
	const struct scheduler_options *options;
	struct store *store;
	struct arena arena;
	uv_loop_t loop;
	struct signals *signals;
	struct timers timers;
	uv_poll_t wake;
	int wake_fd, lock_fd;
	struct leader leader;
	struct duties duties;
	struct outside outside;
	int64_t round_us; /* when the last round was; monotonic */
	bool was_ready, was_leading, is_failing, is_ended;
};

static const struct log *log_of(const struct scheduler *scheduler)
{
	return scheduler->options->log;
}

static void say_failure(struct scheduler *scheduler, const struct err *err)
{
	if (!scheduler->is_failing)
		log_event(log_of(scheduler), LEVEL_ERROR, "scheduler.failing", NULL,
			  LOG_TEXT("error", err->text));
	scheduler->is_failing = true;
}

static void say_leading(struct scheduler *scheduler)
{
	char id[ID_TEXT_BYTES];
	bool is_leading = scheduler->leader.token != 0;

	if (is_leading != scheduler->was_leading)
		log_event(log_of(scheduler), LEVEL_INFO,
			  is_leading ? "scheduler.leads" : "scheduler.waits", NULL,
			  LOG_TEXT("scheduler", id_format(id, "wrk", scheduler->leader.id)),
			  LOG_INT("token", scheduler->leader.token));
	if (is_leading != scheduler->was_leading)
		outside_lead(&scheduler->outside, is_leading);
	scheduler->was_leading = is_leading;
}

/* A new leader knows nothing of what it saw when it led before. */
static void duties_begin(struct scheduler *scheduler)
{
	struct duties *duties = &scheduler->duties;

	duties->resting_count = 0;
	duties->lookout.count = 0;
	duties->clock_us = 0;
	duties->expiring = 0;
	duties->expiring_us = duties->collecting_us = duties->now_us + EXPIRE_FIRST_US;
	collect_release(&duties->collect);
}

static int lead(struct scheduler *scheduler, struct err *err)
{
	int code = leader_hold(&scheduler->leader, scheduler->duties.now_us, err);

	if (code > 0 && !scheduler->was_leading)
		duties_begin(scheduler);
	say_leading(scheduler);
	return code;
}

/* Microseconds until the next round. */
static int64_t round_run(struct scheduler *scheduler)
{
	struct err err = { 0 };
	bool again = false;
	int code = lead(scheduler, &err);

	if (code > 0)
		code = duties_run(&scheduler->duties, &again, &err);
	if (code ==
	    -ESTALE) { /* another leads; or the clock was set, and the next round leads again */
		scheduler->leader.token = 0;
		say_leading(scheduler);
		return APART_US;
	}
	if (code < 0) {
		say_failure(scheduler, &err);
		return REST_US;
	}
	if (scheduler->is_failing)
		log_event(log_of(scheduler), LEVEL_INFO, "scheduler.recovered", NULL,
			  LOG_TEXT("store", "answers"));
	scheduler->is_failing = false;
	if (!scheduler->was_ready && scheduler->options->ready_fd)
		(void)!write(scheduler->options->ready_fd, "\n", 1);
	scheduler->was_ready = true;
	if (again)
		return APART_US;
	return scheduler->leader.token && scheduler->duties.due_us >= 0
		       ? MIN(scheduler->duties.due_us, LOOK_US)
		       : LOOK_US;
}

static void on_due(struct timer *timer)
{
	struct scheduler *scheduler = (struct scheduler *)timer;
	int64_t wait_us;

	scheduler->duties.now_us = clock_monotonic_us();
	wait_us = round_run(scheduler);
	scheduler->round_us = clock_monotonic_us();
	timer_start(&scheduler->timers, &scheduler->timer, scheduler->round_us + wait_us);
}

static void look_soon(struct scheduler *scheduler)
{
	int64_t due_us = scheduler->round_us + APART_US;

	if (!scheduler->leader.token || scheduler->is_failing)
		return;
	if (!timer_is_running(&scheduler->timer) || scheduler->timer.due_us > due_us)
		timer_start(&scheduler->timers, &scheduler->timer, due_us);
}

static void on_news(void *context)
{
	look_soon(context);
}

/* Something was committed. Only the leader cares, and no more often than it is good for. */
static void on_wake(uv_poll_t *handle, int status, int events)
{
	struct scheduler *scheduler = handle->data;

	store_wake_clear(scheduler->wake_fd);
	look_soon(scheduler);
}

static void on_signal(int number, void *data)
{
	struct scheduler *scheduler = data;

	scheduler->is_ended = number != SIGHUP; /* a new configuration is a new process */
}

static int open_parts(struct scheduler *scheduler, struct err *err)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	struct str folder;
	int code;

	TRY(store_open(scheduler->options->store, STORE_CREATE, &scheduler->store, err));
	TRY(folder_of_store(scheduler->options->store, &folder, err));
	scheduler->duties.folder = str_copy(&scheduler->arena, folder);
	if (folder.len)
		TRY(worker_lock_take(scheduler->duties.folder.data, scheduler->leader.id,
				     &scheduler->lock_fd, err));
	TRY(store_wake_fd(scheduler->store, &scheduler->wake_fd, err));
	TRY(signals_open(&scheduler->loop, numbers, on_signal, scheduler, &scheduler->signals,
			 err));
	TRY(outside_open(&scheduler->outside, &scheduler->options->bus, &scheduler->loop, err));
	code = uv_poll_init(&scheduler->loop, &scheduler->wake, scheduler->wake_fd);
	if (code == 0)
		code = uv_poll_start(&scheduler->wake, UV_READABLE, on_wake);
	return code < 0 ? err_set(err, code, "waiting for the store: %s", uv_strerror(code)) : 0;
}

static void close_parts(struct scheduler *scheduler)
{
	collect_release(&scheduler->duties.collect);
	outside_close(&scheduler->outside);
	if (scheduler->leader.token)
		leader_resign(&scheduler->leader);
	if (scheduler->lock_fd >= 0)
		worker_lock_release(scheduler->duties.folder.data, scheduler->leader.id,
				    scheduler->lock_fd);
	signals_close(scheduler->signals);
	timers_close(&scheduler->timers);
	(void)loop_close(&scheduler->loop);
	if (scheduler->wake_fd >= 0)
		close(scheduler->wake_fd);
	store_close(scheduler->store);
	arena_release(&scheduler->arena);
}

int scheduler_main(const struct scheduler_options *options, struct err *err)
{
	/* Its tables of workers and batches are large. */
	struct scheduler *scheduler = memory_alloc(sizeof *scheduler);
	int code;

	*scheduler = (struct scheduler){ .options = options, .wake_fd = -1, .lock_fd = -1 };
	scheduler->leader.id = uuid_new(clock_utc_us());
	scheduler->timer.on_due = on_due;
	scheduler->wake.data = scheduler;
	scheduler->duties.outside = &scheduler->outside;
	scheduler->outside.log = options->log;
	scheduler->outside.on_news = on_news;
	scheduler->outside.context = scheduler;
	if (uv_loop_init(&scheduler->loop) < 0)
		memory_exhausted();
	timers_open(&scheduler->timers, &scheduler->loop);
	code = open_parts(scheduler, err);
	if (code == 0) {
		scheduler->leader.store = scheduler->store;
		scheduler->leader.name = STR_LIT("scheduler");
		scheduler->leader.folder = scheduler->duties.folder;
		scheduler->duties.options = options;
		scheduler->duties.store = scheduler->store;
		app_init(&scheduler->duties.app, scheduler->store);
		scheduler->duties.app.default_profile = options->default_profile;
		scheduler->duties.leader = &scheduler->leader;
		timer_start(&scheduler->timers, &scheduler->timer, clock_monotonic_us());
		log_event(options->log, LEVEL_INFO, "scheduler.started", NULL,
			  LOG_STR("store", options->store));
		while (!scheduler->is_ended)
			uv_run(&scheduler->loop, UV_RUN_ONCE);
		log_event(options->log, LEVEL_INFO, "scheduler.ended", NULL,
			  LOG_STR("store", options->store));
	}
	close_parts(scheduler);
	memory_free(scheduler);
	return code;
}

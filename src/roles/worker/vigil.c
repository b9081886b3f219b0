/* SPDX-License-Identifier: Apache-2.0 */
/* Does the worker still count as alive, do others, and which of its scans are to stop? */
#include "app/rescue.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "roles/worker/parts.h"
#include "store/folder.h"
#include "store/worker.h"

#include <unistd.h>

enum {
	LOOK_MS =
		1000, /**< after other workers; for scans to be cancelled, when the store wakes nobody */
	LOOK_SOON_MS = 100, /**< after the store woke us */
};

static int beat_work(struct store_tx *tx, void *context, struct err *err)
{
	const struct worker *worker = context;

	return worker_beat(tx, worker->id, (int64_t)worker->held_count, worker->is_draining, err);
}

static void beat_run(struct errand *errand)
{
	errand->code = store_write(errand->worker->store, beat_work, errand->worker, &errand->err);
}

static void beat_over(struct errand *errand)
{
	struct worker *worker = errand->worker;

	if (worker->is_parting)
		return;
	timer_start(&worker->timers, &worker->beat, worker_in_ms(WORKER_BEAT_MS));
	if (errand->code == -ENOENT) {
		log_event(worker->options->log, LEVEL_ERROR, "worker.lost", NULL,
			  LOG_TEXT("reason", "it was given up while it did not beat"));
		err_set(&errand->err, -ENOENT, "this worker was given up by the others");
		worker_end(worker, 5, &errand->err);
	} else if (errand->code < 0) {
		worker_store_failed(worker, &errand->err);
	} else {
		worker->wrote_us = clock_monotonic_us();
		worker_store_works(worker);
	}
}

static void on_beat(struct timer *timer)
{
	struct worker *worker = OF_TIMER(timer, beat);

	errand_start(&worker->beating);
}

/* ---- workers that hang, and scans that are to stop ---- */

/* Whoever finds it: no process has to be there for it. */
static int rescue_others(struct worker *worker, struct arena *a, struct err *err)
{
	struct lookout_view view = { .self = worker->id,
				     .now_us = clock_monotonic_us(),
				     .wrote_us = worker->looked_wrote_us };
	struct worker_row *dead;
	size_t count;

	TRY(folder_of_store(worker->options->store, &view.folder, err));
	TRY(lookout_look(&worker->lookout, worker->store, a, &view, &dead, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct rescued rescued;
		char id[ID_TEXT_BYTES];
		int code = rescue_worker(worker->store, NULL, &dead[i],
					 !bus_is_embedded(worker->options->bus.url), &rescued, err);

		if (code == -ENOENT)
			continue;
		TRY(code);
		log_event(worker->options->log, LEVEL_WARNING, "worker.rescued", NULL,
			  LOG_TEXT("worker", id_format(id, "wrk", dead[i].id)),
			  LOG_UINT("scans", rescued.scans), LOG_INT("messages", rescued.messages));
	}
	return 0;
}

static void look_run(struct errand *errand)
{
	struct worker *worker = errand->worker;
	struct err ignored; /* the next look tells, and the beat */

	worker->cancelled_count = 0;
	(void)!rescue_others(worker, &worker->look_arena, &ignored);
	(void)!store_read(worker->store, worker_count_machines, worker, &ignored);
	if (worker->held_count)
		errand->code = app_scan_cancel_asked(&worker->app, &worker->look_arena, worker->id,
						     &worker->cancelled, &worker->cancelled_count,
						     &errand->err);
}

static void cancel(struct worker *worker, struct uuid id)
{
	for (struct held *held = worker->held; held; held = held->next) {
		if (!uuid_eq(held->id, id) || held->is_to_cancel)
			continue;
		held->is_to_cancel = true;
		if (held->phase == HELD_SCANNING && held->pool) {
			pool_cancel(held->pool, &held->scan);
		} else if (held->phase == HELD_SCANNING) {
			fresh_drop(held);
			outcome_fail(held, SCAN_IS_CANCELLED, clock_utc_us(), STR_NONE);
			ending_put(held);
		}
		return;
	}
}

static void look_over(struct errand *errand)
{
	struct worker *worker = errand->worker;

	if (worker->is_parting)
		return;
	worker_divide(worker);
	for (size_t i = 0; errand->code == 0 && i < worker->cancelled_count; i++)
		cancel(worker, worker->cancelled[i]);
	arena_release(&worker->look_arena);
	timer_start(&worker->timers, &worker->look, worker_in_ms(LOOK_MS));
}

static void on_look(struct timer *timer)
{
	struct worker *worker = OF_TIMER(timer, look);

	worker->looked_wrote_us = worker->wrote_us;
	errand_start(&worker->looking);
}

static void on_wake(uv_poll_t *poll, int status, int events)
{
	struct worker *worker = poll->data;

	store_wake_clear(worker->wake_fd);
	if (worker->held_count && !worker->looking.is_busy &&
	    worker->look.due_us > worker_in_ms(LOOK_SOON_MS))
		timer_start(&worker->timers, &worker->look, worker_in_ms(LOOK_SOON_MS));
}

int vigil_open(struct worker *worker, struct err *err)
{
	worker->wrote_us = clock_monotonic_us(); /* it is registered */
	worker->beating = (struct errand){ .worker = worker, .run = beat_run, .over = beat_over };
	worker->looking = (struct errand){ .worker = worker, .run = look_run, .over = look_over };
	worker->beat.on_due = on_beat;
	worker->look.on_due = on_look;
	TRY(store_wake_fd(worker->store, &worker->wake_fd, err));
	worker->wake = memory_alloc(sizeof *worker->wake);
	if (uv_poll_init(&worker->loop, worker->wake, worker->wake_fd) < 0)
		memory_exhausted();
	worker->wake->data = worker;
	uv_poll_start(worker->wake, UV_READABLE, on_wake);
	timer_start(&worker->timers, &worker->beat, worker_in_ms(WORKER_BEAT_MS));
	timer_start(&worker->timers, &worker->look, worker_in_ms(LOOK_MS));
	return 0;
}

void vigil_close(struct worker *worker)
{
	if (worker->wake) {
		uv_close((uv_handle_t *)worker->wake, (uv_close_cb)memory_free);
		loop_run_closing(&worker->loop);
		close(worker->wake_fd);
	}
	arena_release(&worker->look_arena);
}

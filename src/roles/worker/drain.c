/* SPDX-License-Identifier: Apache-2.0 */
/* How does a worker end: what may finish, and what goes back? */
#include "base/fault.h"
#include "roles/worker/parts.h"
#include "store/worker.h"

#include <signal.h>

enum { PART_MS = 3000 /**< before the end of a drain: time to hand back what is left */ };

struct parting {
	struct worker *worker;
	struct uuid *ids;
	int64_t *tokens;
	bool *is_to_publish; /* its message is not ours any more */
	size_t count;
};

static int part_work(struct store_tx *tx, void *context, struct err *err)
{
	const struct parting *parting = context;

	for (size_t i = 0; i < parting->count; i++) {
		int code = scan_release(tx, parting->ids[i], parting->tokens[i],
					parting->is_to_publish[i], err);

		if (code < 0 && code != -ESTALE)
			return code;
	}
	return worker_remove(tx, parting->worker->id, err);
}

/* What runs is ours by its token; what waits was not taken yet. */
static void part_run(struct errand *errand)
{
	struct worker *worker = errand->worker;
	struct arena a = { 0 };
	struct parting parting = { .worker = worker };

	parting.ids = arena_array(&a, worker->held_count, sizeof *parting.ids);
	parting.is_to_publish = arena_array(&a, worker->held_count, sizeof *parting.is_to_publish);
	parting.tokens = arena_array(&a, worker->held_count, sizeof *parting.tokens);
	for (const struct held *held = worker->held; held; held = held->next)
		if (held->phase != HELD_TO_TAKE) {
			parting.ids[parting.count] = held->id;
			parting.is_to_publish[parting.count] = !held->tag;
			parting.tokens[parting.count++] = held->row.token;
		}
	errand->code = store_write(worker->store, part_work, &parting, &errand->err);
	arena_release(&a);
}

static void part_over(struct errand *errand)
{
	struct worker *worker = errand->worker;

	if (errand->code < 0)
		log_event(worker->options->log, LEVEL_ERROR, "worker.handback-failed", NULL,
			  LOG_TEXT("reason", errand->err.text));
	for (struct held *held = worker->held; held && errand->code == 0; held = held->next)
		if (held->tag && FAULT_IS_OFF("hand-back"))
			bus_ack(worker->bus, held->tag);
		else if (held->tag)
			bus_give_back(worker->bus, held->tag);
	log_event(worker->options->log, LEVEL_INFO, "worker.ended", NULL,
		  LOG_UINT("handed_back", worker->held_count));
	worker_end(worker, 0, NULL);
}

/* Nothing runs in a thread that could write of what is handed back. */
static void part(struct worker *worker)
{
	if (worker->is_parting || worker->taking.errand.is_busy || worker->ending.errand.is_busy)
		return;
	worker->is_parting = true;
	for (struct held *held = worker->held; held; held = held->next)
		if (held->phase == HELD_SCANNING && held->pool)
			pool_forget(held->pool, &held->scan);
	errand_start(&worker->parting);
}

void drain_check(struct worker *worker)
{
	if (worker->is_draining && (!worker->held_count || !timer_is_running(&worker->drain_over)))
		part(worker);
}

static void on_drain_over(struct timer *timer)
{
	drain_check(OF_TIMER(timer, drain_over));
}

/* What was not begun goes back now: others may begin it. */
static void hand_back_waiting(struct worker *worker)
{
	struct held *held;

	while ((held = held_take(&worker->to_take))) {
		if (held->tag)
			bus_give_back(worker->bus, held->tag);
		held_free(held);
	}
}

void drain_signal(int number, void *data)
{
	struct worker *worker = data;

	if (number == SIGHUP)
		return; /* a new configuration is a new process */
	log_event(worker->options->log, LEVEL_INFO, "worker.draining", NULL,
		  LOG_INT("signal", number), LOG_UINT("held", worker->held_count));
	if (worker->is_draining) {
		timer_stop(&worker->timers, &worker->drain_over);
	} else {
		worker->is_draining = true;
		timer_start(&worker->timers, &worker->drain_over, worker_in_ms(DRAIN_MS - PART_MS));
		worker_consume(worker);
		hand_back_waiting(worker);
	}
	drain_check(worker);
}

void drain_init(struct worker *worker)
{
	worker->parting = (struct errand){ .worker = worker, .run = part_run, .over = part_over };
	worker->drain_over.on_due = on_drain_over;
}

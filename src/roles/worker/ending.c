/* SPDX-License-Identifier: Apache-2.0 */
/* How is what came of scans stored, many in one commit, and the message settled after it? */
#include "base/clock.h"
#include "base/fault.h"
#include "roles/worker/parts.h"

static int end_all(struct batch *batch, struct err *err)
{
	struct scan_outcome *outcomes = arena_array(&batch->arena, batch->count, sizeof *outcomes);
	struct scan_stored *stored = arena_array(&batch->arena, batch->count, sizeof *stored);

	for (size_t i = 0; i < batch->count; i++)
		outcomes[i] = batch->held[i]->outcome;
	TRY(app_scan_end(&batch->errand.worker->app, outcomes, batch->count, stored, err));
	for (size_t i = 0; i < batch->count; i++)
		batch->held[i]->stored = stored[i];
	return 0;
}

/* What cannot be stored for what it is ends as failed: it would not get better. */
static int end_alone(struct errand *errand, struct held *held)
{
	struct batch one = { .errand = *errand, .held = { held }, .count = 1 };
	struct err err = { 0 };
	int code = end_all(&one, &err);

	if (code < 0 && !is_store_trouble(code)) {
		outcome_fail(
			held, SCAN_IS_FAILED, clock_utc_us(),
			str_printf(&held->scan.arena, "its result cannot be stored: %s", err.text));
		code = end_all(&one, &errand->err);
	} else if (code < 0) {
		errand->err = err;
	}
	arena_release(&one.arena);
	return code;
}

static void end_batch(struct errand *errand)
{
	struct batch *batch = (struct batch *)errand;

	for (size_t i = 0; i < batch->count; i++)
		if (uuid_is_nil(batch->held[i]->outcome.scan))
			outcome_make(batch->held[i], clock_utc_us());
	FAULT_POINT("worker.before-store");
	errand->code = end_all(batch, &errand->err);
	FAULT_POINT("worker.after-store");
	if (errand->code == 0 || is_store_trouble(errand->code))
		return;
	errand->code = 0;
	for (size_t i = 0; i < batch->count && errand->code == 0; i++)
		errand->code = end_alone(errand, batch->held[i]);
}

static void say_ended(const struct held *held)
{
	const struct scan_outcome *outcome = &held->outcome;
	struct log_ids ids = worker_ids(held);

	log_event(held->worker->options->log,
		  outcome->status == SCAN_IS_FAILED ? LEVEL_WARNING : LEVEL_INFO,
		  held->stored.is_stale ? "scan.lost" : "scan.ended", &ids,
		  LOG_STR("domain", held->row.name),
		  LOG_TEXT("state", scan_status_words[outcome->status]),
		  LOG_UINT("ms", (uint64_t)held->scan.elapsed_us / 1000),
		  LOG_UINT("findings", outcome->finding_count),
		  LOG_UINT("facts", outcome->fact_count), LOG_STR("error", outcome->error));
}

/* Only now, that it is durable, may the message go. */
static void settle(struct held *held)
{
	struct worker *worker = held->worker;

	say_ended(held);
	FAULT_POINT("worker.before-ack");
	if (held->tag && held->scan.is_poison && !held->stored.is_stale)
		bus_bury(worker->bus, held->tag, held->outcome.error);
	else if (held->tag)
		bus_ack(worker->bus, held->tag);
	FAULT_POINT("worker.after-ack");
	held_free(held);
}

static void ending_over(struct errand *errand)
{
	struct batch *batch = (struct batch *)errand;
	struct worker *worker = errand->worker;

	if (worker->is_over)
		return;
	if (errand->code < 0)
		worker_store_failed(worker, &errand->err);
	for (size_t i = 0; i < batch->count; i++)
		if (errand->code == 0) {
			settle(batch->held[i]);
		} else {
			batch->held[i]->phase = HELD_TO_END;
			held_put(&worker->to_end, batch->held[i]);
		}
	batch->count = 0;
	arena_release(&batch->arena);
	if (errand->code == 0) { /* not before the batch is empty: these begin the next one */
		worker_store_works(worker);
		ending_go(worker);
	}
	drain_check(worker);
}

void ending_init(struct worker *worker)
{
	worker->ending.errand =
		(struct errand){ .worker = worker, .run = end_batch, .over = ending_over };
}

void ending_go(struct worker *worker)
{
	struct batch *batch = &worker->ending;
	struct held *held;

	if (batch->errand.is_busy || !worker->to_end.count || worker->store_failures ||
	    worker->is_over)
		return;
	while (batch->count < BATCH && (held = held_take(&worker->to_end))) {
		held->phase = HELD_ENDING;
		batch->held[batch->count++] = held;
	}
	errand_start(&batch->errand);
}

void ending_put(struct held *held)
{
	held->phase = HELD_TO_END;
	held_put(&held->worker->to_end, held);
	ending_go(held->worker);
}

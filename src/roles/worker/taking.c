/* SPDX-License-Identifier: Apache-2.0 */
/* How does a message become a scan that runs? */
#include "base/clock.h"
#include "base/fault.h"
#include "base/trace.h"
#include "bus/message.h"
#include "model/profile.h"
#include "roles/worker/parts.h"

/* What was read lives no longer than the batch. */
static void policy_keep(struct held *held, const struct scan_taking *taking)
{
	struct scanner_options read = { .policy = taking->policy,
					.expectations = taking->expectations };
	struct buf bytes;

	held->policy = (struct check_policy){ 0 };
	held->expectations = (struct expectations){ 0 };
	buf_init(&bytes, &held->scan.arena);
	desc_encode(&bytes, &policy_desc, &read.policy);
	if (desc_decode(&held->scan.arena, &policy_desc, buf_str(&bytes), &read.policy) == 0)
		held->policy = read.policy;
	buf_init(&bytes, &held->scan.arena);
	desc_encode(&bytes, &expectations_desc, &read.expectations);
	if (desc_decode(&held->scan.arena, &expectations_desc, buf_str(&bytes),
			&read.expectations) == 0)
		held->expectations = read.expectations;
}

/* Likewise. */
static void before_keep(struct held *held, const struct scan_taking *taking)
{
	struct arena *a = &held->scan.arena;

	held->scan.before = arena_array(a, taking->before_count, sizeof *held->scan.before);
	held->scan.before_count = taking->before_count;
	for (size_t i = 0; i < taking->before_count; i++)
		held->scan.before[i] = str_copy(a, taking->before[i]);
}

/* The thread takes a batch: queued scans become ours, with a token. */
static void take_all(struct errand *errand)
{
	struct batch *batch = (struct batch *)errand;
	struct scan_taking takings[BATCH] = { 0 };

	for (size_t i = 0; i < batch->count; i++)
		takings[i].scan = batch->held[i]->id;
	FAULT_POINT("worker.received");
	errand->code = app_scan_take(&errand->worker->app, &batch->arena, errand->worker->id,
				     takings, batch->count, &errand->err);
	FAULT_POINT("worker.taken");
	for (size_t i = 0; i < batch->count && errand->code == 0; i++) {
		struct held *held = batch->held[i];

		held->take_code = takings[i].code;
		held->row = takings[i].row;
		held->row.name = str_copy(&held->scan.arena, takings[i].row.name);
		held->row.recheck = str_copy(&held->scan.arena, takings[i].row.recheck);
		held->row.trace = STR_NONE;
		if (held->take_code)
			continue;
		held->wants_proof = takings[i].wants_proof;
		policy_keep(held, &takings[i]);
		before_keep(held, &takings[i]);
	}
}

static void options_set(struct held *held)
{
	const struct scanner_options *usual = &held->worker->options->scanner.options;
	struct scanner_options *options = &held->scan.options;

	*options = *usual;
	if (profile_word(held->row.profile).len)
		options->profile = profile_word(held->row.profile);
	options->is_active = held->row.flags & SCAN_IS_ACTIVE_FLAG;
	options->is_fresh = held->row.flags & SCAN_IS_FRESH_FLAG;
	options->wants_proof = held->wants_proof;
	options->only_count = options->skip_count = 0;
	options->policy = held->policy;
	options->expectations = held->expectations;
	if (held->row.recheck.len) {
		options->only = &held->row.recheck;
		options->only_count = 1;
	}
}

static void end_unscanned(struct held *held, enum scan_status status, const char *why)
{
	outcome_fail(held, status, clock_utc_us(), str_of(why));
	ending_put(held);
}

/* It is ours: to a scanner, unless it has to end without. */
static void taken(struct held *held)
{
	struct worker *worker = held->worker;

	held->started_us = held->row.started_at;
	if (FAULT_IS_OFF("ack-after-commit") && held->tag) {
		bus_ack(worker->bus, held->tag);
		held->tag = 0;
	}
	log_event(worker->options->log, LEVEL_DEBUG, "scan.taken",
		  (&(struct log_ids){ .scan_id = str_of(held->id_text) }),
		  LOG_STR("domain", held->row.name), LOG_INT("attempt", held->row.attempt));
	if (held->is_to_cancel || held->row.cancel_at) {
		end_unscanned(held, SCAN_IS_CANCELLED, "");
	} else if (held->row.deaths >= POOL_DEATHS) {
		held->scan.is_poison = true;
		end_unscanned(held, SCAN_IS_FAILED, "two scanners died of it");
	} else {
		options_set(held);
		held->phase = HELD_SCANNING;
		held->scan.domain = held->row.name;
		held->scan.deaths = (unsigned)held->row.deaths;
		held->pool = worker->pool;
		if (held->scan.options.is_fresh)
			fresh_put(held);
		else
			pool_put(held->pool, &held->scan);
		FAULT_POINT("worker.scanning");
	}
}

/* Final, another's, or gone: there is nothing to do for this message. */
static void not_taken(struct held *held)
{
	struct worker *worker = held->worker;

	log_event(worker->options->log, LEVEL_DEBUG, "scan.passed-over",
		  (&(struct log_ids){ .scan_id = str_of(held->id_text) }),
		  LOG_TEXT("reason", held->take_code == -ENOENT
					     ? "it is not there any more"
					     : "it has ended, or runs elsewhere"));
	if (held->tag)
		bus_ack(worker->bus, held->tag);
	held_free(held);
}

static void taking_over(struct errand *errand)
{
	struct batch *batch = (struct batch *)errand;
	struct worker *worker = errand->worker;

	if (worker->is_over)
		return;
	if (errand->code < 0)
		worker_store_failed(worker, &errand->err);
	for (size_t i = 0; i < batch->count; i++) {
		struct held *held = batch->held[i];

		held->phase = HELD_TO_TAKE;
		if (errand->code < 0)
			held_put(&worker->to_take, held);
		else if (held->take_code < 0)
			not_taken(held);
		else
			taken(held);
	}
	batch->count = 0;
	arena_release(&batch->arena);
	if (errand->code == 0) { /* not before the batch is empty: these begin the next one */
		worker_store_works(worker);
		taking_go(worker);
	}
	drain_check(worker);
}

void taking_init(struct worker *worker)
{
	worker->taking.errand =
		(struct errand){ .worker = worker, .run = take_all, .over = taking_over };
}

void taking_go(struct worker *worker)
{
	struct batch *batch = &worker->taking;
	struct held *held;

	if (batch->errand.is_busy || !worker->to_take.count || worker->store_failures ||
	    worker->is_draining || worker->is_over)
		return;
	while (batch->count < BATCH && (held = held_take(&worker->to_take))) {
		held->phase = HELD_TAKING;
		batch->held[batch->count++] = held;
	}
	errand_start(&batch->errand);
}

static struct held *held_new(struct worker *worker, const struct bus_message *message)
{
	struct held *held = memory_alloc(sizeof *held);

	*held = (struct held){ .worker = worker,
			       .tag = message->tag,
			       .attempt = message->attempt,
			       .next = worker->held,
			       .link = &worker->held };
	if (held->next)
		held->next->link = &held->next;
	worker->held = held;
	worker->held_count++;
	held->scan.context = held;
	return held;
}

static void trace_note(struct held *held, struct str text)
{
	struct trace trace;

	if (text.len && trace_parse(text, &trace) == 0)
		trace_id_text(&trace, held->trace_id);
}

void taking_message(struct worker *worker, const struct bus_message *message)
{
	struct arena scratch = { 0 };
	struct scan_message body;
	struct err err = { 0 };
	struct held *held;

	if (worker->is_draining) {
		bus_give_back(worker->bus, message->tag);
	} else if (scan_message_read(&scratch, message->body, &body, &err) < 0) {
		log_event(worker->options->log, LEVEL_ERROR, "message.buried", NULL,
			  LOG_TEXT("reason", err.text));
		if (FAULT_IS_OFF("dead-letters"))
			bus_ack(worker->bus, message->tag);
		else
			bus_bury(worker->bus, message->tag, str_of(err.text));
	} else {
		held = held_new(worker, message);
		held->id = body.scan;
		id_format(held->id_text, "scn", held->id);
		trace_note(held, body.trace);
		held_put(&worker->to_take, held);
		taking_go(worker);
	}
	arena_release(&scratch);
}

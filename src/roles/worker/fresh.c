/* SPDX-License-Identifier: Apache-2.0 */
/* How is a domain seen past all caches, the resolver's too? By a resolver and a scanner that have seen
 * nothing before: both are started for the scans that wait, and leave with the last of them. */
#include "base/clock.h"
#include "roles/worker/parts.h"

enum { CACHE_BYTES = 16 << 20, IN_FLIGHT = 32 };

static void on_ready(struct unbound *unbound, void *data);
static void on_gone(struct unbound *unbound, const char *why, void *data);
static void on_idle(struct timer *timer);

static const struct unbound_events events = { .on_ready = on_ready, .on_gone = on_gone };

static void to_usual(struct held *held)
{
	held->pool = held->worker->pool;
	pool_put(held->pool, &held->scan);
}

/* Without a resolver of their own they make do with the usual one; the scanner's cache they pass by. */
static void give_up(struct fresh *fresh, const char *why)
{
	struct worker *worker = fresh->worker;
	struct held *held;

	log_event(worker->options->log, LEVEL_WARNING, "fresh.failed", NULL,
		  LOG_TEXT("reason", why));
	while ((held = held_take(&fresh->waiting)))
		to_usual(held);
	timer_start(&worker->timers, &fresh->idle, 0);
}

static void on_ready(struct unbound *unbound, void *data)
{
	struct fresh *fresh = data;
	struct worker *worker = fresh->worker;
	struct pool_settings settings = { .loop = &worker->loop,
					  .scanner = worker->options->scanner,
					  .scanners = 1,
					  .in_flight = IN_FLIGHT,
					  .runner = worker->runner,
					  .paces_fd = worker->paces_fd };
	struct err err = { 0 };
	struct held *held;

	worker_resolver_text(unbound, fresh->address);
	fresh->resolver = str_of(fresh->address);
	settings.scanner.resolvers = &fresh->resolver;
	settings.scanner.resolver_count = 1;
	if (pool_open(&settings, &worker_pool_events, worker, &fresh->pool, &err) < 0) {
		give_up(fresh, err.text);
		return;
	}
	while ((held = held_take(&fresh->waiting))) {
		fresh->running++;
		held->pool = fresh->pool;
		pool_put(held->pool, &held->scan);
	}
	if (!fresh->running)
		timer_start(&worker->timers, &fresh->idle, 0);
}

/* Amid its work its scans end by themselves: the resolver is out of reach. */
static void on_gone(struct unbound *unbound, const char *why, void *data)
{
	struct fresh *fresh = data;

	unbound_close(unbound);
	fresh->unbound = NULL;
	if (!fresh->pool)
		give_up(fresh, why);
}

static void on_idle(struct timer *timer)
{
	struct fresh *fresh = (struct fresh *)((char *)timer - offsetof(struct fresh, idle));

	pool_close(fresh->pool);
	unbound_close(fresh->unbound);
	fresh->pool = NULL;
	fresh->unbound = NULL;
	fresh->is_used = false;
	fresh_go(fresh->worker);
}

static bool begin(struct worker *worker, struct fresh *fresh)
{
	struct unbound_settings settings = worker->options->resolver;
	struct err err = { 0 };
	struct held *held;

	settings.threads = 1;
	settings.cache_bytes = CACHE_BYTES;
	if (unbound_start(&worker->loop, &settings, &events, fresh, &fresh->unbound, &err) < 0) {
		fresh->unbound = NULL;
		return false;
	}
	fresh->worker = worker;
	fresh->idle.on_due = on_idle;
	fresh->is_used = true;
	while (fresh->waiting.count < IN_FLIGHT && (held = held_take(&worker->to_freshen)))
		held_put(&fresh->waiting, held);
	return true;
}

void fresh_go(struct worker *worker)
{
	struct held *held;

	for (size_t i = 0; i < FRESH && worker->to_freshen.count && !worker->is_over; i++)
		if (!worker->fresh[i].is_used && !begin(worker, &worker->fresh[i]))
			while ((held = held_take(&worker->to_freshen)))
				to_usual(held);
}

void fresh_put(struct held *held)
{
	struct worker *worker = held->worker;

	if (!worker->unbound) { /* resolvers of others: their caches are theirs */
		to_usual(held);
		return;
	}
	held->pool = NULL;
	held_put(&worker->to_freshen, held);
	fresh_go(worker);
}

void fresh_ended(struct held *held)
{
	struct worker *worker = held->worker;

	for (size_t i = 0; i < FRESH; i++) {
		struct fresh *fresh = &worker->fresh[i];

		if (held->pool && fresh->pool == held->pool && !--fresh->running)
			timer_start(&worker->timers, &fresh->idle, 0);
	}
}

static bool queue_drop(struct held_queue *queue, struct held *held)
{
	struct held **link = &queue->first;

	while (*link && *link != held)
		link = &(*link)->next_queued;
	if (!*link)
		return false;
	*link = held->next_queued;
	if (queue->end == &held->next_queued)
		queue->end = link;
	queue->count--;
	return true;
}

void fresh_drop(struct held *held)
{
	struct worker *worker = held->worker;

	if (queue_drop(&worker->to_freshen, held))
		return;
	for (size_t i = 0; i < FRESH; i++)
		if (queue_drop(&worker->fresh[i].waiting, held))
			return; /* its resolver finds nothing to do, and leaves */
}

void fresh_close(struct worker *worker)
{
	for (size_t i = 0; i < FRESH; i++) {
		timer_stop(&worker->timers, &worker->fresh[i].idle);
		pool_close(worker->fresh[i].pool);
		unbound_close(worker->fresh[i].unbound);
	}
}

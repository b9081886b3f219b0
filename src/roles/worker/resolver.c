/* SPDX-License-Identifier: Apache-2.0 */
/* Who resolves names for the scanners, and what when it dies? */
#include "base/clock.h"
#include "roles/worker/parts.h"

enum { WAIT_US = 10000000, LEAST_MS = 100, MOST_MS = 30000 };

static void on_ready(struct unbound *unbound, void *data);
static void on_gone(struct unbound *unbound, const char *why, void *data);

static const struct unbound_events events = { .on_ready = on_ready, .on_gone = on_gone };

void worker_resolver_text(const struct unbound *unbound, char out[static 64])
{
	uint16_t port = 0;
	struct address address = unbound_address(unbound, &port);
	char text[ADDRESS_TEXT_BYTES];

	snprintf(out, 64, address.family == ADDRESS_IPV6 ? "[%s]:%u" : "%s:%u",
		 address_text(&address, text), port);
}

/* Another port, so other scanners; those that run end first. */
static void on_ready(struct unbound *unbound, void *data)
{
	struct worker *worker = data;

	worker->resolver_failures = 0;
	worker->is_resolver_gone = false;
	worker->unbound = unbound;
	worker_resolver_text(unbound, worker->resolver_address);
	worker->resolver_text = str_of(worker->resolver_address);
	running_configure(worker);
	if (worker->pool)
		pool_set_resolvers(worker->pool, &worker->resolver_text, 1);
	worker_consume(worker);
}

static int start(struct worker *worker, struct err *err)
{
	return unbound_start(&worker->loop, &worker->options->resolver, &events, worker,
			     &worker->unbound, err);
}

static void start_later(struct worker *worker)
{
	int64_t delay_ms = LEAST_MS;

	for (unsigned i = worker->resolver_failures++; i > 0 && delay_ms < MOST_MS; i--)
		delay_ms *= 2;
	timer_start(&worker->timers, &worker->resolver_timer,
		    clock_monotonic_us() + MIN(delay_ms, (int64_t)MOST_MS) * 1000);
}

static void on_due(struct timer *timer)
{
	struct worker *worker =
		(struct worker *)((char *)timer - offsetof(struct worker, resolver_timer));
	struct err err = { 0 };

	if (start(worker, &err) == 0)
		return;
	worker->unbound = NULL;
	log_event(worker->options->log, LEVEL_ERROR, "resolver.failed", NULL,
		  LOG_TEXT("reason", err.text));
	start_later(worker);
}

static void on_gone(struct unbound *unbound, const char *why, void *data)
{
	struct worker *worker = data;

	if (!worker->pool)
		return; /* it never came up: unbound_wait tells */
	log_event(worker->options->log, LEVEL_ERROR, "resolver.died", NULL,
		  LOG_TEXT("reason", why));
	unbound_close(unbound);
	worker->unbound = NULL;
	worker->is_resolver_gone = true; /* what is taken now would find nothing out */
	worker_consume(worker);
	start_later(worker);
}

int resolver_open(struct worker *worker, struct err *err)
{
	worker->resolver_timer.on_due = on_due;
	if (worker->options->scanner.resolver_count)
		return 0;
	TRY(start(worker, err));
	return unbound_wait(worker->unbound, clock_monotonic_us() + WAIT_US, err);
}

void resolver_close(struct worker *worker)
{
	timer_stop(&worker->timers, &worker->resolver_timer);
	unbound_close(worker->unbound);
	worker->unbound = NULL;
}

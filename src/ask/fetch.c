/* SPDX-License-Identifier: Apache-2.0 */
/* How does an asker get a response over HTTP? */
#include "ask/fetch.h"

#include "ask/holds.h"
#include "ask/later.h"
#include "ask/slots.h"
#include "base/clock.h"

/* Less than a request may take: who waited so long beside a host that answers nobody was not asked. Of one
 * that answers, such as a registry's, others may be waited for. */
enum { SLOT_WAIT_US = 8000000, SLOT_WAITS = 6 };

struct fetch {
	struct entry *entry;
	struct arena arena;
	struct web_url url;
	struct fetch_order order;
	fetch_callback *callback;
	struct reach reach;
	size_t tried; /* of reach.addresses */
	struct http_fetch *running;
	struct slot slot;
	unsigned waits, served; /* for the slot; what its host had answered when the last began */
	struct timer turn;      /* until the host may be asked */
};

static void fetch_free(struct fetch *fetch)
{
	struct slots *slots = gate_slots(fetch->entry->gate);

	fetch->entry->asking->task = NULL;
	if (fetch->running)
		http_fetch_cancel(fetch->running);
	reach_stop(&fetch->reach);
	timer_stop(entry_settings(fetch->entry)->timers, &fetch->turn);
	slot_leave(slots, &fetch->slot);
	arena_release(&fetch->arena);
	memory_free(fetch);
}

void fetch_cancel(struct entry *entry)
{
	if (entry->asking->task)
		fetch_free(entry->asking->task);
}

static void fetch_fail(struct fetch *fetch, enum failure failure, struct str detail)
{
	struct entry *entry = fetch->entry;

	entry->fact.detail = str_copy(&entry->arena, detail);
	fetch_free(fetch);
	/* What the DNS said was confirmed by its own asker. */
	if (failure == FAILURE_NO_ADDRESS || failure_end(failure) == END_OURS)
		entry_end(entry, failure);
	else
		entry_fail(entry, failure);
}

static const enum failure failures[] = {
	[HTTP_FAILURE_NONE] = FAILURE_NONE,         [HTTP_FAILURE_TIMEOUT] = FAILURE_TIMEOUT,
	[HTTP_FAILURE_REFUSED] = FAILURE_REFUSED,   [HTTP_FAILURE_RESET] = FAILURE_RESET,
	[HTTP_FAILURE_GARBAGE] = FAILURE_GARBAGE,   [HTTP_FAILURE_TLS] = FAILURE_TLS,
	[HTTP_FAILURE_NO_ROUTE] = FAILURE_NO_ROUTE, [HTTP_FAILURE_POLICY] = FAILURE_POLICY,
	[HTTP_FAILURE_WAITED] = FAILURE_BUDGET,
};

static int try_next(struct fetch *fetch);

static void on_result(void *context, const struct http_result *result)
{
	struct fetch *fetch = context;
	struct entry *entry = fetch->entry;
	fetch_callback *callback = fetch->callback;
	bool is_unreachable = result->failure == HTTP_FAILURE_REFUSED ||
			      result->failure == HTTP_FAILURE_TIMEOUT ||
			      result->failure == HTTP_FAILURE_NO_ROUTE;

	fetch->running = NULL;
	if (is_unreachable && fetch->tried < fetch->reach.count && try_next(fetch) == 0)
		return;
	if (result->failure) {
		fetch_fail(fetch, failures[result->failure], result->detail);
		return;
	}
	fetch->slot.was_served = true;
	entry->fact.from = fetch->reach.addresses[fetch->tried - 1];
	later_note(entry, fetch->url.host, result);
	fetch_free(fetch);
	callback(entry, result);
}

static int try_next(struct fetch *fetch)
{
	struct http_request request = {
		.url = &fetch->url,
		.server = fetch->reach.addresses[fetch->tried++],
		.accept = fetch->order.accept,
		.body_bytes = fetch->order.body_bytes,
		.is_strict = fetch->order.is_strict,
	};

	return http_client_fetch(gate_http_client(fetch->entry->gate), &request, on_result, fetch,
				 &fetch->running);
}

static void on_reached(struct reach *reach)
{
	struct fetch *fetch = (struct fetch *)((char *)reach - offsetof(struct fetch, reach));
	int code = reach->count ? try_next(fetch) : 0;

	if (!reach->count)
		fetch_fail(fetch, reach->failure, STR_NONE);
	else if (code < 0)
		fetch_fail(fetch, code == ERR_DENIED ? FAILURE_POLICY : FAILURE_NO_ROUTE, STR_NONE);
}

static void fetch_begin(struct fetch *fetch)
{
	const struct fetch_order *order = &fetch->order;

	if (address_is_set(&order->server) || address_is_set(&fetch->url.address)) {
		fetch->reach.addresses[fetch->reach.count++] =
			address_is_set(&order->server) ? order->server : fetch->url.address;
		on_reached(&fetch->reach);
	} else {
		reach_start(&fetch->reach, fetch->entry, fetch->url.host, on_reached);
	}
}

static void on_turn(struct timer *timer)
{
	fetch_begin((struct fetch *)((char *)timer - offsetof(struct fetch, turn)));
}

/* How long until the host may be asked; negative: longer than anybody waits. */
static int64_t turn_take(struct fetch *fetch, int64_t now_us)
{
	const struct gate_settings *settings = entry_settings(fetch->entry);
	struct holds *holds = gate_holds(fetch->entry->gate);
	int64_t until_us = holds_until(holds, fetch->url.host, now_us), paced_us;

	if (until_us - now_us > LATER_LONGEST_US)
		return -1;
	paced_us = holds_pace(holds, settings->paces, settings->rate, fetch->url.host, now_us);
	return MAX(paced_us, until_us - now_us);
}

static void fetch_wait(struct fetch *fetch)
{
	int64_t now_us = clock_monotonic_us(), wait_us = turn_take(fetch, now_us);

	if (wait_us < 0 || wait_us > PACES_FARTHEST_US) {
		fetch_fail(fetch, FAILURE_RATE_LIMITED, STR_LIT("the server asked to wait"));
		return;
	}
	if (wait_us == 0) {
		fetch_begin(fetch);
		return;
	}
	entry_paced(fetch->entry, wait_us);
	fetch->turn.on_due = on_turn;
	timer_start(entry_settings(fetch->entry)->timers, &fetch->turn, now_us + wait_us);
}

static void on_slot(struct slot *slot)
{
	struct fetch *fetch = (struct fetch *)((char *)slot - offsetof(struct fetch, slot));

	timer_stop(entry_settings(fetch->entry)->timers, &fetch->turn);
	fetch_wait(fetch);
}

static void slot_wait(struct fetch *fetch);

static void on_no_slot(struct timer *timer)
{
	struct fetch *fetch = (struct fetch *)((char *)timer - offsetof(struct fetch, turn));

	if (fetch->waits < SLOT_WAITS && slot_served(&fetch->slot) != fetch->served)
		slot_wait(fetch);
	else
		fetch_fail(fetch, FAILURE_BUDGET, STR_NONE);
}

static void slot_wait(struct fetch *fetch)
{
	fetch->waits++;
	fetch->served = slot_served(&fetch->slot);
	fetch->turn.on_due = on_no_slot;
	timer_start(entry_settings(fetch->entry)->timers, &fetch->turn,
		    clock_monotonic_us() + SLOT_WAIT_US);
}

int fetch_start(struct entry *entry, const struct fetch_order *order, fetch_callback *callback)
{
	struct err err = { 0 };
	struct fetch *fetch;

	if (!gate_http_client(entry->gate))
		return -ENOTSUP;
	fetch = memory_alloc(sizeof *fetch);
	*fetch = (struct fetch){ .entry = entry, .order = *order, .callback = callback };
	if (web_url_parse(&fetch->arena, str_copy(&fetch->arena, order->url), &fetch->url, &err) <
	    0) {
		arena_release(&fetch->arena);
		memory_free(fetch);
		return ERR_SYNTAX;
	}
	entry->asking->task = fetch;
	fetch->slot.on_turn = on_slot;
	if (slot_take(gate_slots(entry->gate), &fetch->slot, fetch->url.host))
		fetch_wait(fetch);
	else
		slot_wait(fetch);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* May this question be asked, was it asked already, and who is told the answer? */
#include "ask/asker.h"
#include "model/definition.h"

#include "base/clock.h"
#include "ask/holds.h"
#include "ask/slots.h"
#include "net/http.h"

enum {
	TABLE_SIZE = 1 << 15,
	FRESH_US = 300000000,
	IN_FLIGHT = 4096,
	CACHE_BYTES = 32 << 20,
	SEEN_US = 100000
};

struct gate {
	struct gate_settings settings;
	struct dns_client *dns;
	struct http_client *http; /* from the first question over HTTP on */
	struct holds holds;
	struct slots slots;
	struct entry **table;
	struct entry *oldest, *newest; /* done and held by nobody */
	size_t unheld_bytes;
	struct entry *queue, **queue_end; /* waiting for room in the askers */
	struct gate_counts counts;
	uint64_t turn_ms; /* of the loop's clock: when utc_us was read */
	int64_t utc_us;
};

static const struct asker *const askers[] = {
	&ask_dns_asker,   &ask_dns_at_asker, &ask_axfr_asker, &ask_http_asker,     &ask_rdap_asker,
	&ask_whois_asker, &ask_tool_asker,   &ask_api_asker,  &ask_external_asker,
};

/* Milliseconds are enough here, and the loop has them. */
static int64_t now_us(const struct gate *gate)
{
	return (int64_t)uv_now(gate->settings.loop) * 1000;
}

static int64_t now_utc_us(struct gate *gate)
{
	uint64_t turn_ms = uv_now(gate->settings.loop);

	if (turn_ms != gate->turn_ms) {
		gate->turn_ms = turn_ms; /* and tenths of a second for what is stored */
		gate->utc_us = clock_utc_us() / SEEN_US * SEEN_US;
	}
	return gate->utc_us;
}

struct dns_client *gate_dns_client(const struct gate *gate)
{
	return gate->dns;
}

struct http_client *gate_http_client(struct gate *gate)
{
	const struct gate_settings *settings = &gate->settings;

	if (!gate->http && settings->trust &&
	    http_client_open(settings->loop, settings->egress, settings->trust,
			     settings->agent ? settings->agent : "dss", &gate->http) < 0)
		gate->http = NULL;
	return gate->http;
}

struct holds *gate_holds(struct gate *gate)
{
	return &gate->holds;
}

struct slots *gate_slots(struct gate *gate)
{
	return &gate->slots;
}

const struct gate_settings *gate_settings_of(const struct gate *gate)
{
	return &gate->settings;
}

struct dns_client *entry_dns_client(const struct entry *entry)
{
	return entry->gate->dns;
}

const struct gate_settings *entry_settings(const struct entry *entry)
{
	return &entry->gate->settings;
}

const struct gate_counts *gate_counts(const struct gate *gate)
{
	return &gate->counts;
}

const struct dns_client_counts *gate_dns_counts(const struct gate *gate)
{
	return dns_client_counts(gate->dns);
}

static void on_paced(void *context, int64_t wait_us)
{
	entry_paced(context, wait_us);
}

static void start_queued(void *context);

int gate_open(const struct gate_settings *settings, struct gate **ret)
{
	struct gate *gate = memory_alloc(sizeof *gate);
	struct dns_client_settings dns = {
		.egress = settings->egress,
		.rate = settings->rate,
		.paces = settings->paces,
		.rows = settings->in_flight ? settings->in_flight : IN_FLIGHT,
		.on_paced = on_paced,
		.on_room = start_queued,
		.room_context = gate,
	};
	int code;

	*gate = (struct gate){ .settings = *settings };
	gate->queue_end = &gate->queue;
	if (!gate->settings.fresh_us)
		gate->settings.fresh_us = FRESH_US;
	if (!gate->settings.confirm_us)
		gate->settings.confirm_us = CONFIRM_US;
	if (!gate->settings.cache_bytes)
		gate->settings.cache_bytes = CACHE_BYTES;
	code = dns_client_open(settings->loop, &dns, &gate->dns);
	if (code < 0) {
		memory_free(gate);
		return code;
	}
	gate->table = memory_alloc(TABLE_SIZE * sizeof *gate->table);
	memset(gate->table, 0, TABLE_SIZE * sizeof *gate->table);
	*ret = gate;
	return 0;
}

static void entry_unlink_age(struct entry *entry)
{
	struct gate *gate = entry->gate;

	*(entry->older ? &entry->older->newer : &gate->oldest) = entry->newer;
	*(entry->newer ? &entry->newer->older : &gate->newest) = entry->older;
	entry->older = entry->newer = NULL;
	gate->unheld_bytes -= arena_held(&entry->arena) + sizeof *entry;
}

static void entry_link_age(struct entry *entry)
{
	struct gate *gate = entry->gate;

	entry->older = gate->newest;
	*(gate->newest ? &gate->newest->newer : &gate->oldest) = entry;
	gate->newest = entry;
	gate->unheld_bytes += arena_held(&entry->arena) + sizeof *entry;
}

/* Take it out of the table, so that nobody new gets it; its memory goes with its last holder. */
static void entry_hide(struct entry *entry)
{
	if (!entry->hash_link)
		return;
	*entry->hash_link = entry->hash_next;
	if (entry->hash_next)
		entry->hash_next->hash_link = entry->hash_link;
	entry->hash_link = NULL;
}

static const struct asker *asker_of(uint8_t kind)
{
	for (size_t i = 0; i < ARRAY_COUNT(askers); i++)
		if (askers[i]->kind == kind)
			return askers[i];
	return NULL;
}

static void entry_cancel(struct entry *entry)
{
	if (!entry->asking || !entry->asking->task)
		return;
	asker_of(entry->fact.question.kind)->cancel(entry);
	entry->asking->task = NULL;
}

static void asking_begin(struct entry *entry)
{
	entry->asking = memory_alloc(sizeof *entry->asking);
	*entry->asking = (struct asking){ .entry = entry };
}

static void asking_end(struct entry *entry)
{
	struct asking *asking = entry->asking;

	if (!asking)
		return;
	timer_stop(entry->gate->settings.timers, &asking->timer);
	if (asking->told.len && entry->fact.detail.data == asking->told.data)
		entry->fact.detail = str_copy(&entry->arena, asking->told);
	arena_release(&asking->first);
	memory_free(asking);
	entry->asking = NULL;
}

static void entry_free(struct entry *entry)
{
	entry_hide(entry);
	entry_cancel(entry);
	asking_end(entry);
	arena_release(&entry->arena);
	memory_free(entry);
}

static void evict(struct gate *gate, size_t limit)
{
	while (gate->oldest && gate->unheld_bytes > limit) {
		struct entry *entry = gate->oldest;

		entry_unlink_age(entry);
		entry_free(entry);
	}
}

/* A task may hold other entries, which go when it gives them back: so each chain is begun anew. */
static void cancel_tasks(struct gate *gate)
{
	for (size_t i = 0; i < TABLE_SIZE; i++)
		for (struct entry *entry = gate->table[i]; entry;) {
			bool has_task = entry->asking && entry->asking->task;

			entry_cancel(entry);
			entry = has_task ? gate->table[i] : entry->hash_next;
		}
}

void gate_close(struct gate *gate)
{
	if (!gate)
		return;
	cancel_tasks(gate);
	dns_client_close(gate->dns);
	http_client_close(gate->http);
	for (size_t i = 0; i < TABLE_SIZE; i++)
		while (gate->table[i])
			entry_free(gate->table[i]);
	memory_free(gate->table);
	memory_free(gate);
}

static struct entry *entry_find(struct gate *gate, struct str key, uint64_t hash)
{
	struct entry *entry = gate->table[hash & (TABLE_SIZE - 1)];

	while (entry && (entry->hash != hash || !str_eq(entry->key, key)))
		entry = entry->hash_next;
	return entry;
}

static struct entry *entry_new(struct gate *gate, struct str key, uint64_t hash)
{
	struct entry *entry = memory_alloc(sizeof *entry + key.len);
	struct entry **head = &gate->table[hash & (TABLE_SIZE - 1)];

	memset(entry, 0, sizeof *entry);
	entry->gate = gate;
	entry->hash = hash;
	entry->key = (struct str){ memcpy(entry + 1, key.data, key.len), key.len };
	(void)!question_from_key(&entry->arena, entry->key, &entry->fact.question);
	entry->hash_next = *head;
	entry->hash_link = head;
	if (*head)
		(*head)->hash_link = &entry->hash_next;
	*head = entry;
	return entry;
}

/* False: there is no room for it now. It may have ended, and be gone, when this returns. */
static bool entry_try(struct entry *entry)
{
	int code;

	entry->asking->began_us = now_us(entry->gate);
	code = asker_of(entry->fact.question.kind)->start(entry);
	if (code < 0 && code != -EAGAIN)
		entry_end(entry, FAILURE_NO_ROUTE);
	return code != -EAGAIN;
}

static void entry_start(struct entry *entry)
{
	struct gate *gate = entry->gate;

	if (!gate->queue && entry_try(entry)) /* else others wait already */
		return;
	entry->asking->is_queued = true;
	entry->asking->next_queued = NULL;
	*gate->queue_end = entry;
	gate->queue_end = &entry->asking->next_queued;
}

static void start_queued(void *context)
{
	struct gate *gate = context;

	while (gate->queue && dns_client_room(gate->dns)) {
		struct entry *entry = gate->queue;

		gate->queue = entry->asking->next_queued;
		if (!gate->queue)
			gate->queue_end = &gate->queue;
		entry->asking->is_queued = false;
		if (!entry_try(entry)) {
			entry->asking->is_queued = true;
			entry->asking->next_queued = gate->queue;
			if (!gate->queue)
				gate->queue_end = &entry->asking->next_queued;
			gate->queue = entry;
			return;
		}
	}
}

/* A fact of ours for this scan alone: it lives in an entry that no table knows. */
static const struct fact *refuse(struct gate *gate, struct gate_waiter *waiter, struct str key,
				 enum failure failure)
{
	struct entry *entry = entry_new(gate, key, str_hash(key));

	entry_hide(entry);
	entry->fact.failure = (uint8_t)failure;
	entry->fact.seen_us = now_utc_us(gate);
	entry->is_done = true;
	entry->expires_us = 0;
	entry->holders = 1;
	waiter->entry = entry;
	gate->counts.refused++;
	return &entry->fact;
}

static bool lacks_route(const struct gate *gate, const struct question *question)
{
	const struct address *server = question->kind == KIND_dns_at ? &question->dns_at.server
				       : question->kind == KIND_axfr ? &question->axfr.server
				       : question->kind == KIND_http ? &question->http.server
								     : NULL;

	return server && address_is_set(server) &&
	       (server->family == ADDRESS_IPV6 ? gate->settings.lacks_ipv6
					       : gate->settings.lacks_ipv4);
}

/* A definition says itself whether it needs consent. */
static bool is_active_definition(const struct gate *gate, const struct question *question)
{
	bool is_tool = question->kind == KIND_tool;
	const struct definition *definition = NULL;

	if (gate->settings.definitions && (is_tool || question->kind == KIND_api))
		definition = definition_find(gate->settings.definitions,
					     is_tool ? DEFINITION_TOOL : DEFINITION_API,
					     is_tool ? question->tool.name : question->api.name);
	return definition && definition->is_active;
}

static enum failure may_ask(const struct gate *gate, struct gate_scan *scan,
			    const struct question *question)
{
	if (!(scan->kinds >> question->kind & 1))
		return FAILURE_PROFILE;
	if (!scan->is_active &&
	    (question->kind == KIND_axfr || is_active_definition(gate, question)))
		return FAILURE_CONSENT;
	if (lacks_route(gate, question))
		return FAILURE_VANTAGE;
	if (!scan->questions_left)
		return FAILURE_BUDGET;
	scan->questions_left--;
	return FAILURE_NONE;
}

/* Pacing holds a question of the scan until then: what overlaps counts once. */
static void scan_paced(struct gate_scan *scan, int64_t until_us)
{
	int64_t from_us = MAX(clock_monotonic_us(), scan->paced_until_us);

	if (until_us <= from_us)
		return;
	scan->paced_us += until_us - from_us;
	scan->paced_until_us = until_us;
}

static void entry_wait(struct entry *entry, struct gate_waiter *waiter)
{
	waiter->next = entry->waiters;
	waiter->link = &entry->waiters;
	if (entry->waiters)
		entry->waiters->link = &waiter->next;
	entry->waiters = waiter;
}

/* What is still under way is joined, however old: its answer is yet to come. */
static bool is_stale(const struct gate *gate, const struct gate_scan *scan,
		     const struct entry *entry)
{
	return entry->is_done &&
	       (entry->expires_us < now_us(gate) || entry->ended_us < scan->fresh_from_us);
}

const struct fact *gate_ask(struct gate *gate, struct gate_scan *scan,
			    const struct question *question, struct gate_waiter *waiter)
{
	enum failure failure = may_ask(gate, scan, question);
	char stack[DNS_NAME_TEXT_BYTES + 64];
	struct arena spill = { 0 }; /* unused: every key fits */
	struct entry *entry;
	struct buf key;

	gate->counts.questions++;
	*waiter = (struct gate_waiter){ .scan = scan };
	key = (struct buf){ .arena = &spill, .data = stack, .cap = sizeof stack };
	question_key(&key, question);
	if (failure)
		return refuse(gate, waiter, buf_str(&key), failure);
	entry = entry_find(gate, buf_str(&key), str_hash(buf_str(&key)));
	if (entry && is_stale(gate, scan, entry)) {
		if (!entry->holders) {
			entry_unlink_age(entry);
			entry_free(entry);
		} else {
			entry_hide(entry);
		}
		entry = NULL;
	}
	waiter->entry = entry ? entry : entry_new(gate, buf_str(&key), str_hash(buf_str(&key)));
	if (!entry)
		asking_begin(waiter->entry);
	if (entry && entry->is_done && !entry->holders)
		entry_unlink_age(entry);
	waiter->entry->holders++;
	waiter->entry->is_kept |= !scan->is_passing;
	gate->counts.shared += entry != NULL;
	if (entry && entry->is_done) {
		scan->held_bytes += arena_held(&entry->arena);
		return &entry->fact;
	}
	entry_wait(waiter->entry, waiter);
	if (!entry) {
		gate->counts.asked++;
		gate->counts.running++;
		entry_start(waiter->entry);
	} else {
		scan_paced(scan, entry->asking->paced_until_us);
	}
	return NULL;
}

static void waiter_unlink(struct gate_waiter *waiter)
{
	if (!waiter->link)
		return;
	*waiter->link = waiter->next;
	if (waiter->next)
		waiter->next->link = waiter->link;
	waiter->link = NULL;
}

static void entry_release(struct entry *entry)
{
	struct gate *gate = entry->gate;

	if (--entry->holders)
		return;
	if (!entry->is_done) {
		if (asker_of(entry->fact.question.kind)->ends_when_left &&
		    !entry->asking->is_queued) {
			gate->counts.running--;
			entry_free(entry);
		}
		return;
	}
	if (fact_end(&entry->fact) == END_OURS || !entry->hash_link || !entry->is_kept) {
		entry_free(entry);
		return;
	}
	entry_link_age(entry);
	evict(gate, gate->settings.cache_bytes);
}

void gate_forget(struct gate *gate, struct gate_waiter *waiter)
{
	struct entry *entry = waiter->entry;

	(void)gate;
	if (!entry)
		return;
	waiter_unlink(waiter);
	waiter->entry = NULL;
	entry_release(entry);
}

void entry_end(struct entry *entry, enum failure failure)
{
	struct gate *gate = entry->gate;
	struct gate_waiter *waiter;

	asking_end(entry);
	entry->fact.failure = (uint8_t)failure;
	if (failure_end(failure) == END_OURS)
		entry->fact.answer = NULL;
	entry->fact.seen_us = now_utc_us(gate);
	entry->is_done = true;
	entry->ended_us = now_us(gate);
	entry->expires_us = entry->ended_us + gate->settings.fresh_us;
	gate->counts.running--;
	gate->counts.answered += failure == FAILURE_NONE;
	gate->counts.theirs += failure_end(failure) == END_THEIRS;
	if (failure_end(failure) == END_OURS)
		entry_hide(entry);
	entry->holders++; /* those who are told may give it back at once */
	while ((waiter = entry->waiters)) {
		waiter_unlink(waiter);
		waiter->scan->held_bytes += arena_held(&entry->arena);
		waiter->scan->on_fact(waiter->scan, &entry->fact);
	}
	entry_release(entry);
}

static void on_confirm(struct timer *timer)
{
	struct entry *entry =
		((struct asking *)((char *)timer - offsetof(struct asking, timer)))->entry;

	entry->fact.answer = NULL;
	entry->fact.detail = STR_NONE;
	entry->fact.from = (struct address){ 0 };
	arena_release(&entry->arena);
	entry_start(entry);
}

void entry_confirm(struct entry *entry, enum failure failure)
{
	if (entry->asking->is_confirming) {
		entry_end(entry, failure);
		return;
	}
	entry->asking->is_confirming = true;
	entry->asking->step = 0;
	entry->asking->timer.on_due = on_confirm;
	timer_start(entry->gate->settings.timers, &entry->asking->timer,
		    entry->asking->began_us + entry->gate->settings.confirm_us);
}

static const enum failure failures[] = {
	[DNS_FAILURE_NONE] = FAILURE_NONE,       [DNS_FAILURE_TIMEOUT] = FAILURE_TIMEOUT,
	[DNS_FAILURE_REFUSED] = FAILURE_REFUSED, [DNS_FAILURE_RESET] = FAILURE_RESET,
	[DNS_FAILURE_GARBAGE] = FAILURE_GARBAGE, [DNS_FAILURE_NO_ROUTE] = FAILURE_NO_ROUTE,
	[DNS_FAILURE_POLICY] = FAILURE_POLICY,   [DNS_FAILURE_DEADLINE] = FAILURE_DEADLINE,
};

enum failure ask_failure(enum dns_failure failure)
{
	return failures[failure];
}

void entry_fail(struct entry *entry, enum failure failure)
{
	if (failure_end(failure) == END_THEIRS)
		entry_confirm(entry, failure);
	else
		entry_end(entry, failure);
}

void entry_paced(struct entry *entry, int64_t wait_us)
{
	entry->asking->began_us += wait_us;
	entry->asking->paced_until_us = clock_monotonic_us() + wait_us;
	for (struct gate_waiter *waiter = entry->waiters; waiter; waiter = waiter->next)
		scan_paced(waiter->scan, entry->asking->paced_until_us);
}

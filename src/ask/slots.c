/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask a web host next? */
#include "ask/slots.h"

struct slot_host {
	struct slot_host *next;
	uint64_t hash;
	unsigned running, served;
	struct slot *first, **end; /* waiting */
	bool is_turning;
};

static struct slot_host *host_of(struct slots *slots, struct str name)
{
	uint64_t hash = str_hash(name);
	struct slot_host **link = &slots->buckets[hash % SLOT_BUCKETS], *host;

	for (; *link; link = &(*link)->next)
		if ((*link)->hash == hash)
			return *link;
	host = memory_alloc(sizeof *host);
	*host = (struct slot_host){ .hash = hash };
	host->end = &host->first;
	*link = host;
	return host;
}

static void host_forget(struct slots *slots, struct slot_host *host)
{
	struct slot_host **link = &slots->buckets[host->hash % SLOT_BUCKETS];

	while (*link != host)
		link = &(*link)->next;
	*link = host->next;
	memory_free(host);
}

bool slot_take(struct slots *slots, struct slot *slot, struct str name)
{
	struct slot_host *host = host_of(slots, name);

	slot->host = host;
	slot->next = NULL;
	if (host->running < SLOTS_OF_HOST && !host->first) {
		host->running++;
		slot->is_running = true;
		return true;
	}
	*host->end = slot;
	host->end = &slot->next;
	return false;
}

unsigned slot_served(const struct slot *slot)
{
	return slot->host ? slot->host->served : 0;
}

static void waiting_remove(struct slot_host *host, struct slot *slot)
{
	struct slot **link = &host->first;

	while (*link != slot)
		link = &(*link)->next;
	*link = slot->next;
	if (host->end == &slot->next)
		host->end = link;
}

/* Whoever gets a turn may leave within it: then the loop goes on, not a call in a call. */
static void host_turn(struct slots *slots, struct slot_host *host)
{
	struct slot *slot;

	if (host->is_turning)
		return;
	host->is_turning = true;
	while (host->first && host->running < SLOTS_OF_HOST) {
		slot = host->first;
		waiting_remove(host, slot);
		host->running++;
		slot->is_running = true;
		slot->on_turn(slot);
	}
	host->is_turning = false;
	if (!host->first && !host->running)
		host_forget(slots, host);
}

void slot_leave(struct slots *slots, struct slot *slot)
{
	struct slot_host *host = slot->host;

	if (!host)
		return;
	slot->host = NULL;
	if (slot->is_running)
		host->running--;
	else
		waiting_remove(host, slot);
	host->served += slot->was_served;
	slot->is_running = slot->was_served = false;
	host_turn(slots, host);
}

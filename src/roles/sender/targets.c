/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn is it? Oldest first, and never more than a few at one receiver: a receiver that hangs holds up
 * its own messages and no others. */
#include "roles/sender/sender.h"

struct target {
	struct target *next;
	struct str host; /* heap */
	uint16_t port;
	size_t count, running;          /* deliveries; of these, under way */
	struct delivery *first, **last; /* that wait */
};

static struct target *target_of(struct sender *sender, struct str host, uint16_t port)
{
	struct target *target = sender->targets;
	char *name;

	while (target && (target->port != port || !str_eq(target->host, host)))
		target = target->next;
	if (target)
		return target;
	target = memory_alloc(sizeof *target);
	name = memory_alloc(host.len + 1);
	memcpy(name, host.data, host.len);
	*target = (struct target){ .next = sender->targets,
				   .host = str_bytes(name, host.len),
				   .port = port };
	target->last = &target->first;
	sender->targets = target;
	return target;
}

static void target_free(struct sender *sender, struct target *target)
{
	struct target **link = &sender->targets;

	while (*link != target)
		link = &(*link)->next;
	*link = target->next;
	memory_free((char *)target->host.data);
	memory_free(target);
}

void targets_add(struct delivery *delivery)
{
	struct target *target = target_of(delivery->sender, delivery->host, delivery->port);

	delivery->target = target;
	target->count++;
	*target->last = delivery;
	target->last = &delivery->next_waiting;
}

void targets_remove(struct delivery *delivery)
{
	struct target *target = delivery->target;

	if (!target)
		return;
	if (delivery->is_running) {
		target->running--;
		delivery->sender->running--;
	} else { /* it waits: the process ends */
		struct delivery **link = &target->first;

		while (*link != delivery)
			link = &(*link)->next_waiting;
		*link = delivery->next_waiting;
		if (!*link)
			target->last = link;
	}
	if (!--target->count)
		target_free(delivery->sender, target);
}

static struct target *next_of(const struct sender *sender)
{
	struct target *target = sender->targets;

	while (target && (!target->first || target->running >= SENDER_OF_TARGET))
		target = target->next;
	return target;
}

/* Whatever a start leads to, the next one is looked for anew. */
void targets_turn(struct sender *sender)
{
	struct target *target;

	while (!sender->is_over && sender->running < SENDER_CONNECTIONS &&
	       (target = next_of(sender))) {
		struct delivery *delivery = target->first;

		target->first = delivery->next_waiting;
		if (!target->first)
			target->last = &target->first;
		delivery->is_running = true;
		target->running++;
		sender->running++;
		delivery_start(delivery);
	}
}

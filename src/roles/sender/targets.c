/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn is it? Oldest first, and never more than a few at one receiver: a receiver that hangs holds up
 * its own messages and no others. */
#include "roles/sender/sender.h"

static bool is_same_target(const struct delivery *a, const struct delivery *b)
{
	return a->port == b->port && str_eq(a->host, b->host);
}

static size_t running_at(const struct sender *sender, const struct delivery *target)
{
	size_t count = 0;

	for (const struct delivery *d = sender->deliveries; d; d = d->next)
		count += d->is_running && is_same_target(d, target);
	return count;
}

static struct delivery *next_of(const struct sender *sender)
{
	struct delivery *found = sender->deliveries;

	while (found && (found->is_running || running_at(sender, found) >= SENDER_OF_TARGET))
		found = found->next;
	return found;
}

void targets_turn(struct sender *sender)
{
	struct delivery *next;

	while (!sender->is_over && (next = next_of(sender))) {
		next->is_running = true;
		delivery_start(next);
	}
}

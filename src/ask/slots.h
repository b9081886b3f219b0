/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How many requests are under way to one web host? At most SLOTS_OF_HOST; the others wait in the order in
 * which they came. Storage is the caller's; nothing here waits or asks.
 *
 *	slot.on_turn = begin;
 *	if (slot_take(slots, &slot, host))
 *		begin(&slot);		else on_turn is called when one is free
 *	slot_leave(slots, &slot);	when it has ended, or is wanted no more
 */
#ifndef DSS_ASK_SLOTS_H
#define DSS_ASK_SLOTS_H

#include "base/str.h"

enum { SLOTS_OF_HOST = 2, SLOT_BUCKETS = 256 };

struct slot_host;

/** All zero: nobody asks. */
struct slots {
	struct slot_host *buckets[SLOT_BUCKETS];
};

/** All zero but on_turn: it has and wants none. */
struct slot {
	/** From within another's slot_leave; it may leave at once. */
	void (*on_turn)(struct slot *slot);
	struct slot_host *host;
	struct slot *next;
	bool is_running;
	bool was_served; /**< set before it leaves: its host answered */
};

/** True: it has one; false: it waits. */
bool slot_take(struct slots *slots, struct slot *slot, struct str host) MUST_USE;
/** Of one that waits: how many its host has answered so far. While that grows, waiting is worth it. */
unsigned slot_served(const struct slot *slot);
/** Gives it back, or stops waiting; fine for one that has none. */
void slot_leave(struct slots *slots, struct slot *slot);

#endif

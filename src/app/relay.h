/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The relay: which waiting scans go to the bus next. The store is the backlog, the bus the hand-over:
 * it holds at most RELAY_AHEAD times what the live workers take at once. Priorities have turns
 * 8 : 3 : 1; within a priority workspaces go round robin, so that nobody's million scans stand before
 * another's one; within a workspace the oldest goes first. A workspace with a limit of scans in
 * flight waits at it.
 */
#ifndef DSS_APP_RELAY_H
#define DSS_APP_RELAY_H

#include "bus/turns.h"
#include "store/scan.h"

enum { RELAY_AHEAD = 2, RELAY_STEP = 500 };

/** Who had the last turn. All zero: nobody. */
struct relay {
	struct turns turns;
	int64_t last_workspace[PRIORITY_COUNT];
};

/** How many more scans the bus may hold now, at most RELAY_STEP. */
int relay_room(struct store_tx *tx, unsigned *ret, struct err *err) MUST_USE;

/** Up to `room` scans, in the order of their turns; *relay moves on. In a closure, which may run
 * again: pass a copy, and keep it when the closure has succeeded. */
int relay_choose(struct store_tx *tx, struct relay *relay, unsigned room, struct scan_waiting **ret,
		 size_t *ret_count, struct err *err) MUST_USE;

/** On the embedded bus: the scans' messages are put into the queue, and the scans are published, in
 * the same transaction. */
int relay_hand_over(struct store_tx *tx, const struct scan_waiting *scans, size_t count,
		    struct err *err) MUST_USE;

#endif

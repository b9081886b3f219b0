/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to the bus now? */
#include "base/fault.h"
#include "roles/scheduler/duty.h"

struct round {
	const struct leader *leader;
	struct relay relay; /* as it is when the closure has succeeded */
	const struct relay *before;
	unsigned room;
	bool is_waiting;
	size_t count;
};

/* Most looks end here: nothing waits, or nothing fits. */
static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct round *round = context;

	TRY(scan_foresee_waiting(tx, err));
	for (int priority = 0; priority < PRIORITY_COUNT && !round->is_waiting; priority++) {
		int64_t *workspaces;
		size_t count;

		TRY(scan_waiting_workspaces(tx, priority, &workspaces, &count, err));
		round->is_waiting = count > 0;
	}
	if (!round->is_waiting)
		return 0;
	return relay_room(tx, &round->room, err);
}

static int hand_over(struct store_tx *tx, void *context, struct err *err)
{
	struct round *round = context;
	struct scan_waiting *scans;

	round->relay = *round->before;
	TRY(leader_check(tx, round->leader, err));
	TRY(relay_room(tx, &round->room, err));
	TRY(relay_choose(tx, &round->relay, round->room, &scans, &round->count, err));
	return relay_hand_over(tx, scans, round->count, err);
}

int duty_relay(struct duties *duties, bool *ret_again, struct err *err)
{
	struct round round = { .leader = duties->leader, .before = &duties->relay };

	if (duties->outside->bus)
		return duty_publish(duties, ret_again, err);
	TRY(store_read(duties->store, look, &round, err));
	if (!round.is_waiting || !round.room)
		return 0;
	TRY(store_write(duties->store, hand_over, &round, err));
	FAULT_POINT("scheduler.published");
	duties->relay = round.relay;
	*ret_again = round.count == RELAY_STEP;
	return 0;
}

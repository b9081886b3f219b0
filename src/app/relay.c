/* SPDX-License-Identifier: Apache-2.0 */
/* Which waiting scans go to the bus next? The rules stand in relay.h. */
#include "app/relay.h"

#include "bus/message.h"
#include "store/job.h"
#include "store/worker.h"
#include "store/workspace.h"

int relay_room(struct store_tx *tx, unsigned *ret, struct err *err)
{
	int64_t capacity, on_bus, running, room;

	TRY(worker_foresee_capacity(tx, err));
	TRY(scan_foresee_in_flight(tx, err));
	TRY(scan_foresee_waiting(tx, err)); /* relay_choose asks it next */
	TRY(worker_capacity(tx, &capacity, err));
	TRY(scan_in_flight(tx, 0, &on_bus, &running, err));
	room = RELAY_AHEAD * capacity - on_bus - running;
	*ret = (unsigned)MAX(0, MIN(room, RELAY_STEP));
	return 0;
}

/* How many scans of a workspace may still go, whatever their priority. */
struct allowance {
	int64_t workspace;
	unsigned left;
};

/* A workspace's waiting scans of one priority. */
struct lane {
	struct allowance *allowance;
	struct scan_waiting *scans;
	size_t count, used;
	bool is_drained;
};

struct lanes {
	int priority;
	struct lane *lane;
	size_t count, next; /* whose turn it is */
};

struct choice {
	struct store_tx *tx;
	struct relay *relay;
	unsigned room;
	struct lanes lanes[PRIORITY_COUNT];
	struct buf allowances; /* pointers */
};

static int allowance_of(struct choice *choice, int64_t workspace, struct allowance **ret,
			struct err *err)
{
	struct allowance **known = (struct allowance **)choice->allowances.data, *made;
	size_t count = choice->allowances.len / sizeof(struct allowance *);
	struct workspace_row row;
	int64_t on_bus, running;

	for (size_t i = 0; i < count; i++) {
		if (known[i]->workspace == workspace) {
			*ret = known[i];
			return 0;
		}
	}
	TRY(workspace_get(choice->tx, workspace, &row, err));
	made = ARENA_NEW(choice->tx->a, struct allowance);
	*made = (struct allowance){ workspace, choice->room };
	if (row.quotas.max_scans_in_flight) {
		TRY(scan_in_flight(choice->tx, workspace, &on_bus, &running, err));
		made->left = (unsigned)MAX(
			0, MIN(choice->room, row.quotas.max_scans_in_flight - on_bus - running));
	}
	buf_put(&choice->allowances, &made, sizeof made);
	*ret = made;
	return 0;
}

/* The lanes of a priority, beginning behind the one that went last. */
static int lanes_open(struct choice *choice, int priority, struct err *err)
{
	struct lanes *lanes = &choice->lanes[priority];
	int64_t *workspaces, last = choice->relay->last_workspace[priority];
	size_t count, first = 0;

	TRY(scan_waiting_workspaces(choice->tx, priority, &workspaces, &count, err));
	while (first < count && workspaces[first] <= last)
		first++;
	*lanes = (struct lanes){ .priority = priority,
				 .lane = arena_array(choice->tx->a, count, sizeof *lanes->lane) };
	for (size_t i = 0; i < count && lanes->count < choice->room; i++) {
		struct lane lane = { 0 };

		TRY(allowance_of(choice, workspaces[(first + i) % count], &lane.allowance, err));
		if (lane.allowance->left)
			lanes->lane[lanes->count++] = lane;
	}
	return 0;
}

/* See that the lane has a scan left, as long as there is one. */
static int lane_fill(struct choice *choice, int priority, struct lane *lane, size_t share,
		     struct err *err)
{
	size_t wanted = MIN(MAX(2 * lane->used, share), lane->used + lane->allowance->left);

	if (!lane->allowance->left)
		lane->is_drained = true;
	if (lane->used < lane->count || lane->is_drained)
		return 0;
	TRY(scan_waiting_list(choice->tx, priority, lane->allowance->workspace, (unsigned)wanted,
			      &lane->scans, &lane->count, err));
	lane->is_drained = lane->count <= lane->used;
	return 0;
}

/* The next scan of the next lane that has one; NULL: none has. */
static int lanes_next(struct choice *choice, struct lanes *lanes, const struct scan_waiting **ret,
		      struct err *err)
{
	*ret = NULL;
	for (size_t i = 0; i < lanes->count && !*ret; i++) {
		struct lane *lane = &lanes->lane[lanes->next];

		TRY(lane_fill(choice, lanes->priority, lane, choice->room / lanes->count + 1, err));
		if (!lane->is_drained) {
			lane->allowance->left--;
			*ret = &lane->scans[lane->used++];
		}
		lanes->next = (lanes->next + 1) % lanes->count;
	}
	return 0;
}

int relay_choose(struct store_tx *tx, struct relay *relay, unsigned room, struct scan_waiting **ret,
		 size_t *ret_count, struct err *err)
{
	struct choice choice = { .tx = tx, .relay = relay, .room = room };
	unsigned ready = (1u << PRIORITY_COUNT) - 1;
	struct buf out;

	buf_init(&out, tx->a);
	buf_init(&choice.allowances, tx->a);
	for (int priority = 0; priority < PRIORITY_COUNT; priority++)
		TRY(lanes_open(&choice, priority, err));
	while (choice.room && ready) {
		int priority = (int)turns_next(&relay->turns, ready);
		const struct scan_waiting *scan;

		TRY(lanes_next(&choice, &choice.lanes[priority], &scan, err));
		if (!scan) {
			ready &= ~(1u << priority);
			continue;
		}
		buf_put(&out, scan, sizeof *scan);
		relay->last_workspace[priority] = scan->workspace;
		choice.room--;
	}
	*ret = (struct scan_waiting *)out.data;
	*ret_count = out.len / sizeof **ret;
	return 0;
}

int relay_hand_over(struct store_tx *tx, const struct scan_waiting *scans, size_t count,
		    struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct scan_message message = { .scan = scans[i].id, .trace = scans[i].trace };
		struct buf body;
		int64_t no;

		buf_init(&body, tx->a);
		scan_message_write(&body, &message);
		TRY(job_insert(tx, scans[i].priority, buf_str(&body), tx->now_us, &no, err));
		TRY(scan_published(tx, scans[i].id, err));
	}
	return 0;
}

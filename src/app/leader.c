/* SPDX-License-Identifier: Apache-2.0 */
/* Does this process lead? */
#include "app/leader.h"

#include "base/fault.h"
#include "store/folder.h"

struct attempt {
	const struct leader *leader;
	bool may_take; /* what leader->seen says is over */
	bool is_held;
	int64_t token;
	struct lease_row row;
};

static bool is_same(const struct lease_row *a, const struct lease_row *b)
{
	return uuid_eq(a->holder, b->holder) && a->token == b->token && a->until == b->until;
}

static int read_lease(struct store_tx *tx, void *context, struct err *err)
{
	struct attempt *attempt = context;
	int code = lease_get(tx, attempt->leader->name, &attempt->row, err);

	if (code == -ENOENT)
		attempt->row = (struct lease_row){ 0 };
	return code == -ENOENT ? 0 : code;
}

static int take_lease(struct store_tx *tx, void *context, struct err *err)
{
	struct attempt *attempt = context;
	const struct leader *leader = attempt->leader;
	int code;

	attempt->is_held = false;
	TRY(read_lease(tx, context, err));
	if (!uuid_eq(attempt->row.holder, leader->id)) {
		if (!attempt->may_take || !is_same(&attempt->row, &leader->seen))
			return 0; /* whatever the clock on the wall says of its time */
		TRY(lease_release(tx, leader->name, attempt->row.holder, err));
	}
	code = lease_hold(tx, leader->name, leader->id, LEADER_LEASE_US, &attempt->token, err);
	attempt->is_held = code == 0;
	return code == -EBUSY ? 0 : code;
}

static bool is_over(struct leader *leader, const struct lease_row *row, int64_t monotonic_us)
{
	struct err err;

	if (!row->until || uuid_eq(row->holder, leader->id))
		return true;
	if (!is_same(row, &leader->seen)) {
		leader->seen = *row;
		leader->seen_us = monotonic_us;
	}
	if (leader->folder.len) {
		struct arena a = { 0 };
		int code = worker_is_alive(str_cstring(&a, leader->folder), row->holder, &err);

		arena_release(&a);
		if (code == 0)
			return true;
	}
	return monotonic_us - leader->seen_us >= LEADER_LEASE_US;
}

int leader_hold(struct leader *leader, int64_t monotonic_us, struct err *err)
{
	struct attempt attempt = { .leader = leader };
	int code = 0;

	if (leader->token &&
	    (monotonic_us - leader->renewed_us < LEADER_RENEW_US || FAULT_IS_OFF("fencing")))
		return 1;
	if (!leader->token) {
		TRY(store_read(leader->store, read_lease, &attempt, err));
		if (!is_over(leader, &attempt.row, monotonic_us))
			return 0;
		leader->seen = attempt.row;
		attempt.may_take = true;
	}
	code = store_write(leader->store, take_lease, &attempt, err);
	leader->token = code == 0 && attempt.is_held ? attempt.token : 0;
	leader->renewed_us = monotonic_us;
	return code < 0 ? code : attempt.is_held;
}

int leader_check(struct store_tx *tx, const struct leader *leader, struct err *err)
{
	if (FAULT_IS_OFF("fencing"))
		return 0;
	return lease_check(tx, leader->name, leader->id, leader->token, err);
}

static int release_lease(struct store_tx *tx, void *context, struct err *err)
{
	const struct leader *leader = context;

	return lease_release(tx, leader->name, leader->id, err);
}

void leader_resign(struct leader *leader)
{
	struct err err;

	if (leader->token && store_write(leader->store, release_lease, leader, &err) == 0)
		leader->token = 0;
}

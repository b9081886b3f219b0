/* SPDX-License-Identifier: Apache-2.0 */
/* Does one process lead at a time, and is a dead or paused leader replaced? */
#include "app/leader.h"
#include "store/folder.h"
#include "tests/contract/rows.h"

#include <unistd.h>

static struct leader leader_of(struct rows *rows)
{
	return (struct leader){ .store = rows->store,
				.name = STR_LIT("scheduler"),
				.id = uuid_new(ROWS_START) };
}

static int check(struct store_tx *tx, void *leader, struct err *err)
{
	return leader_check(tx, leader, err);
}

TEST(a_leader_that_does_not_renew_is_replaced_after_a_lease_and_can_write_nothing)
{
	struct rows rows;
	struct leader first, second;
	int64_t now_us = 0;

	rows_open(&rows);
	first = leader_of(&rows);
	second = leader_of(&rows);
	CHECK_INT(leader_hold(&first, now_us, &rows.err), 1);
	rows_write(&rows, check, &first, 0);
	CHECK_INT(leader_hold(&second, now_us, &rows.err), 0);
	rows_write(&rows, check, &second, -ESTALE);
	/* As long as it renews, however the clocks on the wall are set. */
	for (unsigned i = 0; i < 10; i++) {
		now_us += LEADER_RENEW_US;
		rows.now_us += i % 2 ? 3 * DAY_US : -2 * DAY_US;
		first.token = i == 5 ? 0 : first.token; /* it lost track: it comes back at once */
		CHECK_INT(leader_hold(&first, now_us, &rows.err), 1);
		rows_write(&rows, check, &first, 0);
		CHECK_INT(leader_hold(&second, now_us, &rows.err), 0);
	}
	CHECK_INT(leader_hold(&second, now_us + LEADER_LEASE_US - 1, &rows.err), 0);
	CHECK_INT(leader_hold(&second, now_us + LEADER_LEASE_US, &rows.err), 1);
	rows_write(&rows, check, &second, 0);
	rows_write(&rows, check, &first, -ESTALE);
	/* The one that slept believes that it leads, and a clock that was set makes the other's lease look
	 * over: it is not. */
	rows.now_us += 3 * DAY_US;
	CHECK(first.token);
	CHECK_INT(leader_hold(&first, now_us + LEADER_LEASE_US, &rows.err), 0);
	CHECK_INT(leader_hold(&second, now_us + LEADER_LEASE_US + LEADER_RENEW_US, &rows.err), 1);
	rows_write(&rows, check, &second, 0);
	rows_close(&rows);
}

TEST(a_leader_that_resigns_or_dies_is_replaced_at_once)
{
	struct rows rows;
	struct leader first, second, third;
	int fd;

	rows_open(&rows);
	first = leader_of(&rows);
	second = leader_of(&rows);
	third = leader_of(&rows);
	first.folder = second.folder = third.folder = str_of(rows.fixture.folder);
	CHECK_INT(leader_hold(&first, 0, &rows.err), 1);
	leader_resign(&first);
	CHECK_INT(worker_lock_take(rows.fixture.folder, second.id, &fd, &rows.err), 0);
	CHECK_INT(leader_hold(&second, 1, &rows.err), 1);
	CHECK_INT(leader_hold(&third, 2, &rows.err), 0);
	close(fd); /* as the kernel does when a process dies */
	CHECK_INT(leader_hold(&third, 3, &rows.err), 1);
	CHECK_INT(leader_hold(&second, 4, &rows.err), 1); /* believes it, until it asks */
	rows_write(&rows, check, &second, -ESTALE);
	rows_write(&rows, check, &third, 0);
	rows_close(&rows);
}

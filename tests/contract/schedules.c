/* SPDX-License-Identifier: Apache-2.0 */
/* Do schedules and leases keep what they are for: one tick once, one leader at a time? */
#include "tests/contract/rows.h"

#include "store/lease.h"
#include "store/schedule.h"
#include "store/workspace.h"

static struct schedule_row fresh(const char *name)
{
	return (struct schedule_row){ .workspace = WORKSPACE_DEFAULT,
				      .name = str_of(name),
				      .cron = STR_LIT("30 2 * * *"),
				      .zone = STR_LIT("Europe/Berlin"),
				      .selector = STR_LIT("all"),
				      .profile = -1,
				      .priority = 2,
				      .missed = MISSED_ONCE,
				      .is_enabled = true,
				      .next_at = 110,
				      .next_tick = 100 };
}

static int keeps_schedule(struct store_tx *tx, void *context, struct err *err)
{
	struct schedule_row row = fresh("nightly"), got;
	int64_t other = rows_workspace(tx, "other");

	row.id = uuid_new(tx->now_us); /* H is drawn from it before the row is there */
	row.blackouts = STR_LIT("[]");
	row.jitter_s = 60;
	TRY(schedule_insert(tx, &row, err));
	TRY(schedule_get(tx, WORKSPACE_DEFAULT, row.id, &got, err));
	CHECK(uuid_eq(got.id, row.id) && got.version == 1 && got.created_at == tx->now_us);
	CHECK_STR(got.name, "nightly");
	CHECK_STR(got.cron, "30 2 * * *");
	CHECK_STR(got.zone, "Europe/Berlin");
	CHECK_STR(got.blackouts, "[]");
	CHECK_STR(got.selector, "all");
	CHECK(got.profile == -1 && got.priority == 2 && got.missed == MISSED_ONCE);
	CHECK(got.is_enabled && got.next_at == 110 && got.next_tick == 100);
	CHECK(got.jitter_s == 60 && !got.last_at && !got.last_tick);
	TRY(schedule_find(tx, WORKSPACE_DEFAULT, STR_LIT("nightly"), &got, err));
	CHECK_INT(schedule_get(tx, other, row.id, &got, err), -ENOENT);
	CHECK_INT(schedule_find(tx, other, row.name, &got, err), -ENOENT);
	row = fresh("nightly");
	CHECK_INT(schedule_insert(tx, &row, err), -EEXIST);
	CHECK(strstr(err->text, "nightly"));
	row.workspace = other;
	return schedule_insert(tx, &row, err);
}

TEST(a_schedule_comes_back_as_it_was_written)
{
	rows_run(keeps_schedule);
}

static int changes_schedule(struct store_tx *tx, void *context, struct err *err)
{
	struct schedule_row row = fresh("nightly"), second = fresh("weekly"), stale, got;

	TRY(schedule_insert(tx, &row, err));
	TRY(schedule_insert(tx, &second, err));
	stale = row;
	row.name = STR_LIT("daily");
	row.profile = 3;
	row.is_enabled = false;
	TRY(schedule_update(tx, &row, err));
	CHECK_INT(row.version, 2);
	CHECK_INT(schedule_update(tx, &stale, err), -ESTALE);
	second.name = STR_LIT("daily");
	CHECK_INT(schedule_update(tx, &second, err), -EEXIST);
	TRY(schedule_get(tx, WORKSPACE_DEFAULT, row.id, &got, err));
	CHECK(got.version == 2 && got.profile == 3 && !got.is_enabled);
	CHECK_STR(got.name, "daily");
	TRY(schedule_delete(tx, row.id, err));
	CHECK_INT(schedule_delete(tx, row.id, err), -ENOENT);
	CHECK_INT(schedule_get(tx, WORKSPACE_DEFAULT, row.id, &got, err), -ENOENT);
	return 0;
}

TEST(a_schedule_of_an_old_version_is_not_overwritten)
{
	rows_run(changes_schedule);
}

static int lists_schedules(struct store_tx *tx, void *context, struct err *err)
{
	int64_t other = rows_workspace(tx, "other");
	struct page page = { .limit = 3 };
	struct uuid last = UUID_NIL;
	size_t seen = 0;
	int made = 0;

	for (; made < 10; made++) {
		char name[16];
		struct schedule_row row;

		snprintf(name, sizeof name, "s%d", made);
		row = fresh(name);
		row.workspace = made % 5 == 4 ? other : WORKSPACE_DEFAULT;
		row.is_enabled = made != 3;
		row.next_at = 1000 - made * 10;
		if (made == 5)
			row.next_at = 0;
		TRY(schedule_insert(tx, &row, err));
	}
	do {
		struct schedule_row *rows;
		size_t count;

		TRY(schedule_list(tx, WORKSPACE_DEFAULT, &page, &rows, &count, &page.after, err));
		for (size_t i = 0; i < count; i++) {
			CHECK(uuid_cmp(rows[i].id, last) > 0);
			last = rows[i].id;
		}
		seen += count;
	} while (page.after.len);
	CHECK_INT(seen, 8);
	page.limit = 100;
	struct schedule_row *rows;
	size_t count;
	int64_t next;

	TRY(schedule_list(tx, 0, &page, &rows, &count, &page.after, err));
	CHECK_INT(count, 10);
	TRY(schedule_due(tx, 960, 100, &rows, &count, err)); /* 4, 6, 7, 8, 9: not 3, not 5 */
	CHECK_INT(count, 5);
	CHECK_STR(rows[0].name, "s9");
	CHECK_STR(rows[4].name, "s4");
	TRY(schedule_due(tx, 960, 2, &rows, &count, err));
	CHECK_INT(count, 2);
	TRY(schedule_next_due(tx, &next, err));
	CHECK_INT(next, 910);
	return 0;
}

TEST(due_schedules_come_soonest_first)
{
	rows_run(lists_schedules);
}

static int moves_schedule(struct store_tx *tx, void *context, struct err *err)
{
	struct schedule_row row = fresh("nightly"), got;

	TRY(schedule_insert(tx, &row, err));
	TRY(schedule_move(tx, row.id, 100, 100, 200, 205, err));
	CHECK_INT(schedule_move(tx, row.id, 100, 100, 200, 205, err), -ESTALE); /* the other one */
	TRY(schedule_get(tx, WORKSPACE_DEFAULT, row.id, &got, err));
	CHECK(got.last_tick == 100 && got.last_at == tx->now_us && got.next_tick == 200);
	CHECK(got.next_at == 205 && got.version == 1);
	TRY(schedule_move(tx, row.id, 200, 0, 0, 0, err)); /* nothing fired; never again */
	TRY(schedule_get(tx, WORKSPACE_DEFAULT, row.id, &got, err));
	CHECK(got.last_tick == 100 && !got.next_tick && !got.next_at);
	return schedule_move(tx, row.id, 0, 0, 300, 300, err);
}

TEST(a_tick_is_moved_on_from_once)
{
	rows_run(moves_schedule);
}

/* ---- leases ---- */

struct hold {
	struct uuid holder;
	int64_t token;
};

static int hold(struct store_tx *tx, void *context, struct err *err)
{
	struct hold *h = context;

	return lease_hold(tx, STR_LIT("scheduler"), h->holder, 15 * SECOND_US, &h->token, err);
}

static int check(struct store_tx *tx, void *context, struct err *err)
{
	struct hold *h = context;

	return lease_check(tx, STR_LIT("scheduler"), h->holder, h->token, err);
}

static int give_back(struct store_tx *tx, void *context, struct err *err)
{
	struct hold *h = context;

	return lease_release(tx, STR_LIT("scheduler"), h->holder, err);
}

static int look(struct store_tx *tx, void *context, struct err *err)
{
	return lease_get(tx, STR_LIT("scheduler"), context, err);
}

TEST(a_holder_that_slept_past_its_lease_changes_nothing)
{
	struct rows rows;
	struct hold one = { .holder = uuid_new(1) }, two = { .holder = uuid_new(2) };
	struct lease_row row;
	int64_t first;

	rows_open(&rows);
	rows_read(&rows, look, &row, -ENOENT);
	rows_write(&rows, hold, &one, 0);
	first = one.token;
	rows_write(&rows, hold, &two, -EBUSY);
	rows.now_us += 10 * SECOND_US;
	rows_write(&rows, hold, &one, 0); /* renewed: the same token */
	CHECK_INT(one.token, first);
	rows.now_us += 14 * SECOND_US;
	rows_write(&rows, check, &one, 0);
	rows_write(&rows, hold, &two, -EBUSY);
	rows.now_us += 2 * SECOND_US; /* one is paused: its lease runs out */
	rows_write(&rows, check, &one, -ESTALE);
	rows_write(&rows, hold, &two, 0);
	CHECK(two.token > first);
	rows_write(&rows, check, &one, -ESTALE);
	rows_write(&rows, check, &two, 0);
	rows_read(&rows, look, &row, 0);
	CHECK(uuid_eq(row.holder, two.holder) && row.token == two.token);
	rows_write(&rows, give_back, &one, 0); /* not its own: nothing happens */
	rows_write(&rows, check, &two, 0);
	rows_write(&rows, give_back, &two, 0);
	rows_write(&rows, check, &two, -ESTALE);
	rows_write(&rows, hold, &one, 0); /* an old token never comes back */
	CHECK(one.token > two.token);
	two.token = one.token;
	rows_write(&rows, check, &two, -ESTALE);
	rows.now_us += 20 * SECOND_US;
	rows_write(&rows, hold, &one, 0); /* its own, after its time: another token */
	CHECK(one.token > two.token);
	rows_close(&rows);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Do workspaces keep their quotas, and events their order? */
#include "tests/contract/rows.h"

#include "store/domain.h"
#include "store/event.h"
#include "store/user.h"
#include "store/workspace.h"

static int keeps_workspaces(struct store_tx *tx, void *context, struct err *err)
{
	struct workspace_row row = { .name = STR_LIT("corp"), .quotas = { 1, 2, 3, 4 } }, got,
			     stale;
	struct user_row user = { .name = STR_LIT("ann") };

	TRY(workspace_get(tx, WORKSPACE_DEFAULT, &got, err));
	CHECK_STR(got.name, "default");
	TRY(workspace_insert(tx, &row, err));
	CHECK(row.no > WORKSPACE_DEFAULT && row.version == 1 && row.created_at == tx->now_us);
	TRY(workspace_find(tx, STR_LIT("corp"), &got, err));
	CHECK(got.no == row.no && got.quotas.max_domains == 1 && got.quotas.max_scans_per_day == 2);
	CHECK(got.quotas.max_scans_in_flight == 3 && got.quotas.max_requests_per_minute == 4);
	TRY(workspace_by_id(tx, row.id, &got, err));
	CHECK_STR(got.name, "corp");
	CHECK_INT(workspace_by_id(tx, uuid_new(1), &got, err), -ENOENT);
	CHECK_INT(workspace_get(tx, 99, &got, err), -ENOENT);
	CHECK_INT(workspace_find(tx, STR_LIT("none"), &got, err), -ENOENT);
	got = (struct workspace_row){ .name = STR_LIT("corp") };
	CHECK_INT(workspace_insert(tx, &got, err), -EEXIST);
	stale = row;
	row.name = STR_LIT("firm");
	TRY(workspace_update(tx, &row, err));
	CHECK_INT(workspace_update(tx, &stale, err), -ESTALE);
	row.name = STR_LIT("default");
	CHECK_INT(workspace_update(tx, &row, err), -EEXIST);
	CHECK_INT(workspace_delete(tx, WORKSPACE_DEFAULT, err), -EPERM);
	user.workspace = row.no;
	TRY(user_insert(tx, &user, err));
	CHECK_INT(workspace_delete(tx, row.no, err), -EALREADY);
	TRY(user_delete(tx, user.id, err));
	TRY(workspace_delete(tx, row.no, err));
	CHECK_INT(workspace_delete(tx, row.no, err), -ENOENT);
	CHECK(rows_workspace(tx, "new") > row.no); /* its number is not given again */
	return 0;
}

TEST(workspaces_are_unique_and_deleted_only_when_empty)
{
	rows_run(keeps_workspaces);
}

static int lists_workspaces(struct store_tx *tx, void *context, struct err *err)
{
	struct page page = { .limit = 2 };
	int64_t last = 0;
	size_t seen = 0;

	for (int i = 0; i < 5; i++)
		rows_workspace(tx, str_printf(tx->a, "w%d", i).data);
	do {
		struct workspace_row *rows;
		size_t count;

		TRY(workspace_list(tx, &page, &rows, &count, &page.after, err));
		for (size_t i = 0; i < count; i++, seen++) {
			CHECK(rows[i].no > last);
			last = rows[i].no;
		}
		if (seen == 4)
			rows_workspace(tx, "late");
	} while (page.after.len);
	CHECK_INT(seen, 7);
	return 0;
}

TEST(workspaces_are_listed_in_the_order_of_their_making)
{
	rows_run(lists_workspaces);
}

/* ---- quotas ---- */

struct use {
	int64_t count;
	int (*take)(struct store_tx *tx, int64_t no, int64_t count, struct err *err);
};

static int limit(struct store_tx *tx, void *context, struct err *err)
{
	struct workspace_row row;

	TRY(workspace_get(tx, WORKSPACE_DEFAULT, &row, err));
	row.quotas = (struct quotas){ .max_domains = 10, .max_scans_per_day = 5 };
	return workspace_update(tx, &row, err);
}

static int take(struct store_tx *tx, void *context, struct err *err)
{
	struct use *use = context;

	return use->take(tx, WORKSPACE_DEFAULT, use->count, err);
}

static int read_default(struct store_tx *tx, void *context, struct err *err)
{
	return workspace_get(tx, WORKSPACE_DEFAULT, context, err);
}

TEST(a_quota_is_taken_whole_or_not_at_all)
{
	static const struct {
		struct use use;
		int code;
	} steps[] = {
		{ { 4, workspace_use_domains }, 0 },     { { 7, workspace_use_domains }, -EDQUOT },
		{ { 6, workspace_use_domains }, 0 },     { { 1, workspace_use_domains }, -EDQUOT },
		{ { -3, workspace_use_domains }, 0 },    { { 3, workspace_use_domains }, 0 },
		{ { -99, workspace_use_domains }, 0 }, /* never below nothing */
		{ { 10, workspace_use_domains }, 0 },    { { 5, workspace_use_scans }, 0 },
		{ { 1, workspace_use_scans }, -EDQUOT }, { { -1, workspace_use_scans }, 0 },
		{ { 1, workspace_use_scans }, 0 },
	};
	struct use one = { 1, workspace_use_scans };
	struct workspace_row row;
	struct rows rows;

	rows_open(&rows);
	rows_write(&rows, limit, NULL, 0);
	for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
		test_row("step %zu", i);
		rows_write(&rows, take, (void *)&steps[i].use, steps[i].code);
	}
	rows_write(&rows, take, &one, -EDQUOT);
	CHECK(strstr(rows.err.text, "5 of 5"));
	rows_read(&rows, read_default, &row, 0);
	CHECK(row.domains == 10 && row.scans_today == 5);
	rows.now_us += DAY_US; /* a new day: it starts over */
	rows_read(&rows, read_default, &row, 0);
	CHECK_INT(row.scans_today, 0);
	rows_write(&rows, take, &one, 0);
	rows_read(&rows, read_default, &row, 0);
	CHECK_INT(row.scans_today, 1);
	rows_close(&rows);
}

/* ---- events ---- */

static int keeps_events(struct store_tx *tx, void *context, struct err *err)
{
	int64_t other = rows_workspace(tx, "other"), first, last, gone;
	struct domain_row domain = { .workspace = 1,
				     .name = STR_LIT("example.com"),
				     .profile = DOMAIN_NO_PROFILE };
	struct event_row *rows;
	struct uuid before = UUID_NIL;
	size_t count;

	TRY(event_bounds(tx, &first, &last, err));
	CHECK(!first && !last);
	TRY(domain_insert(tx, &domain, err));
	for (int i = 1; i <= 10; i++) {
		struct event_row row = { .workspace = i % 2 ? 1 : other,
					 .type = EVENT_FINDING_OPENED,
					 .domain = domain.no,
					 .object = uuid_new(9),
					 .severity = i == 1 ? SEVERITY_HIGH : -1,
					 .data = STR_LIT("{\"check\":\"x\"}"),
					 .trace = STR_LIT("00-aa") };

		TRY(event_insert(tx, &row, err));
		CHECK(row.sequence == i && row.at == tx->now_us && !uuid_is_nil(row.id));
	}
	TRY(event_after(tx, 1, 0, 3, &rows, &count, err));
	CHECK(count == 3 && rows[0].sequence == 1 && rows[2].sequence == 5);
	CHECK_STR(rows[0].name, "example.com");
	CHECK_STR(rows[0].data, "{\"check\":\"x\"}");
	CHECK_STR(rows[0].trace, "00-aa");
	CHECK(rows[0].severity == SEVERITY_HIGH && rows[1].severity == -1);
	TRY(event_after(tx, 0, 4, 100, &rows, &count, err));
	CHECK_INT(count, 6);
	for (size_t i = 0; i < count; i++) { /* made on reading: the same each time, and rising */
		CHECK(uuid_eq(rows[i].id, event_id(rows[i].sequence, rows[i].at)));
		CHECK(uuid_cmp(before, rows[i].id) < 0 && rows[i].id.octets[6] >> 4 == 7);
		CHECK(llabs(uuid_time_us(rows[i].id) - tx->now_us) <= 1);
		before = rows[i].id;
	}
	TRY(event_expire(tx, tx->now_us, 4, &gone, err)); /* none is older */
	CHECK_INT(gone, 0);
	TRY(event_expire(tx, tx->now_us + 1, 4, &gone, err));
	CHECK_INT(gone, 4);
	TRY(event_bounds(tx, &first, &last, err));
	CHECK(first == 5 && last == 10);
	TRY(event_expire(tx, tx->now_us + 1, 100, &gone, err));
	TRY(event_bounds(tx, &first, &last, err));
	CHECK(gone == 6 && !first && last == 10); /* a number is never given again */
	CHECK_STR(str_of(event_word(EVENT_MX_CHANGED)), "mx.changed");
	CHECK(!event_word(999));
	return 0;
}

TEST(events_are_read_in_order_and_expire_from_the_oldest)
{
	rows_run(keeps_events);
}

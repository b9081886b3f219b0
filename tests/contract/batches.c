/* SPDX-License-Identifier: Apache-2.0 */
/* Do batches expand once, count their scans, and end when the last one has? */
#include "store/batch.h"
#include "tests/contract/scan_rows.h"

static struct batch_row fresh(void)
{
	return (struct batch_row){ .workspace = WORKSPACE_DEFAULT,
				   .cause = BATCH_API,
				   .profile = BATCH_NO_PROFILE,
				   .priority = PRIORITY_BULK };
}

static int keeps_fields(struct store_tx *tx, void *context, struct err *err)
{
	struct batch_row row = fresh(), got;

	row.cause = BATCH_SCHEDULE;
	row.schedule = uuid_new(1);
	row.tick = 77;
	row.selector = STR_LIT("tag:corp");
	row.profile = 0;
	row.created_by = uuid_new(2);
	row.trace = STR_LIT("00-t");
	TRY(batch_insert(tx, &row, err));
	TRY(batch_get(tx, row.id, &got, err));
	CHECK(got.cause == BATCH_SCHEDULE && got.tick == 77 && got.profile == 0);
	CHECK(uuid_eq(got.schedule, row.schedule) && uuid_eq(got.created_by, row.created_by));
	CHECK_STR(got.selector, "tag:corp");
	CHECK_STR(got.trace, "00-t");
	CHECK(got.state == BATCH_EXPANDING && got.created_at == tx->now_us && !got.ended_at);
	CHECK_INT(batch_insert(tx, &row, err), -EEXIST); /* a tick fires once */
	row.tick = 78;
	TRY(batch_insert(tx, &row, err));
	row = fresh();
	TRY(batch_insert(tx, &row, err));
	TRY(batch_insert(tx, &row, err)); /* without a schedule there is no tick */
	TRY(batch_get(tx, row.id, &got, err));
	CHECK(got.profile == BATCH_NO_PROFILE && uuid_is_nil(got.schedule));
	CHECK_INT(batch_get(tx, uuid_new(3), &got, err), -ENOENT);
	return 0;
}

TEST(a_batch_comes_back_and_a_tick_fires_once)
{
	rows_run(keeps_fields);
}

static int names(struct store_tx *tx, void *context, struct err *err)
{
	struct str first[] = { STR_INIT("a.example"), STR_INIT("b.example") },
		   third = STR_LIT("c.example");
	struct batch_row row = fresh(), other = fresh();
	struct str *got;
	int64_t last;
	size_t count;

	TRY(batch_insert(tx, &row, err));
	TRY(batch_insert(tx, &other, err));
	TRY(batch_add_names(tx, row.id, first, 2, err));
	TRY(batch_add_names(tx, other.id, first, 1, err));
	TRY(batch_add_names(tx, row.id, &third, 1, err));
	TRY(batch_names(tx, row.id, 0, 2, &got, &count, &last, err));
	CHECK(count == 2 && last == 2);
	CHECK_STR(got[1], "b.example");
	TRY(batch_names(tx, row.id, last, 2, &got, &count, &last, err));
	CHECK(count == 1 && last == 3);
	CHECK_STR(got[0], "c.example");
	TRY(batch_names(tx, row.id, last, 2, &got, &count, &last, err));
	CHECK(count == 0 && last == 3);
	CHECK_INT(batch_add_names(tx, uuid_new(1), first, 1, err), -ENOENT);
	return 0;
}

TEST(names_keep_their_order)
{
	rows_run(names);
}

static int expands(struct store_tx *tx, void *context, struct err *err)
{
	struct batch_row row = fresh(), *open, got;
	size_t count;
	bool is_done;

	TRY(batch_insert(tx, &row, err));
	TRY(batch_expanding(tx, 10, &open, &count, err));
	CHECK(count == 1 && uuid_eq(open[0].id, row.id));
	TRY(batch_advance(tx, row.id, 0, 100, 2, false, &is_done, err));
	CHECK_INT(batch_advance(tx, row.id, 0, 100, 2, false, &is_done, err), -ESTALE);
	TRY(batch_count_end(tx, row.id, SCAN_IS_DONE, 1, &is_done, err));
	TRY(batch_count_end(tx, row.id, SCAN_IS_FAILED, 1, &is_done, err));
	CHECK(!is_done); /* it expands still */
	TRY(batch_advance(tx, row.id, 100, 200, 1, true, &is_done, err));
	CHECK(!is_done);
	CHECK_INT(batch_advance(tx, row.id, 200, 300, 1, true, &is_done, err), -ESTALE);
	TRY(batch_expanding(tx, 10, &open, &count, err));
	CHECK_INT(count, 0);
	TRY(batch_count_end(tx, row.id, SCAN_IS_INCOMPLETE, 1, &is_done, err));
	CHECK(is_done);
	TRY(batch_get(tx, row.id, &got, err));
	CHECK(got.state == BATCH_DONE && got.total == 3 && got.done == 1 && got.failed == 1);
	CHECK(got.incomplete == 1 && got.expanded_at == tx->now_us && got.ended_at == tx->now_us);
	return 0;
}

TEST(a_batch_is_done_when_it_is_expanded_and_its_last_scan_has_ended)
{
	rows_run(expands);
}

static int empty(struct store_tx *tx, void *context, struct err *err)
{
	struct batch_row row = fresh();
	bool is_done;

	TRY(batch_insert(tx, &row, err));
	TRY(batch_advance(tx, row.id, 0, 0, 0, true, &is_done, err));
	CHECK(is_done);
	return 0;
}

TEST(a_batch_of_nothing_is_done_at_once)
{
	rows_run(empty);
}

static int cancels(struct store_tx *tx, void *context, struct err *err)
{
	struct batch_row row = fresh(), got;
	struct scan_row scan[4], after;
	struct uuid *ended;
	size_t count;
	bool is_done;

	TRY(batch_insert(tx, &row, err));
	for (int i = 0; i < 4; i++) {
		scan[i] = (struct scan_row){
			.workspace = 1,
			.domain = rows_domain(tx, (const char *[]){ "a.example", "b.example",
								    "c.example", "d.example" }[i]),
			.batch = row.id
		};
		TRY(scan_insert(tx, &scan[i], err));
	}
	TRY(batch_advance(tx, row.id, 0, 4, 4, true, &is_done, err));
	TRY(scan_take(tx, scan[0].id, rows_worker(tx), &after, err));
	TRY(batch_cancel(tx, row.id, err));
	CHECK_INT(batch_cancel(tx, row.id, err), -EALREADY);
	CHECK(strstr(err->text, "cancelled"));
	TRY(batch_cancel_scans(tx, row.id, 2, &ended, &count, err));
	CHECK_INT(count, 2);
	TRY(batch_cancel_scans(tx, row.id, 2, &ended, &count, err));
	CHECK_INT(count, 1);
	TRY(batch_cancel_scans(tx, row.id, 2, &ended, &count, err));
	CHECK_INT(count, 0);
	TRY(scan_get(tx, scan[0].id, &after, err));
	CHECK(after.status == SCAN_IS_RUNNING && after.cancel_at);
	TRY(scan_get(tx, scan[3].id, &after, err));
	CHECK(after.status == SCAN_IS_CANCELLED);
	TRY(batch_count_end(tx, row.id, SCAN_IS_CANCELLED, 4, &is_done, err));
	CHECK(!is_done); /* it has ended before */
	TRY(batch_get(tx, row.id, &got, err));
	CHECK(got.state == BATCH_CANCELLED && got.cancelled == 4);
	CHECK_INT(batch_cancel(tx, uuid_new(1), err), -ENOENT);
	return 0;
}

TEST(a_cancelled_batch_ends_its_queued_scans_and_asks_the_running_ones)
{
	rows_run(cancels);
}

static int lists(struct store_tx *tx, void *context, struct err *err)
{
	struct page page = { .limit = 3 };
	int64_t last = INT64_MAX;
	size_t seen = 0;

	for (int i = 0; i < 10; i++) {
		struct batch_row row = fresh();

		TRY(batch_insert(tx, &row, err));
	}
	do {
		struct batch_row *rows, more = fresh();
		size_t count;

		TRY(batch_list(tx, WORKSPACE_DEFAULT, &page, &rows, &count, &page.after, err));
		for (size_t i = 0; i < count; i++, seen++) {
			CHECK(rows[i].no < last);
			last = rows[i].no;
		}
		TRY(batch_insert(tx, &more, err));
	} while (page.after.len);
	CHECK_INT(seen, 10);
	page.after = STR_LIT("x");
	CHECK_INT(batch_list(tx, 1, &page, &(struct batch_row *){ NULL }, &seen, &page.after, err),
		  -EINVAL);
	return 0;
}

TEST(batches_are_listed_once_newest_first)
{
	rows_run(lists);
}

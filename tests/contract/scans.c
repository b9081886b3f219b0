/* SPDX-License-Identifier: Apache-2.0 */
/* Do scans go from state to state as store/scan.h says, and is a stale worker kept out? */
#include "store/batch.h"
#include "store/fact.h"
#include "tests/contract/scan_rows.h"

static int keeps_fields(struct store_tx *tx, void *context, struct err *err)
{
	struct batch_row batch = { .workspace = 1, .trace = STR_LIT("00-b"), .priority = 2 };
	struct scan_row row = { .workspace = 1,
				.domain = rows_domain(tx, "example.com"),
				.profile = 3,
				.priority = PRIORITY_BULK,
				.flags = SCAN_IS_ACTIVE_FLAG,
				.retry_of = uuid_new(5),
				.recheck = STR_LIT("mail.spf") },
			got;

	batch.created_by = uuid_new(6);
	TRY(batch_insert(tx, &batch, err));
	row.batch = batch.id;
	TRY(scan_insert(tx, &row, err));
	/* Ids count on where the clock stands still. */
	CHECK(row.created_at - tx->now_us >= 0 && row.created_at - tx->now_us < SECOND_US);
	TRY(scan_get(tx, row.id, &got, err));
	CHECK_STR(got.name, "example.com");
	CHECK_STR(got.recheck, "mail.spf");
	CHECK_STR(got.trace, "00-b"); /* its batch's */
	CHECK(uuid_eq(got.batch, batch.id) && uuid_eq(got.retry_of, row.retry_of));
	CHECK(uuid_eq(got.created_by, batch.created_by));
	CHECK(got.status == SCAN_IS_QUEUED && got.profile == 3 && got.priority == PRIORITY_BULK);
	CHECK(got.flags == SCAN_IS_ACTIVE_FLAG && got.score == -1 && !got.started_at);
	CHECK_INT(got.created_at, row.created_at);
	CHECK_INT(scan_insert(tx, &row, err), -EEXIST); /* this domain of this batch */
	CHECK_INT(scan_get(tx, uuid_new(7), &got, err), -ENOENT);
	return 0;
}

TEST(a_scan_comes_back_as_it_was_written)
{
	rows_run(keeps_fields);
}

static int ends(struct store_tx *tx, void *context, struct err *err)
{
	int64_t domain = rows_domain(tx, "example.com"), set, document;
	struct scan_row scan = rows_scan(tx, domain), got;
	struct str fact = STR_LIT("a fact"), blob;

	TRY(scan_open_of(tx, domain, &got, err));
	CHECK(uuid_eq(got.id, scan.id));
	TRY(scan_take(tx, scan.id, rows_worker(tx), &got, err));
	CHECK(got.status == SCAN_IS_RUNNING && got.token == 1 && got.attempt == 1);
	CHECK(got.started_at == tx->now_us && got.published_at == tx->now_us);
	TRY(fact_set_put(tx, &fact, 1, &set, err));
	TRY(document_put(tx, STR_LIT("verdicts"), &document, err));
	got.status = SCAN_IS_DONE;
	got.started_at = 1001;
	got.ended_at = 2002;
	got.grade = 3;
	got.score = 8750;
	got.areas[1] = (struct area_points){ 1, 0, 1234, 2500 };
	got.areas[5] = (struct area_points){ 1, 1, 0, 500 };
	got.gaps = 4;
	got.algorithm = STR_LIT("score 1");
	got.fact_set = set;
	got.verdicts = document;
	TRY(scan_end(tx, &got, STR_LIT("blob"), err));
	TRY(scan_get(tx, scan.id, &got, err));
	CHECK(got.status == SCAN_IS_DONE && got.started_at == 1001 && got.ended_at == 2002);
	CHECK(got.grade == 3 && got.score == 8750 && got.gaps == 4);
	CHECK(got.areas[1].points == 1234 && got.areas[1].max == 2500 && got.areas[1].applies);
	CHECK(got.areas[5].is_incomplete && !got.areas[1].is_incomplete && !got.areas[0].applies);
	CHECK_STR(got.algorithm, "score 1");
	CHECK(got.fact_set == set && got.verdicts == document);
	CHECK(uuid_is_nil(got.worker) && !got.published_at);
	TRY(scan_volatile(tx, scan.id, &blob, err));
	CHECK_STR(blob, "blob");
	CHECK_INT(scan_open_of(tx, domain, &got, err), -ENOENT);
	return 0;
}

TEST(a_scan_ends_with_all_that_was_found)
{
	rows_run(ends);
}

/* What a worker may do to a scan that is not its own any more: nothing. */
static int is_fenced(struct store_tx *tx, struct uuid id, int64_t token)
{
	struct scan_row row = { .id = id, .token = token, .status = SCAN_IS_DONE }, before, after;
	int deaths;

	CHECK_INT(scan_get(tx, id, &before, NULL), 0);
	CHECK_INT(scan_end(tx, &row, STR_LIT("late"), NULL), -ESTALE);
	CHECK_INT(scan_count_death(tx, id, token, &deaths, NULL), -ESTALE);
	CHECK_INT(scan_release(tx, id, token, true, NULL), -ESTALE);
	CHECK_INT(scan_get(tx, id, &after, NULL), 0);
	CHECK(after.status == before.status && after.token == before.token &&
	      after.deaths == before.deaths && after.ended_at == before.ended_at &&
	      after.published_at == before.published_at);
	return 0;
}

static int take_first(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_row *scan = context, got;
	struct uuid first = rows_worker(tx), second = rows_worker(tx);

	*scan = rows_scan(tx, rows_domain(tx, "example.com"));
	TRY(scan_take(tx, scan->id, first, &got, err));
	CHECK_INT(scan_take(tx, scan->id, second, &got, err), -EALREADY);
	CHECK_INT(scan_take(tx, scan->id, first, &got, err), -EALREADY);
	CHECK(strstr(err->text, "running"));
	CHECK_INT(scan_take(tx, uuid_new(1), first, &got, err), -ENOENT);
	return 0;
}

static int take_second(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_row *scan = context, got, *lost, last;
	struct uuid second = rows_worker(tx);
	size_t count;

	TRY(scan_running(tx, UUID_NIL, &lost, &count, err));
	CHECK(count == 1 && uuid_eq(lost[0].id, scan->id));
	TRY(scan_take(tx, scan->id, second, &got, err));
	CHECK(got.token == 2 && got.attempt == 2);
	TRY(scan_running(tx, UUID_NIL, &lost, &count, err));
	CHECK_INT(count, 0);
	TRY(scan_running(tx, second, &lost, &count, err));
	CHECK(count == 1 && uuid_eq(lost[0].worker, second));
	is_fenced(tx, scan->id, 1);
	got.status = SCAN_IS_DONE;
	TRY(scan_end(tx, &got, STR_NONE, err));
	is_fenced(tx, scan->id, 1);
	is_fenced(tx, scan->id, 2); /* final is final */
	TRY(scan_get(tx, scan->id, &last, err));
	CHECK(last.status == SCAN_IS_DONE);
	CHECK_INT(scan_take(tx, scan->id, second, &got, err), -EALREADY);
	CHECK(strstr(err->text, "done"));
	return 0;
}

static int take_too_early(struct store_tx *tx, void *context, struct err *err)
{
	const struct scan_row *scan = context;
	struct scan_row got;

	CHECK_INT(scan_take(tx, scan->id, uuid_new(tx->now_us), &got, err), -EALREADY);
	return 0;
}

static int lose_first(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_row row;

	TRY(scan_get(tx, ((struct scan_row *)context)->id, &row, err));
	return worker_expire(tx, row.worker, err);
}

TEST(a_lost_workers_scan_goes_to_another_and_the_first_writes_nothing)
{
	struct scan_row scan;
	struct rows rows;

	rows_open(&rows);
	rows_write(&rows, take_first, &scan, 0);
	rows.now_us +=
		WORKER_LEASE_US; /* by the clock alone nobody is lost: it may have been set */
	rows_write(&rows, take_too_early, &scan, 0);
	rows_write(&rows, lose_first, &scan, 0);
	rows_write(&rows, take_second, &scan, 0);
	rows_close(&rows);
}

static int goes_back(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_row scan = rows_scan(tx, rows_domain(tx, "example.com")), got;
	struct uuid worker = rows_worker(tx);
	struct scan_waiting *waiting;
	size_t count;
	int deaths;

	TRY(scan_published(tx, scan.id, err));
	TRY(scan_take(tx, scan.id, worker, &got, err));
	TRY(scan_count_death(tx, scan.id, got.token, &deaths, err));
	CHECK_INT(deaths, 1);
	TRY(scan_release(tx, scan.id, got.token, false, err));
	TRY(scan_get(tx, scan.id, &got, err));
	CHECK(got.status == SCAN_IS_QUEUED && got.published_at && uuid_is_nil(got.worker));
	TRY(scan_waiting_list(tx, PRIORITY_NORMAL, 1, 10, &waiting, &count, err));
	CHECK_INT(count, 0); /* its message is on the bus */
	TRY(scan_take(tx, scan.id, worker, &got, err));
	CHECK(got.token == 2 && got.deaths == 1);
	TRY(scan_release(tx, scan.id, got.token, true, err));
	TRY(scan_waiting_list(tx, PRIORITY_NORMAL, 1, 10, &waiting, &count, err));
	CHECK(count == 1 && uuid_eq(waiting[0].id, scan.id));
	return 0;
}

TEST(a_released_scan_waits_for_the_bus_or_the_relay)
{
	rows_run(goes_back);
}

static int cancels(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_row queued = rows_scan(tx, rows_domain(tx, "a.example")),
			running = rows_scan(tx, rows_domain(tx, "b.example")), got;
	struct uuid worker = rows_worker(tx), *asked;
	size_t count;

	TRY(scan_cancel(tx, queued.id, &got, err));
	CHECK(got.status == SCAN_IS_CANCELLED && got.ended_at == tx->now_us);
	CHECK_INT(scan_cancel(tx, queued.id, &got, err), -EALREADY);
	CHECK_INT(scan_take(tx, queued.id, worker, &got, err), -EALREADY);
	TRY(scan_take(tx, running.id, worker, &got, err));
	TRY(scan_cancel_asked(tx, worker, &asked, &count, err));
	CHECK_INT(count, 0);
	TRY(scan_cancel(tx, running.id, &got, err));
	CHECK(got.status == SCAN_IS_RUNNING && got.cancel_at == tx->now_us);
	TRY(scan_cancel(tx, running.id, &got, err)); /* again: no harm */
	TRY(scan_cancel_asked(tx, worker, &asked, &count, err));
	CHECK(count == 1 && uuid_eq(asked[0], running.id));
	got.status = SCAN_IS_CANCELLED;
	TRY(scan_end(tx, &got, STR_NONE, err));
	TRY(scan_cancel_asked(tx, worker, &asked, &count, err));
	CHECK_INT(count, 0);
	CHECK_INT(scan_cancel(tx, uuid_new(1), &got, err), -ENOENT);
	return 0;
}

TEST(a_queued_scan_is_cancelled_and_a_running_one_asked_to_stop)
{
	rows_run(cancels);
}

static int relays(struct store_tx *tx, void *context, struct err *err)
{
	int64_t other = rows_workspace(tx, "other"), *workspaces, on_bus, running,
		count_unpublished;
	struct domain_row theirs = { .workspace = other,
				     .name = STR_LIT("c.example"),
				     .profile = DOMAIN_NO_PROFILE };
	struct scan_row first = rows_scan(tx, rows_domain(tx, "a.example")),
			second = rows_scan(tx, rows_domain(tx, "b.example")), third = { 0 }, got;
	struct scan_waiting *waiting;
	size_t count;

	TRY(domain_insert(tx, &theirs, err));
	third.workspace = other;
	third.domain = theirs.no;
	third.priority = PRIORITY_NORMAL;
	third.trace = STR_LIT("00-t");
	TRY(scan_insert(tx, &third, err));
	TRY(scan_waiting_workspaces(tx, PRIORITY_NORMAL, &workspaces, &count, err));
	CHECK(count == 2 && workspaces[0] == 1 && workspaces[1] == other);
	TRY(scan_waiting_workspaces(tx, PRIORITY_HIGH, &workspaces, &count, err));
	CHECK_INT(count, 0);
	TRY(scan_waiting_list(tx, PRIORITY_NORMAL, 1, 1, &waiting, &count, err));
	CHECK(count == 1 && uuid_eq(waiting[0].id, first.id));
	TRY(scan_waiting_list(tx, PRIORITY_NORMAL, other, 10, &waiting, &count, err));
	CHECK_INT(count, 1);
	CHECK_STR(waiting[0].trace, "00-t");
	TRY(scan_published(tx, first.id, err));
	TRY(scan_published(tx, third.id, err));
	TRY(scan_take(tx, third.id, rows_worker(tx), &got, err));
	TRY(scan_in_flight(tx, 0, &on_bus, &running, err));
	CHECK(on_bus == 1 && running == 1);
	TRY(scan_in_flight(tx, 1, &on_bus, &running, err));
	CHECK(on_bus == 1 && running == 0);
	TRY(scan_waiting_list(tx, PRIORITY_NORMAL, 1, 10, &waiting, &count, err));
	CHECK(count == 1 && uuid_eq(waiting[0].id, second.id));
	TRY(scan_unpublish(tx, tx->now_us + 1, 10, &count_unpublished, err));
	CHECK_INT(count_unpublished, 1);
	TRY(scan_waiting_list(tx, PRIORITY_NORMAL, 1, 10, &waiting, &count, err));
	CHECK_INT(count, 2);
	got.status = SCAN_IS_FAILED;
	TRY(scan_end(tx, &got, STR_NONE, err));
	TRY(scan_published(tx, third.id, err)); /* a confirmation that came late */
	TRY(scan_in_flight(tx, 0, &on_bus, &running, err));
	CHECK(on_bus == 0 && running == 0);
	return 0;
}

TEST(the_relay_sees_what_waits_and_what_is_in_flight)
{
	rows_run(relays);
}

/* ---- lists ---- */

enum { LISTED = 25 };

static int insert_many(struct store_tx *tx, void *context, struct err *err)
{
	int64_t first = rows_domain(tx, "a.example"), second = rows_domain(tx, "b.example");

	for (int i = 0; i < LISTED; i++) {
		struct scan_row row = rows_scan(tx, i % 5 ? first : second), got;

		row.recheck = STR_LIT("dns");
		TRY(scan_insert(tx, &row, err));
		if (i % 3 == 0)
			TRY(scan_cancel(tx, row.id, &got, err));
	}
	return 0;
}

struct walk {
	struct scan_filter filter;
	size_t seen;
	bool inserts; /* between pages */
};

static int walk_list(struct store_tx *tx, void *context, struct err *err)
{
	struct walk *walk = context;
	struct page page = { .limit = 4 };
	int64_t last = INT64_MAX;

	walk->seen = 0;
	do {
		struct scan_row *rows;
		size_t count;

		TRY(scan_list(tx, &walk->filter, &page, &rows, &count, &page.after, err));
		CHECK(count <= 4);
		for (size_t i = 0; i < count; i++) {
			int64_t place =
				uuid_is_nil(walk->filter.batch) ? rows[i].no : -rows[i].domain;

			CHECK(place < last);
			last = place;
			CHECK(walk->filter.status < 0 ||
			      (int)rows[i].status == walk->filter.status);
			CHECK(!walk->filter.is_open || !scan_status_is_final(rows[i].status));
			CHECK(!walk->filter.domain || rows[i].domain == walk->filter.domain);
		}
		walk->seen += count;
		if (walk->inserts)
			rows_scan(tx, walk->filter.domain ? walk->filter.domain : 1);
	} while (page.after.len);
	return 0;
}

TEST(lists_show_each_scan_once_newest_first_while_others_come)
{
	static const struct {
		const char *name;
		int64_t domain;
		int status;
		bool is_open;
		size_t seen;
	} table[] = {
		{ "all", 0, -1, false, 2 * LISTED },
		{ "cancelled", 0, SCAN_IS_CANCELLED, false, 9 },
		{ "queued", 0, SCAN_IS_QUEUED, false, 2 * LISTED - 9 },
		{ "done", 0, SCAN_IS_DONE, false, 0 },
		{ "open", 0, -1, true, 2 * LISTED - 9 },
		{ "of a domain", 1, -1, false, 2 * 20 },
		{ "open of a domain", 1, -1, true, 2 * 20 - 7 },
		{ "cancelled of a domain", 1, SCAN_IS_CANCELLED, false, 7 },
	};
	struct rows rows;

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		struct walk walk = { .filter = { .workspace = 1,
						 .domain = table[i].domain,
						 .status = table[i].status,
						 .is_open = table[i].is_open } };

		test_row("%s", table[i].name);
		rows_open(&rows);
		rows_write(&rows, insert_many, NULL, 0);
		rows_read(&rows, walk_list, &walk, 0);
		CHECK_INT(walk.seen, table[i].seen);
		walk.inserts = true;
		rows_write(&rows, walk_list, &walk, 0);
		CHECK_INT(walk.seen, table[i].seen);
		rows_close(&rows);
	}
}

static int refuses_places(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_filter filter = { .workspace = 1, .status = -1 };
	struct page page = { .limit = 4, .after = STR_LIT("abc") };
	struct scan_row *rows;
	struct str next;
	size_t count;

	CHECK_INT(scan_list(tx, &filter, &page, &rows, &count, &next, err), -EINVAL);
	page.after = STR_LIT("123456789");
	CHECK_INT(scan_list(tx, &filter, &page, &rows, &count, &next, err), -EINVAL);
	filter.workspace = 2;
	page.after = STR_NONE;
	TRY(scan_list(tx, &filter, &page, &rows, &count, &next, err));
	CHECK(count == 0 && !next.len);
	return 0;
}

TEST(a_place_of_another_list_is_refused)
{
	rows_run(refuses_places);
}

/* ---- retention ---- */

static int scan_thrice(struct store_tx *tx, void *context, struct err *err)
{
	int64_t domain = rows_domain(tx, "example.com");
	struct uuid worker = rows_worker(tx);

	for (int i = 0; i < 3; i++) {
		struct scan_row scan = rows_scan(tx, domain);

		TRY(scan_take(tx, scan.id, worker, &scan, err));
		scan.status = SCAN_IS_DONE;
		TRY(scan_end(tx, &scan, STR_NONE, err));
	}
	rows_scan(tx, domain); /* open */
	return 0;
}

static int expire(struct store_tx *tx, void *context, struct err *err)
{
	struct scan_filter filter = { .workspace = 1, .status = -1 };
	struct page page = { .limit = 10 };
	struct uuid cursor = UUID_NIL;
	struct scan_row *rows;
	int64_t gone, all = 0;
	struct str next;
	bool is_end;
	size_t count;

	TRY(scan_expire(tx, ROWS_START, 10, &cursor, &gone, &is_end, err));
	CHECK(gone == 0 && is_end); /* not before that time */
	cursor = UUID_NIL;
	do {
		TRY(scan_expire(tx, ROWS_START + DAY_US, 1, &cursor, &gone, &is_end, err));
		all += gone;
	} while (!is_end);
	CHECK_INT(all, 2); /* the last final one stays, and the open one */
	TRY(scan_list(tx, &filter, &page, &rows, &count, &next, err));
	CHECK(count == 2 && rows[0].status == SCAN_IS_QUEUED && rows[1].status == SCAN_IS_DONE);
	return 0;
}

TEST(old_scans_go_but_for_each_domains_last)
{
	struct rows rows;

	rows_open(&rows);
	rows_write(&rows, scan_thrice, NULL, 0);
	rows.now_us += DAY_US;
	rows_write(&rows, expire, NULL, 0);
	rows_close(&rows);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Do jobs change hands as store/job.h says, and do workers live as long as they beat? */
#include "store/job.h"
#include "tests/contract/scan_rows.h"

enum { QUEUE, OTHER, QUEUES, LEASE_US = 15000000 };

static int64_t put(struct store_tx *tx, const char *message, int64_t available_at)
{
	int64_t no;

	CHECK_INT(job_insert(tx, QUEUE, str_of(message), available_at, &no, NULL), 0);
	return no;
}

static int takes(struct store_tx *tx, void *context, struct err *err)
{
	struct uuid me = uuid_new(1), you = uuid_new(2);
	int64_t first = put(tx, "first", 0), due;
	struct job_row *jobs;
	struct job_depth depth;
	size_t count;
	bool is_ready;

	put(tx, "second", 0);
	put(tx, "later", tx->now_us + 1);
	TRY(job_take(tx, OTHER, me, 10, LEASE_US, &jobs, &count, err));
	CHECK_INT(count, 0);
	TRY(job_take(tx, QUEUE, me, 1, LEASE_US, &jobs, &count, err));
	CHECK(count == 1 && jobs[0].no == first && jobs[0].token == 1 && jobs[0].attempt == 1);
	CHECK_STR(jobs[0].message, "first");
	CHECK(jobs[0].lease_until == tx->now_us + LEASE_US && uuid_eq(jobs[0].consumer, me));
	TRY(job_take(tx, QUEUE, you, 10, LEASE_US, &jobs, &count, err));
	CHECK_INT(count, 1);
	CHECK_STR(jobs[0].message, "second");
	TRY(job_is_ready(tx, QUEUE, &is_ready, err));
	CHECK(!is_ready);
	TRY(job_next_due(tx, QUEUES, &due, err));
	CHECK_INT(due, tx->now_us + 1);
	TRY(job_held(tx, me, &jobs, &count, err));
	CHECK(count == 1 && jobs[0].no == first && jobs[0].token == 1);
	TRY(job_depth(tx, QUEUE, &depth, err));
	CHECK(depth.ready == 0 && depth.delayed == 1 && depth.leased == 2 && depth.dead == 0);
	CHECK_INT(depth.oldest_at, tx->now_us);
	return 0;
}

TEST(jobs_are_taken_once_the_longest_waiting_first)
{
	rows_run(takes);
}

static int settles(struct store_tx *tx, void *context, struct err *err)
{
	struct uuid me = uuid_new(1);
	int64_t no = put(tx, "job", 0);
	struct job_row *jobs;
	size_t count;

	TRY(job_take(tx, QUEUE, me, 1, LEASE_US, &jobs, &count, err));
	CHECK_INT(job_ack(tx, no, 2, err), -ESTALE);
	CHECK_INT(job_retry(tx, no, 2, 0, STR_NONE, err), -ESTALE);
	CHECK_INT(job_bury(tx, no, 2, STR_NONE, err), -ESTALE);
	CHECK_INT(job_give_back(tx, no, 2, err), -ESTALE);
	TRY(job_give_back(tx, no, 1, err));
	CHECK_INT(job_give_back(tx, no, 1, err), -ESTALE);
	TRY(job_take(tx, QUEUE, me, 1, LEASE_US, &jobs, &count, err));
	CHECK(count == 1 && jobs[0].attempt == 1 && jobs[0].token == 2);
	TRY(job_retry(tx, no, 2, 0, STR_LIT("busy"), err));
	TRY(job_take(tx, QUEUE, me, 1, LEASE_US, &jobs, &count, err));
	CHECK(count == 1 && jobs[0].attempt == 2);
	CHECK_STR(jobs[0].reason, "busy");
	TRY(job_ack(tx, no, 3, err));
	CHECK_INT(job_ack(tx, no, 3, err), -ESTALE);
	TRY(job_take(tx, QUEUE, me, 1, LEASE_US, &jobs, &count, err));
	CHECK_INT(count, 0);
	return 0;
}

TEST(a_job_is_settled_by_its_token)
{
	rows_run(settles);
}

static int dies(struct store_tx *tx, void *context, struct err *err)
{
	struct uuid me = uuid_new(1);
	struct page page = { .limit = 2 };
	struct job_row *jobs;
	struct job_depth depth;
	size_t count, seen = 0;

	for (int i = 0; i < 5; i++) {
		int64_t no = put(tx, "job", 0);

		TRY(job_take(tx, QUEUE, me, 1, LEASE_US, &jobs, &count, err));
		TRY(job_bury(tx, no, 1, STR_LIT("no JSON"), err));
		CHECK_INT(job_ack(tx, no, 1, err), -ESTALE);
	}
	do {
		TRY(job_dead_list(tx, &page, &jobs, &count, &page.after, err));
		for (size_t i = 0; i < count; i++)
			CHECK_INT(jobs[i].no, 5 - (int64_t)seen - (int64_t)i);
		seen += count;
	} while (page.after.len);
	CHECK_INT(seen, 5);
	CHECK_STR(jobs[0].reason, "no JSON");
	CHECK_INT(jobs[0].dead_at, tx->now_us);
	TRY(job_revive(tx, 1, err));
	CHECK_INT(job_revive(tx, 1, err), -ENOENT);
	TRY(job_discard(tx, 2, err));
	CHECK_INT(job_discard(tx, 1, err), -ENOENT);
	TRY(job_depth(tx, QUEUE, &depth, err));
	CHECK(depth.dead == 3 && depth.ready == 1);
	TRY(job_take(tx, QUEUE, me, 1, LEASE_US, &jobs, &count, err));
	CHECK(count == 1 && jobs[0].attempt == 1 && !jobs[0].reason.len);
	page.after = STR_LIT("x");
	CHECK_INT(job_dead_list(tx, &page, &jobs, &count, &page.after, err), -EINVAL);
	return 0;
}

TEST(dead_letters_are_kept_revived_and_discarded)
{
	rows_run(dies);
}

static const struct uuid mine = { { 1 } }, yours = { { 2 } };

static int hold_two(struct store_tx *tx, void *context, struct err *err)
{
	struct job_row *jobs;
	size_t count;

	put(tx, "mine", 0);
	TRY(job_take(tx, QUEUE, mine, 1, LEASE_US, &jobs, &count, err));
	put(tx, "yours", 0);
	return job_take(tx, QUEUE, yours, 1, LEASE_US, &jobs, &count, err);
}

static int renew_mine(struct store_tx *tx, void *context, struct err *err)
{
	return job_renew(tx, mine, LEASE_US, err);
}

static int rescue_all(struct store_tx *tx, void *context, struct err *err)
{
	int64_t freed, dead;
	bool is_ready;

	TRY(job_is_ready(tx, QUEUE, &is_ready, err));
	CHECK(is_ready); /* a lease that ran out counts */
	TRY(job_rescue(tx, UUID_NIL, 5, &freed, &dead, err));
	CHECK(freed == 1 && dead == 0);
	CHECK_INT(job_retry(tx, 1, 1, 0, STR_NONE, err), 0); /* the renewed one is its holder's */
	CHECK_INT(job_rescue(tx, yours, 5, &freed, &dead, err), 0);
	CHECK(freed == 0 && dead == 0);
	return 0;
}

TEST(leases_run_out_unless_they_are_renewed)
{
	struct rows rows;

	rows_open(&rows);
	rows_write(&rows, hold_two, NULL, 0);
	rows.now_us += LEASE_US - 1;
	rows_write(&rows, renew_mine, NULL, 0);
	rows.now_us += 1;
	rows_write(&rows, rescue_all, NULL, 0);
	rows_close(&rows);
}

static int put_another(struct store_tx *tx, void *context, struct err *err)
{
	put(tx, "came later", 0);
	return 0;
}

static int rescues_one(struct store_tx *tx, void *context, struct err *err)
{
	struct job_row *jobs;
	int64_t freed, dead;
	size_t count;

	TRY(job_rescue(tx, *(struct uuid *)context, 5, &freed, &dead, err));
	CHECK(freed == 1 && dead == 0);
	TRY(job_take(tx, QUEUE, yours, 1, LEASE_US, &jobs, &count, err));
	CHECK_INT(count, 1);
	CHECK_STR(jobs[0].message, "job");
	CHECK_INT(jobs[0].attempt, 2);
	return 0;
}

static int hold_one(struct store_tx *tx, void *context, struct err *err)
{
	struct job_row *jobs;
	size_t count;

	put(tx, "job", 0);
	return job_take(tx, QUEUE, mine, 1, LEASE_US, &jobs, &count, err);
}

/* Whoever waits for it has waited longest: it does not go behind all that came since. */
TEST(what_the_dead_held_goes_first)
{
	struct uuid whose[] = { mine, UUID_NIL }; /* dead; whose lease ran out */

	for (size_t i = 0; i < ARRAY_COUNT(whose); i++) {
		struct rows rows;

		rows_open(&rows);
		rows_write(&rows, hold_one, NULL, 0);
		rows.now_us += 1000;
		rows_write(&rows, put_another, NULL, 0);
		rows.now_us += LEASE_US;
		rows_write(&rows, rescues_one, &whose[i], 0);
		rows_close(&rows);
	}
}

static int rescues_often(struct store_tx *tx, void *context, struct err *err)
{
	int64_t no = put(tx, "poison", 0), freed, dead;
	struct job_row *jobs;
	struct page page = { .limit = 1 };
	struct str next;
	size_t count;

	for (int i = 1; i <= 3; i++) {
		TRY(job_take(tx, QUEUE, mine, 1, LEASE_US, &jobs, &count, err));
		CHECK_INT(count, 1);
		TRY(job_rescue(tx, mine, 3, &freed, &dead, err));
		CHECK(freed == (i < 3) && dead == (i == 3));
	}
	TRY(job_dead_list(tx, &page, &jobs, &count, &next, err));
	CHECK(count == 1 && jobs[0].no == no && jobs[0].attempt == 3);
	CHECK_STR(jobs[0].reason, "its consumer died");
	return 0;
}

TEST(who_kills_its_consumers_is_buried)
{
	rows_run(rescues_often);
}

/* ---- workers ---- */

static int beats(struct store_tx *tx, void *context, struct err *err)
{
	struct worker_row row = { .id = mine, .host = STR_LIT("here"), .pid = 7, .capacity = 5 },
			  *all;
	int64_t capacity;
	size_t count;

	TRY(worker_register(tx, &row, err));
	CHECK_INT(worker_register(tx, &row, err), -EEXIST);
	row.id = yours;
	row.capacity = 3;
	TRY(worker_register(tx, &row, err));
	TRY(worker_capacity(tx, &capacity, err));
	CHECK_INT(capacity, 8);
	TRY(worker_beat(tx, mine, 2, true, err));
	TRY(worker_capacity(tx, &capacity, err));
	CHECK_INT(capacity, 3); /* who drains takes nothing */
	TRY(worker_list(tx, &all, &count, err));
	CHECK(count == 2 && all[0].running == 2 && all[0].is_draining && all[0].pid == 7);
	TRY(worker_expire(tx, yours, err));
	CHECK_INT(worker_beat(tx, yours, 0, false, err), -ENOENT);
	TRY(worker_lost(tx, &all, &count, err));
	CHECK(count == 1 && uuid_eq(all[0].id, yours));
	TRY(worker_remove(tx, yours, err));
	TRY(worker_remove(tx, yours, err));
	TRY(worker_lost(tx, &all, &count, err));
	CHECK_INT(count, 0);
	return worker_expire(tx, yours, err);
}

TEST(a_worker_lives_as_long_as_it_beats)
{
	rows_run(beats);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Is work given back by the dead, and only by the dead, whatever the clock says? */
#include "app/rescue.h"

#include "app/lookout.h"
#include "app/relay.h"
#include "store/event.h"
#include "store/job.h"
#include "tests/contract/scan_rows.h"

#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)

struct dying {
	struct uuid worker, scan;
	struct worker_row dead;
	int64_t job, token;
	unsigned deliveries; /* of each message before it stays with the worker */
	struct scan_row row;
	struct job_depth depth;
	int64_t lost, lettered, failed;
	bool is_ready;
};

static int work_make(struct store_tx *tx, void *context, struct err *err)
{
	struct dying *dying = context;
	struct worker_row worker = { .id = uuid_new(tx->now_us), .capacity = 10 };
	struct scan_row scan = rows_scan(tx, rows_domain(tx, "a.example")), took;
	struct scan_waiting waiting = { .id = scan.id, .priority = PRIORITY_NORMAL };
	struct job_row *jobs;
	size_t count;

	TRY(worker_register(tx, &worker, err));
	TRY(relay_hand_over(tx, &waiting, 1, err));
	for (unsigned i = 1; i <= dying->deliveries; i++) {
		TRY(job_take(tx, PRIORITY_NORMAL, worker.id, 1, WORKER_LEASE_US, &jobs, &count,
			     err));
		CHECK_INT(count, 1);
		if (i < dying->deliveries)
			TRY(job_retry(tx, jobs[0].no, jobs[0].token, tx->now_us, STR_LIT("again"),
				      err));
	}
	dying->worker = worker.id;
	dying->dead = worker;
	dying->scan = scan.id;
	return scan_take(tx, scan.id, worker.id, &took, err);
}

static int work_look(struct store_tx *tx, void *context, struct err *err)
{
	struct dying *dying = context;
	struct event_row *events;
	size_t count;

	TRY(scan_get(tx, dying->scan, &dying->row, err));
	TRY(job_depth(tx, PRIORITY_NORMAL, &dying->depth, err));
	TRY(event_after(tx, 0, 0, 1000, &events, &count, err));
	dying->lost = dying->lettered = dying->failed = 0;
	for (size_t i = 0; i < count; i++) {
		dying->lost += events[i].type == EVENT_WORKER_LOST;
		dying->lettered += events[i].type == EVENT_DEAD_LETTERED;
		dying->failed += events[i].type == EVENT_SCAN_FAILED;
	}
	return 0;
}

TEST(what_a_dead_worker_held_waits_again)
{
	struct rows rows;
	struct dying dying = { .deliveries = 1 };
	struct rescued rescued;

	rows_open(&rows);
	rows_write(&rows, work_make, &dying, 0);
	CHECK_INT(rescue_worker(rows.store, NULL, &dying.dead, false, &rescued, &rows.err), 0);
	CHECK(rescued.scans == 1 && rescued.messages == 1 && rescued.dead == 0);
	rows_read(&rows, work_look, &dying, 0);
	CHECK(dying.row.status == SCAN_IS_QUEUED && dying.row.published_at);
	CHECK(dying.depth.ready == 1 && dying.depth.leased == 0 && dying.lost == 1);
	CHECK_INT(rescue_worker(rows.store, NULL, &dying.dead, false, &rescued, &rows.err),
		  -ENOENT);
	rows_read(&rows, work_look, &dying, 0);
	CHECK_INT(dying.lost, 1); /* told once, however many have found it */
	rows_close(&rows);
}

static int beat(struct store_tx *tx, void *context, struct err *err)
{
	return worker_beat(tx, *(struct uuid *)context, 1, false, err);
}

static int capacity_look(struct store_tx *tx, void *context, struct err *err)
{
	return worker_capacity(tx, context, err);
}

/* How many are dead at that monotonic time, for one that wrote at another. */
static size_t look_after(struct rows *rows, struct lookout *lookout, struct uuid self,
			 int64_t wrote_us, int64_t now_us)
{
	struct lookout_view view = { .self = self, .wrote_us = wrote_us, .now_us = now_us };
	struct arena a = { 0 };
	struct worker_row *dead;
	size_t count = 9;

	CHECK_INT(lookout_look(lookout, rows->store, &a, &view, &dead, &count, &rows->err), 0);
	arena_release(&a);
	return count;
}

/* The store takes writes all the time. */
static size_t look_at(struct rows *rows, struct lookout *lookout, struct uuid self, int64_t now_us)
{
	lookout->wrote_us = now_us;
	return look_after(rows, lookout, self, now_us, now_us);
}

TEST(a_worker_that_hangs_is_seen_by_another_one_whatever_the_clock_says)
{
	struct rows rows;
	struct dying dying = { .deliveries = 1 };
	struct rescued rescued;
	struct lookout lookout = { 0 };
	int64_t start = 7 * HOUR_US, capacity;

	rows_open(&rows);
	rows_write(&rows, work_make, &dying, 0);
	CHECK_INT(look_at(&rows, &lookout, UUID_NIL, start), 0);
	rows.now_us += 4000 * DAY_US;
	rows_read(&rows, capacity_look, &capacity, 0);
	CHECK_INT(capacity, 10); /* the clock was set: nobody is dead for that */
	CHECK_INT(look_at(&rows, &lookout, UUID_NIL, start + WORKER_LEASE_US), 0);
	rows_write(&rows, beat, &dying.worker, 0);
	CHECK_INT(look_at(&rows, &lookout, UUID_NIL, start + WORKER_LEASE_US + 1), 0);
	CHECK_INT(look_at(&rows, &lookout, UUID_NIL, start + 2 * WORKER_LEASE_US + 1), 0);
	CHECK_INT(look_at(&rows, &lookout, UUID_NIL, start + 2 * WORKER_LEASE_US + 2), 1);
	CHECK_INT(look_at(&rows, &lookout, dying.worker, start + 9 * WORKER_LEASE_US), 0);
	/* It was seen before it beat: it lives. */
	CHECK_INT(rescue_worker(rows.store, NULL, &dying.dead, false, &rescued, &rows.err),
		  -ENOENT);
	rows_close(&rows);
}

/* A full disk, another that holds all writers up, a database that is away: who lives cannot say so. */
TEST(nobody_is_taken_for_dead_while_the_store_takes_no_writes)
{
	struct rows rows;
	struct dying dying = { .deliveries = 1 };
	struct lookout lookout = { 0 };
	int64_t start = 7 * HOUR_US, back = start + 3 * WORKER_LEASE_US;

	rows_open(&rows);
	rows_write(&rows, work_make, &dying, 0);
	CHECK_INT(look_at(&rows, &lookout, UUID_NIL, start), 0);
	CHECK_INT(look_after(&rows, &lookout, UUID_NIL, start, start + WORKER_LEASE_US + 1), 0);
	CHECK_INT(look_after(&rows, &lookout, UUID_NIL, start, back - 1), 0);
	/* We were the first to write again: the others get the time that they have. */
	CHECK_INT(look_after(&rows, &lookout, UUID_NIL, back, back), 0);
	CHECK_INT(look_at(&rows, &lookout, UUID_NIL, back + WORKER_LEASE_US), 0);
	CHECK_INT(look_at(&rows, &lookout, UUID_NIL, back + WORKER_LEASE_US + 1), 1);
	rows_close(&rows);
}

TEST(a_scan_whose_message_was_given_up_fails_once)
{
	struct rows rows;
	struct dying dying = { .deliveries = BUS_ATTEMPTS };
	struct rescued rescued;
	int64_t seen_us = 0;
	size_t failed;

	rows_open(&rows);
	rows_write(&rows, work_make, &dying, 0);
	CHECK_INT(rescue_worker(rows.store, NULL, &dying.dead, false, &rescued, &rows.err), 0);
	CHECK(rescued.dead == 1 && rescued.messages == 0);
	CHECK_INT(rescue_letters(rows.store, NULL, &seen_us, &failed, &rows.err), 0);
	CHECK_INT(failed, 1);
	CHECK_INT(seen_us, rows.now_us);
	CHECK_INT(rescue_letters(rows.store, NULL, &seen_us, &failed, &rows.err), 0);
	CHECK_INT(failed, 0);
	rows_read(&rows, work_look, &dying, 0);
	CHECK_INT(dying.row.status, SCAN_IS_FAILED);
	CHECK(dying.lettered == 1 && dying.failed == 1);
	rows_close(&rows);
}

static int worker_beats(struct store_tx *tx, void *context, struct err *err)
{
	struct dying *dying = context;
	struct job_row *jobs;
	int64_t freed, dead;
	size_t count;

	/* Others look for leases that are over: this one's is not, whatever the clock says. */
	TRY(job_rescue(tx, UUID_NIL, BUS_ATTEMPTS, &freed, &dead, err));
	CHECK(!freed && !dead);
	TRY(job_is_ready(tx, PRIORITY_NORMAL, &dying->is_ready, err));
	CHECK(!dying->is_ready);
	TRY(job_take(tx, PRIORITY_NORMAL, uuid_new(5), 9, WORKER_LEASE_US, &jobs, &count, err));
	CHECK_INT(count, 0);
	return worker_beat(tx, dying->worker, 1, false, err);
}

TEST(a_clock_that_was_set_takes_nothing_from_a_worker)
{
	const int64_t jumps[] = { 2 * HOUR_US, -2 * HOUR_US, DAY_US, -DAY_US, 4000 * DAY_US };
	struct rows rows;
	struct dying dying = { .deliveries = 1 };

	rows_open(&rows);
	rows_write(&rows, work_make, &dying, 0);
	for (size_t i = 0; i < ARRAY_COUNT(jumps); i++) {
		rows.now_us += jumps[i];
		rows_write(&rows, worker_beats, &dying, 0);
	}
	rows_close(&rows);
}

static int delayed_make(struct store_tx *tx, void *context, struct err *err)
{
	int64_t no;

	TRY(job_insert(tx, PRIORITY_NORMAL, STR_LIT("now"), tx->now_us, &no, err));
	return job_insert(tx, PRIORITY_NORMAL, STR_LIT("in a minute"), tx->now_us + MINUTE_US, &no,
			  err);
}

static int delayed_look(struct store_tx *tx, void *context, struct err *err)
{
	return job_depth(tx, PRIORITY_NORMAL, context, err);
}

TEST(what_is_delayed_keeps_its_delay_when_the_clock_is_set_back)
{
	struct rows rows;
	struct job_depth depth;
	int64_t moved;

	for (int is_known = 0; is_known < 2; is_known++) {
		rows_open(&rows);
		rows_write(&rows, delayed_make, NULL, 0);
		rows.now_us -= DAY_US;
		rows_read(&rows, delayed_look, &depth, 0);
		CHECK(depth.ready == 0 && depth.delayed == 2);
		CHECK_INT(rescue_clock(rows.store, NULL, is_known ? DAY_US : 0, &moved, &rows.err),
			  0);
		CHECK_INT(moved, 2);
		rows_read(&rows, delayed_look, &depth, 0);
		CHECK_INT(depth.ready, is_known ? 1 : 2);
		rows.now_us += MINUTE_US;
		rows_read(&rows, delayed_look, &depth, 0);
		CHECK_INT(depth.ready, 2);
		rows_close(&rows);
	}
}

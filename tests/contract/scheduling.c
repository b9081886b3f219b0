/* SPDX-License-Identifier: Apache-2.0 */
/* Do ticks fire once, batches become one scan a domain, and scans go to the bus by fair turns? */
#include "app/expand.h"
#include "app/relay.h"
#include "app/tick.h"
#include "formats/civil.h"
#include "store/event.h"
#include "store/job.h"
#include "tests/contract/scan_rows.h"

#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)

/* ---- ticks ---- */

struct sought {
	struct schedule_row row;
	int64_t batches, fired, missed;
};

static int schedule_look(struct store_tx *tx, void *context, struct err *err)
{
	struct sought *sought = context;
	struct page page = { .limit = 1000 };
	struct batch_row *batches;
	struct event_row *events;
	struct str next;
	size_t count;

	TRY(schedule_find(tx, WORKSPACE_DEFAULT, STR_LIT("nightly"), &sought->row, err));
	TRY(batch_list(tx, WORKSPACE_DEFAULT, &page, &batches, &count, &next, err));
	sought->batches = (int64_t)count;
	TRY(event_after(tx, 0, 0, 1000, &events, &count, err));
	sought->fired = sought->missed = 0;
	for (size_t i = 0; i < count; i++) {
		sought->fired += events[i].type == EVENT_SCHEDULE_FIRED;
		sought->missed += events[i].type == EVENT_SCHEDULE_MISSED;
	}
	return 0;
}

static int schedule_make(struct store_tx *tx, void *context, struct err *err)
{
	struct schedule_row *row = context;

	row->workspace = WORKSPACE_DEFAULT;
	row->name = STR_LIT("nightly");
	row->selector = STR_LIT("all");
	row->profile = -1;
	row->is_enabled = true;
	return schedule_insert(tx, row, err);
}

static struct sought sought_now(struct rows *rows)
{
	struct sought sought;

	rows_read(rows, schedule_look, &sought, 0);
	return sought;
}

static struct schedule_row hourly(int64_t next_us)
{
	return (struct schedule_row){ .cron = STR_LIT("0 * * * *"),
				      .zone = STR_LIT("UTC"),
				      .missed = MISSED_ONCE,
				      .next_at = next_us,
				      .next_tick = next_us };
}

/* ROWS_START is 2026-09-21T14:13:20Z. */
static int64_t next_hour(void)
{
	return (ROWS_START / HOUR_US + 1) * HOUR_US;
}

TEST(a_tick_fires_once_however_often_it_is_tried)
{
	struct rows rows;
	struct schedule_row row = hourly(next_hour());
	struct tick_outcome outcome;

	rows_open(&rows);
	rows_write(&rows, schedule_make, &row, 0);
	rows.now_us = next_hour() + SECOND_US;
	CHECK_INT(tick_fire(rows.store, NULL, &row, &outcome, &rows.err), 0);
	CHECK_INT(outcome.fired, 1);
	CHECK_INT(tick_fire(rows.store, NULL, &row, &outcome, &rows.err), -ESTALE);
	CHECK_INT(sought_now(&rows).batches, 1);
	CHECK_INT(sought_now(&rows).fired, 1);
	CHECK_INT(sought_now(&rows).row.next_tick, next_hour() + HOUR_US);
	CHECK_INT(sought_now(&rows).row.last_tick, next_hour());
	rows_close(&rows);
}

TEST(who_does_not_lead_fires_nothing)
{
	struct rows rows;
	struct schedule_row row = hourly(next_hour());
	struct leader leader = { .name = STR_LIT("scheduler"), .id = uuid_new(1), .token = 5 };
	struct tick_outcome outcome;

	rows_open(&rows);
	rows_write(&rows, schedule_make, &row, 0);
	rows.now_us = next_hour();
	CHECK_INT(tick_fire(rows.store, &leader, &row, &outcome, &rows.err), -ESTALE);
	CHECK_INT(sought_now(&rows).batches, 0);
	CHECK_INT(sought_now(&rows).row.next_tick, next_hour());
	rows_close(&rows);
}

TEST(a_clock_that_was_set_forward_and_back_fires_no_tick_twice_and_keeps_none_waiting)
{
	struct rows rows;
	struct schedule_row row = hourly(next_hour());
	struct tick_outcome outcome;
	struct sought sought;
	size_t moved;

	rows_open(&rows);
	rows_write(&rows, schedule_make, &row, 0);
	/* Two ticks fire, then the clock jumps twelve years ahead: all in between is made up for once. */
	for (unsigned i = 0; i < 2; i++) {
		sought = sought_now(&rows);
		row.next_tick = sought.row.next_tick;
		rows.now_us = row.next_tick + SECOND_US;
		CHECK_INT(tick_fire(rows.store, NULL, &row, &outcome, &rows.err), 0);
	}
	row.next_tick = sought_now(&rows).row.next_tick;
	rows.now_us += 12 * 365 * DAY_US;
	CHECK_INT(tick_fire(rows.store, NULL, &row, &outcome, &rows.err), 0);
	CHECK_INT(outcome.fired, 1);
	CHECK_INT(outcome.lost, PLAN_COUNTED);
	CHECK_INT(sought_now(&rows).missed, 1);
	/* Back, before the second tick: it waits for that one, which does not fire again. */
	rows.now_us -= 12 * 365 * DAY_US + 10 * MINUTE_US;
	CHECK_INT(tick_plan_again(rows.store, NULL, &moved, &rows.err), 0);
	CHECK_INT(moved, 1);
	row.next_tick = sought_now(&rows).row.next_tick;
	CHECK_INT(row.next_tick, next_hour() + HOUR_US);
	CHECK_INT(tick_plan_again(rows.store, NULL, &moved, &rows.err), 0);
	CHECK_INT(moved, 0);
	rows.now_us = row.next_tick;
	CHECK_INT(tick_fire(rows.store, NULL, &row, &outcome, &rows.err), 0);
	CHECK_INT(outcome.fired, 0);
	CHECK_INT(sought_now(&rows).batches, 3);
	row.next_tick = sought_now(&rows).row.next_tick;
	CHECK_INT(row.next_tick, next_hour() + 2 * HOUR_US);
	rows.now_us = row.next_tick;
	CHECK_INT(tick_fire(rows.store, NULL, &row, &outcome, &rows.err), 0);
	CHECK_INT(outcome.fired, 1);
	rows_close(&rows);
}

TEST(a_schedule_that_cannot_be_read_is_put_off)
{
	struct rows rows;
	struct schedule_row row = hourly(next_hour());
	struct tick_outcome outcome;

	rows_open(&rows);
	row.zone = STR_LIT("Europe/Nowhere");
	rows_write(&rows, schedule_make, &row, 0);
	rows.now_us = next_hour();
	CHECK_INT(tick_fire(rows.store, NULL, &row, &outcome, &rows.err), -EINVAL);
	CHECK(strstr(rows.err.text, "Europe/Nowhere") != NULL);
	CHECK_INT(sought_now(&rows).row.next_tick, next_hour());
	CHECK_INT(sought_now(&rows).row.next_at, rows.now_us + TICK_AGAIN_US);
	rows_close(&rows);
}

/* ---- expansion ---- */

struct making {
	const char *selector;
	unsigned domains, names;
	int64_t max_scans, max_domains;
	struct uuid batch;
};

static int batch_make(struct store_tx *tx, void *context, struct err *err)
{
	struct making *making = context;
	struct batch_row batch = { .workspace = WORKSPACE_DEFAULT,
				   .profile = BATCH_NO_PROFILE,
				   .selector = str_of(making->selector),
				   .priority = PRIORITY_BULK };
	struct workspace_row workspace;
	struct str *names = arena_array(tx->a, making->names, sizeof *names);

	for (unsigned i = 0; i < making->domains; i++)
		(void)rows_domain(tx, str_printf(tx->a, "d%u.example", i).data);
	TRY(workspace_get(tx, WORKSPACE_DEFAULT, &workspace, err));
	workspace.quotas.max_scans_per_day = making->max_scans;
	workspace.quotas.max_domains = making->max_domains;
	TRY(workspace_update(tx, &workspace, err));
	TRY(batch_insert(tx, &batch, err));
	for (unsigned i = 0; i < making->names; i++) /* each name twice */
		names[i] = str_printf(tx->a, "d%u.example", i / 2);
	making->batch = batch.id;
	return batch_add_names(tx, batch.id, names, making->names, err);
}

struct counted {
	struct uuid batch;
	struct batch_row row;
	int64_t scans;
};

static int batch_look(struct store_tx *tx, void *context, struct err *err)
{
	struct counted *counted = context;
	struct scan_filter filter = { .workspace = 1, .batch = counted->batch, .status = -1 };
	struct page page = { .limit = 1000 };

	counted->scans = 0;
	do {
		struct scan_row *scans;
		size_t count;

		TRY(scan_list(tx, &filter, &page, &scans, &count, &page.after, err));
		counted->scans += (int64_t)count;
	} while (page.after.len);
	return batch_get(tx, counted->batch, &counted->row, err);
}

TEST(a_batch_becomes_one_scan_a_domain_in_steps)
{
	struct rows rows;
	struct making making = { .selector = "all", .domains = 2100 };
	struct counted counted;
	struct expand_outcome outcome;
	const int64_t made[] = { 1000, 1000, 100 };

	rows_open(&rows);
	rows_write(&rows, batch_make, &making, 0);
	for (size_t i = 0; i < ARRAY_COUNT(made); i++) {
		CHECK_INT(expand_step(rows.store, NULL, making.batch, 0, &outcome, &rows.err), 0);
		CHECK_INT(outcome.made, made[i]);
		CHECK_INT(outcome.is_over, i == 2);
	}
	CHECK_INT(expand_step(rows.store, NULL, making.batch, 0, &outcome, &rows.err), 0);
	CHECK(outcome.made == 0 && outcome.is_over);
	counted.batch = making.batch;
	rows_read(&rows, batch_look, &counted, 0);
	CHECK(counted.scans == 2100 && counted.row.total == 2100);
	CHECK_INT(counted.row.state, BATCH_RUNNING);
	rows_close(&rows);
}

TEST(names_become_domains_once_and_an_empty_batch_is_done)
{
	struct rows rows;
	struct making making = { .selector = "", .domains = 3, .names = 16 };
	struct making empty = { .selector = "tag:none" };
	struct counted counted;
	struct expand_outcome outcome;

	rows_open(&rows);
	rows_write(&rows, batch_make, &making, 0);
	CHECK_INT(expand_step(rows.store, NULL, making.batch, 0, &outcome, &rows.err), 0);
	CHECK(outcome.made == 8 && outcome.is_over);
	rows_write(&rows, batch_make, &empty, 0);
	CHECK_INT(expand_step(rows.store, NULL, empty.batch, 0, &outcome, &rows.err), 0);
	CHECK(outcome.made == 0 && outcome.is_over);
	counted.batch = empty.batch;
	rows_read(&rows, batch_look, &counted, 0);
	CHECK_INT(counted.row.state, BATCH_DONE);
	rows_close(&rows);
}

TEST(a_batch_waits_at_the_quota_of_the_day)
{
	struct rows rows;
	struct making making = { .selector = "all", .domains = 50, .max_scans = 25 };
	struct expand_outcome outcome;
	int64_t made = 0;
	int code;

	rows_open(&rows);
	rows_write(&rows, batch_make, &making, 0);
	while ((code = expand_step(rows.store, NULL, making.batch, 0, &outcome, &rows.err)) == 0)
		made += outcome.made;
	CHECK_INT(code, -EDQUOT);
	CHECK_INT(made, 25);
	rows.now_us += DAY_US;
	CHECK_INT(expand_step(rows.store, NULL, making.batch, 0, &outcome, &rows.err), 0);
	CHECK(outcome.made > 0);
	rows_close(&rows);
}

/* ---- the relay ---- */

enum { RIVALS = 3 };

struct relaying {
	struct relay relay;
	unsigned room;
	int64_t workspace[RIVALS];
	struct {
		unsigned priority[PRIORITY_COUNT], workspace[RIVALS];
	} took;
	bool is_handed_over;
};

static int backlog_make(struct store_tx *tx, void *context, struct err *err)
{
	struct relaying *relaying = context;
	/* One has a million, the others little. */
	const unsigned waiting[RIVALS] = { 900, 20, 3 };

	for (unsigned i = 0; i < RIVALS; i++) {
		struct domain_row domain = { .name = STR_LIT("a.example"),
					     .profile = DOMAIN_NO_PROFILE };

		relaying->workspace[i] = rows_workspace(tx, str_printf(tx->a, "w%u", i).data);
		domain.workspace = relaying->workspace[i];
		TRY(domain_insert(tx, &domain, err));
		for (unsigned k = 0; k < waiting[i] * PRIORITY_COUNT; k++) {
			struct scan_row scan = { .workspace = domain.workspace,
						 .domain = domain.no,
						 .priority = (int)(k % PRIORITY_COUNT),
						 .score = -1 };

			TRY(scan_insert(tx, &scan, err));
		}
	}
	return 0;
}

static int choose(struct store_tx *tx, void *context, struct err *err)
{
	struct relaying *relaying = context;
	struct scan_waiting *scans;
	size_t count;

	memset(&relaying->took, 0, sizeof relaying->took);
	TRY(relay_choose(tx, &relaying->relay, relaying->room, &scans, &count, err));
	for (size_t i = 0; i < count; i++) {
		relaying->took.priority[scans[i].priority]++;
		for (unsigned k = 0; k < RIVALS; k++)
			relaying->took.workspace[k] += scans[i].workspace == relaying->workspace[k];
	}
	if (relaying->is_handed_over)
		TRY(relay_hand_over(tx, scans, count, err));
	return 0;
}

TEST(priorities_have_turns_and_workspaces_go_round_robin)
{
	struct rows rows;
	struct relaying r = { .room = 24 };

	rows_open(&rows);
	rows_write(&rows, backlog_make, &r, 0);
	rows_write(&rows, choose, &r, 0);
	CHECK_INT(r.took.priority[PRIORITY_HIGH], 16);
	CHECK_INT(r.took.priority[PRIORITY_NORMAL], 6);
	CHECK_INT(r.took.priority[PRIORITY_BULK], 2);
	CHECK_INT(r.took.workspace[2], 5); /* three of them high: all that it has */
	CHECK_INT(r.took.workspace[1], 9);
	CHECK_INT(r.took.workspace[0], 10);
	/* What the small ones do not use falls to the large one, and nothing is lost. */
	r.is_handed_over = true;
	r.room = 500;
	for (unsigned i = 0, all = 0; i < 6; i++) {
		rows_write(&rows, choose, &r, 0);
		all += r.took.workspace[0] + r.took.workspace[1] + r.took.workspace[2];
		CHECK(i < 5 ? all == 500 * (i + 1) : all == 923 * PRIORITY_COUNT);
	}
	rows_close(&rows);
}

static int one_each(struct store_tx *tx, void *context, struct err *err)
{
	struct relaying *r = context;

	r->room = 1;
	r->is_handed_over = true;
	return choose(tx, context, err);
}

TEST(turns_go_on_from_round_to_round)
{
	struct rows rows;
	struct relaying r = { 0 };
	unsigned first[RIVALS] = { 0 };

	rows_open(&rows);
	rows_write(&rows, backlog_make, &r, 0);
	for (unsigned i = 0; i < 12; i++) {
		rows_write(&rows, one_each, &r, 0);
		for (unsigned k = 0; k < RIVALS; k++)
			first[k] += r.took.workspace[k];
	}
	CHECK(first[0] >= 3 && first[1] >= 3 && first[2] >= 3);
	rows_close(&rows);
}

static int room_is(struct store_tx *tx, void *context, struct err *err)
{
	struct relaying *r = context;

	return relay_room(tx, &r->room, err);
}

static int worker_make(struct store_tx *tx, void *context, struct err *err)
{
	struct worker_row row = { .id = uuid_new(tx->now_us), .capacity = 10 };

	return worker_register(tx, &row, err);
}

static int limit_set(struct store_tx *tx, void *context, struct err *err)
{
	struct relaying *r = context;
	struct workspace_row row;

	TRY(workspace_get(tx, r->workspace[0], &row, err));
	row.quotas.max_scans_in_flight = 4;
	return workspace_update(tx, &row, err);
}

static int depth_look(struct store_tx *tx, void *context, struct err *err)
{
	int64_t *ready = context;

	*ready = 0;
	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		struct job_depth depth;

		TRY(job_depth(tx, queue, &depth, err));
		*ready += depth.ready;
	}
	return 0;
}

TEST(the_bus_holds_twice_what_workers_take_and_a_workspace_its_limit)
{
	struct rows rows;
	struct relaying r = { .is_handed_over = true };
	int64_t ready;

	rows_open(&rows);
	rows_write(&rows, backlog_make, &r, 0);
	rows_read(&rows, room_is, &r, 0);
	CHECK_INT(r.room, 0); /* nobody works */
	rows_write(&rows, worker_make, NULL, 0);
	rows_read(&rows, room_is, &r, 0);
	CHECK_INT(r.room, 20);
	rows_write(&rows, limit_set, &r, 0);
	rows_write(&rows, choose, &r, 0);
	CHECK_INT(r.took.workspace[0], 4);
	CHECK_INT(r.took.workspace[1] + r.took.workspace[2], 16);
	rows_read(&rows, room_is, &r, 0);
	CHECK_INT(r.room, 0);
	rows_read(&rows, depth_look, &ready, 0);
	CHECK_INT(ready, 20);
	rows_close(&rows);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Are schedules what somebody set, and do they wait for the tick that follows from it? */
#include "tests/contract/desk.h"

#include "app/schedule.h"
#include "store/batch.h"
#include "store/scan.h"

/* ROWS_START is 2026-09-21T14:13:20Z. */
#define AT(seconds) ((INT64_C(1790000000) + (seconds)) * SECOND_US)
enum { TO_0230 = 44200 /* 02:30:00Z on the next day */ };

static struct schedule_input nightly(void)
{
	return (struct schedule_input){ .has_name = true,
					.has_cron = true,
					.name = STR_LIT("nightly"),
					.cron = STR_LIT("30 2 * * *") };
}

static int add(struct desk *d, struct schedule_input input, struct schedule_row *ret)
{
	return app_schedule_add(&d->app, &d->admin, d->a, &input, ret, desk_fresh(d));
}

static int update(struct desk *d, const char *name, int64_t version, struct schedule_input input,
		  struct schedule_row *ret)
{
	return app_schedule_update(&d->app, &d->admin, d->a, str_of(name), version, &input, ret,
				   desk_fresh(d));
}

TEST(a_schedule_waits_for_the_next_tick)
{
	struct schedule_input pause = { .has_enabled = true };
	struct schedule_input resume = { .has_enabled = true, .is_enabled = true };
	struct schedule_input berlin = { .has_zone = true, .zone = STR_LIT("Europe/Berlin") };
	struct schedule_input rename = { .has_name = true, .name = STR_LIT("daily") };
	struct schedule_row row, got;
	struct plan_fire *fires;
	size_t count;
	struct desk d;

	desk_open(&d);
	DESK_CHECK(&d, add(&d, nightly(), &row), 0);
	CHECK_INT(row.next_tick, AT(TO_0230));
	CHECK_INT(row.next_at, AT(TO_0230));
	CHECK(row.is_enabled && row.missed == MISSED_ONCE && row.priority == PRIORITY_BULK);
	CHECK_STR(row.selector, "all");
	CHECK_STR(row.zone, "UTC");
	CHECK_STR(desk_audited(&d), "schedule.create");
	DESK_CHECK(&d, update(&d, "nightly", 1, berlin, &row),
		   0); /* summer time: two hours earlier */
	CHECK_INT(row.next_tick, AT(TO_0230 - 7200));
	DESK_CHECK(&d, update(&d, "nightly", 1, berlin, &row), -ESTALE);
	CHECK_INT(d.problem.version, 2);
	d.rows.now_us += DAY_US; /* nobody fired */
	DESK_CHECK(&d, update(&d, "nightly", 0, rename, &row), 0);
	CHECK_INT(row.next_tick, AT(TO_0230 - 7200)); /* its name says nothing about its times */
	DESK_CHECK(&d, update(&d, "daily", 0, pause, &row), 0);
	CHECK(!row.is_enabled);
	d.rows.now_us += DAY_US;
	DESK_CHECK(&d, update(&d, "daily", 0, resume, &row), 0);
	CHECK_INT(row.next_tick, AT(TO_0230 - 7200) + 2 * DAY_US); /* what it missed stays missed */
	DESK_CHECK(&d,
		   app_schedule_get(&d.app, &d.admin, d.a, id_text(d.a, "sch", row.id), &got,
				    desk_fresh(&d)),
		   0);
	CHECK_INT(got.version, row.version);
	DESK_CHECK(&d,
		   app_schedule_upcoming(&d.app, &d.admin, d.a, STR_LIT("daily"), 3, &fires, &count,
					 desk_fresh(&d)),
		   0);
	CHECK_INT(count, 3);
	CHECK_INT(fires[0].tick_us, row.next_tick);
	CHECK_INT(fires[2].tick_us, row.next_tick + 2 * DAY_US);
	DESK_CHECK(&d, app_schedule_delete(&d.app, &d.admin, STR_LIT("daily"), 1, desk_fresh(&d)),
		   -ESTALE);
	DESK_CHECK(&d, app_schedule_delete(&d.app, &d.admin, STR_LIT("daily"), 0, desk_fresh(&d)),
		   0);
	DESK_CHECK(&d,
		   app_schedule_get(&d.app, &d.admin, d.a, STR_LIT("daily"), &got, desk_fresh(&d)),
		   -ENOENT);
	desk_close(&d);
}

TEST(what_is_wrong_with_a_schedule_is_said_field_by_field)
{
	static const struct {
		struct schedule_input input;
		const char *error;
	} rows[] = {
		{ { .has_name = true, .name = STR_INIT("x") }, "/cron required" },
		{ { .has_cron = true, .cron = STR_INIT("@daily") }, "/name required" },
		{ { .has_cron = true, .cron = STR_INIT("61 * * * *") }, "/cron cron" },
		{ { .has_cron = true, .cron = STR_INIT("0 0 30 2 *") }, "/cron cron" },
		{ { .has_zone = true, .zone = STR_INIT("Europe/Paris/../London") }, "/zone zone" },
		{ { .has_zone = true, .zone = STR_INIT("Mars/Olympus") }, "/zone zone" },
		{ { .has_blackouts = true, .blackouts = STR_INIT("25:00-26:00") },
		  "/blackouts blackouts" },
		{ { .has_selector = true, .selector = STR_INIT("colour:red") },
		  "/selector selector" },
		{ { .has_jitter = true, .jitter_s = -1 }, "/jitter_s range" },
		{ { .has_jitter = true, .jitter_s = 86401 }, "/jitter_s range" },
		{ { .has_profile = true, .profile = STR_INIT("full") }, "/profile enum" },
		{ { .has_priority = true, .priority = STR_INIT("urgent") }, "/priority enum" },
		{ { .has_missed = true, .missed = STR_INIT("never") }, "/missed enum" },
		{ { .has_name = true, .name = STR_INIT("-x") }, "/name name" },
	};
	struct schedule_row row;
	struct desk d;

	desk_open(&d);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct schedule_input input = rows[i].input, whole = nightly();

		test_row("%s", rows[i].error);
		if (i >= 2) { /* the rest is as it should be */
			input.has_name = input.has_cron = true;
			input.name = input.name.len ? input.name : whole.name;
			input.cron = input.cron.len ? input.cron : whole.cron;
		}
		DESK_CHECK(&d, add(&d, input, &row), -EINVAL);
		CHECK_STR(desk_error(&d, 0), rows[i].error);
		CHECK_INT(d.problem.count, 1);
	}
	DESK_CHECK(&d, add(&d, nightly(), &row), 0);
	DESK_CHECK(&d, add(&d, nightly(), &row), -EEXIST);
	for (size_t i = 2; i < ARRAY_COUNT(rows); i++) {
		test_row("update: %s", rows[i].error);
		DESK_CHECK(&d, update(&d, "nightly", 0, rows[i].input, &row), -EINVAL);
		CHECK_STR(desk_error(&d, 0), rows[i].error);
	}
	desk_close(&d);
}

static int read_batch(struct store_tx *tx, void *context, struct err *err)
{
	struct batch_row *batch = context;

	return batch_get(tx, batch->id, batch, err);
}

TEST(run_now_makes_a_batch_each_time)
{
	struct schedule_input input = nightly();
	struct batch_row one = { 0 }, two = { 0 };
	struct schedule_row row;
	struct desk d;

	desk_open(&d);
	input.has_selector = input.has_enabled = true;
	input.selector = STR_LIT("tag:corp");
	DESK_CHECK(&d, add(&d, input, &row), 0);
	DESK_CHECK(&d,
		   app_schedule_run(&d.app, &d.admin, STR_LIT("nightly"), &one.id, desk_fresh(&d)),
		   0);
	DESK_CHECK(&d,
		   app_schedule_run(&d.app, &d.admin, STR_LIT("nightly"), &two.id, desk_fresh(&d)),
		   0);
	CHECK_STR(desk_audited(&d), "schedule.run");
	CHECK(!uuid_eq(one.id, two.id));
	rows_read(&d.rows, read_batch, &one, 0);
	CHECK(one.state == BATCH_EXPANDING && one.cause == BATCH_SCHEDULE && !one.tick);
	CHECK(uuid_eq(one.schedule, row.id));
	desk_close(&d);
}

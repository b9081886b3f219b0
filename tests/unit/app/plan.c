/* SPDX-License-Identifier: Apache-2.0 */
/* Do ticks become due, and fire or get lost, as plan.h says? */
#include "app/plan.h"

#include "app/zone.h"
#include "formats/civil.h"
#include "tests/test.h"

enum { SECOND_US = 1000000 };
#define MINUTE_US ((int64_t)60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)

static int64_t at(unsigned month, unsigned day, unsigned hour, unsigned minute)
{
	return (civil_days(2026, month, day) * DAY_SECONDS + hour * 3600 + minute * 60) * SECOND_US;
}

static struct plan plan_of(struct arena *a, const char *cron, const char *zone, int64_t jitter_s,
			   const char *blackouts, enum missed_policy missed)
{
	struct schedule_row row = { .id = { { 1, 2, 3 } },
				    .cron = str_of(cron),
				    .blackouts = str_of(blackouts),
				    .jitter_s = jitter_s,
				    .missed = missed };
	struct err err = { 0 };
	struct plan plan;
	struct tz tz;

	CHECK_INT(zone_load(a, str_of(zone), &tz, &err), 0);
	CHECK_INT(plan_read(a, &row, &tz, &plan, &err), 0);
	return plan;
}

TEST(a_zone_that_is_not_there_is_refused_by_name)
{
	static const char *const names[] = { "Europe/Nowhere", "Europe",      "../../../etc/passwd",
					     "zone.tab",       "leapseconds", "Europe/Berlin/x" };
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		struct err err = { 0 };
		struct tz tz;

		test_row("%s", names[i]);
		CHECK(zone_load(&a, str_of(names[i]), &tz, &err) < 0);
		CHECK(err.text[0]);
	}
	arena_release(&a);
}

TEST(jitter_stays_below_its_limit_and_the_next_tick_and_never_changes)
{
	struct arena a = { 0 };
	struct plan wide = plan_of(&a, "0 * * * *", "UTC", 1800, "", MISSED_ONCE);
	struct plan wider = plan_of(&a, "*/5 * * * *", "UTC", 86400, "", MISSED_ONCE);
	struct plan_fire fire = { at(11, 26, 0, 0) }, other = fire, again;
	int64_t last_us = 0;
	unsigned halves[2] = { 0 };

	for (unsigned i = 0; i < 1000; i++) {
		int64_t before_us = fire.tick_us;

		CHECK_INT(plan_next(&wide, before_us, &fire), 0);
		CHECK_INT(plan_next(&wide, before_us, &again), 0);
		CHECK(fire.due_us == again.due_us);
		CHECK_INT(fire.tick_us, before_us + HOUR_US);
		CHECK(fire.due_us >= fire.tick_us && fire.due_us <= fire.tick_us + HOUR_US / 2);
		halves[fire.due_us - fire.tick_us > HOUR_US / 4]++;

		CHECK_INT(plan_next(&wider, other.tick_us, &other), 0);
		CHECK(other.due_us >= last_us && other.due_us < other.tick_us + 5 * MINUTE_US);
		last_us = other.due_us;
	}
	CHECK(halves[0] > 400 && halves[1] > 400);
	arena_release(&a);
}

TEST(what_was_missed_is_made_up_for_as_the_policy_says)
{
	const struct {
		enum missed_policy missed;
		int64_t late_us; /* after the tick of 03:00, hourly, waiting for that of 01:00 */
		size_t fires;
		int64_t lost, first_tick_us, first_lost_us;
	} rows[] = {
		{ MISSED_SKIP, 0, 1, 2, at(11, 26, 3, 0), at(11, 26, 1, 0) },
		{ MISSED_SKIP, MINUTE_US, 1, 2, at(11, 26, 3, 0), at(11, 26, 1, 0) },
		{ MISSED_SKIP, MINUTE_US + 1, 0, 3, 0, at(11, 26, 1, 0) },
		{ MISSED_ONCE, 59 * MINUTE_US, 1, 2, at(11, 26, 3, 0), at(11, 26, 1, 0) },
		{ MISSED_ONCE, -1, 1, 1, at(11, 26, 2, 0), at(11, 26, 1, 0) },
		{ MISSED_ONCE, -2 * HOUR_US, 1, 0, at(11, 26, 1, 0), 0 },
		{ MISSED_ONCE, -2 * HOUR_US - 1, 0, 0, 0, 0 },
		{ MISSED_ALL, 59 * MINUTE_US, 3, 0, at(11, 26, 1, 0), 0 },
		{ MISSED_ALL, 21 * HOUR_US, 24, 0, at(11, 26, 1, 0), 0 },
		{ MISSED_ALL, 22 * HOUR_US, 24, 1, at(11, 26, 2, 0), at(11, 26, 1, 0) },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct plan plan = plan_of(&a, "0 * * * *", "UTC", 0, "", rows[i].missed);
		int64_t now_us = at(11, 26, 3, 0) + rows[i].late_us;
		struct plan_due due;

		test_row("row %zu", i);
		plan_due(&plan, at(11, 26, 1, 0), now_us, &due);
		CHECK_INT(due.count, rows[i].fires);
		CHECK_INT(due.lost, rows[i].lost);
		CHECK_INT(due.first_lost_us, rows[i].first_lost_us);
		if (due.count)
			CHECK_INT(due.fires[0].tick_us, rows[i].first_tick_us);
		CHECK(due.next.tick_us > now_us && due.next.tick_us <= now_us + HOUR_US);
	}
	arena_release(&a);
}

TEST(a_stop_of_years_is_made_up_for_at_once)
{
	static const char *const crons[] = { "* * * * *", "* * * 1 *", "*/10 * 29 2 *",
					     "0 0 1 1 *" };
	const int64_t newest[] = { at(11, 26, 5, 7), at(1, 31, 23, 59),
				   at(2, 28, 23, 50) - 730 * DAY_US, at(1, 1, 0, 0) };
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(crons); i++) {
		struct plan plan = plan_of(&a, crons[i], "UTC", 0, "", MISSED_ONCE);
		int64_t now_us = at(11, 26, 5, 7) + 30 * SECOND_US;
		struct plan_fire first;
		struct plan_due due;

		test_row("%s", crons[i]);
		CHECK_INT(plan_next(&plan, at(1, 1, 0, 0) - 9 * 365 * DAY_US, &first), 0);
		plan_due(&plan, first.tick_us, now_us, &due);
		CHECK_INT(due.count, 1);
		CHECK_INT(due.fires[0].tick_us, newest[i]);
		CHECK_INT(due.first_lost_us, first.tick_us);
		CHECK(due.next.due_us > now_us);
	}
	arena_release(&a);
}

TEST(a_blackout_holds_ticks_back_or_passes_them_over)
{
	struct arena a = { 0 };
	struct plan skip =
		plan_of(&a, "30 * * * *", "Europe/Berlin", 0, "MON-FRI 08:00-18:00", MISSED_SKIP);
	struct plan once =
		plan_of(&a, "30 * * * *", "Europe/Berlin", 0, "MON-FRI 08:00-18:00", MISSED_ONCE);
	struct plan_fire fire;
	struct plan_due due;

	/* A Thursday; 08:00 in Berlin is 07:00 UTC. */
	CHECK_INT(plan_next(&skip, at(11, 26, 6, 30), &fire), 0);
	CHECK_INT(fire.tick_us, at(11, 26, 17, 30));
	CHECK_INT(fire.due_us, at(11, 26, 17, 30));
	CHECK_INT(plan_next(&once, at(11, 26, 6, 30), &fire), 0);
	CHECK_INT(fire.tick_us, at(11, 26, 7, 30));
	CHECK_INT(fire.due_us, at(11, 26, 17, 0));
	plan_due(&once, at(11, 26, 7, 30), at(11, 26, 16, 59), &due);
	CHECK_INT(due.count, 0);
	CHECK_INT(due.next.tick_us, at(11, 26, 7, 30));
	plan_due(&once, at(11, 26, 7, 30), at(11, 26, 17, 0), &due);
	CHECK_INT(due.count, 1);
	CHECK_INT(due.fires[0].tick_us, at(11, 26, 16, 30));
	CHECK_INT(due.lost, 9);
	CHECK_INT(due.next.tick_us, at(11, 26, 17, 30));
	arena_release(&a);
}

TEST(a_schedule_begins_with_the_first_tick_that_is_not_due)
{
	struct arena a = { 0 };
	struct plan plain = plan_of(&a, "0 * * * *", "UTC", 0, "", MISSED_ONCE);
	struct plan late = plan_of(&a, "0 0 * * *", "UTC", 3600, "", MISSED_ONCE);
	struct plan_fire fire, same;

	CHECK_INT(plan_first(&plain, at(11, 26, 3, 0), &fire), 0);
	CHECK_INT(fire.tick_us, at(11, 26, 4, 0));
	CHECK_INT(plan_first(&plain, at(11, 26, 3, 0) - 1, &fire), 0);
	CHECK_INT(fire.tick_us, at(11, 26, 3, 0));
	/* The tick of midnight is over, but its jitter is not. */
	CHECK_INT(plan_next(&late, at(11, 25, 12, 0), &fire), 0);
	CHECK(fire.due_us > fire.tick_us + SECOND_US);
	CHECK_INT(plan_first(&late, fire.tick_us + SECOND_US, &same), 0);
	CHECK_INT(same.tick_us, fire.tick_us);
	CHECK_INT(plan_first(&late, fire.due_us, &same), 0);
	CHECK_INT(same.tick_us, fire.tick_us + DAY_US);
	arena_release(&a);
}

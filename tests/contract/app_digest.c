/* SPDX-License-Identifier: Apache-2.0 */
/* Do digests go at their hour, in their zone? */
#include "app/digest.h"

#include "tests/contract/notify_desk.h"

TEST(the_next_hour_is_found_through_both_clock_changes)
{
	static const struct {
		const char *text;
		int64_t after_s, at_s;
	} rows[] = {
		{ "daily 08:00", 1795679999, 1795680000 },               /* 2026-11-26T08:00:00Z */
		{ "daily 08:00", 1795680000, 1795766400 },               /* 2026-11-27T08:00:00Z */
		{ "Daily 08:00 Europe/Berlin", 1795672800, 1795676400 }, /* 2026-11-26T07:00:00Z */
		{ "daily 08:00 Europe/Berlin", 1774692000, 1774764000 }, /* 2026-03-29T06:00:00Z */
		{ "daily 08:00 Europe/Berlin", 1792836000, 1792911600 }, /* 2026-10-25T07:00:00Z */
		{ "daily 23:30 America/New_York", 1795694400,
		  1795753800 },                                 /* 2026-11-27T04:30:00Z */
		{ "weekly mon 07:30", 1795694400, 1796023800 }, /* 2026-11-30T07:30:00Z */
		{ "weekly THU 00:00 Asia/Tokyo", 1795694400,
		  1796223600 }, /* 2026-12-02T15:00:00Z */
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct digest digest;
		struct err err = { 0 };
		int64_t at_us = 0;

		test_row("%s after %lld", rows[i].text, (long long)rows[i].after_s);
		CHECK_INT(digest_read(&a, str_of(rows[i].text), &digest, &err), 0);
		CHECK_INT(digest_next(&digest, rows[i].after_s * INT64_C(1000000), &at_us), 0);
		CHECK_INT(at_us / 1000000, rows[i].at_s);
	}
	arena_release(&a);
}

TEST(what_names_no_hour_is_refused)
{
	static const char *const rows[] = { "",
					    "08:00",
					    "daily",
					    "daily 8:00",
					    "daily 24:00",
					    "daily 08:60",
					    "daily 08:00 Europe/Nowhere",
					    "daily 08:00 UTC now",
					    "weekly 08:00",
					    "weekly moon 08:00",
					    "weekly mon",
					    "monthly 08:00",
					    "daily 08:00 ../../etc/passwd" };
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct digest digest;
		struct err err = { 0 };

		test_row("%s", rows[i]);
		CHECK(digest_read(&a, str_of(rows[i]), &digest, &err) < 0);
		CHECK(err.text[0]);
	}
	arena_release(&a);
}

enum { HOUR_S = 3600 };

static struct rule_row hourly(struct desk *d, const char *text, int want)
{
	struct rule_input input = { .has_digest_at = true, .digest_at = str_of(text) };
	struct rule_row row = { 0 };

	DESK_CHECK(d,
		   app_rule_update(&d->app, &d->admin, d->a, STR_LIT("r"), 0, &input, &row,
				   desk_fresh(d)),
		   want);
	return row;
}

TEST(what_is_gathered_goes_at_the_rules_hour)
{
	struct route route = { 0 };
	struct dispatch_take take;
	struct preview preview;
	struct desk d;

	desk_open(&d);
	d.rows.now_us = INT64_C(1795694400) * SECOND_US; /* 2026-11-26T12:00:00Z */
	channel_add(&d, "ops");
	rule_add(&d, "r", "*", "ops", 900);
	hourly(&d, "daily 8 o'clock", -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/digest_at digest");
	CHECK_STR(hourly(&d, " daily 15:00 Europe/Berlin ", 0).digest_at,
		  "daily 15:00 Europe/Berlin");
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_HIGH, "{}");
	route_all(&d, &route);
	d.rows.now_us += HOUR_S * SECOND_US;
	happen(&d, EVENT_FINDING_FIXED, 0, SEVERITY_HIGH, "{}");
	happen(&d, EVENT_TAKEOVER_SUSPECTED, 0, SEVERITY_CRITICAL, "{}");
	route_all(&d, &route);
	take = take_some(&d, 10);
	CHECK_INT(take.count, 1); /* what waits for no digest does not */
	CHECK_INT(take.items[0].events[0].type, EVENT_TAKEOVER_SUSPECTED);
	settle(&d, &take.items[0], 200, 0);
	CHECK_INT(take_some(&d, 10).wait_us, HOUR_S * SECOND_US);
	d.rows.now_us += HOUR_S * SECOND_US;
	take = take_some(&d, 10);
	CHECK(take.count == 1 && take.items[0].event_count == 2);
	settle(&d, &take.items[0], 200, 0);
	happen(&d, EVENT_MX_CHANGED, 0, SEVERITY_HIGH, "{}"); /* on the hour: for the next day's */
	route_all(&d, &route);
	CHECK_INT(take_some(&d, 10).wait_us, 24 * HOUR_S * SECOND_US);
	DESK_CHECK(&d,
		   app_rule_preview(&d.app, &d.admin, d.a, STR_LIT("r"), NULL, 7, &preview,
				    desk_fresh(&d)),
		   0);
	CHECK(preview.digests == 2 && preview.alone == 1);
	hourly(&d, "", 0);
	CHECK_INT(hourly(&d, "", 0).digest_at.len, 0);
	desk_close(&d);
}

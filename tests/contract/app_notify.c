/* SPDX-License-Identifier: Apache-2.0 */
/* Does each event go where the rules say, and what do people see of it? */
#include "tests/contract/notify_desk.h"

#include "app/import.h"
#include "app/remind.h"
#include "store/history.h"

/* ---- which go where ---- */

TEST(what_rules_want_goes_at_once_or_into_one_digest)
{
	struct route route = { 0 };
	struct dispatch_take take;
	struct routed routed;
	struct desk d;
	int64_t no;

	desk_open(&d);
	no = domain_add(&d, "a.example", NULL, NULL);
	channel_add(&d, "ops");
	rule_add(&d, "all", "*", "ops", 900);
	happen(&d, EVENT_FINDING_OPENED, no, SEVERITY_HIGH, "{\"check\":\"mail.spf.present\"}");
	happen(&d, EVENT_FINDING_OPENED, no, SEVERITY_HIGH, "{\"check\":\"x\",\"baseline\":true}");
	happen(&d, EVENT_SCAN_COMPLETED, no, -1, ""); /* routine */
	happen(&d, EVENT_MX_CHANGED, no, SEVERITY_MEDIUM, "{}");
	happen(&d, EVENT_NAMESERVER_CHANGED, no, SEVERITY_MEDIUM, "{}");
	happen(&d, EVENT_GRADE_CHANGED, no, -1, "{\"before\":\"A+\",\"after\":\"C\"}");
	happen(&d, EVENT_GRADE_CHANGED, no, -1, "{\"before\":\"A+\",\"after\":\"B\"}");
	routed = route_all(&d, &route);
	CHECK(routed.wanted == 5 && routed.messages == 2 && routed.gathered == 3);
	routed = route_all(&d, &route);
	CHECK(!routed.wanted);
	route = (struct route){ 0 }; /* another notifier, or this one started again */
	routed = route_all(&d, &route);
	CHECK(!routed.wanted);
	take = take_some(&d, 10);
	CHECK_INT(take.count, 1); /* the second of the same domain waits for the first */
	CHECK_STR(take.items[0].secrets.url, "https://hook.example/in?token=canary");
	CHECK_INT(take.items[0].events[0].type, EVENT_NAMESERVER_CHANGED);
	settle(&d, &take.items[0], 200, 0);
	take = take_some(&d, 10);
	CHECK(take.count == 1 && take.items[0].events[0].type == EVENT_GRADE_CHANGED);
	settle(&d, &take.items[0], 200, 0);
	take = take_some(&d, 10);
	CHECK(!take.count && take.wait_us == 900 * SECOND_US);
	d.rows.now_us += 900 * SECOND_US;
	take = take_some(&d, 10);
	CHECK(take.count == 1 && take.items[0].event_count == 3);
	CHECK_INT(take.items[0].delivery.kind, DELIVERY_DIGEST);
	settle(&d, &take.items[0], 200, 0);
	CHECK_INT(take_some(&d, 10).wait_us, -1);
	desk_close(&d);
}

TEST(selectors_areas_and_severities_narrow_a_rule)
{
	static const struct {
		const char *selector, *area, *severity;
		size_t wanted; /* of the four below */
	} cases[] = {
		{ "all", "", "info", 4 },
		{ "tag:corp", "", "info", 2 },
		{ "owner:it@b.example", "", "info", 2 },
		{ "name:*.a.example", "", "info", 2 },
		{ "all", "mail", "info", 2 },
		{ "all", "mail.spf", "info", 1 },
		{ "all", "mail.sp", "info", 0 },
		{ "all", "", "high", 1 },
		{ "tag:corp", "mail", "high", 1 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct rule_input input = { .has_selector = true,
					    .has_area = true,
					    .has_severity = true,
					    .selector = str_of(cases[i].selector),
					    .area = str_of(cases[i].area),
					    .severity = str_of(cases[i].severity) };
		struct route route = { 0 };
		struct rule_row rule;
		struct desk d;
		int64_t one, two;

		test_row("%s %s %s", cases[i].selector, cases[i].area, cases[i].severity);
		desk_open(&d);
		one = domain_add(&d, "www.a.example", NULL, "corp");
		two = domain_add(&d, "b.example", "it@b.example", NULL);
		channel_add(&d, "ops");
		rule_add(&d, "r", "finding.* mx.changed", "ops", 900);
		DESK_CHECK(&d,
			   app_rule_update(&d.app, &d.admin, d.a, STR_LIT("r"), 1, &input, &rule,
					   desk_fresh(&d)),
			   0);
		happen(&d, EVENT_FINDING_OPENED, one, SEVERITY_HIGH,
		       "{\"check\":\"mail.spf.present\"}");
		happen(&d, EVENT_FINDING_FIXED, two, SEVERITY_LOW, "{\"check\":\"dns.ns.tcp\"}");
		happen(&d, EVENT_MX_CHANGED, one, SEVERITY_MEDIUM, "{}");
		happen(&d, EVENT_FINDING_OPENED, two, SEVERITY_INFO, "{\"check\":\"caa.present\"}");
		happen(&d, EVENT_DOMAIN_CREATED, two, -1, "");
		CHECK_INT(route_all(&d, &route).wanted, cases[i].wanted);
		desk_close(&d);
	}
}

static int break_selectors(struct store_tx *tx, void *context, struct err *err)
{
	struct rule_row row;

	TRY(rule_find(tx, WORKSPACE_DEFAULT, STR_LIT("r"), &row, err));
	row.selector = STR_LIT("what:ever");
	return rule_update(tx, &row, err);
}

TEST(a_broken_filter_tells_too_much_and_says_so)
{
	struct route route = { 0 };
	struct routed routed;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "r", "*", "ops", 0);
	rows_write(&d.rows, break_selectors, NULL, 0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	routed = route_all(&d, &route);
	CHECK_INT(routed.messages, 1);
	CHECK_INT(strcmp(routed.broken_rule, "r"), 0);
	desk_close(&d);
}

TEST(mail_to_owners_goes_to_each_domains_owner)
{
	struct channel_input input = { .has_name = true,
				       .has_kind = true,
				       .has_to_owner = true,
				       .name = STR_LIT("owners"),
				       .kind = STR_LIT("mail"),
				       .is_to_owner = true };
	struct route route = { 0 };
	struct dispatch_take take;
	struct channel_row row;
	struct str signing;
	struct desk d;
	int64_t one, two, none;

	desk_open(&d);
	one = domain_add(&d, "a.example", "a@a.example", NULL);
	two = domain_add(&d, "b.example", "b@b.example", NULL);
	none = domain_add(&d, "c.example", "Jane Doe <j@c.example>, x@y.example", NULL);
	DESK_CHECK(&d,
		   app_channel_add(&d.app, &d.admin, d.a, &input, &row, &signing, desk_fresh(&d)),
		   0);
	rule_add(&d, "owners", "finding.opened", "owners", 60);
	for (int i = 0; i < 3; i++) {
		happen(&d, EVENT_FINDING_OPENED, one, SEVERITY_INFO, "{}");
		happen(&d, EVENT_FINDING_OPENED, two, SEVERITY_INFO, "{}");
		happen(&d, EVENT_FINDING_OPENED, none, SEVERITY_INFO, "{}");
	}
	CHECK_INT(route_all(&d, &route).gathered, 6);
	d.rows.now_us += 60 * SECOND_US;
	take = take_some(&d, 10);
	CHECK_INT(take.count, 2);
	CHECK_STR(take.items[0].delivery.recipient, "a@a.example");
	CHECK_STR(take.items[1].delivery.recipient, "b@b.example");
	CHECK(take.items[0].event_count == 3 && take.items[1].event_count == 3);
	desk_close(&d);
}

TEST(an_import_of_thousands_is_one_message)
{
	enum { CHUNKS = 3 };
	struct route route = { 0 };
	struct dispatch_take take;
	struct import *import;
	struct desk d;
	int64_t removed;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "all", "*", "ops", 900);
	DESK_CHECK(&d,
		   app_import_begin(&d.app, &d.admin, IMPORT_ADD, false, &import, desk_fresh(&d)),
		   0);
	for (int chunk = 0; chunk < CHUNKS; chunk++) {
		struct import_row *rows = arena_array(d.a, IMPORT_ROWS, sizeof *rows);

		for (int i = 0; i < IMPORT_ROWS; i++)
			rows[i].input.name = str_printf(d.a, "d%d-%d.example", chunk, i);
		DESK_CHECK(&d, app_import_rows(import, d.a, rows, IMPORT_ROWS, desk_fresh(&d)), 0);
		d.rows.now_us += SECOND_US;
		route_all(&d, &route);
	}
	DESK_CHECK(&d, app_import_end(import, &removed, desk_fresh(&d)), 0);
	d.rows.now_us += 900 * SECOND_US;
	take = take_some(&d, 10);
	CHECK_INT(take.count, 1);
	CHECK_INT(take.items[0].delivery.events, CHUNKS * IMPORT_ROWS);
	CHECK_INT(take.items[0].event_count, DELIVERY_EVENTS);
	desk_close(&d);
}

TEST(what_happened_before_a_rule_or_while_it_was_off_stays_untold)
{
	struct rule_input off = { .has_enabled = true }, on = off;
	struct route route = { 0 };
	struct rule_row row;
	struct desk d;

	on.is_enabled = true;
	desk_open(&d);
	channel_add(&d, "ops");
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_HIGH, "{}");
	rule_add(&d, "r", "*", "ops", 0);
	CHECK_INT(route_all(&d, &route).wanted, 0);
	DESK_CHECK(
		&d,
		app_rule_update(&d.app, &d.admin, d.a, STR_LIT("r"), 0, &off, &row, desk_fresh(&d)),
		0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_HIGH, "{}");
	DESK_CHECK(
		&d,
		app_rule_update(&d.app, &d.admin, d.a, STR_LIT("r"), 0, &on, &row, desk_fresh(&d)),
		0);
	route = (struct route){ 0 };
	CHECK_INT(route_all(&d, &route).wanted, 0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_HIGH, "{}");
	CHECK_INT(route_all(&d, &route).wanted, 1);
	desk_close(&d);
}

/* ---- what people ask ---- */

TEST(a_preview_counts_what_would_have_gone)
{
	struct rule_input input = { .has_severity = true, .severity = STR_LIT("high") };
	struct preview preview;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "r", "finding.* takeover.*", "ops", 60);
	for (int i = 0; i < 4; i++) {
		happen(&d, EVENT_FINDING_OPENED, 0, i % 2 ? SEVERITY_HIGH : SEVERITY_LOW, "{}");
		d.rows.now_us += 40 * SECOND_US;
	}
	happen(&d, EVENT_TAKEOVER_SUSPECTED, 0, SEVERITY_CRITICAL, "{}");
	DESK_CHECK(&d,
		   app_rule_preview(&d.app, &d.admin, d.a, STR_LIT("r"), NULL, 7, &preview,
				    desk_fresh(&d)),
		   0);
	CHECK(preview.wanted == 5 && preview.digests == 2 && preview.alone == 1 && !preview.is_cut);
	CHECK(preview.message_count == 3 && preview.messages[0].events == 2);
	DESK_CHECK(&d,
		   app_rule_preview(&d.app, &d.admin, d.a, STR_LIT("r"), &input, 7, &preview,
				    desk_fresh(&d)),
		   0);
	CHECK(preview.wanted == 3 && preview.digests == 2);
	d.rows.now_us += 3 * DAY_US;
	DESK_CHECK(&d,
		   app_rule_preview(&d.app, &d.admin, d.a, STR_LIT("r"), NULL, 2, &preview,
				    desk_fresh(&d)),
		   0);
	CHECK_INT(preview.events, 0);
	desk_close(&d);
}

TEST(a_delivery_is_shown_and_sent_again_under_its_id)
{
	struct delivery_choice choice = { .channel = STR_LIT("ops") };
	struct page page = { .limit = 10 };
	struct route route = { 0 };
	struct dispatch_take take, again;
	struct delivery_row *rows, row;
	struct event_row *events;
	struct str next, id;
	struct desk d;
	size_t count;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "r", "finding.*", "ops", 0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &route);
	take = take_some(&d, 10);
	DESK_CHECK(&d,
		   app_delivery_list(&d.app, &d.admin, d.a, &choice, &page, &rows, &count, &next,
				     desk_fresh(&d)),
		   0);
	CHECK(count == 1 && rows[0].state == DELIVERY_SENDING);
	id = id_text(d.a, "dlv", rows[0].id);
	DESK_CHECK(&d, app_delivery_again(&d.app, &d.admin, d.a, id, &row, desk_fresh(&d)),
		   -EALREADY);
	settle(&d, &take.items[0], 503, 7);
	d.rows.now_us += 7 * SECOND_US;
	take = take_some(&d, 10);
	settle(&d, &take.items[0], 200, 0);
	d.rows.now_us += SECOND_US;
	DESK_CHECK(&d, app_delivery_again(&d.app, &d.admin, d.a, id, &row, desk_fresh(&d)), 0);
	again = take_some(&d, 10);
	CHECK(again.count == 1 && uuid_eq(again.items[0].delivery.id, rows[0].id));
	for (int i = 0; i < DELIVERY_ATTEMPTS; i++) { /* what is kept is bounded */
		DESK_CHECK(&d,
			   app_delivery_get(&d.app, &d.admin, d.a, id, &row, &events, &count,
					    desk_fresh(&d)),
			   0);
		CHECK_INT(row.attempt_count, MIN(i + 2, DELIVERY_ATTEMPTS));
		if (!i)
			CHECK(row.attempts[0].outcome.status == 503 &&
			      row.attempts[1].outcome.status == 200 &&
			      row.attempts[0].at < row.attempts[1].at);
		settle(&d, &again.items[0], 429, 7);
		d.rows.now_us += 7 * SECOND_US;
		again = take_some(&d, 10);
		CHECK_INT(again.count, 1);
	}
	DESK_CHECK(
		&d,
		app_delivery_get(&d.app, &d.admin, d.a, id, &row, &events, &count, desk_fresh(&d)),
		0);
	CHECK_INT(count, 1);
	desk_close(&d);
}

TEST(wrong_channels_and_rules_are_refused_by_field)
{
	static const struct {
		const char *kind, *url, *to, *script, *error;
	} channels[] = {
		{ "webhook", NULL, NULL, NULL, "/url required" },
		{ "webhook", "ftp://x", NULL, NULL, "/url url" },
		{ "webhook", "https://", NULL, NULL, "/url url" },
		{ "webhook", "https://a b", NULL, NULL, "/url url" },
		{ "mail", NULL, NULL, NULL, "/to required" },
		{ "mail", NULL, "a@b", NULL, "/to/0 address" },
		{ "mail", NULL, "a@b.example\r\nBcc: c@d.example", NULL, "/to/0 address" },
		{ "mail", "https://x", "a@b.example", NULL, "/url kind" },
		{ "script", NULL, NULL, "../sh", "/script name" },
		{ "script", NULL, NULL, NULL, "/script required" },
		{ "pigeon", NULL, NULL, NULL, "/kind enum" },
	};
	struct desk d;

	desk_open(&d);
	for (size_t i = 0; i < ARRAY_COUNT(channels); i++) {
		struct str to = str_of(channels[i].to), signing;
		struct channel_input input = { .has_name = true,
					       .name = STR_LIT("c"),
					       .has_kind = true,
					       .kind = str_of(channels[i].kind),
					       .has_url = channels[i].url != NULL,
					       .url = str_of(channels[i].url),
					       .has_to = channels[i].to != NULL,
					       .to = &to,
					       .to_count = 1,
					       .has_script = channels[i].script != NULL,
					       .script = str_of(channels[i].script) };
		struct channel_row row;

		test_row("%s", channels[i].error);
		DESK_CHECK(&d,
			   app_channel_add(&d.app, &d.admin, d.a, &input, &row, &signing,
					   desk_fresh(&d)),
			   -EINVAL);
		CHECK_STR(desk_error(&d, 0), channels[i].error);
	}
	struct str to = STR_LIT("nobody");
	struct rule_input rule = { .has_name = true,
				   .name = STR_LIT("r"),
				   .has_channels = true,
				   .channels = &to,
				   .channel_count = 1,
				   .has_events = true,
				   .events = STR_LIT("findings.opened") };
	struct rule_row row;

	DESK_CHECK(&d, app_rule_add(&d.app, &d.admin, d.a, &rule, &row, desk_fresh(&d)), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/events events");
	rule.events = STR_LIT("finding.opened");
	DESK_CHECK(&d, app_rule_add(&d.app, &d.admin, d.a, &rule, &row, desk_fresh(&d)), -EINVAL);
	CHECK_STR(desk_error(&d, 0), "/to/0 channel");
	desk_close(&d);
}

TEST(a_quiet_channel_beats_and_a_long_wait_ends)
{
	struct channel_input beats = { .has_heartbeat = true, .heartbeat_s = 3600 },
			     off = { .has_enabled = true };
	struct route route = { 0 };
	struct channel_row channel;
	struct dispatch_take take;
	struct str signing;
	int64_t given_up, beat;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "r", "finding.*", "ops", 0);
	DESK_CHECK(&d,
		   app_channel_update(&d.app, &d.admin, d.a, STR_LIT("ops"), 0, &beats, &channel,
				      &signing, desk_fresh(&d)),
		   0);
	DESK_CHECK(&d, dispatch_sweep(d.app.store, &given_up, &beat, &d.problem.err), 0);
	CHECK(!given_up && !beat);
	d.rows.now_us += 3600 * SECOND_US;
	DESK_CHECK(&d, dispatch_sweep(d.app.store, &given_up, &beat, &d.problem.err), 0);
	CHECK(!given_up && beat == 1);
	DESK_CHECK(&d, dispatch_sweep(d.app.store, &given_up, &beat, &d.problem.err), 0);
	CHECK_INT(beat, 0); /* one is on its way */
	take = take_some(&d, 10);
	CHECK(take.count == 1 && take.items[0].delivery.kind == DELIVERY_HEARTBEAT);
	settle(&d, &take.items[0], 200, 0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &route);
	DESK_CHECK(&d,
		   app_channel_update(&d.app, &d.admin, d.a, STR_LIT("ops"), 0, &off, &channel,
				      &signing, desk_fresh(&d)),
		   0);
	CHECK_INT(take_some(&d, 10).count, 0);
	d.rows.now_us += 90 * 3600 * SECOND_US;
	DESK_CHECK(&d, dispatch_sweep(d.app.store, &given_up, &beat, &d.problem.err), 0);
	CHECK(given_up == 1 && !beat);
	desk_close(&d);
}

static int put_expiry(struct store_tx *tx, void *context, struct err *err)
{
	const struct expiry_row *row = context;

	return expiry_replace(tx, WORKSPACE_DEFAULT, row->domain, row, 1, err);
}

TEST(what_expires_is_told_in_time_and_once)
{
	struct expiry_row row = { .kind = EXPIRY_REGISTRATION, .subject = STR_LIT("a.example") };
	struct leader leader = { .name = STR_LIT("scheduler") };
	struct route route = { 0 };
	struct dispatch_take take;
	struct desk d;
	size_t count, told;

	desk_open(&d);
	leader.store = d.app.store;
	leader.id = uuid_new(7);
	channel_add(&d, "ops");
	rule_add(&d, "r", "registration.expir*", "ops", 0);
	row.domain = domain_add(&d, "a.example", NULL, NULL);
	row.at = d.rows.now_us + 8 * DAY_US;
	rows_write(&d.rows, put_expiry, &row, 0);
	for (int day = 0; day < 10; day++) {
		CHECK_INT(leader_hold(&leader, day * DAY_US, &d.problem.err), 1);
		DESK_CHECK(&d,
			   remind_expiring(d.app.store, &leader, 10, &count, &told, &d.problem.err),
			   0);
		test_row("day %d", day); /* 7 days before (7 h more are no day), one, and its end */
		CHECK_INT(told, day == 1 || day == 7 || day == 8);
		route_all(&d, &route);
		take = take_some(&d, 10);
		CHECK_INT(take.count, told);
		if (told)
			settle(&d, &take.items[0], 200, 0);
		if (day == 8)
			CHECK(take.items[0].events[0].type == EVENT_REGISTRATION_EXPIRED &&
			      str_find(take.items[0].events[0].data, STR_LIT("ended on")) > 0);
		d.rows.now_us += DAY_US;
	}
	desk_close(&d);
}

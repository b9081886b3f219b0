/* SPDX-License-Identifier: Apache-2.0 */
/* Does each message go once, whoever sends it and whatever happens on the way? */
#include "tests/contract/notify_desk.h"

#include <pthread.h>

/* ---- on the way ---- */

TEST(a_digest_that_closes_while_events_come_loses_and_doubles_none)
{
	struct route one = { 0 }, two = { 0 };
	struct dispatch_take first, second;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "r", "finding.*", "ops", 60);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &one);
	d.rows.now_us += 60 * SECOND_US;
	/* The window is over, and an event comes before anybody has closed it. */
	happen(&d, EVENT_FINDING_FIXED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &two);
	first = take_some(&d, 1);
	CHECK(first.count == 1 && first.items[0].event_count == 1);
	CHECK_INT(first.items[0].events[0].type, EVENT_FINDING_OPENED);
	/* One that comes while the first is being sent joins the second. */
	happen(&d, EVENT_FINDING_REOPENED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &one);
	settle(&d, &first.items[0], 200, 0);
	d.rows.now_us += 60 * SECOND_US;
	second = take_some(&d, 10);
	CHECK(second.count == 1 && second.items[0].event_count == 2);
	CHECK_INT(second.items[0].events[0].type, EVENT_FINDING_FIXED);
	CHECK_INT(second.items[0].events[1].type, EVENT_FINDING_REOPENED);
	desk_close(&d);
}

TEST(a_notifier_that_dies_between_sending_and_settling_is_followed_by_another)
{
	struct route route = { 0 };
	struct dispatch_take dead, other;
	struct dispatch_result late;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "r", "*", "ops", 0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &route);
	dead = take_some(&d, 10);
	CHECK_INT(dead.count, 1);
	CHECK_INT(take_some(&d, 10).count, 0); /* it is the first one's */
	d.rows.now_us += DISPATCH_LEASE_S * SECOND_US;
	other = take_some(&d, 10);
	CHECK(other.count == 1 && other.reclaimed == 1);
	CHECK(uuid_eq(other.items[0].delivery.id, dead.items[0].delivery.id));
	CHECK_INT(other.items[0].delivery.attempt, 2);
	late = settle(&d, &dead.items[0], 200, 0); /* it was only asleep */
	CHECK(late.is_stale);
	late = settle(&d, &other.items[0], 200, 0);
	CHECK(!late.is_stale && late.state == DELIVERY_DELIVERED);
	desk_close(&d);
}

static bool is_dead(void *context, struct uuid holder)
{
	return uuid_eq(*(struct uuid *)context, holder);
}

TEST(what_a_dead_notifier_had_is_taken_at_once_when_that_is_known)
{
	struct route route = { 0 };
	struct dispatch_take dead = { .room = 10 };
	struct uuid other = uuid_new(5);
	struct desk d;
	int64_t freed;

	desk_open(&d);
	dead.holder = uuid_new(6);
	channel_add(&d, "ops");
	rule_add(&d, "r", "*", "ops", 0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &route);
	DESK_CHECK(&d, dispatch_take(d.app.store, d.a, &dead, &d.problem.err), 0);
	DESK_CHECK(&d, dispatch_rescue(d.app.store, is_dead, &other, &freed, &d.problem.err), 0);
	CHECK_INT(freed, 0);
	DESK_CHECK(&d, dispatch_rescue(d.app.store, is_dead, &dead.holder, &freed, &d.problem.err),
		   0);
	CHECK_INT(freed, 1);
	CHECK_INT(take_some(&d, 10).count, 1);
	desk_close(&d);
}

TEST(a_failed_message_is_tried_for_75_hours_and_then_told_elsewhere)
{
	struct route route = { 0 };
	int64_t start, failed_at = 0;
	struct dispatch_take take;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	channel_add(&d, "desk");
	rule_add(&d, "r", "finding.* delivery.*", "ops", 0);
	rule_add(&d, "s", "delivery.failed", "desk", 0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &route);
	start = d.rows.now_us;
	for (int attempt = 1; attempt <= DISPATCH_ATTEMPTS; attempt++) {
		struct dispatch_result result;

		take = take_some(&d, 10);
		for (int i = 0; !take.count && i < 3; i++) { /* the breaker's rest may be longer */
			d.rows.now_us += MAX(take.wait_us, SECOND_US);
			take = take_some(&d, 10);
		}
		test_row("attempt %d", attempt);
		CHECK_INT(take.count, 1);
		CHECK_INT(take.items[0].delivery.attempt, attempt);
		result = settle(&d, &take.items[0], 500, 0);
		CHECK_INT(result.state,
			  attempt == DISPATCH_ATTEMPTS ? DELIVERY_FAILED : DELIVERY_WAITING);
		failed_at = d.rows.now_us;
		if (result.state == DELIVERY_WAITING) {
			int64_t wait_us = result.due_at - d.rows.now_us,
				delay_us = dispatch_delay_us(attempt);

			CHECK(wait_us >= delay_us - delay_us / 10 &&
			      wait_us <= delay_us + delay_us / 10);
			d.rows.now_us = result.due_at;
		}
	}
	CHECK(failed_at - start > 67 * 3600 * SECOND_US &&
	      failed_at - start < 84 * 3600 * SECOND_US);
	route_all(&d, &route); /* that it rests, and that it failed: for the other channel alone */
	take = take_some(&d, 10);
	CHECK_INT(take.count, 1);
	CHECK_STR(take.items[0].channel.name, "desk");
	CHECK_INT(take.items[0].events[0].type, EVENT_DELIVERY_FAILED);
	desk_close(&d);
}

TEST(a_receiver_that_is_gone_disables_its_channel)
{
	struct channel_input on = { .has_enabled = true, .is_enabled = true };
	struct route route = { 0 };
	struct dispatch_take take;
	struct dispatch_result result;
	struct channel_row channel;
	struct delivery_row test;
	struct str signing;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "r", "finding.*", "ops", 0);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	route_all(&d, &route);
	take = take_some(&d, 10);
	result = settle(&d, &take.items[0], 410, 0);
	CHECK(result.has_disabled && result.state == DELIVERY_FAILED);
	DESK_CHECK(&d,
		   app_channel_get(&d.app, &d.admin, d.a, STR_LIT("ops"), &channel, desk_fresh(&d)),
		   0);
	CHECK(!channel.is_enabled && channel.reason.len);
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	CHECK_INT(route_all(&d, &route).messages, 0);
	DESK_CHECK(&d,
		   app_channel_test(&d.app, &d.admin, d.a, STR_LIT("ops"), &test, desk_fresh(&d)),
		   -EALREADY);
	DESK_CHECK(&d,
		   app_channel_update(&d.app, &d.admin, d.a, STR_LIT("ops"), 0, &on, &channel,
				      &signing, desk_fresh(&d)),
		   0);
	CHECK(channel.is_enabled && !channel.reason.len && !signing.len);
	route = (struct route){ 0 };
	CHECK_INT(route_all(&d, &route).messages, 0); /* what happened meanwhile */
	happen(&d, EVENT_FINDING_OPENED, 0, SEVERITY_INFO, "{}");
	CHECK_INT(route_all(&d, &route).messages, 1);
	desk_close(&d);
}

TEST(a_receiver_that_says_wait_gets_all_in_order)
{
	struct route route = { 0 };
	struct dispatch_take take;
	struct dispatch_result result;
	struct desk d;
	int64_t no, last = 0;

	desk_open(&d);
	no = domain_add(&d, "a.example", NULL, NULL);
	channel_add(&d, "ops");
	rule_add(&d, "r", "finding.*", "ops", 0);
	for (int i = 0; i < 3; i++)
		happen(&d, EVENT_FINDING_OPENED, no, SEVERITY_INFO, "{}");
	route_all(&d, &route);
	take = take_some(&d, 10);
	CHECK_INT(take.count, 1);
	result = settle(&d, &take.items[0], 429, 7);
	CHECK(result.state == DELIVERY_WAITING && result.due_at == d.rows.now_us + 7 * SECOND_US);
	take = take_some(&d, 10);
	CHECK(!take.count && take.wait_us == 7 * SECOND_US);
	d.rows.now_us += 7 * SECOND_US;
	for (int i = 0; i < 3; i++) {
		take = take_some(&d, 10);
		CHECK(take.count == 1 && take.items[0].delivery.no > last);
		CHECK_INT(take.items[0].delivery.attempt, 1);
		last = take.items[0].delivery.no;
		settle(&d, &take.items[0], 200, 0);
	}
	desk_close(&d);
}

TEST(a_channel_that_fails_and_fails_is_tried_with_one_message_now_and_then)
{
	enum { MANY = 20 };
	struct route route = { 0 };
	struct dispatch_take take;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	rule_add(&d, "r", "domain.created", "ops", 0);
	for (int i = 0; i < MANY; i++)
		domain_add(&d, str_printf(d.a, "d%d.example", i).data, NULL, NULL);
	route_all(&d, &route);
	take = take_some(&d, DISPATCH_BREAK);
	CHECK_INT(take.count, DISPATCH_BREAK);
	for (size_t i = 0; i < take.count; i++)
		settle(&d, &take.items[i], 0, 0);
	CHECK_INT(take_some(&d, 10).count, 0);
	d.rows.now_us += 60 * SECOND_US;
	take = take_some(&d, 10);
	CHECK_INT(take.count, 1); /* the probe */
	settle(&d, &take.items[0], 200, 0);
	CHECK_INT(take_some(&d, 64).count, MANY - 1); /* all of them */
	desk_close(&d);
}

/* ---- at once ---- */

enum { RACED = 120, RACERS = 3 };

struct racer {
	struct store *store;
	int seen[RACED * 2 + 1]; /* by delivery.no */
	size_t count;
	int code;
};

static int race_step(struct racer *racer, struct route *route, struct arena *a, bool *is_idle)
{
	struct dispatch_take take = { .holder = uuid_new(1), .room = 4 };
	struct routed routed;
	struct err err = { 0 };

	TRY(route_events(racer->store, route, &routed, &err));
	TRY(dispatch_take(racer->store, a, &take, &err));
	for (size_t i = 0; i < take.count; i++) {
		struct dispatch_result result = { .no = take.items[i].delivery.no,
						  .token = take.items[i].delivery.token,
						  .attempt = take.items[i].delivery.attempt,
						  .channel = take.items[i].channel.no,
						  .is_delivered = true };

		racer->seen[take.items[i].delivery.no]++;
		racer->count++;
		TRY(dispatch_settle(racer->store, &result, 1, &err));
		if (result.is_stale)
			return -EBADE;
	}
	*is_idle = !take.count && take.wait_us < 0 && !routed.events;
	return 0;
}

static void *race(void *context)
{
	struct racer *racer = context;
	struct route route = { 0 };
	struct arena a = { 0 };
	bool is_idle = false;

	while (!is_idle && racer->code == 0)
		racer->code = race_step(racer, &route, &a, &is_idle);
	arena_release(&a);
	return NULL;
}

static int64_t still(void *context)
{
	return *(const int64_t *)context;
}

TEST(several_notifiers_at_once_deliver_each_event_once)
{
	struct racer racers[RACERS] = { 0 };
	pthread_t threads[RACERS];
	size_t count = 0;
	struct desk d;

	desk_open(&d);
	channel_add(&d, "ops");
	channel_add(&d, "desk");
	rule_add(&d, "r", "domain.created", "ops", 0);
	rule_add(&d, "s", "domain.*", "desk", 0);
	for (int i = 0; i < RACED; i++)
		domain_add(&d, str_printf(d.a, "d%d.example", i).data, NULL, NULL);
	for (int i = 0; i < RACERS; i++) {
		racers[i].store = i ? fixture_store(&d.rows.fixture) : d.app.store;
		if (i)
			store_set_clock(racers[i].store, still, &d.rows.now_us);
		CHECK_INT(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < RACERS; i++) {
		CHECK_INT(pthread_join(threads[i], NULL), 0);
		CHECK_INT(racers[i].code, 0);
		count += racers[i].count;
	}
	for (int no = 1; no <= RACED * 2; no++) {
		int seen = 0;

		for (int i = 0; i < RACERS; i++)
			seen += racers[i].seen[no];
		test_row("delivery %d", no);
		CHECK_INT(seen, 1);
	}
	CHECK_INT(count, RACED * 2);
	for (int i = 1; i < RACERS; i++)
		store_close(racers[i].store);
	desk_close(&d);
}

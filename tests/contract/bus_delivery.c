/* SPDX-License-Identifier: Apache-2.0 */
/* Does a bus deliver what was published, once, and again when it must? */
#include "tests/contract/bus_fixture.h"

#include "base/clock.h"

BUS_TEST(what_one_publishes_another_gets)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 4);

	peer_publish_now(world, from, BUS_SCAN_NORMAL, "{\"n\":1}");
	peer_wait(world, to, 1);
	CHECK_STR(str_of(to->got[0].body), "{\"n\":1}");
	CHECK_INT(to->got[0].attempt, 1);
	CHECK_INT(to->got[0].queue, BUS_SCAN_NORMAL);
	CHECK_INT(from->count, 0);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST(each_message_comes_once_to_one_of_several)
{
	enum { MANY = 600 };
	struct peer *from = peer_open(world, 0), *to[3];
	static unsigned seen[MANY];
	size_t all = 0;

	memset(seen, 0, sizeof seen);
	for (size_t i = 0; i < ARRAY_COUNT(to); i++) {
		to[i] = peer_open(world, 16);
		to[i]->acks = true;
	}
	for (unsigned i = 0; i < MANY; i++) {
		char body[32];

		snprintf(body, sizeof body, "%u", i);
		peer_publish(from, (enum bus_queue)(i % BUS_QUEUES), body);
	}
	world_wait(world, &from->done, MANY);
	for (unsigned i = 0; i < 200 && all < MANY; i++) {
		world_run(world, 20);
		all = to[0]->count + to[1]->count + to[2]->count;
	}
	world_run(world, 100);
	for (size_t i = 0; i < ARRAY_COUNT(to); i++)
		for (size_t k = 0; k < to[i]->count; k++)
			seen[strtoul(to[i]->got[k].body, NULL, 10)]++;
	for (unsigned i = 0; i < MANY; i++) {
		test_row("message %u", i);
		CHECK_INT(seen[i], 1);
	}
	for (size_t i = 0; i < ARRAY_COUNT(to); i++)
		peer_close(world, to[i]);
	peer_close(world, from);
}

BUS_TEST(what_was_acked_does_not_come_again_to_anybody)
{
	struct peer *from = peer_open(world, 0), *first = peer_open(world, 4), *second;

	peer_publish_now(world, from, BUS_SCAN_HIGH, "once");
	peer_wait(world, first, 1);
	bus_ack(first->bus, first->got[0].tag);
	CHECK_INT(bus_flush(first->bus, NULL), 0);
	peer_close(world, first);
	second = peer_open(world, 4);
	world_run(world, 300);
	CHECK_INT(second->count, 0);
	peer_close(world, second);
	peer_close(world, from);
}

BUS_TEST(closing_gives_back_what_is_held_without_counting_it)
{
	struct peer *from = peer_open(world, 0), *first = peer_open(world, 4), *second;

	peer_publish_now(world, from, BUS_SCAN_HIGH, "held");
	peer_wait(world, first, 1);
	peer_close(world, first);
	second = peer_open(world, 4);
	peer_wait(world, second, 1);
	CHECK_INT(second->got[0].attempt, 1);
	peer_close(world, second);
	peer_close(world, from);
}

BUS_TEST(given_back_it_comes_at_once_and_is_not_counted)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 1);

	peer_publish_now(world, from, BUS_SCAN_BULK, "back");
	for (size_t i = 0; i < 8; i++) {
		peer_wait(world, to, i + 1);
		CHECK_INT(to->got[i].attempt, 1);
		bus_give_back(to->bus, to->got[i].tag);
	}
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST(retried_it_comes_later_and_after_five_deliveries_no_more)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 4);

	peer_publish_now(world, from, BUS_SCAN_NORMAL, "again");
	for (int attempt = 1; attempt <= BUS_ATTEMPTS; attempt++) {
		peer_wait(world, to, (size_t)attempt);
		CHECK_INT(to->got[attempt - 1].attempt, attempt);
		bus_retry(to->bus, to->got[attempt - 1].tag, 20, STR_LIT("the server is away"));
	}
	world_run(world, 300);
	CHECK_INT(to->count, BUS_ATTEMPTS);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST(a_retry_waits_for_its_delay)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 4);
	int64_t begun_us;

	peer_publish_now(world, from, BUS_SCAN_NORMAL, "later");
	peer_wait(world, to, 1);
	begun_us = clock_monotonic_us();
	bus_retry(to->bus, to->got[0].tag, 400, STR_LIT("not yet"));
	peer_wait(world, to, 2);
	CHECK(clock_monotonic_us() - begun_us >= 350000);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST(what_is_buried_stays_there)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 4);

	peer_publish_now(world, from, BUS_SCAN_NORMAL, "poison");
	peer_wait(world, to, 1);
	bus_bury(to->bus, to->got[0].tag, STR_LIT("no JSON"));
	world_run(world, 200);
	CHECK_INT(to->count, 1);
	CHECK_INT(to->lost_count, 0);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST(no_more_than_the_prefetch_is_held)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 3);

	for (unsigned i = 0; i < 10; i++)
		peer_publish(from, BUS_SCAN_NORMAL, "m");
	world_wait(world, &from->done, 10);
	peer_wait(world, to, 3);
	world_run(world, 150);
	CHECK_INT(to->count, 3);
	bus_consume(to->bus, 5);
	peer_wait(world, to, 5);
	world_run(world, 150);
	CHECK_INT(to->count, 5);
	bus_consume(to->bus, 0);
	for (size_t i = 0; i < 5; i++)
		bus_ack(to->bus, to->got[i].tag);
	world_run(world, 150);
	CHECK_INT(to->count, 5);
	bus_consume(to->bus, 100);
	peer_wait(world, to, 10);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST(queues_take_turns_8_3_1)
{
	struct peer *from = peer_open(world, 0), *to;
	size_t of[BUS_QUEUES] = { 0 };

	for (unsigned i = 0; i < 60; i++)
		peer_publish(from, (enum bus_queue)(i % BUS_QUEUES), "m");
	world_wait(world, &from->done, 60);
	to = peer_open(world, 12);
	peer_wait(world, to, 12);
	for (size_t i = 0; i < 12; i++)
		of[to->got[i].queue]++;
	CHECK_INT(of[BUS_SCAN_HIGH], 8);
	CHECK_INT(of[BUS_SCAN_NORMAL], 3);
	CHECK_INT(of[BUS_SCAN_BULK], 1);
	to->acks = true;
	for (size_t i = 0; i < 12; i++)
		bus_ack(to->bus, to->got[i].tag);
	peer_wait(world, to, 60); /* what one queue does not use falls to the others */
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST(a_body_that_is_too_large_is_refused)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 1);
	static char body[BUS_BODY_BYTES + 2];

	memset(body, 'x', BUS_BODY_BYTES + 1);
	peer_publish(from, BUS_SCAN_HIGH, body);
	world_wait(world, &from->done, 1);
	CHECK_INT(from->done_code, -EMSGSIZE);
	body[BUS_BODY_BYTES] = 0;
	peer_publish_now(world, from, BUS_SCAN_HIGH, body);
	peer_wait(world, to, 1);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST(what_is_flushed_is_there_when_the_loop_never_turned)
{
	struct peer *from = peer_open(world, 0), *to;

	peer_publish(from, BUS_SCAN_HIGH, "flushed");
	CHECK_INT(bus_flush(from->bus, NULL), 0);
	CHECK_INT(from->done, 0); /* callbacks come from the loop */
	bus_close(from->bus);
	to = peer_open(world, 1);
	peer_wait(world, to, 1);
	peer_close(world, to);
	memory_free(from);
}

BUS_TEST(unknown_tags_are_ignored)
{
	struct peer *to = peer_open(world, 1);

	bus_ack(to->bus, 0);
	bus_ack(to->bus, 12345);
	bus_retry(to->bus, UINT64_MAX, 0, STR_NONE);
	CHECK_INT(bus_flush(to->bus, NULL), 0);
	peer_close(world, to);
}

TEST(another_url_is_no_bus)
{
	struct bus_settings settings = { .url = STR_LIT("mqtt://127.0.0.1") };
	struct bus_handlers handlers = { 0 };
	struct bus *bus;
	struct err err = { 0 };

	CHECK_INT(bus_open(&settings, &handlers, &bus, &err), -EPROTONOSUPPORT);
	CHECK(strstr(err.text, "embedded"));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What do all tests of a bus begin and end with? */
#include "tests/contract/bus_fixture.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "tests/contract/broker.h"

enum { PATIENCE_MS = 10000 };

static void open_embedded(struct bus_world *world)
{
	fixture_open_schema(&world->files);
	world->store = fixture_store(&world->files);
}

static void close_embedded(struct bus_world *world)
{
	fixture_check(world->store);
	store_close(world->store);
	fixture_close(&world->files);
}

static void open_rabbitmq(struct bus_world *world)
{
	const struct broker *broker = broker_of_test();

	snprintf(world->url, sizeof world->url, "%s", broker->url);
	snprintf(world->password, sizeof world->password, "%s", broker->password);
	broker_do("purge");
}

static void close_rabbitmq(struct bus_world *world)
{
}

static const struct {
	const char *name;
	void (*open)(struct bus_world *world);
	void (*close)(struct bus_world *world);
} backends[] = { { "embedded", open_embedded, close_embedded },
		 { "rabbitmq", open_rabbitmq, close_rabbitmq } };

void bus_each(const char *only, void (*test)(struct bus_world *world))
{
	const char *named = getenv("BUS_TEST_BACKEND");
	size_t backend = named && strcmp(named, "rabbitmq") == 0;
	struct bus_world world = { .backend = backends[backend].name };

	if (only && strcmp(only, world.backend) != 0)
		return;
	test_row("bus %s", world.backend);
	snprintf(world.url, sizeof world.url, "%s", world.backend);
	backends[backend].open(&world);
	CHECK_INT(uv_loop_init(&world.loop), 0);
	test(&world);
	loop_run_closing(&world.loop);
	CHECK_INT(loop_close(&world.loop), 0);
	backends[backend].close(&world);
}

static void on_message(void *context, const struct bus_message *message)
{
	struct peer *peer = context;
	struct got *got = &peer->got[peer->count];

	CHECK(peer->count < PEER_MESSAGES && message->tag);
	got->tag = message->tag;
	got->queue = message->queue;
	got->attempt = message->attempt;
	snprintf(got->body, sizeof got->body, "%.*s", STR(message->body));
	peer->count++;
	if (peer->acks)
		bus_ack(peer->bus, message->tag);
}

static void on_lost(void *context, uint64_t tag)
{
	struct peer *peer = context;

	peer->lost[peer->lost_count++ % ARRAY_COUNT(peer->lost)] = tag;
}

static void on_state(void *context, struct str text)
{
	struct peer *peer = context;

	peer->states++;
	snprintf(peer->state, sizeof peer->state, "%.*s", STR(text));
}

static void on_letter(void *context, const struct bus_letter *letter)
{
	struct peer *peer = context;
	size_t i = peer->letters++ % ARRAY_COUNT(peer->letter);

	peer->letter[i].tag = letter->tag;
	peer->letter[i].queue = letter->queue;
	peer->letter[i].attempt = letter->attempt;
	peer->letter[i].first_us = letter->first_us;
	peer->letter[i].dead_us = letter->dead_us;
	snprintf(peer->letter[i].reason, sizeof peer->letter[i].reason, "%.*s",
		 STR(letter->reason));
	snprintf(peer->letter[i].body, sizeof peer->letter[i].body, "%.*s", STR(letter->body));
}

struct bus_settings world_settings(struct bus_world *world)
{
	return (struct bus_settings){ .url = str_of(world->url),
				      .password = str_of(world->password),
				      .ca_file = str_of(world->ca_file),
				      .hold_ms = world->hold_ms,
				      .store = world->store,
				      .folder = str_of(world->files.folder),
				      .loop = &world->loop };
}

struct peer *peer_open(struct bus_world *world, unsigned prefetch)
{
	struct peer *peer = memory_alloc(sizeof *peer);
	struct bus_handlers handlers = { peer, on_message, on_lost, on_state, on_letter };
	struct bus_settings settings = world_settings(world);
	struct err err = { 0 };

	memset(peer, 0, sizeof *peer);
	if (prefetch)
		settings.consumer = uuid_new(clock_utc_us());
	if (bus_open(&settings, &handlers, &peer->bus, &err) < 0)
		fail_msg("bus_open: %s", err.text);
	if (prefetch)
		bus_consume(peer->bus, prefetch);
	return peer;
}

void peer_close(struct bus_world *world, struct peer *peer)
{
	bus_close(peer->bus);
	loop_run_closing(&world->loop);
	memory_free(peer);
}

static void on_done(void *context, int code)
{
	struct peer *peer = context;

	peer->done++;
	peer->done_code = code;
	peer->good += code == 0;
}

void peer_publish(struct peer *peer, enum bus_queue queue, const char *body)
{
	bus_publish(peer->bus, queue, str_of(body), on_done, peer);
}

void peer_publish_now(struct bus_world *world, struct peer *peer, enum bus_queue queue,
		      const char *body)
{
	size_t before = peer->done;

	peer_publish(peer, queue, body);
	world_wait(world, &peer->done, before + 1);
	CHECK_INT(peer->done_code, 0);
}

void peer_wait(struct bus_world *world, const struct peer *peer, size_t count)
{
	world_wait(world, &peer->count, count);
}

static void on_time(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

static void turn(struct bus_world *world, unsigned ms, const size_t *value, size_t wanted)
{
	bool is_over = false;
	uv_timer_t timer;

	uv_timer_init(&world->loop, &timer);
	timer.data = &is_over;
	uv_timer_start(&timer, on_time, ms, 0);
	while (!is_over && !(value && *value >= wanted))
		uv_run(&world->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	loop_run_closing(&world->loop);
}

void world_run(struct bus_world *world, unsigned ms)
{
	turn(world, ms, NULL, 0);
}

void world_wait(struct bus_world *world, const size_t *value, size_t wanted)
{
	turn(world, PATIENCE_MS, value, wanted);
	if (*value < wanted)
		fail_msg("%zu of %zu in %d ms", *value, wanted, PATIENCE_MS);
}

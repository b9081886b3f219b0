/* SPDX-License-Identifier: Apache-2.0 */
/* What do all tests of a bus begin and end with? */
#include "tests/contract/bus_fixture.h"

#include "base/clock.h"
#include "loop/loop.h"

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

static const struct {
	const char *url;
	void (*open)(struct bus_world *world);
	void (*close)(struct bus_world *world);
} backends[] = { { "embedded", open_embedded, close_embedded } };

void bus_each(void (*test)(struct bus_world *world))
{
	for (size_t i = 0; i < ARRAY_COUNT(backends); i++) {
		struct bus_world world = { .backend = backends[i].url };

		test_row("bus %s", world.backend);
		backends[i].open(&world);
		CHECK_INT(uv_loop_init(&world.loop), 0);
		test(&world);
		loop_run_closing(&world.loop);
		CHECK_INT(loop_close(&world.loop), 0);
		backends[i].close(&world);
	}
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

struct peer *peer_open(struct bus_world *world, unsigned prefetch)
{
	struct peer *peer = memory_alloc(sizeof *peer);
	struct bus_handlers handlers = { peer, on_message, on_lost, on_state };
	struct bus_settings settings = { .url = str_of(world->backend),
					 .store = world->store,
					 .folder = str_of(world->files.folder),
					 .loop = &world->loop };
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

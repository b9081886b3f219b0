/* SPDX-License-Identifier: Apache-2.0 */
/* Whose are the messages of a consumer that died, or that was thought dead? */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/job.h"
#include "store/worker.h"
#include "tests/contract/bus_fixture.h"

/* Another process that holds a message until it is killed; starts when told the world's folder. */
struct victim {
	pid_t pid;
	int to, from;
};

static void victim_live(int in, int out)
{
	struct bus_world world;
	struct peer *peer;
	struct err err;
	char holds = 'h';

	if (read(in, &world, sizeof world) != (ssize_t)sizeof world ||
	    (world.store && store_open(str_of(world.files.url), 0, &world.store, &err) < 0))
		_exit(1);
	uv_loop_init(&world.loop);
	peer = peer_open(&world, 2);
	while (peer->count < 2)
		uv_run(&world.loop, UV_RUN_ONCE);
	if (write(out, &holds, 1) != 1)
		_exit(1);
	uv_run(&world.loop, UV_RUN_DEFAULT);
	_exit(0);
}

/* Before any thread of this process. */
static struct victim victim_start(void)
{
	struct victim victim;
	int to[2], from[2];

	CHECK(pipe(to) == 0 && pipe(from) == 0);
	victim.pid = fork();
	CHECK(victim.pid >= 0);
	if (!victim.pid) {
		close(to[1]);
		close(from[0]);
		victim_live(to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	victim.to = to[1];
	victim.from = from[0];
	return victim;
}

static struct victim victim;

static void killed(struct bus_world *world)
{
	struct peer *from = peer_open(world, 0), *to;
	char holds = 0;

	peer_publish(from, BUS_SCAN_NORMAL, "one");
	peer_publish(from, BUS_SCAN_NORMAL, "two");
	world_wait(world, &from->done, 2);
	CHECK(write(victim.to, world, sizeof *world) == sizeof *world);
	CHECK(read(victim.from, &holds, 1) == 1 && holds == 'h');
	to = peer_open(world, 4);
	world_run(world, 200);
	CHECK_INT(to->count, 0);
	kill(victim.pid, SIGKILL);
	peer_wait(world, to, 2); /* its patience ends before the lease */
	CHECK_INT(to->got[0].attempt, 2);
	CHECK_INT(to->got[1].attempt, 2);
	CHECK_INT(waitpid(victim.pid, NULL, 0), victim.pid);
	peer_close(world, to);
	peer_close(world, from);
}

TEST(a_killed_consumers_messages_go_to_another_before_its_lease_runs_out)
{
	victim = victim_start();
	bus_each(NULL, killed);
	close(victim.to);
	close(victim.from);
}

/* ---- the embedded bus, whose clock a test can move ---- */

static int64_t ahead_us;

static int64_t clock_ahead(void *context)
{
	return clock_utc_us() + ahead_us;
}

BUS_TEST_OF("embedded", who_lets_the_lease_run_out_is_told_and_changes_nothing)
{
	struct peer *from = peer_open(world, 0), *first = peer_open(world, 1), *second;

	peer_publish_now(world, from, BUS_SCAN_NORMAL, "slow");
	peer_wait(world, first, 1);
	ahead_us = (int64_t)BUS_LEASE_MS * 1000 + 1000000;
	store_set_clock(world->store, clock_ahead, NULL);
	second = peer_open(world, 1);
	peer_wait(world, second, 1);
	CHECK_INT(second->got[0].attempt, 2);
	bus_ack(first->bus, first->got[0].tag);
	world_wait(world, &first->lost_count, 1);
	CHECK(first->lost[0] == first->got[0].tag);
	bus_ack(second->bus, second->got[0].tag);
	CHECK_INT(bus_flush(second->bus, NULL), 0);
	world_run(world, 50);
	CHECK_INT(second->lost_count, 0); /* it was still there: the late ack was none */
	store_set_clock(world->store, NULL, NULL);
	peer_close(world, second);
	peer_close(world, first);
	peer_close(world, from);
}

static int dead_letters(struct store_tx *tx, void *context, struct err *err)
{
	struct page page = { .limit = 10 };
	struct job_row *dead;
	struct str next;
	size_t count;

	store_keep(tx, context);
	TRY(job_dead_list(tx, &page, &dead, &count, &next, err));
	CHECK_INT(count, 1);
	CHECK_STR(dead[0].reason, "the third server is away");
	CHECK_INT(dead[0].attempt, BUS_ATTEMPTS);
	CHECK(dead[0].enqueued_at < dead[0].dead_at);
	return 0;
}

BUS_TEST_OF("embedded", a_dead_letter_keeps_its_last_reason)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 4);
	struct arena a = { 0 };

	peer_publish_now(world, from, BUS_SCAN_NORMAL, "again");
	for (size_t attempt = 1; attempt <= BUS_ATTEMPTS; attempt++) {
		peer_wait(world, to, attempt);
		bus_retry(to->bus, to->got[attempt - 1].tag, 1,
			  attempt == BUS_ATTEMPTS ? STR_LIT("the third server is away")
						  : STR_LIT("another reason"));
	}
	CHECK_INT(bus_flush(to->bus, NULL), 0);
	CHECK_INT(store_read(world->store, dead_letters, &a, NULL), 0);
	arena_release(&a);
	peer_close(world, to);
	peer_close(world, from);
}

BUS_TEST_OF("embedded", an_id_serves_one_consumer)
{
	struct bus_settings settings = { .url = STR_LIT("embedded"),
					 .store = world->store,
					 .folder = str_of(world->files.folder),
					 .loop = &world->loop,
					 .consumer = uuid_new(1) };
	struct bus_handlers handlers = { 0 };
	struct bus *first, *second;

	CHECK_INT(bus_open(&settings, &handlers, &first, NULL), 0);
	CHECK_INT(bus_open(&settings, &handlers, &second, NULL), -EEXIST);
	bus_close(first);
}

static void count_turn(uv_prepare_t *prepare)
{
	++*(size_t *)prepare->data;
}

BUS_TEST(an_idle_consumer_sleeps)
{
	struct peer *to = peer_open(world, 4);
	uv_prepare_t prepare;
	size_t turns = 0;

	world_run(world, 100);
	uv_prepare_init(&world->loop, &prepare);
	prepare.data = &turns;
	uv_prepare_start(&prepare, count_turn);
	world_run(world, 2500);
	uv_close((uv_handle_t *)&prepare, NULL);
	CHECK(turns <= 20); /* a look a second, and what it takes */
	peer_close(world, to);
}

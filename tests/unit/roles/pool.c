/* SPDX-License-Identifier: Apache-2.0 */
/* Does a pool of scanners bear whatever happens to them, and lose no scan by it? The scanners are real; what
 * they may ask is a resolver of the test's, which answers "no such name", or not, or sees to it that
 * the scanner that asks is killed. */
#include "base/clock.h"
#include "loop/loop.h"
#include "roles/worker/member.h"
#include "tests/unit/net/dns_peer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SCANS = 64, PATIENCE_US = 60000000 };

static struct world {
	uv_loop_t loop;
	struct peer peer;
	struct pool *pool;
	char resolver[32];
	struct str resolvers[1];
	struct pool_scan scans[SCANS];
	unsigned ends[SCANS]; /* of each scan: one, and never two */
	unsigned ended, deaths, by_state[SCAN_CANCELLED + 1];
	unsigned told[SCANS]; /* how far it is */
	struct scan_progress progress;
	bool is_done;
	unsigned wanted;
	const char *killer; /* a label: who asks for it is killed */
	unsigned kills;
	pid_t killed; /* the last one: it asked more than one question */
} world;

/* ---- the resolver ---- */

static bool asks_for(struct str query, const char *label)
{
	size_t len = strlen(label);

	for (size_t i = 12; i + len < query.len; i++)
		if ((uint8_t)query.data[i] == len &&
		    str_eq_nocase(str_bytes(query.data + i + 1, len), str_of(label)))
			return true;
	return false;
}

static void kill_holders_of(const char *label)
{
	for (size_t i = 0; i < SCANS; i++) {
		struct pool_scan *scan = &world.scans[i];

		pid_t pid;

		if (!scan->number || !scan->member || !str_starts(scan->domain, str_of(label)))
			continue;
		pid = scanner_process_pid(scan->member->process);
		world.kills += pid != world.killed;
		world.killed = pid;
		kill(pid, SIGKILL);
	}
}

static void resolve(struct peer *peer, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];
	size_t end = 12;

	if (asks_for(query, "silent"))
		return;
	if (world.killer && asks_for(query, world.killer)) {
		kill_holders_of(world.killer);
		return;
	}
	while (end < query.len && query.data[end])
		end += (uint8_t)query.data[end] + 1u;
	end += 5;
	CHECK(end <= query.len && end <= sizeof out);
	memcpy(out, query.data, end);
	out[2] = 0x81; /* a response; recursion wanted, and to be had; no such name */
	out[3] = 0xa3;
	memset(out + 6, 0, 6);
	peer_send(peer, from, str_bytes(out, end));
}

/* ---- the pool's user ---- */

static void on_end(void *data, struct pool_scan *scan)
{
	size_t at = (size_t)(scan - world.scans);

	world.ends[at]++;
	world.ended++;
	world.by_state[scan->state]++;
	world.is_done = world.ended >= world.wanted;
}

static void on_death(void *data, struct pool_scan *scan, const char *why)
{
	CHECK(why[0]);
	world.deaths++;
}

static void on_progress(void *data, struct pool_scan *scan, const struct scan_progress *progress)
{
	world.told[scan - world.scans]++;
	world.progress = *progress;
}

static const struct pool_events events = { .on_end = on_end,
					   .on_death = on_death,
					   .on_progress = on_progress };

static void world_open(unsigned scanners, unsigned in_flight, unsigned silent_ms)
{
	struct pool_settings settings = { .loop = &world.loop,
					  .scanners = scanners,
					  .in_flight = in_flight,
					  .paces_fd = -1,
					  .silent_ms = silent_ms };
	struct err err = { 0 };

	world = (struct world){ 0 };
	CHECK(uv_loop_init(&world.loop) == 0);
	peer_open(&world.peer, &world.loop, "127.0.0.1");
	world.peer.on_udp = resolve;
	snprintf(world.resolver, sizeof world.resolver, "127.0.0.1:%u", world.peer.port);
	world.resolvers[0] = str_of(world.resolver);
	settings.scanner.resolvers = world.resolvers;
	settings.scanner.resolver_count = 1;
	CHECK_INT(pool_open(&settings, &events, NULL, &world.pool, &err), 0);
}

static void world_close(void)
{
	pool_close(world.pool);
	peer_close(&world.peer);
	for (size_t i = 0; i < SCANS; i++)
		arena_release(&world.scans[i].arena);
	loop_run_closing(&world.loop);
	CHECK_INT(loop_close(&world.loop), 0);
}

static struct pool_scan *put(unsigned at, const char *name)
{
	struct pool_scan *scan = &world.scans[at];

	scan->domain = str_of(name);
	scan->options.profile = STR_LIT("quick");
	pool_put(world.pool, scan);
	return scan;
}

static void put_many(unsigned first, unsigned count)
{
	static char names[SCANS][32];

	for (unsigned i = first; i < first + count; i++) {
		snprintf(names[i], sizeof names[i], "name%u.example", i);
		put(i, names[i]);
	}
}

static void until_ended(unsigned count)
{
	world.wanted = count;
	world.is_done = world.ended >= count;
	CHECK_INT(loop_run_until(&world.loop, &world.is_done, clock_monotonic_us() + PATIENCE_US),
		  0);
	CHECK_INT(world.ended, count);
	for (size_t i = 0; i < SCANS; i++)
		CHECK(world.ends[i] <= 1);
}

static void run_for(int64_t us)
{
	const bool never = false;

	(void)!loop_run_until(&world.loop, &never, clock_monotonic_us() + us);
}

static void until_ready(size_t count)
{
	int64_t until = clock_monotonic_us() + PATIENCE_US;

	while (pool_ready(world.pool) < count && clock_monotonic_us() < until)
		run_for(5000);
	CHECK_INT(pool_ready(world.pool), count);
}

/* ---- */

TEST(scans_are_shared_among_scanners_and_end_with_verdicts_and_facts)
{
	world_open(2, 4, 0);
	CHECK_INT(pool_capacity(world.pool), 8);
	until_ready(2);
	put_many(0, 20);
	CHECK_INT(pool_held(world.pool), 20);
	for (unsigned i = 0; i < 8; i++)
		CHECK(world.scans[i].member); /* in flight, four each */
	CHECK(!world.scans[8].member && world.scans[0].member != world.scans[1].member);
	until_ended(20);
	CHECK_INT(world.by_state[SCAN_DONE], 20);
	CHECK_INT(pool_held(world.pool), 0);
	for (unsigned i = 0; i < 20; i++) {
		CHECK(world.scans[i].judgement.check_count > 100);
		CHECK(world.scans[i].fact_count > 0);
		CHECK(world.scans[i].verdicts.len > 0);
		CHECK_STR(world.scans[i].judgement.score.algorithm, "2026.1");
	}
	world_close();
}

TEST(a_killed_scanner_is_replaced_and_its_scans_end_elsewhere)
{
	pid_t before[4], after[4];

	world_open(1, 8, 0);
	until_ready(1);
	world.killer = "once";
	put_many(0, 6);
	world.scans[6].options.timeout_ms = 2000;
	put(6, "silent.example"); /* so that work is in hand */
	put(7, "once.example");
	CHECK_INT(pool_pids(world.pool, before, 4), 1);
	while (!world.kills)
		run_for(1000);
	world.killer = NULL;
	put_many(8, 6);
	until_ended(14);
	CHECK_INT(world.kills, 1);
	CHECK(world.deaths >= 2);
	/* The silent one ends at its deadline, incomplete; nobody is failed. */
	CHECK_INT(world.by_state[SCAN_DONE], 13);
	CHECK_INT(world.by_state[SCAN_INCOMPLETE], 1);
	CHECK(world.scans[7].deaths == 1 && world.scans[13].deaths == 0);
	CHECK(pool_pids(world.pool, after, 4) >= 1);
	CHECK(after[0] != before[0]);
	world_close();
}

TEST(who_kills_two_scanners_is_poison_and_the_others_go_on)
{
	world_open(2, 8, 0);
	until_ready(2);
	world.killer = "killer";
	put(0, "killer.example");
	put_many(1, 30);
	until_ended(31);
	CHECK_INT(world.kills, 2);
	CHECK_INT(world.by_state[SCAN_DONE], 30);
	CHECK_INT(world.by_state[SCAN_FAILED], 1);
	CHECK(world.scans[0].is_poison);
	CHECK(str_find(world.scans[0].error, STR_LIT("killed by signal 9")) >= 0);
	for (unsigned i = 1; i < 31; i++)
		CHECK(world.scans[i].deaths <= 1 && !world.scans[i].is_poison);
	world_close();
}

TEST(several_killers_each_die_alone)
{
	world_open(1, 16, 0);
	until_ready(1);
	world.killer = "killer";
	for (unsigned i = 0; i < 4; i++)
		put(i, "killer.example");
	put_many(4, 8);
	until_ended(12);
	CHECK_INT(world.by_state[SCAN_FAILED], 4);
	CHECK_INT(world.by_state[SCAN_DONE], 8);
	for (unsigned i = 0; i < 4; i++)
		CHECK(world.scans[i].is_poison);
	world_close();
}

TEST(who_killed_one_elsewhere_is_tried_alone_from_the_start)
{
	world_open(1, 8, 0);
	until_ready(1);
	world.killer = "killer";
	world.scans[0].deaths = 1;
	put(0, "killer.example");
	put_many(1, 5);
	until_ended(6);
	CHECK_INT(world.kills, 1);
	CHECK(world.scans[0].is_poison);
	CHECK_INT(world.by_state[SCAN_DONE], 5);
	for (unsigned i = 1; i < 6; i++)
		CHECK_INT(world.scans[i].deaths, 0);
	world_close();
}

TEST(a_scanner_that_stands_still_is_replaced)
{
	pid_t pid;

	world_open(1, 4, 1500);
	until_ready(1);
	put(0, "silent.example");
	run_for(50000);
	CHECK_INT(pool_pids(world.pool, &pid, 1), 1);
	CHECK(kill(pid, SIGSTOP) == 0);
	world.scans[0].options.timeout_ms = 1000; /* of the second try */
	until_ended(1);
	CHECK_INT(world.deaths, 1);
	CHECK_INT(world.by_state[SCAN_INCOMPLETE], 1);
	world_close();
}

TEST(a_scanner_that_cannot_be_started_is_tried_again)
{
	struct rlimit usual, none;
	pid_t pid;

	world_open(1, 4, 0);
	until_ready(1);
	CHECK(getrlimit(RLIMIT_NOFILE, &usual) == 0);
	none = usual;
	none.rlim_cur = 3; /* no descriptor more, whatever is closed */
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK_INT(pool_pids(world.pool, &pid, 1), 1);
	CHECK(kill(pid, SIGKILL) == 0);
	put_many(0, 2);
	run_for(700000);
	CHECK_INT(pool_ready(world.pool), 0);
	CHECK_INT(world.ended, 0);
	CHECK(setrlimit(RLIMIT_NOFILE, &usual) == 0);
	until_ended(2);
	CHECK_INT(world.by_state[SCAN_DONE], 2);
	for (int fd = 0; fd < 3; fd++)
		CHECK(fcntl(fd, F_GETFD) >= 0);
	world_close();
}

TEST(cancelled_scans_end_as_that_wherever_they_are)
{
	world_open(1, 2, 0);
	until_ready(1);
	put(0, "silent.example");
	put(1, "silent.example");
	put(2, "silent.example"); /* waits */
	pool_cancel(world.pool, &world.scans[2]);
	CHECK_INT(world.ended, 1);
	pool_cancel(world.pool, &world.scans[0]);
	pool_cancel(world.pool, &world.scans[0]);
	until_ended(2);
	CHECK_INT(world.by_state[SCAN_CANCELLED], 2);
	pool_forget(world.pool, &world.scans[1]);
	CHECK_INT(pool_held(world.pool), 0);
	put(3, "name.example");
	until_ended(3);
	CHECK_INT(world.ends[1], 0);
	CHECK_INT(world.by_state[SCAN_DONE], 1);
	world_close();
}

TEST(a_deadline_of_its_own_ends_a_scan)
{
	struct pool_scan *scan = &world.scans[0];
	int64_t began;

	world_open(1, 2, 0);
	until_ready(1);
	scan->options.timeout_ms = 300;
	began = clock_monotonic_us();
	put(0, "silent.example");
	until_ended(1);
	CHECK_INT(scan->state, SCAN_INCOMPLETE);
	CHECK(scan->judgement.is_incomplete);
	CHECK(clock_monotonic_us() - began < 10000000); /* and not the profile's 15 s */
	world_close();
}

TEST(a_scan_that_runs_for_a_while_tells_how_far_it_is)
{
	world_open(1, 2, 0);
	until_ready(1);
	world.scans[0].options.timeout_ms = 3500;
	put(0, "silent.example");
	put(1, "name1.example");
	until_ended(2);
	/* once a second at most, and not before the first second is over */
	CHECK(world.told[0] >= 1 && world.told[0] <= 3);
	CHECK_INT(world.told[1], 0);
	CHECK(world.progress.asked > world.progress.answered);
	CHECK(world.progress.checks > world.progress.judged);
	world_close();
}

TEST(without_a_resolver_scans_wait_and_with_another_they_go_on)
{
	struct str nowhere = STR_LIT("127.0.0.1:9");

	world_open(1, 4, 0);
	until_ready(1);
	pool_set_resolvers(world.pool, &nowhere, 1);
	put_many(0, 3);
	run_for(500000);
	CHECK_INT(world.ended, 0);
	CHECK_INT(pool_ready(world.pool), 0);
	pool_set_resolvers(world.pool, world.resolvers, 1);
	until_ended(3);
	CHECK_INT(world.by_state[SCAN_DONE], 3);
	CHECK_INT(world.deaths, 0);
	world_close();
}

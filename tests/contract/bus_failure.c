/* SPDX-License-Identifier: Apache-2.0 */
/* What does a bus do while its store cannot be written? */
#include <signal.h>
#include <sys/resource.h>

#include "tests/contract/bus_fixture.h"

/* The database takes nobody in, and those who are in are put out. */
static void shut_database(bool shuts)
{
	fixture_ask_elsewhere(shuts ? "ALTER DATABASE dss ALLOW_CONNECTIONS false"
				    : "ALTER DATABASE dss ALLOW_CONNECTIONS true");
	if (shuts)
		fixture_ask_elsewhere("SELECT count(pg_terminate_backend(pid, 5000)) FROM "
				      "pg_stat_activity WHERE datname = 'dss'");
}

/* No file of this process grows or is written, as on a disk that fails; or the server is gone. */
static void fail_writes(bool fails)
{
	struct rlimit limit;

	if (fixture_is_postgres()) {
		shut_database(fails);
		return;
	}
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = fails ? 0 : limit.rlim_max;
	signal(SIGXFSZ, fails ? SIG_IGN : SIG_DFL);
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

BUS_TEST_OF("embedded", while_the_store_fails_it_says_so_and_loses_nothing)
{
	struct peer *from = peer_open(world, 0), *to = peer_open(world, 4), *other;

	peer_publish_now(world, from, BUS_SCAN_NORMAL, "held");
	peer_wait(world, to, 1);
	fail_writes(true);
	bus_ack(to->bus, to->got[0].tag);
	peer_publish(from, BUS_SCAN_NORMAL, "refused");
	world_wait(world, &from->done, 2);
	CHECK(from->done_code < 0); /* its publisher has it still */
	world_wait(world, &to->states, 1);
	CHECK(to->state[0]);
	world_run(world, 300);
	CHECK_INT(to->states, 1); /* said once */
	fail_writes(false);
	world_wait(world, &to->states, 2);
	CHECK(!to->state[0]);
	CHECK_INT(bus_flush(to->bus, NULL), 0);
	CHECK_INT(to->lost_count, 0);
	peer_close(world, to);
	other = peer_open(world, 4);
	world_run(world, 300);
	CHECK_INT(other->count, 0); /* the ack was kept, and the refused one is not there */
	peer_publish_now(world, from, BUS_SCAN_NORMAL, "again");
	peer_wait(world, other, 1);
	peer_close(world, other);
	peer_close(world, from);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Does every run end once, whatever becomes of the runner? The runner is real. */
#include "base/clock.h"
#include "children/runner.h"
#include "loop/loop.h"
#include "tests/test.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RUNS = 8, PATIENCE_US = 30000000 };

static struct world {
	uv_loop_t loop;
	struct runner *runner;
	struct runner_client client;
	unsigned ended[RUNS + 1], ends[RUN_ENDS];
	bool is_full;
	uint64_t again; /* is run from within on_ran */
} world;

static void run_of(enum run_kind kind, uint64_t number, const char *name, uint32_t timeout_ms)
{
	struct run_value subject = { STR_LIT("subject"), STR_LIT("www.example.com") };
	struct run_request request = { .values = &subject,
				       .value_count = 1,
				       .number = number,
				       .kind = (uint8_t)kind,
				       .name = str_of(name),
				       .timeout_ms = timeout_ms };

	CHECK_INT(run_request_check(&request, NULL), 0);
	runner_run(&world.client, &request);
}

static void run(uint64_t number, const char *name, uint32_t timeout_ms)
{
	run_of(RUN_TOOL, number, name, timeout_ms);
}

static void on_ran(struct runner_client *client, const struct run_result *result)
{
	uint64_t again = world.again;

	CHECK(result->number <= RUNS);
	world.ended[result->number]++;
	world.ends[result->end]++;
	test_row("%s: %.*s", run_end_word((enum run_end)result->end), STR(result->detail));
	world.again = 0;
	if (again)
		run(again, "no-such-tool", 5000);
}

static bool is_full(struct runner_client *client)
{
	return world.is_full;
}

static void world_open_with(const struct runner_configuration *configuration)
{
	struct runner_settings settings = { .loop = &world.loop, .configuration = configuration };

	world = (struct world){ .client = { .on_ran = on_ran, .is_full = is_full } };
	CHECK(uv_loop_init(&world.loop) == 0);
	runner_open(&settings, &world.runner);
	runner_join(world.runner, &world.client);
}

static void world_open(void)
{
	struct runner_configuration configuration = { 0 };

	world_open_with(&configuration);
}

static void world_close(void)
{
	runner_leave(&world.client);
	runner_close(world.runner);
	loop_run_closing(&world.loop);
	CHECK_INT(loop_close(&world.loop), 0);
}

static unsigned ended(void)
{
	unsigned count = 0;

	for (size_t i = 0; i <= RUNS; i++)
		count += world.ended[i];
	return count;
}

static void wait_ended(unsigned wanted)
{
	int64_t until = clock_monotonic_us() + PATIENCE_US;

	while (ended() < wanted && clock_monotonic_us() < until)
		uv_run(&world.loop, UV_RUN_ONCE);
	CHECK_INT(ended(), wanted);
}

TEST(a_run_that_cannot_be_is_told_so)
{
	world_open();
	CHECK_INT(runner_pid(world.runner), 0); /* it costs nothing before it is wanted */
	run(1, "no-such-tool", 5000);
	run(2, "no-such-tool", 5000);
	wait_ended(2);
	CHECK_INT(world.ends[RUN_MISSING], 2);
	CHECK(runner_pid(world.runner) > 0);
	CHECK_INT(runner_held(world.runner), 0);
	world_close();
}

TEST(runs_of_a_killed_runner_end_as_ours_and_the_next_one_serves)
{
	pid_t first;

	world_open();
	run(1, "no-such-tool", 5000);
	wait_ended(1);
	first = runner_pid(world.runner);
	kill(first, SIGSTOP);
	run(2, "no-such-tool", 5000);
	run(3, "no-such-tool", 5000);
	world.again = 4;
	kill(first, SIGKILL);
	wait_ended(4);
	CHECK_INT(world.ended[2] + world.ended[3], 2);
	CHECK_INT(world.ends[RUN_GONE], 2);
	CHECK_INT(world.ended[4], 1);
	CHECK_INT(world.ends[RUN_MISSING], 2);
	CHECK(runner_pid(world.runner) != first);
	world_close();
}

TEST(what_was_taken_back_is_not_told)
{
	world_open();
	run(1, "no-such-tool", 5000);
	run(2, "no-such-tool", 5000);
	runner_unrun(&world.client, 1);
	wait_ended(1);
	kill(runner_pid(world.runner), SIGSTOP);
	run(3, "no-such-tool", 5000);
	runner_unrun(&world.client, 3);
	runner_unrun(&world.client, 3);
	kill(runner_pid(world.runner), SIGCONT);
	run(4, "no-such-tool", 5000);
	wait_ended(2);
	CHECK_INT(world.ended[1] + world.ended[3], 0);
	while (runner_held(world.runner))
		uv_run(&world.loop, UV_RUN_ONCE);
	world_close();
}

TEST(a_client_that_left_hears_nothing)
{
	world_open();
	run(1, "no-such-tool", 5000);
	wait_ended(1);
	run(2, "no-such-tool", 5000);
	runner_leave(&world.client);
	runner_join(world.runner, &world.client);
	run(3, "no-such-tool", 5000);
	wait_ended(2);
	CHECK_INT(world.ended[2], 0);
	world_close();
}

TEST(a_client_that_does_not_read_holds_the_runner)
{
	world_open();
	run(1, "no-such-tool", 5000);
	world.is_full = true;
	wait_ended(1);
	run(2, "no-such-tool", 5000);
	for (int i = 0; i < 3; i++)
		uv_run(&world.loop, UV_RUN_ONCE);
	CHECK_INT(ended(), 1);
	world.is_full = false;
	runner_resume(world.runner);
	wait_ended(2);
	world_close();
}

TEST(a_stopped_runner_is_replaced)
{
	pid_t first;

	world_open();
	run(1, "no-such-tool", 5000);
	wait_ended(1);
	first = runner_pid(world.runner);
	kill(first, SIGSTOP);
	run(2, "no-such-tool", 1);
	wait_ended(2);
	CHECK_INT(world.ends[RUN_GONE], 1);
	run(3, "no-such-tool", 5000);
	wait_ended(3);
	CHECK(runner_pid(world.runner) != first);
	world_close();
}

TEST(too_many_runs_are_refused_at_once)
{
	world_open();
	run(1, "no-such-tool", 5000);
	wait_ended(1);
	kill(runner_pid(world.runner), SIGSTOP);
	for (size_t i = 0; i < RUNNER_RUNS; i++)
		run(2, "no-such-tool", 60000);
	CHECK_INT(ended(), 1);
	run(3, "no-such-tool", 60000);
	CHECK_INT(world.ended[3], 1);
	CHECK_INT(world.ends[RUN_BUSY], 1);
	world_close();
}

/* The keeper that a runner has started; 0: not yet. */
static pid_t keeper_of(pid_t runner)
{
	char path[64], text[256] = { 0 };
	FILE *file;
	pid_t pid;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)runner, (int)runner);
	file = fopen(path, "r");
	pid = file && fgets(text, sizeof text, file) ? (pid_t)strtol(text, NULL, 10) : 0;
	if (file)
		fclose(file);
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
	file = pid ? fopen(path, "r") : NULL;
	if (!file)
		return 0;
	text[fread(text, 1, sizeof text - 1, file)] = 0;
	fclose(file);
	return str_eq(str_of(text + strlen(text) + 1), STR_LIT("keeper")) ? pid : 0;
}

TEST(a_tool_whose_keeper_is_killed_has_not_run_to_its_end)
{
	struct str argv[] = { STR_LIT("sleep"), STR_LIT("30") };
	struct definition sleeper = { .name = STR_LIT("sleeper"),
				      .kind = DEFINITION_TOOL,
				      .argv = argv,
				      .argv_count = ARRAY_COUNT(argv) };
	struct runner_configuration configuration = { .definitions = { &sleeper, 1 } };
	pid_t keeper = 0;

	world_open_with(&configuration);
	run(1, "sleeper", 20000);
	while (!keeper && !ended()) {
		uv_run(&world.loop, UV_RUN_NOWAIT);
		keeper = runner_pid(world.runner) ? keeper_of(runner_pid(world.runner)) : 0;
	}
	CHECK(keeper > 0 && kill(keeper, SIGKILL) == 0);
	wait_ended(1);
	CHECK_INT(world.ends[RUN_CRASHED], 1);
	world_close();
}

/* Takes connections and says nothing. */
static int silent_open(uint16_t *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

TEST(who_waits_for_a_connection_to_a_silent_api_is_busy_and_nobody_dies)
{
	struct str allowed[] = { STR_LIT("127.0.0.0/8") };
	struct definition silent = { .name = STR_LIT("silent"),
				     .kind = DEFINITION_API,
				     .method = STR_LIT("GET"),
				     .limits = { .time_ms = 1000 },
				     .pace = { .requests = 1000, .per_s = 1 } };
	struct runner_configuration configuration = { .allow_networks = allowed,
						      .allow_network_count = 1,
						      .definitions = { &silent, 1 } };
	struct arena arena = { 0 };
	uint16_t port;
	int fd = silent_open(&port);

	silent.url = str_printf(&arena, "http://127.0.0.1:%u/", port);
	world_open_with(&configuration);
	for (uint64_t i = 1; i <= RUNS; i++)
		run_of(RUN_API, i, "silent", 20000);
	wait_ended(RUNS);
	CHECK_INT(world.ends[RUN_GONE], 0);
	CHECK(world.ends[RUN_TIMED_OUT] >= 2);
	CHECK_INT(world.ends[RUN_TIMED_OUT] + world.ends[RUN_BUSY], RUNS);
	world_close();
	arena_release(&arena);
	close(fd);
}

TEST(who_cannot_wait_for_an_api_takes_no_turn_from_others)
{
	struct definition slow = { .name = STR_LIT("slow"),
				   .kind = DEFINITION_API,
				   .method = STR_LIT("GET"),
				   .url = STR_LIT("http://127.0.0.1:1/"),
				   .pace = { .requests = 1, .per_s = 3 } };
	struct runner_configuration configuration = { .definitions = { &slow, 1 } };

	world_open_with(&configuration);
	for (uint64_t i = 1; i <= RUNS - 1; i++)
		run_of(RUN_API, i, "slow", 2000);
	wait_ended(RUNS - 1);
	CHECK_INT(world.ends[RUN_RATE_LIMITED], RUNS - 2);
	run_of(RUN_API, RUNS, "slow", 6000); /* the second turn is its, and not the eighth */
	wait_ended(RUNS);
	CHECK_INT(world.ends[RUN_RATE_LIMITED], RUNS - 2);
	CHECK_INT(world.ends[RUN_DENIED], 2);
	world_close();
}

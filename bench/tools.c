/* SPDX-License-Identifier: Apache-2.0 */
/* bench_tools WHAT COUNT PROGRAM ARGUMENT…: what does a tool cost in its cage, beside a bare fork and exec? */
#include "base/clock.h"
#include "children/runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct bench {
	struct runner_client client;
	size_t ended, failed;
};

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void on_ran(struct runner_client *client, const struct run_result *result)
{
	struct bench *bench = (struct bench *)client;

	bench->ended++;
	bench->failed += result->end != RUN_DONE || result->status;
	if (bench->failed == 1)
		fprintf(stderr, "%s: %.*s\n", run_end_word((enum run_end)result->end),
			STR(result->detail));
}

static void tell(const char *what, size_t count, int64_t began_us, double cpu_before_s,
		 const char *peer)
{
	double wall_s = (double)(clock_monotonic_us() - began_us) / 1e6;
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	printf("tool-%s %zu %.3f %.4f %ld%s%s\n", what, count, wall_s,
	       (seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime) - cpu_before_s) * 1000 /
		       (double)count,
	       usage.ru_maxrss, peer ? " " : "", peer ? peer : "");
}

static void run_bare(const char *what, size_t count, char **argv)
{
	int64_t began_us = clock_monotonic_us();

	for (size_t i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			execv(argv[0], argv);
			_exit(127);
		}
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	tell(what, count, began_us, 0, "fork-and-exec");
}

static size_t run_caged(const char *what, size_t count, struct str *argv, size_t argv_count,
			double cpu_before_s)
{
	struct definition definition = { .name = STR_LIT("bench"),
					 .kind = DEFINITION_TOOL,
					 .subject = DEFINITION_DOMAIN,
					 .argv = argv,
					 .argv_count = argv_count,
					 .limits = { .network = DEFINITION_NETWORK_GUARDED } };
	struct str network = STR_LIT("127.0.0.0/8");
	struct runner_configuration configuration = { .definitions = { &definition, 1 },
						      .allow_networks = &network,
						      .allow_network_count = 1 };
	struct run_value value = { STR_LIT("subject"), STR_LIT("example.com") };
	struct bench bench = { .client = { .on_ran = on_ran } };
	int64_t began_us = clock_monotonic_us();
	struct runner *runner;
	uv_loop_t loop;

	uv_loop_init(&loop);
	runner_open(&(struct runner_settings){ .loop = &loop, .configuration = &configuration },
		    &runner);
	runner_join(runner, &bench.client);
	for (size_t i = 1; i <= count; i++) {
		runner_run(&bench.client, &(struct run_request){ .number = i,
								 .kind = RUN_TOOL,
								 .name = definition.name,
								 .values = &value,
								 .value_count = 1,
								 .timeout_ms = 60000 });
		while (bench.ended < i)
			uv_run(&loop, UV_RUN_ONCE);
	}
	runner_leave(&bench.client);
	runner_close(runner); /* reaps it: now its children's time is ours to see */
	tell(what, count, began_us, cpu_before_s, NULL);
	return bench.failed;
}

int main(int argc, char **argv)
{
	struct str arguments[64];
	struct rusage before;
	size_t count;

	if (argc < 4 || argc - 3 > (int)ARRAY_COUNT(arguments))
		return 2;
	count = strtoul(argv[2], NULL, 10);
	for (int i = 3; i < argc; i++)
		arguments[i - 3] = str_of(argv[i]);
	run_bare(argv[1], count, argv + 3);
	getrusage(RUSAGE_CHILDREN, &before);
	return run_caged(argv[1], count, arguments, (size_t)(argc - 3),
			 seconds_of(before.ru_utime) + seconds_of(before.ru_stime)) != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Do children get what was named and nothing else, and do they go when they should? */
#include "loop/child.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "tests/orphan.h"
#include "tests/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct run {
	bool is_done;
	struct child_exit how;
	char output[4096];
	size_t len;
};

static uv_loop_t loop;

static void on_exit_(struct child *child, struct child_exit how, void *data)
{
	struct run *run = data;

	run->how = how;
	run->is_done = true;
}

static int64_t in_s(int64_t seconds)
{
	return clock_monotonic_us() + seconds * 1000000;
}

/* Runs a shell command to its end; its standard output and error are kept. */
static void run_shell(struct run *run, const char *command, struct child_settings settings)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	struct child_descriptor descriptors[3];
	struct child *child;
	struct err err = { 0 };
	int fds[2];
	ssize_t got;

	memset(run, 0, sizeof *run);
	CHECK(uv_loop_init(&loop) == 0);
	CHECK(pipe2(fds, O_CLOEXEC) == 0);
	descriptors[0] = (struct child_descriptor){ fds[1], 1 };
	descriptors[1] = (struct child_descriptor){ fds[1], 2 };
	for (size_t i = 0; i < settings.descriptor_count; i++)
		descriptors[2 + i] = settings.descriptors[i];
	settings.argv = argv;
	settings.descriptors = descriptors;
	settings.descriptor_count += 2;
	CHECK(child_start(&loop, &settings, on_exit_, run, &child, &err) == 0);
	close(fds[1]);
	while (run->len < sizeof run->output - 1 &&
	       (got = read(fds[0], run->output + run->len, sizeof run->output - 1 - run->len)) > 0)
		run->len += (size_t)got;
	close(fds[0]);
	CHECK(loop_run_until(&loop, &run->is_done, in_s(10)) == 0);
	child_release(child);
	CHECK_INT(loop_close(&loop), 0);
}

TEST(a_child_gets_the_named_environment_only)
{
	static const char *const environment[] = { "A=1", "B=two words", NULL };
	struct run run;

	setenv("DSS_SECRET", "must not pass", 1);
	run_shell(&run, "/usr/bin/env; exit 7",
		  (struct child_settings){ .environment = environment });
	unsetenv("DSS_SECRET");
	CHECK_INT(run.how.code, 7);
	CHECK(str_find(str_of(run.output), STR_LIT("A=1\n")) >= 0);
	CHECK(str_find(str_of(run.output), STR_LIT("B=two words\n")) >= 0);
	CHECK(str_find(str_of(run.output), STR_LIT("DSS_SECRET")) < 0);
	CHECK(str_find(str_of(run.output), STR_LIT("HOME=")) < 0);
}

TEST(a_child_gets_the_named_descriptors_only)
{
	struct child_descriptor named = { .to = 5 };
	struct run run;
	int low = open("/dev/zero", O_RDONLY), high = dup2(low, 200);

	CHECK(low >= 0 && high == 200); /* neither is close-on-exec */
	named.from = high;
	run_shell(&run,
		  "for i in /proc/self/fd/*; do printf '%s=%s\\n' ${i##*/} $(readlink $i); done",
		  (struct child_settings){ .descriptors = &named, .descriptor_count = 1 });
	close(low);
	close(high);
	test_row("%s", run.output);
	CHECK(str_find(str_of(run.output), STR_LIT("0=/dev/null\n")) >= 0);
	CHECK(str_find(str_of(run.output), STR_LIT("5=/dev/zero\n")) >= 0);
	CHECK(str_find(str_of(run.output), STR_LIT("200=")) < 0);
	CHECK_INT(str_find(str_from(str_of(run.output),
				    (size_t)str_find(str_of(run.output), STR_LIT("/dev/zero")) + 1),
			   STR_LIT("/dev/zero")),
		  -1);
}

TEST(a_child_has_its_limits_identity_and_group)
{
	static const struct child_limit limits[] = { { RLIMIT_NOFILE, 33, 33 },
						     { RLIMIT_CORE, 0, 0 } };
	struct child_settings settings = { .limits = limits,
					   .limit_count = 2,
					   .has_own_group = true,
					   .directory = "/usr",
					   .has_identity = geteuid() == 0,
					   .uid = 65534,
					   .gid = 65534 };
	struct run run;

	run_shell(&run,
		  "ulimit -n; pwd; umask; ps -o pgid= -p $$ | grep -qw $$ && echo leader; "
		  "id -u; id -G; grep SigBlk /proc/self/status",
		  settings);
	test_row("%s", run.output);
	CHECK(str_starts(str_of(run.output), STR_LIT("33\n/usr\n0077\nleader\n")));
	if (settings.has_identity)
		CHECK(str_find(str_of(run.output), STR_LIT("\n65534\n65534\n")) > 0);
	CHECK(str_find(str_of(run.output), STR_LIT("SigBlk:\t0000000000000000")) > 0);
}

TEST(a_program_that_cannot_start_is_an_error_that_names_it)
{
	const char *missing[] = { "/nonexistent/program", NULL }, *relative[] = { "sh", NULL };
	struct child_settings settings = { .argv = missing };
	struct child *child;
	struct err err = { 0 };

	CHECK(uv_loop_init(&loop) == 0);
	CHECK_INT(child_start(&loop, &settings, on_exit_, NULL, &child, &err), -ENOENT);
	CHECK_STR(str_of(err.text), "exec /nonexistent/program: No such file or directory");
	settings.argv = relative;
	CHECK_INT(child_start(&loop, &settings, on_exit_, NULL, &child, &err), -EINVAL);
	CHECK_INT(loop_close(&loop), 0);
}

static struct child *start_shell(const char *command, struct run *run)
{
	const char *argv[] = { "/bin/sh", "-c", command, NULL };
	struct child_settings settings = { .argv = argv, .has_own_group = true };
	struct child *child;
	struct err err;

	memset(run, 0, sizeof *run);
	CHECK(child_start(&loop, &settings, on_exit_, run, &child, &err) == 0);
	return child;
}

TEST(stopping_asks_first_and_kills_after_the_grace)
{
	struct run polite, stubborn;
	struct child *a, *b;

	CHECK(uv_loop_init(&loop) == 0);
	a = start_shell("exec sleep 1000", &polite);
	b = start_shell("trap '' TERM; while :; do sleep 1000; done", &stubborn);
	usleep(50000); /* the shell sets its trap */
	child_stop(a, 10000);
	child_stop(b, 100);
	CHECK(loop_run_until(&loop, &polite.is_done, in_s(10)) == 0);
	CHECK(loop_run_until(&loop, &stubborn.is_done, in_s(10)) == 0);
	CHECK_INT(polite.how.signal, SIGTERM);
	CHECK_INT(stubborn.how.signal, SIGKILL);
	CHECK_INT(child_pid(a), 0);
	child_signal(a, SIGKILL); /* hits nobody */
	child_release(a);
	child_release(b);
	CHECK_INT(loop_close(&loop), 0);
}

TEST(releasing_a_running_child_kills_it)
{
	struct run run;
	struct child *child;
	pid_t pid;

	CHECK(uv_loop_init(&loop) == 0);
	child = start_shell("exec sleep 1000", &run);
	pid = child_pid(child);
	CHECK(kill(pid, 0) == 0);
	child_release(child);
	CHECK(kill(pid, 0) < 0 && errno == ESRCH);
	uv_run(&loop, UV_RUN_DEFAULT);
	CHECK(!run.is_done);
	CHECK_INT(loop_close(&loop), 0);
}

/* A parent that starts a child, tells its pid, and waits to be killed. */
static void be_parent(int tell, const void *has_identity)
{
	const char *argv[] = { "/bin/sleep", "1000", NULL };
	struct child_settings settings = { .argv = argv,
					   .has_identity = *(const bool *)has_identity,
					   .uid = 65534,
					   .gid = 65534 };
	struct child *child;
	struct err err;
	uv_loop_t own;
	pid_t pid;

	uv_loop_init(&own);
	if (child_start(&own, &settings, on_exit_, NULL, &child, &err) < 0)
		_exit(1);
	pid = child_pid(child);
	(void)!write(tell, &pid, sizeof pid);
	for (;;)
		pause();
}

TEST(a_child_dies_with_a_parent_that_is_killed)
{
	for (int i = 0; i <= (geteuid() == 0); i++) {
		bool has_identity = i;

		test_row("identity changed: %d", i);
		test_goes_with_parent(be_parent, &has_identity);
	}
}

TEST(a_program_is_found_by_name)
{
	char path[256], tiny[4];

	CHECK(child_find_program("sh", path, sizeof path));
	CHECK(path[0] == '/' && access(path, X_OK) == 0);
	CHECK(child_find_program("/bin/sh", path, sizeof path));
	CHECK(!child_find_program("/etc/passwd", path, sizeof path));
	CHECK(!child_find_program("no-such-program-here", path, sizeof path));
	CHECK(!child_find_program("sh", tiny, sizeof tiny));
}

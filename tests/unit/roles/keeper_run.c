/* SPDX-License-Identifier: Apache-2.0 */
/* How does a test have a program run in a cage? */
#include "tests/unit/roles/keeper_run.h"

#include "base/clock.h"
#include "loop/child.h"
#include "loop/loop.h"

#include <poll.h>
#include <unistd.h>

enum { PATIENCE_MS = 40000 };

struct ran ran;
bool wants_bare;
char bare_place[] = "/var/tmp/dss-keeper-XXXXXX";

struct keeper_plan shell(const char *script)
{
	static struct str argv[4];

	argv[0] = STR_LIT("/bin/sh");
	argv[1] = STR_LIT("-c");
	argv[2] = str_of(script);
	return (struct keeper_plan){ .argv = argv,
				     .argv_count = 3,
				     .time_ms = 5000,
				     .memory_bytes = 1u << 30,
				     .processes = 32,
				     .is_bare = wants_bare };
}

struct keeper_plan python(const char *script)
{
	struct keeper_plan plan = shell(script);

	plan.argv[0] = STR_LIT("/usr/bin/python3");
	plan.argv[1] = STR_LIT("-Ic");
	return plan;
}

static void on_exit_child(struct child *child, struct child_exit how, void *data)
{
	*(bool *)data = true;
}

/* Until the keeper has left: its outputs are read as a runner reads them. */
static void collect(uv_loop_t *loop, struct child *child, int output, bool *has_left)
{
	int64_t until = clock_monotonic_us() + PATIENCE_MS * 1000;
	struct pollfd polled = { .fd = output, .events = POLLIN };

	while (!*has_left && clock_monotonic_us() < until) {
		ssize_t got = 0;

		if (poll(&polled, 1, 10) > 0)
			got = read(output, ran.output + ran.len, sizeof ran.output - ran.len);
		ran.len += got > 0 ? (size_t)got : 0;
		if (ran.len == sizeof ran.output && !ran.was_flood) {
			ran.was_flood = true;
			child_stop(child, 2000);
		}
		uv_run(loop, UV_RUN_NOWAIT);
	}
	CHECK(*has_left);
	while (ran.len < sizeof ran.output) {
		ssize_t got = read(output, ran.output + ran.len, sizeof ran.output - ran.len);

		if (got <= 0)
			break;
		ran.len += (size_t)got;
	}
}

static void report_read(int fd)
{
	static char bytes[KEEPER_REPORT_BYTES];
	ssize_t len = read(fd, bytes, sizeof bytes);

	CHECK(len >= 0);
	CHECK_INT(desc_decode(&ran.arena, &keeper_report_desc, str_bytes(bytes, (size_t)len),
			      &ran.report),
		  0);
	CHECK(ran.report.is_bare == wants_bare || ran.report.error.len);
}

void keep(const struct keeper_plan *plan)
{
	const char *argv[] = { getenv("DSS_NET"), "keeper", NULL };
	int output[2], given[2], report[2];
	int64_t began = clock_monotonic_us();
	struct child *child;
	struct err err = { 0 };
	struct buf bytes;
	bool has_left = false;
	uv_loop_t loop;

	arena_release(&ran.arena);
	memset(&ran, 0, offsetof(struct ran, output));
	ran.len = 0;
	ran.was_flood = false;
	CHECK(pipe(output) == 0 && pipe(given) == 0 && pipe(report) == 0);
	buf_init(&bytes, NULL);
	desc_encode(&bytes, &keeper_plan_desc, plan);
	CHECK(write(given[1], bytes.data, bytes.len) == (ssize_t)bytes.len);
	buf_release(&bytes);
	close(given[1]);
	CHECK(uv_loop_init(&loop) == 0);
	CHECK_INT(child_start(&loop,
			      &(struct child_settings){
				      .argv = argv,
				      .descriptors =
					      (struct child_descriptor[]){
						      { output[1], 1 },
						      { 2, 2 },
						      { given[0], KEEPER_PLAN_FD },
						      { report[1], KEEPER_REPORT_FD } },
				      .descriptor_count = 4,
				      .has_own_group = true,
				      .has_identity = getuid() == 0,
				      .uid = 65534,
				      .gid = 65534 },
			      on_exit_child, &has_left, &child, &err),
		  0);
	close(output[1]);
	close(given[0]);
	close(report[1]);
	collect(&loop, child, output[0], &has_left);
	report_read(report[0]);
	close(output[0]);
	close(report[0]);
	child_release(child);
	loop_run_closing(&loop);
	CHECK_INT(loop_close(&loop), 0);
	ran.elapsed_ms = (clock_monotonic_us() - began) / 1000;
	test_row("%.*s; code %d, signal %u, stopped %d, denied %u (%.*s): %.*s",
		 STR(ran.report.error), (int)ran.report.code, ran.report.signal,
		 ran.report.was_stopped, (unsigned)ran.report.denied, STR(ran.report.first_denied),
		 (int)MIN(ran.len, (size_t)2000), ran.output);
}

void run(const char *script)
{
	struct keeper_plan plan = shell(script);

	keep(&plan);
}

struct str output(void)
{
	return str_bytes(ran.output, ran.len);
}

bool says(const char *text)
{
	return str_find(output(), str_of(text)) >= 0;
}

static void place_remove(void)
{
	rmdir(bare_place);
}

void in_both(void (*check)(void))
{
	if (str_find(str_of(bare_place), STR_LIT("XXXXXX")) >= 0) {
		CHECK(mkdtemp(bare_place) != NULL);
		CHECK(getuid() != 0 || chown(bare_place, 65534, 65534) == 0);
		atexit(place_remove);
	}
	check();
	wants_bare = true;
	check();
	wants_bare = false;
}

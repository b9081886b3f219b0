/* SPDX-License-Identifier: Apache-2.0 */
/* What do fibers, timers, frames and the sandbox cost? Lines as tools/bench.py wants them. */
#include "base/clock.h"
#include "loop/fiber.h"
#include "loop/frames.h"
#include "loop/loop.h"
#include "loop/sandbox.h"
#include "loop/timers.h"
#include "net/unbound.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SWITCHES = 2000000,
	STARTS = 1000000,
	TIMERS = 50000,
	TIMER_ROUNDS = 20,
	FRAMES = 2000000,
	BODY_BYTES = 100,
	CALLS = 2000000,
	RESOLVERS = 10
};

static int64_t cpu_us(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void show(const char *what, size_t ops, int64_t since_us, int64_t cpu)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("%s %zu %.6f %.7f %ld\n", what, ops, (double)(clock_monotonic_us() - since_us) / 1e6,
	       (double)cpu / 1e3 / (double)ops, usage.ru_maxrss);
	fflush(stdout);
}

/* ---- fibers ---- */

static struct fiber *waiting;
static bool is_over;

static void wait_always(void *arg)
{
	waiting = fiber_current();
	while (!is_over)
		if (fiber_wait_until(*(int64_t *)arg) < 0)
			return;
}

static void nothing(void *arg)
{
}

static void bench_fibers(uv_loop_t *loop)
{
	struct fibers *fibers = fibers_open(loop, 100);
	int64_t start = clock_monotonic_us(), cpu = cpu_us(RUSAGE_SELF);
	int64_t deadline = start + 600000000;

	if (fiber_start(fibers, wait_always, &deadline) < 0)
		return;
	for (size_t i = 0; i < SWITCHES / 2; i++)
		fiber_wake(waiting); /* into the fiber and back, with its deadline set anew */
	show("fiber-switch", SWITCHES, start, cpu_us(RUSAGE_SELF) - cpu);
	is_over = true;
	fiber_wake(waiting);
	start = clock_monotonic_us();
	cpu = cpu_us(RUSAGE_SELF);
	for (size_t i = 0; i < STARTS; i++)
		if (fiber_start(fibers, nothing, NULL) < 0)
			return;
	show("fiber-start-and-end", STARTS, start, cpu_us(RUSAGE_SELF) - cpu);
	if (fibers_close(fibers) < 0)
		return;
}

/* ---- timers ---- */

static void on_due(struct timer *timer)
{
}

static void bench_timers(uv_loop_t *loop)
{
	static struct timers timers;
	static struct timer timer[TIMERS];
	int64_t start = clock_monotonic_us(), cpu = cpu_us(RUSAGE_SELF);

	timers_open(&timers, loop);
	for (unsigned round = 0; round < TIMER_ROUNDS; round++) {
		for (size_t i = 0; i < TIMERS; i++) {
			timer[i].on_due = on_due;
			timer_start(&timers, &timer[i], start + 5000000 + (int64_t)i * 7);
		}
		for (size_t i = 0; i < TIMERS; i++)
			timer_stop(&timers, &timer[i]);
	}
	show("timer-start-and-stop", TIMERS * TIMER_ROUNDS, start, cpu_us(RUSAGE_SELF) - cpu);
	timers_close(&timers);
}

/* ---- frames: to another process and back ---- */

struct echo {
	size_t sent, received;
	bool is_done, is_echo;
	struct frames *frames;
};

static void fill(struct echo *echo)
{
	static char body[BODY_BYTES];

	while (echo->sent < FRAMES && !frames_is_full(echo->frames))
		if (frames_put_body(echo->frames, 1, 1, echo->sent++,
				    str_bytes(body, sizeof body)) < 0)
			abort();
}

static void on_frame(struct frames *frames, const struct frame *frame, void *data)
{
	struct echo *echo = data;

	echo->is_done = ++echo->received == FRAMES;
	if (echo->is_echo && frames_put(frames, frame) < 0)
		abort();
	if (echo->is_echo && frames_is_full(frames))
		frames_pause(frames);
}

static void on_drain(struct frames *frames, void *data)
{
	struct echo *echo = data;

	if (echo->is_echo)
		frames_resume(frames);
	else
		fill(echo);
}

static void on_end(struct frames *frames, int code, void *data)
{
	((struct echo *)data)->is_done = true;
	frames_close(frames);
}

static const struct frames_events events = { on_frame, on_drain, on_end };

static NORETURN void echo_run(int fd)
{
	struct echo echo = { .is_echo = true };
	uv_loop_t loop;

	uv_loop_init(&loop);
	if (frames_open(&loop, fd, &events, &echo, &echo.frames, NULL) < 0)
		_exit(1);
	uv_run(&loop, UV_RUN_DEFAULT);
	_exit(0);
}

static void bench_frames(uv_loop_t *loop)
{
	struct echo echo = { .sent = 0 };
	int64_t start = clock_monotonic_us(), cpu = cpu_us(RUSAGE_SELF);
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		echo_run(fds[1]);
	}
	close(fds[1]);
	if (frames_open(loop, fds[0], &events, &echo, &echo.frames, NULL) < 0)
		return;
	fill(&echo);
	if (loop_run_until(loop, &echo.is_done, start + 600000000) < 0 || echo.received != FRAMES)
		printf("# frames: %zu of %d came back\n", echo.received, FRAMES);
	/* One op: a frame there and a frame back; CPU of this side. */
	show("frame-there-and-back", FRAMES, start, cpu_us(RUSAGE_SELF) - cpu);
	frames_close(echo.frames);
	loop_run_closing(loop);
	waitpid(pid, NULL, 0);
}

/* ---- sandbox ---- */

static void bench_call(const char *what)
{
	int64_t start = clock_monotonic_us(), cpu = cpu_us(RUSAGE_SELF);

	for (size_t i = 0; i < CALLS; i++)
		syscall(SYS_getppid);
	show(what, CALLS, start, cpu_us(RUSAGE_SELF) - cpu);
}

static void bench_bind(const char *what)
{
	int64_t start = clock_monotonic_us(), cpu = cpu_us(RUSAGE_SELF);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1;

	for (size_t i = 0; i < CALLS; i++)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	show(what, CALLS, start, cpu_us(RUSAGE_SELF) - cpu);
	close(fd);
}

/* Standard output must be no file: inside, nothing is written into one. */
static void bench_sandbox(void)
{
	static const struct sandbox rules;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct err err;
		int64_t start, cpu;

		bench_call("system-call-free");
		bench_bind("checked-call-free");
		start = clock_monotonic_us();
		cpu = cpu_us(RUSAGE_SELF);
		if (sandbox_enter(&rules, &err) < 0) {
			printf("# sandbox: %s\n", err.text);
			exit(1);
		}
		show("sandbox-enter", 1, start, cpu_us(RUSAGE_SELF) - cpu);
		bench_call("system-call-inside");
		bench_bind("checked-call-inside");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* ---- the private resolver ---- */

static void bench_unbound(uv_loop_t *loop)
{
	static const struct unbound_settings settings;
	int64_t start = clock_monotonic_us(), cpu = cpu_us(RUSAGE_SELF);

	for (unsigned i = 0; i < RESOLVERS; i++) {
		struct unbound *unbound;
		struct err err = { 0 };

		if (unbound_start(loop, &settings, NULL, NULL, &unbound, &err) < 0) {
			printf("# unbound: %s\n", err.text);
			return;
		}
		if (unbound_wait(unbound, clock_monotonic_us() + 20000000, &err) < 0)
			printf("# unbound: %s\n", err.text);
		unbound_close(unbound);
		loop_run_closing(loop);
	}
	show("resolver-start", RESOLVERS, start, cpu_us(RUSAGE_SELF) - cpu);
}

int main(void)
{
	uv_loop_t loop;

	uv_loop_init(&loop);
	bench_fibers(&loop);
	bench_timers(&loop);
	bench_frames(&loop);
	bench_sandbox();
	bench_unbound(&loop);
	loop_close(&loop);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Does a loop wait no longer than asked, and hear signals? */
#include "loop/loop.h"

#include "base/clock.h"
#include "tests/test.h"

#include <signal.h>

static void note_signal(int number, void *data)
{
	*(int *)data = number;
}

static void note_timer(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

TEST(running_until_ends_at_the_event_or_the_deadline)
{
	bool never = false, done = false;
	uv_timer_t timer;
	uv_loop_t loop;
	int64_t deadline = clock_monotonic_us() + 20000;

	CHECK(uv_loop_init(&loop) == 0);
	CHECK_INT(loop_run_until(&loop, &never, deadline), -ETIMEDOUT);
	CHECK(clock_monotonic_us() >= deadline);
	uv_timer_init(&loop, &timer);
	timer.data = &done;
	uv_timer_start(&timer, note_timer, 5, 0);
	CHECK_INT(loop_run_until(&loop, &done, clock_monotonic_us() + 10000000), 0);
	CHECK_INT(loop_close(&loop), 1); /* the timer was left to it */
}

TEST(signals_reach_the_loop_while_watched)
{
	static const int numbers[] = { SIGUSR1, SIGUSR2, 0 }, wrong[] = { SIGUSR1, SIGKILL, 0 };
	int got = 0;
	struct signals *signals;
	struct err err = { 0 };
	uv_loop_t loop;
	int64_t deadline = clock_monotonic_us() + 5000000;

	CHECK(uv_loop_init(&loop) == 0);
	CHECK(signals_open(&loop, wrong, note_signal, &got, &signals, &err) < 0);
	CHECK(err.text[0]);
	CHECK(signals_open(&loop, numbers, note_signal, &got, &signals, &err) == 0);
	raise(SIGUSR2);
	while (!got && clock_monotonic_us() < deadline)
		uv_run(&loop, UV_RUN_NOWAIT);
	CHECK_INT(got, SIGUSR2);
	CHECK(uv_run(&loop, UV_RUN_DEFAULT) == 0); /* not kept alive */
	signals_close(signals);
	CHECK_INT(loop_close(&loop), 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Do timers fire once, in time, and not after they were stopped? */
#include "loop/timers.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "tests/test.h"

enum { MANY = 20000 };

struct item {
	struct timer timer;
	struct timers *timers;
	unsigned fired;
	bool is_early;
	struct item *stops;    /* stopped by this one */
	unsigned starts_again; /* times */
};

static void on_due(struct timer *timer)
{
	struct item *item = (struct item *)timer;

	item->fired++;
	item->is_early |= clock_monotonic_us() < timer->due_us;
	if (item->stops)
		timer_stop(item->timers, &item->stops->timer);
	if (item->starts_again) {
		item->starts_again--;
		timer_start(item->timers, timer, clock_monotonic_us() + 1000);
	}
}

static void item_start(struct timers *timers, struct item *item, int64_t due_us)
{
	item->timers = timers;
	item->timer.on_due = on_due;
	timer_start(timers, &item->timer, due_us);
}

TEST(each_of_many_timers_fires_once_and_never_early)
{
	static struct item items[MANY];
	static struct timers timers;
	uv_loop_t loop;
	uint32_t seed = 1;
	int64_t now = clock_monotonic_us();

	memset(items, 0, sizeof items);
	CHECK(uv_loop_init(&loop) == 0);
	timers_open(&timers, &loop);
	for (size_t i = 0; i < MANY; i++) {
		seed = seed * 1664525 + 1013904223;
		item_start(&timers, &items[i], now + (int64_t)(seed >> 8) % 300000 - 5000);
	}
	for (size_t i = 0; i < MANY; i += 3)
		timer_stop(&timers, &items[i].timer);
	CHECK_INT(timers.count, MANY - (MANY + 2) / 3);
	uv_run(&loop, UV_RUN_DEFAULT); /* ends when no timer is left */
	CHECK_INT(timers.count, 0);
	for (size_t i = 0; i < MANY; i++) {
		test_row("timer %zu", i);
		CHECK_INT(items[i].fired, i % 3 ? 1 : 0);
		CHECK(!items[i].is_early);
		CHECK(!timer_is_running(&items[i].timer));
	}
	timers_close(&timers);
	CHECK_INT(loop_close(&loop), 0);
}

TEST(a_callback_may_stop_and_start_timers_of_its_own_slot)
{
	static struct timers timers;
	struct item a = { .starts_again = 3 }, b = { 0 }, c = { 0 };
	uv_loop_t loop;
	int64_t due = clock_monotonic_us() + 10000;

	CHECK(uv_loop_init(&loop) == 0);
	timers_open(&timers, &loop);
	a.stops = &b;
	b.stops = &a;
	item_start(&timers, &a, due);
	item_start(&timers, &b, due);
	item_start(&timers, &c, due);
	uv_run(&loop, UV_RUN_DEFAULT);
	CHECK((a.fired == 4 && b.fired == 0) || (a.fired == 0 && b.fired == 1));
	CHECK_INT(c.fired, 1);
	timers_close(&timers);
	CHECK_INT(loop_close(&loop), 0);
}

TEST(a_due_beyond_one_turn_of_the_wheel_waits_for_its_turn)
{
	static struct timers timers;
	struct item near = { 0 }, far = { 0 };
	uv_loop_t loop;
	int64_t now = clock_monotonic_us();

	CHECK(uv_loop_init(&loop) == 0);
	timers_open(&timers, &loop);
	item_start(&timers, &near, now + 20000);
	/* The same slot, one turn later: */
	item_start(&timers, &far, now + 20000 + (int64_t)TIMER_SLOTS * TIMER_SLOT_MS * 1000);
	while (!near.fired)
		uv_run(&loop, UV_RUN_ONCE);
	CHECK(!far.fired && timer_is_running(&far.timer));
	timer_start(&timers, &far.timer, clock_monotonic_us() + 1000); /* nearer than it was */
	uv_run(&loop, UV_RUN_DEFAULT);
	CHECK_INT(far.fired, 1);
	timers_close(&timers);
	CHECK_INT(loop_close(&loop), 0);
}

TEST(closing_forgets_running_timers)
{
	static struct timers timers;
	struct item a = { 0 };
	uv_loop_t loop;

	CHECK(uv_loop_init(&loop) == 0);
	timers_open(&timers, &loop);
	item_start(&timers, &a, clock_monotonic_us());
	timers_close(&timers);
	uv_run(&loop, UV_RUN_DEFAULT);
	CHECK(!a.fired && !timer_is_running(&a.timer));
	CHECK_INT(loop_close(&loop), 0);
}

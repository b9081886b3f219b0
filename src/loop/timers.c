/* SPDX-License-Identifier: Apache-2.0 */
/* Which of many deadlines have passed? */
#include "loop/timers.h"

#include "base/clock.h"

enum { WORDS = TIMER_SLOTS / 64 };

static const uint64_t not_armed = UINT64_MAX;

static void on_tick(uv_timer_t *handle);

static uint64_t tick_now(void)
{
	return (uint64_t)clock_monotonic_us() / (1000 * TIMER_SLOT_MS);
}

static void slot_insert(struct timers *timers, struct timer *timer, uint64_t tick)
{
	size_t slot = tick % TIMER_SLOTS;

	timer->next = timers->slot[slot];
	if (timer->next)
		timer->next->link = &timer->next;
	timer->link = &timers->slot[slot];
	timers->slot[slot] = timer;
	timers->used[slot / 64] |= 1ull << (slot % 64);
}

static void timer_unlink(struct timer *timer)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a timer in a slot is linked */
	*timer->link = timer->next;
	if (timer->next)
		timer->next->link = timer->link;
	timer->next = NULL;
	timer->link = NULL;
}

static void arm(struct timers *timers, uint64_t tick)
{
	uint64_t at_ms = tick * TIMER_SLOT_MS, now_ms;

	/* uv_timer counts from the loop's cached time, which is stale after long work. */
	uv_update_time(timers->loop);
	now_ms = uv_now(timers->loop);
	timers->armed_tick = tick;
	uv_timer_start(timers->handle, on_tick, at_ms > now_ms ? at_ms - now_ms : 0, 0);
}

/** The next tick from next_tick on whose slot holds something; count is not 0. */
static uint64_t next_used_tick(const struct timers *timers)
{
	size_t start = timers->next_tick % TIMER_SLOTS;

	for (size_t i = 0; i <= WORDS; i++) {
		size_t word = (start / 64 + i) % WORDS;
		uint64_t bits = timers->used[word];
		size_t slot;

		if (i == 0)
			bits &= ~0ull << (start % 64);
		if (!bits)
			continue;
		slot = word * 64 + (size_t)__builtin_ctzll(bits);
		return timers->next_tick + (slot + TIMER_SLOTS - start) % TIMER_SLOTS;
	}
	return timers->next_tick + TIMER_SLOTS;
}

static void sweep_slot(struct timers *timers, size_t slot, int64_t now_us)
{
	struct timer *due = NULL, **link = &timers->slot[slot];

	/* What is due moves to a list of its own first: on_due may change any slot, and may stop
	 * timers of that list. */
	while (*link) {
		struct timer *timer = *link;

		if (timer->due_us > now_us) {
			link = &timer->next;
			continue;
		}
		timer_unlink(timer);
		timer->next = due;
		if (due)
			due->link = &timer->next;
		due = timer;
		timer->link = &due;
	}
	if (!timers->slot[slot])
		timers->used[slot / 64] &= ~(1ull << (slot % 64));
	while (due && timers->handle) {
		struct timer *timer = due;

		timer_unlink(timer);
		timers->count--;
		timer->on_due(timer);
	}
}

static void on_tick(uv_timer_t *handle)
{
	struct timers *timers = handle->data;
	int64_t now_us = clock_monotonic_us();
	uint64_t last = (uint64_t)now_us / (1000 * TIMER_SLOT_MS);

	timers->armed_tick = not_armed;
	if (last >= timers->next_tick + TIMER_SLOTS)
		timers->next_tick = last - TIMER_SLOTS + 1;
	while (timers->count && timers->next_tick <= last) {
		uint64_t tick = next_used_tick(timers);

		if (tick > last)
			break;
		timers->next_tick = tick + 1;
		sweep_slot(timers, tick % TIMER_SLOTS, now_us);
		if (!timers->handle)
			return; /* closed by a callback */
	}
	timers->next_tick = last + 1;
	if (timers->count)
		arm(timers, next_used_tick(timers));
}

void timers_open(struct timers *timers, uv_loop_t *loop)
{
	memset(timers, 0, sizeof *timers);
	timers->loop = loop;
	timers->handle = memory_alloc(sizeof *timers->handle);
	timers->next_tick = tick_now();
	timers->armed_tick = not_armed;
	uv_timer_init(loop, timers->handle);
	timers->handle->data = timers;
}

static void on_closed(uv_handle_t *handle)
{
	memory_free(handle);
}

void timers_close(struct timers *timers)
{
	for (size_t i = 0; i < TIMER_SLOTS; i++)
		while (timers->slot[i])
			timer_unlink(timers->slot[i]);
	if (timers->handle)
		uv_close((uv_handle_t *)timers->handle, on_closed);
	timers->handle = NULL;
	timers->count = 0;
}

void timer_start(struct timers *timers, struct timer *timer, int64_t due_us)
{
	uint64_t slot_us = 1000 * TIMER_SLOT_MS;
	uint64_t tick = due_us > 0 ? ((uint64_t)due_us + slot_us - 1) / slot_us : 0;

	timer_stop(timers, timer);
	if (!timers->count)
		timers->next_tick = tick_now();
	timer->due_us = due_us;
	tick = MAX(tick, timers->next_tick);
	slot_insert(timers, timer, tick);
	timers->count++;
	if (tick < timers->armed_tick)
		arm(timers, tick);
}

void timer_stop(struct timers *timers, struct timer *timer)
{
	if (!timer->link)
		return;
	timer_unlink(timer);
	/* The slot's bit stays set when the slot becomes empty: the sweep clears it. */
	if (!--timers->count && timers->armed_tick != not_armed) {
		uv_timer_stop(timers->handle);
		timers->armed_tick = not_armed;
	}
}

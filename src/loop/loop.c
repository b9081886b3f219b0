/* SPDX-License-Identifier: Apache-2.0 */
/* How does a loop begin, end, and hear signals? */
#include "loop/loop.h"

#include "base/clock.h"

enum { SIGNALS = 8 };

struct signals {
	void (*on_signal)(int number, void *data);
	void *data;
	size_t count, open_count;
	uv_signal_t handle[SIGNALS];
};

static void on_deadline(uv_timer_t *timer)
{
}

/* What timers and prepare handles did since the loop looked at *done must not wait for an event. */
static void stop_when_done(uv_prepare_t *prepare)
{
	if (*(const bool *)prepare->data)
		uv_stop(prepare->loop);
}

int loop_run_until(uv_loop_t *loop, const bool *done, int64_t deadline_us)
{
	uv_prepare_t before_sleep;
	uv_timer_t timer;
	int result = 0;

	uv_run(loop, UV_RUN_NOWAIT);
	uv_timer_init(loop, &timer);
	uv_prepare_init(loop, &before_sleep);
	before_sleep.data = (void *)done;
	uv_prepare_start(&before_sleep, stop_when_done);
	while (!*done) {
		int64_t left_us = deadline_us - clock_monotonic_us();

		if (left_us <= 0) {
			result = -ETIMEDOUT;
			break;
		}
		uv_update_time(loop);
		uv_timer_start(&timer, on_deadline, (uint64_t)(left_us + 999) / 1000, 0);
		uv_run(loop, UV_RUN_ONCE);
	}
	uv_close((uv_handle_t *)&timer, NULL);
	uv_close((uv_handle_t *)&before_sleep, NULL);
	loop_run_closing(loop);
	return result;
}

void loop_run_closing(uv_loop_t *loop)
{
	uv_run(loop, UV_RUN_NOWAIT);
}

static void close_leftover(uv_handle_t *handle, void *count)
{
	if (uv_is_closing(handle))
		return;
	++*(size_t *)count;
	uv_close(handle, NULL);
}

size_t loop_close(uv_loop_t *loop)
{
	size_t leftovers = 0;

	loop_run_closing(loop);
	uv_walk(loop, close_leftover, &leftovers);
	while (uv_loop_close(loop) == UV_EBUSY)
		uv_run(loop, UV_RUN_NOWAIT);
	return leftovers;
}

static void on_uv_signal(uv_signal_t *handle, int number)
{
	struct signals *signals = handle->data;

	signals->on_signal(number, signals->data);
}

static void on_signal_closed(uv_handle_t *handle)
{
	struct signals *signals = handle->data;

	if (--signals->open_count == 0)
		memory_free(signals);
}

int signals_open(uv_loop_t *loop, const int *numbers, void (*on_signal)(int number, void *data),
		 void *data, struct signals **ret, struct err *err)
{
	struct signals *signals = memory_alloc(sizeof *signals);

	memset(signals, 0, sizeof *signals);
	signals->on_signal = on_signal;
	signals->data = data;
	for (; numbers[signals->count]; signals->count++) {
		uv_signal_t *handle;
		int code = -E2BIG;

		if (signals->count < SIGNALS) {
			handle = &signals->handle[signals->count];
			code = uv_signal_init(loop, handle);
			if (code == 0) {
				signals->open_count++;
				handle->data = signals;
				uv_unref((uv_handle_t *)handle);
				code = uv_signal_start(handle, on_uv_signal,
						       numbers[signals->count]);
			}
		}
		if (code < 0) {
			err_set(err, code, "signal %d cannot be watched: %s",
				numbers[signals->count], uv_strerror(code));
			signals->count = signals->open_count;
			signals_close(signals);
			return code;
		}
	}
	*ret = signals;
	return 0;
}

void signals_close(struct signals *signals)
{
	if (!signals)
		return;
	if (!signals->open_count)
		memory_free(signals);
	else
		for (size_t i = 0; i < signals->count; i++)
			uv_close((uv_handle_t *)&signals->handle[i], on_signal_closed);
}

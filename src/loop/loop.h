/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The loop is libuv's: the layers above hold a uv_loop_t * and use uv_… directly. Here is what
 * libuv leaves to each program: ending a loop cleanly, waiting in front of one, signals.
 *
 * Traps of libuv that this layer works around, and others should know:
 * - uv_close is asynchronous: a handle's storage must outlive its close callback. Modules of this
 *   layer keep their handles on the heap, so that their own storage may go at once.
 * - uv_run(UV_RUN_ONCE) spins when the only handle is an unreferenced timer. No timer here is
 *   unreferenced.
 * - uv_now() is cached: after long work it is in the past. Deadlines of this layer are absolute
 *   times of clock_monotonic_us().
 */
#ifndef DSS_LOOP_LOOP_H
#define DSS_LOOP_LOOP_H

#include <uv.h>

#include "base/err.h"
#include "base/str.h"

/**
 * Run the loop until *done is true or the deadline (clock_monotonic_us) has passed. For the
 * beginning and the end of a program and for tests; never from inside a callback.
 * Returns 0, or -ETIMEDOUT.
 */
int loop_run_until(uv_loop_t *loop, const bool *done, int64_t deadline_us) MUST_USE;

/** Let callbacks of closed handles run, without waiting for any event. */
void loop_run_closing(uv_loop_t *loop);

/**
 * Close the loop. Whoever opened a handle has closed it before; a handle that is still open is
 * closed here without freeing, and its count is returned so that a test can insist on 0.
 */
size_t loop_close(uv_loop_t *loop);

/** Watches signals as long as it is open; does not keep the loop alive. */
struct signals;

/**
 * @numbers  signals to take, ended by 0
 * @on_signal called on the loop, once for any number of pending equal signals
 */
int signals_open(uv_loop_t *loop, const int *numbers, void (*on_signal)(int number, void *data),
		 void *data, struct signals **ret, struct err *err) MUST_USE;
/** NULL is fine. The signals have their default action again. */
void signals_close(struct signals *signals);

#endif

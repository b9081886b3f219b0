/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Fibers: straight-line code that waits on the loop, for dialogues. A fiber runs on a stack of its
 * own until it waits; then whoever started or woke it goes on. All fibers of a pool run on the
 * thread of their loop, one at a time, so nothing needs a lock; but shared state may change across
 * a wait, so a fiber touches only what it was given.
 *
 * Every wait has a deadline. Waking is remembered: fiber_wake of a fiber that does not wait makes
 * its next wait return at once; so a wait stands in a loop around its condition:
 *
 *	while (!exchange.is_done)
 *		TRY(fiber_wait_until(deadline_us));   // -ETIMEDOUT ends it
 *
 * A fiber that starts or wakes another goes on when that one waits or ends. Before a fiber ends it
 * has made sure that nobody holds its pointer for waking.
 *
 * Stacks are 128 KiB (twice that under AddressSanitizer) with a guard page below: an overflow is a
 * fault, not a corruption. Each costs two mappings, and Linux allows 65,530 a process
 * (vm.max_map_count): keep limits below 30,000. No large arrays on the stack.
 */
#ifndef DSS_LOOP_FIBER_H
#define DSS_LOOP_FIBER_H

#include <uv.h>

#include "base/err.h"
#include "base/str.h"

struct fiber;
/** The fibers of one loop and their stacks. */
struct fibers;

/** @limit  fibers alive at once */
struct fibers *fibers_open(uv_loop_t *loop, size_t limit);
/**
 * Gives back the stacks. 0; or -EBUSY and nothing done while a fiber is alive: stop what they wait
 * for and run the loop first.
 */
int fibers_close(struct fibers *fibers) MUST_USE;

/** Alive now, started and not ended. */
size_t fibers_alive(const struct fibers *fibers);
/** Idle stacks: those whose pages are still there, and those whose pages went back. */
void fibers_idle(const struct fibers *fibers, size_t *ret_warm, size_t *ret_cold);

/**
 * Run fn(arg) in a new fiber until its first wait, then return.
 * 0; -EAGAIN: the limit is reached; -ENOMEM: no stack.
 */
int fiber_start(struct fibers *fibers, void (*fn)(void *arg), void *arg) MUST_USE;

/** NULL outside of fibers. */
struct fiber *fiber_current(void);

/**
 * Wait, inside a fiber, for fiber_wake.
 * @deadline_us  of clock_monotonic_us(); one in the past still lets the loop turn once
 * 0 when woken, -ETIMEDOUT at the deadline.
 */
int fiber_wait_until(int64_t deadline_us) MUST_USE;

/** Continue a fiber now, until its next wait; remembered when it does not wait. Same thread only.
 */
void fiber_wake(struct fiber *fiber);

/** Waits for a descriptor; one for each descriptor that a fiber reads or writes. */
struct fiber_poll;

/** @fd  non-blocking; stays the caller's, who closes it after fiber_poll_close */
int fiber_poll_open(uv_loop_t *loop, int fd, struct fiber_poll **ret) MUST_USE;
/** NULL is fine. */
void fiber_poll_close(struct fiber_poll *poll);
/**
 * Wait, inside a fiber, until the descriptor is ready. Level-triggered.
 * @events  UV_READABLE, UV_WRITABLE or both
 * The events that are ready (> 0), -ETIMEDOUT, or -errno of the poll. An error of the descriptor
 * itself shows as ready: the read or write that follows reports it.
 */
int fiber_poll_wait(struct fiber_poll *poll, int events, int64_t deadline_us) MUST_USE;

#endif

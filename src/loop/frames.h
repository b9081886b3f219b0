/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A stream of frames in both directions, on a socket and a loop.
 *
 * Frames that are put within one turn of the loop leave with one send(2) before the loop sleeps.
 * When the other side does not read, they queue, and the stream is full at FRAMES_FULL_BYTES: who
 * puts stops producing then until on_drain. Reading can be paused, which makes the other side's
 * queue fill.
 */
#ifndef DSS_LOOP_FRAMES_H
#define DSS_LOOP_FRAMES_H

#include <uv.h>

#include "loop/frame.h"

struct frames;

enum {
	FRAMES_FULL_BYTES = 4 * 1024 * 1024,    /**< queued: full from here on */
	FRAMES_LOW_BYTES = 1024 * 1024,         /**< queued: on_drain at or below */
	FRAMES_QUEUE_MAX = 2 * FRAME_MAX_BYTES, /**< queued: frames_put refuses beyond */
	FRAMES_TURN_BYTES = 256 * 1024          /**< read in one turn, so that others get theirs */
};

struct frames_events {
	/** A frame came. May put frames, pause and close. */
	void (*on_frame)(struct frames *frames, const struct frame *frame, void *data);
	/** The queue was full and is low again; NULL when of no interest. */
	void (*on_drain)(struct frames *frames, void *data);
	/**
	 * Called once, and nothing after it. 0: the other side closed after a whole frame; -EPIPE:
	 * amid one; -errno of the socket; ERR_LIMIT or ERR_SYNTAX: not frames. Close it, here or
	 * later.
	 */
	void (*on_end)(struct frames *frames, int code, void *data);
};

/**
 * @fd      connected stream socket; made non-blocking; belongs to *ret when 0 is returned
 * @events  must outlive *ret
 */
int frames_open(uv_loop_t *loop, int fd, const struct frames_events *events, void *data,
		struct frames **ret, struct err *err) MUST_USE;
/** Drops what is queued and closes the socket; no event after it. NULL is fine. */
void frames_close(struct frames *frames);

/**
 * Queue a frame; its body is copied. 0; ERR_LIMIT: the body is too large; -ENOBUFS: the queue is at
 * FRAMES_QUEUE_MAX, which nobody sees who heeds frames_is_full; -EPIPE: the other side is gone.
 */
int frames_put(struct frames *frames, const struct frame *frame) MUST_USE;

static inline int frames_put_body(struct frames *frames, uint8_t type, uint8_t version,
				  uint64_t scan_id, struct str body) MUST_USE;
static inline int frames_put_body(struct frames *frames, uint8_t type, uint8_t version,
				  uint64_t scan_id, struct str body)
{
	return frames_put(frames, &(struct frame){ type, version, scan_id, body });
}

bool frames_is_full(const struct frames *frames);
/** Bytes that wait for the other side. */
size_t frames_queued(const struct frames *frames);
void frames_pause(struct frames *frames);
void frames_resume(struct frames *frames);

#endif

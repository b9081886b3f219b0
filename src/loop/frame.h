/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Frames: what worker and scanner, runner and sender say to each other over a stream socketpair.
 *
 *	u32  length of what follows the length: 10 + body, at most FRAME_MAX_BYTES
 *	u8   type; the speakers' own
 *	u8   version of the body
 *	u64  scan id
 *	…    body
 *
 * All numbers are in network order (most significant byte first), as everywhere in the formats that
 * this program reads; it costs one instruction. A frame is hostile until its body was read: the
 * reader bounds the length before it allocates, and the scan id is only an echo.
 */
#ifndef DSS_LOOP_FRAME_H
#define DSS_LOOP_FRAME_H

#include "base/err.h"
#include "base/str.h"

enum {
	FRAME_LENGTH_BYTES = 4,
	FRAME_HEADER_BYTES = 14, /**< with the length */
	FRAME_MAX_BYTES = 16 * 1024 * 1024,
	FRAME_MAX_BODY = FRAME_MAX_BYTES - (FRAME_HEADER_BYTES - FRAME_LENGTH_BYTES)
};

struct frame {
	uint8_t type, version;
	uint64_t scan_id;
	struct str body; /**< of a frame that was read: valid until the next read */
};

/** Writes the header of a frame with a body of body_len, at most FRAME_MAX_BODY. */
void frame_header(const struct frame *frame, size_t body_len, char out[static FRAME_HEADER_BYTES]);

/**
 * Reading: any pieces of the stream in, whole frames out. Pure: no descriptor (frames.h has one).
 * All zero is a valid start. Memory: 64 KiB, or up to twice what of an
 * unfinished larger frame has really come.
 */
struct frame_reader {
	char *data;
	size_t start, end, cap; /* unread bytes are [start, end) */
};

void frame_reader_release(struct frame_reader *reader);
/**
 * Where the next bytes of the stream go: at least 1 byte, as many as the unfinished frame needs.
 * Invalidates the bodies of frames that were read.
 */
char *frame_reader_space(struct frame_reader *reader, size_t *ret_size) MUST_USE;
/** So many were put there. */
void frame_reader_added(struct frame_reader *reader, size_t size);
/**
 * Take the next whole frame. 1: *ret is set; 0: more bytes are needed; ERR_LIMIT or ERR_SYNTAX: a
 * length that no frame has: the stream is lost, close it.
 */
int frame_reader_next(struct frame_reader *reader, struct frame *ret) MUST_USE;

#endif

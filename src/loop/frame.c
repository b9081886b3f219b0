/* SPDX-License-Identifier: Apache-2.0 */
/* Where does a frame begin and end in a stream of bytes? */
#include "loop/frame.h"

#include <endian.h>

enum {
	AFTER_LENGTH = FRAME_HEADER_BYTES - FRAME_LENGTH_BYTES,
	READ_BYTES = 64 * 1024,
	KEEP_BYTES = 1024 * 1024 /* a larger buffer goes when it is empty */
};

static uint64_t read_be(const char *at, unsigned bytes)
{
	uint64_t value = 0;

	memcpy((char *)&value + sizeof value - bytes, at, bytes);
	return be64toh(value);
}

static void write_be(char *at, uint64_t value, unsigned bytes)
{
	value = htobe64(value);
	memcpy(at, (char *)&value + sizeof value - bytes, bytes);
}

void frame_header(const struct frame *frame, size_t body_len, char out[static FRAME_HEADER_BYTES])
{
	write_be(out, AFTER_LENGTH + body_len, FRAME_LENGTH_BYTES);
	out[4] = (char)frame->type;
	out[5] = (char)frame->version;
	write_be(out + 6, frame->scan_id, 8);
}

void frame_reader_release(struct frame_reader *reader)
{
	memory_free(reader->data);
	*reader = (struct frame_reader){ 0 };
}

/* Bytes of the frame that begins at start, as far as its length is known and allowed. */
static size_t unfinished_size(const struct frame_reader *reader)
{
	uint64_t length;

	if (reader->end - reader->start < FRAME_LENGTH_BYTES)
		return FRAME_HEADER_BYTES;
	length = read_be(reader->data + reader->start, FRAME_LENGTH_BYTES);
	return FRAME_LENGTH_BYTES + (length <= FRAME_MAX_BYTES ? length : 0);
}

char *frame_reader_space(struct frame_reader *reader, size_t *ret_size)
{
	size_t held = reader->end - reader->start, want;

	if (!held && reader->cap > KEEP_BYTES)
		frame_reader_release(reader);
	if (reader->start) {
		memmove(reader->data, reader->data + reader->start, held);
		reader->start = 0;
		reader->end = held;
	}
	/* Not the promised length at once: memory follows what really came, and filled it. */
	want = held < reader->cap ? reader->cap : MIN(unfinished_size(reader), 2 * reader->cap);
	want = MAX(MAX(want, held + 1), (size_t)READ_BYTES);
	if (want > reader->cap) {
		reader->data = memory_resize(reader->data, want);
		reader->cap = want;
	}
	*ret_size = reader->cap - reader->end;
	return reader->data + reader->end;
}

void frame_reader_added(struct frame_reader *reader, size_t size)
{
	reader->end += size;
}

int frame_reader_next(struct frame_reader *reader, struct frame *ret)
{
	const char *at = reader->data + reader->start;
	size_t held = reader->end - reader->start;
	uint64_t length;

	if (held < FRAME_LENGTH_BYTES)
		return 0;
	length = read_be(at, FRAME_LENGTH_BYTES);
	if (length > FRAME_MAX_BYTES)
		return ERR_LIMIT;
	if (length < AFTER_LENGTH)
		return ERR_SYNTAX;
	if (held < FRAME_LENGTH_BYTES + length)
		return 0;
	ret->type = (uint8_t)at[4];
	ret->version = (uint8_t)at[5];
	ret->scan_id = read_be(at + 6, 8);
	ret->body = str_bytes(at + FRAME_HEADER_BYTES, length - AFTER_LENGTH);
	reader->start += FRAME_LENGTH_BYTES + length;
	return 1;
}

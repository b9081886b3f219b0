/* SPDX-License-Identifier: Apache-2.0 */
/* Does cutting a stream of frames differently change what is read? */
#include "loop/frame.h"

enum { FRAMES = 4096 };

struct outcome {
	size_t count, body_bytes;
	uint64_t hash;
	int code;
};

static struct outcome read_in_pieces(const uint8_t *data, size_t size, size_t piece)
{
	struct frame_reader reader = { 0 };
	struct outcome outcome = { 0 };
	struct frame frame;
	size_t space;

	for (size_t at = 0; at < size && outcome.code >= 0;) {
		char *to = frame_reader_space(&reader, &space);
		size_t take = MIN(MIN(piece, space), size - at);

		memcpy(to, data + at, take);
		frame_reader_added(&reader, take);
		at += take;
		while (outcome.count < FRAMES &&
		       (outcome.code = frame_reader_next(&reader, &frame)) == 1) {
			outcome.count++;
			outcome.body_bytes += frame.body.len;
			outcome.hash = outcome.hash * 31 + str_hash(frame.body) + frame.scan_id +
				       frame.type + frame.version;
		}
	}
	if (reader.cap > 64 * 1024 && reader.cap > 2 * size)
		abort(); /* memory for bytes that never came */
	frame_reader_release(&reader);
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, pieces;

	if (!size)
		return 0;
	whole = read_in_pieces(data + 1, size - 1, SIZE_MAX);
	pieces = read_in_pieces(data + 1, size - 1, data[0] + 1u);
	if (whole.count != pieces.count || whole.hash != pieces.hash ||
	    whole.body_bytes != pieces.body_bytes || (whole.code < 0) != (pieces.code < 0))
		abort();
	return 0;
}

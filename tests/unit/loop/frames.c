/* SPDX-License-Identifier: Apache-2.0 */
/* Do frames arrive whole, in order and bounded, however the stream is cut? */
#include "loop/frames.h"

#include "base/clock.h"
#include "loop/loop.h"
#include "tests/test.h"

#include <sys/socket.h>
#include <unistd.h>

enum { MANY = 20000 };

static size_t put_wire(char *out, uint8_t type, uint64_t scan_id, struct str body)
{
	struct frame frame = { .type = type, .version = 3, .scan_id = scan_id };

	frame_header(&frame, body.len, out);
	memcpy(out + FRAME_HEADER_BYTES, body.data, body.len);
	return FRAME_HEADER_BYTES + body.len;
}

TEST(the_wire_form_is_network_order)
{
	static const char want[] = "\0\0\0\x0d\x07\x03\x01\x02\x03\x04\x05\x06\x07\x08xyz";
	char got[32];
	size_t len = put_wire(got, 7, 0x0102030405060708, STR_LIT("xyz"));

	CHECK(str_eq(str_bytes(got, len), str_bytes(want, sizeof want - 1)));
}

TEST(a_reader_takes_any_pieces)
{
	char wire[512];
	size_t len = 0, got;

	for (unsigned i = 0; i < 5; i++)
		len += put_wire(wire + len, (uint8_t)i, i, str_first(STR_LIT("abcdefgh"), i * 2));
	for (size_t piece = 1; piece <= len; piece++) {
		struct frame_reader reader = { 0 };
		struct frame frame;

		test_row("pieces of %zu", piece);
		got = 0;
		for (size_t at = 0; at < len; at += piece) {
			size_t size, take = MIN(piece, len - at);
			char *space = frame_reader_space(&reader, &size);

			CHECK(size >= take);
			memcpy(space, wire + at, take);
			frame_reader_added(&reader, take);
			while (frame_reader_next(&reader, &frame) == 1) {
				CHECK(frame.type == got && frame.scan_id == got);
				CHECK(frame.version == 3);
				CHECK(str_eq(frame.body, str_first(STR_LIT("abcdefgh"), got * 2)));
				got++;
			}
		}
		CHECK_INT(got, 5);
		frame_reader_release(&reader);
	}
}

TEST(a_reader_refuses_impossible_lengths_and_waits_for_possible_ones)
{
	static const struct {
		unsigned char length[4];
		int want;
	} rows[] = {
		{ { 0xff, 0xff, 0xff, 0xff }, ERR_LIMIT },
		{ { 1, 0, 0, 1 }, ERR_LIMIT },
		{ { 1, 0, 0, 0 }, 0 },
		{ { 0, 0, 0, 0 }, ERR_SYNTAX },
		{ { 0, 0, 0, 9 }, ERR_SYNTAX },
		{ { 0, 0, 0, 10 }, 0 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct frame_reader reader = { 0 };
		struct frame frame;
		size_t size;

		test_row("length %zu", i);
		memcpy(frame_reader_space(&reader, &size), rows[i].length, 4);
		frame_reader_added(&reader, 4);
		CHECK_INT(frame_reader_next(&reader, &frame), rows[i].want);
		(void)!frame_reader_space(&reader, &size);
		CHECK(size >= 1 && reader.cap <= 128 * 1024); /* no memory for a promise */
		frame_reader_release(&reader);
	}
}

struct side {
	struct frames *frames;
	uint64_t sent, received, drains;
	size_t body_len;
	bool has_ended, echoes, has_all;
	int code;
	uint64_t pause_at, want;
};

static uv_loop_t loop;
static char body[1 << 20];

static void on_frame(struct frames *frames, const struct frame *frame, void *data)
{
	struct side *side = data;

	CHECK(frame->scan_id == side->received);
	CHECK(frame->body.len == side->body_len);
	CHECK(!frame->body.len || !memcmp(frame->body.data, body, frame->body.len));
	side->has_all = ++side->received == side->want;
	if (side->echoes)
		CHECK(frames_put(frames, frame) == 0);
	if (side->received == side->pause_at)
		frames_pause(frames);
}

static void fill(struct side *side, uint64_t until)
{
	while (side->sent < until && !frames_is_full(side->frames))
		CHECK(frames_put_body(side->frames, 1, 1, side->sent++,
				      str_bytes(body, side->body_len)) == 0);
}

static void on_drain(struct frames *frames, void *data)
{
	struct side *side = data;

	side->drains++;
	fill(side, MANY);
}

static void on_end(struct frames *frames, int code, void *data)
{
	struct side *side = data;

	CHECK(!side->has_ended);
	side->has_ended = true;
	side->code = code;
}

static const struct frames_events events = { on_frame, on_drain, on_end };

static void open_pair(struct side *a, struct side *b)
{
	int fds[2];

	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (char)(i * 31);
	CHECK(uv_loop_init(&loop) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	CHECK(frames_open(&loop, fds[0], &events, a, &a->frames, NULL) == 0);
	CHECK(frames_open(&loop, fds[1], &events, b, &b->frames, NULL) == 0);
}

static void close_pair(struct side *a, struct side *b)
{
	frames_close(a->frames);
	frames_close(b->frames);
	CHECK_INT(loop_close(&loop), 0);
}

static void run_until_received(struct side *side, uint64_t count)
{
	side->want = count;
	side->has_all = side->received >= count;
	CHECK(loop_run_until(&loop, &side->has_all, clock_monotonic_us() + 30000000) == 0);
	CHECK_INT(side->received, count);
}

TEST(frames_of_all_sizes_go_both_ways_in_order)
{
	static const size_t sizes[] = { 0, 1, 100, 70000, 1 << 20 };

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		struct side a = { .body_len = sizes[i] },
			    b = { .body_len = sizes[i], .echoes = true };

		test_row("bodies of %zu", sizes[i]);
		open_pair(&a, &b);
		for (unsigned n = 0; n < 3; n++)
			fill(&a, a.sent + 2);
		run_until_received(&a, 6);
		close_pair(&a, &b);
	}
}

TEST(a_full_queue_drains_and_goes_on)
{
	struct side a = { .body_len = 1000 }, b = { .body_len = 1000 };

	open_pair(&a, &b);
	fill(&a, MANY);
	CHECK(frames_is_full(a.frames) && a.sent < MANY);
	CHECK(frames_queued(a.frames) < FRAMES_FULL_BYTES + 2000);
	run_until_received(&b, MANY);
	CHECK(a.drains > 0 && !frames_is_full(a.frames));
	close_pair(&a, &b);
}

TEST(the_queue_is_bounded_for_who_does_not_heed_it)
{
	struct side a = { .body_len = sizeof body }, b = { .body_len = sizeof body };
	int code = 0;

	open_pair(&a, &b);
	for (unsigned i = 0; i < 40 && code == 0; i++)
		code = frames_put_body(a.frames, 1, 1, i, str_bytes(body, sizeof body));
	CHECK_INT(code, -ENOBUFS);
	CHECK(frames_queued(a.frames) <= FRAMES_QUEUE_MAX);
	CHECK_INT(frames_put_body(a.frames, 1, 1, 0, str_bytes(body, FRAME_MAX_BODY + 1ul)),
		  ERR_LIMIT);
	close_pair(&a, &b);
}

TEST(a_paused_reader_gets_nothing_and_then_the_rest)
{
	struct side a = { .body_len = 10 }, b = { .body_len = 10, .pause_at = 3 };

	open_pair(&a, &b);
	fill(&a, 100);
	for (unsigned i = 0; i < 50; i++)
		uv_run(&loop, UV_RUN_NOWAIT);
	CHECK_INT(b.received, 3);
	frames_resume(b.frames);
	run_until_received(&b, 100);
	close_pair(&a, &b);
}

TEST(the_end_of_the_other_side_is_told_once_and_after_its_frames)
{
	static const struct {
		const char *bytes;
		size_t len;
		int want;
	} rows[] = { { "", 0, 0 },
		     { "\0\0\0\x0c\1\1\0\0\0\0\0\0\0\0ab", 16, 0 },
		     { "\0\0\0\x0c\1\1\0\0\0\0\0\0\0\0a", 15, -EPIPE },
		     { "GET / HTTP/1.1\r\n", 16, ERR_LIMIT },
		     { "\0\0\0\1x", 5, ERR_SYNTAX } };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct side b = { .body_len = 2 };
		int fds[2];

		test_row("row %zu", i);
		memcpy(body, "ab", 2);
		CHECK(uv_loop_init(&loop) == 0);
		CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
		CHECK(frames_open(&loop, fds[1], &events, &b, &b.frames, NULL) == 0);
		CHECK(write(fds[0], rows[i].bytes, rows[i].len) == (ssize_t)rows[i].len);
		close(fds[0]);
		uv_run(&loop, UV_RUN_DEFAULT); /* ends: an ended stream does not hold the loop */
		CHECK(b.has_ended);
		CHECK_INT(b.code, rows[i].want);
		CHECK_INT(b.received, rows[i].want == 0 && rows[i].len ? 1 : 0);
		CHECK_INT(frames_put_body(b.frames, 1, 1, 1, STR_NONE), -EPIPE);
		frames_close(b.frames);
		CHECK_INT(loop_close(&loop), 0);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How do frames travel between two processes, many at a time? */
#include "loop/frames.h"

#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE_BYTES = 64 * 1024, KEEP_BYTES = 1024 * 1024 };

struct frames {
	uv_poll_t poll;
	uv_prepare_t before_sleep; /* active while there is something to send or deliver */
	unsigned open_handles;
	int fd;
	const struct frames_events *events;
	void *data;
	struct frame_reader reader;
	char *queue; /* unsent bytes are [start, end) */
	size_t start, end, cap;
	bool is_closed, has_ended, is_paused, is_blocked, is_full, is_gone;
};

static void on_ready(uv_poll_t *poll, int status, int events);
static void on_before_sleep(uv_prepare_t *prepare);

static void watch(struct frames *frames)
{
	int events = (frames->is_paused || frames->has_ended ? 0 : UV_READABLE) |
		     (frames->is_blocked ? UV_WRITABLE : 0);

	if (frames->is_closed)
		return;
	if (events)
		uv_poll_start(&frames->poll, events, on_ready);
	else
		uv_poll_stop(&frames->poll);
}

static void end(struct frames *frames, int code)
{
	frames->has_ended = frames->is_gone = true;
	frames->is_blocked = false;
	frames->start = frames->end = 0;
	watch(frames);
	frames->events->on_end(frames, code, frames->data);
}

static void queue_reset(struct frames *frames)
{
	frames->start = frames->end = 0;
	if (frames->cap > KEEP_BYTES) {
		memory_free(frames->queue);
		frames->queue = NULL;
		frames->cap = 0;
	}
}

static void flush(struct frames *frames)
{
	bool was_blocked = frames->is_blocked;

	frames->is_blocked = false;
	while (frames->start < frames->end) {
		ssize_t sent = send(frames->fd, frames->queue + frames->start,
				    frames->end - frames->start, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent >= 0) {
			frames->start += (size_t)sent;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			frames->is_blocked = true;
			break;
		} else if (errno != EINTR) {
			/* What it sent before it went is still to be read; reading finds the end. */
			frames->is_gone = true;
			frames->start = frames->end;
		}
	}
	if (frames->start == frames->end)
		queue_reset(frames);
	if (was_blocked != frames->is_blocked)
		watch(frames);
	if (frames->is_full && !frames->is_gone && frames_queued(frames) <= FRAMES_LOW_BYTES) {
		frames->is_full = false;
		if (frames->events->on_drain)
			frames->events->on_drain(frames, frames->data);
	}
}

/* Returns false when the stream is not to be read any further now. */
static bool deliver(struct frames *frames)
{
	struct frame frame;

	while (!frames->is_paused && !frames->is_closed) {
		int got = frame_reader_next(&frames->reader, &frame);

		if (got < 0) {
			end(frames, got);
			return false;
		}
		if (got == 0)
			return true;
		frames->events->on_frame(frames, &frame, frames->data);
	}
	return false;
}

static void receive(struct frames *frames)
{
	size_t total = 0, space;

	while (total < FRAMES_TURN_BYTES) {
		char *to = frame_reader_space(&frames->reader, &space);
		ssize_t got = recv(frames->fd, to, space, MSG_DONTWAIT);

		if (got < 0) {
			if (errno == EINTR)
				continue;
			if (errno != EAGAIN)
				end(frames, -errno);
			return;
		}
		if (got == 0) {
			end(frames, frames->reader.start == frames->reader.end ? 0 : -EPIPE);
			return;
		}
		frame_reader_added(&frames->reader, (size_t)got);
		total += (size_t)got;
		if (!deliver(frames) || (size_t)got < space)
			return;
	}
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct frames *frames = poll->data;

	/* libuv reports an error of the socket as a status: recv finds which. */
	if (status < 0)
		events = UV_READABLE | UV_WRITABLE;
	if ((events & UV_WRITABLE) && frames->is_blocked)
		flush(frames);
	if ((events & UV_READABLE) && !frames->is_paused && !frames->is_closed &&
	    !frames->has_ended)
		receive(frames);
}

static void on_before_sleep(uv_prepare_t *prepare)
{
	struct frames *frames = prepare->data;

	uv_prepare_stop(prepare);
	if (!frames->has_ended)
		deliver(frames); /* what came before a pause */
	if (!frames->is_closed && !frames->is_blocked)
		flush(frames);
}

int frames_open(uv_loop_t *loop, int fd, const struct frames_events *events, void *data,
		struct frames **ret, struct err *err)
{
	struct frames *frames = memory_alloc(sizeof *frames);
	int code;

	memset(frames, 0, sizeof *frames);
	code = uv_poll_init(loop, &frames->poll, fd);
	if (code < 0) {
		memory_free(frames);
		return err_set(err, code, "a frame stream cannot be watched: %s",
			       uv_strerror(code));
	}
	uv_prepare_init(loop, &frames->before_sleep);
	frames->poll.data = frames->before_sleep.data = frames;
	frames->open_handles = 2;
	frames->fd = fd;
	frames->events = events;
	frames->data = data;
	watch(frames);
	*ret = frames;
	return 0;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct frames *frames = handle->data;

	if (--frames->open_handles)
		return;
	close(frames->fd);
	frame_reader_release(&frames->reader);
	memory_free(frames->queue);
	memory_free(frames);
}

void frames_close(struct frames *frames)
{
	if (!frames || frames->is_closed)
		return;
	frames->is_closed = frames->is_gone = true;
	uv_close((uv_handle_t *)&frames->poll, on_handle_closed);
	uv_close((uv_handle_t *)&frames->before_sleep, on_handle_closed);
	/* The other side learns now, not when the loop turns. */
	shutdown(frames->fd, SHUT_RDWR);
}

static void queue_grow(struct frames *frames, size_t size)
{
	size_t held = frames_queued(frames), cap = MAX(frames->cap, (size_t)QUEUE_BYTES);

	if (frames->start && frames->start >= held) {
		memmove(frames->queue, frames->queue + frames->start, held);
		frames->start = 0;
		frames->end = held;
	}
	while (cap - frames->end < size)
		cap *= 2;
	if (cap != frames->cap) {
		frames->queue = memory_resize(frames->queue, cap);
		frames->cap = cap;
	}
}

int frames_put(struct frames *frames, const struct frame *frame)
{
	size_t size = FRAME_HEADER_BYTES + frame->body.len;

	if (frame->body.len > FRAME_MAX_BODY)
		return ERR_LIMIT;
	if (frames->is_gone)
		return -EPIPE;
	if (frames_queued(frames) + size > FRAMES_QUEUE_MAX)
		return -ENOBUFS;
	if (frames->cap - frames->end < size)
		queue_grow(frames, size);
	frame_header(frame, frame->body.len, frames->queue + frames->end);
	if (frame->body.len)
		memcpy(frames->queue + frames->end + FRAME_HEADER_BYTES, frame->body.data,
		       frame->body.len);
	frames->end += size;
	frames->is_full |= frames_queued(frames) >= FRAMES_FULL_BYTES;
	if (!frames->is_blocked)
		uv_prepare_start(&frames->before_sleep, on_before_sleep);
	return 0;
}

bool frames_is_full(const struct frames *frames)
{
	return frames->is_full;
}

size_t frames_queued(const struct frames *frames)
{
	return frames->end - frames->start;
}

void frames_pause(struct frames *frames)
{
	frames->is_paused = true;
	watch(frames);
}

void frames_resume(struct frames *frames)
{
	if (!frames->is_paused || frames->is_closed)
		return;
	frames->is_paused = false;
	watch(frames);
	uv_prepare_start(&frames->before_sleep, on_before_sleep);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which lines has the list brought so far? */
#include "cli/input.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INCOMING_BYTES = 64 * 1024 };

struct input {
	uv_async_t *wake;
	void (*on_more)(void *data);
	void *data;
	pthread_t thread;
	/* Shared with the thread, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t taken;
	char incoming[INCOMING_BYTES];
	size_t incoming_len;
	bool is_at_end, is_closing, has_left; /* the thread has */
	int error;
	/* The loop's: unread bytes are [start, end). */
	char bytes[INPUT_BLOCK_BYTES];
	size_t start, end;
	uint64_t line_number, byte_count, size;
	bool is_ended, is_skipping, is_waiting;
	int fd;
};

static void input_free(struct input *input)
{
	pthread_mutex_destroy(&input->lock);
	pthread_cond_destroy(&input->taken);
	if (input->fd != STDIN_FILENO)
		close(input->fd);
	memory_free(input);
}

static ssize_t read_some(int fd, char *bytes, size_t size)
{
	ssize_t got;

	do
		got = read(fd, bytes, size);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* Reads into a buffer of its own, so that closing never waits for a read. */
static void *thread_main(void *data)
{
	struct input *input = data;
	char bytes[INCOMING_BYTES / 2];
	bool goes_on = true, is_last = false;

	while (goes_on) {
		ssize_t got = read_some(input->fd, bytes, sizeof bytes);

		pthread_mutex_lock(&input->lock);
		while (input->incoming_len > INCOMING_BYTES - sizeof bytes && !input->is_closing)
			pthread_cond_wait(&input->taken, &input->lock);
		if (got > 0 && !input->is_closing) {
			memcpy(input->incoming + input->incoming_len, bytes, (size_t)got);
			input->incoming_len += (size_t)got;
		}
		if (got <= 0) {
			input->is_at_end = true;
			input->error = (int)got;
		}
		goes_on = got > 0 && !input->is_closing;
		if (!input->is_closing)
			uv_async_send(input->wake);
		input->has_left = !goes_on;
		is_last = !goes_on && input->is_closing;
		pthread_mutex_unlock(&input->lock);
	}
	if (is_last)
		input_free(input);
	return NULL;
}

static void on_wake(uv_async_t *wake)
{
	struct input *input = wake->data;

	if (!input->is_waiting)
		return;
	input->is_waiting = false;
	input->on_more(input->data);
}

static int thread_start(struct input *input, uv_loop_t *loop, struct err *err)
{
	int code;

	input->wake = memory_alloc(sizeof *input->wake);
	input->wake->data = input;
	code = uv_async_init(loop, input->wake, on_wake);
	if (code < 0) {
		memory_free(input->wake);
		return err_set(err, code, "cannot read the list: %s", uv_strerror(code));
	}
	pthread_mutex_init(&input->lock, NULL);
	pthread_cond_init(&input->taken, NULL);
	code = pthread_create(&input->thread, NULL, thread_main, input);
	if (code) {
		uv_close((uv_handle_t *)input->wake, (uv_close_cb)memory_free);
		return err_set(err, -code, "cannot start a thread: %s", strerror(code));
	}
	pthread_detach(input->thread);
	return 0;
}

int input_open(uv_loop_t *loop, const char *path, void (*on_more)(void *data), void *data,
	       struct input **ret, struct err *err)
{
	int fd = strcmp(path, "-") != 0 ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO, code;
	struct input *input;
	struct stat stat;

	if (fd < 0)
		return err_set(err, -errno, "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &stat) < 0 || S_ISDIR(stat.st_mode)) {
		if (fd != STDIN_FILENO)
			close(fd);
		return err_set(err, -EISDIR, "cannot read %s: not a file of names", path);
	}
	input = memory_alloc(sizeof *input);
	memset(input, 0, sizeof *input);
	input->fd = fd;
	input->on_more = on_more;
	input->data = data;
	input->size = S_ISREG(stat.st_mode) ? (uint64_t)stat.st_size : 0;
	code = thread_start(input, loop, err);
	if (code < 0) {
		memory_free(input);
		return code;
	}
	*ret = input;
	return 0;
}

/* The thread may sit in a read for ever: whoever leaves last frees. */
void input_close(struct input *input)
{
	bool is_last;

	if (!input)
		return;
	pthread_mutex_lock(&input->lock);
	input->is_closing = true;
	input->wake->data = NULL;
	uv_close((uv_handle_t *)input->wake, (uv_close_cb)memory_free);
	pthread_cond_signal(&input->taken);
	is_last = input->has_left;
	pthread_mutex_unlock(&input->lock);
	if (is_last)
		input_free(input);
}

/* Move what came to the loop's side. */
static void bytes_fetch(struct input *input)
{
	size_t len;

	if (input->start) {
		memmove(input->bytes, input->bytes + input->start, input->end - input->start);
		input->end -= input->start;
		input->start = 0;
	}
	pthread_mutex_lock(&input->lock);
	len = MIN(input->incoming_len, sizeof input->bytes - input->end);
	memcpy(input->bytes + input->end, input->incoming, len);
	memmove(input->incoming, input->incoming + len, input->incoming_len - len);
	input->incoming_len -= len;
	input->end += len;
	input->is_ended = input->is_at_end && !input->incoming_len;
	pthread_cond_signal(&input->taken);
	pthread_mutex_unlock(&input->lock);
}

static enum input_state state_without_lines(struct input *input)
{
	if (!input->is_ended) {
		input->is_waiting = true;
		return INPUT_LATER;
	}
	return input->error ? INPUT_FAILED : INPUT_END;
}

static void bytes_taken(struct input *input, size_t len)
{
	input->start += len;
	input->byte_count += len;
}

/* The rest of a line that was too long. */
static bool line_skip(struct input *input)
{
	const char *end = memchr(input->bytes + input->start, '\n', input->end - input->start);

	if (!input->is_skipping)
		return true;
	bytes_taken(input, end ? (size_t)(end + 1 - input->bytes) - input->start
			       : input->end - input->start);
	input->is_skipping = !end;
	return end;
}

static bool line_find(struct input *input, struct str *ret_line, bool *ret_is_cut)
{
	const char *from, *end;
	size_t len;

	if (!line_skip(input))
		return false;
	from = input->bytes + input->start;
	len = input->end - input->start;
	end = memchr(from, '\n', MIN(len, INPUT_LINE_BYTES + 1));
	if (!end && len <= INPUT_LINE_BYTES && (!input->is_ended || !len))
		return false;
	*ret_is_cut = !end && len > INPUT_LINE_BYTES;
	input->is_skipping = *ret_is_cut;
	*ret_line = str_bytes(from, end ? (size_t)(end - from) : MIN(len, INPUT_LINE_BYTES));
	bytes_taken(input, ret_line->len + (end ? 1 : 0));
	if (ret_line->len && ret_line->data[ret_line->len - 1] == '\r')
		ret_line->len--;
	input->line_number++;
	return true;
}

enum input_state input_line(struct input *input, struct str *ret_line, bool *ret_is_cut)
{
	if (line_find(input, ret_line, ret_is_cut))
		return INPUT_LINES;
	bytes_fetch(input);
	return line_find(input, ret_line, ret_is_cut) ? INPUT_LINES : state_without_lines(input);
}

/* As many whole lines as there are, up to `most`. */
static size_t lines_measure(const struct input *input, uint64_t most, uint64_t *ret_count)
{
	const char *from = input->bytes + input->start;
	size_t len = input->end - input->start, at = 0;
	uint64_t count = 0;

	while (count < most && at < len) {
		const char *end = memchr(from + at, '\n', len - at);

		if (!end && !input->is_ended && (at || len < sizeof input->bytes))
			break;
		at = end ? (size_t)(end + 1 - from) : len;
		count++;
	}
	*ret_count = count;
	return at;
}

enum input_state input_block(struct input *input, uint64_t most, struct str *ret_lines,
			     uint64_t *ret_count)
{
	uint64_t count;
	size_t len = lines_measure(input, most, &count);

	if (!len) {
		bytes_fetch(input);
		len = lines_measure(input, most, &count);
	}
	if (!len)
		return state_without_lines(input);
	*ret_lines = str_bytes(input->bytes + input->start, len);
	*ret_count = count;
	bytes_taken(input, len);
	input->line_number += count;
	return INPUT_LINES;
}

uint64_t input_line_number(const struct input *input)
{
	return input->line_number;
}

void input_position(const struct input *input, uint64_t *ret_taken, uint64_t *ret_size)
{
	*ret_taken = input->byte_count;
	*ret_size = input->size;
}

int input_error(const struct input *input)
{
	return input->error;
}

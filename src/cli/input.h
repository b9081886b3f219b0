/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Names from a file or standard input, as a stream: lines are there as soon as they were written,
 * nothing waits for the end, and memory does not grow with the list.
 *
 * A thread reads, since a regular file, a terminal and a pipe have only the blocking read in common
 * and the descriptor's flags are shared with whoever gave it to us.
 */
#ifndef DSS_CLI_INPUT_H
#define DSS_CLI_INPUT_H

#include <uv.h>

#include "base/err.h"
#include "base/str.h"

enum { INPUT_LINE_BYTES = 4096, INPUT_BLOCK_BYTES = 256 * 1024 };

struct input;

/**
 * @path     "-": standard input
 * @on_more  called on the loop when lines came or the end did, after a taker got nothing
 */
int input_open(uv_loop_t *loop, const char *path, void (*on_more)(void *data), void *data,
	       struct input **ret, struct err *err) MUST_USE;
void input_close(struct input *input);

enum input_state {
	INPUT_LINES, /**< here you are */
	INPUT_LATER, /**< nothing now; on_more tells */
	INPUT_END,
	INPUT_FAILED /**< a read error; input_error says which */
};

/**
 * Take one line, without LF and CR. A line longer than INPUT_LINE_BYTES is given cut, *ret_is_cut.
 * The view is valid until the next call.
 */
enum input_state input_line(struct input *input, struct str *ret_line, bool *ret_is_cut);
/** Take whole lines, with their LFs (the last one of the input may lack its own), of at most `most`
 * lines; for bulk. */
enum input_state input_block(struct input *input, uint64_t most, struct str *ret_lines,
			     uint64_t *ret_count);
/** Lines taken so far: the number of the line taken last, from 1. */
uint64_t input_line_number(const struct input *input);
/** Bytes taken, and in all if it is a file, else 0. */
void input_position(const struct input *input, uint64_t *ret_taken, uint64_t *ret_size);
int input_error(const struct input *input);

#endif

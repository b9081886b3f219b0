/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A program of the operator's that is told of a notice: one run, a message as JSON on its standard input.
 * No shell, and nothing that a stranger wrote in its arguments or environment: it is called with its name
 * alone, and its environment holds PATH, LANG, DSS_ID and DSS_TYPE.
 *
 * It runs as the user of its parent, in a process group of its own, whose end takes all of it along; with no
 * core file, no descriptor but 0, 1 and 2 (which is 1), and limits on CPU time, memory, the size of files and
 * descriptors. What it prints is kept up to SCRIPT_REPLY_BYTES; one that prints SCRIPT_OUTPUT_BYTES is ended.
 */
#ifndef DSS_CHILDREN_SCRIPT_H
#define DSS_CHILDREN_SCRIPT_H

#include <uv.h>

#include "base/err.h"
#include "base/str.h"

enum {
	SCRIPT_TIMEOUT_MS = 15000,
	SCRIPT_REPLY_BYTES = 4096,
	SCRIPT_OUTPUT_BYTES = 1 << 20,
	SCRIPT_INPUT_BYTES = 1 << 20,
	SCRIPT_NAME_BYTES = 100
};

struct script_order {
	struct str folder;   /**< where scripts may stand; an absolute path of the configuration */
	struct str name;     /**< a file in it: letters, digits, ".", "_", "-", not first a "." */
	struct str id, type; /**< of the message: letters, digits, "_", "." and "-" */
	struct str input;    /**< copied */
	uint32_t timeout_ms; /**< 0: SCRIPT_TIMEOUT_MS */
};

/** Valid during the callback. */
struct script_result {
	bool is_delivered; /**< it exited with 0 */
	int code;          /**< its exit code; -1: a signal ended it */
	struct str reply;  /**< the first of what it printed; foreign bytes */
	struct str error;  /**< one line for people, when not delivered */
	int64_t elapsed_us;
};

typedef void script_callback(void *context, const struct script_result *result);

struct script_run;

/** Would script_start find it? 0; -EINVAL: no such name or folder; -ENOENT, -EACCES: it is not there, or no
 * program; -EPERM: others could write to it. err says what to do. */
int script_check(struct str folder, struct str name, struct err *err) MUST_USE;
/** The callback is called once, from the loop. 0; codes of script_check; ERR_LIMIT; -errno: it cannot be
 * started. */
int script_start(uv_loop_t *loop, const struct script_order *order, script_callback *callback,
		 void *context, struct script_run **ret, struct err *err) MUST_USE;
/** Ends it, without the callback. Not after it was called. */
void script_cancel(struct script_run *run);

#endif

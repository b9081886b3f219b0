/* SPDX-License-Identifier: Apache-2.0 */
/** How far a run is, on standard error: a bar on a terminal, a JSON object a second, or nothing. */
#ifndef DSS_CLI_PROGRESS_H
#define DSS_CLI_PROGRESS_H

#include "settings/setting.h"

#include <uv.h>

struct progress {
	uint64_t finished, rejected, failed; /**< inputs; finished counts them all */
	uint64_t total;                      /**< 0: not known */
	double share; /**< of the input that was taken, 0 to 1; below 0: unknown */
	/* The rest is progress.c's. */
	uv_timer_t *timer;
	int64_t start_us;
	bool is_json, is_shown;
};

/** Starts when asked for (--progress) or when standard error is a terminal and output is not. */
void progress_open(struct progress *progress, uv_loop_t *loop, const struct settings *settings,
		   int output_descriptor);
/** Take the bar away before another line is written. */
void progress_hide(struct progress *progress);
/** The last line, or no bar. */
void progress_close(struct progress *progress);

/** "31,204" */
const char *progress_count(uint64_t count, char out[static 32]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where results go: standard output or a file. Whole records are written at once and nothing is
 * kept back, so whoever reads sees each as soon as it is there, and a kill leaves whole records but
 * perhaps the last.
 */
#ifndef DSS_CLI_OUTPUT_H
#define DSS_CLI_OUTPUT_H

#include "base/err.h"
#include "base/str.h"

struct output {
	int fd;
	const char *name; /**< for messages */
	bool is_file;     /**< opened by us */
	uint64_t offset;  /**< bytes written, kept ones included */
};

/** @path  NULL or "-": standard output. An existing file is emptied. */
int output_open(struct output *output, const char *path, struct err *err) MUST_USE;
/** The same, but keep the first `kept` bytes of the file and go on behind them. */
int output_open_after(struct output *output, const char *path, uint64_t kept,
		      struct err *err) MUST_USE;
/**
 * Write all of it; waits for a slow reader. When the reader of a pipe is gone, the process ends as
 * filters do: killed by SIGPIPE.
 */
int output_write(struct output *output, struct str bytes, struct err *err) MUST_USE;
/** Make what was written survive a power cut; for files. */
int output_sync(struct output *output, struct err *err) MUST_USE;
/** Errors may show only now (quotas, network file systems). */
int output_close(struct output *output, struct err *err) MUST_USE;

#endif

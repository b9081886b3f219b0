/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The state of a run: which inputs are finished. A file to which a line is added for each:
 *
 *	dss-state 1
 *	1234 example.com		bytes of output after its result, and the input as written
 *
 * A line counts once its LF is there. The result is written before its line. So after a kill at any
 * point at most the result of one input stands in the output without its line; with -o FILE the
 * output is cut back to what the last line says before a run goes on, and then none is there twice.
 * After a power cut the lines that tell of more output than there is are forgotten.
 */
#ifndef DSS_CLI_JOURNAL_H
#define DSS_CLI_JOURNAL_H

#include "cli/output.h"

struct journal;

/**
 * Open or create it and read what is finished.
 *
 * @results  the file that results go to, NULL: standard output, whose length is not known
 * @ret_kept bytes of the results file that stand
 */
int journal_open(const char *path, const char *results, struct journal **ret, uint64_t *ret_kept,
		 struct err *err) MUST_USE;
uint64_t journal_finished(const struct journal *journal);
/** Was it finished before? Each finished one answers once, so that an input given twice is two. */
bool journal_take(struct journal *journal, struct str input);
/** Its result is written. */
int journal_add(struct journal *journal, struct str input, struct output *results,
		struct err *err) MUST_USE;
/** Writes all to the disk, results first; a NULL journal is fine. */
int journal_close(struct journal *journal, struct output *results, struct err *err) MUST_USE;

#endif

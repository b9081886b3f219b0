/* SPDX-License-Identifier: Apache-2.0 */
/** How old are the snapshots that were compiled in? The table of data/README.md. */
#ifndef DSS_CLI_DATA_FILES_H
#define DSS_CLI_DATA_FILES_H

#include "base/str.h"

struct data_file {
	const char *name; /**< under data/ */
	int day;          /**< of the snapshot, since 1970-01-01 */
	int good_for_days;
};

const struct data_file *data_files(size_t *ret_count);
/** Whole days since the snapshot; negative: its day is still to come, by this clock. */
int data_file_age(const struct data_file *file, int64_t now_us);
/** Older than it is good for, or from the future. */
bool data_file_is_doubtful(const struct data_file *file, int64_t now_us);
/** "unicode.txt of 2024-09-10: 807 days old, good for 1100", and what to do when it is doubtful. */
struct str data_file_text(struct arena *a, const struct data_file *file, int64_t now_us);

#endif

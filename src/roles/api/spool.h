/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A body that is too large for memory: it goes into a nameless file of the data folder, and is read
 * again from there, record by record. Nothing is done with it before all of it is there, so that a
 * connection that breaks leaves nothing half imported.
 */
#ifndef DSS_ROLES_API_SPOOL_H
#define DSS_ROLES_API_SPOOL_H

#include "base/err.h"
#include "base/str.h"

enum { RECORD_BYTES = 64 * 1024 };

struct spool {
	int fd; /**< -1: not open */
	uint64_t size, at;
	char *buffer;
	size_t start, len; /**< of what is read and not yet taken */
	size_t line;       /**< of the next record; the first is 1 */
};

enum { SPOOL_BUFFER = RECORD_BYTES + 64 * 1024 };

/** @folder  NUL-terminated. -ENOSPC and others. */
int spool_open(struct spool *spool, const char *folder, struct err *err) MUST_USE;
void spool_close(struct spool *spool);
int spool_put(struct spool *spool, struct str part, struct err *err) MUST_USE;
/** From the beginning. */
void spool_rewind(struct spool *spool);
/**
 * The next line without its end, or with is_csv the next record, whose quoted cells may hold line
 * breaks. It is valid until the next call. 1: there is one; 0: that was all; ERR_LIMIT: longer than
 * RECORD_BYTES, and thrown away to the end of its line.
 * @ret_line  where it begins
 */
int spool_record(struct spool *spool, bool is_csv, struct str *ret, size_t *ret_line) MUST_USE;

/**
 * The cells of a CSV record (RFC 4180), unquoted in the arena; at most `most`, ERR_LIMIT. ERR_SYNTAX:
 * a quote where none may be.
 */
int csv_cells(struct arena *a, struct str record, size_t most, struct str *ret_cells,
	      size_t *ret_count) MUST_USE;

#endif

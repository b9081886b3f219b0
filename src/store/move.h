/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A whole store moved into another, of the same or of another sort: SQLite to PostgreSQL and back.
 * Rows stream, one at a time; the source is seen as it is at the beginning; the target gets all of it in
 * one transaction, or nothing. Before that is committed the target is read again: for each table the
 * number of rows and a sum over the hashes of the rows (in any order) must be those of the source.
 *
 * What was written to the source meanwhile is not in the target: end the services first.
 */
#ifndef DSS_STORE_MOVE_H
#define DSS_STORE_MOVE_H

#include "store/store.h"

/** After each table. */
typedef void store_moved(void *context, const char *table, int64_t rows);

/**
 * @from  a store of this release @to  made when there is none; -ENOTEMPTY: there is something in it
 * ERR_CORRUPT: what was read again is not what was written; ERR_VERSION: one of them is of another
 * release. Nothing is in the target after a failure.
 */
int store_move(struct str from, struct str to, store_moved *moved, void *context,
	       struct err *err) MUST_USE;

#endif

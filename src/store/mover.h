/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a database must be able to do for store/move.h: one end of a move, with a connection and a
 * transaction of its own. Rows are values in the order of the table's columns; octets that were read
 * stay until the next row. Functions return 0 or the codes of store/store.h.
 */
#ifndef DSS_STORE_MOVER_H
#define DSS_STORE_MOVER_H

#include "store/sql.h"

enum { MOVE_COLUMNS = 64, MOVE_TEXT_BYTES = 4096 };

struct move_table {
	const char *name;
	size_t count; /**< of columns; those that the database computes are none of them */
	const char *column[MOVE_COLUMNS];
};

struct mover;
struct store_place;

struct move_backend {
	/** A target has the turn until it is closed. */
	int (*open)(struct store_place *place, bool is_target, struct mover **ret, struct err *err);
	/** Undoes what was not committed. */
	void (*close)(struct mover *mover);
	/** All tables with rows of DSS, those that are referred to first. */
	int (*tables)(struct mover *mover, struct arena *a, struct move_table **ret,
		      size_t *ret_count, struct err *err);
	int (*read_begin)(struct mover *mover, const struct move_table *table, struct err *err);
	/** 1: a row; 0: no more. */
	int (*read_row)(struct mover *mover, struct sql_value *values, struct err *err);
	int (*write_begin)(struct mover *mover, const struct move_table *table, struct err *err);
	int (*write_row)(struct mover *mover, const struct sql_value *values, struct err *err);
	int (*write_end)(struct mover *mover, struct err *err);
	/** The last number that the table gave a row, and may not give again; 0: none, or it gives none. */
	int (*number_get)(struct mover *mover, const struct move_table *table, int64_t *ret,
			  struct err *err);
	int (*number_set)(struct mover *mover, const struct move_table *table, int64_t number,
			  struct err *err);
	/** Run a text; the number in the first column of its first row. */
	int (*ask)(struct mover *mover, const char *text, int64_t *ret, struct err *err);
	int (*commit)(struct mover *mover, struct err *err);
};

/** `"a", "b"` of all columns into a text. */
void move_columns(struct buf *out, const struct move_table *table);

#endif

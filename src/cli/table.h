/* SPDX-License-Identifier: Apache-2.0 */
/** Documents as a table for people: columns as wide as what is in them, foreign bytes encoded. */
#ifndef DSS_CLI_TABLE_H
#define DSS_CLI_TABLE_H

#include "cli/document.h"

enum column_kind {
	COLUMN_TEXT,   /**< texts, lists, yes and no; the last column takes the room that is left */
	COLUMN_NUMBER, /**< to the right */
	COLUMN_COUNT,  /**< the same; what is missing is 0 */
	COLUMN_SIGN,   /**< "added", "removed", "changed": +, -, ~ */
	COLUMN_CHANGE, /**< its members "before" and "after": one of them, or "before → after" */
	COLUMN_TIME,   /**< RFC 3339 in UTC: "2026-11-22 19:40" */
	COLUMN_DATE    /**< the same: "2026-11-22" */
};

struct column {
	const char *title;
	const char *path; /**< document_at's */
	enum column_kind kind;
};

enum { TABLE_COLUMNS = 12 };

enum table_flag {
	TABLE_TITLES = 1,     /**< a first line with the columns' names */
	TABLE_DROPS_EMPTY = 2 /**< columns that no row has a value for are left out */
};

/** @width  of the terminal: the last column ends there; 0: as long as it is */
void table_put(struct buf *out, const struct column *columns, size_t column_count,
	       const struct document *rows, size_t row_count, unsigned flags, unsigned width);
/** One document, a line a column that has a value: "owner    it@example.com". */
void table_put_one(struct buf *out, const struct column *columns, size_t column_count,
		   const struct document *document);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Is all that is stored whole? */
#include "store/sqlite/parts.h"

static void add_line(struct arena *a, struct store_check *check, struct str line)
{
	if (check->count < STORE_CHECK_LINES)
		check->line[check->count++] = line;
}

static struct str column(struct arena *a, sqlite3_stmt *row, int at)
{
	return str_copy(a, str_of((const char *)sqlite3_column_text(row, at)));
}

/* A page that cannot be read at all ends the list with the reason, as a line of it. */
static int each_row(sqlite3 *db, const char *text, struct arena *a, struct store_check *check,
		    void (*add)(struct arena *a, struct store_check *check, sqlite3_stmt *row))
{
	sqlite3_stmt *rows = NULL;
	int code = sqlite3_prepare_v2(db, text, -1, &rows, NULL);

	if (code == SQLITE_OK)
		while ((code = sqlite3_step(rows)) == SQLITE_ROW &&
		       check->count < STORE_CHECK_LINES)
			add(a, check, rows);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		add_line(a, check, str_printf(a, "%s: %s", text, sqlite3_errmsg(db)));
	sqlite3_finalize(rows);
	return code;
}

static void add_integrity(struct arena *a, struct store_check *check, sqlite3_stmt *row)
{
	struct str line = column(a, row, 0);

	if (!str_eq(line, STR_LIT("ok")))
		add_line(a, check, line);
}

static void add_reference(struct arena *a, struct store_check *check, sqlite3_stmt *row)
{
	add_line(a, check,
		 str_printf(a, "table %.*s, row %lld: refers to a row of %.*s that is not there",
			    STR(column(a, row, 0)), (long long)sqlite3_column_int64(row, 1),
			    STR(column(a, row, 2))));
}

int sqlite_check(struct store_place *place, struct arena *a, struct store_check *ret,
		 struct err *err)
{
	struct store_check check = { .line = arena_array(a, STORE_CHECK_LINES,
							 sizeof *check.line) };
	sqlite3 *db;
	int code;

	TRY(sqlite_open(place, false, &db, err));
	code = sqlite_version(place, db, &check.version, err);
	if (code == 0) {
		each_row(db, "PRAGMA integrity_check(100)", a, &check, add_integrity);
		each_row(db, "PRAGMA foreign_key_check", a, &check, add_reference);
	}
	sqlite3_close(db);
	if (code == 0)
		*ret = check;
	return code;
}

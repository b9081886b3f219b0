/* SPDX-License-Identifier: Apache-2.0 */
/* How are all rows of a SQLite store read, or written? */
#include "store/mover.h"
#include "store/sqlite/parts.h"

struct mover {
	struct store_place *place;
	sqlite3 *db;
	sqlite3_stmt *rows, *insert;
	size_t columns;
	bool has_turn;
};

static int fail(struct mover *mover, int code, const char *what, struct err *err)
{
	return sqlite_fail(mover->db, code, mover->place->path, what, err);
}

static int ask(struct mover *mover, const char *text, int64_t *ret, struct err *err)
{
	return sqlite_ask(mover->db, mover->place->path, text, ret, err);
}

static void move_close(struct mover *mover)
{
	sqlite3_finalize(mover->rows);
	sqlite3_finalize(mover->insert);
	if (mover->db && !sqlite3_get_autocommit(mover->db))
		sqlite3_exec(mover->db, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(mover->db);
	if (mover->has_turn)
		turn_give(mover->place->turn);
	memory_free(mover);
}

static int open_parts(struct mover *mover, bool is_target, struct err *err)
{
	if (is_target)
		TRY(turn_take(mover->place->turn, SQLITE_OPEN_S, err));
	mover->has_turn = is_target;
	TRY(sqlite_open(mover->place, is_target, &mover->db, err));
	return ask(mover, is_target ? "BEGIN IMMEDIATE" : "BEGIN", NULL, err);
}

static int move_open(struct store_place *place, bool is_target, struct mover **ret, struct err *err)
{
	struct mover *mover = memory_alloc(sizeof *mover);
	int code;

	*mover = (struct mover){ .place = place };
	code = open_parts(mover, is_target, err);
	if (code < 0)
		move_close(mover);
	else
		*ret = mover;
	return code;
}

/* ---- tables ---- */

static int prepare(struct mover *mover, const char *text, sqlite3_stmt **ret, struct err *err)
{
	int code = sqlite3_prepare_v2(mover->db, text, -1, ret, NULL);

	return code == SQLITE_OK ? 0 : fail(mover, code, text, err);
}

static int read_tables(struct mover *mover, struct arena *a, struct move_table *tables,
		       size_t *ret_count, size_t most, struct err *err)
{
	size_t count = 0;
	int code;

	while ((code = sqlite3_step(mover->rows)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(mover->rows, 0);
		const char *column = (const char *)sqlite3_column_text(mover->rows, 1);
		struct move_table *last = count ? &tables[count - 1] : NULL;

		if (!last || strcmp(last->name, name) != 0) {
			if (count == most)
				return err_set(err, ERR_LIMIT, "more than %zu tables", most);
			last = &tables[count++];
			last->name = str_copy(a, str_of(name)).data;
		}
		if (last->count == MOVE_COLUMNS)
			return err_set(err, ERR_LIMIT, "%s: too many columns", name);
		last->column[last->count++] = str_copy(a, str_of(column)).data;
	}
	if (code != SQLITE_DONE)
		return fail(mover, code, "tables", err);
	*ret_count = count;
	return 0;
}

static int tables(struct mover *mover, struct arena *a, struct move_table **ret, size_t *ret_count,
		  struct err *err)
{
	/* As they were made: what refers to another came later. */
	static const char text[] =
		"SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_xinfo(t.name) c "
		"WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> "
		"'schema_version' "
		"AND c.hidden = 0 ORDER BY t.rowid, c.cid";
	enum { TABLES_MOST = 256 };
	struct move_table *all = arena_array(a, TABLES_MOST, sizeof *all);
	int code;

	TRY(prepare(mover, text, &mover->rows, err));
	code = read_tables(mover, a, all, ret_count, TABLES_MOST, err);
	sqlite3_finalize(mover->rows);
	mover->rows = NULL;
	*ret = all;
	return code;
}

/* ---- rows ---- */

static int prepare_text(struct mover *mover, const struct move_table *table, struct buf *text,
			sqlite3_stmt **ret, struct err *err)
{
	int code;

	buf_put_char(text, 0);
	sqlite3_finalize(*ret);
	*ret = NULL;
	mover->columns = table->count;
	code = prepare(mover, text->data, ret, err);
	buf_release(text);
	return code;
}

static int read_begin(struct mover *mover, const struct move_table *table, struct err *err)
{
	struct buf text;

	buf_init(&text, NULL);
	buf_put_lit(&text, "SELECT ");
	move_columns(&text, table);
	buf_printf(&text, " FROM \"%s\"", table->name);
	return prepare_text(mover, table, &text, &mover->rows, err);
}

static struct sql_value column(sqlite3_stmt *row, int at)
{
	size_t len = (size_t)sqlite3_column_bytes(row, at);

	switch (sqlite3_column_type(row, at)) {
	case SQLITE_INTEGER:
		return SQL_INT(sqlite3_column_int64(row, at));
	case SQLITE_TEXT:
		return SQL_TEXT(str_bytes(sqlite3_column_text(row, at), len));
	case SQLITE_BLOB:
		return SQL_BLOB(str_bytes(sqlite3_column_blob(row, at), len));
	default:
		return SQL_NULL;
	}
}

static int read_row(struct mover *mover, struct sql_value *values, struct err *err)
{
	int code = sqlite3_step(mover->rows);

	if (code == SQLITE_DONE)
		return 0;
	if (code != SQLITE_ROW)
		return fail(mover, code, "reading", err);
	for (size_t i = 0; i < mover->columns; i++)
		values[i] = column(mover->rows, (int)i);
	return 1;
}

static int write_begin(struct mover *mover, const struct move_table *table, struct err *err)
{
	struct buf text;

	buf_init(&text, NULL);
	buf_printf(&text, "INSERT INTO \"%s\" (", table->name);
	move_columns(&text, table);
	buf_put_lit(&text, ") VALUES (");
	for (size_t i = 0; i < table->count; i++)
		buf_put_str(&text, i ? STR_LIT(", ?") : STR_LIT("?"));
	buf_put_lit(&text, ")");
	return prepare_text(mover, table, &text, &mover->insert, err);
}

static int bind(sqlite3_stmt *row, int at, const struct sql_value *value)
{
	bool has_octets = value->type == SQL_TYPE_TEXT || value->type == SQL_TYPE_BLOB;
	const char *data = has_octets && value->octets.data ? value->octets.data : "";

	switch (value->type) {
	case SQL_TYPE_INT:
		return sqlite3_bind_int64(row, at, value->number);
	case SQL_TYPE_TEXT:
		return sqlite3_bind_text64(row, at, data, value->octets.len, SQLITE_STATIC,
					   SQLITE_UTF8);
	case SQL_TYPE_BLOB:
		return sqlite3_bind_blob64(row, at, data, value->octets.len, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(row, at);
	}
}

static int write_row(struct mover *mover, const struct sql_value *values, struct err *err)
{
	int code = SQLITE_OK;

	for (size_t i = 0; code == SQLITE_OK && i < mover->columns; i++)
		code = bind(mover->insert, (int)i + 1, &values[i]);
	if (code == SQLITE_OK)
		code = sqlite3_step(mover->insert);
	sqlite3_reset(mover->insert);
	return code == SQLITE_DONE ? 0 : fail(mover, code, "writing", err);
}

static int write_end(struct mover *mover, struct err *err)
{
	return 0;
}

/* ---- numbers ---- */

static int is_counting(struct mover *mover, const struct move_table *table, int64_t *ret,
		       struct err *err)
{
	char text[256];

	snprintf(text, sizeof text,
		 "SELECT sql LIKE '%%AUTOINCREMENT%%' FROM sqlite_schema WHERE name = '%s'",
		 table->name);
	return ask(mover, text, ret, err);
}

static int number_get(struct mover *mover, const struct move_table *table, int64_t *ret,
		      struct err *err)
{
	char text[256];
	int64_t counts = 0;

	*ret = 0;
	TRY(is_counting(mover, table, &counts, err));
	if (!counts)
		return 0;
	snprintf(text, sizeof text,
		 "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = '%s'",
		 table->name);
	return ask(mover, text, ret, err);
}

static int number_set(struct mover *mover, const struct move_table *table, int64_t number,
		      struct err *err)
{
	char text[256];
	int64_t counts = 0, before = 0;

	TRY(is_counting(mover, table, &counts, err));
	TRY(number_get(mover, table, &before, err));
	if (!counts || number <= before)
		return 0;
	snprintf(text, sizeof text, "DELETE FROM sqlite_sequence WHERE name = '%s'", table->name);
	TRY(ask(mover, text, NULL, err));
	snprintf(text, sizeof text, "INSERT INTO sqlite_sequence (name, seq) VALUES ('%s', %lld)",
		 table->name, (long long)number);
	return ask(mover, text, NULL, err);
}

static int move_commit(struct mover *mover, struct err *err)
{
	sqlite3_finalize(mover->rows);
	sqlite3_finalize(mover->insert);
	mover->rows = mover->insert = NULL;
	return ask(mover, "COMMIT", NULL, err);
}

const struct move_backend sqlite_move = {
	.open = move_open,
	.close = move_close,
	.tables = tables,
	.read_begin = read_begin,
	.read_row = read_row,
	.write_begin = write_begin,
	.write_row = write_row,
	.write_end = write_end,
	.number_get = number_get,
	.number_set = number_set,
	.ask = ask,
	.commit = move_commit,
};

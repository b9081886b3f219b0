/* SPDX-License-Identifier: Apache-2.0 */
/* How are all rows of a PostgreSQL store read, or written? By COPY in its binary form. */
#include "base/clock.h"
#include "store/mover.h"
#include "store/postgres/parts.h"

#include <endian.h>

enum { WAIT_MS = 60000, SEND_BYTES = 64 * 1024, TABLES_MOST = 256 };

/* PostgreSQL's documentation of COPY, "Binary Format": signature, flags, length of the extension. */
static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
enum { HEAD_BYTES = 19, NO_MORE = 0xffff, IS_NULL = -1 };

enum column_type { COLUMN_INT = 'i', COLUMN_TEXT = 't', COLUMN_BLOB = 'b' };

struct mover {
	struct store_place *place;
	PGconn *db;
	struct buf octets; /* read and not used, or to be sent */
	size_t used;
	size_t columns;
	char type[MOVE_COLUMNS];
	bool is_inside, has_head, is_over;
};

static int lost(struct mover *mover, struct err *err)
{
	return err_set(err, -ECONNREFUSED, "%s: the connection was lost: nothing was copied",
		       mover->place->name);
}

static int run(struct mover *mover, const char *text, PGresult **ret, struct err *err)
{
	return session_ask(mover->place, mover->db, text, POSTGRES_LONG_MS, ret, err);
}

static int server_ask(struct mover *mover, const char *text, int64_t *ret, struct err *err)
{
	PGresult *rows;

	TRY(run(mover, text, &rows, err));
	if (ret)
		*ret = PQntuples(rows) && !PQgetisnull(rows, 0, 0)
			       ? strtoll(PQgetvalue(rows, 0, 0), NULL, 10)
			       : 0;
	PQclear(rows);
	return 0;
}

static void move_close(struct mover *mover)
{
	if (mover->db)
		PQfinish(mover->db); /* the server undoes what was not committed */
	buf_release(&mover->octets);
	memory_free(mover);
}

static int move_open(struct store_place *place, bool is_target, struct mover **ret, struct err *err)
{
	struct mover *mover = memory_alloc(sizeof *mover);
	int code;

	*mover = (struct mover){ .place = place };
	buf_init(&mover->octets, NULL);
	code = session_connect(place, 0, &mover->db, err);
	if (code == 0)
		code = run(mover,
			   "SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '30s'",
			   NULL, err);
	if (code == 0)
		code = run(mover,
			   is_target ? "BEGIN; " POSTGRES_TAKE_TURN
				     : "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
			   NULL, err);
	if (code < 0)
		move_close(mover);
	else
		*ret = mover;
	return code;
}

/* ---- tables ---- */

static int server_tables(struct mover *mover, struct arena *a, struct move_table **ret,
			 size_t *ret_count, struct err *err)
{
	/* As they were made: what refers to another came later. */
	static const char text[] =
		"SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = "
		"c.oid "
		"WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' "
		"AND c.relname NOT IN ('schema_version', 'store_writer') AND a.attnum > 0 "
		"AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.oid, a.attnum";
	struct move_table *all = arena_array(a, TABLES_MOST, sizeof *all), *last = NULL;
	PGresult *rows;
	size_t count = 0;

	TRY(run(mover, text, &rows, err));
	for (int i = 0; i < PQntuples(rows); i++) {
		const char *name = PQgetvalue(rows, i, 0);

		if (!last || strcmp(last->name, name) != 0) {
			last = &all[MIN(count, (size_t)TABLES_MOST - 1)];
			count++;
			*last = (struct move_table){ .name = str_copy(a, str_of(name)).data };
		}
		if (count > TABLES_MOST || last->count == MOVE_COLUMNS) {
			PQclear(rows);
			return err_set(err, ERR_LIMIT, "%s: too many tables or columns", name);
		}
		last->column[last->count++] = str_copy(a, str_of(PQgetvalue(rows, i, 1))).data;
	}
	PQclear(rows);
	*ret = all;
	*ret_count = count;
	return 0;
}

/* What COPY's octets of each column mean. */
static int read_types(struct mover *mover, const struct move_table *table, struct err *err)
{
	char text[256];
	PGresult *rows;
	size_t known = 0;

	snprintf(
		text, sizeof text,
		"SELECT attname, CASE atttypid WHEN 20 THEN 'i' WHEN 25 THEN 't' WHEN 17 THEN 'b' "
		"ELSE '?' END FROM pg_attribute WHERE attrelid = '\"%s\"'::regclass AND attnum > 0",
		table->name);
	TRY(run(mover, text, &rows, err));
	mover->columns = table->count;
	for (size_t i = 0; i < table->count; i++)
		for (int k = 0; k < PQntuples(rows); k++)
			if (!strcmp(PQgetvalue(rows, k, 0), table->column[i])) {
				mover->type[i] = *PQgetvalue(rows, k, 1);
				known += mover->type[i] != '?';
			}
	PQclear(rows);
	if (known == table->count)
		return 0;
	return err_set(err, ERR_VERSION, "table %s has other columns in %s", table->name,
		       mover->place->name);
}

/* COPY answers with no rows but with a state of its own; then octets flow. */
static int copy_begin(struct mover *mover, const struct move_table *table, bool is_read,
		      struct err *err)
{
	int64_t until_us = clock_monotonic_us() + WAIT_MS * INT64_C(1000);
	ExecStatusType wanted = is_read ? PGRES_COPY_OUT : PGRES_COPY_IN;
	PGresult *answer;
	struct buf text;
	int code = 0;

	TRY(read_types(mover, table, err));
	mover->octets.len = mover->used = 0;
	mover->has_head = mover->is_over = false;
	buf_init(&text, NULL);
	buf_printf(&text, "COPY \"%s\" (", table->name);
	move_columns(&text, table);
	buf_printf(&text, ") %s (FORMAT binary)%c", is_read ? "TO STDOUT" : "FROM STDIN", 0);
	if (!PQsendQuery(mover->db, text.data))
		code = lost(mover, err);
	buf_release(&text);
	while (code == 0 && PQisBusy(mover->db))
		if (session_wait(mover->db, PQflush(mover->db) > 0, until_us) <= 0 ||
		    !PQconsumeInput(mover->db))
			code = lost(mover, err);
	TRY(code);
	answer = PQgetResult(mover->db);
	if (PQresultStatus(answer) != wanted)
		code = postgres_fail(mover->place, answer, table->name, err);
	PQclear(answer);
	return code;
}

/* After the last octet: what became of it all. */
static int copy_end(struct mover *mover, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + POSTGRES_LONG_MS * INT64_C(1000);
	PGresult *answer;
	int code = 0;

	for (;;) {
		while (PQisBusy(mover->db))
			if (session_wait(mover->db, PQflush(mover->db) > 0, until_us) <= 0 ||
			    !PQconsumeInput(mover->db))
				return lost(mover, err);
		answer = PQgetResult(mover->db);
		if (!answer)
			return code;
		if (code == 0 && PQresultStatus(answer) != PGRES_COMMAND_OK)
			code = postgres_fail(mover->place, answer, "COPY", err);
		PQclear(answer);
	}
}

/* ---- reading ---- */

static int read_more(struct mover *mover, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + WAIT_MS * INT64_C(1000);
	char *octets = NULL;
	int got;

	if (mover->used) {
		memmove(mover->octets.data, mover->octets.data + mover->used,
			mover->octets.len - mover->used);
		mover->octets.len -= mover->used;
		mover->used = 0;
	}
	while ((got = PQgetCopyData(mover->db, &octets, 1)) == 0)
		if (session_wait(mover->db, false, until_us) <= 0 || !PQconsumeInput(mover->db))
			return lost(mover, err);
	if (got > 0) {
		buf_put(&mover->octets, octets, (size_t)got);
		PQfreemem(octets);
		return 1;
	}
	return got == -1 ? 0 : lost(mover, err);
}

/* So many octets at the place; NULL and *ret_code when there are not. */
static const char *take(struct mover *mover, size_t at, size_t len, int *ret_code, struct err *err)
{
	while (mover->octets.len - mover->used < at + len) {
		int code = read_more(mover, err);

		if (code <= 0) {
			*ret_code = code < 0 ? code
					     : err_set(err, ERR_CORRUPT, "COPY: it ends too early");
			return NULL;
		}
	}
	return mover->octets.data + mover->used + at;
}

static int server_read_begin(struct mover *mover, const struct move_table *table, struct err *err)
{
	int code = 0;

	TRY(copy_begin(mover, table, true, err));
	if (!take(mover, 0, HEAD_BYTES, &code, err))
		return code;
	mover->used += HEAD_BYTES;
	return 0;
}

/* All of a row first, so that nothing moves while its values are used. */
static int row_bytes(struct mover *mover, size_t *ret, struct err *err)
{
	size_t at = 2;
	int code = 0;

	for (size_t i = 0; i < mover->columns; i++) {
		const char *octets = take(mover, at, 4, &code, err);
		int32_t len;

		if (!octets)
			return code;
		memcpy(&len, octets, sizeof len);
		len = (int32_t)be32toh((uint32_t)len);
		at += 4;
		if (len > 0 && !take(mover, at, (size_t)len, &code, err))
			return code;
		at += len > 0 ? (size_t)len : 0;
	}
	*ret = at;
	return 0;
}

static struct sql_value value_of(char type, const char *octets, int32_t len)
{
	uint64_t number;

	if (len == IS_NULL)
		return SQL_NULL;
	if (type == COLUMN_TEXT)
		return SQL_TEXT(str_bytes(octets, (size_t)len));
	if (type == COLUMN_BLOB)
		return SQL_BLOB(str_bytes(octets, (size_t)len));
	memcpy(&number, octets, sizeof number);
	return SQL_INT((int64_t)be64toh(number));
}

static int server_read_row(struct mover *mover, struct sql_value *values, struct err *err)
{
	const char *octets;
	uint16_t columns;
	size_t bytes = 0, at = 2;
	int code = 0;

	if (mover->is_over)
		return 0;
	octets = take(mover, 0, 2, &code, err);
	if (!octets)
		return code;
	memcpy(&columns, octets, sizeof columns);
	if (be16toh(columns) == NO_MORE) {
		mover->is_over = true;
		mover->used += 2;
		code = read_more(mover, err);
		return code < 0 ? code : copy_end(mover, err);
	}
	TRY(row_bytes(mover, &bytes, err));
	octets = mover->octets.data + mover->used;
	for (size_t i = 0; i < mover->columns; i++) {
		int32_t len;

		memcpy(&len, octets + at, sizeof len);
		len = (int32_t)be32toh((uint32_t)len);
		values[i] = value_of(mover->type[i], octets + at + 4, len);
		at += 4 + (len > 0 ? (size_t)len : 0);
	}
	mover->used += bytes;
	return 1;
}

/* ---- writing ---- */

static int send_octets(struct mover *mover, struct err *err)
{
	int64_t until_us = clock_monotonic_us() + WAIT_MS * INT64_C(1000);
	int sent;

	while ((sent = PQputCopyData(mover->db, mover->octets.data, (int)mover->octets.len)) == 0)
		if (session_wait(mover->db, true, until_us) <= 0)
			return lost(mover, err);
	mover->octets.len = 0;
	while (sent > 0 && (sent = PQflush(mover->db)) > 0)
		if (session_wait(mover->db, true, until_us) <= 0 || !PQconsumeInput(mover->db))
			return lost(mover, err);
	return sent < 0 ? lost(mover, err) : 0;
}

static int server_write_begin(struct mover *mover, const struct move_table *table, struct err *err)
{
	TRY(copy_begin(mover, table, false, err));
	buf_put(&mover->octets, head, HEAD_BYTES);
	return 0;
}

static void put_length(struct buf *out, int32_t len)
{
	uint32_t octets = htobe32((uint32_t)len);

	buf_put(out, &octets, sizeof octets);
}

static int server_write_row(struct mover *mover, const struct sql_value *values, struct err *err)
{
	uint16_t columns = htobe16((uint16_t)mover->columns);

	buf_put(&mover->octets, &columns, sizeof columns);
	for (size_t i = 0; i < mover->columns; i++) {
		const struct sql_value *value = &values[i];
		uint64_t number = htobe64((uint64_t)value->number);

		if (value->type == SQL_TYPE_NULL) {
			put_length(&mover->octets, IS_NULL);
		} else if (value->type == SQL_TYPE_INT) {
			put_length(&mover->octets, sizeof number);
			buf_put(&mover->octets, &number, sizeof number);
		} else {
			put_length(&mover->octets, (int32_t)value->octets.len);
			buf_put_str(&mover->octets, value->octets);
		}
	}
	return mover->octets.len < SEND_BYTES ? 0 : send_octets(mover, err);
}

static int server_write_end(struct mover *mover, struct err *err)
{
	static const uint16_t end = NO_MORE;
	int64_t until_us = clock_monotonic_us() + WAIT_MS * INT64_C(1000);
	int sent;

	buf_put(&mover->octets, &end, sizeof end);
	TRY(send_octets(mover, err));
	while ((sent = PQputCopyEnd(mover->db, NULL)) == 0)
		if (session_wait(mover->db, true, until_us) <= 0)
			return lost(mover, err);
	return sent < 0 ? lost(mover, err) : copy_end(mover, err);
}

/* ---- numbers ---- */

/* Of the column that the database fills in: its sequence, if the table has one. */
#define SEQUENCE_OF                                                                                \
	"(SELECT pg_get_serial_sequence('\"%s\"', attname) AS name FROM pg_attribute "             \
	"WHERE attrelid = '\"%s\"'::regclass AND attidentity <> '') part"

static int server_number_get(struct mover *mover, const struct move_table *table, int64_t *ret,
			     struct err *err)
{
	char text[512];

	snprintf(text, sizeof text,
		 "SELECT coalesce(pg_sequence_last_value(name), 0) FROM " SEQUENCE_OF, table->name,
		 table->name);
	return server_ask(mover, text, ret, err);
}

/* SQLite's tables without AUTOINCREMENT keep no number: the largest that is there. */
static int server_number_set(struct mover *mover, const struct move_table *table, int64_t number,
			     struct err *err)
{
	char text[512];
	int64_t largest = 0;
	bool has_no = false;

	for (size_t i = 0; i < table->count; i++)
		has_no |= !strcmp(table->column[i], "no");
	if (has_no) {
		snprintf(text, sizeof text, "SELECT coalesce(max(no), 0) FROM \"%s\"", table->name);
		TRY(server_ask(mover, text, &largest, err));
	}
	number = MAX(number, largest);
	if (!number)
		return 0;
	snprintf(text, sizeof text, "SELECT setval(name::regclass, %lld) FROM " SEQUENCE_OF,
		 (long long)number, table->name, table->name);
	return server_ask(mover, text, NULL, err);
}

static int move_commit(struct mover *mover, struct err *err)
{
	return run(mover, "NOTIFY " POSTGRES_CHANNEL "; COMMIT", NULL, err);
}

const struct move_backend postgres_move = {
	.open = move_open,
	.close = move_close,
	.tables = server_tables,
	.read_begin = server_read_begin,
	.read_row = server_read_row,
	.write_begin = server_write_begin,
	.write_row = server_write_row,
	.write_end = server_write_end,
	.number_get = server_number_get,
	.number_set = server_number_set,
	.ask = server_ask,
	.commit = move_commit,
};

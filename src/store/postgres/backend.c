/* SPDX-License-Identifier: Apache-2.0 */
/* How is a database made into a store? */
#include "store/postgres/parts.h"

enum { ARENA_BYTES = 64 * 1024, NUMBERED_MOST = 256 };

static void place_close(struct store_place *place)
{
	listener_close(place->listener);
	pthread_mutex_destroy(&place->mutex);
	arena_release(&place->arena);
	memory_free(place);
}

/* ---- statements ---- */

static unsigned values_of(const char *text)
{
	unsigned most = 0;

	for (; *text; text++)
		if (*text == '$' && char_is_digit(text[1]))
			most = MAX(most, (unsigned)strtoul(text + 1, NULL, 10));
	return most;
}

static bool is_change(struct str text)
{
	return str_starts(text, STR_LIT("INSERT ")) || str_starts(text, STR_LIT("UPDATE ")) ||
	       str_starts(text, STR_LIT("DELETE "));
}

static void statement_make(struct store_place *place, unsigned number,
			   const struct numbered *numbered, size_t count)
{
	const struct postgres_schema *schema = &place->schema;
	struct postgres_statement *statement = &place->statements[number];
	struct str text = str_of(schema->statements[number].text);

	statement->is_guarded = is_change(text);
	for (unsigned i = 0; i < schema->override_count; i++) {
		const struct postgres_override *own = &schema->overrides[i];

		if (own->statement != number)
			continue;
		if (own->text)
			text = str_of(own->text);
		statement->is_ahead |= own->is_ahead;
		statement->is_counted |= own->is_counted;
		if (own->is_ahead || own->is_plain)
			statement->is_guarded = false;
	}
	statement->is_change = is_change(text) || str_starts(text, STR_LIT("WITH "));
	statement->text = postgres_text(&place->arena, text, numbered, count);
	statement->values = values_of(statement->text);
}

static int statements_make(struct store_place *place, PGconn *db, struct err *err)
{
	unsigned total = place->schema.statement_count;
	struct numbered *numbered;
	PGresult *rows;
	size_t count;

	TRY(session_ask(place, db,
			"SELECT table_name, column_name FROM information_schema.columns WHERE "
			"is_identity = 'YES' AND table_schema = current_schema()",
			POSTGRES_ANSWER_MS, &rows, err));
	count = MIN((size_t)PQntuples(rows), (size_t)NUMBERED_MOST);
	numbered = arena_array(&place->arena, count + 1, sizeof *numbered);
	for (size_t i = 0; i < count; i++) {
		numbered[i].table = str_of(PQgetvalue(rows, (int)i, 0));
		numbered[i].column = str_of(PQgetvalue(rows, (int)i, 1));
	}
	place->statements = arena_array(&place->arena, total, sizeof *place->statements);
	place->types = arena_array(&place->arena, total, sizeof *place->types);
	for (unsigned i = 0; i < total; i++)
		statement_make(place, i, numbered, count);
	PQclear(rows);
	return 0;
}

/* ---- opening ---- */

/* Of processes that were killed; nobody looks for a mark so late. */
static int forget_writers(struct store_place *place, PGconn *db, struct err *err)
{
	if (place->flags & STORE_READ_ONLY)
		return 0;
	return session_ask(place, db,
			   "DELETE FROM store_writer WHERE marked_at < now() - interval '7 days'",
			   POSTGRES_ANSWER_MS, NULL, err);
}

static int open_parts(struct store_place *place, struct str where, struct err *err)
{
	PGconn *db;
	int code;

	TRY(address_read(place, where, err));
	TRY(session_connect(place, POSTGRES_STATEMENT_MS, &db, err));
	code = postgres_bring_up(place, db, err);
	if (code == 0)
		code = forget_writers(place, db, err);
	if (code == 0)
		code = statements_make(place, db, err);
	PQfinish(db);
	return code;
}

static int place_open(struct str where, unsigned flags, struct store_place **ret, struct err *err)
{
	struct store_place *place = memory_alloc(sizeof *place);
	int code;

	*place = (struct store_place){ .flags = flags, .schema = postgres_schema() };
	arena_init(&place->arena, ARENA_BYTES);
	pthread_mutex_init(&place->mutex, NULL);
	code = open_parts(place, where, err);
	if (code < 0) {
		place_close(place);
		return code;
	}
	*ret = place;
	return 0;
}

static int backup(struct store_place *place, const char *path, store_progress *progress,
		  void *context, struct err *err)
{
	return err_set(err, -EOPNOTSUPP,
		       "%s: a server's copies are made with pg_dump or pg_basebackup; dss db copy "
		       "makes a store of one file",
		       place->name);
}

const struct store_backend store_backend_postgres = {
	.scheme = "postgresql",
	.open = place_open,
	.close = place_close,
	.connect = postgres_connect,
	.disconnect = postgres_disconnect,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.roll_back = postgres_roll_back,
	.savepoint_set = postgres_savepoint_set,
	.savepoint_keep = postgres_savepoint_keep,
	.savepoint_undo = postgres_savepoint_undo,
	.run_begin = postgres_run_begin,
	.foresee = postgres_foresee,
	.forget = postgres_forget,
	.run_step = postgres_run_step,
	.run_column = postgres_run_column,
	.run_changes = postgres_run_changes,
	.run_inserted = postgres_run_inserted,
	.run_end = postgres_run_end,
	.statement_name = postgres_statement_name,
	.backup = backup,
	.check = postgres_check,
	.wake_fd = postgres_wake_fd,
	.move = &postgres_move,
};

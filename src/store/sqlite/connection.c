/* SPDX-License-Identifier: Apache-2.0 */
/* How is a connection to the file opened, and how is it set? */
#include "store/sqlite/parts.h"

/* ---- asking without a repository ---- */

int sqlite_ask(sqlite3 *db, const char *path, const char *text, int64_t *ret, struct err *err)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(db, text, -1, &statement, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW && ret)
			*ret = sqlite3_column_int64(statement, 0);
		while (code == SQLITE_ROW)
			code = sqlite3_step(statement);
		sqlite3_finalize(statement);
	}
	if (code == SQLITE_OK || code == SQLITE_DONE)
		return 0;
	return sqlite_fail(db, code, path, text, err);
}

/* ---- opening ---- */

static const struct {
	int option, value;
} switches[] = {
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },      { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
	{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },    { SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
	{ SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0 }
};

/* FULL: a commit is on disk. cell_size_check: damage is seen before it is used. */
static const char *const settings_of_both[] = {
	"PRAGMA synchronous = FULL",
	"PRAGMA mmap_size = 0",
	"PRAGMA temp_store = MEMORY",
	"PRAGMA cell_size_check = ON",
};

/* Caches in KiB. A log that was long is cut to 32 MiB when it is begun anew (log.c). */
static const char *const settings_of_writers[] = {
	"PRAGMA cache_size = -16384",
	"PRAGMA journal_size_limit = 33554432",
};

static const char *const settings_of_readers[] = {
	"PRAGMA cache_size = -2048",
	"PRAGMA query_only = ON",
};

static int ask_all(sqlite3 *db, const char *path, const char *const *texts, size_t count,
		   struct err *err)
{
	for (size_t i = 0; i < count; i++)
		TRY(sqlite_ask(db, path, texts[i], NULL, err));
	return 0;
}

static int open_file(struct store_place *place, sqlite3 **ret, struct err *err)
{
	int flags = place->flags & STORE_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	sqlite3 *db = NULL;
	int code = sqlite3_open_v2(place->path, &db,
				   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(db, SQLITE_BUSY_MS);
	for (size_t i = 0; code == SQLITE_OK && i < ARRAY_COUNT(switches); i++)
		code = sqlite3_db_config(db, switches[i].option, switches[i].value, NULL);
	if (code != SQLITE_OK) {
		code = sqlite_fail(db, code, place->path, "opening", err);
		sqlite3_close(db);
		return code;
	}
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, SQLITE_VALUE_BYTES);
	*ret = db;
	return 0;
}

bool sqlite_has_moved(sqlite3 *db)
{
	int has_moved = 0;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
	return has_moved;
}

int sqlite_open_to_look(struct store_place *place, sqlite3 **ret, struct err *err)
{
	sqlite3 *db;

	TRY(open_file(place, &db, err));
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	*ret = db;
	return 0;
}

int sqlite_open(struct store_place *place, bool is_writer, sqlite3 **ret, struct err *err)
{
	sqlite3 *db = NULL;
	int code;

	TRY(open_file(place, &db, err));
	code = ask_all(db, place->path, settings_of_both, ARRAY_COUNT(settings_of_both), err);
	if (code == 0 && is_writer)
		code = ask_all(db, place->path, settings_of_writers,
			       ARRAY_COUNT(settings_of_writers), err);
	if (code == 0 && !is_writer)
		code = ask_all(db, place->path, settings_of_readers,
			       ARRAY_COUNT(settings_of_readers), err);
	if (code < 0) {
		sqlite3_close(db);
		return code;
	}
	*ret = db;
	return 0;
}

int sqlite_connect(struct store_place *place, bool is_writer, struct store_connection **ret,
		   struct err *err)
{
	struct sqlite_connection *own;
	sqlite3 *db = NULL;
	size_t size = place->schema.statement_count * sizeof *own->runs;
	int code;

	TRY(sqlite_open(place, is_writer, &db, err));
	own = memory_alloc(sizeof *own);
	*own = (struct sqlite_connection){ .place = place, .db = db };
	own->runs = memory_alloc(size);
	memset(own->runs, 0, size);
	code = sqlite_controls_prepare(own, err);
	if (code < 0) {
		sqlite_disconnect(&own->base);
		return code;
	}
	if (is_writer)
		sqlite_log_watch(own);
	*ret = &own->base;
	return 0;
}

void sqlite_disconnect(struct store_connection *c)
{
	struct sqlite_connection *own = sqlite_of(c);

	for (size_t i = 0; i < own->place->schema.statement_count; i++)
		sqlite3_finalize(own->runs[i].statement);
	for (size_t i = 0; i < CONTROL_COUNT; i++)
		sqlite3_finalize(own->control[i]);
	sqlite3_close(own->db);
	memory_free(own->runs);
	memory_free(own);
}

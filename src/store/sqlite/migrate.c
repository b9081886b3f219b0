/* SPDX-License-Identifier: Apache-2.0 */
/* Of which release is the file, and how does it become ours? */
#include "base/clock.h"
#include "store/sqlite/parts.h"

/* "DSS1": in the file's header, so that file(1) and we know whose it is. */
enum { APPLICATION_ID = 0x44535331 };

static const char make_versions[] = "CREATE TABLE IF NOT EXISTS schema_version ("
				    " number INTEGER PRIMARY KEY,"
				    " name TEXT NOT NULL,"
				    " hash TEXT NOT NULL," /* BLAKE2b-256 of the migration's file */
				    " applied_at INTEGER NOT NULL"
				    ") STRICT";

/* ---- which version ---- */

/* Are the migrations that were applied the ones that we know? */
static int check_hashes(struct store_place *place, sqlite3 *db, struct err *err)
{
	static const char text[] = "SELECT number, name, hash FROM schema_version ORDER BY number";
	const struct sqlite_schema *schema = &place->schema;
	sqlite3_stmt *rows;
	int code = sqlite3_prepare_v2(db, text, -1, &rows, NULL), ours = 0;
	unsigned number = 0;

	while (code == SQLITE_OK && ours == 0 && sqlite3_step(rows) == SQLITE_ROW &&
	       number < schema->migration_count) {
		const struct sqlite_migration *known = &schema->migrations[number++];
		struct str hash = str_of((const char *)sqlite3_column_text(rows, 2));

		if (sqlite3_column_int64(rows, 0) != known->number ||
		    !str_eq(hash, str_of(known->hash)))
			ours = err_set(
				err, ERR_VERSION,
				"%s: migration %u was applied in another form (%.8s, here %.8s): "
				"it was made by a variant of this release",
				place->path, number, hash.data ? hash.data : "none", known->hash);
	}
	if (code != SQLITE_OK)
		return sqlite_fail(db, code, place->path, text, err);
	code = sqlite3_finalize(rows);
	if (ours == 0 && code != SQLITE_OK)
		return sqlite_fail(db, code, place->path, text, err);
	return ours;
}

int sqlite_version(struct store_place *place, sqlite3 *db, unsigned *ret, struct err *err)
{
	const char *path = place->path;
	int64_t tables = 0, application = 0, versions = 0, newest = 0;

	TRY(sqlite_ask(db, path, "SELECT count(*) FROM sqlite_schema", &tables, err));
	if (!tables) {
		*ret = 0;
		return 0;
	}
	TRY(sqlite_ask(db, path, "PRAGMA application_id", &application, err));
	TRY(sqlite_ask(db, path, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'",
		       &versions, err));
	if (application != APPLICATION_ID || !versions)
		return err_set(err, -EMEDIUMTYPE,
			       "%s: is the database of another program: name another folder", path);
	TRY(sqlite_ask(db, path, "SELECT coalesce(max(number), 0) FROM schema_version", &newest,
		       err));
	if (newest > place->schema.migration_count)
		return err_set(err, ERR_VERSION,
			       "%s: was made by a newer release (schema %lld, this one knows %u): "
			       "install that release; nothing was changed",
			       path, (long long)newest, place->schema.migration_count);
	TRY(check_hashes(place, db, err));
	*ret = (unsigned)newest;
	return 0;
}

/* ---- becoming ours ---- */

static int exec(struct store_place *place, sqlite3 *db, const char *text, const char *what,
		struct err *err)
{
	int code = sqlite3_exec(db, text, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : sqlite_fail(db, code, place->path, what, err);
}

static int note_version(struct store_place *place, sqlite3 *db,
			const struct sqlite_migration *migration, struct err *err)
{
	static const char text[] = "INSERT INTO schema_version VALUES (?1, ?2, ?3, ?4)";
	sqlite3_stmt *row;
	int code = sqlite3_prepare_v2(db, text, -1, &row, NULL);

	if (code == SQLITE_OK) {
		sqlite3_bind_int64(row, 1, migration->number);
		sqlite3_bind_text(row, 2, migration->name, -1, SQLITE_STATIC);
		sqlite3_bind_text(row, 3, migration->hash, -1, SQLITE_STATIC);
		sqlite3_bind_int64(row, 4, clock_utc_us());
		sqlite3_step(row);
		code = sqlite3_finalize(row);
	}
	return code == SQLITE_OK ? 0 : sqlite_fail(db, code, place->path, text, err);
}

static int check_references(struct store_place *place, sqlite3 *db, const char *name,
			    struct err *err)
{
	int64_t broken = 0;

	TRY(sqlite_ask(db, place->path, "SELECT count(*) FROM pragma_foreign_key_check", &broken,
		       err));
	if (!broken)
		return 0;
	return err_set(
		err, ERR_REFERENCE,
		"%s: migration %s would leave %lld rows that refer to nothing: it was undone",
		place->path, name, (long long)broken);
}

static int apply_inside(struct store_place *place, sqlite3 *db,
			const struct sqlite_migration *migration, struct err *err)
{
	TRY(exec(place, db, migration->text, migration->name, err));
	if (sqlite3_get_autocommit(db))
		return err_set(err, -EINVAL,
			       "%s: migration %s ended its transaction: this is a defect "
			       "of DSS",
			       place->path, migration->name);
	TRY(exec(place, db, make_versions, "schema_version", err));
	TRY(exec(place, db, "PRAGMA application_id = 0x44535331", "application_id", err));
	TRY(note_version(place, db, migration, err));
	return check_references(place, db, migration->name, err);
}

static int apply(struct store_place *place, sqlite3 *db, const struct sqlite_migration *migration,
		 struct err *err)
{
	int code;

	TRY(exec(place, db, "BEGIN IMMEDIATE", migration->name, err));
	code = apply_inside(place, db, migration, err);
	if (code == 0)
		code = exec(place, db, "COMMIT", migration->name, err);
	if (code < 0 && !sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return code;
}

static int copy_before(struct store_place *place, unsigned number, struct err *err)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof path, "%s.before-%u", place->path, number);
	return sqlite_copy(place, path, true, NULL, NULL, err);
}

static int use_log(struct store_place *place, sqlite3 *db, struct err *err)
{
	static const char text[] = "PRAGMA journal_mode = WAL";
	sqlite3_stmt *row;
	bool is_log = false;
	int code = sqlite3_prepare_v2(db, text, -1, &row, NULL);

	if (code == SQLITE_OK) {
		if (sqlite3_step(row) == SQLITE_ROW)
			is_log = str_eq(str_of((const char *)sqlite3_column_text(row, 0)),
					STR_LIT("wal"));
		code = sqlite3_finalize(row);
	}
	if (code != SQLITE_OK)
		return sqlite_fail(db, code, place->path, text, err);
	if (is_log)
		return 0;
	return err_set(err, -EOPNOTSUPP,
		       "%s: its file system has no shared memory between processes: put the data "
		       "folder on a local disk",
		       place->path);
}

int sqlite_migrate(struct store_place *place, sqlite3 *db, unsigned version, struct err *err)
{
	const struct sqlite_schema *schema = &place->schema;

	TRY(use_log(place, db, err));
	if (version == schema->migration_count)
		return 0;
	if (version)
		TRY(copy_before(place, version + 1, err));
	/* Tables may be made anew: references are checked before each commit instead. */
	TRY(sqlite_ask(db, place->path, "PRAGMA foreign_keys = OFF", NULL, err));
	for (unsigned i = version; i < schema->migration_count; i++)
		TRY(apply(place, db, &schema->migrations[i], err));
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Of which release is the database, and how does it become ours? */
#include "base/fault.h"
#include "store/postgres/parts.h"

/* One process at a time looks and migrates: "DSS_MIGR". */
#define MIGRATION_LOCK "4923370486429730642"

/* Besides the migrations' tables. works_from: releases that know that schema can work on this one.
 * store_writer: which of its transactions each writer has committed last (parts.h). */
static const char make_versions[] =
	"CREATE TABLE IF NOT EXISTS schema_version ("
	" number bigint PRIMARY KEY,"
	" name text NOT NULL,"
	" hash text NOT NULL," /* BLAKE2b-256 of the migration's file */
	" works_from bigint NOT NULL,"
	" applied_at timestamptz NOT NULL DEFAULT now());"
	"CREATE TABLE IF NOT EXISTS store_writer ("
	" id bytea PRIMARY KEY,"
	" mark bigint NOT NULL,"
	" marked_at timestamptz NOT NULL DEFAULT now()) WITH (fillfactor = 10)";

static int too_new(struct store_place *place, int64_t newest, struct err *err)
{
	return err_set(err, ERR_VERSION,
		       "%s: was made by a newer release (schema %lld, this one knows %u): install "
		       "that release; nothing was changed",
		       place->name, (long long)newest, place->schema.migration_count);
}

/* Are the migrations that were applied the ones that we know? Newer ones may say that we can work. */
static int check_rows(struct store_place *place, const PGresult *rows, struct err *err)
{
	const struct postgres_schema *schema = &place->schema;
	int count = PQntuples(rows);

	for (int i = 0; i < count; i++) {
		const char *hash = PQgetvalue(rows, i, 1);
		int64_t works_from = strtoll(PQgetvalue(rows, i, 2), NULL, 10);

		if ((unsigned)i >= schema->migration_count) {
			if (works_from > schema->migration_count && !FAULT_IS_OFF("works-from"))
				return too_new(place, count, err);
		} else if (strtoll(PQgetvalue(rows, i, 0), NULL, 10) != i + 1 ||
			   strcmp(hash, schema->migrations[i].hash) != 0) {
			return err_set(err, ERR_VERSION,
				       "%s: migration %d was applied in another form (%.8s, here "
				       "%.8s): it was made by a variant of this release",
				       place->name, i + 1, hash, schema->migrations[i].hash);
		}
	}
	return 0;
}

int postgres_version(struct store_place *place, PGconn *db, unsigned *ret, struct err *err)
{
	int64_t tables = 0, versions = 0;
	PGresult *rows;
	int code;

	TRY(session_number(place, db,
			   "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()",
			   &tables, err));
	TRY(session_number(place, db,
			   "SELECT count(*) FROM information_schema.columns WHERE column_name = "
			   "'works_from' AND table_name = 'schema_version' AND table_schema = "
			   "current_schema()",
			   &versions, err));
	if (!tables) {
		*ret = 0;
		return 0;
	}
	if (!versions)
		return err_set(err, -EMEDIUMTYPE,
			       "%s: is the database of another program: name another", place->name);
	TRY(session_ask(place, db,
			"SELECT number, hash, works_from FROM schema_version ORDER BY number",
			POSTGRES_ANSWER_MS, &rows, err));
	code = check_rows(place, rows, err);
	if (code == 0)
		*ret = (unsigned)PQntuples(rows);
	PQclear(rows);
	return code;
}

/* ---- becoming ours ---- */

static int note_version(struct store_place *place, PGconn *db,
			const struct postgres_migration *migration, struct err *err)
{
	char text[512];

	snprintf(text, sizeof text,
		 "INSERT INTO schema_version (number, name, hash, works_from) VALUES "
		 "(%u, '%s', '%s', %u)",
		 migration->number, migration->name, migration->hash, migration->works_from);
	return session_ask(place, db, text, POSTGRES_ANSWER_MS, NULL, err);
}

static int apply_inside(struct store_place *place, PGconn *db,
			const struct postgres_migration *migration, struct err *err)
{
	struct err why;
	int code;

	TRY(session_ask(place, db, make_versions, POSTGRES_ANSWER_MS, NULL, err));
	code = session_ask(place, db, migration->text, POSTGRES_LONG_MS, NULL, &why);
	if (code < 0)
		return err_set(err, code, "migration %s: %s", migration->name, why.text);
	if (PQtransactionStatus(db) != PQTRANS_INTRANS)
		return err_set(err, -EINVAL,
			       "%s: migration %s ended its transaction: this is a defect of DSS",
			       place->name, migration->name);
	return note_version(place, db, migration, err);
}

static int apply(struct store_place *place, PGconn *db, const struct postgres_migration *migration,
		 struct err *err)
{
	struct err ignored;
	int code;

	TRY(session_ask(place, db, "BEGIN", POSTGRES_ANSWER_MS, NULL, err));
	code = apply_inside(place, db, migration, err);
	if (code == 0)
		code = session_ask(place, db, "COMMIT", POSTGRES_LONG_MS, NULL, err);
	if (code < 0)
		(void)!session_ask(place, db, "ROLLBACK", POSTGRES_ANSWER_MS, NULL, &ignored);
	return code;
}

static int migrate(struct store_place *place, PGconn *db, struct err *err)
{
	const struct postgres_schema *schema = &place->schema;
	unsigned version = 0;

	TRY(postgres_version(place, db, &version, err));
	TRY(session_ask(place, db, "SET statement_timeout = 0; SET lock_timeout = '60s'",
			POSTGRES_ANSWER_MS, NULL, err));
	for (unsigned i = version; i < schema->migration_count; i++)
		TRY(apply(place, db, &schema->migrations[i], err));
	return 0;
}

/* The lock is the session's: it goes with the connection, whatever happens. */
static int migrate_alone(struct store_place *place, PGconn *db, struct err *err)
{
	struct err ignored;
	int code;

	TRY(session_ask(place, db,
			"SET statement_timeout = 0; SET lock_timeout = 0; "
			"SELECT pg_advisory_lock(" MIGRATION_LOCK ")",
			POSTGRES_LONG_MS, NULL, err));
	code = migrate(place, db, err);
	(void)!session_ask(place, db, "SELECT pg_advisory_unlock(" MIGRATION_LOCK ")",
			   POSTGRES_ANSWER_MS, NULL, &ignored);
	return code;
}

static int check_writable(struct store_place *place, PGconn *db, struct err *err)
{
	int64_t is_read_only = 0;

	TRY(session_number(
		place, db,
		"SELECT (pg_is_in_recovery() OR current_setting('transaction_read_only') = "
		"'on')::int",
		&is_read_only, err));
	if (!is_read_only)
		return 0;
	return err_set(err, -EROFS,
		       "%s: it may only be read here: name the primary server, not a standby",
		       place->name);
}

int postgres_bring_up(struct store_place *place, PGconn *db, struct err *err)
{
	unsigned version = 0, ours = place->schema.migration_count;
	bool may_migrate = !(place->flags & (STORE_READ_ONLY | STORE_NO_MIGRATION));

	TRY(postgres_version(place, db, &version, err));
	if (!(place->flags & STORE_READ_ONLY))
		TRY(check_writable(place, db, err));
	if (!version && !(place->flags & STORE_CREATE))
		return err_set(err, -ENOENT, "%s: there is no store in this database", place->name);
	if (version >= ours)
		return 0;
	if (!may_migrate || (version && !(place->flags & STORE_MIGRATE)))
		return err_set(err, ERR_VERSION,
			       "%s: is of an older release (schema %u, this one wants %u): run dss "
			       "db migrate once",
			       place->name, version, ours);
	return migrate_alone(place, db, err);
}

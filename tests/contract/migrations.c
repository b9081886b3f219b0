/* SPDX-License-Identifier: Apache-2.0 */
/* Does an older store become ours with nothing lost, and does what is not ours stay as it is? */
#include "store/parts.h"
#include "tests/contract/fixture.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

static void make_release(struct fixture *f, unsigned migrations)
{
	sqlite_schema_replace(fixture_schema(migrations));
	store_close(fixture_store(f));
}

static void ask(const char *path, const char *text)
{
	sqlite3 *db;
	char *said = NULL;

	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &said) != SQLITE_OK)
		fail_msg("%s: %s", text, said);
	sqlite3_close(db);
}

static int64_t number(const char *path, const char *text)
{
	sqlite3 *db;
	sqlite3_stmt *row;
	int64_t value;

	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	CHECK_INT(sqlite3_prepare_v2(db, text, -1, &row, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_step(row), SQLITE_ROW);
	value = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(db);
	return value;
}

static const char insert_row[] = "INSERT INTO item (id, name, value) VALUES (7, 'kept', 9)";

TEST(an_older_store_is_brought_up_after_a_copy_and_keeps_its_rows)
{
	struct fixture f;
	struct store *store;
	struct store_check check;
	struct arena a = { 0 };

	fixture_open(&f);
	make_release(&f, 1);
	ask(fixture_path(&f, "dss.db"), insert_row);
	sqlite_schema_replace(fixture_schema(3));
	store = fixture_store(&f);
	CHECK_INT(fixture_count(store), 1);
	CHECK_INT(store_check(store, &a, &check, &f.err), 0);
	CHECK(check.count == 0 && check.version == 3);
	store_close(store);
	CHECK_INT(number(fixture_path(&f, "dss.db"), "SELECT note = x'33' FROM item WHERE id = 7"),
		  1);
	CHECK_INT(number(fixture_path(&f, "dss.db"),
			 "SELECT count(*) FROM schema_version WHERE applied_at > 1700000000000000"),
		  3);
	/* the copy is the store as it was */
	CHECK_INT(number(fixture_path(&f, "dss.db.before-2"), "SELECT value FROM item"), 9);
	CHECK_INT(
		number(fixture_path(&f, "dss.db.before-2"), "SELECT count(*) FROM schema_version"),
		1);
	CHECK(access(fixture_path(&f, "dss.db.before-3"), F_OK) < 0);
	CHECK(access(fixture_path(&f, "dss.db.before-1"), F_OK) < 0);
	fixture_close(&f);
	arena_release(&a);
}

TEST(migration_can_be_forbidden)
{
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	make_release(&f, 1);
	sqlite_schema_replace(fixture_schema(3));
	CHECK_INT(store_open(str_of(f.url), STORE_NO_MIGRATION, &store, &f.err), ERR_VERSION);
	CHECK(strstr(f.err.text, "is of an older release (schema 1, this one wants 3)"));
	CHECK_INT(store_open(str_of(f.url), STORE_READ_ONLY, &store, &f.err), ERR_VERSION);
	CHECK_INT(number(fixture_path(&f, "dss.db"), "SELECT count(*) FROM schema_version"), 1);
	fixture_close(&f);
}

/* ---- refused, untouched ---- */

static void plain(struct fixture *f)
{
	make_release(f, 3);
	ask(fixture_path(f, "dss.db"), insert_row);
}

/* The release that made it was killed: its last commits are in the log only. */
static void with_log(struct fixture *f)
{
	struct str db, log;
	struct arena a = { 0 };
	sqlite3 *db_open;
	int fd;

	plain(f);
	CHECK_INT(sqlite3_open(fixture_path(f, "dss.db"), &db_open), SQLITE_OK);
	CHECK_INT(sqlite3_exec(db_open, "UPDATE item SET value = 10", NULL, NULL, NULL), SQLITE_OK);
	db = fixture_file(&a, f, "dss.db");
	log = fixture_file(&a, f, "dss.db-wal");
	CHECK(log.len > 0);
	sqlite3_close(db_open);
	fd = open(fixture_path(f, "dss.db"), O_WRONLY | O_TRUNC);
	CHECK_INT(write(fd, db.data, db.len), (ssize_t)db.len);
	close(fd);
	fd = open(fixture_path(f, "dss.db-wal"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK_INT(write(fd, log.data, log.len), (ssize_t)log.len);
	close(fd);
	arena_release(&a);
}

static void of_another_program(struct fixture *f)
{
	ask(fixture_path(f, "dss.db"), "CREATE TABLE bookmarks (url TEXT)");
}

static void of_another_variant(struct fixture *f)
{
	make_release(f, 2);
	ask(fixture_path(f, "dss.db"), "UPDATE schema_version SET hash = 'other' WHERE number = 2");
}

static void no_database(struct fixture *f)
{
	static const char text[] =
		"my notes, which are no database and longer than its header ......"
		"....................................................................";
	int fd = open(fixture_path(f, "dss.db"), O_WRONLY | O_CREAT, 0600);

	CHECK_INT(write(fd, text, sizeof text), sizeof text);
	close(fd);
}

TEST(what_is_not_ours_is_refused_and_not_a_byte_of_it_changed)
{
	static const struct {
		const char *what;
		void (*make)(struct fixture *f);
		unsigned known;
		int code;
		const char *says;
	} rows[] = {
		{ "newer", plain, 2, ERR_VERSION,
		  "was made by a newer release (schema 3, this one knows 2): install that "
		  "release" },
		{ "newer, killed", with_log, 2, ERR_VERSION, "was made by a newer release" },
		{ "another program's", of_another_program, 3, -EMEDIUMTYPE, "of another program" },
		{ "a variant", of_another_variant, 3, ERR_VERSION,
		  "migration 2 was applied in another form (other, here hash-of-)" },
		{ "no database", no_database, 3, -EMEDIUMTYPE, "is no database of ours" },
	};
	static const unsigned flags[] = { 0, STORE_CREATE, STORE_READ_ONLY, STORE_NO_MIGRATION };

	for (size_t i = 0; i < ARRAY_COUNT(rows) * ARRAY_COUNT(flags); i++) {
		struct arena a = { 0 };
		struct str before, log_before = STR_NONE;
		struct fixture f;
		struct store *store;
		bool has_log;

		test_row("%s, flags %u", rows[i / 4].what, flags[i % 4]);
		fixture_open(&f);
		rows[i / 4].make(&f);
		before = fixture_file(&a, &f, "dss.db");
		has_log = access(fixture_path(&f, "dss.db-wal"), F_OK) == 0;
		if (has_log)
			log_before = fixture_file(&a, &f, "dss.db-wal");
		sqlite_schema_replace(fixture_schema(rows[i / 4].known));
		CHECK_INT(store_open(str_of(f.url), flags[i % 4], &store, &f.err),
			  rows[i / 4].code);
		if (!strstr(f.err.text, rows[i / 4].says))
			fail_msg("%s", f.err.text);
		CHECK(str_eq(before, fixture_file(&a, &f, "dss.db")));
		CHECK(!has_log || str_eq(log_before, fixture_file(&a, &f, "dss.db-wal")));
		fixture_close(&f);
		arena_release(&a);
	}
}

/* ---- a migration that cannot be applied ---- */

static struct sqlite_schema with_third(const char *text)
{
	static struct sqlite_migration migrations[3];
	struct sqlite_schema schema = *fixture_schema(3);

	memcpy(migrations, schema.migrations, sizeof migrations);
	migrations[2].text = text;
	schema.migrations = migrations;
	return schema;
}

TEST(a_migration_that_fails_is_undone_and_the_release_before_goes_on)
{
	static const struct {
		const char *text;
		int code;
		const char *says;
	} rows[] = {
		{ "ALTER TABLE item ADD COLUMN more TEXT; SELECT absent;", -EINVAL,
		  "index: no such column" },
		{ "ALTER TABLE item ADD COLUMN more TEXT; INSERT INTO item (id, name, value) "
		  "VALUES (8, 'kept', 1);",
		  -EEXIST, "UNIQUE constraint failed: item.name" },
		{ "ALTER TABLE item ADD COLUMN more TEXT; UPDATE item SET parent = 99;",
		  ERR_REFERENCE, "migration index would leave 1 rows that refer to nothing" },
		{ "ALTER TABLE item ADD COLUMN more TEXT; COMMIT;", -EINVAL,
		  "ended its transaction" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct sqlite_schema schema = with_third(rows[i].text);
		struct fixture f;
		struct store *store;

		test_row("%s", rows[i].text);
		fixture_open(&f);
		make_release(&f, 2);
		ask(fixture_path(&f, "dss.db"), insert_row);
		sqlite_schema_replace(&schema);
		CHECK_INT(store_open(str_of(f.url), 0, &store, &f.err), rows[i].code);
		if (!strstr(f.err.text, rows[i].says))
			fail_msg("%s", f.err.text);
		CHECK_INT(number(fixture_path(&f, "dss.db.before-3"), "SELECT value FROM item"), 9);
		if (i < 3) {
			sqlite_schema_replace(fixture_schema(2));
			store = fixture_store(&f);
			CHECK_INT(fixture_count(store), 1);
			fixture_check(store);
			store_close(store);
			CHECK_INT(number(fixture_path(&f, "dss.db"),
					 "SELECT count(*) FROM pragma_table_info('item') "
					 "WHERE name = 'more'"),
				  0);
		}
		fixture_close(&f);
	}
}

/* ---- this release's own ---- */

static int prepare_all(struct store_tx *tx, void *context, struct err *err)
{
	const struct store_backend *backend = tx->connection->backend;
	size_t *count = context;

	for (; *count < SQL_STATEMENTS; ++*count) {
		struct err why = { 0 };
		struct store_run *run;
		struct sql_value values[64];

		for (size_t i = 0; i < ARRAY_COUNT(values); i++)
			values[i] = SQL_NULL;
		/* It is prepared first; then the number of values does not fit. */
		CHECK_INT(backend->run_begin(tx->connection, (unsigned)*count, values, 64, true,
					     &run, &why),
			  -EINVAL);
		if (!strstr(why.text, "64 given"))
			return err_set(err, -EINVAL, "%s", why.text);
	}
	return 0;
}

TEST(every_statement_of_this_release_fits_its_schema)
{
	struct fixture f;
	struct store *store;
	size_t count = 0;

	fixture_open(&f);
	sqlite_schema_replace(NULL);
	store = fixture_store(&f);
	if (store_read(store, prepare_all, &count, &f.err) < 0)
		fail_msg("%s", f.err.text);
	CHECK_INT(count, SQL_STATEMENTS);
	fixture_check(store);
	store_close(store);
	fixture_close(&f);
}

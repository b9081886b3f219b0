/* SPDX-License-Identifier: Apache-2.0 */
/* What do all tests of the store begin and end with? */
#include "tests/contract/fixture.h"

#include "tests/file.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct sqlite_migration migrations[FIXTURE_MIGRATIONS] = {
	{ 1, "first", "hash-of-first",
	  "CREATE TABLE item ("
	  " id INTEGER PRIMARY KEY,"
	  " name TEXT NOT NULL UNIQUE,"
	  " value INTEGER NOT NULL CHECK (value >= 0),"
	  " parent INTEGER REFERENCES item (id)"
	  ") STRICT;" },
	{ 2, "note", "hash-of-note", "ALTER TABLE item ADD COLUMN note BLOB;" },
	{ 3, "index", "hash-of-index",
	  "CREATE INDEX item_by_value ON item (value, id);"
	  "UPDATE item SET note = x'33' WHERE note IS NULL;" },
};

static const struct sqlite_statement statements[ITEM_STATEMENTS] = {
	[ITEM_INSERT] = { "ITEM_INSERT", "INSERT INTO item (id, name, value, parent, note)"
					 " VALUES (?1, ?2, ?3, ?4, ?5)" },
	[ITEM_ADD] = { "ITEM_ADD", "INSERT INTO item (name, value) VALUES (?1, ?2) RETURNING id" },
	[ITEM_GET] = { "ITEM_GET", "SELECT id, name, value, parent, note FROM item WHERE id = ?1" },
	[ITEM_ALL] = { "ITEM_ALL", "SELECT id FROM item ORDER BY id" },
	[ITEM_COUNT] = { "ITEM_COUNT", "SELECT count(*) FROM item" },
	[ITEM_SUM] = { "ITEM_SUM", "SELECT coalesce(sum(value), 0) FROM item" },
	[ITEM_DELETE] = { "ITEM_DELETE", "DELETE FROM item WHERE id = ?1" },
	[ITEM_RAISE] = { "ITEM_RAISE", "UPDATE item SET value = value + ?2 WHERE id = ?1" },
	[ITEM_REAL] = { "ITEM_REAL", "SELECT 1.5" },
	[ITEM_BROKEN] = { "ITEM_BROKEN", "SELECT FROM WHERE" },
	[ITEM_TWO] = { "ITEM_TWO", "SELECT 1; SELECT 2" },
};

const struct sqlite_schema *fixture_schema(unsigned count)
{
	static struct sqlite_schema schema = { .migrations = migrations,
					       .statements = statements,
					       .statement_count = ITEM_STATEMENTS };

	schema.migration_count = count;
	return &schema;
}

void fixture_open(struct fixture *f)
{
	*f = (struct fixture){ .folder = "/tmp/dss-contract-XXXXXX" };
	CHECK(mkdtemp(f->folder));
	snprintf(f->url, sizeof f->url, "sqlite:%s", f->folder);
	sqlite_schema_replace(fixture_schema(FIXTURE_MIGRATIONS));
}

void fixture_open_schema(struct fixture *f)
{
	fixture_open(f);
	sqlite_schema_replace(NULL);
}

static void remove_files(const char *folder)
{
	DIR *files = opendir(folder);
	char path[512];

	if (!files)
		return;
	for (struct dirent *file; (file = readdir(files));) {
		if (!strcmp(file->d_name, ".") || !strcmp(file->d_name, ".."))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
		if (file->d_type == DT_DIR)
			remove_files(path);
		else
			unlink(path);
	}
	closedir(files);
	rmdir(folder);
}

void fixture_close(struct fixture *f)
{
	sqlite_schema_replace(NULL);
	remove_files(f->folder);
}

struct store *fixture_store(struct fixture *f)
{
	struct store *store = NULL;

	if (store_open(str_of(f->url), STORE_CREATE, &store, &f->err) < 0)
		fail_msg("store_open: %s", f->err.text);
	return store;
}

const char *fixture_path(const struct fixture *f, const char *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", f->folder, name);
	return path;
}

struct str fixture_file(struct arena *a, const struct fixture *f, const char *name)
{
	struct str text = STR_NONE;

	CHECK_INT(test_file_read(a, fixture_path(f, name), &text), 0);
	return text;
}

int item_insert(struct store_tx *tx, void *context, struct err *err)
{
	const struct item *item = context;

	return sql_run(tx, err, ITEM_INSERT, SQL_INT(item->id), SQL_TEXT(str_of(item->name)),
		       SQL_INT(item->value), SQL_NULL, SQL_NULL);
}

int item_count(struct store_tx *tx, void *ret, struct err *err)
{
	return sql_number(tx, err, ret, ITEM_COUNT);
}

int item_sum(struct store_tx *tx, void *ret, struct err *err)
{
	return sql_number(tx, err, ret, ITEM_SUM);
}

int64_t fixture_count(struct store *store)
{
	int64_t count = -1;

	CHECK_INT(store_read(store, item_count, &count, NULL), 0);
	return count;
}

void fixture_check(struct store *store)
{
	struct arena a = { 0 };
	struct store_check check = { 0 };
	struct err err = { 0 };

	if (store_check(store, &a, &check, &err) < 0)
		fail_msg("store_check: %s", err.text);
	if (check.count)
		fail_msg("store_check: %.*s", STR(check.line[0]));
	arena_release(&a);
}

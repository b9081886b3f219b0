/* SPDX-License-Identifier: Apache-2.0 */
/* Is a copy whole, of one moment, and there only when it is complete? And is damage found? */
#include "tests/contract/fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROWS = 3000 };

static int fill(struct store_tx *tx, void *context, struct err *err)
{
	char name[200];
	int64_t id;

	for (int i = 0; i < ROWS; i++) {
		snprintf(name, sizeof name, "%0150d", i);
		TRY(sql_number(tx, err, &id, ITEM_ADD, SQL_TEXT(str_of(name)), SQL_INT(1)));
	}
	return 0;
}

static struct store *filled(struct fixture *f)
{
	struct store *store;

	fixture_open(f);
	store = fixture_store(f);
	CHECK_INT(store_write(store, fill, NULL, &f->err), 0);
	return store;
}

static int64_t rows_of(const char *path)
{
	sqlite3 *db;
	sqlite3_stmt *row;
	int64_t count;

	CHECK_INT(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_prepare_v2(db, "SELECT count(*) FROM item", -1, &row, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_step(row), SQLITE_ROW);
	count = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(db);
	return count;
}

struct told {
	struct store *store;
	uint64_t done, total;
	int calls;
};

/* Each time it is told, a row is written: the copy is of the moment when it began. */
static int write_meanwhile(void *context, uint64_t done, uint64_t total)
{
	struct told *told = context;
	char name[32];
	struct item item = { 100000 + told->calls, name, 1 };

	snprintf(name, sizeof name, "meanwhile %d", told->calls++);
	CHECK(done >= told->done && done <= total);
	told->done = done;
	told->total = total;
	return store_write(told->store, item_insert, &item, NULL);
}

TEST(a_copy_is_of_one_moment_while_others_write)
{
	struct fixture f;
	struct store *store = filled(&f), *copy;
	struct told told = { .store = store };
	struct stat there;
	char path[128], url[128];

	snprintf(path, sizeof path, "%s", fixture_path(&f, "copy"));
	CHECK_INT(store_backup(store, path, write_meanwhile, &told, &f.err), 0);
	CHECK(told.calls >= 2 && told.done == told.total && told.total > ROWS * 150);
	CHECK_INT(lstat(path, &there), 0);
	CHECK_INT(there.st_mode & 0777, 0600);
	CHECK(access(fixture_path(&f, "copy.partial"), F_OK) < 0);
	CHECK_INT(rows_of(path), ROWS);
	CHECK_INT(fixture_count(store), ROWS + told.calls);
	store_close(store);
	/* and it can be served from */
	snprintf(url, sizeof url, "sqlite:%s/restored", f.folder);
	CHECK_INT(mkdir(fixture_path(&f, "restored"), 0700), 0);
	CHECK_INT(rename(path, fixture_path(&f, "restored/dss.db")), 0);
	CHECK_INT(store_open(str_of(url), 0, &copy, &f.err), 0);
	CHECK_INT(fixture_count(copy), ROWS);
	fixture_check(copy);
	store_close(copy);
	fixture_close(&f);
}

static int stop(void *context, uint64_t done, uint64_t total)
{
	return -ECANCELED;
}

TEST(a_copy_that_is_not_complete_is_not_there)
{
	struct fixture f;
	struct store *store = filled(&f);
	char path[128];
	int fd;

	snprintf(path, sizeof path, "%s", fixture_path(&f, "copy"));
	CHECK_INT(store_backup(store, path, stop, NULL, &f.err), -ECANCELED);
	CHECK(access(path, F_OK) < 0);
	CHECK(access(fixture_path(&f, "copy.partial"), F_OK) < 0);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	CHECK_INT(write(fd, "mine", 4), 4);
	close(fd);
	CHECK_INT(store_backup(store, path, NULL, NULL, &f.err), -EEXIST);
	CHECK(strstr(f.err.text, "is there already"));
	CHECK_INT(unlink(path), 0);
	CHECK_INT(store_backup(store, path, NULL, NULL, &f.err), 0);
	CHECK_INT(rows_of(path), ROWS);
	CHECK_INT(store_backup(store, "/nowhere/copy", NULL, NULL, &f.err), -ENOENT);
	store_close(store);
	fixture_close(&f);
}

/* ---- damage ---- */

/* Noise in the second half of the file: tables and indexes, but not what is read on opening. */
static void damage(const char *path)
{
	enum { PAGE = 4096 };
	int fd = open(path, O_WRONLY);
	struct stat there;
	char noise[PAGE];

	CHECK(fd >= 0 && fstat(fd, &there) == 0 && there.st_size > 40 * PAGE);
	memset(noise, 0xa5, sizeof noise);
	for (off_t at = there.st_size / PAGE / 2 * PAGE; at < there.st_size; at += PAGE)
		CHECK_INT(pwrite(fd, noise, PAGE, at), PAGE);
	close(fd);
}

static int read_all(struct store_tx *tx, void *context, struct err *err)
{
	int64_t sum = 0;

	return sql_number(tx, err, &sum, ITEM_SUM);
}

TEST(damage_is_found_and_named)
{
	struct arena a = { 0 };
	struct store_check check;
	struct fixture f;
	struct store *store = filled(&f);

	CHECK_INT(store_check(store, &a, &check, &f.err), 0);
	CHECK_INT(check.count, 0);
	CHECK_INT(check.version, FIXTURE_MIGRATIONS);
	store_close(store);
	damage(fixture_path(&f, "dss.db"));
	store = fixture_store(&f);
	CHECK_INT(store_check(store, &a, &check, &f.err), 0);
	CHECK(check.count > 0 && check.count <= STORE_CHECK_LINES);
	CHECK_INT(store_read(store, read_all, NULL, &f.err), ERR_CORRUPT);
	CHECK(strstr(f.err.text, "the file is damaged (ITEM_SUM"));
	CHECK(strstr(f.err.text, "restore a backup"));
	store_close(store);
	fixture_close(&f);
	arena_release(&a);
}

TEST(a_reference_to_nothing_is_found)
{
	struct arena a = { 0 };
	struct store_check check;
	struct fixture f;
	struct store *store = filled(&f);
	sqlite3 *db;

	CHECK_INT(sqlite3_open(fixture_path(&f, "dss.db"), &db), SQLITE_OK);
	CHECK_INT(
		sqlite3_exec(db, "UPDATE item SET parent = 123456 WHERE id = 5", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	CHECK_INT(store_check(store, &a, &check, &f.err), 0);
	CHECK_INT(check.count, 1);
	CHECK_STR(check.line[0], "table item, row 5: refers to a row of item that is not there");
	store_close(store);
	fixture_close(&f);
	arena_release(&a);
}

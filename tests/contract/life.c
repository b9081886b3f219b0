/* SPDX-License-Identifier: Apache-2.0 */
/* What does a store live through, and what must be true afterwards? */
#include "tests/contract/life.h"

#include "store/sqlite/parts.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ID = 1000, TWIN = 100, NOTE_BYTES = 6000 };

/* ---- starts, made once and copied ---- */

static struct {
	struct str db, log;
} starts[LIFE_STARTS];

static void write_file(const char *path, struct str octets)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK_INT(write(fd, octets.data, octets.len), (ssize_t)octets.len);
	close(fd);
}

static void fill(struct fixture *f, sqlite3 **ret)
{
	store_close(fixture_store(f));
	CHECK_INT(sqlite3_open(fixture_path(f, "dss.db"), ret), SQLITE_OK);
	CHECK_INT(
		sqlite3_exec(*ret,
			     "WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50) "
			     "INSERT INTO item (id, name, value) SELECT i, 'kept ' || i, i FROM n",
			     NULL, NULL, NULL),
		SQLITE_OK);
}

static void make_starts(void)
{
	static struct arena a; /* for all tests */
	struct fixture f;
	sqlite3 *db;

	if (starts[LIFE_OLDER].db.len)
		return;
	fixture_open(&f);
	sqlite_schema_replace(fixture_schema(1));
	fill(&f, &db);
	sqlite3_close(db);
	starts[LIFE_OLDER].db = fixture_file(&a, &f, "dss.db");
	fixture_close(&f);
	fixture_open(&f);
	fill(&f, &db);
	starts[LIFE_WAS_KILLED].db = fixture_file(&a, &f, "dss.db");
	starts[LIFE_WAS_KILLED].log = fixture_file(&a, &f, "dss.db-wal");
	CHECK(starts[LIFE_WAS_KILLED].log.len > 0);
	sqlite3_close(db);
	fixture_close(&f);
}

void life_prepare(struct fixture *f, enum life_start start)
{
	make_starts();
	sqlite_log_limits =
		(struct sqlite_log_limits){ .checkpoint_pages = 6, .restart_pages = 20 };
	fixture_open(f);
	if (starts[start].db.len)
		write_file(fixture_path(f, "dss.db"), starts[start].db);
	if (starts[start].log.len)
		write_file(fixture_path(f, "dss.db-wal"), starts[start].log);
}

/* ---- the life ---- */

static void note(struct ledger *ledger, int code, const struct err *err)
{
	if (code >= 0 || ledger->first_code)
		return;
	ledger->first_code = code;
	snprintf(ledger->said, sizeof ledger->said, "%s", err->text);
}

/* Two rows that belong together, one of several pages; every third closure takes it back. */
static int write_twins(struct store_tx *tx, void *context, struct err *err)
{
	int64_t number = *(int *)context, id = FIRST_ID + number;
	char name[32], note[NOTE_BYTES];

	memset(note, 'n', sizeof note);
	snprintf(name, sizeof name, "one of %d", (int)number);
	TRY(sql_run(tx, err, ITEM_INSERT, SQL_INT(id), SQL_TEXT(str_of(name)), SQL_INT(number),
		    SQL_NULL, SQL_BLOB(str_bytes(note, sizeof note))));
	snprintf(name, sizeof name, "two of %d", (int)number);
	TRY(sql_run(tx, err, ITEM_INSERT, SQL_INT(id + TWIN), SQL_TEXT(str_of(name)),
		    SQL_INT(number), SQL_INT(id), SQL_NULL));
	return number % 3 == 2 ? -ECANCELED : 0;
}

static enum write_fate fate_of(int code, const struct err *err)
{
	if (code == 0)
		return FATE_STAYS;
	return strstr(err->text, "(COMMIT, ") ? FATE_OPEN : FATE_GONE;
}

static void live_writing(struct store *store, struct ledger *ledger)
{
	for (int i = 0; i < LIFE_WRITES; i++) {
		struct err err = { 0 };
		int code = store_write(store, write_twins, &i, &err);
		char told = (char)i;

		if (code == -ECANCELED && i % 3 == 2)
			code = 0;
		else
			ledger->fate[i] = fate_of(code, &err);
		if (ledger->fate[i] == FATE_STAYS && ledger->fd >= 0)
			CHECK_INT(write(ledger->fd, &told, 1), 1);
		note(ledger, code, &err);
	}
}

static void live_looking(struct fixture *f, struct store *store, struct ledger *ledger)
{
	struct store_check check;
	struct arena a = { 0 };
	struct err err = { 0 };
	char copy[160];
	int64_t count;

	snprintf(copy, sizeof copy, "%s", fixture_path(f, "copy"));
	note(ledger, store_read(store, item_count, &count, &err), &err);
	note(ledger, store_backup(store, copy, NULL, NULL, &err), &err);
	note(ledger, store_check(store, &a, &check, &err), &err);
	arena_release(&a);
}

static struct store *start_living(struct fixture *f, struct ledger *ledger)
{
	struct store *store = NULL;
	struct err err = { 0 };

	note(ledger, store_open(str_of(f->url), STORE_CREATE, &store, &err), &err);
	if (store)
		live_writing(store, ledger);
	return store;
}

void life_run(struct fixture *f, struct ledger *ledger)
{
	struct store *store = start_living(f, ledger);

	if (store)
		live_looking(f, store, ledger);
	store_close(store);
}

static const int extra = LIFE_WRITES + 1; /* not one that is taken back */

void life_run_and_recover(struct fixture *f, struct ledger *ledger, int (*over)(void))
{
	struct store *store = start_living(f, ledger);
	struct ledger after = { .fd = -1 };
	int number = extra + 3;

	over();
	if (store) {
		int code = store_write(store, write_twins, &number, &f->err);

		if (code < 0)
			fail_msg("after the fault: code %d: %s", code, f->err.text);
		live_looking(f, store, &after);
		if (after.first_code)
			fail_msg("after the fault: code %d: %s", after.first_code, after.said);
	}
	store_close(store);
}

/* ---- afterwards ---- */

struct seen {
	int64_t kept;
	bool is_there[LIFE_WRITES], is_twin_there[LIFE_WRITES];
};

static int see(struct store_tx *tx, void *context, struct err *err)
{
	struct seen *seen = context;
	struct sql q SQL_CLOSED = sql_query(tx, err, ITEM_ALL);
	int code;

	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		int64_t id = sql_int(&q, 0);

		if (id <= LIFE_KEPT)
			seen->kept++;
		else if (id < FIRST_ID + LIFE_WRITES)
			seen->is_there[id - FIRST_ID] = true;
		else if (id >= FIRST_ID + TWIN && id < FIRST_ID + TWIN + LIFE_WRITES)
			seen->is_twin_there[id - FIRST_ID - TWIN] = true;
	}
	return code;
}

static const char *say(const char *format, ...) PRINTF(1, 2);
static const char *say(const char *format, ...)
{
	static char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return text;
}

static const char *compare(const struct seen *seen, enum life_start start,
			   const struct ledger *ledger)
{
	if (seen->kept != (start == LIFE_NOTHING ? 0 : LIFE_KEPT))
		return say("%d rows of before are left", (int)seen->kept);
	for (int i = 0; i < LIFE_WRITES; i++) {
		bool is_there = seen->is_there[i];

		if (is_there != seen->is_twin_there[i])
			return say("write %d is there by half", i);
		if (ledger->fate[i] == FATE_STAYS && !is_there)
			return say("write %d was acknowledged and is lost", i);
		if (ledger->fate[i] == FATE_GONE && is_there)
			return say("write %d failed and is there", i);
		if (i % 3 == 2 && is_there)
			return say("write %d was taken back and is there", i);
	}
	return NULL;
}

static const char *judge_open(struct store *store, enum life_start start,
			      const struct ledger *ledger)
{
	struct seen seen = { 0 };
	struct store_check check = { 0 };
	struct arena a = { 0 };
	struct err err = { 0 };
	const char *wrong = NULL;
	int number = extra;

	if (store_check(store, &a, &check, &err) < 0)
		wrong = say("it cannot be checked: %s", err.text);
	else if (check.count)
		wrong = say("%.*s", STR(check.line[0]));
	else if (store_read(store, see, &seen, &err) < 0)
		wrong = say("it cannot be read: %s", err.text);
	else
		wrong = compare(&seen, start, ledger);
	if (!wrong && store_write(store, write_twins, &number, &err) < 0)
		wrong = say("it cannot be written: %s", err.text);
	arena_release(&a);
	return wrong;
}

/* The copy from before a migration is the old store, all of it, or is not there. */
static const char *judge_copy(struct fixture *f)
{
	static const char text[] = "SELECT count(*) FROM item, schema_version";
	const char *wrong = NULL;
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;

	if (access(fixture_path(f, "dss.db.before-2"), F_OK) < 0)
		return NULL;
	if (sqlite3_open_v2(fixture_path(f, "dss.db.before-2"), &db, SQLITE_OPEN_READONLY, NULL) ||
	    sqlite3_prepare_v2(db, text, -1, &row, NULL) || sqlite3_step(row) != SQLITE_ROW)
		wrong = say("dss.db.before-2: %s", sqlite3_errmsg(db));
	else if (sqlite3_column_int(row, 0) != LIFE_KEPT)
		wrong = say("dss.db.before-2 is not what was before");
	sqlite3_finalize(row);
	sqlite3_close(db);
	return wrong;
}

const char *life_judge(struct fixture *f, enum life_start start, const struct ledger *ledger)
{
	struct err err = { 0 };
	struct store *store;
	const char *wrong = judge_copy(f);

	if (wrong)
		return wrong;
	if (store_open(str_of(f->url), STORE_CREATE, &store, &err) < 0)
		return say("it cannot be opened: %s", err.text);
	wrong = judge_open(store, start, ledger);
	store_close(store);
	return wrong;
}

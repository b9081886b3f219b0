/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A store with tables of the tests' own, in SQLite or on a PostgreSQL server: contract tests are about the store, not about what DSS keeps
 * in it. The schema has three migrations; each test gets a fresh folder.
 */
#ifndef DSS_TESTS_CONTRACT_FIXTURE_H
#define DSS_TESTS_CONTRACT_FIXTURE_H

#include "store/sql.h"
#include "store/postgres/schema.h"
#include "store/sqlite/schema.h"
#include "tests/test.h"

enum item_statement {
	ITEM_INSERT, /**< id, name, value, parent, note */
	ITEM_ADD,    /**< name, value: RETURNING id */
	ITEM_GET,    /**< id: all columns */
	ITEM_ALL,    /**< ids in order */
	ITEM_COUNT,
	ITEM_SUM,
	ITEM_DELETE, /**< id */
	ITEM_RAISE,  /**< id, by: value += by */
	ITEM_REAL,   /**< a column of a type that is not ours */
	ITEM_BROKEN, /**< no SQL */
	ITEM_TWO,    /**< two statements in one */
	ITEM_STATEMENTS
};

/** The first `count` of the three migrations, and all statements. */
const struct sqlite_schema *fixture_schema(unsigned count);
const struct postgres_schema *fixture_postgres_schema(unsigned count);
enum { FIXTURE_MIGRATIONS = 3 };

/** The server that the variable DSS_TEST_POSTGRES names (tests/postgres/server.py); else NULL, and
 * stores are SQLite's. */
const char *fixture_server(void);
static inline bool fixture_is_postgres(void)
{
	return fixture_server() != NULL;
}
/** Run a text past the store, as somebody else with a key to the database would; the number in the
 * first column of its first row, 0 if there is none. PostgreSQL takes several texts at once. */
struct fixture;
int64_t fixture_ask(const struct fixture *f, const char *text);
/** The same in the server's database `postgres`. */
void fixture_ask_elsewhere(const char *text);

struct fixture {
	char folder[64], url[256];
	char schema[48]; /**< of its own, in the server's database */
	struct err err;
};

/** A folder of its own, and the newest test schema in place. */
void fixture_open(struct fixture *f);
/** A folder of its own, for DSS's own tables. */
void fixture_open_schema(struct fixture *f);
/** Takes the folder away with what the store makes in it. */
void fixture_close(struct fixture *f);
/** store_open with STORE_CREATE; fails the test when it fails. */
struct store *fixture_store(struct fixture *f);
/** FOLDER/name, in a buffer that the next call reuses. */
const char *fixture_path(const struct fixture *f, const char *name);
struct str fixture_file(struct arena *a, const struct fixture *f, const char *name);

/* Closures that several files use. */

/** One row: the context of item_insert. */
struct item {
	int64_t id;
	const char *name;
	int64_t value;
};
int item_insert(struct store_tx *tx, void *item, struct err *err);
/** int64_t: how many rows there are; the sum of their values. */
int item_count(struct store_tx *tx, void *ret, struct err *err);
int item_sum(struct store_tx *tx, void *ret, struct err *err);
int64_t fixture_count(struct store *store);
/** Nothing is wrong with the store: fails the test otherwise. */
void fixture_check(struct store *store);

#endif

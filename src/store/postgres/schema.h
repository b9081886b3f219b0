/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a PostgreSQL store consists of: migrations in order (schema/NNNN_name.sql), and the statements
 * of store/sqlite/statements/, whose texts postgres/text.h translates; overrides.h has the few that it
 * cannot. Tests put a set of their own in its place before they open a store.
 */
#ifndef DSS_STORE_POSTGRES_SCHEMA_H
#define DSS_STORE_POSTGRES_SCHEMA_H

#include "base/str.h"
#include "store/sqlite/schema.h"

/** One transaction each. Once released a file is not changed any more: a new one follows. */
struct postgres_migration {
	unsigned number; /**< 1, 2, 3 … as SQLite's that does the same */
	/** The schema that releases must know at least to work on this one: its first line says
	 * "-- works with releases from schema N". */
	unsigned works_from;
	const char *name;
	const char *hash; /**< BLAKE2b-256 of the file, hexadecimal */
	const char *text;
};

/** One statement that is said differently here. */
struct postgres_override {
	unsigned statement;
	const char *text; /**< instead of SQLite's, translated as that would be; NULL: that */
	bool is_ahead;    /**< nobody asks how many rows it changed: sent without waiting */
	bool is_plain;    /**< it breaks no rule that a closure goes on after */
	bool is_counted;  /**< its rows' numbers follow each other within a transaction */
};

struct postgres_schema {
	const struct postgres_migration *migrations;
	unsigned migration_count;
	const struct sqlite_statement *statements; /**< by enum sql_statement */
	unsigned statement_count;
	const struct postgres_override *overrides;
	unsigned override_count;
};

extern const struct postgres_migration postgres_migrations[];
extern const unsigned postgres_migration_count;
/** This release's, or what a test has put in its place. */
struct postgres_schema postgres_schema(void);
/** For tests: stores that are opened from now on; NULL: this release's again. */
void postgres_schema_replace(const struct postgres_schema *schema);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a SQLite store consists of: migrations in order (schema/NNNN_name.sql) and the texts of all
 * statements. Tests put a set of their own in its place before they open a store.
 */
#ifndef DSS_STORE_SQLITE_SCHEMA_H
#define DSS_STORE_SQLITE_SCHEMA_H

/** One transaction each. Once released a file is not changed any more: a new one follows. */
struct sqlite_migration {
	unsigned number; /**< 1, 2, 3 … */
	const char *name;
	const char *hash; /**< BLAKE2b-256 of the file, hexadecimal */
	const char *text;
};

struct sqlite_statement {
	const char *name; /**< as in SQL_NAME */
	const char *text;
};

struct sqlite_schema {
	const struct sqlite_migration *migrations;
	unsigned migration_count;
	const struct sqlite_statement *statements; /**< by enum sql_statement */
	unsigned statement_count;
};

extern const struct sqlite_migration sqlite_migrations[];
extern const unsigned sqlite_migration_count;
/** This release's, or what a test has put in its place. */
struct sqlite_schema sqlite_schema(void);
/** For tests: stores that are opened from now on; NULL: this release's again. */
void sqlite_schema_replace(const struct sqlite_schema *schema);

#endif

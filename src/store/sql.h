/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How repositories speak to the database: named statements, values, rows. The texts stand in the
 * backend's folder, one table a repository (store/sqlite/statements/NAME.h); here are their names,
 * SQL_…. No text is put together at run time.
 *
 *	TRY(sql_run(tx, err, SQL_DOMAIN_INSERT, SQL_ID(row->id), SQL_INT(row->workspace),
 *		    SQL_TEXT(row->name), SQL_TIME(row->scanned_at)));
 *
 *	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_DOMAIN_FIND, SQL_INT(workspace), SQL_TEXT(name));
 *
 *	TRY(sql_one(&q)); // -ENOENT: no row
 *	ret->id = sql_id(&q, 0);
 *	ret->name = sql_text(&q, 1);
 *	return sql_end(&q);
 *
 *	for (code = sql_step(&q); code > 0; code = sql_step(&q)) // many rows
 *		ret[count++] = (struct item){ .no = sql_int(&q, 0) };
 *	return code;
 *
 * Values stand in the order of ?1, ?2 …, all of them; columns count from 0.
 *
 * Errors: a row that a UNIQUE forbids gives -EEXIST, a REFERENCES gives ERR_REFERENCE, NOT NULL, CHECK
 * and types give ERR_CONSTRAINT: the closure may go on after these, as if the statement had not run.
 * All others (store/store.h), and a column that does not hold what its reader wants (ERR_CORRUPT),
 * spoil the transaction: what follows gives the same code, and nothing is committed whatever the
 * closure returns.
 */
#ifndef DSS_STORE_SQL_H
#define DSS_STORE_SQL_H

#include "base/uuid.h"
#include "store/sqlite/statements.h"
#include "store/store.h"

enum sql_statement {
#define X(name, text) SQL_##name,
	STATEMENTS(X)
#undef X
		SQL_STATEMENTS
};

/* ---- values ---- */

enum sql_type { SQL_TYPE_NULL, SQL_TYPE_INT, SQL_TYPE_TEXT, SQL_TYPE_BLOB, SQL_TYPE_ID };

struct sql_value {
	enum sql_type type;
	union {
		int64_t number;
		struct str octets; /**< read before the statement is run: nothing is kept */
		struct uuid id;
	};
};

#define SQL_NULL ((struct sql_value){ .type = SQL_TYPE_NULL })
#define SQL_INT(value) ((struct sql_value){ .type = SQL_TYPE_INT, .number = (int64_t)(value) })
/** UTF-8 without NUL octets; an empty one is '', not NULL. */
#define SQL_TEXT(value) ((struct sql_value){ .type = SQL_TYPE_TEXT, .octets = (value) })
#define SQL_BLOB(value) ((struct sql_value){ .type = SQL_TYPE_BLOB, .octets = (value) })
#define SQL_ID(value) ((struct sql_value){ .type = SQL_TYPE_ID, .id = (value) })

/** What stands for "none" in our structs is NULL in the row: empty, the nil id, time 0, `none`. */
#define SQL_TEXT_OR_NULL(value) sql_text_or_null(value)
#define SQL_BLOB_OR_NULL(value) sql_blob_or_null(value)
#define SQL_ID_OR_NULL(value) sql_id_or_null(value)
#define SQL_TIME(us) sql_int_or_null((us), 0)
#define SQL_INT_OR_NULL(value, none) sql_int_or_null((value), (none))

static inline struct sql_value sql_text_or_null(struct str s)
{
	return s.len ? SQL_TEXT(s) : SQL_NULL;
}
static inline struct sql_value sql_blob_or_null(struct str s)
{
	return s.len ? SQL_BLOB(s) : SQL_NULL;
}
static inline struct sql_value sql_id_or_null(struct uuid id)
{
	return uuid_is_nil(id) ? SQL_NULL : SQL_ID(id);
}
static inline struct sql_value sql_int_or_null(int64_t value, int64_t none)
{
	return value == none ? SQL_NULL : SQL_INT(value);
}

/* ---- running ---- */

/** A statement that gives rows. Closed by sql_end, or at the end of its block by SQL_CLOSED. */
struct sql {
	struct store_tx *tx;
	struct err *err;
	struct store_run *run; /**< the backend's; NULL: over, or never begun */
	unsigned statement;
	int code; /**< the first failure */
};

#define SQL_CLOSED _cleanup_(sql_close)

/** Run to its end, rows are ignored; returns how many rows it inserted, changed or deleted. */
#define sql_run(tx, err, statement, ...)                                                           \
	sql_run_values((tx), (err), (statement), SQL_VALUES(__VA_ARGS__))
/** The same; -ENOENT when that were none. Returns 0. */
#define sql_change(tx, err, statement, ...)                                                        \
	sql_change_values((tx), (err), (statement), SQL_VALUES(__VA_ARGS__))
/** A change of exactly one row, by who has read in this transaction that it cannot fail: a database
 * behind a network is not waited for. Should it not be so, the whole transaction is undone. Returns 0. */
#define sql_sure(tx, err, statement, ...)                                                          \
	sql_sure_values((tx), (err), (statement), SQL_VALUES(__VA_ARGS__))
/** Run an INSERT of one row into a table whose rows have numbers: *ret is this one's. Cheaper than
 * RETURNING, which makes SQLite prepare for undoing many. Returns 0. */
#define sql_insert(tx, err, ret, statement, ...)                                                   \
	sql_insert_values((tx), (err), (ret), (statement), SQL_VALUES(__VA_ARGS__))
/** Begin; a failure shows at the first step. */
#define sql_query(tx, err, statement, ...)                                                         \
	sql_query_values((tx), (err), (statement), SQL_VALUES(__VA_ARGS__))
/** The number in the first column of the first row (count(*), RETURNING no); -ENOENT: no row; NULL
 * is ERR_CORRUPT. */
#define sql_number(tx, err, ret, statement, ...)                                                   \
	sql_number_values((tx), (err), (ret), (statement), SQL_VALUES(__VA_ARGS__))

/**
 * A statement that will be run soon, with the same values: a database behind a network is sent it now
 * and not waited for, so that many cost one wait. Where a statement costs no way (sql_foresees says no)
 * nothing happens yet. The answer to a question stands until the closure ends: who changes what it says
 * forgets it. That of a change is taken by the next run of it. Returns 0.
 */
bool sql_foresees(const struct store_tx *tx);
#define sql_foresee(tx, err, statement, ...)                                                       \
	sql_foresee_values((tx), (err), (statement), SQL_VALUES(__VA_ARGS__))
#define sql_forget(tx, statement, ...) sql_forget_values((tx), (statement), SQL_VALUES(__VA_ARGS__))

#define SQL_VALUES(...)                                                                            \
	(const struct sql_value[]){ __VA_ARGS__ },                                                 \
		sizeof((const struct sql_value[]){ __VA_ARGS__ }) / sizeof(struct sql_value)

int sql_run_values(struct store_tx *tx, struct err *err, unsigned statement,
		   const struct sql_value *values, size_t count) MUST_USE;
int sql_change_values(struct store_tx *tx, struct err *err, unsigned statement,
		      const struct sql_value *values, size_t count) MUST_USE;
int sql_sure_values(struct store_tx *tx, struct err *err, unsigned statement,
		    const struct sql_value *values, size_t count) MUST_USE;
int sql_foresee_values(struct store_tx *tx, struct err *err, unsigned statement,
		       const struct sql_value *values, size_t count) MUST_USE;
void sql_forget_values(struct store_tx *tx, unsigned statement, const struct sql_value *values,
		       size_t count);
int sql_insert_values(struct store_tx *tx, struct err *err, int64_t *ret, unsigned statement,
		      const struct sql_value *values, size_t count) MUST_USE;
int sql_number_values(struct store_tx *tx, struct err *err, int64_t *ret, unsigned statement,
		      const struct sql_value *values, size_t count) MUST_USE;
struct sql sql_query_values(struct store_tx *tx, struct err *err, unsigned statement,
			    const struct sql_value *values, size_t count) MUST_USE;

/** 1: a row; 0: no more; negative: failed, or the last row's columns were not as wanted. */
int sql_step(struct sql *q) MUST_USE;
/** sql_step for a statement of one row: 0 when it is there, else -ENOENT or a failure. */
int sql_one(struct sql *q) MUST_USE;
/** Done with the row: 0, or what a column's reader had to say. */
int sql_end(struct sql *q) MUST_USE;
void sql_close(struct sql *q);

/* ---- columns of the row, after a step gave 1; with the value for "none" when the read failed ---- */

bool sql_is_null(struct sql *q, unsigned column);
int64_t sql_int(struct sql *q, unsigned column);
/** ERR_CORRUPT outside of min to max: stored numbers of enums and counts. */
int sql_int_in(struct sql *q, unsigned column, int min, int max);
/** `none` for NULL. */
int64_t sql_int_or(struct sql *q, unsigned column, int64_t none);
bool sql_bool(struct sql *q, unsigned column);
/** 0 for NULL. */
int64_t sql_time(struct sql *q, unsigned column);
/** Copied to tx->a, with a NUL after it; STR_NONE for NULL. */
struct str sql_text(struct sql *q, unsigned column);
struct str sql_blob(struct sql *q, unsigned column);
/** Text or blob as it lies there, until the next step or the end. */
struct str sql_view(struct sql *q, unsigned column);
/** The nil id for NULL; 16 octets or ERR_CORRUPT. */
struct uuid sql_id(struct sql *q, unsigned column);

#endif

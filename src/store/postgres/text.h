/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A statement's text for SQLite, said for PostgreSQL. The texts of store/sqlite/statements/ are written
 * once; what differs between the two is replaced word by word:
 *
 *	?1                          $1
 *	(?2 IS NULL OR x = ?2)      (x = $2 OR $2 IS NULL)	 a value's type comes from its first use
 *	?3 IS NULL, its only use    $3::text IS NULL
 *	a IS NOT b                  a IS DISTINCT FROM b
 *	max(a, b), min(a, b)        greatest(a, b), least(a, b)
 *	instr(a, b), a LIKE b       strpos(a, b), a ILIKE b
 *	CROSS JOIN t ON …           JOIN t ON …			 an order of joins is a hint to SQLite
 *	INDEXED BY i, NOT INDEXED, +column: gone, for they are hints too
 *	user                        "user"
 *	FROM (SELECT …)             FROM (SELECT …) AS part
 *	INSERT INTO scan (…) …      … RETURNING no		 for sql_insert
 *
 * Both databases want a column of the row that is there named with its table in DO UPDATE: in
 * PostgreSQL a bare name could also be that of `excluded`. Other differences are lines of overrides.h.
 */
#ifndef DSS_STORE_POSTGRES_TEXT_H
#define DSS_STORE_POSTGRES_TEXT_H

#include "base/str.h"

/** A table whose rows the database gives numbers, and the column that holds them. */
struct numbered {
	struct str table, column;
};

/** NUL-terminated, in the arena. */
const char *postgres_text(struct arena *a, struct str text, const struct numbered *numbered,
			  size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/garbage.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_GARBAGE_H
#define DSS_STORE_SQLITE_STATEMENTS_GARBAGE_H

#define GARBAGE_STATEMENTS(X)                                                                      \
	X(GARBAGE_NOTE, "INSERT INTO garbage (kind, no) VALUES (?1, ?2)")                          \
	X(GARBAGE_DROP, "DELETE FROM garbage WHERE kind = ?1 AND no = ?2")                         \
	X(GARBAGE_TAKE, "DELETE FROM garbage WHERE sequence = ?1")                                 \
	X(GARBAGE_LIST,                                                                            \
	  "SELECT sequence, no FROM garbage WHERE kind = ?1 ORDER BY sequence LIMIT ?2")           \
	X(GARBAGE_WALK_SCANS,                                                                      \
	  "SELECT no, fact_set, verdicts, areas, algorithm FROM scan WHERE no > ?1 "               \
	  "ORDER BY no LIMIT ?2")                                                                  \
	X(GARBAGE_WALK_DOMAINS,                                                                    \
	  "SELECT no, fact_set FROM domain WHERE no > ?1 ORDER BY no LIMIT ?2")                    \
	X(GARBAGE_WALK_SETS, "SELECT no, facts FROM fact_set WHERE no > ?1 ORDER BY no LIMIT ?2")  \
	X(GARBAGE_DELETE_SET, "DELETE FROM fact_set WHERE no = ?1 RETURNING facts")                \
	X(GARBAGE_DELETE_DOCUMENT, "DELETE FROM document WHERE no = ?1")                           \
	X(GARBAGE_DELETE_FACT, "DELETE FROM fact WHERE no = ?1")

#endif

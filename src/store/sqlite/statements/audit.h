/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/audit.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_AUDIT_H
#define DSS_STORE_SQLITE_STATEMENTS_AUDIT_H

#define AUDIT_COLUMNS "sequence, workspace, at, actor, action, subject, before, after, hash"

#define AUDIT_STATEMENTS(X)                                                                        \
	X(AUDIT_NEWEST, "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")         \
	X(AUDIT_INSERT,                                                                            \
	  "INSERT INTO audit (" AUDIT_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")     \
	X(AUDIT_LIST,                                                                              \
	  "SELECT " AUDIT_COLUMNS                                                                  \
	  " FROM audit WHERE workspace = ?1 AND sequence < ?2 ORDER BY sequence DESC LIMIT ?3")    \
	X(AUDIT_WALK,                                                                              \
	  "SELECT " AUDIT_COLUMNS " FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2")    \
	X(AUDIT_OLDEST, "SELECT sequence, at, hash FROM audit ORDER BY sequence LIMIT ?1")         \
	X(AUDIT_CUT, "DELETE FROM audit WHERE sequence <= ?1")                                     \
	X(AUDIT_HEAD, "SELECT sequence, hash FROM audit_head")                                     \
	X(AUDIT_HEAD_SET,                                                                          \
	  "INSERT INTO audit_head (one, sequence, hash) VALUES (1, ?1, ?2) ON CONFLICT (one) "     \
	  "DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash")

#endif

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
	  "SELECT " AUDIT_COLUMNS " FROM audit WHERE sequence > ?1 ORDER BY sequence LIMIT ?2")

#endif

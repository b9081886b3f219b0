/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/policy.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_POLICY_H
#define DSS_STORE_SQLITE_STATEMENTS_POLICY_H

#define POLICY_COLUMNS                                                                             \
	"SELECT id, workspace, name, selector, document, created_at, version FROM policy "

#define POLICY_STATEMENTS(X)                                                                       \
	X(POLICY_INSERT,                                                                           \
	  "INSERT INTO policy (id, workspace, name, selector, document, created_at) "              \
	  "VALUES (?1, ?2, ?3, ?4, ?5, ?6)")                                                       \
	X(POLICY_GET, POLICY_COLUMNS "WHERE id = ?2 AND workspace = ?1")                           \
	X(POLICY_FIND, POLICY_COLUMNS "WHERE workspace = ?1 AND name = ?2")                        \
	X(POLICY_COUNT, "SELECT count(*) FROM policy WHERE workspace = ?1")                        \
	X(POLICY_LIST, POLICY_COLUMNS "WHERE workspace = ?1 AND id > ?2 ORDER BY id LIMIT ?3")     \
	X(POLICY_ALL, POLICY_COLUMNS "WHERE workspace = ?1 ORDER BY name")                         \
	X(POLICY_UPDATE, "UPDATE policy SET name = ?3, selector = ?4, document = ?5, "             \
			 "version = version + 1 WHERE id = ?1 AND version = ?2")                   \
	X(POLICY_DELETE, "DELETE FROM policy WHERE id = ?1")                                       \
	X(APPLIED_INSERT, "INSERT INTO applied (workspace, kind, object) VALUES (?1, ?2, ?3) "     \
			  "ON CONFLICT DO NOTHING")                                                \
	X(APPLIED_DELETE,                                                                          \
	  "DELETE FROM applied WHERE workspace = ?1 AND kind = ?2 AND object = ?3")                \
	X(APPLIED_LIST,                                                                            \
	  "SELECT object FROM applied WHERE workspace = ?1 AND kind = ?2 ORDER BY object")

#endif

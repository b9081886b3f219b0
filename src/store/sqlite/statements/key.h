/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/key.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_KEY_H
#define DSS_STORE_SQLITE_STATEMENTS_KEY_H

#define KEY_COLUMNS                                                                                \
	"id, workspace, name, hash, prefix, role, scopes, created_by, created_at, expires_at, "    \
	"used_at, revoked_at"

#define KEY_STATEMENTS(X)                                                                          \
	X(KEY_INSERT,                                                                              \
	  "INSERT INTO key (id, workspace, name, hash, prefix, role, scopes, created_by, "         \
	  "created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")              \
	X(KEY_FIND, "SELECT " KEY_COLUMNS " FROM key WHERE hash = ?1")                             \
	X(KEY_GET, "SELECT " KEY_COLUMNS " FROM key WHERE id = ?2 AND workspace = ?1")             \
	X(KEY_LIST,                                                                                \
	  "SELECT " KEY_COLUMNS " FROM key WHERE workspace = ?1 AND id > ?2 ORDER BY id LIMIT ?3") \
	X(KEY_USED, "UPDATE key SET used_at = ?2 WHERE id = ?1")                                   \
	X(KEY_REVOKE, "UPDATE key SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")       \
	X(KEY_EXPIRE, "DELETE FROM key WHERE id IN (SELECT id FROM key "                           \
		      "WHERE expires_at < ?1 OR revoked_at < ?1 LIMIT ?2)")

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/user.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_USER_H
#define DSS_STORE_SQLITE_STATEMENTS_USER_H

#define USER_COLUMNS                                                                               \
	"u.id, u.workspace, u.name, u.role, u.password, u.is_disabled, u.created_at, "             \
	"u.last_login_at, u.failures, u.locked_until, u.version"

#define USER_STATEMENTS(X)                                                                         \
	X(USER_INSERT,                                                                             \
	  "INSERT INTO user (id, workspace, name, role, password, is_disabled, created_at) "       \
	  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                                                   \
	X(USER_FIND, "SELECT " USER_COLUMNS " FROM user u WHERE u.name = ?1")                      \
	X(USER_GET, "SELECT " USER_COLUMNS " FROM user u WHERE u.id = ?1")                         \
	X(USER_LIST, "SELECT " USER_COLUMNS                                                        \
		     " FROM user u WHERE u.workspace = ?1 AND u.id > ?2 ORDER BY u.id LIMIT ?3")   \
	X(USER_UPDATE, "UPDATE user SET name = ?3, role = ?4, password = ?5, is_disabled = ?6, "   \
		       "version = version + 1 WHERE id = ?1 AND version = ?2")                     \
	X(USER_LOGGED_IN,                                                                          \
	  "UPDATE user SET failures = 0, locked_until = NULL, last_login_at = ?2 WHERE id = ?1")   \
	X(USER_FAILED, "UPDATE user SET failures = failures + 1, locked_until = ?2 WHERE id = ?1") \
	X(USER_DELETE, "DELETE FROM user WHERE id = ?1")                                           \
	X(USER_COUNT_ADMINS,                                                                       \
	  "SELECT count(*) FROM user WHERE workspace = ?1 AND role = ?2 AND is_disabled = 0")

#endif

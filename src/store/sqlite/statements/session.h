/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/session.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_SESSION_H
#define DSS_STORE_SQLITE_STATEMENTS_SESSION_H

#include "store/sqlite/statements/user.h"

#define SESSION_STATEMENTS(X)                                                                      \
	X(SESSION_INSERT,                                                                          \
	  "INSERT INTO session (id, user, hash, csrf, created_at, seen_at, expires_at) "           \
	  "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)")                                                   \
	X(SESSION_FIND,                                                                            \
	  "SELECT " USER_COLUMNS ", s.id, s.csrf, s.created_at, s.seen_at, s.expires_at "          \
	  "FROM session s JOIN user u ON u.id = s.user "                                           \
	  "WHERE s.hash = ?1 AND s.expires_at > ?2 AND u.is_disabled = 0")                         \
	X(SESSION_SEEN, "UPDATE session SET seen_at = ?2, expires_at = ?3 WHERE id = ?1")          \
	X(SESSION_DELETE, "DELETE FROM session WHERE id = ?1")                                     \
	X(SESSION_DELETE_OF, "DELETE FROM session WHERE user = ?1")                                \
	X(SESSION_EXPIRE,                                                                          \
	  "DELETE FROM session WHERE hash IN "                                                     \
	  "(SELECT hash FROM session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)")        \
	X(LOGIN_LINK_INSERT,                                                                       \
	  "INSERT INTO login_link (hash, user, expires_at) VALUES (?1, ?2, ?3)")                   \
	X(LOGIN_LINK_FIND, "SELECT user FROM login_link WHERE hash = ?1 AND expires_at > ?2")      \
	X(LOGIN_LINK_DELETE, "DELETE FROM login_link WHERE hash = ?1")                             \
	X(LOGIN_LINK_DELETE_OF, "DELETE FROM login_link WHERE user = ?1")                          \
	X(LOGIN_LINK_EXPIRE, "DELETE FROM login_link WHERE hash IN "                               \
			     "(SELECT hash FROM login_link WHERE expires_at <= ?1 LIMIT ?2)")

#endif

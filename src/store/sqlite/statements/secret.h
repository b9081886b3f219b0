/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/secret.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_SECRET_H
#define DSS_STORE_SQLITE_STATEMENTS_SECRET_H

#define SECRET_STATEMENTS(X)                                                                       \
	X(SECRET_GET, "SELECT value FROM secret WHERE name = ?1")                                  \
	X(SECRET_INSERT, "INSERT INTO secret (name, value) VALUES (?1, ?2)")

#endif

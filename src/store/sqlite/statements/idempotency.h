/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/idempotency.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_IDEMPOTENCY_H
#define DSS_STORE_SQLITE_STATEMENTS_IDEMPOTENCY_H

#define IDEMPOTENCY_STATEMENTS(X)                                                                  \
	X(IDEMPOTENCY_FIND,                                                                        \
	  "SELECT request, status, response, location, expires_at FROM idempotency "               \
	  "WHERE workspace = ?1 AND key = ?2 AND expires_at > ?3")                                 \
	X(IDEMPOTENCY_INSERT,                                                                      \
	  "INSERT INTO idempotency (workspace, key, request, status, response, location, "         \
	  "expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (workspace, key) "          \
	  "DO UPDATE SET request = excluded.request, status = excluded.status, "                   \
	  "response = excluded.response, location = excluded.location, "                           \
	  "expires_at = excluded.expires_at WHERE idempotency.expires_at <= ?8")                   \
	X(IDEMPOTENCY_EXPIRE,                                                                      \
	  "DELETE FROM idempotency WHERE (workspace, key) IN (SELECT workspace, key "              \
	  "FROM idempotency WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)")

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/lease.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_LEASE_H
#define DSS_STORE_SQLITE_STATEMENTS_LEASE_H

/* A lease that was let go stays as a row whose time is over: tokens never start again. */
#define LEASE_STATEMENTS(X)                                                                        \
	X(LEASE_GET, "SELECT holder, token, until FROM lease WHERE name = ?1")                     \
	X(LEASE_HOLD,                                                                              \
	  "INSERT INTO lease (name, holder, token, until) VALUES (?1, ?2, 1, ?4) "                 \
	  "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, "    \
	  "token = lease.token + (CASE WHEN lease.holder = excluded.holder AND lease.until > ?3 "  \
	  "THEN 0 ELSE 1 END) "                                                                    \
	  "WHERE lease.holder = excluded.holder OR lease.until <= ?3 RETURNING token")             \
	X(LEASE_CHECK,                                                                             \
	  "SELECT count(*) FROM lease WHERE name = ?1 AND holder = ?2 AND token = ?3 "             \
	  "AND until > ?4")                                                                        \
	X(LEASE_RELEASE, "UPDATE lease SET until = 0 WHERE name = ?1 AND holder = ?2")

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/workspace.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_WORKSPACE_H
#define DSS_STORE_SQLITE_STATEMENTS_WORKSPACE_H

#define WORKSPACE_COLUMNS                                                                          \
	"no, id, name, created_at, version, max_domains, max_scans_per_day, max_scans_in_flight, " \
	"max_requests_per_minute, domains, day, scans_today"

/* What of ?3's day is used. */
#define WORKSPACE_TODAY "(CASE WHEN day = ?3 THEN scans_today ELSE 0 END + ?2)"

#define WORKSPACE_STATEMENTS(X)                                                                    \
	X(WORKSPACE_INSERT,                                                                        \
	  "INSERT INTO workspace (id, name, created_at, max_domains, max_scans_per_day, "          \
	  "max_scans_in_flight, max_requests_per_minute) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) "     \
	  "RETURNING no")                                                                          \
	X(WORKSPACE_GET, "SELECT " WORKSPACE_COLUMNS " FROM workspace WHERE no = ?1")              \
	X(WORKSPACE_FIND, "SELECT " WORKSPACE_COLUMNS " FROM workspace WHERE name = ?1")           \
	X(WORKSPACE_BY_ID, "SELECT " WORKSPACE_COLUMNS " FROM workspace WHERE id = ?1")            \
	X(WORKSPACE_LIST,                                                                          \
	  "SELECT " WORKSPACE_COLUMNS " FROM workspace WHERE no > ?1 ORDER BY no LIMIT ?2")        \
	X(WORKSPACE_UPDATE,                                                                        \
	  "UPDATE workspace SET name = ?3, max_domains = ?4, max_scans_per_day = ?5, "             \
	  "max_scans_in_flight = ?6, max_requests_per_minute = ?7, version = version + 1 "         \
	  "WHERE no = ?1 AND version = ?2")                                                        \
	X(WORKSPACE_IN_USE,                                                                        \
	  "SELECT EXISTS (SELECT 1 FROM domain WHERE workspace = ?1) "                             \
	  "OR EXISTS (SELECT 1 FROM user WHERE workspace = ?1) "                                   \
	  "OR EXISTS (SELECT 1 FROM key WHERE workspace = ?1 AND revoked_at IS NULL)")             \
	X(WORKSPACE_KEYS_DELETE, "DELETE FROM key WHERE workspace = ?1")                           \
	X(WORKSPACE_SCHEDULES_DELETE, "DELETE FROM schedule WHERE workspace = ?1")                 \
	X(WORKSPACE_POLICIES_DELETE, "DELETE FROM policy WHERE workspace = ?1")                    \
	X(WORKSPACE_APPLIED_DELETE, "DELETE FROM applied WHERE workspace = ?1")                    \
	X(WORKSPACE_BATCHES_DELETE, "DELETE FROM batch WHERE workspace = ?1")                      \
	X(WORKSPACE_DELETE, "DELETE FROM workspace WHERE no = ?1")                                 \
	X(WORKSPACE_USE_DOMAINS,                                                                   \
	  "UPDATE workspace SET domains = max(domains + ?2, 0) WHERE no = ?1 "                     \
	  "AND (?2 <= 0 OR max_domains = 0 OR domains + ?2 <= max_domains)")                       \
	X(WORKSPACE_USE_SCANS,                                                                     \
	  "UPDATE workspace SET scans_today = max(" WORKSPACE_TODAY ", 0), day = ?3 "              \
	  "WHERE no = ?1 AND (?2 <= 0 OR max_scans_per_day = 0 "                                   \
	  "OR " WORKSPACE_TODAY " <= max_scans_per_day)")

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/finding.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_FINDING_H
#define DSS_STORE_SQLITE_STATEMENTS_FINDING_H

/* clang-format off */
#define FINDING_COLUMNS                                                                            \
  "SELECT f.id, f.workspace, f.domain, d.name, f.check_id, f.subject, f.severity, f.status, "      \
  "f.text, f.evidence, f.first_seen, f.last_seen, f.closed_at, f.opened_by, f.closed_by, "         \
  "f.reason, f.decided_by, f.until, f.version "
#define FINDING_SELECT                                                                             \
  FINDING_COLUMNS "FROM finding f CROSS JOIN domain d ON d.no = f.domain "
/* ?1 workspace, ?2 status, ?3 least severity, ?4 and ?5 the place, ?6 limit, ?7 check or tag */
#define FINDING_PAGE                                                                               \
  "AND f.severity >= ?3 AND (f.severity, f.id) < (?4, ?5) "                                        \
  "ORDER BY f.severity DESC, f.id DESC LIMIT ?6"

#define FINDING_STATEMENTS(X)                                                                      \
X(FINDING_INSERT,                                                                                  \
  "INSERT INTO finding (id, workspace, domain, check_id, subject, severity, status, text, "        \
  "evidence, first_seen, last_seen, opened_by, reason, until, decided_by) "                        \
  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")                     \
X(FINDING_UPDATE,                                                                                  \
  "UPDATE finding SET severity = ?3, status = ?4, text = ?5, evidence = ?6, last_seen = ?7, "      \
  "closed_at = ?8, opened_by = ?9, closed_by = ?10, reason = ?11, until = ?12, decided_by = ?13, " \
  "version = version + 1 WHERE id = ?1 AND version = ?2")                                          \
X(FINDING_SEEN, /* what is over is NULL */                                           \
  "UPDATE finding SET last_seen = ?1 WHERE id IN (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "  \
  "?13, ?14, ?15, ?16, ?17)")                                                                      \
X(FINDING_GET, FINDING_SELECT "WHERE f.id = ?1 AND f.workspace = ?2")                              \
X(FINDING_OF_DOMAIN, FINDING_SELECT "WHERE f.domain = ?1 ORDER BY f.check_id, f.subject")          \
X(FINDING_LIST, FINDING_SELECT "WHERE f.workspace = ?1 AND ?2 < 0 " FINDING_PAGE)                  \
X(FINDING_LIST_STATUS, FINDING_SELECT "WHERE f.workspace = ?1 AND f.status = ?2 " FINDING_PAGE)    \
X(FINDING_PLACES_OF_CHECK, /* from the index alone */                                              \
  "SELECT f.severity, f.id FROM finding f "                                                        \
  "WHERE f.workspace = ?1 AND f.check_id = ?7 AND f.status = ?2 " FINDING_PAGE)                    \
X(FINDING_PLACES_OF_CHECK_TAG,                                                                     \
  "SELECT f.severity, f.id FROM finding f "                                                        \
  "WHERE f.workspace = ?1 AND f.check_id = ?7 AND f.status = ?2 AND EXISTS (SELECT 1 "             \
  "FROM tag t WHERE t.workspace = ?1 AND t.tag = ?8 AND t.domain = f.domain) " FINDING_PAGE)       \
X(FINDING_LIST_TAG,                                                                                \
  FINDING_SELECT "WHERE f.workspace = ?1 AND (?2 < 0 OR f.status = ?2) AND EXISTS (SELECT 1 "      \
  "FROM tag t WHERE t.workspace = ?1 AND t.tag = ?7 AND t.domain = f.domain) " FINDING_PAGE)       \
X(FINDING_LIST_RARE_TAG,                                                                           \
  FINDING_COLUMNS "FROM tag t CROSS JOIN finding f ON f.domain = t.domain "                        \
  "CROSS JOIN domain d ON d.no = t.domain WHERE t.workspace = ?1 AND t.tag = ?7 "                  \
  "AND (?8 = '' OR substr(f.check_id, 1, length(?8)) = ?8) "                                       \
  "AND (?2 < 0 OR f.status = ?2) " FINDING_PAGE)                                                   \
X(FINDING_LIST_DOMAIN, /* few: read and sorted */                                                  \
  FINDING_SELECT "WHERE f.domain = ?7 AND +f.workspace = ?1 AND (?2 < 0 OR f.status = ?2) "         \
  "AND (?8 = '' OR substr(f.check_id, 1, length(?8)) = ?8) AND +f.severity >= ?3 "                 \
  "AND (+f.severity, +f.id) < (?4, ?5) ORDER BY f.severity DESC, f.id DESC LIMIT ?6")              \
X(FINDING_NEXT_CHECK,                                                                              \
  "SELECT check_id FROM finding WHERE workspace = ?1 AND check_id > ?2 ORDER BY check_id LIMIT 1") \
X(FINDING_HAS_CHECK,                                                                               \
  "SELECT EXISTS (SELECT 1 FROM finding WHERE workspace = ?1 AND check_id = ?2)")                  \
X(FINDING_TAGGED,                                                                                  \
  "SELECT count(*) FROM (SELECT 1 FROM tag WHERE workspace = ?1 AND tag = ?2 LIMIT ?3)")           \
X(FINDING_GROUP,                                                                                   \
  "SELECT max(severity), count(DISTINCT domain), count(*) FROM finding "                           \
  "WHERE workspace = ?1 AND check_id = ?2 AND status = ?3")                                        \
X(FINDING_DECIDED, FINDING_SELECT "WHERE f.domain = ?1 AND f.status IN (3, 4)")                   \
X(FINDING_LAPSED,                                                                                  \
  FINDING_SELECT "WHERE f.until IS NOT NULL AND f.until <= ?1 AND f.status = 3 "                   \
  "ORDER BY f.until LIMIT ?2")
/* clang-format on */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/history.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_HISTORY_H
#define DSS_STORE_SQLITE_STATEMENTS_HISTORY_H

/* clang-format off */
#define CHANGE_SELECT                                                                              \
  "SELECT c.no, c.workspace, c.domain, d.name, c.scan, c.at, c.kind, c.question, c.field, "        \
  "c.before, c.after, c.severity FROM change c CROSS JOIN domain d ON d.no = c.domain "
#define CHANGE_PAGE                                                                                \
  "AND c.at >= ?2 AND (c.at, c.no) < (?3, ?4) ORDER BY c.at DESC, c.no DESC LIMIT ?5"
#define EXPIRY_SELECT                                                                              \
  "SELECT e.workspace, e.domain, d.name, e.kind, e.subject, e.at "                                 \
  "FROM expiry e CROSS JOIN domain d ON d.no = e.domain "

#define HISTORY_STATEMENTS(X)                                                                      \
X(CHANGE_INSERT,                                                                                   \
  "INSERT INTO change (workspace, domain, scan, at, kind, question, field, before, after, "        \
  "severity) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                                    \
X(CHANGE_LIST, CHANGE_SELECT "WHERE c.workspace = ?1 " CHANGE_PAGE)                                \
X(CHANGE_LIST_DOMAIN, CHANGE_SELECT "WHERE c.domain = ?6 AND +c.workspace = ?1 " CHANGE_PAGE)       \
X(CHANGE_EXPIRE,                                                                                   \
  "DELETE FROM change WHERE no IN (SELECT no FROM change ORDER BY no LIMIT ?2) AND at < ?1")       \
X(EXPIRY_OF_DOMAIN, EXPIRY_SELECT "WHERE e.domain = ?1 ORDER BY e.kind, e.subject")                \
X(EXPIRY_PUT,                                                                                      \
  "INSERT INTO expiry (domain, kind, subject, workspace, at, remind_at) "                          \
  "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (domain, kind, subject) DO UPDATE "                 \
  "SET at = excluded.at, remind_at = excluded.remind_at "                                          \
  "WHERE expiry.at <> excluded.at")                                                                \
X(EXPIRY_DELETE, "DELETE FROM expiry WHERE domain = ?1 AND kind = ?2 AND subject = ?3")            \
X(EXPIRY_DUE,                                                                                      \
  "SELECT e.workspace, e.domain, d.name, e.kind, e.subject, e.at, e.remind_at, d.deleted_at "      \
  "FROM expiry e CROSS JOIN domain d ON d.no = e.domain "                                          \
  "WHERE e.remind_at <= ?1 ORDER BY e.remind_at LIMIT ?2")                                         \
X(EXPIRY_REMIND,                                                                                   \
  "UPDATE expiry SET remind_at = ?4 WHERE domain = ?1 AND kind = ?2 AND subject = ?3")             \
X(EXPIRY_LIST,                                                                                     \
  EXPIRY_SELECT "WHERE e.workspace = ?1 AND e.at < ?2 "                                            \
  "AND (e.at, e.domain, e.kind, e.subject) > (?3, ?4, ?5, ?6) "                                    \
  "ORDER BY e.at, e.domain, e.kind, e.subject LIMIT ?7")
/* clang-format on */

#endif

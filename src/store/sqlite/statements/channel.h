/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/channel.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_CHANNEL_H
#define DSS_STORE_SQLITE_STATEMENTS_CHANNEL_H

/* clang-format off */
#define CHANNEL_COLUMNS                                                                            \
  "SELECT c.no, c.id, c.workspace, c.name, c.kind, c.settings, c.is_enabled, c.reason, "           \
  "c.failures, c.rest_until, c.delivered_at, c.created_at, c.version FROM channel c "

#define CHANNEL_STATEMENTS(X)                                                                      \
X(CHANNEL_INSERT,                                                                                  \
  "INSERT INTO channel (id, workspace, name, kind, settings, secrets, is_enabled, created_at) "    \
  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                                                       \
X(CHANNEL_GET, CHANNEL_COLUMNS "WHERE c.id = ?2 AND c.workspace = ?1")                             \
X(CHANNEL_FIND, CHANNEL_COLUMNS "WHERE c.workspace = ?1 AND c.name = ?2")                          \
X(CHANNEL_BY_NO, CHANNEL_COLUMNS "WHERE c.no = ?1")                                                \
X(CHANNEL_SECRETS, "SELECT secrets FROM channel WHERE no = ?1")                                    \
X(CHANNEL_COUNT, "SELECT count(*) FROM channel WHERE workspace = ?1")                              \
X(CHANNEL_COUNT_DISABLED,                                                                          \
  "SELECT count(*) FROM channel WHERE is_enabled = 0 AND reason IS NOT NULL")                      \
X(CHANNEL_LIST, CHANNEL_COLUMNS "WHERE c.workspace = ?1 AND c.no > ?2 ORDER BY c.no LIMIT ?3")     \
X(CHANNEL_UPDATE,                                                                                  \
  "UPDATE channel SET name = ?3, settings = ?4, is_enabled = ?5, reason = ?6, failures = ?7, "     \
  "rest_until = ?8, version = version + 1 WHERE no = ?1 AND version = ?2")                         \
X(CHANNEL_KEEP_SECRETS, "UPDATE channel SET secrets = ?2 WHERE no = ?1")                           \
X(CHANNEL_DELETE, "DELETE FROM channel WHERE no = ?1")                                             \
X(CHANNEL_FARED,                                                                                   \
  "UPDATE channel SET failures = ?2, rest_until = ?3, delivered_at = coalesce(?4, delivered_at) "  \
  "WHERE no = ?1")                                                                                 \
X(CHANNEL_DISABLE,                                                                                 \
  "UPDATE channel SET is_enabled = 0, reason = ?2, version = version + 1 "                         \
  "WHERE no = ?1 AND is_enabled = 1")                                                              \
X(CHANNEL_ENABLED, CHANNEL_COLUMNS "WHERE c.is_enabled = 1 ORDER BY c.no")                         \
X(CHANNEL_DUE, CHANNEL_COLUMNS                                                                     \
  "WHERE c.is_enabled = 1 AND (c.rest_until IS NULL OR c.rest_until <= ?1) AND EXISTS "            \
  "(SELECT 1 FROM delivery d WHERE d.channel = c.no AND d.state = 1 AND d.due_at <= ?1) "          \
  "ORDER BY c.no")
/* clang-format on */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/rule.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_RULE_H
#define DSS_STORE_SQLITE_STATEMENTS_RULE_H

/* clang-format off */
#define RULE_COLUMNS                                                                               \
  "SELECT r.no, r.id, r.workspace, r.name, r.events, r.immediate, r.selector, r.area, "            \
  "r.severity, r.digest_s, r.is_enabled, r.since, r.created_at, r.version, "           \
  "r.digest_at FROM rule r "

#define RULE_STATEMENTS(X)                                                                         \
X(RULE_INSERT,                                                                                     \
  "INSERT INTO rule (id, workspace, name, events, immediate, selector, area, severity, digest_s, " \
  "is_enabled, since, created_at, digest_at) "                                                     \
  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")                               \
X(RULE_GET, RULE_COLUMNS "WHERE r.id = ?2 AND r.workspace = ?1")                                   \
X(RULE_FIND, RULE_COLUMNS "WHERE r.workspace = ?1 AND r.name = ?2")                                \
X(RULE_COUNT, "SELECT count(*) FROM rule WHERE workspace = ?1")                                    \
X(RULE_LIST, RULE_COLUMNS "WHERE r.workspace = ?1 AND r.no > ?2 ORDER BY r.no LIMIT ?3")           \
X(RULE_ACTIVE, RULE_COLUMNS                                                                        \
  "WHERE r.is_enabled = 1 AND EXISTS (SELECT 1 FROM rule_channel k JOIN channel c "                \
  "ON c.no = k.channel WHERE k.rule = r.no AND c.is_enabled = 1) ORDER BY r.no")                   \
X(RULE_UPDATE,                                                                                     \
  "UPDATE rule SET name = ?3, events = ?4, immediate = ?5, selector = ?6, area = ?7, "             \
  "severity = ?8, digest_s = ?9, is_enabled = ?10, since = ?11, digest_at = ?12, "              \
  "version = version + 1 "                                                                         \
  "WHERE no = ?1 AND version = ?2")                                                                \
X(RULE_DELETE, "DELETE FROM rule WHERE no = ?1")                                                   \
X(RULE_CHANNELS,                                                                                   \
  "SELECT c.no, c.name FROM rule_channel k CROSS JOIN channel c ON c.no = k.channel "              \
  "WHERE k.rule = ?1 ORDER BY k.channel")                                                               \
X(RULE_CHANNELS_CLEAR, "DELETE FROM rule_channel WHERE rule = ?1")                                 \
X(RULE_CHANNEL_ADD, "INSERT INTO rule_channel (rule, channel) VALUES (?1, ?2)")
/* clang-format on */

#endif

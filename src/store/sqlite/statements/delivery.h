/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/delivery.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_DELIVERY_H
#define DSS_STORE_SQLITE_STATEMENTS_DELIVERY_H

#include "store/sqlite/statements/event.h"

/* States: 0 open, 1 waiting, 2 sending (enum delivery_state): indexes hold one state each. */

/* clang-format off */
#define DELIVERY_COLUMNS                                                                           \
  "SELECT d.no, d.id, d.workspace, d.channel, c.name, d.recipient, d.kind, d.state, d.domain, "    \
  "m.name, d.events, d.created_at, d.due_at, d.attempt, d.first_at, d.token, d.ended_at, "         \
  "d.status, d.elapsed_us, d.reply, d.error, d.transcript "                                        \
  "FROM delivery d CROSS JOIN channel c ON c.no = d.channel LEFT JOIN domain m ON m.no = d.domain "
#define DELIVERY_FREE "state = 1, lease_until = NULL, holder = NULL "

#define DELIVERY_STATEMENTS(X)                                                                     \
X(DELIVERY_INSERT,                                                                                 \
  "INSERT INTO delivery (id, workspace, channel, recipient, kind, state, domain, events, "         \
  "created_at, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                          \
X(DELIVERY_ADD_EVENT,                                                                              \
  "INSERT INTO delivery_event (channel, event, delivery) VALUES (?1, ?2, ?3)")                     \
X(DELIVERY_HAS_EVENT,                                                                              \
  "SELECT count(*) FROM delivery_event WHERE channel = ?1 AND event = ?2")                         \
X(DELIVERY_GROW,                                                                                   \
  "UPDATE delivery SET events = events + ?4, due_at = min(due_at, ?2), "                            \
  "domain = CASE WHEN domain = ?3 THEN domain ELSE 0 END WHERE no = ?1 AND state = 0")             \
X(DELIVERY_WINDOW, DELIVERY_COLUMNS                                                                \
  "WHERE d.channel = ?1 AND d.recipient = ?2 AND d.state = 0")                                     \
X(DELIVERY_GET, DELIVERY_COLUMNS "WHERE d.id = ?2 AND d.workspace = ?1")                           \
X(DELIVERY_BY_NO, DELIVERY_COLUMNS "WHERE d.no = ?1")                                              \
X(DELIVERY_PENDING,                                                                                \
  "SELECT (SELECT count(*) FROM delivery WHERE channel = ?1 AND state = 1) + "                     \
  "(SELECT count(*) FROM delivery WHERE channel = ?1 AND state = 2)")                              \
X(DELIVERY_LIST, DELIVERY_COLUMNS                                                                  \
  "WHERE d.workspace = ?1 AND d.no < ?2 AND (?4 < 0 OR d.state = ?4) ORDER BY d.no DESC LIMIT ?3") \
X(DELIVERY_LIST_OF, DELIVERY_COLUMNS                                                               \
  "WHERE d.channel = ?1 AND d.no < ?2 AND (?4 < 0 OR d.state = ?4) ORDER BY d.no DESC LIMIT ?3")   \
X(DELIVERY_EVENTS, EVENT_SELECT                                                                    \
  "FROM delivery_event k CROSS JOIN event e ON e.sequence = k.event " EVENT_JOINS                  \
  "WHERE k.delivery = ?1 ORDER BY k.event LIMIT ?2")                                               \
X(DELIVERY_NEXT_CLOSE, "SELECT coalesce(min(due_at), 0) FROM delivery WHERE state = 0")            \
X(DELIVERY_NEXT_DUE,                                                                               \
  "SELECT coalesce(min((SELECT min(max(d.due_at, coalesce(c.rest_until, 0))) FROM delivery d "     \
  "WHERE d.channel = c.no AND d.state = 1)), 0) FROM channel c WHERE c.is_enabled = 1")            \
X(DELIVERY_NEXT_LEASE,                                                                             \
  "SELECT coalesce(min((SELECT min(d.lease_until) FROM delivery d "                                \
  "WHERE d.channel = c.no AND d.state = 2)), 0) FROM channel c")                                   \
X(DELIVERY_CLOSE, "UPDATE delivery SET state = 1 WHERE state = 0 AND due_at <= ?1")                \
X(DELIVERY_RECLAIM,                                                                                \
  "UPDATE delivery SET " DELIVERY_FREE "WHERE no IN (SELECT d.no FROM channel c "                  \
  "CROSS JOIN delivery d ON d.channel = c.no WHERE d.state = 2 AND d.lease_until <= ?1)")          \
X(DELIVERY_RECLAIM_OF,                                                                             \
  "UPDATE delivery SET " DELIVERY_FREE "WHERE no IN (SELECT d.no FROM channel c "                  \
  "CROSS JOIN delivery d ON d.channel = c.no WHERE d.state = 2 AND d.holder = ?1)")                \
X(DELIVERY_RENEW,                                                                                  \
  "UPDATE delivery SET lease_until = ?2 WHERE no IN (SELECT d.no FROM channel c "                  \
  "CROSS JOIN delivery d ON d.channel = c.no WHERE d.state = 2 AND d.holder = ?1)")                \
X(DELIVERY_HOLDERS,                                                                                \
  "SELECT DISTINCT d.holder FROM channel c CROSS JOIN delivery d ON d.channel = c.no "             \
  "WHERE d.state = 2 LIMIT ?1")                                                                    \
X(DELIVERY_SENDING, "SELECT count(*) FROM delivery WHERE channel = ?1 AND state = 2")              \
X(DELIVERY_READY, DELIVERY_COLUMNS                                                                 \
  "WHERE d.channel = ?1 AND d.state = 1 AND d.due_at <= ?2 AND (d.first_at IS NOT NULL OR "        \
  "NOT EXISTS (SELECT 1 FROM delivery b WHERE b.channel = d.channel AND b.domain = d.domain "      \
  "AND b.no < d.no AND b.first_at IS NULL AND b.state IN (1, 2))) "                                \
  "ORDER BY d.due_at, d.no LIMIT ?3")                                                              \
X(DELIVERY_TAKE,                                                                                   \
  "UPDATE delivery SET state = 2, attempt = attempt + 1, token = token + 1, holder = ?3, "         \
  "lease_until = ?4 WHERE no = ?1 AND state = 1 AND token = ?2")                                   \
X(DELIVERY_SETTLE,                                                                                 \
  "UPDATE delivery SET state = ?3, due_at = ?4, ended_at = ?5, "                                   \
  "attempt = attempt - ?6, first_at = coalesce(first_at, ?7), status = ?8, elapsed_us = ?9, "      \
  "reply = ?10, error = ?11, transcript = ?12, lease_until = NULL, holder = NULL "                 \
  "WHERE no = ?1 AND token = ?2 AND state = 2")                                                    \
X(DELIVERY_AGAIN,                                                                                  \
  "UPDATE delivery SET state = 1, due_at = ?2, created_at = ?2, attempt = 0, ended_at = NULL "     \
  "WHERE no = ?1 AND state IN (3, 4)")                                                             \
X(ATTEMPT_ADD,                                                                                     \
  "INSERT INTO delivery_attempt (delivery, at, status, elapsed_us, reply, error) "                 \
  "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING")                                        \
X(ATTEMPT_KEEP,                                                                                    \
  "INSERT INTO delivery_attempt (delivery, at, status, elapsed_us, reply, error) "                 \
  "SELECT no, ended_at, status, elapsed_us, reply, error FROM delivery "                           \
  "WHERE no = ?1 AND state = 3 AND ended_at IS NOT NULL ON CONFLICT DO NOTHING")                   \
X(ATTEMPT_LIST,                                                                                    \
  "SELECT at, status, elapsed_us, reply, error FROM delivery_attempt WHERE delivery = ?1 "         \
  "ORDER BY at LIMIT ?2")                                                                          \
X(ATTEMPT_FORGET,                                                                                  \
  "DELETE FROM delivery_attempt WHERE delivery = ?1 AND at < (SELECT at FROM delivery_attempt "    \
  "WHERE delivery = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)")                                       \
X(DELIVERY_OVERDUE, DELIVERY_COLUMNS                                                               \
  "WHERE d.state = 1 AND d.created_at < ?1 ORDER BY d.created_at LIMIT ?2")                        \
X(DELIVERY_GIVE_UP,                                                                                \
  "UPDATE delivery SET state = 4, ended_at = ?2, first_at = coalesce(first_at, ?2), "              \
  "error = coalesce(error, ?3) WHERE no = ?1 AND state = 1")                                       \
X(DELIVERY_EXPIRE,                                                                                 \
  "DELETE FROM delivery WHERE no IN (SELECT no FROM delivery WHERE ended_at < ?1 "                 \
  "ORDER BY ended_at LIMIT ?2)")                                                                   \
X(DELIVERY_COUNT,                                                                                  \
  "SELECT (SELECT count(*) FROM delivery WHERE state = 0), "                                       \
  "(SELECT count(*) FROM delivery WHERE state = 1), "                                              \
  "(SELECT count(*) FROM delivery WHERE state = 2)")                                               \
X(READER_GET, "SELECT coalesce((SELECT sequence FROM reader WHERE name = ?1), 0)")                 \
X(READER_SET,                                                                                      \
  "INSERT INTO reader (name, sequence) VALUES (?1, ?2) "                                           \
  "ON CONFLICT (name) DO UPDATE SET sequence = excluded.sequence")
/* clang-format on */

#endif

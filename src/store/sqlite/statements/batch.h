/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/batch.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_BATCH_H
#define DSS_STORE_SQLITE_STATEMENTS_BATCH_H

/* clang-format off */
#define BATCH_SELECT                                                                               \
  "SELECT no, id, workspace, cause, schedule, tick, selector, profile, priority, state, cursor, "  \
  "total, done, incomplete, failed, cancelled, created_by, created_at, expanded_at, ended_at, "    \
  "trace FROM batch "
#define BATCH_ENDED "done + incomplete + failed + cancelled"

#define BATCH_STATEMENTS(X)                                                                        \
X(BATCH_INSERT,                                                                                    \
  "INSERT INTO batch (id, workspace, cause, schedule, tick, selector, profile, priority, state, "  \
  "created_by, created_at, trace) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11)")       \
X(BATCH_NO, "SELECT no FROM batch WHERE id = ?1")                                                  \
X(BATCH_LAST_POSITION, "SELECT coalesce(max(position), 0) FROM batch_name WHERE batch = ?1")       \
X(BATCH_ADD_NAME, "INSERT INTO batch_name (batch, position, name) VALUES (?1, ?2, ?3)")            \
X(BATCH_NAMES,                                                                                     \
  "SELECT position, name FROM batch_name WHERE batch = (SELECT no FROM batch WHERE id = ?1) "      \
  "AND position > ?2 ORDER BY position LIMIT ?3")                                                  \
X(BATCH_GET, BATCH_SELECT "WHERE id = ?1")                                                         \
X(BATCH_LIST, BATCH_SELECT "WHERE workspace = ?1 AND no < ?2 ORDER BY no DESC LIMIT ?3")           \
X(BATCH_EXPANDING, BATCH_SELECT "WHERE state = 0 ORDER BY no LIMIT ?1")                            \
X(BATCH_ADVANCE,                                                                                   \
  "UPDATE batch SET cursor = ?3, total = total + ?4 WHERE id = ?1 AND cursor = ?2 AND state = 0")  \
X(BATCH_EXPANDED, "UPDATE batch SET state = 1, expanded_at = ?2 WHERE id = ?1 AND state = 0")      \
X(BATCH_DROP_NAMES, "DELETE FROM batch_name WHERE batch = (SELECT no FROM batch WHERE id = ?1)")   \
X(BATCH_COUNT_END,                                                                                 \
  "UPDATE batch SET done = done + ?2, incomplete = incomplete + ?3, failed = failed + ?4, "        \
  "cancelled = cancelled + ?5 WHERE id = ?1")                                                      \
X(BATCH_END,                                                                                       \
  "UPDATE batch SET state = 2, ended_at = ?2 WHERE id = ?1 AND state = 1 AND "                     \
  BATCH_ENDED " = total")                                                                          \
X(BATCH_EXPIRABLE,                                                                                 \
  "SELECT b.no, b.ended_at IS NOT NULL AND b.ended_at < ?2 AND NOT EXISTS "                        \
  "(SELECT 1 FROM scan s WHERE s.batch = b.no) FROM batch b WHERE b.no > ?1 AND b.created_at < ?2 " \
  "ORDER BY b.no LIMIT ?3")                                                                        \
X(BATCH_DELETE, "DELETE FROM batch WHERE no = ?1")                                                 \
X(BATCH_CANCEL, "UPDATE batch SET state = 3, ended_at = ?2 WHERE id = ?1 AND state IN (0, 1)")     \
X(BATCH_CANCEL_QUEUED,                                                                             \
  "UPDATE scan SET state = 5, ended_at = ?2, published_at = NULL WHERE no IN (SELECT no FROM "     \
  "scan WHERE batch = (SELECT no FROM batch WHERE id = ?1) AND state = 0 LIMIT ?3) RETURNING id")  \
X(BATCH_CANCEL_RUNNING,                                                                            \
  "UPDATE scan SET cancel_at = ?2 WHERE batch = (SELECT no FROM batch WHERE id = ?1) "             \
  "AND state = 1 AND cancel_at IS NULL")
/* clang-format on */

#endif

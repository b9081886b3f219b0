/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/job.c and store/worker.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_JOB_H
#define DSS_STORE_SQLITE_STATEMENTS_JOB_H

/* clang-format off */
#define JOB_FREE "lease_until IS NULL AND dead_at IS NULL"
#define JOB_LEASED "lease_until IS NOT NULL AND dead_at IS NULL"
/* Whose worker stands in its table is not judged by a clock that may be set: somebody finds it dead
 * (app/rescue.h), or it beats. */
#define JOB_LAPSED(now)                                                                            \
  "lease_until <= " now " AND dead_at IS NULL AND NOT EXISTS "                                     \
  "(SELECT 1 FROM worker w WHERE w.id = job.consumer AND w.lease_until > 0)"
#define JOB_COLUMNS "no, queue, message, available_at, enqueued_at, lease_until, consumer, token, attempt, reason, dead_at"

#define JOB_STATEMENTS(X)                                                                          \
X(JOB_INSERT,                                                                                      \
  "INSERT INTO job (queue, message, available_at, enqueued_at) VALUES (?1, ?2, ?3, ?4)")           \
X(JOB_INSERT_DEAD,                                                                                 \
  "INSERT INTO job (queue, message, available_at, enqueued_at, attempt, reason, dead_at) "         \
  "VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6)")                                                           \
X(JOB_TAKE,                                                                                        \
  "UPDATE job SET lease_until = ?4, consumer = ?3, token = token + 1, attempt = attempt + 1 "      \
  "WHERE no IN (SELECT no FROM job WHERE queue = ?1 AND available_at <= ?2 AND " JOB_FREE          \
  " ORDER BY available_at, no LIMIT ?5) RETURNING " JOB_COLUMNS)                                   \
X(JOB_IS_READY,                                                                                    \
  "SELECT EXISTS (SELECT 1 FROM job WHERE queue = ?1 AND available_at <= ?2 AND " JOB_FREE ") OR " \
  "EXISTS (SELECT 1 FROM job WHERE " JOB_LAPSED("?2") ")")                                         \
X(JOB_ACK, "DELETE FROM job WHERE no = ?1 AND token = ?2 AND dead_at IS NULL")                     \
X(JOB_RETRY,                                                                                       \
  "UPDATE job SET lease_until = NULL, consumer = NULL, available_at = ?3, reason = ?4 "            \
  "WHERE no = ?1 AND token = ?2 AND dead_at IS NULL")                                              \
X(JOB_GIVE_BACK,                                                                                   \
  "UPDATE job SET lease_until = NULL, consumer = NULL, available_at = min(available_at, ?3), "     \
  "attempt = attempt - 1 "                                                                         \
  "WHERE no = ?1 AND token = ?2 AND lease_until IS NOT NULL AND dead_at IS NULL")                  \
X(JOB_BURY,                                                                                        \
  "UPDATE job SET lease_until = NULL, consumer = NULL, dead_at = ?3, reason = ?4 "                 \
  "WHERE no = ?1 AND token = ?2 AND dead_at IS NULL")                                              \
X(JOB_RENEW,                                                                                       \
  "UPDATE job SET lease_until = ?2 "                                                               \
  "WHERE consumer = ?1 AND lease_until IS NOT NULL AND dead_at IS NULL")                           \
X(JOB_HELD,                                                                                        \
  "SELECT no, token FROM job WHERE consumer = ?1 AND lease_until IS NOT NULL AND dead_at IS NULL") \
X(JOB_BURY_EXPIRED,                                                                                \
  "UPDATE job SET lease_until = NULL, consumer = NULL, dead_at = ?1, reason = ?3 "                 \
  "WHERE " JOB_LAPSED("?1") " AND attempt >= ?2")                                                  \
X(JOB_FREE_EXPIRED,                                                                                \
  "UPDATE job SET lease_until = NULL, consumer = NULL, available_at = min(available_at, ?1), "     \
  "reason = ?2 WHERE " JOB_LAPSED("?1"))                                                           \
X(JOB_BURY_OF,                                                                                     \
  "UPDATE job SET lease_until = NULL, consumer = NULL, dead_at = ?1, reason = ?3 "                 \
  "WHERE consumer = ?4 AND lease_until IS NOT NULL AND dead_at IS NULL AND attempt >= ?2")         \
X(JOB_FREE_OF,                                                                                     \
  "UPDATE job SET lease_until = NULL, consumer = NULL, available_at = min(available_at, ?1), "     \
  "reason = ?2 WHERE consumer = ?3 AND lease_until IS NOT NULL AND dead_at IS NULL")               \
X(JOB_NEXT_DELAYED,                                                                                \
  "SELECT available_at FROM job WHERE queue = ?1 AND available_at > ?2 AND " JOB_FREE              \
  " ORDER BY available_at LIMIT 1")                                                                \
X(JOB_NEXT_LEASE,                                                                                  \
  "SELECT lease_until FROM job WHERE lease_until IS NOT NULL AND dead_at IS NULL AND NOT EXISTS "  \
  "(SELECT 1 FROM worker w WHERE w.id = job.consumer AND w.lease_until > 0) "                      \
  "ORDER BY lease_until LIMIT 1")                                                                  \
X(JOB_SHIFT,                                                                                       \
  "UPDATE job SET available_at = CASE WHEN available_at - ?1 > ?2 + ?3 THEN ?2 "                   \
  "ELSE available_at - ?1 END WHERE available_at > ?2 AND " JOB_FREE)                              \
X(JOB_DEPTH,                                                                                       \
  "SELECT (SELECT count(*) FROM job WHERE queue = ?1 AND available_at <= ?2 AND " JOB_FREE "), "   \
  "(SELECT count(*) FROM job WHERE queue = ?1 AND available_at > ?2 AND " JOB_FREE "), "           \
  "(SELECT count(*) FROM job WHERE queue = ?1 AND " JOB_LEASED "), "                               \
  "(SELECT count(*) FROM job WHERE queue = ?1 AND dead_at IS NOT NULL), "                          \
  "(SELECT min(enqueued_at) FROM (SELECT enqueued_at FROM job WHERE queue = ?1 AND " JOB_FREE      \
  " UNION ALL SELECT enqueued_at FROM job WHERE queue = ?1 AND " JOB_LEASED "))")                  \
X(JOB_DEAD_LIST,                                                                                   \
  "SELECT " JOB_COLUMNS " FROM job WHERE dead_at IS NOT NULL AND (dead_at, no) < (?1, ?2) "        \
  "ORDER BY dead_at DESC, no DESC LIMIT ?3")                                                       \
X(JOB_REVIVE,                                                                                      \
  "UPDATE job SET dead_at = NULL, attempt = 0, available_at = ?2, reason = NULL "                  \
  "WHERE no = ?1 AND dead_at IS NOT NULL")                                                         \
X(JOB_DISCARD, "DELETE FROM job WHERE no = ?1 AND dead_at IS NOT NULL")                            \
X(JOB_EXPIRE,                                                                                      \
  "DELETE FROM job WHERE no IN (SELECT no FROM job WHERE dead_at IS NOT NULL AND dead_at < ?1 "    \
  "ORDER BY dead_at LIMIT ?2)")

#define WORKER_COLUMNS "id, host, pid, started_at, lease_until, capacity, running, is_draining"

#define WORKER_STATEMENTS(X)                                                                       \
X(WORKER_INSERT,                                                                                   \
  "INSERT INTO worker (" WORKER_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")               \
X(WORKER_BEAT,                                                                                     \
  "UPDATE worker SET lease_until = ?2, running = ?3, is_draining = ?4 "                            \
  "WHERE id = ?1 AND lease_until > 0")                                                             \
X(WORKER_EXPIRE, "UPDATE worker SET lease_until = 0 WHERE id = ?1")                                \
X(WORKER_DELETE, "DELETE FROM worker WHERE id = ?1")                                               \
X(WORKER_LIST, "SELECT " WORKER_COLUMNS " FROM worker ORDER BY id")                                \
X(WORKER_LOST, "SELECT " WORKER_COLUMNS " FROM worker WHERE lease_until <= ?1 ORDER BY id")        \
X(WORKER_COUNT, "SELECT count(*) FROM worker WHERE lease_until > 0")                               \
X(WORKER_CAPACITY,                                                                                 \
  "SELECT coalesce(sum(capacity), 0) FROM worker WHERE lease_until > 0 AND is_draining = 0")
/* clang-format on */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/scan.h. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_SCAN_H
#define DSS_STORE_SQLITE_STATEMENTS_SCAN_H

/* clang-format off */
#define SCAN_SELECT SCAN_SELECT_FROM("scan s")
#define SCAN_SELECT_FROM(scan)                                                                     \
  "SELECT s.no, s.id, s.workspace, s.domain, d.name, s.state, s.profile, s.priority, s.flags, "    \
  "b.id, s.retry_of, coalesce(s.created_by, b.created_by), s.recheck, coalesce(s.trace, b.trace), " \
  "s.published_at, s.cancel_at, s.worker, s.token, s.attempt, s.deaths, s.started_at, s.ended_at, " \
  "s.grade, s.score, s.gaps, s.fact_set, s.verdicts, s.error, areas.bytes, algorithm.bytes, "      \
  "s.progress, progress.data "                                                                     \
  "FROM " scan " CROSS JOIN domain d ON d.no = s.domain LEFT JOIN batch b ON b.no = s.batch "      \
  "LEFT JOIN document areas ON areas.no = s.areas "                                                \
  "LEFT JOIN document algorithm ON algorithm.no = s.algorithm "                                    \
  "LEFT JOIN event progress ON progress.sequence = s.progress "
#define SCAN_LIVE_WORKER                                                                           \
  "EXISTS (SELECT 1 FROM worker w WHERE w.id = scan.worker AND w.lease_until > 0)"

#define SCAN_INSERT_TEXT                                                                           \
  "INSERT INTO scan (id, workspace, domain, state, profile, priority, flags, batch, retry_of, "    \
  "recheck, created_by, trace) VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, "                                \
  "(SELECT no FROM batch WHERE id = ?7), ?8, ?9, ?10, ?11)"

#define SCAN_STATEMENTS(X)                                                                         \
X(SCAN_INSERT, SCAN_INSERT_TEXT)                                                                   \
X(SCAN_INSERT_NEW, SCAN_INSERT_TEXT " ON CONFLICT DO NOTHING")                                     \
X(SCAN_GET, SCAN_SELECT "WHERE s.id = ?1")                                                         \
X(SCAN_OPEN_OF,                                                                                    \
  SCAN_SELECT "WHERE s.domain = ?1 AND s.ended_at IS NULL AND s.recheck IS NULL "                  \
  "ORDER BY s.no LIMIT 1")                                                                         \
X(SCAN_LIST,                                                                                       \
  SCAN_SELECT "WHERE s.workspace = ?1 AND s.no < ?2 AND (?3 < 0 OR s.state = ?3) "                 \
  "ORDER BY s.no DESC LIMIT ?4")                                                                   \
X(SCAN_LIST_RARE, /* by a state in which few are */                                                \
  SCAN_SELECT "WHERE s.workspace = ?1 AND s.state = ?3 AND s.state <> 2 AND s.no < ?2 "            \
  "ORDER BY s.no DESC LIMIT ?4")                                                                   \
X(SCAN_LIST_DOMAIN,                                                                                \
  SCAN_SELECT "WHERE s.domain = ?5 AND +s.workspace = ?1 AND s.no < ?2 "                            \
  "AND (?3 < 0 OR s.state = ?3) AND (?6 = 0 OR s.ended_at IS NULL) "                               \
  "ORDER BY s.no DESC LIMIT ?4")                                                                   \
X(SCAN_LIST_BATCH,                                                                                 \
  SCAN_SELECT "WHERE s.batch = (SELECT no FROM batch WHERE id = ?5) AND +s.workspace = ?1 "         \
  "AND s.domain > ?2 AND (?3 < 0 OR s.state = ?3) AND (?6 = 0 OR s.ended_at IS NULL) "             \
  "AND (?7 = 0 OR s.domain = ?7) ORDER BY s.domain LIMIT ?4")                                      \
X(SCAN_NEXT_WAITING_WORKSPACE,                                                                     \
  "SELECT workspace FROM scan WHERE state = 0 AND published_at IS NULL AND priority = ?1 "         \
  "AND workspace > ?2 ORDER BY workspace LIMIT 1")                                                 \
X(SCAN_WAITING_LIST,                                                                               \
  "SELECT s.id, s.workspace, s.priority, coalesce(s.trace, b.trace) "                              \
  "FROM scan s LEFT JOIN batch b ON b.no = s.batch WHERE s.state = 0 AND s.published_at IS NULL "  \
  "AND s.priority = ?1 AND s.workspace = ?2 ORDER BY s.no LIMIT ?3")                               \
X(SCAN_WAITING_COUNT,                                                                              \
  "SELECT count(*) FROM scan WHERE state = 0 AND published_at IS NULL AND priority = ?1 "          \
  "AND workspace = ?2")                                                                            \
X(SCAN_BACKLOG,                                                                                    \
  "SELECT count(*) FROM (SELECT 1 FROM scan WHERE state = 0 AND published_at IS NULL LIMIT ?1)")   \
X(SCAN_PUBLISHED, "UPDATE scan SET published_at = ?2 WHERE id = ?1 AND state = 0")                 \
X(SCAN_UNPUBLISH,                                                                                  \
  "UPDATE scan SET published_at = NULL WHERE no IN (SELECT no FROM scan WHERE "                    \
  "published_at IS NOT NULL AND published_at < ?1 AND state = 0 LIMIT ?2)")                        \
X(SCAN_IN_FLIGHT,                                                                                  \
  "SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1) FROM scan "         \
  "WHERE published_at IS NOT NULL AND workspace = ?1")                                             \
X(SCAN_IN_FLIGHT_ALL,                                                                              \
  "SELECT count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1) FROM scan "         \
  "WHERE published_at IS NOT NULL")                                                                \
X(SCAN_ON_BUS,                                                                                     \
  "SELECT priority, count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1), "        \
  "coalesce(min(published_at) FILTER (WHERE state = 0), 0) FROM scan "                             \
  "WHERE published_at IS NOT NULL GROUP BY priority")                                              \
X(SCAN_TAKE,                                                                                       \
  "UPDATE scan SET state = 1, worker = ?2, token = token + 1, attempt = attempt + 1, "             \
  "started_at = ?3, published_at = coalesce(published_at, ?3), progress = NULL WHERE id = ?1 AND (state = 0 OR "    \
  "(state = 1 AND NOT " SCAN_LIVE_WORKER "))")                                               \
X(SCAN_COUNT_DEATH,                                                                                \
  "UPDATE scan SET deaths = deaths + 1 WHERE id = ?1 AND token = ?2 AND state = 1 "                \
  "RETURNING deaths")                                                                              \
X(SCAN_PROGRESS, "UPDATE scan SET progress = ?3 WHERE id = ?1 AND token = ?2 AND state = 1")       \
X(SCAN_RELEASE,                                                                                    \
  "UPDATE scan SET state = 0, worker = NULL, started_at = NULL, progress = NULL, "                 \
  "published_at = CASE WHEN ?3 <> 0 THEN NULL ELSE published_at END "                                   \
  "WHERE id = ?1 AND token = ?2 AND state = 1")                                                    \
X(SCAN_END,                                                                                        \
  "UPDATE scan SET state = ?3, started_at = ?4, ended_at = ?5, grade = ?6, score = ?7, "           \
  "areas = ?8, gaps = ?9, algorithm = ?10, fact_set = ?11, volatile = ?12, verdicts = ?13, "       \
  "error = ?14, published_at = NULL, cancel_at = NULL, worker = NULL, progress = NULL "            \
  "WHERE id = ?1 AND token = ?2 AND (state = 1 OR (state = 0 AND ?3 IN (4, 5)))")                  \
X(SCAN_VOLATILE, "SELECT coalesce(fact_set, 0), volatile FROM scan WHERE id = ?1")                 \
X(SCAN_RUNNING, SCAN_SELECT "WHERE s.worker = ?1 AND s.state = 1 ORDER BY s.no")                   \
X(SCAN_LOST,                                                                                       \
  SCAN_SELECT_FROM("scan s INDEXED BY scan_running")                                               \
  "WHERE s.worker IS NOT NULL AND s.state = 1 AND NOT EXISTS (SELECT 1 FROM worker w "             \
  "WHERE w.id = s.worker AND w.lease_until > 0) ORDER BY s.no")                                   \
X(SCAN_ASK_CANCEL,                                                                                 \
  "UPDATE scan SET cancel_at = coalesce(cancel_at, ?2) WHERE id = ?1 AND state = 1")               \
X(SCAN_CANCEL_QUEUED,                                                                              \
  "UPDATE scan SET state = 5, ended_at = ?2, published_at = NULL WHERE id = ?1 AND state = 0")     \
X(SCAN_CANCEL_ASKED,                                                                               \
  "SELECT id FROM scan WHERE worker = ?1 AND state = 1 AND cancel_at IS NOT NULL")                 \
X(SCAN_EXPIRABLE,                                                                                  \
  "SELECT s.id, s.no, s.ended_at IS NOT NULL AND s.id IS NOT d.scan AND EXISTS "                   \
  "(SELECT 1 FROM scan l WHERE l.domain = s.domain AND l.no > s.no AND l.ended_at IS NOT NULL) "   \
  "FROM scan s CROSS JOIN domain d ON d.no = s.domain "                                            \
  "WHERE s.id > ?1 AND s.id < ?2 ORDER BY s.id LIMIT ?3")                                          \
X(SCAN_DELETE, "DELETE FROM scan WHERE no = ?1")
/* clang-format on */

#endif

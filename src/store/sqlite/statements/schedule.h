/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/schedule.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_SCHEDULE_H
#define DSS_STORE_SQLITE_STATEMENTS_SCHEDULE_H

#define SCHEDULE_COLUMNS                                                                           \
	"SELECT id, workspace, name, cron, zone, blackouts, selector, jitter_s, profile, "         \
	"priority, missed, is_enabled, next_at, next_tick, last_at, last_tick, created_at, "       \
	"version FROM schedule "

#define SCHEDULE_STATEMENTS(X)                                                                     \
	X(SCHEDULE_INSERT,                                                                         \
	  "INSERT INTO schedule (id, workspace, name, cron, zone, blackouts, selector, jitter_s, " \
	  "profile, priority, missed, is_enabled, next_at, next_tick, created_at) VALUES "         \
	  "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")                    \
	X(SCHEDULE_GET, SCHEDULE_COLUMNS "WHERE id = ?2 AND workspace = ?1")                       \
	X(SCHEDULE_FIND, SCHEDULE_COLUMNS "WHERE workspace = ?1 AND name = ?2")                    \
	X(SCHEDULE_COUNT, "SELECT count(*) FROM schedule WHERE workspace = ?1")                    \
	X(SCHEDULE_LIST, SCHEDULE_COLUMNS                                                          \
	  "WHERE (?1 IS NULL OR workspace = ?1) AND id > ?2 ORDER BY id LIMIT ?3")                 \
	X(SCHEDULE_UPDATE,                                                                         \
	  "UPDATE schedule SET name = ?3, cron = ?4, zone = ?5, blackouts = ?6, selector = ?7, "   \
	  "jitter_s = ?8, profile = ?9, priority = ?10, missed = ?11, is_enabled = ?12, "          \
	  "next_at = ?13, next_tick = ?14, version = version + 1 WHERE id = ?1 AND version = ?2")  \
	X(SCHEDULE_DELETE, "DELETE FROM schedule WHERE id = ?1")                                   \
	X(SCHEDULE_DUE,                                                                            \
	  SCHEDULE_COLUMNS "WHERE is_enabled = 1 AND next_at <= ?1 ORDER BY next_at, id LIMIT ?2") \
	X(SCHEDULE_NEXT_DUE,                                                                       \
	  "SELECT coalesce(min(next_at), 0) FROM schedule WHERE is_enabled = 1")                   \
	X(SCHEDULE_MOVE, "UPDATE schedule SET next_tick = ?3, next_at = ?4, last_tick = "          \
			 "coalesce(?5, last_tick), "                                               \
			 "last_at = CASE WHEN ?5 IS NULL THEN last_at ELSE ?6 END "                \
			 "WHERE id = ?1 AND coalesce(next_tick, 0) = ?2")

#endif

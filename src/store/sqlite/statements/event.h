/* SPDX-License-Identifier: Apache-2.0 */
/** Statements of store/event.c. */
#ifndef DSS_STORE_SQLITE_STATEMENTS_EVENT_H
#define DSS_STORE_SQLITE_STATEMENTS_EVENT_H

#define EVENT_SELECT                                                                               \
	"SELECT e.sequence, e.workspace, e.type, e.at, e.domain, d.name, e.scan, e.object, "       \
	"e.severity, e.data, coalesce(e.trace, s.trace, b.trace) "
#define EVENT_JOINS                                                                                \
	"LEFT JOIN domain d ON d.no = e.domain LEFT JOIN scan s ON s.id = e.scan "                 \
	"LEFT JOIN batch b ON b.no = s.batch "
#define EVENT_COLUMNS EVENT_SELECT "FROM event e " EVENT_JOINS

#define EVENT_STATEMENTS(X)                                                                        \
	X(EVENT_INSERT,                                                                            \
	  "INSERT INTO event (workspace, type, at, domain, scan, object, severity, data, trace) "  \
	  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")                                           \
	X(EVENT_AFTER, EVENT_COLUMNS "WHERE e.sequence > ?1 ORDER BY e.sequence LIMIT ?2")         \
	X(EVENT_AFTER_OF,                                                                          \
	  EVENT_COLUMNS "WHERE e.workspace = ?3 AND e.sequence > ?1 ORDER BY e.sequence LIMIT ?2") \
	X(EVENT_FROM,                                                                              \
	  "SELECT sequence, at FROM event WHERE sequence >= ?1 ORDER BY sequence LIMIT 1")         \
	X(EVENT_FIRST, "SELECT coalesce(min(sequence), 0) FROM event")                             \
	X(EVENT_LAST,                                                                              \
	  "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)")            \
	X(EVENT_DROP, "DELETE FROM event WHERE sequence = ?1")                                     \
	X(EVENT_EXPIRE,                                                                            \
	  "DELETE FROM event WHERE sequence IN (SELECT sequence FROM event ORDER BY sequence "     \
	  "LIMIT ?2) AND at < ?1")

#endif

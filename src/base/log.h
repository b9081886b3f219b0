/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Structured log events: a level, a name for the event, and fields. One event is one line: JSON, or
 * text for a terminal. This makes the line; the role that owns the log gives the sink, so that
 * libraries that are handed a log never print.
 *
 *	log_event(log, LEVEL_INFO, "scan.done", &ids, LOG_STR("domain", domain),
 *		  LOG_UINT("ms", elapsed_ms));
 *
 *	{"time":"2026-11-26T03:20:00.123Z","level":"info","role":"worker","event":"scan.done",
 *	 "scan_id":"scn_…","domain":"example.com","ms":1200}
 *
 * Events are named noun.verb by dots and lower case, once and for all. Foreign text is encoded as
 * for terminals (base/terminal.h) in both forms, and cut at LOG_VALUE_BYTES_MAX: no line of ours
 * breaks, moves a cursor or hides. Secrets are not logged.
 */
#ifndef DSS_BASE_LOG_H
#define DSS_BASE_LOG_H

#include "base/err.h"
#include "base/str.h"

enum log_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR, LEVEL_COUNT };

enum { LOG_VALUE_BYTES_MAX = 1024 };

/** "debug", "info", "warning", "error", NULL: by enum log_level. */
extern const char *const log_level_words[];

struct log {
	const char *role;     /**< "api"; NULL: not said */
	enum log_level level; /**< events below it are dropped */
	bool is_text;         /**< for a terminal; else JSON */
	/** Takes one whole line, newline included. Called by whichever thread logs, so it makes one
	 * write of it. */
	void (*write)(void *data, struct str line);
	void *data;
};

/** Whose doing it is; what is empty is left out. */
struct log_ids {
	struct str scan_id, request_id, trace_id;
};

enum log_type { LOG_TYPE_STR, LOG_TYPE_INT, LOG_TYPE_UINT, LOG_TYPE_BOOL };

struct log_field {
	const char *name; /**< ours: lower case and "_" */
	enum log_type type;
	union {
		struct str str;
		int64_t number;
		uint64_t count;
		bool is_true;
	};
};

#define LOG_STR(name_, value_)                                                                     \
	((struct log_field){ .name = (name_), .type = LOG_TYPE_STR, .str = (value_) })
#define LOG_TEXT(name_, value_) LOG_STR(name_, str_of(value_))
#define LOG_INT(name_, value_)                                                                     \
	((struct log_field){ .name = (name_), .type = LOG_TYPE_INT, .number = (value_) })
#define LOG_UINT(name_, value_)                                                                    \
	((struct log_field){ .name = (name_), .type = LOG_TYPE_UINT, .count = (value_) })
#define LOG_BOOL(name_, value_)                                                                    \
	((struct log_field){ .name = (name_), .type = LOG_TYPE_BOOL, .is_true = (value_) })

static inline bool log_has(const struct log *log, enum log_level level)
{
	return log && level >= log->level;
}

/** @log NULL: nothing is logged. @ids NULL: none. */
void log_put(const struct log *log, enum log_level level, const char *event,
	     const struct log_ids *ids, const struct log_field *fields, size_t count);

/** At least one field. */
#define log_event(log, level, event, ids, ...)                                                     \
	log_put((log), (level), (event), (ids), (const struct log_field[]){ __VA_ARGS__ },         \
		ARRAY_COUNT(((const struct log_field[]){ __VA_ARGS__ })))

#endif

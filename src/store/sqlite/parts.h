/* SPDX-License-Identifier: Apache-2.0 */
/** What the files of the SQLite backend share; nobody outside of store/sqlite/ includes this. */
#ifndef DSS_STORE_SQLITE_PARTS_H
#define DSS_STORE_SQLITE_PARTS_H

#include "store/backend.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/turn.h"

#include <limits.h>
#include <sqlite3.h>

enum {
	SQLITE_TURN_S = 15,     /**< how long a writer waits for its turn */
	SQLITE_OPEN_S = 30,     /**< who opens or moves a store: another may be migrating it */
	SQLITE_BUSY_MS = 10000, /**< for programs that do not take turns */
	SQLITE_PAGE_BYTES = 4096,
	SQLITE_VALUE_BYTES = 64 << 20 /**< of one text or blob, of one row */
};

struct store_place {
	char folder[PATH_MAX], path[PATH_MAX];
	unsigned flags;
	struct sqlite_schema schema;
	struct turn *turn; /**< NULL: for reading only */
	int wake_fd;
};

/** A statement of a connection; prepared once, used by one run at a time. */
struct store_run {
	sqlite3_stmt *statement;
	unsigned number;
	bool is_running;
	/** For a run within another run of the same statement: goes with its end. */
	bool is_extra;
	struct store_run *next; /**< of the connection's extra ones */
};

enum sqlite_control {
	CONTROL_BEGIN_READ,
	CONTROL_BEGIN_WRITE,
	CONTROL_COMMIT,
	CONTROL_ROLL_BACK,
	CONTROL_SAVEPOINT,
	CONTROL_RELEASE,
	CONTROL_UNDO,
	CONTROL_COUNT
};

struct sqlite_connection {
	struct store_connection base; /* first */
	struct store_place *place;
	sqlite3 *db;
	struct store_run *runs;  /* by statement */
	struct store_run *extra; /* being run */
	sqlite3_stmt *control[CONTROL_COUNT];
	int64_t changes_before;  /* the transaction */
	int64_t log_relieved_us; /* monotonic: not before that again */
	int log_pages,
		log_next; /* log.c: how long the log is; not looked at before it is so long */
	bool has_turn;
};

static inline struct sqlite_connection *sqlite_of(struct store_connection *c)
{
	return (struct sqlite_connection *)c;
}

/** SQLite's code as ours, with err filled; what: a statement's name, or what was being done. */
int sqlite_fail(sqlite3 *db, int code, const char *path, const char *what,
		struct err *err) MUST_USE;

/** Open and configure. A writer makes nothing: the file is there. */
int sqlite_open(struct store_place *place, bool is_writer, sqlite3 **ret, struct err *err) MUST_USE;
/** The same without touching a byte of the file, on closing neither: to look at its version. */
int sqlite_open_to_look(struct store_place *place, sqlite3 **ret, struct err *err) MUST_USE;
/** Is another file, or none, where this one was opened? */
bool sqlite_has_moved(sqlite3 *db);
/** Run one text without values; the first column of its first row, if it has one and ret is given. */
int sqlite_ask(sqlite3 *db, const char *path, const char *text, int64_t *ret,
	       struct err *err) MUST_USE;

/** Number of the newest migration that was applied, 0 for an empty file; refuses what is not ours,
 * newer, or another release's variant. */
int sqlite_version(struct store_place *place, sqlite3 *db, unsigned *ret, struct err *err) MUST_USE;
/** Apply what is missing after version; the caller has the turn. */
int sqlite_migrate(struct store_place *place, sqlite3 *db, unsigned version,
		   struct err *err) MUST_USE;

/** Copy the database as it is now to a new file that appears when it is complete. */
int sqlite_copy(struct store_place *place, const char *path, bool replaces,
		store_progress *progress, void *context, struct err *err) MUST_USE;

/* The backend's functions, by file: connection.c, transaction.c, statement.c, copy.c, check.c. */
int sqlite_connect(struct store_place *place, bool is_writer, struct store_connection **ret,
		   struct err *err) MUST_USE;
void sqlite_disconnect(struct store_connection *c);
int sqlite_begin(struct store_connection *c, struct err *err) MUST_USE;
int sqlite_commit(struct store_connection *c, struct err *err) MUST_USE;
void sqlite_roll_back(struct store_connection *c);
int sqlite_savepoint_set(struct store_connection *c, struct err *err) MUST_USE;
int sqlite_savepoint_keep(struct store_connection *c, struct err *err) MUST_USE;
int sqlite_savepoint_undo(struct store_connection *c, struct err *err) MUST_USE;
int sqlite_run_begin(struct store_connection *c, unsigned statement, const struct sql_value *values,
		     size_t count, unsigned how, struct store_run **ret, struct err *err) MUST_USE;
int sqlite_run_step(struct store_connection *c, struct store_run *run, struct err *err) MUST_USE;
bool sqlite_run_column(struct store_run *run, unsigned column, struct sql_value *ret);
int64_t sqlite_run_changes(struct store_connection *c);
int64_t sqlite_run_inserted(struct store_connection *c);
void sqlite_run_end(struct store_connection *c, struct store_run *run);
const char *sqlite_statement_name(struct store_connection *c, unsigned statement);
/** The log is written back into the file and begun anew when it has so many pages, or fewer on a disk with little
 * room; readers are waited for longer when it has so many. Tests make them small. */
struct sqlite_log_limits {
	int checkpoint_pages, restart_pages;
};
extern struct sqlite_log_limits sqlite_log_limits;
/** On connecting, for a writer. */
void sqlite_log_watch(struct sqlite_connection *c);
/** After a commit. */
void sqlite_log_tend(struct sqlite_connection *c);
/** A commit found no room: at most once a second. */
void sqlite_log_relieve(struct sqlite_connection *c);
/** On connecting: a roll-back must need no memory. */
int sqlite_controls_prepare(struct sqlite_connection *c, struct err *err) MUST_USE;
/** End what a closure left running. */
void sqlite_runs_end(struct sqlite_connection *c);
int sqlite_backup(struct store_place *place, const char *path, store_progress *progress,
		  void *context, struct err *err) MUST_USE;
int sqlite_check(struct store_place *place, struct arena *a, struct store_check *ret,
		 struct err *err) MUST_USE;

#endif

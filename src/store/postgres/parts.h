/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the files of the PostgreSQL backend share; nobody outside of store/postgres/ includes this.
 *
 * One writer at a time. Every transaction that may write takes the database's turn first, an advisory
 * lock that the server lets go when the transaction ends, however it ends. So a closure sees all that
 * was committed before it and nothing changes under it, as with SQLite: what reads and then writes
 * (the chain of the audit trail, quotas, fact hashes, who takes a job) needs no rule of its own, numbers
 * of events are drawn in the order of their commits, and a reader that asks for what comes after the
 * last one misses none. Threads of a process share commits (store/write.c); processes wait in the
 * server's queue, which is fair. Readers take no turn: they see one snapshot each.
 *
 * What reads events goes by their numbers alone, and rests on the turn: without it a transaction that
 * drew the smaller number could commit after the reader has gone past (tests/contract/postgres_order.c
 * shows both). Waiting for the snapshot's oldest transaction (pg_snapshot_xmin) instead would want
 * numbers made from transaction numbers, and it counts those of every database of the server: a long one
 * of anybody would hold back all events.
 *
 * Few waits. A closure that asked, waited and asked again would hold the turn for as many ways to the
 * server as it has statements. What nobody waits for is sent ahead (overrides.h, sql_sure); what many will
 * ask is asked for all of them at once (foresee.c): 64 results of scans cost some ten waits.
 *
 * Waiting: connecting, statements, the turn and half-open connections have limits (enum below); a
 * connection whose server says nothing for so long is closed. What was under way on a connection that
 * went away is run again on another (-EAGAIN, store/backend.h).
 *
 * A commit whose answer did not come. Each transaction that changed something leaves its writer's row
 * in the table store_writer with a number of its own. After a loss the turn is taken on a new
 * connection: now the old transaction is over, one way or the other, and its number is there or not.
 * (A server's own transaction numbers would not do: after a crash it may give one again.)
 */
#ifndef DSS_STORE_POSTGRES_PARTS_H
#define DSS_STORE_POSTGRES_PARTS_H

#include "store/backend.h"
#include "store/postgres/schema.h"
#include "store/postgres/text.h"

#include <libpq-fe.h>
#include <pthread.h>

enum {
	POSTGRES_CONNECT_MS = 10000,
	POSTGRES_STATEMENT_MS = 10000, /**< the server's limit for one statement */
	POSTGRES_ANSWER_MS =
		14000, /**< ours, for its answer: a silent server is left within 15 s */
	POSTGRES_TURN_TRY_MS = 5000, /**< the wait for the turn, in pieces shorter than that … */
	POSTGRES_TURN_MS = 30000,    /**< … and all of it */
	/** The server ends a transaction that says nothing for so long: who was cut off from it with the
	 * turn in hand does not keep the turn. Well below a worker's lease: the others wait meanwhile. */
	POSTGRES_IDLE_MS = 5000,
	POSTGRES_RESOLVE_MS = 12000, /**< to find out what became of a commit */
	POSTGRES_LONG_MS = 3600000,  /**< a migration, a check */
	POSTGRES_LEAST_VERSION = 150000,
	POSTGRES_VALUES = 32,
	POSTGRES_QUEUED = 1024, /**< statements sent ahead without reading answers … */
	POSTGRES_SPARE = 16,    /**< … and those that come after the last look at that */
	POSTGRES_FORESEEN = 1024
};

/** The turn's number among the advisory locks of the database: "DSS_TURN". */
#define POSTGRES_TAKE_TURN "SELECT pg_advisory_xact_lock(4923370486547960398)"
#define POSTGRES_CHANNEL "dss_wake"
#define POSTGRES_NOTIFY ("NOTIFY " POSTGRES_CHANNEL)

struct listener;

struct store_place {
	struct arena arena;
	unsigned flags;
	const char *const *keywords,
		*const *values; /**< of the connection, for PQconnectStartParams */
	const char *name;       /**< for people: host, port and database */
	struct postgres_schema schema;
	struct postgres_statement *statements; /**< by enum sql_statement */
	pthread_mutex_t mutex;
	uint8_t (*types)
		[POSTGRES_VALUES]; /**< by statement: enum sql_type of values, as far as seen */
	struct listener *listener; /**< NULL: nobody asked for a wake yet */
};

/** What a statement is here. */
struct postgres_statement {
	const char *text; /**< translated */
	unsigned values;
	bool is_change;  /**< it is no mere question */
	bool is_ahead;   /**< sent without waiting for its answer */
	bool is_counted; /**< sent ahead once the transaction's first has said its number */
	bool is_guarded; /**< it may break a rule, after which a closure goes on */
};

enum postgres_control {
	CONTROL_BEGIN_READ,
	CONTROL_BEGIN_WRITE,
	CONTROL_TURN,
	CONTROL_COMMIT,
	CONTROL_ROLL_BACK,
	CONTROL_NOTIFY,
	CONTROL_SAVEPOINT,
	CONTROL_RELEASE,
	CONTROL_UNDO,
	CONTROL_GUARD,
	CONTROL_GUARD_RELEASE,
	CONTROL_GUARD_UNDO,
	CONTROL_COUNT
};

/** What was sent and not answered yet. */
struct queued {
	enum {
		QUEUED_CONTROL,
		QUEUED_PREPARE,
		QUEUED_AHEAD,
		QUEUED_ASKED,
		QUEUED_FORESEEN,
		QUEUED_MARK,
		QUEUED_SYNC
	} kind;
	unsigned number;           /**< of the control or the statement */
	int64_t expected;          /**< the number that its row must get; 0: any */
	bool is_sure;              /**< it must change one row */
	struct foreseen *foreseen; /**< whose answer it is */
};

struct store_run {
	PGresult *result; /**< NULL: sent ahead */
	bool is_borrowed; /**< the result is a foreseen one's */
	int row, rows;
	bool is_over;
	struct store_run *next; /**< of the connection's that are open */
};

/** How a connection has prepared a statement. */
struct prepared {
	bool is_there, is_asked; /**< is_asked: sent, and no failure heard of */
	unsigned generation;     /**< of its name */
	int64_t last; /**< a counted one: the number of this transaction's last row; 0: none yet */
	uint8_t types[POSTGRES_VALUES];
};

struct postgres_connection {
	struct store_connection base; /* first */
	struct store_place *place;
	PGconn *db; /**< NULL: lost; begin connects again */
	struct prepared *prepared;
	struct queued *queue;
	size_t queued;
	struct store_run *runs;
	struct foreseen **foreseen; /**< POSTGRES_FORESEEN lists */
	size_t foreseen_count;
	bool is_inside, has_changed, was_rolled_back;
	struct uuid writer;  /**< its row in store_writer */
	int64_t mark;        /**< of its last transaction that changed something */
	int64_t changes;     /**< of the last statement */
	int64_t inserted;    /**< the number of the row that the last INSERT made */
	int64_t next_try_us; /**< monotonic: not before it is connected again */
	unsigned failures;
};

static inline struct postgres_connection *postgres_of(struct store_connection *c)
{
	return (struct postgres_connection *)c;
}

/* ---- address.c: what a URL says ---- */

/** Fills place->keywords, values, name. Refuses a password in the URL. */
int address_read(struct store_place *place, struct str where, struct err *err) MUST_USE;

/* ---- session.c: asking the server, every wait with a deadline ---- */

/** Connect, look at what server it is, say the limits. Not in pipeline mode. */
int session_connect(struct store_place *place, int statement_ms, PGconn **ret,
		    struct err *err) MUST_USE;
/** Wait until the connection has something to read (1), or until the deadline (0). */
int session_wait(PGconn *db, bool wants_write, int64_t until_us) MUST_USE;
void session_pause(int64_t until_us);
/** Has the server gone away while nothing was asked? */
bool session_is_dead(PGconn *db);
/** Run texts without values outside of pipeline mode; the last result, if ret is given: PQclear it. */
int session_ask(struct store_place *place, PGconn *db, const char *text, int limit_ms,
		PGresult **ret, struct err *err) MUST_USE;
/** Its first column of its first row as a number; 0 without a row. */
int session_number(struct store_place *place, PGconn *db, const char *text, int64_t *ret,
		   struct err *err) MUST_USE;

/* ---- pipe.c: statements sent ahead ---- */

/** Make room for a few more: once before each of what follows. */
int pipe_room(struct postgres_connection *own, struct err *err) MUST_USE;
/** Put something into the pipeline. */
int pipe_control(struct postgres_connection *own, enum postgres_control which,
		 struct err *err) MUST_USE;
int pipe_prepare(struct postgres_connection *own, unsigned statement, struct err *err) MUST_USE;
/** kind: QUEUED_AHEAD, QUEUED_ASKED or QUEUED_FORESEEN. */
int pipe_run(struct postgres_connection *own, unsigned statement, const struct sql_value *values,
	     size_t count, int kind, struct err *err) MUST_USE;
/** The writer's row: this transaction's number, or forget the writer. */
int pipe_mark(struct postgres_connection *own, struct err *err) MUST_USE;
int pipe_forget(struct postgres_connection *own, struct err *err) MUST_USE;
/** Ask for the mark in the writer's row. */
int pipe_look(struct postgres_connection *own, struct err *err) MUST_USE;
/** Send all, read all answers; *ret is that of the asked one (NULL: none of them was). The code is that
 * of the first which failed; when that was sent ahead, the transaction is spoilt. */
int pipe_settle(struct postgres_connection *own, PGresult **ret, struct err *err) MUST_USE;
/** Settle if an answer that has not been read could be another than the closure was told. */
int pipe_be_sure(struct postgres_connection *own, struct err *err) MUST_USE;
/** Send all; the answers are read by who settles next. */
int pipe_send(struct postgres_connection *own, struct err *err) MUST_USE;
/** The connection is no more: -EAGAIN. */
int pipe_lose(struct postgres_connection *own, const char *why, struct err *err) MUST_USE;

/* ---- foresee.c: answers that are asked for before they are needed ---- */

int postgres_foresee(struct store_connection *c, unsigned statement, const struct sql_value *values,
		     size_t count, struct err *err) MUST_USE;
void postgres_forget(struct store_connection *c, unsigned statement, const struct sql_value *values,
		     size_t count);
/** 1: *ret is the answer, lent until the closure ends; 0: it was not foreseen; or a failure. */
int foreseen_find(struct postgres_connection *own, unsigned statement,
		  const struct sql_value *values, size_t count, PGresult **ret,
		  struct err *err) MUST_USE;
/** The answer has come (NULL: it will not). */
void foreseen_answer(struct foreseen *foreseen, PGresult *answer);
/** No answer that was not read will come any more. */
void foreseen_lose(struct postgres_connection *own);
/** The closure has ended. */
void foreseen_end(struct postgres_connection *own);

/* ---- error.c ---- */

/** A failed result's code, with err filled; what: a statement's name, or what was being done. */
int postgres_fail(struct store_place *place, const PGresult *result, const char *what,
		  struct err *err) MUST_USE;
/** Why a connection could not be made. */
int postgres_fail_connect(struct store_place *place, const char *said, struct err *err) MUST_USE;

/* ---- migrate.c ---- */

/** Number of the newest migration that was applied, 0 for an empty database; refuses what is not ours,
 * and what is too new. */
int postgres_version(struct store_place *place, PGconn *db, unsigned *ret,
		     struct err *err) MUST_USE;
/** See to it that the schema is one that this release can work with, as the flags allow. */
int postgres_bring_up(struct store_place *place, PGconn *db, struct err *err) MUST_USE;

/* ---- the backend's functions, by file: connection.c, transaction.c, statement.c, check.c, listen.c ---- */

int postgres_connect(struct store_place *place, bool is_writer, struct store_connection **ret,
		     struct err *err) MUST_USE;
void postgres_disconnect(struct store_connection *c);
/** Connect again if the connection was lost; with a pause that grows while it cannot be. */
int postgres_ready(struct postgres_connection *own, struct err *err) MUST_USE;
int postgres_begin(struct store_connection *c, struct err *err) MUST_USE;
int postgres_commit(struct store_connection *c, struct err *err) MUST_USE;
void postgres_roll_back(struct store_connection *c);
int postgres_savepoint_set(struct store_connection *c, struct err *err) MUST_USE;
int postgres_savepoint_keep(struct store_connection *c, struct err *err) MUST_USE;
int postgres_savepoint_undo(struct store_connection *c, struct err *err) MUST_USE;
int postgres_run_begin(struct store_connection *c, unsigned statement,
		       const struct sql_value *values, size_t count, unsigned how,
		       struct store_run **ret, struct err *err) MUST_USE;
int postgres_run_step(struct store_connection *c, struct store_run *run, struct err *err) MUST_USE;
bool postgres_run_column(struct store_run *run, unsigned column, struct sql_value *ret);
int64_t postgres_run_changes(struct store_connection *c);
int64_t postgres_run_inserted(struct store_connection *c);
void postgres_run_end(struct store_connection *c, struct store_run *run);
/** Have it prepared for values of these types. */
int postgres_prepare(struct postgres_connection *own, unsigned statement,
		     const struct sql_value *values, size_t count, struct err *err) MUST_USE;
int postgres_check_values(struct postgres_connection *own, unsigned statement, size_t count,
			  struct err *err) MUST_USE;
/** End what a closure left running. */
void postgres_runs_end(struct postgres_connection *own);
const char *postgres_statement_name(struct store_connection *c, unsigned statement);
int postgres_check(struct store_place *place, struct arena *a, struct store_check *ret,
		   struct err *err) MUST_USE;
int postgres_wake_fd(struct store_place *place, int *ret, struct err *err) MUST_USE;
void listener_close(struct listener *listener);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a database must be able to do for store/: one table of functions, one line in store.c. A
 * connection is used by one thread at a time; a place is shared. Functions return 0 or the codes of
 * store/store.h, with err filled, or -EAGAIN: nothing of the transaction is there, through no fault of
 * its closures (the connection was lost, another came in between): run it again.
 */
#ifndef DSS_STORE_BACKEND_H
#define DSS_STORE_BACKEND_H

#include "store/sql.h"

struct store_place; /**< an opened database: where it is, what its connections share */
struct store_run;   /**< a statement that is being run */
struct move_backend;

enum run_how {
	RUN_SHORT = 1, /**< the values outlive the run, else they are copied */
	RUN_SURE = 2   /**< it changes one row, or the transaction is worthless (sql_sure) */
};

/** Every backend's connection begins with this. */
struct store_connection {
	const struct store_backend *backend;
	struct arena arena; /**< of the closures that run on it, one after the other */
	struct arena_mark arena_start;
	bool is_writer;
	int spoilt; /**< 0, or the code of what made the transaction worthless */
	struct err why;
};

struct store_backend {
	const char *scheme; /**< "sqlite" */
	/** Make, look at, migrate: afterwards connections see this release's schema. */
	int (*open)(struct str where, unsigned flags, struct store_place **ret, struct err *err);
	void (*close)(struct store_place *place);
	int (*connect)(struct store_place *place, bool is_writer, struct store_connection **ret,
		       struct err *err);
	void (*disconnect)(struct store_connection *c);

	/** A writer waits for its turn first. commit is durable when it returns 0, and wakes others;
	 * after any other code nothing of the transaction is there, and it is over. */
	int (*begin)(struct store_connection *c, struct err *err);
	int (*commit)(struct store_connection *c, struct err *err);
	void (*roll_back)(struct store_connection *c);
	/** One level: set, then either kept or undone. */
	int (*savepoint_set)(struct store_connection *c, struct err *err);
	int (*savepoint_keep)(struct store_connection *c, struct err *err);
	int (*savepoint_undo)(struct store_connection *c, struct err *err);

	/** how: enum run_how. */
	int (*run_begin)(struct store_connection *c, unsigned statement,
			 const struct sql_value *values, size_t count, unsigned how,
			 struct store_run **ret, struct err *err);
	/** sql_foresee and sql_forget; NULL where asking costs no way to a server. */
	int (*foresee)(struct store_connection *c, unsigned statement,
		       const struct sql_value *values, size_t count, struct err *err);
	void (*forget)(struct store_connection *c, unsigned statement,
		       const struct sql_value *values, size_t count);
	/** 1: a row; 0: the end; negative. */
	int (*run_step)(struct store_connection *c, struct store_run *run, struct err *err);
	/** Octets of the column stay until the next step. False when there is no such column, or its
	 * type is none of ours. */
	bool (*run_column)(struct store_run *run, unsigned column, struct sql_value *ret);
	int64_t (*run_changes)(struct store_connection *c);
	/** The number of the row that the last INSERT made. */
	int64_t (*run_inserted)(struct store_connection *c);
	void (*run_end)(struct store_connection *c, struct store_run *run);
	const char *(*statement_name)(struct store_connection *c, unsigned statement);

	int (*backup)(struct store_place *place, const char *path, store_progress *progress,
		      void *context, struct err *err);
	int (*check)(struct store_place *place, struct arena *a, struct store_check *ret,
		     struct err *err);
	int (*wake_fd)(struct store_place *place, int *ret, struct err *err);
	const struct move_backend *move; /**< store/mover.h */
};

extern const struct move_backend sqlite_move, postgres_move;
extern const struct store_backend store_backend_sqlite, store_backend_postgres;

/** A failure that no statement may follow: remembered by the connection; returns code. Those that a
 * closure may go on after (store/sql.h) are not remembered. */
int store_spoil(struct store_connection *c, int code, const struct err *why);

#endif

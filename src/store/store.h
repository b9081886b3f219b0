/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The store's door: opening, transactions, copies. What stands in it is the repositories' matter
 * (store/domain.h, store/scan.h …); how they speak SQL is store/sql.h.
 *
 *	store_open(STR_LIT("sqlite:/var/lib/dss"), STORE_CREATE, &store, &err)
 *	store_write(store, accept_scan, &context, &err)		durable when it returns 0
 *	store_read(store, list_domains, &context, &err)
 *
 * One struct store serves all threads of a process. It does not survive fork.
 *
 * Writing: the closures of several threads share one transaction and one commit; each has a savepoint
 * of its own, so that one which returns negative is undone alone. store_write returns when all of it
 * is on disk. Closures run on any of the threads, one at a time. A closure may run again, when a
 * commit that it shared has failed: it depends on its context and on the store only, and starts
 * over. Processes on one data folder take turns at writing.
 *
 * Reading: a closure sees one state of the store from its first statement to its end, never a part
 * of a transaction. A read transaction holds back the clearing of the log: no closure waits for
 * anything.
 *
 * Codes that every call may return, and err says what, where and what to do:
 *	-ENOSPC		the disk is full		-EIO		the disk does not read or write
 *	-EBUSY		others did not let go		-EROFS		a write where only reading is allowed
 *	-EACCES		rights of the files		-EMFILE		no descriptors left
 *	-ENOMEM		no memory for the database	-EDEADLK	called from inside a closure
 *	ERR_CORRUPT	the file is damaged		ERR_VERSION	made by a newer release
 *	-ENODEV		another file is in its place	-ECONNREFUSED	the server cannot be reached
 *	-ETIMEDOUT	the server went away during a commit and has not said what became of it
 * After an error the store stays open and can be tried again; nothing of the transaction is there. One
 * thing stays open when it was the commit itself that failed (disk full, I/O): if the machine or the
 * process dies before the next commit succeeds, the rows may be there afterwards, all of them. Who
 * tries again after an error and a crash looks first.
 */
#ifndef DSS_STORE_STORE_H
#define DSS_STORE_STORE_H

#include "base/err.h"
#include "base/str.h"

struct store;
struct store_connection; /**< the backend's */

enum store_flag {
	STORE_CREATE = 1,       /**< make the folder and the store where there are none */
	STORE_READ_ONLY = 2,    /**< store_write gives -EROFS; no migration */
	STORE_NO_MIGRATION = 4, /**< a store of an older release is refused with ERR_VERSION */
	STORE_MIGRATE = 8 /**< bring up to date also what several machines may be working on */
};

/** What a closure and the repositories that it calls work with. */
struct store_tx {
	struct arena
		*a; /**< what repositories return lives here, until the closure ends (store_keep) */
	int64_t now_us; /**< UTC, one for the whole closure; ids of new rows are made from it */
	struct store_connection *connection;
	/** The end of the audit trail, once this closure has looked: others write none meanwhile
	 * (store/audit.c). */
	struct {
		bool is_known;
		int64_t sequence;
		uint8_t hash[32];
	} audit;
};

/** Returns 0, or a negative code: then nothing that it wrote stays. */
typedef int store_work(struct store_tx *tx, void *context, struct err *err);

/**
 * @url  "sqlite:FOLDER": the file dss.db in a data folder, which store/folder.h describes. Applies what
 *       migrations are missing, after a copy (dss.db.before-N).
 *       "postgresql://USER@HOST/DATABASE": as libpq reads it, and ?password-file=FILE; no password in it.
 *       An empty database is made a store; one of an older release is refused (ERR_VERSION) without
 *       STORE_MIGRATE; one of a newer release that says that ours can work on it is taken.
 * -ENOENT: nothing there, and no STORE_CREATE; -EMEDIUMTYPE: another program's database;
 * -EPROTONOSUPPORT: no such sort of store; -EOPNOTSUPP: not on this file system; ERR_VERSION: newer
 * than this release, left untouched.
 */
int store_open(struct str url, unsigned flags, struct store **ret, struct err *err) MUST_USE;
/** No other thread is in a call of this store. NULL is allowed. */
void store_close(struct store *store);

/** 0 when the closure's writes are durable; else the closure's code, or one of the list above. */
int store_write(struct store *store, store_work *work, void *context, struct err *err) MUST_USE;
/** The closure's code; -EROFS when it tried to write. */
int store_read(struct store *store, store_work *work, void *context, struct err *err) MUST_USE;

/** From here on what repositories return to this closure lives in the caller's arena instead. */
static inline void store_keep(struct store_tx *tx, struct arena *a)
{
	tx->a = a;
}

/**
 * A descriptor of the caller's own (close it) that becomes readable after commits that changed
 * something, of this and of other processes. Wakes may be merged, and one may be missed after a
 * crash: look again once a second besides. store_wake_clear reads it empty: before looking.
 */
int store_wake_fd(struct store *store, int *ret, struct err *err) MUST_USE;
void store_wake_clear(int wake_fd);

/** The clock of this process's transactions, for tests and drills. NULL: the system's. */
void store_set_clock(struct store *store, int64_t (*now_us)(void *context), void *context);

/** Told now and then while a copy is made; negative stops it with that code. */
typedef int store_progress(void *context, uint64_t done_bytes, uint64_t total_bytes);

/**
 * Copy the store, as it is at the beginning, to a new file, while others read and write. The file
 * appears under its name (mode 0600) when it is complete and on disk, else not at all.
 * @progress  NULL: nobody wants to know
 * -EEXIST: the file is there already.
 */
int store_backup(struct store *store, const char *path, store_progress *progress, void *context,
		 struct err *err) MUST_USE;

enum { STORE_CHECK_LINES = 100 };

struct store_check {
	size_t count;     /**< what is wrong; stops at STORE_CHECK_LINES */
	struct str *line; /**< one line each, in the arena */
	unsigned version; /**< number of the newest migration that was applied */
};

/** Read everything: pages, indexes, constraints, references. 0 with ret->count of 0: all is well. */
int store_check(struct store *store, struct arena *a, struct store_check *ret,
		struct err *err) MUST_USE;

/** One page of a list, by keyset: rows after `after` in the list's total order. */
struct page {
	struct str
		after; /**< opaque octets of the last row of the page before; empty: the first page */
	unsigned limit; /**< 1 to 1000 */
};

#endif

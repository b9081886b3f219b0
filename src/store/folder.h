/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The data folder: what processes of one machine tell each other by files and their locks (of open
 * file descriptions: the kernel releases them when the process ends, however it ends).
 *
 *	FOLDER/              mode 0700
 *	  dss.db, -wal, -shm the store (store/sqlite)
 *	  dss.db.before-N    copy from before migration N
 *	  queue, turn        who may write next, who writes (store/sqlite/turn.h)
 *	  wake               touched after each commit that changed something
 *	  serve.lock         held by the server of this folder; says who it is
 *	  workers/UUID.lock  held by that worker as long as it lives
 *
 * All files have mode 0600.
 */
#ifndef DSS_STORE_FOLDER_H
#define DSS_STORE_FOLDER_H

#include "base/uuid.h"

#include <sys/types.h>

/** "sqlite:/var/lib/dss" → "/var/lib/dss". Empty for a server's store: processes of several machines
 * tell by leases that they live, not by locks. -EPROTONOSUPPORT: no such sort of store. */
int folder_of_store(struct str url, struct str *ret, struct err *err) MUST_USE;

/**
 * See that the folder is there. Makes it and its parents when is_wanted, else -ENOENT. -EPERM: others
 * than its owner could write to it.
 */
int folder_open(const char *folder, bool is_wanted, struct err *err) MUST_USE;

/**
 * Be the one server of the folder until the descriptor is closed. The file says pid, start and address
 * to others. -EBUSY: err names who holds it.
 * @address  where it listens, for people; may be empty
 */
int serve_lock_take(const char *folder, struct str address, int64_t now_us, int *ret_fd,
		    struct err *err) MUST_USE;
/** Who serves the folder: 1 and one line in the arena; 0: nobody. */
int serve_lock_holder(struct arena *a, const char *folder, struct str *ret,
		      struct err *err) MUST_USE;

/** Say that this process writes to the store of the folder, until the descriptor of the file `wake` is
 * closed. -EBUSY: somebody has it alone. */
int folder_use(const char *folder, int wake_fd, struct err *err) MUST_USE;
/** Have the folder alone, until the descriptor is closed. -EBUSY: a process writes to it. */
int folder_use_alone(const char *folder, int *ret_fd, struct err *err) MUST_USE;

struct folder_writer {
	bool is_writing;  /**< somebody writes, or is the next to */
	pid_t pid;        /**< who wrote last, or writes: by its own word */
	int64_t since_us; /**< since when, by the wall clock: another with each turn */
};

/** Who writes to the store of the folder at this moment? */
int folder_writer(const char *folder, struct folder_writer *ret, struct err *err) MUST_USE;

/** Say that the worker lives, until the descriptor is closed; before it registers in the store, and
 * with an id of its own (-EEXIST). */
int worker_lock_take(const char *folder, struct uuid worker, int *ret_fd, struct err *err) MUST_USE;
/** A worker that ends as it should: closes the descriptor, takes the file away. */
void worker_lock_release(const char *folder, struct uuid worker, int fd);
/** 1: it lives; 0: it is dead, or never was on this machine. A dead one's file is taken away. */
int worker_is_alive(const char *folder, struct uuid worker, struct err *err) MUST_USE;

#endif

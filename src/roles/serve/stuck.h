/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Does a role keep all others from writing? Whoever writes holds the turn of the data folder
 * (store/sqlite/turn.h), and the others wait. One that was stopped meanwhile (SIGSTOP), or that hangs,
 * would hold it for ever: no lock can be taken from a process that lives. Ending it gives the turn back,
 * rolls its transaction back, and frees what it had in its hands.
 */
#ifndef DSS_ROLES_SERVE_STUCK_H
#define DSS_ROLES_SERVE_STUCK_H

#include "store/folder.h"

enum {
	STUCK_LOOK_MS = 1000,
	STUCK_STOPPED_MS = 5000, /**< for a role that is stopped; before writers give up waiting */
	STUCK_MS = 60000 /**< for one that runs: no transaction is planned to take that long */
};

/** Zeroed: nothing was seen yet. */
struct stuck {
	struct folder_writer seen;
	int64_t since_us; /**< monotonic: the same turn since then */
};

/**
 * Look once.
 * @pids    of the roles, 0 for one that does not run
 * @now_us  monotonic
 * Returns the one to end; 0: none.
 */
pid_t stuck_look(struct stuck *stuck, const char *folder, const pid_t *pids, size_t count,
		 int64_t now_us) MUST_USE;

#endif

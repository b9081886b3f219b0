/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Keeps the roles running, each a process of its own. What dies is started again: at once, then after 0.1 s, and
 * after twice as long each time up to 30 s; one that was ready and lived for LIVED_MS begins anew:
 * what dies now and then is away for a moment only. A role is ready when it says so (it
 * writes to the descriptor READY_FD) or, with an address, when that answers GET /readyz. Nothing
 * waits here: all of it is callbacks of the loop.
 *
 * A role that refuses its settings (exit code 2) before all were ready for the first time ends the
 * whole: no waiting mends that.
 */
#ifndef DSS_ROLES_SERVE_SUPERVISOR_H
#define DSS_ROLES_SERVE_SUPERVISOR_H

#include <uv.h>

#include "base/err.h"
#include "base/log.h"

/** Descriptors of a role; its environment names them: DSS_LISTEN_FD=3, DSS_READY_FD=4. */
enum { LISTEN_FD = 3, READY_FD = 4 };

enum {
	SUPERVISOR_ROLES = 8,
	RESTART_LEAST_MS = 100,
	RESTART_MOST_MS = 30000,
	LIVED_MS = 1000, /**< and ready: then it begins anew, at once */
	ROLL_MS = 30000, /**< a role that is not ready by then is left behind by a roll */
	STOP_MS = 25000, /**< from SIGTERM to SIGKILL */
	PROBE_EVERY_MS = 100
};

/** Where a role answers GET /readyz. */
struct readiness {
	struct str listen; /**< as in server.listen; empty: nowhere */
	bool has_tls;
	int listen_fd; /**< the role gets it as LISTEN_FD; 0: it listens itself */
};

struct supervised {
	const char *name;
	const char *const *argv; /**< ended by NULL; must outlive the supervisor */
	struct readiness readiness;
};

struct supervisor_settings {
	uv_loop_t *loop;
	const struct log *log;
	const struct supervised *roles; /**< started in this order; rolled too */
	size_t count;
	const char *const *environment; /**< NAME=VALUE, ended by NULL; copied */
	const char *directory;          /**< the roles' working directory */
	unsigned stop_ms;               /**< 0: STOP_MS */
	/** Once: every role is ready. */
	void (*on_ready)(void *data);
	/** Every role has ended after supervisor_stop, or one refused its settings. */
	void (*on_end)(bool was_refused, void *data);
	void *data;
};

struct supervisor;

/** Starts the roles. What cannot be started now is tried again as if it had died. */
struct supervisor *supervisor_open(const struct supervisor_settings *settings);
/**
 * With another environment: end and start the roles one by one, the next when the one before is
 * ready again. While that goes on, another call makes it begin once more behind it.
 * @readiness  of the role that has one, from when it starts again
 */
void supervisor_roll(struct supervisor *supervisor, const char *const *environment,
		     struct readiness readiness);
/** The roles' process ids, 0 for one that does not run. Returns how many roles there are. */
size_t supervisor_pids(const struct supervisor *supervisor, pid_t ret[static SUPERVISOR_ROLES]);
/** SIGKILL to that role: it is started again. */
void supervisor_kill(struct supervisor *supervisor, pid_t pid);
/** SIGTERM to all, SIGKILL after STOP_MS; on_end tells. A second call sends SIGTERM again. */
void supervisor_stop(struct supervisor *supervisor);
/** Kills what is left; calls nothing. */
void supervisor_close(struct supervisor *supervisor);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The child `dss-net runner` as its parent sees it: one for all scanners of a command or worker, on the
 * parent's loop. It is started by the first run, and started again after it died: 0.1 s doubling to
 * 30 s later when it dies without having answered anything. Runs that it had end as RUN_GONE; runs that
 * it had not been given yet wait for its successor, within their deadlines.
 *
 * A run that nobody ends is ended here: the runner that had it beyond its deadline and RUNNER_GRACE_MS is
 * killed. A client that does not read lets the runner wait, not our memory grow.
 */
#ifndef DSS_CHILDREN_RUNNER_H
#define DSS_CHILDREN_RUNNER_H

#include <uv.h>

#include "children/runner_protocol.h"

struct runner;

enum {
	RUNNER_RUNS = 1024,       /**< of all clients; more end as RUN_BUSY */
	RUNNER_GRACE_MS = 10000,  /**< after a run's deadline, for its end to be told */
	RUN_LONGEST_MS = 1800000, /**< deadline of a run that brings none, or a longer one */
};

struct runner_settings {
	uv_loop_t *loop;
	/** Encoded at once: nothing of it is needed afterwards. */
	const struct runner_configuration *configuration;
	/** May be NULL. text may hold foreign bytes. */
	void (*on_log)(void *data, bool is_warning, struct str text);
	void *data;
};

/** Who wants runs, a scanner mostly. Storage is the caller's, from runner_join until runner_leave. */
struct runner_client {
	/** A run has ended. Called from the loop, or from within runner_run. May run and leave. */
	void (*on_ran)(struct runner_client *client, const struct run_result *result);
	/** Must its runs wait, since it does not read? NULL: never. It says runner_resume later. */
	bool (*is_full)(struct runner_client *client);
	struct runner *runner; /* the rest is the runner's */
	size_t out;
	struct runner_client *next, **link;
};

/** Starts nothing yet. */
void runner_open(const struct runner_settings *settings, struct runner **ret);
/** Kills it if it runs; runs are dropped. No client may be left. NULL is fine. */
void runner_close(struct runner *runner);
/** For runs that begin from now on. */
void runner_configure(struct runner *runner, const struct runner_configuration *configuration);

void runner_join(struct runner *runner, struct runner_client *client);
/** All its runs are taken back, without on_ran. Fine for one that never joined. */
void runner_leave(struct runner_client *client);

/** Run it. The number is the client's; on_ran echoes it. The request was checked. */
void runner_run(struct runner_client *client, const struct run_request *request);
/** Take it back: no on_ran. One that has ended, or never was, is ignored. */
void runner_unrun(struct runner_client *client, uint64_t number);
/** The client reads again. */
void runner_resume(struct runner *runner);

/** Runs that have not ended. */
size_t runner_held(const struct runner *runner);
/** 0: it does not run. */
pid_t runner_pid(const struct runner *runner);

#endif

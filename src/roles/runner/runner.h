/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The runner: a process that holds secrets and starts programs, for scanners, which may do neither. It is
 * told everything by frames (children/runner_protocol.h) on descriptor RUNNER_FD, knows no scan, reads no output of a
 * run, reaches no store and no queue, and leaves when its parent does.
 *
 * As root it becomes another user first; it cannot be traced, writes no core, and gets no right back.
 *
 * runner.c is the process, its frames and its runs; one file an executor: tool.c, api.c.
 */
#ifndef DSS_ROLES_RUNNER_RUNNER_H
#define DSS_ROLES_RUNNER_RUNNER_H

#include "children/runner_protocol.h"
#include "loop/frames.h"
#include "loop/timers.h"
#include "net/socket.h"

struct apis;
struct run;
struct executor;

enum { RUNS_WAITING = 1024 /**< and under way; more end as RUN_BUSY */ };

struct runner_role {
	uv_loop_t loop;
	struct timers timers;
	struct frames *channel;
	struct arena arena;      /* of the configuration */
	struct retired *retired; /* arenas of those before it, while runs may point into them */
	struct runner_configuration configuration;
	struct network *allowed;
	struct egress egress; /**< by the configuration, resolvers trusted */
	struct apis *apis;    /* api.c */
	struct tools *tools;  /* tool.c */
	struct run *runs;     /* in the order of their coming */
	size_t count, under_way;
	bool is_configured, is_starting;
	int exit_code;
};

/** One run; memory is the runner's until run_end. */
struct run {
	struct runner_role *role;
	struct arena arena;
	struct run_request request; /**< views in arena */
	const struct executor *executor;
	void *task; /**< the executor's, while it is under way */
	struct timer deadline;
	int64_t began_us; /**< monotonic; 0: it waits */
	struct run *next, **link;
};

struct executor {
	/** Begin; run_end tells how it ended, now or later. */
	void (*start)(struct run *run);
	/** End run->task, which is not NULL, without run_end. */
	void (*cancel)(struct run *run);
	bool is_light; /**< waits for others only: begins at once, whatever else is under way */
};

extern const struct executor *const executors[RUN_KINDS];

/** Runs until dss is gone; returns the exit code of the process. */
int runner_main(void);

/** It has ended, and is gone after this. number and elapsed_us of the result are set here. */
void run_end(struct run *run, struct run_result *result);
/** The same, with nothing to show but a reason, one line. */
void run_fail(struct run *run, enum run_end end, const char *format, ...) PRINTF(3, 4);
/** What stands for a blank; empty: it was not given. */
struct str run_value_of(const struct run *run, const char *name);

void runner_say(struct runner_role *role, bool is_warning, const char *format, ...) PRINTF(3, 4);

#endif

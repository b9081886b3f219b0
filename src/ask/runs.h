/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Where askers of tools and keyed APIs have their runs done (model/run.h): by another process, which the
 * role that holds the gate knows how to reach.
 */
#ifndef DSS_ASK_RUNS_H
#define DSS_ASK_RUNS_H

#include "model/run.h"

/** One run. Storage is the asker's until on_ran, or gate_runs.cancel. */
struct gate_run {
	struct run_request request; /**< without number; what it points to must last as long */
	/** Called once, from the loop. The result is valid during the call. */
	void (*on_ran)(struct gate_run *run, const struct run_result *result);
	struct gate_run *next, **link; /* the role's */
	bool is_out;
};

struct gate_runs {
	void *context;
	void (*start)(void *context, struct gate_run *run);
	/** It ends without on_ran. */
	void (*cancel)(void *context, struct gate_run *run);
};

#endif

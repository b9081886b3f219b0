/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How runs (model/run.h) get from the scanner to the child `dss-net runner` of its parent, and back:
 *
 *	scanner			dss			runner
 *			  CONFIGURE ──▶				first: definitions, secrets
 *				    ◀── READY
 *	RUN ──▶			  RUN ──▶			name of a definition, values
 *	UNRUN ──▶		  UNRUN ──▶			nobody wants it any more
 *	    ◀── RAN		    ◀── RAN			how it ended, raw bytes
 *
 * Nobody but the scanner reads the output. dss gives each run a number of its own towards the runner
 * (children/runner.h), for several scanners share one. The runner answers each RUN by one RAN, soon after
 * an UNRUN; the scanner gets none for what it took back. Fields are only added.
 *
 * Limits: RUNS_OUT runs of a scanner at once, RUN_OUTPUT_BYTES of output each. A scanner that has more
 * out cannot be believed.
 */
#ifndef DSS_CHILDREN_RUNNER_PROTOCOL_H
#define DSS_CHILDREN_RUNNER_PROTOCOL_H

#include "model/definition.h"
#include "model/run.h"

enum {
	RUNNER_PROTOCOL = 1,
	RUNNER_FD = 3, /**< the runner's end of the stream; 2 is standard error */
	RUNS_OUT = 256,
	RUN_BODY_BYTES = 64 << 10 /**< of a RUN frame */
};

struct run_number {
	uint64_t number;
};

/** Frame types between dss and its runner. */
enum runner_frame {
	/* dss to runner */
	RUNNER_CONFIGURE = 1, /**< struct runner_configuration; a later one is for later runs */
	RUNNER_RUN = 2,       /**< struct run_request */
	RUNNER_UNRUN = 3,     /**< struct run_number */
	/* runner to dss */
	RUNNER_READY = 16, /**< struct runner_ready */
	RUNNER_RAN = 17,   /**< struct run_result */
	RUNNER_LOG = 18    /**< struct runner_log */
};

/** What {key} stands for in definitions that name it. */
struct runner_secret {
	struct str name, value;
};

/** All that a runner needs to know; it reads no configuration file and no environment. */
struct runner_configuration {
	struct str *resolvers; /**< as in struct scanner_configuration */
	size_t resolver_count;
	struct str *allow_networks;
	size_t allow_network_count;
	struct str ca_file; /**< certificates of authorities; empty: the system's */
	uint32_t at_once;   /**< tools under way; 0: RUNNER_AT_ONCE; the others wait */
	struct definitions definitions;
	struct runner_secret *secrets; /**< of APIs; nobody else is told them */
	size_t secret_count;
};

enum { RUNNER_AT_ONCE = 4 };

struct runner_ready {
	uint32_t pid;
};

struct runner_log {
	bool is_warning;
	struct str text; /**< one line; may hold foreign bytes */
};

extern const struct desc run_number_desc, runner_configuration_desc, runner_ready_desc,
	runner_log_desc;

#endif

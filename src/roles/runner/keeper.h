/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The keeper of one tool: a process `dss-net keeper` between the runner and the program. It makes the cage
 * (loop/cage.h), guards its network (net/guard.h), and leaves when the program has ended or when it is told
 * to (SIGTERM), with all of the cage. It knows nothing but its plan: no secret, no other run, no frame.
 *
 * Its descriptors: 1 and 2 are the program's outputs; KEEPER_PLAN_FD gives struct keeper_plan, encoded, and
 * then its end; to KEEPER_REPORT_FD it writes struct keeper_report, encoded, and then its end.
 */
#ifndef DSS_ROLES_RUNNER_KEEPER_H
#define DSS_ROLES_RUNNER_KEEPER_H

#include "model/definition.h"

enum {
	KEEPER_PLAN_FD = 3,
	KEEPER_REPORT_FD = 4,
	KEEPER_PLAN_BYTES = 2 << 20,
	KEEPER_AUTHORITIES_BYTES = 1 << 20,
	KEEPER_REPORT_BYTES = 4096
};

/** In the tool's own folder, where it starts. */
#define KEEPER_AUTHORITIES "./.authorities.pem"

struct keeper_plan {
	struct str *argv; /**< the first is an absolute path */
	size_t argv_count;
	uint8_t network;        /**< enum definition_network */
	struct address address; /**< of DEFINITION_NETWORK_ADDRESS: the only one */
	uint16_t port;          /**< the same; 0: all */
	struct str *resolvers;  /**< of DEFINITION_NETWORK_GUARDED: the first one counts */
	size_t resolver_count;
	struct str *allow_networks;
	size_t allow_network_count;
	uint32_t time_ms;
	uint64_t memory_bytes;
	uint32_t processes;
	struct str *reads; /**< files and folders that it may read besides the usual */
	size_t read_count;
	struct str temporary;   /**< a directory of its own, if there are no namespaces */
	bool is_bare;           /**< without namespaces in any case */
	struct str authorities; /**< text of the file KEEPER_AUTHORITIES; empty: there is none */
};

struct keeper_report {
	struct str error; /**< it could not be started: why; empty: it was */
	int64_t code;     /**< exit status; -1: a signal ended it, or the keeper */
	uint32_t signal;
	bool was_stopped; /**< at its deadline */
	bool is_bare;
	uint64_t connected, denied; /**< connects and sends that the guard let through, and not */
	struct str first_denied;    /**< "192.0.2.1 port 80" */
	bool is_told;               /**< always: without it the keeper was killed */
};

extern const struct desc keeper_plan_desc, keeper_report_desc;

int keeper_main(void);

#endif

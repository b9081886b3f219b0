/* SPDX-License-Identifier: Apache-2.0 */
/**
 * External tools: each run is a process below a keeper (keeper.h), with arguments by tool_argv.h. What it
 * writes is handed back as it came, up to its limit; of standard error the last line is told when it
 * failed. A tool that has arguments for that is asked for its version before its first run.
 */
#ifndef DSS_ROLES_RUNNER_TOOL_H
#define DSS_ROLES_RUNNER_TOOL_H

#include "roles/runner/runner.h"

extern const struct executor tool_executor;

/** Before rights go: where dss-net is, and what tools are told of the authorities that we trust. */
int tools_prepare(struct runner_role *role, struct str ca_file, struct err *err) MUST_USE;
/** Processes of tools, those included whose runs were dropped. */
size_t tools_running(const struct runner_role *role);
/** Wait, not long, for keepers that are ending tools whose runs were dropped. */
void tools_close(struct runner_role *role);

#endif

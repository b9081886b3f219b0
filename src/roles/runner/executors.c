/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs which kind of run? */
#include "roles/runner/api.h"
#include "roles/runner/tool.h"

const struct executor *const executors[RUN_KINDS] = {
	[RUN_TOOL] = &tool_executor,
	[RUN_API] = &api_executor,
};

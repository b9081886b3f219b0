/* SPDX-License-Identifier: Apache-2.0 */
/* Which dss is this? */
#include "checks/score.h"
#include "cli/command.h"

int version_run(const struct call *call)
{
	return console_put(STR_LIT("dss " DSS_VERSION "  algorithm " SCORE_ALGORITHM "\n"));
}

/* SPDX-License-Identifier: Apache-2.0 */
/** Where a role of dss logs: standard error, one write an event, as log.level and log.format say. */
#ifndef DSS_ROLES_LOG_H
#define DSS_ROLES_LOG_H

#include "base/log.h"
#include "settings/setting.h"

/** Is the log text? log.format says so, or it is "auto" and standard error a terminal. */
bool role_log_is_text(const struct settings *settings);
/** @role  stays the caller's */
struct log role_log(const struct settings *settings, const char *role);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** A new password: from the file that --password-file names, else typed twice without echo. */
#ifndef DSS_CLI_PASSWORD_H
#define DSS_CLI_PASSWORD_H

#include "cli/task.h"
#include "settings/secret.h"

/** An exit code; what was wrong has been said. */
int password_ask(struct task *task, struct secret *ret);

#endif

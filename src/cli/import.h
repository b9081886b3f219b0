/* SPDX-License-Identifier: Apache-2.0 */
/** Many domains from a file. */
#ifndef DSS_CLI_IMPORT_H
#define DSS_CLI_IMPORT_H

#include "cli/task.h"

/** `dss domains import FILE|-`: an exit code. */
int domains_import(struct task *task);

#endif

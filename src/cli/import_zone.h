/* SPDX-License-Identifier: Apache-2.0 */
/** The names of a zone that a server gives by transfer (AXFR), for `dss domains import --axfr`. */
#ifndef DSS_CLI_IMPORT_ZONE_H
#define DSS_CLI_IMPORT_ZONE_H

#include "cli/task.h"

/**
 * Bring them, all or none: *ret_fd reads names, one a line, from their beginning; -1: there are none, which
 * was said. EXIT_DONE; otherwise an exit code, after having said why.
 */
int import_zone_fetch(struct task *task, int *ret_fd) MUST_USE;

#endif

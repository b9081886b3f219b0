/* SPDX-License-Identifier: Apache-2.0 */
/** Where the queue is, as flags, variables and the configuration say it. */
#ifndef DSS_CLI_BROKER_H
#define DSS_CLI_BROKER_H

#include "bus/bus.h"
#include "cli/command.h"

/** The URL is read and its password's file, where it needs one. EXIT_DONE; else it has said why:
 * EXIT_USAGE. */
int broker_address(const struct call *call, const char *command, struct bus_address *ret);

#endif

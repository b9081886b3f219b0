/* SPDX-License-Identifier: Apache-2.0 */
/** What commands say besides results: one line each on standard error, encoded for terminals. */
#ifndef DSS_CLI_CONSOLE_H
#define DSS_CLI_CONSOLE_H

#include "base/err.h"
#include "settings/setting.h"

/** Exit codes; a contract. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAIL_ON = 1, /**< --fail-on reached; beats EXIT_INCOMPLETE */
	EXIT_USAGE = 2,
	EXIT_INCOMPLETE = 3, /**< something that could have been asked was not answered */
	EXIT_DENIED = 4,
	EXIT_BROKEN = 5 /**< output, server, store, queue */
};

/** "dss: …" */
void console_say(const char *format, ...) PRINTF(1, 2);
/** "dss COMMAND: …", and where help is; returns EXIT_USAGE. */
int console_usage(const char *command, const char *format, ...) PRINTF(2, 3);
/** Text of ours or encoded already, on standard output: help, lists. Returns an exit code. */
int console_put(struct str text);

/**
 * May what goes to `descriptor` be coloured? --color, then NO_COLOR, FORCE_COLOR, then whether it is
 * a terminal that is not TERM=dumb.
 */
bool console_has_colour(const struct settings *settings, int descriptor);
/** Columns of a terminal, 0 when it is none. */
unsigned console_width(int descriptor);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Do --only, --skip and --fields name what exists? */
#ifndef DSS_CLI_SELECTION_H
#define DSS_CLI_SELECTION_H

#include "cli/command.h"

/** @fields  paths that --fields may name, NULL: any. Returns an exit code after having said why. */
int selection_check(const struct call *call, const char *const *fields) MUST_USE;

/** Does word name the check: its id, or whole words of its beginning? */
bool selection_names(struct str word, const char *check_id);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** A domain to scan, as people write it, in our form. */
#ifndef DSS_CLI_NAME_H
#define DSS_CLI_NAME_H

#include "base/err.h"
#include "base/str.h"

/**
 * @ret_note  what was taken for what, when the input was more than a name; else empty
 * err quotes the input and says what is wrong with it, and where.
 */
int name_read(struct arena *a, struct str input, struct str *ret, struct str *ret_note,
	      struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** The text of a case, which the scripts here write as hexadecimal. */
#ifndef DSS_TESTS_SUITES_UNHEX_H
#define DSS_TESTS_SUITES_UNHEX_H

#include <stdlib.h>

#include "base/encode.h"

/** Bytes in the arena; what is no hexadecimal ends the program. */
static inline struct str unhex(struct arena *a, struct str text)
{
	struct buf out;

	buf_init(&out, a);
	if (hex_read(&out, text) < 0)
		abort();
	return buf_str(&out);
}

#endif

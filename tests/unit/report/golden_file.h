/* SPDX-License-Identifier: Apache-2.0 */
/** Files of tests/golden. GOLDEN_WRITE=1 writes them anew: look at the difference. */
#ifndef DSS_TESTS_UNIT_REPORT_GOLDEN_FILE_H
#define DSS_TESTS_UNIT_REPORT_GOLDEN_FILE_H

#include "base/str.h"

/** The text is what the file holds, or the test fails. */
void golden_check(struct arena *a, const char *name, struct str text);

#endif

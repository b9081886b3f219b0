/* SPDX-License-Identifier: Apache-2.0 */
/** Reading a whole file, for test programs. */
#ifndef DSS_TESTS_FILE_H
#define DSS_TESTS_FILE_H

#include "base/err.h"
#include "base/str.h"

enum { TEST_FILE_BYTES = 64 << 20 };

/** 0; -errno; ERR_LIMIT beyond TEST_FILE_BYTES. The bytes are in the arena. */
int test_file_read(struct arena *a, const char *path, struct str *ret) MUST_USE;

#endif

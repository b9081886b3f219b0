/* SPDX-License-Identifier: Apache-2.0 */
/** Other processes for tests: forked before they open anything, heard through a pipe. */
#ifndef DSS_TESTS_CONTRACT_CHILD_H
#define DSS_TESTS_CONTRACT_CHILD_H

#include "tests/test.h"

#include <sys/types.h>

struct test_child {
	pid_t pid;
	int says; /**< what the child writes */
	int hears;
};

/** run's descriptors: what it reads from and writes to the parent. It leaves with what run returns. */
void test_child_start(struct test_child *child, int (*run)(int hears, int says, void *context),
		      void *context);
/** Bytes from the child; false when it has ended instead, or said nothing for a minute. */
bool test_child_hear(struct test_child *child, void *out, size_t len);
void test_child_tell(struct test_child *child, char what);
/** Its exit code, or 128 + the signal that ended it. */
int test_child_end(struct test_child *child);
/** SIGKILL, and then its end. */
void test_child_kill(struct test_child *child);

#endif

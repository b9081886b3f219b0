/* SPDX-License-Identifier: Apache-2.0 */
/** Does a child go when its parent is killed? For test programs. */
#ifndef DSS_TESTS_ORPHAN_H
#define DSS_TESTS_ORPHAN_H

/** Starts a child, writes its pid_t to tell, and waits to be killed: never returns. */
typedef void orphan_parent(int tell, const void *context);

/**
 * Run parent in a process of its own and kill it, once its child is known: the child must be ended
 * by SIGKILL within ten seconds. A CHECK fails otherwise, and the child is ended.
 */
void test_goes_with_parent(orphan_parent *parent, const void *context);

#endif

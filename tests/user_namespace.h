/* SPDX-License-Identifier: Apache-2.0 */
/** What is root where nobody else is? For test programs. */
#ifndef DSS_TESTS_USER_NAMESPACE_H
#define DSS_TESTS_USER_NAMESPACE_H

/**
 * Become root of a new user namespace that has this process's user alone, as `unshare -r` of a user
 * does. There is no way back: for a process forked for it. 0, -errno.
 */
int test_become_lonely_root(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** The layers of sandbox.h, each alone: for sandbox.c, and for tests that prove each one. */
#ifndef DSS_LOOP_SANDBOX_PARTS_H
#define DSS_LOOP_SANDBOX_PARTS_H

#include "base/err.h"
#include "base/str.h"

/** The kernel's Landlock ABI, 0 for none. */
int sandbox_landlock_abi(void);
/** Needs no_new_privs. 0, also when the kernel has no Landlock; -errno. */
int sandbox_landlock_enter(struct err *err) MUST_USE;

bool sandbox_has_seccomp(void);
/** Sets no_new_privs. */
int sandbox_filter_enter(struct err *err) MUST_USE;

#endif

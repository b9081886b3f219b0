/* SPDX-License-Identifier: Apache-2.0 */
/** The layers of cage.h, for cage.c: called in the cage's first process. 0 or -errno. */
#ifndef DSS_LOOP_CAGE_PARTS_H
#define DSS_LOOP_CAGE_PARTS_H

#include "loop/cage.h"

/** In new namespaces: the user's own id, private mounts, /proc, /tmp, /etc/resolv.conf. */
int cage_mounts_make(const struct cage_settings *settings, uid_t uid, gid_t gid) MUST_USE;
/** Which files it may use. -EOPNOTSUPP: this kernel has no Landlock. */
int cage_files_close(const struct cage_settings *settings, bool is_bare) MUST_USE;
/** *ret_listener: -1 without network. */
int cage_filter_enter(enum cage_network network, int *ret_listener) MUST_USE;

#endif

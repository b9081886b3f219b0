/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Whom may this process become? Root becomes another user before it meets strangers. But root of a
 * user namespace that an ordinary user made (`unshare -r`, containers without root) is that user,
 * and mostly alone there: there is nobody else to become, and nothing to give up by it.
 */
#ifndef DSS_LOOP_IDENTITY_H
#define DSS_LOOP_IDENTITY_H

#include <sys/types.h>

#include "base/str.h"

/** Root, and its namespace has that user and that group and lets it leave its other groups. Reads
 * /proc/self; without it, root is taken for a root among others. */
bool identity_can_become(uid_t uid, gid_t gid);

/** Does a text as in /proc/self/uid_map have this id inside the namespace? user_namespaces(7) */
bool identity_map_has(struct str map, unsigned id);

#endif

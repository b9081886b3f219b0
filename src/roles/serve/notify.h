/* SPDX-License-Identifier: Apache-2.0 */
/** Telling a service manager how we are: the protocol of sd_notify(3), without its library. */
#ifndef DSS_ROLES_SERVE_NOTIFY_H
#define DSS_ROLES_SERVE_NOTIFY_H

#include "base/str.h"

/**
 * @socket  $NOTIFY_SOCKET: a path, or "@" and an abstract name; NULL: nobody listens
 * @state   "READY=1", "STOPPING=1", "WATCHDOG=1", …
 * Never waits; what cannot be told is not told.
 */
void notify(const char *socket, const char *state);

#endif

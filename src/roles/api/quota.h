/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Limits of requests: the server's for each key, session or address, and the workspace's quota of
 * requests a minute for each of its keys and sessions.
 */
#ifndef DSS_ROLES_API_QUOTA_H
#define DSS_ROLES_API_QUOTA_H

#include "roles/api/request.h"

/** Sets the RateLimit headers; answers 429 when it is too often. */
int limits_check(struct request *r);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who calls: a program with "Authorization: Bearer dss_…", or a person with the cookie of a session,
 * whose requests other than GET also carry X-CSRF-Token. Wrong credentials are counted by address.
 */
#ifndef DSS_ROLES_API_AUTH_H
#define DSS_ROLES_API_AUTH_H

#include "roles/api/request.h"

#define SESSION_COOKIE "dss_session"

/** Fills r->actor; answers 401, 403, 429 or 503 when the request may not go on. */
int auth_check(struct request *r);
/** 401, or 429 after too many of them from this address. */
int auth_refuse(struct request *r, const char *why);

#endif

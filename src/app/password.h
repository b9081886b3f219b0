/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Passwords at rest: argon2id (RFC 9106) with libsodium's INTERACTIVE limits, 64 MiB and two passes.
 * One is worked on at a time in a process, so that logins bound its memory; the others wait.
 */
#ifndef DSS_APP_PASSWORD_H
#define DSS_APP_PASSWORD_H

#include "app/app.h"

/** PASSWORD_MIN to PASSWORD_MAX characters (app/user.h) that are UTF-8, not the name, not one
 * character again and again; "/password". */
int password_read(struct str password, struct str name, struct problem *problem) MUST_USE;
/** What is stored. -EAGAIN: too many at once; -ENOMEM. */
int password_hash(struct arena *a, struct str password, struct str *ret,
		  struct problem *problem) MUST_USE;
/**
 * 0 when it is the password, else -EACCES. hash empty: nobody's, which takes the same time.
 * -EAGAIN: too many at once.
 */
int password_check(struct arena *a, struct str hash, struct str password,
		   struct problem *problem) MUST_USE;

#endif

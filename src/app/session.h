/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Logging in: by password, or by a link that works once. A session is a secret in a cookie and a
 * CSRF token that goes with every request that writes.
 *
 * Wrong passwords: from the LOGIN_FREE-th on a name has to wait, 1 s at first, doubled with each
 * failure up to LOGIN_WAIT_MAX_S. A name that nobody has takes as long as one that somebody has, and
 * fails with the same words.
 */
#ifndef DSS_APP_SESSION_H
#define DSS_APP_SESSION_H

#include "app/app.h"
#include "store/session.h"

enum { LOGIN_FREE = 10, LOGIN_WAIT_MAX_S = 900 };

struct login {
	struct str secret; /**< for the cookie: shown once, stored as a hash */
	struct str csrf;
	struct uuid session, user;
	int64_t expires_at; /**< unless it is used before then */
	struct actor actor;
};

/** -EACCES: no such person, wrong password, or disabled (401); -EAGAIN: wait problem->retry_us. */
int app_session_login(struct app *app, struct arena *a, struct str name, struct str password,
		      struct login *ret, struct problem *problem) MUST_USE;
/** @token  of app_login_link. -EACCES: used, over, or none. */
int app_session_by_link(struct app *app, struct arena *a, struct str token, struct login *ret,
			struct problem *problem) MUST_USE;
/** Whose cookie is it? Prolongs the session, at most once a minute. -EACCES. */
int app_session_check(struct app *app, struct arena *a, struct str secret, struct login *ret,
		      struct problem *problem) MUST_USE;
/** Does the token go with the session? In constant time. */
bool session_csrf_fits(const struct login *login, struct str csrf);
int app_session_logout(struct app *app, const struct login *login,
		       struct problem *problem) MUST_USE;

/**
 * A token that logs a person in once, within 15 minutes; an admin makes it for somebody of the
 * workspace. Who offers links does so on loopback only.
 * @name  empty: the first admin of the actor's workspace, who is made ("admin") where there is none
 */
int app_login_link(struct app *app, const struct actor *actor, struct arena *a, struct str name,
		   struct str *ret_token, struct problem *problem) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Requests that say that they may come twice (Idempotency-Key): the answer to the first is kept, and
 * given to those that follow.
 *
 *	app_idempotency_find	-ENOENT: do the work, then keep its answer
 *
 * What the work accepted and what is kept are two transactions: a crash between them lets a repeat
 * do the work again.
 */
#ifndef DSS_APP_IDEMPOTENCY_H
#define DSS_APP_IDEMPOTENCY_H

#include "app/app.h"
#include "store/idempotency.h"

enum { IDEMPOTENCY_KEY_BYTES = 255, IDEMPOTENCY_RESPONSE_BYTES = 64 << 10 };

/**
 * @request  what tells two requests apart: method, path and body; it is hashed here
 * 0: *ret is the answer that was given; -ENOENT: none yet; -EINVAL: a bad key, or one that came with
 * another request.
 */
int app_idempotency_find(struct app *app, const struct actor *actor, struct arena *a,
			 struct str key, struct str request, struct idempotency_row *ret,
			 struct problem *problem) MUST_USE;
/** Larger answers than IDEMPOTENCY_RESPONSE_BYTES are not kept. -EEXIST: another one was first. */
int app_idempotency_keep(struct app *app, const struct actor *actor, struct str key,
			 struct str request, int status, struct str response, struct str location,
			 struct problem *problem) MUST_USE;

#endif

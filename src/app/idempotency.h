/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Requests that say that they may come twice (Idempotency-Key): what the first one did and the answer
 * to it are stored in one transaction, and its repeats get that answer, whatever was killed between.
 *
 *	app_idempotency_find	0: answer with what it gives; -ENOENT: do the work, with actor.claim
 *	claim_keep		in the transaction of the work
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
/** A request's key, while the request is worked on. */
struct claim {
	struct str key;     /**< as app_idempotency_find has accepted it */
	struct str request; /**< the same text as there */
	/**
	 * Fill status, response and location from what the work made: the row of the aggregate.
	 * @is_new  false: it was there already
	 */
	void (*answer)(void *context, struct arena *a, const void *made, bool is_new,
		       struct idempotency_row *ret);
	void *context;
};

/**
 * In the transaction that does the work, once it is done. 0, also when the actor has no claim.
 * -EINPROGRESS: another request with this key was first: find its answer. Larger answers than
 * IDEMPOTENCY_RESPONSE_BYTES are ERR_LIMIT.
 */
int claim_keep(struct store_tx *tx, const struct app *app, const struct actor *actor,
	       const void *made, bool is_new, struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Answers that were given to requests with an Idempotency-Key, to be given again. */
#ifndef DSS_STORE_IDEMPOTENCY_H
#define DSS_STORE_IDEMPOTENCY_H

#include "store/store.h"

struct idempotency_row {
	int64_t workspace;
	struct str key;
	struct str request; /**< hash of method, path and body */
	int status;
	struct str response, location;
	int64_t expires_at;
};

/** -ENOENT: none, or its time is over. */
int idempotency_find(struct store_tx *tx, int64_t workspace, struct str key,
		     struct idempotency_row *ret, struct err *err) MUST_USE;
/** -EEXIST: one that is not over is there; one whose time is over is replaced. */
int idempotency_insert(struct store_tx *tx, const struct idempotency_row *row,
		       struct err *err) MUST_USE;
/** At most `limit` of those whose time is over. */
int idempotency_expire(struct store_tx *tx, unsigned limit, int64_t *ret_gone,
		       struct err *err) MUST_USE;

#endif

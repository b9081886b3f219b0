/* SPDX-License-Identifier: Apache-2.0 */
/** Named leases: which one of several processes leads. */
#ifndef DSS_STORE_LEASE_H
#define DSS_STORE_LEASE_H

#include "base/uuid.h"
#include "store/store.h"

struct lease_row {
	struct uuid holder;
	int64_t token;
	int64_t until; /**< 0: it was given back */
};

/** As it stands, whoever holds it. -ENOENT: nobody ever did. */
int lease_get(struct store_tx *tx, struct str name, struct lease_row *ret,
	      struct err *err) MUST_USE;
/**
 * Hold or take a lease for `for_us` from now. The holder that still has it keeps its token; a new
 * one, or the same one after its time was over, gets a higher. -EBUSY: another holds it.
 */
int lease_hold(struct store_tx *tx, struct str name, struct uuid holder, int64_t for_us,
	       int64_t *ret_token, struct err *err) MUST_USE;
/** -ESTALE unless this holder has this token and its time is not over: call it in each transaction
 * that the lease guards. */
int lease_check(struct store_tx *tx, struct str name, struct uuid holder, int64_t token,
		struct err *err) MUST_USE;
/** No error when another holds it. */
int lease_release(struct store_tx *tx, struct str name, struct uuid holder,
		  struct err *err) MUST_USE;

#endif

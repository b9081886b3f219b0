/* SPDX-License-Identifier: Apache-2.0 */
/** Reading the audit trail, and proving it whole. */
#ifndef DSS_APP_AUDIT_H
#define DSS_APP_AUDIT_H

#include "app/app.h"
#include "store/audit.h"

/** Newest first, of the actor's workspace. */
int app_audit_list(struct app *app, const struct actor *actor, struct arena *a,
		   const struct page *page, struct audit_row **ret, size_t *ret_count,
		   struct str *ret_next, struct problem *problem) MUST_USE;
/**
 * Walks the chain of the whole store, in steps of their own transactions. 0: all rows fit, and *ret
 * says how many and what the last hash is (keep it elsewhere: rows cut off at the end are seen by it
 * alone). ERR_SYNTAX: a row does not fit; problem->err names it.
 */
int app_audit_verify(struct app *app, const struct actor *actor, struct audit_walk *ret,
		     struct problem *problem) MUST_USE;

#endif

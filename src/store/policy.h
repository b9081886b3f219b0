/* SPDX-License-Identifier: Apache-2.0 */
/** Policies of a workspace, and which objects were made by applying a file. */
#ifndef DSS_STORE_POLICY_H
#define DSS_STORE_POLICY_H

#include "base/uuid.h"
#include "store/store.h"

struct policy_row {
	struct uuid id;
	int64_t workspace;
	struct str name;     /**< once in the workspace */
	struct str selector; /**< app/selector.h: whose findings */
	struct str document; /**< JSON (app/policy_document.h) */
	int64_t created_at, version;
};

/** Fills id, created_at, version. -EEXIST: the name is taken. */
int policy_insert(struct store_tx *tx, struct policy_row *row, struct err *err) MUST_USE;
/** -ENOENT: none, or of another workspace. */
int policy_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct policy_row *ret,
	       struct err *err) MUST_USE;
int policy_find(struct store_tx *tx, int64_t workspace, struct str name, struct policy_row *ret,
		struct err *err) MUST_USE;
int policy_count(struct store_tx *tx, int64_t workspace, int64_t *ret, struct err *err) MUST_USE;
/** In the order of their making. */
int policy_list(struct store_tx *tx, int64_t workspace, const struct page *page,
		struct policy_row **ret, size_t *ret_count, struct str *ret_next,
		struct err *err) MUST_USE;
/** All, by name. */
int policy_all(struct store_tx *tx, int64_t workspace, struct policy_row **ret, size_t *ret_count,
	       struct err *err) MUST_USE;
/** Name, selector, document; -ESTALE unless row->version is the stored one; raises it in *row.
 * -EEXIST: the name is taken. */
int policy_update(struct store_tx *tx, struct policy_row *row, struct err *err) MUST_USE;
/** -ENOENT. */
int policy_delete(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;

/* Stored numbers: append only. */
enum applied_kind {
	APPLIED_DOMAIN,
	APPLIED_SCHEDULE,
	APPLIED_POLICY,
	APPLIED_CHANNEL,
	APPLIED_RULE,
	APPLIED_KINDS
};

/** Says that applying a file made it; twice is once. */
int applied_add(struct store_tx *tx, int64_t workspace, enum applied_kind kind, struct uuid object,
		struct err *err) MUST_USE;
/** It is gone, or is a person's from now on. No error when nothing was said. */
int applied_remove(struct store_tx *tx, int64_t workspace, enum applied_kind kind,
		   struct uuid object, struct err *err) MUST_USE;
int applied_list(struct store_tx *tx, int64_t workspace, enum applied_kind kind, struct uuid **ret,
		 size_t *ret_count, struct err *err) MUST_USE;

#endif

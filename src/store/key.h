/* SPDX-License-Identifier: Apache-2.0 */
/** API keys. The secret itself is stored nowhere. */
#ifndef DSS_STORE_KEY_H
#define DSS_STORE_KEY_H

#include "base/uuid.h"
#include "model/access.h"
#include "store/store.h"

struct key_row {
	struct uuid id;
	int64_t workspace;
	struct str name;
	struct str hash;   /**< BLAKE2b-256 of the secret */
	struct str prefix; /**< its first characters, to tell keys apart */
	enum role role;
	uint32_t scopes;        /**< bits of enum scope */
	struct uuid created_by; /**< user or key; all zero: the command line */
	int64_t created_at;
	int64_t expires_at, used_at, revoked_at; /**< 0: never */
};

/** Fills id and created_at. -EEXIST: the hash is there. */
int key_insert(struct store_tx *tx, struct key_row *row, struct err *err) MUST_USE;
/** Revoked and expired ones too: the caller judges. -ENOENT. */
int key_find(struct store_tx *tx, struct str hash, struct key_row *ret, struct err *err) MUST_USE;
int key_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct key_row *ret,
	    struct err *err) MUST_USE;
/** In the order of their making. */
int key_list(struct store_tx *tx, int64_t workspace, const struct page *page, struct key_row **ret,
	     size_t *ret_count, struct str *ret_next, struct err *err) MUST_USE;
int key_used(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** -EALREADY: it is. */
int key_revoke(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** Up to `limit` keys that have expired or were revoked before `before` go. */
int key_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
	       struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Sessions of people who logged in, and links that log in once. Secrets are kept as hashes. */
#ifndef DSS_STORE_SESSION_H
#define DSS_STORE_SESSION_H

#include "base/uuid.h"
#include "store/store.h"
#include "store/user.h"

struct session_row {
	struct uuid id, user;
	struct str hash; /**< of the cookie */
	struct str csrf;
	int64_t created_at, seen_at, expires_at;
};

/** Fills id, created_at, seen_at. */
int session_insert(struct store_tx *tx, struct session_row *row, struct err *err) MUST_USE;
/** -ENOENT: none, or its time is over, or its user is disabled. */
int session_find(struct store_tx *tx, struct str hash, struct session_row *ret,
		 struct user_row *ret_user, struct err *err) MUST_USE;
/** seen now, and good until then. */
int session_seen(struct store_tx *tx, struct uuid id, int64_t expires_at, struct err *err) MUST_USE;
/** No error when there is none. */
int session_delete(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** With the links of the user. */
int session_delete_of(struct store_tx *tx, struct uuid user, struct err *err) MUST_USE;
/** Sessions and links whose time is over, at most `limit` of each. */
int session_expire(struct store_tx *tx, unsigned limit, int64_t *ret_gone,
		   struct err *err) MUST_USE;

int login_link_insert(struct store_tx *tx, struct str hash, struct uuid user, int64_t expires_at,
		      struct err *err) MUST_USE;
/** Works once: deletes it. -ENOENT: none, used, or its time is over. */
int login_link_use(struct store_tx *tx, struct str hash, struct uuid *ret_user,
		   struct err *err) MUST_USE;

#endif

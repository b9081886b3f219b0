/* SPDX-License-Identifier: Apache-2.0 */
/** People who log in. */
#ifndef DSS_STORE_USER_H
#define DSS_STORE_USER_H

#include "base/uuid.h"
#include "model/access.h"
#include "store/store.h"

struct user_row {
	struct uuid id;
	int64_t workspace;
	struct str name; /**< what one logs in with; once in the store */
	enum role role;
	struct str password; /**< argon2id string; empty: by link only */
	bool is_disabled;
	int64_t created_at, last_login_at /**< 0: never */;
	int64_t failures;     /**< wrong passwords since the last right one */
	int64_t locked_until; /**< 0: not */
	int64_t version;
};

/** Fills id, created_at, version. -EEXIST: the name is taken. */
int user_insert(struct store_tx *tx, struct user_row *row, struct err *err) MUST_USE;
/** -ENOENT. */
int user_find(struct store_tx *tx, struct str name, struct user_row *ret, struct err *err) MUST_USE;
int user_get(struct store_tx *tx, struct uuid id, struct user_row *ret, struct err *err) MUST_USE;
/** In the order of their making. */
int user_list(struct store_tx *tx, int64_t workspace, const struct page *page,
	      struct user_row **ret, size_t *ret_count, struct str *ret_next,
	      struct err *err) MUST_USE;
/** Name, role, password, is_disabled; -ESTALE unless row->version is the stored one; raises it. */
int user_update(struct store_tx *tx, struct user_row *row, struct err *err) MUST_USE;
/** succeeded: failures to 0, last_login_at; else one failure more and the lock. Version stays. */
int user_count_login(struct store_tx *tx, struct uuid id, bool succeeded, int64_t locked_until,
		     struct err *err) MUST_USE;
/** With sessions and links. -ENOENT. */
int user_delete(struct store_tx *tx, struct uuid id, struct err *err) MUST_USE;
/** Enabled admins of a workspace. */
int user_count_admins(struct store_tx *tx, int64_t workspace, int64_t *ret,
		      struct err *err) MUST_USE;

#endif

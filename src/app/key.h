/* SPDX-License-Identifier: Apache-2.0 */
/** API keys: how programs say who they are. */
#ifndef DSS_APP_KEY_H
#define DSS_APP_KEY_H

#include "app/app.h"
#include "store/key.h"

enum { KEY_NAME_BYTES = 80, KEY_SCOPES = 32 };

struct key_input {
	struct str name;
	struct str role; /**< its word; empty: operator. At most the maker's own */
	/** Words of scopes, each of which the maker and the role have; none: all that both have. */
	const struct str *scopes;
	size_t scope_count;
	int64_t expires_at; /**< UTC microseconds; 0: never */
};

/** *ret_secret is shown once and stored nowhere: "dss_…" (app/token.h). */
int app_key_create(struct app *app, const struct actor *actor, struct arena *a,
		   const struct key_input *input, struct key_row *ret, struct str *ret_secret,
		   struct problem *problem) MUST_USE;
int app_key_list(struct app *app, const struct actor *actor, struct arena *a,
		 const struct page *page, struct key_row **ret, size_t *ret_count,
		 struct str *ret_next, struct problem *problem) MUST_USE;
int app_key_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		struct key_row *ret, struct problem *problem) MUST_USE;
/** -EALREADY: it is revoked. */
int app_key_revoke(struct app *app, const struct actor *actor, struct str id,
		   struct problem *problem) MUST_USE;

/**
 * Who comes with this secret? Marks the key as used, at most once a minute. request_id and trace of
 * *ret are the caller's to fill. -EACCES: none, revoked or expired: the same answer for all of them (401).
 */
int app_key_check(struct app *app, struct arena *a, struct str secret, struct actor *ret,
		  struct problem *problem) MUST_USE;

#endif

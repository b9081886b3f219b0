/* SPDX-License-Identifier: Apache-2.0 */
/**
 * People. There is no default password: the first person comes in by a one-time link, or is made at
 * the command line. Passwords are kept as argon2id (RFC 9106) and checked outside of transactions.
 */
#ifndef DSS_APP_USER_H
#define DSS_APP_USER_H

#include "app/app.h"
#include "store/user.h"

enum { USER_NAME_BYTES = 128, PASSWORD_MIN = 10, PASSWORD_MAX = 256 };

struct user_input { /**< has_…: given */
	bool has_name, has_role, has_password, has_disabled;
	struct str name;     /**< often a mail address; once in the installation */
	struct str role;     /**< its word */
	struct str password; /**< PASSWORD_MIN characters at least; empty: by link only */
	bool is_disabled;
};

/** role defaults to viewer. -EEXIST. */
int app_user_add(struct app *app, const struct actor *actor, struct arena *a,
		 const struct user_input *input, struct user_row *ret,
		 struct problem *problem) MUST_USE;
/** By name or id (usr_…). The row's password is not given out: empty, or "set". */
int app_user_get(struct app *app, const struct actor *actor, struct arena *a, struct str name_or_id,
		 struct user_row *ret, struct problem *problem) MUST_USE;
int app_user_list(struct app *app, const struct actor *actor, struct arena *a,
		  const struct page *page, struct user_row **ret, size_t *ret_count,
		  struct str *ret_next, struct problem *problem) MUST_USE;
/** What takes rights away, and a new password, end the person's sessions. -EPERM: the last admin of
 * a workspace stays one. version 0: whatever is stored. */
int app_user_update(struct app *app, const struct actor *actor, struct arena *a,
		    struct str name_or_id, int64_t version, const struct user_input *input,
		    struct user_row *ret, struct problem *problem) MUST_USE;
/** -EPERM: the last admin. */
int app_user_delete(struct app *app, const struct actor *actor, struct str name_or_id,
		    int64_t version, struct problem *problem) MUST_USE;
/** One's own password: a person who knows the old one (-EACCES otherwise; it counts as a login that
 * failed). All other sessions of the person end. */
int app_user_passwd(struct app *app, const struct actor *actor, struct str old_password,
		    struct str new_password, struct problem *problem) MUST_USE;

#endif

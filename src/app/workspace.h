/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Workspaces: who shares nothing with the others. The admins of the workspace `default` run the
 * installation: they alone see, make, change and delete the others, and act inside of them. Everybody
 * else sees the own one.
 */
#ifndef DSS_APP_WORKSPACE_H
#define DSS_APP_WORKSPACE_H

#include "app/app.h"
#include "store/workspace.h"

enum { WORKSPACE_NAME_BYTES = 63 };

struct workspace_input { /**< has_…: given */
	bool has_name, has_max_domains, has_max_scans_per_day, has_max_scans_in_flight,
		has_max_requests_per_minute;
	struct str name; /**< lower-case letters, digits and hyphens */
	struct quotas quotas;
};

/** -EEXIST. */
int app_workspace_add(struct app *app, const struct actor *actor, struct arena *a,
		      const struct workspace_input *input, struct workspace_row *ret,
		      struct problem *problem) MUST_USE;
/** By name or id (wsp_…); empty: the actor's own. */
int app_workspace_get(struct app *app, const struct actor *actor, struct arena *a,
		      struct str name_or_id, struct workspace_row *ret,
		      struct problem *problem) MUST_USE;
int app_workspace_list(struct app *app, const struct actor *actor, struct arena *a,
		       const struct page *page, struct workspace_row **ret, size_t *ret_count,
		       struct str *ret_next, struct problem *problem) MUST_USE;
/** version 0: whatever is stored. */
int app_workspace_update(struct app *app, const struct actor *actor, struct arena *a,
			 struct str name_or_id, int64_t version,
			 const struct workspace_input *input, struct workspace_row *ret,
			 struct problem *problem) MUST_USE;
/** -EALREADY: it has domains, users or keys; -EPERM: the default one. */
int app_workspace_delete(struct app *app, const struct actor *actor, struct str name_or_id,
			 int64_t version, struct problem *problem) MUST_USE;
/** The same actor at work in another workspace. */
int app_workspace_enter(struct app *app, const struct actor *actor, struct str name_or_id,
			struct actor *ret, struct problem *problem) MUST_USE;

#endif

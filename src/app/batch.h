/* SPDX-License-Identifier: Apache-2.0 */
/** Batches: many scans asked for at once. They are made of it later (app/expand.h). */
#ifndef DSS_APP_BATCH_H
#define DSS_APP_BATCH_H

#include "app/app.h"
#include "store/batch.h"

enum { BATCH_NAMES = 100000 };

struct batch_input {
	const struct str *names; /**< as people type them, up to BATCH_NAMES; or */
	size_t name_count;
	struct str selector; /**< app/selector.h */
	struct str profile;  /**< its word; empty: each domain's own, else the settings' */
	struct str priority; /**< its word; empty: bulk */
	enum batch_cause cause;
};

/** One transaction, however many. -EINVAL: "/names/17", "/selector", "/profile", "/priority"; "" when
 * there are neither names nor a selector, or both. */
int app_batch_start(struct app *app, const struct actor *actor, struct arena *a,
		    const struct batch_input *input, struct batch_row *ret,
		    struct problem *problem) MUST_USE;
/** id: "bat_…". */
int app_batch_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		  struct batch_row *ret, struct problem *problem) MUST_USE;
/** Newest first; -EINVAL: a bad cursor ("/cursor"). */
int app_batch_list(struct app *app, const struct actor *actor, struct arena *a,
		   const struct page *page, struct batch_row **ret, size_t *ret_count,
		   struct str *ret_next, struct problem *problem) MUST_USE;
/** No more scans are made of it; its queued ones have ended on return, its running ones are asked to
 * stop. In steps: one that dies midway leaves queued scans, which end as cancelled when a worker takes
 * them. -EALREADY: it has ended. */
int app_batch_cancel(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		     struct batch_row *ret, struct problem *problem) MUST_USE;

#endif

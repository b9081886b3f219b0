/* SPDX-License-Identifier: Apache-2.0 */
/** What was, what changed, what expires: of a domain or of the whole workspace. */
#ifndef DSS_APP_HISTORY_H
#define DSS_APP_HISTORY_H

#include "app/app.h"
#include "facts/fact.h"
#include "store/history.h"
#include "store/scan.h"

struct change_choice {
	struct str domain; /**< a name; empty: any */
	int64_t from, to;  /**< UTC microseconds, at or after, before; 0: any time */
};
/** Newest first. -EINVAL: "/domain", "/cursor"; -ENOENT: no such domain. */
int app_change_list(struct app *app, const struct actor *actor, struct arena *a,
		    const struct change_choice *choice, const struct page *page,
		    struct change_row **ret, size_t *ret_count, struct str *ret_next,
		    struct problem *problem) MUST_USE;
/** Soonest first, what is before the time (0: all). */
int app_expiry_list(struct app *app, const struct actor *actor, struct arena *a, int64_t before,
		    const struct page *page, struct expiry_row **ret, size_t *ret_count,
		    struct str *ret_next, struct problem *problem) MUST_USE;
/** A domain's scans that judged all of it (done, incomplete; no rechecks), newest first: grade, score,
 * areas. A page may have fewer than its limit and still be followed by another. */
int app_score_list(struct app *app, const struct actor *actor, struct arena *a, struct str domain,
		   const struct page *page, struct scan_row **ret, size_t *ret_count,
		   struct str *ret_next, struct problem *problem) MUST_USE;

/** What a scan saw, unread: for whoever may read what strangers wrote. */
struct stored_facts {
	struct str *stable; /**< fact_encode_stable(), in the order of facts_order() */
	size_t count;
	struct str volatile_blob; /**< facts/volatile.h; empty: none */
};
/** scan: as a list gave it. None when it has no facts. */
int app_scan_facts(struct app *app, const struct actor *actor, struct arena *a,
		   const struct scan_row *scan, struct stored_facts *ret,
		   struct problem *problem) MUST_USE;

/** What a scan saw. */
struct observations {
	struct scan_row scan;
	struct fact *fact; /**< in the order of their questions' keys */
	size_t count;
};
/** id: "scn_…". Facts that were stored once for many scans, with what was this scan's own. */
int app_observations(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		     struct observations *ret, struct problem *problem) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Findings as people work with them: reading, deciding, having one checked again. */
#ifndef DSS_APP_FINDING_H
#define DSS_APP_FINDING_H

#include "app/app.h"
#include "store/finding.h"
#include "store/scan.h"

enum { REASON_BYTES = 1000 };

/** What is listed; empty: any. */
struct finding_choice {
	struct str domain;       /**< a name */
	struct str check;        /**< an id, or a prefix of some: "mail." */
	struct str tag;          /**< of the domain */
	struct str status;       /**< its word */
	struct str min_severity; /**< its word */
};

/** Worst first, the newest first among equals. A page of those with tag and check may have fewer rows
 * than its limit and still be followed by another. -EINVAL: "/domain", "/status", "/min_severity",
 * "/cursor"; -ENOENT: no such domain. */
int app_finding_list(struct app *app, const struct actor *actor, struct arena *a,
		     const struct finding_choice *choice, const struct page *page,
		     struct finding_row **ret, size_t *ret_count, struct str *ret_next,
		     struct problem *problem) MUST_USE;
/** id: "fnd_…". */
int app_finding_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		    struct finding_row *ret, struct problem *problem) MUST_USE;
/** By check, the worst and most frequent first. status: its word; empty: open. */
int app_finding_groups(struct app *app, const struct actor *actor, struct arena *a,
		       struct str status, struct finding_group **ret, size_t *ret_count,
		       struct problem *problem) MUST_USE;

struct finding_decision {
	struct str status; /**< "accepted", "false-positive", or "open": neither any more */
	struct str reason; /**< of the first two: for those who ask later */
	int64_t until;     /**< of accepted: UTC microseconds; 0: for ever */
};
/** version 0: whatever is stored. -EALREADY: it is fixed or retired: nothing is left to decide. */
int app_finding_decide(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		       int64_t version, const struct finding_decision *decision,
		       struct finding_row *ret, struct problem *problem) MUST_USE;
/** A scan of its check alone, past the caches. */
int app_finding_recheck(struct app *app, const struct actor *actor, struct arena *a, struct str id,
			struct scan_row *ret, struct problem *problem) MUST_USE;
/** Acceptances whose time is over (and the app's grace with it) are open again: up to `limit`, of all
 * workspaces. For the scheduler. */
int app_finding_lapse(struct app *app, unsigned limit, size_t *ret_count, struct err *err) MUST_USE;

#endif

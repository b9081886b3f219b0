/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Policies of a workspace: each a document (app/policy_document.h) for the domains that a selector means.
 * They hold from a domain's next scan on. What people decide about single findings (app/finding.h) holds
 * beside them.
 */
#ifndef DSS_APP_POLICY_H
#define DSS_APP_POLICY_H

#include "app/app.h"
#include "model/policy.h"
#include "store/domain.h"
#include "store/finding.h"
#include "store/policy.h"

enum {
	POLICY_NAME_BYTES = 80,
	POLICIES = 100, /**< of one workspace */
	POLICY_DOCUMENT_BYTES = 512 * 1024
};

struct policy_input { /**< has_…: given */
	bool has_name, has_selector, has_rules;
	struct str name;
	struct str selector; /**< app/selector.h; a new one's default is "all" */
	struct str rules;    /**< the document, JSON or YAML */
	struct str
		rules_at; /**< pointers to what is wrong in it begin with this; empty: "/rules" */
	struct str file;  /**< for messages: it has lines and columns then */
	/** Ids of checks that there are; ends with NULL. */
	const char *const *check_ids;
};

/** name is needed. -EEXIST: the name; -EDQUOT: there are POLICIES of them. */
int app_policy_add(struct app *app, const struct actor *actor, struct arena *a,
		   const struct policy_input *input, struct policy_row *ret,
		   struct problem *problem) MUST_USE;
/** By id (pol_…) or name. */
int app_policy_get(struct app *app, const struct actor *actor, struct arena *a,
		   struct str name_or_id, struct policy_row *ret, struct problem *problem) MUST_USE;
int app_policy_list(struct app *app, const struct actor *actor, struct arena *a,
		    const struct page *page, struct policy_row **ret, size_t *ret_count,
		    struct str *ret_next, struct problem *problem) MUST_USE;
/** version 0: whatever is stored. What changes nothing raises no version. */
int app_policy_update(struct app *app, const struct actor *actor, struct arena *a,
		      struct str name_or_id, int64_t version, const struct policy_input *input,
		      struct policy_row *ret, struct problem *problem) MUST_USE;
int app_policy_delete(struct app *app, const struct actor *actor, struct str name_or_id,
		      int64_t version, struct problem *problem) MUST_USE;

/** All that holds for a scan of a domain: see policy_of_domain. -ENOENT. */
int app_policy_of_domain(struct app *app, const struct actor *actor, struct arena *a,
			 struct str name, struct check_policy *ret,
			 struct expectations *ret_expected, struct problem *problem) MUST_USE;

/* ---- for files of app/ ---- */

/** The row as the audit trail keeps it. */
struct str policy_json(struct arena *a, const struct policy_row *row);
/** What the names of policies stand behind in finding_row.decided_by. */
#define POLICY_BY "policy "
/** Was it a policy that accepted it, and no person? */
bool policy_decided(const struct finding_row *row);

/** Puts what the input gives into *row, checked and in its stored form. -EINVAL: the problem says why. */
int policy_fields_read(struct arena *a, const struct policy_input *input, struct policy_row *row,
		       struct problem *problem) MUST_USE;

/** The policies of a workspace, read for many of its domains. */
struct policy_shelf {
	int64_t workspace;
	bool is_read;
	struct policy_row *rows;
	size_t count;
};

/**
 * All that holds for a scan of the domain: its own expectations, the policies whose selectors mean it,
 * and what people decided about its findings (reasons of theirs, by "usr_…"). A stored document that
 * names checks that are no more loses these rules only.
 * @shelf  of any workspace, kept between calls of one transaction
 */
int policy_of_domain(struct store_tx *tx, struct policy_shelf *shelf,
		     const struct domain_row *domain, struct check_policy *ret,
		     struct expectations *ret_expected, struct err *err) MUST_USE;

#endif

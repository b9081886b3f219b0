/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Expanding batches: from "all domains with this tag" to one scan a domain. A batch is accepted as one
 * row, however many it is about, and expanded in steps of up to EXPAND_STEP scans, each one
 * transaction that moves the batch's cursor. A step that dies leaves nothing, one that is done twice
 * makes nothing: a batch has one scan a domain.
 *
 * The scan's profile is the batch's, else the domain's, else the one given. Names that are no domain
 * of the workspace yet are added to it. A step that is more than the workspace's quotas allow is made
 * smaller; when nothing of them is left the batch waits for the next day.
 */
#ifndef DSS_APP_EXPAND_H
#define DSS_APP_EXPAND_H

#include "app/leader.h"
#include "store/batch.h"

enum { EXPAND_STEP = 1000 };

struct expand_outcome {
	int64_t made;
	bool is_over; /**< the batch expands no more */
};

/**
 * One step of a batch.
 * @leader  NULL: nobody has to lead
 * 0; -EDQUOT: over quota, even for one scan; -ESTALE: another leads, or has made this step.
 */
int expand_step(struct store *store, const struct leader *leader, struct uuid batch,
		int default_profile, struct expand_outcome *ret, struct err *err) MUST_USE;

#endif

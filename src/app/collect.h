/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The collector: fact sets, documents and facts that nobody names any more go (store/garbage.h says
 * how that is known while scans are stored). For the scheduler; a step is one short transaction, and
 * what a round knows is kept in memory: who stops in the middle begins again.
 *
 * A round lists what may be garbage, walks over all scans and domains, lets go what none of them
 * names; then the same for the facts of the sets that went, with a walk over the sets that are left.
 */
#ifndef DSS_APP_COLLECT_H
#define DSS_APP_COLLECT_H

#include "app/leader.h"
#include "store/garbage.h"

enum {
	COLLECT_ROWS = 50000, /**< of one sort that a round looks at; more wait for the next */
	COLLECT_WALK = 1000,  /**< scans, domains or sets read in one transaction */
	COLLECT_SWEEP = 100   /**< rows that one transaction lets go */
};

struct collect {
	struct arena arena; /**< what the round has listed */
	struct garbage of[CONTENTS];
	unsigned phase;
	int64_t cursor;         /**< of the walk, or how many rows were swept */
	int64_t gone[CONTENTS]; /**< in this round */
};

/**
 * One step of a round, or the beginning of one. All zero before the first.
 * @leader  NULL: nobody has to lead. -ESTALE: another leads
 * *ret_is_end: the round is over (there may have been nothing to do); collect->gone says what went.
 */
int collect_step(struct store *store, const struct leader *leader, struct collect *collect,
		 bool *ret_is_end, struct err *err) MUST_USE;
/** Forget a round. */
void collect_release(struct collect *collect);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What changed between two scans, from their facts: by question, without what changes by itself
 * (order, TTL, volatile fields, signatures that are made anew). A question that only one side asked
 * is no change: what was asked depends on profile and luck. Neither is a failure of ours on either
 * side: nothing is known.
 */
#ifndef DSS_FACTS_DIFF_H
#define DSS_FACTS_DIFF_H

#include "facts/fact.h"

enum change_kind {
	CHANGE_ADDED,   /**< a record that was not there: after */
	CHANGE_REMOVED, /**< before */
	CHANGE_CHANGED  /**< before and after: one field, or how the question ended */
};

struct change {
	struct question question; /**< of the later fact; shared, not copied */
	enum change_kind kind;
	const char *field; /**< "records", "rcode", "failure" …: its key in JSON */
	struct str before, after;
};

struct changes {
	struct change *change;
	size_t count;
};

const char *change_word(enum change_kind kind);
/** Facts in any order, at most one a question each side. Changes come in the order of questions'
 * keys, then of fields. */
struct changes facts_diff(struct arena *a, const struct fact *const *before, size_t before_count,
			  const struct fact *const *after, size_t after_count);

#endif

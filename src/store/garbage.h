/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Content that nobody names any more: fact sets and documents without a scan or domain, facts without
 * a set. No reference is counted, so that a scan which saw nothing new writes nothing about what it
 * shares. Instead whatever may have lost its last reader is noted (garbage rows: when a scan goes, by
 * the schema; when a set goes, here), and a collector (app/collect.h) looks for readers:
 *
 *	garbage_list		what is to be looked at, as it is now
 *	garbage_mark_…		walk over all who may name it, a bounded step a transaction
 *	garbage_sweep		what no walk has met goes; what was met is noted no more
 *
 * Meanwhile scans are stored. Who takes up content that is there already (store/fact.c) takes it off
 * the notes in the same transaction (garbage_reuse), and the sweep takes only what is still noted as
 * it was listed: a note that came anew has another sequence. So a set that was free when the walk
 * passed, and is named again before the sweep, stays.
 *
 * A backend whose writers run side by side must let garbage_reuse of a row and its sweep exclude
 * each other until one of them has committed.
 */
#ifndef DSS_STORE_GARBAGE_H
#define DSS_STORE_GARBAGE_H

#include "store/store.h"

/* Stored numbers: append only. */
enum content { CONTENT_FACT_SET, CONTENT_DOCUMENT, CONTENT_FACT, CONTENTS };

struct garbage_row {
	int64_t sequence, no;
	bool is_named; /**< a walk has met somebody who names it */
};

/** In the order of their numbers, up to a limit. */
struct garbage {
	struct garbage_row *rows;
	size_t count;
};

/** Content may have lost its last reader. */
int garbage_note(struct store_tx *tx, enum content kind, int64_t no, struct err *err) MUST_USE;
/** It is named again, by what this transaction writes. */
int garbage_reuse(struct store_tx *tx, enum content kind, int64_t no, struct err *err) MUST_USE;

/** The oldest `limit` notes. */
int garbage_list(struct store_tx *tx, enum content kind, unsigned limit, struct garbage *ret,
		 struct err *err) MUST_USE;

/** One step of a walk: `limit` rows after *cursor (0: the first), which moves. */
typedef int garbage_mark(struct store_tx *tx, struct garbage of[CONTENTS], unsigned limit,
			 int64_t *cursor, bool *ret_is_end, struct err *err);
/** Scans name sets and documents, domains name the sets that they are compared with, sets name facts. */
garbage_mark garbage_mark_scans, garbage_mark_domains, garbage_mark_sets;

/** Rows that are still noted as they were listed: named ones are noted no more, others go, and the
 * facts of a set that went are noted. ret_gone: how many went. */
int garbage_sweep(struct store_tx *tx, enum content kind, const struct garbage_row *rows,
		  size_t count, int64_t *ret_gone, struct err *err) MUST_USE;

#endif

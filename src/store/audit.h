/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Who did what: append only, one chain for the whole store. A row's hash is the BLAKE2b-256 of the
 * hash of the row before it (32 zero octets before the first) and of the row's own fields, each with
 * its length, so that no change of a row, of its place or of its neighbours goes unseen. What is cut
 * off at the end is seen by who kept the last hash.
 *
 * Old rows may go, from the beginning only and in their order (audit_expire). The last one's number and
 * hash stay as the chain's head, from which the first row left goes on, and a row at the end, action
 * "audit.expire", says that this head was made: rows that were taken out otherwise show as before.
 */
#ifndef DSS_STORE_AUDIT_H
#define DSS_STORE_AUDIT_H

#include "store/store.h"

enum { AUDIT_HASH_BYTES = 32 };

struct audit_row {
	int64_t sequence, workspace, at;
	struct str actor;         /**< "key_…", "usr_…", "command", "system" */
	struct str action;        /**< "domain.update" */
	struct str subject;       /**< what it was done to: a name or an id */
	struct str before, after; /**< JSON; empty: none */
	struct str hash;
};

/** sql_foresee of what the first audit_insert of a closure reads. */
int audit_foresee(struct store_tx *tx, struct err *err) MUST_USE;
/** Fills sequence, at and hash. */
int audit_insert(struct store_tx *tx, struct audit_row *row, struct err *err) MUST_USE;
/** Newest first. */
int audit_list(struct store_tx *tx, int64_t workspace, const struct page *page,
	       struct audit_row **ret, size_t *ret_count, struct str *ret_next,
	       struct err *err) MUST_USE;

/** Where a walk along the chain stands: all zero before the first row. */
struct audit_walk {
	int64_t sequence; /**< of the last row that fits */
	uint8_t hash[AUDIT_HASH_BYTES];
	int64_t rows; /**< that fit */
	int64_t head; /**< rows up to this one were let go; 0: none */
	uint8_t head_hash[AUDIT_HASH_BYTES];
	bool is_said; /**< the row about this head was met */
};
/** Up to `limit` rows further; ERR_SYNTAX: a row does not fit, err says which, and *walk stands
 * before it; or the chain is at its end and no row says that its head was made. Rows that are let go
 * meanwhile are not missed. */
int audit_verify(struct store_tx *tx, struct audit_walk *walk, unsigned limit, bool *ret_is_end,
		 struct err *err) MUST_USE;

/** Up to `limit` rows of before `before` go, and one row says so. The newest stays. */
int audit_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
		 struct err *err) MUST_USE;

#endif

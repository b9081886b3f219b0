/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Facts, once by content. A fact is kept in its stable form (facts/fact.h: without volatile fields); a
 * fact set is the list of a scan's facts in the order of their questions' keys. A rescan that saw
 * nothing new refers to the set of the scan before: no new bytes. What differs from scan to scan all
 * the same is the scan's own blob (facts/volatile.h).
 *
 * Content is named by its BLAKE2b-256 and kept as one octet, 0: as it is, 1: compressed (zstd), and
 * the bytes. The blobs of scans that saw the same set resemble each other: the first is kept with the
 * set, the others as 2: compressed with that one as its prefix. A set stays, with that blob, as long as
 * any scan names it; what nobody names any more is collected (store/garbage.h).
 */
#ifndef DSS_STORE_FACT_H
#define DSS_STORE_FACT_H

#include "store/store.h"

enum {
	FACT_HASH_BYTES = 32,
	FACT_BYTES = 16 << 20, /**< of one fact or document, uncompressed */
	FACT_SET_FACTS = 65536
};

/** Stable forms in the order of facts_order() → the set's number; new ones are stored. Equal sets have
 * equal numbers. ERR_LIMIT: too many or too large. */
int fact_set_put(struct store_tx *tx, const struct str *stable, size_t count, int64_t *ret_no,
		 struct err *err) MUST_USE;

/** What a set and its facts are found by, for who puts many: in the arena of who makes it. */
struct fact_set_key {
	const struct str *stable;
	size_t count;
	struct fact_hash {
		unsigned char octets[FACT_HASH_BYTES];
	} * hashes, hash;
};

int fact_set_key(struct arena *a, const struct str *stable, size_t count, struct fact_set_key *ret,
		 struct err *err) MUST_USE;
/** *ret_is_new: nobody has named it yet, and it has no blob. */
int fact_set_put_key(struct store_tx *tx, const struct fact_set_key *key, int64_t *ret_no,
		     bool *ret_is_new, struct err *err) MUST_USE;
/** sql_foresee of what putting it asks first; and, with those answers, of what comes after. */
int fact_set_foresee(struct store_tx *tx, const struct fact_set_key *key, struct err *err) MUST_USE;
int fact_set_foresee_rest(struct store_tx *tx, const struct fact_set_key *key,
			  struct err *err) MUST_USE;
int document_foresee(struct store_tx *tx, struct str bytes, struct err *err) MUST_USE;

/** The stable forms of a set in their order; -ENOENT. */
int fact_set_get(struct store_tx *tx, int64_t no, struct str **ret, size_t *ret_count,
		 struct err *err) MUST_USE;

/** Of these only facts whose question is of kind `least` or a later one: they stand at the end of a set, and
 * no others are read. */
int fact_set_get_kinds(struct store_tx *tx, int64_t no, uint8_t least, struct str **ret,
		       size_t *ret_count, struct err *err) MUST_USE;

/** Take a fact's number off the front of a set's column `facts`. *no: the one before; 0: none. */
int fact_set_number(struct str *numbers, int64_t *no, struct err *err) MUST_USE;

/** A scan's blob → what its row keeps of it; empty: nothing, the set has it. set 0: none. is_new:
 * fact_set_put_key has just said so. */
int fact_volatile_put(struct store_tx *tx, int64_t set, bool is_new, struct str blob,
		      struct str *ret_kept, struct err *err) MUST_USE;
/** And back. */
int fact_volatile_get(struct store_tx *tx, int64_t set, struct str kept, struct str *ret_blob,
		      struct err *err) MUST_USE;

/** Any text once by content: verdicts, areas, versions of the algorithm. */
int document_put(struct store_tx *tx, struct str bytes, int64_t *ret_no, struct err *err) MUST_USE;
int document_get(struct store_tx *tx, int64_t no, struct str *ret, struct err *err) MUST_USE;
/** What a column `bytes` of a document or fact holds; ERR_CORRUPT. */
int document_decode(struct arena *a, struct str bytes, struct str *ret, struct err *err) MUST_USE;

#endif

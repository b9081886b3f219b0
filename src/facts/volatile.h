/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The facts of a scan as they are stored: stable forms, which stay the same from scan to scan as long
 * as nothing changes and are stored once; and one small blob a scan with what changes by itself (when
 * a fact was seen, who answered, TTL left, sizes). Together they give back each fact exactly.
 *
 * The blob holds a column for each sort of value. Values of a column repeat a lot, so it is written as
 * runs of what came lately:
 *
 *	varint columns, varint the length of each, then the columns
 *	a column: octets  index << 4 | run - 1: the index-th latest value (0 to 14), run times (1 to 16)
 *	                  0xf0 | run - 1, then a value that is not among these
 *	a value: scalars as varints, times as zigzag of their distance to the first in the column's unit
 *	         (varint power of ten of µs, first of the column), strings behind their length, addresses
 *	         behind a length of 4 or 16; 0: none; 1: the address that the question names
 *
 * Stored blobs are read as hostile: everything is bounded by what the facts can hold.
 */
#ifndef DSS_FACTS_VOLATILE_H
#define DSS_FACTS_VOLATILE_H

#include "facts/fact.h"

/**
 * Bring facts into the order in which a set of them is stored, that of their questions' keys, so that
 * equal sets have equal bytes. Of two facts with one question the first stays. Returns how many are left.
 */
size_t facts_order(struct arena *a, const struct fact **facts, size_t count) MUST_USE;

void facts_encode_volatile(struct buf *out, const struct fact *const *facts, size_t count);
/**
 * @facts  as fact_decode() gave them from their stable forms, in the order in which they were written
 * @blob   must outlive them
 * 0; ERR_SYNTAX: it is no blob of these facts, which are then partly filled.
 */
int facts_apply_volatile(struct str blob, struct fact *const *facts, size_t count) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which facts of a scan is the next one told, because judges compare them (before_K in checks/judge.h)? What
 * tools, APIs and registries said; the MTA-STS policy and its record. Whoever hands facts on chooses by this, so
 * that a scan is not handed all that the one before saw.
 */
#ifndef DSS_FACTS_COMPARED_H
#define DSS_FACTS_COMPARED_H

#include "facts/fact.h"

/** The first kind, by number, that may be compared whatever else was asked; of kinds before it only the record
 * that belongs to a fact of a later kind is (fact_is_compared). */
enum { COMPARED_KINDS_FROM = KIND_http };

/** Of what fact_encode() or fact_encode_stable() wrote; the answer is not read. */
bool fact_is_compared(struct str encoded);

/** Those of the encoded facts that are compared, moved to the front in their order: how many. */
size_t facts_compared(struct str *encoded, size_t count);

#endif

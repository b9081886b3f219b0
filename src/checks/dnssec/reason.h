/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Why does validation of an RRset fail? The validating resolver's word: its extended error (RFC 8914) and
 * the text beside it, as Unbound writes it. Judges do no cryptography themselves.
 */
#ifndef DSS_CHECKS_DNSSEC_REASON_H
#define DSS_CHECKS_DNSSEC_REASON_H

#include "checks/derived/dnssec.h"

enum reason {
	REASON_NOT_KNOWN, /**< pending, or a gap that was noted */
	REASON_FAILED, /**< the resolver got no answer (time-out, SERVFAIL): the reader gives up */
	REASON_SECURE, /**< it does not fail */
	REASON_INSECURE,  /**< it is not validated: nobody vouches for the zone */
	REASON_UNTOLD,    /**< bogus, without a text that says why */
	REASON_SIGNATURE, /**< a signature does not fit */
	REASON_DIGEST,    /**< the DS record's digest is of no key */
	REASON_UNSIGNED,  /**< there are no signatures */
	REASON_EXPIRED,
	REASON_FUTURE,
	REASON_OTHER /**< no keys, no proof … */
};

/** Asks the resolver (name, type) and reads the outcome. ret_fact: what it was read from, or NULL. */
enum reason bogus_reason(struct judge *j, struct str name, uint16_t type,
			 const struct fact **ret_fact);
/** Is it a key of the zone whose validation failed, and not the RRset asked for? */
bool bogus_is_key(const struct fact *fact);

#endif

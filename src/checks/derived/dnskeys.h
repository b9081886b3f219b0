/* SPDX-License-Identifier: Apache-2.0 */
/** The DNSKEY sets of a zone, as each of its servers gives them (asked with DO). */
#ifndef DSS_CHECKS_DERIVED_DNSKEYS_H
#define DSS_CHECKS_DERIVED_DNSKEYS_H

#include "checks/derived/responders.h"
#include "formats/dns/algorithm.h"

enum { DNSKEYS = 64 }; /**< of one server, and of all together */

struct dnskey_view {
	const struct responder *server;
	char address[ADDRESS_TEXT_BYTES];
	const struct dns_answer *answer; /**< authoritative, NOERROR */
	bool has_keys;
	bool is_signing; /**< a signature came with it */
};

/** Of zone keys only (RFC 4034 section 2.1.1). Silent servers, and those that do not serve the zone, are
 * left out. */
struct dnskeys {
	struct dnskey_view *views; /**< in order of server name, then address */
	size_t count;
	const struct dns_rr **keys; /**< all views' keys, each once */
	size_t key_count;
	bool is_partial; /**< a server is not known (a gap was noted): another key may be there */
};

/** Is the record a signature of owner's RRset of this type? */
static inline bool dns_is_signature(const struct dns_rr *rr, struct str owner, uint16_t type)
{
	return rr->type == DNS_RRSIG && !rr->is_malformed && rr->rrsig.type_covered == type &&
	       str_eq(rr->owner, owner);
}
/** Has an answer any signature of owner's RRset of this type, in its answer section? */
bool dns_has_signature(const struct dns_answer *answer, struct str owner, uint16_t type);
/** Does the server give its own data about the question, and not "ask somebody else"? */
static inline bool dns_is_own_data(const struct dns_answer *answer)
{
	return answer->is_authoritative &&
	       (answer->rcode == DNS_NOERROR || answer->rcode == DNS_NXDOMAIN);
}
bool dnskeys_has(const struct dnskey_view *view, const struct dns_rr *key);
bool dns_is_zone_key(const struct dns_rr *rr);

#endif

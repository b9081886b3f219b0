/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The way from the name that was asked to the records (RFC 1034 section 3.6.2, RFC 6672 section 3.2).
 * Followed for at most DNS_CHAIN_LINKS links, and never to a name that it has been at. For ANY, CNAME
 * and DNAME themselves the records at the name are the answer.
 */
#ifndef DSS_FORMATS_DNS_CHAIN_H
#define DSS_FORMATS_DNS_CHAIN_H

#include "formats/dns/rr.h"

enum { DNS_CHAIN_LINKS = 16 };

/** What a record of an answer section is. */
enum dns_part { DNS_PART_OTHER, DNS_PART_RR, DNS_PART_CHAIN };

struct dns_chain {
	/** Links in order; a DNAME stands before the CNAME that was made from it. */
	struct dns_rr *link[2 * DNS_CHAIN_LINKS];
	size_t count;
	struct str end; /**< the name at its end */
};

/**
 * @a    for names made by DNAMEs
 * @rr   the answer section, parsed, in canonical order
 */
void dns_chain_follow(struct arena *a, struct str name, uint16_t type, struct dns_rr *const *rr,
		      size_t count, struct dns_chain *ret);
enum dns_part dns_chain_part(const struct dns_chain *chain, uint16_t type, const struct dns_rr *rr);

#endif

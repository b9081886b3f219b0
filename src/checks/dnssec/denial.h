/* SPDX-License-Identifier: Apache-2.0 */
/** How a server denies a name that nobody made and a type that the apex has not: with DO, once for all. */
#ifndef DSS_CHECKS_DNSSEC_DENIAL_H
#define DSS_CHECKS_DNSSEC_DENIAL_H

#include "checks/dnssec/reason.h"

#define DENIAL_LABEL "dss-nobody-made-this"

enum { DENIAL_TYPE = 65280 };

struct denial {
	const struct dnskey_view *view;
	struct str apex, name;
	/** Own data of the server, NXDOMAIN or NOERROR; NULL: a gap that was noted, or none of its own. */
	const struct dns_answer *nobody, *nodata;
};

/** Sets all but nodata. */
void denial_ask_name(struct judge *j, const struct dnskey_view *view, struct str apex,
		     struct denial *ret);
void denial_ask_type(struct judge *j, struct denial *denial);

/** Is the record of the authority section a well-formed NSEC or NSEC3, and signed? */
bool denial_is(const struct dns_answer *answer, const struct dns_rr *rr, uint16_t type);
bool denial_has(const struct dns_answer *answer, uint16_t type);
/** Must the answer hold a proof? A server that gives no signature at all is another check's finding. */
bool denial_is_due(const struct dns_answer *answer);

#endif

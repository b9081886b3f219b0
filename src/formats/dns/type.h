/* SPDX-License-Identifier: Apache-2.0 */
/** Resource record types, response codes and other numbers of the DNS (IANA registry "DNS
 * Parameters"). */
#ifndef DSS_FORMATS_DNS_TYPE_H
#define DSS_FORMATS_DNS_TYPE_H

#include "base/str.h"

/* X(name, number); others are written TYPE12345 (RFC 3597 section 5). */
/* clang-format off */
#define DNS_TYPES(X) \
	X(A, 1) X(NS, 2) X(CNAME, 5) X(SOA, 6) X(NULL, 10) X(PTR, 12) X(HINFO, 13) \
	X(MX, 15) X(TXT, 16) X(RP, 17) X(AFSDB, 18) X(AAAA, 28) X(LOC, 29) X(SRV, 33) \
	X(NAPTR, 35) X(CERT, 37) X(DNAME, 39) X(OPT, 41) X(DS, 43) X(SSHFP, 44) \
	X(RRSIG, 46) X(NSEC, 47) X(DNSKEY, 48) X(NSEC3, 50) X(NSEC3PARAM, 51) X(TLSA, 52) \
	X(SMIMEA, 53) X(CDS, 59) X(CDNSKEY, 60) X(OPENPGPKEY, 61) X(CSYNC, 62) \
	X(ZONEMD, 63) X(SVCB, 64) X(HTTPS, 65) X(DSYNC, 66) X(SPF, 99) X(AXFR, 252) \
	X(ANY, 255) X(URI, 256) X(CAA, 257)
/* clang-format on */

enum dns_type {
#define X(name, number) DNS_##name = number,
	DNS_TYPES(X)
#undef X
};

enum dns_class { DNS_CLASS_IN = 1, DNS_CLASS_CH = 3, DNS_CLASS_ANY = 255 };

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_YXDOMAIN = 6,
	DNS_NOTAUTH = 9,
	DNS_BADVERS = 16,
	DNS_BADCOOKIE = 23
};

/** "MX", or "TYPE65280"; in the arena or static. */
struct str dns_type_text(struct arena *a, uint16_t type);
/** A mnemonic in any case, or TYPEn. */
int dns_type_parse(struct str text, uint16_t *ret) MUST_USE;
/** "NXDOMAIN", or "RCODE12". */
struct str dns_rcode_text(struct arena *a, uint16_t rcode);
int dns_rcode_parse(struct str text, uint16_t *ret) MUST_USE;

#endif

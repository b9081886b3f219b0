/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Algorithms and digest types of DNSSEC, and what the IANA registries say of their use (RFC 9904): the
 * snapshot of data/dnssec-algorithms.tsv, compiled in. No cryptography is done here.
 */
#ifndef DSS_FORMATS_DNS_ALGORITHM_H
#define DSS_FORMATS_DNS_ALGORITHM_H

#include "formats/dns/rr.h"

enum dnssec_advice {
	DNSSEC_MUST_NOT,
	DNSSEC_NOT_RECOMMENDED,
	DNSSEC_MAY,
	DNSSEC_RECOMMENDED,
	DNSSEC_MUST
};

struct dnssec_algorithm {
	uint8_t number;
	struct str name;               /**< "ECDSAP256SHA256", "SHA-256" */
	enum dnssec_advice use;        /**< for signing; of a digest type, for delegation */
	enum dnssec_advice validation; /**< for validation */
	uint16_t octets;               /**< of a public key or digest; 0: it varies */
	bool is_rsa;
};

enum {
	DNSKEY_ZONE = 0x100,   /**< RFC 4034 section 2.1.1 */
	DNSKEY_REVOKED = 0x80, /**< RFC 5011 section 2.1 */
	DNSKEY_SEP = 1         /**< secure entry point, "KSK" */
};

/** The row of a number, or NULL when it is not assigned. */
const struct dnssec_algorithm *dnssec_algorithm_of(uint8_t number);
const struct dnssec_algorithm *dnssec_digest_of(uint8_t number);
/** "ECDSAP256SHA256", or "algorithm 77"; "SHA-256", or "digest type 77". */
struct str dnssec_algorithm_text(struct arena *a, uint8_t number);
struct str dnssec_digest_text(struct arena *a, uint8_t number);
/** Bits of the modulus of an RSA public key (RFC 3110 section 2), or 0 when it is none. */
unsigned dnssec_rsa_bits(struct str key);
/** Key tag (RFC 4034 appendix B) that a DNSKEY would have with these flags. */
uint16_t dnskey_tag_with(const struct dns_rr *dnskey, uint16_t flags);

#endif

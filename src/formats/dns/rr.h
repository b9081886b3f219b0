/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One resource record: its rdata as uncompressed wire octets, and beside it the fields of the types
 * that checks read. Stored as owner, type, class, TTL and rdata, and parsed again when loaded, so
 * that stored facts load for ever and gain what later parsers understand.
 */
#ifndef DSS_FORMATS_DNS_RR_H
#define DSS_FORMATS_DNS_RR_H

#include "base/desc.h"
#include "formats/dns/name.h"
#include "formats/dns/type.h"

struct dns_svcb_param {
	uint16_t key; /**< 0 mandatory, 1 alpn, 2 no-default-alpn, 3 port, 4 ipv4hint, 5 ech, 6
			 ipv6hint */
	struct str value;
};

struct dns_rr {
	struct str owner;
	uint16_t type;
	uint16_t klass;
	uint32_t ttl;
	bool is_malformed; /**< rdata does not follow its type's format; the fields below are zero
			    */
	struct str rdata;  /**< wire form without compression; names in it keep no case (lower) */
	union {
		struct address address; /**< A, AAAA */
		struct str name;        /**< NS, CNAME, DNAME, PTR */
		struct {
			struct str host; /**< "." is a null MX (RFC 7505) */
			uint16_t preference;
		} mx;
		struct {
			struct str mname, rname;
			uint32_t serial, refresh, retry, expire, minimum;
		} soa;
		struct {
			struct str text; /**< all character-strings joined, any byte values */
			const struct str *strings;
			size_t count;
		} txt; /**< TXT, SPF */
		struct {
			uint8_t flags;
			struct str tag, value; /**< tag as written */
		} caa;
		struct {
			uint16_t key_tag;
			uint8_t algorithm, digest_type;
			struct str digest;
		} ds; /**< DS, CDS */
		struct {
			uint16_t flags;
			uint8_t protocol, algorithm;
			uint16_t key_tag; /**< computed, RFC 4034 appendix B */
			struct str key;
		} dnskey; /**< DNSKEY, CDNSKEY */
		struct {
			uint16_t type_covered, key_tag;
			uint8_t algorithm, labels;
			uint32_t original_ttl, expiration,
				inception; /**< serial arithmetic, RFC 4034 section 3.1.5 */
			struct str signer, signature;
		} rrsig;
		struct {
			struct str next;
			struct str bitmap; /**< dns_bitmap_has */
		} nsec;
		struct {
			uint8_t hash_algorithm, flags;
			uint16_t iterations;
			struct str salt, next_hash, bitmap;
		} nsec3; /**< NSEC3; NSEC3PARAM leaves next_hash and bitmap empty */
		struct {
			uint16_t priority; /**< 0 is AliasMode */
			struct str target;
			const struct dns_svcb_param *params; /**< in the order sent */
			size_t param_count;
		} svcb; /**< SVCB, HTTPS (RFC 9460) */
		struct {
			uint16_t priority, weight, port;
			struct str target;
		} srv;
		struct {
			uint8_t usage, selector, matching;
			struct str data;
		} tlsa;
		struct {
			uint16_t rrtype, port;
			uint8_t scheme;
			struct str target;
		} dsync; /**< RFC 9859 */
	};
};

/** Parse the rdata of rr->type into the fields; sets is_malformed instead of failing. Names and
 * arrays are in the arena. */
void dns_rr_parse(struct arena *a, struct dns_rr *rr);
/** Does a type bitmap (RFC 4034 section 4.1.2) hold type? A malformed bitmap holds nothing. */
bool dns_bitmap_has(struct str bitmap, uint16_t type);
/** Canonical order (RFC 4034 section 6): owner, type, class, rdata. */
int dns_rr_cmp(const struct dns_rr *a, const struct dns_rr *b);
/** Rdata in presentation form, as zone files have it; unknown types as \# (RFC 3597 section 5). */
void dns_rdata_text(struct buf *out, const struct dns_rr *rr);
/** The same of one record as an arena string: for findings and evidence. */
struct str dns_rr_data_text(struct arena *a, const struct dns_rr *rr);
/**
 * Read rdata of one record off the front of *rest (words as in a zone file: quoted strings,
 * escapes, relative names are absolute, parentheses are not known) and fill rr->rdata and the
 * fields. rr->type is set by the caller. Several records may stand in one line: reading stops when
 * the type is complete; types of open length (TXT, bitmaps, SVCB parameters, base64 in several
 * words) end at the line's end or at a word "|".
 */
int dns_rdata_parse(struct arena *a, struct str *rest, struct dns_rr *rr, struct err *err) MUST_USE;

/** The name of a parameter of SVCB and HTTPS records: "alpn", or "key65280". */
void dns_svcb_key_text(struct buf *out, uint16_t key);

extern const struct desc_custom dns_rr_custom;

#endif

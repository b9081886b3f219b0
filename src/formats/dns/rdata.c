/* SPDX-License-Identifier: Apache-2.0 */
/* Which parts does the rdata of a type have, and how long is each? */
#include "formats/dns/rdata.h"

_Static_assert(sizeof(struct dns_rr) < 256, "rdata_part.member holds an offset in struct dns_rr");

enum { LAYOUT_PARTS = 10, LAYOUT_TYPES = 258 };

#define PART(kind, field)                                                                          \
	{                                                                                          \
		RDATA_##kind, offsetof(struct dns_rr, field)                                       \
	}
#define BARE(kind)                                                                                 \
	{                                                                                          \
		RDATA_##kind                                                                       \
	}
#define DS_PARTS                                                                                   \
	{                                                                                          \
		PART(U16, ds.key_tag), PART(ALGORITHM, ds.algorithm), PART(U8, ds.digest_type),    \
			PART(HEX, ds.digest)                                                       \
	}
#define DNSKEY_PARTS                                                                               \
	{                                                                                          \
		PART(U16, dnskey.flags), PART(U8, dnskey.protocol),                                \
			PART(ALGORITHM, dnskey.algorithm), PART(BASE64, dnskey.key)                \
	}
#define TLSA_PARTS                                                                                 \
	{                                                                                          \
		PART(U8, tlsa.usage), PART(U8, tlsa.selector), PART(U8, tlsa.matching),            \
			PART(HEX, tlsa.data)                                                       \
	}
#define SVCB_PARTS                                                                                 \
	{                                                                                          \
		PART(U16, svcb.priority), PART(NAME, svcb.target), PART(PARAMS, svcb.params)       \
	}

static const struct rdata_part layouts[LAYOUT_TYPES][LAYOUT_PARTS] = {
	[DNS_A] = { PART(IPV4, address) },
	[DNS_NS] = { PART(NAME, name) },
	[DNS_CNAME] = { PART(NAME, name) },
	[DNS_SOA] = { PART(NAME, soa.mname), PART(NAME, soa.rname), PART(U32, soa.serial),
		      PART(PERIOD, soa.refresh), PART(PERIOD, soa.retry), PART(PERIOD, soa.expire),
		      PART(PERIOD, soa.minimum) },
	[DNS_PTR] = { PART(NAME, name) },
	[DNS_HINFO] = { BARE(STRING), BARE(STRING) },
	[DNS_MX] = { PART(U16, mx.preference), PART(NAME, mx.host) },
	[DNS_TXT] = { PART(STRINGS, txt) },
	[DNS_RP] = { BARE(NAME), BARE(NAME) },
	[DNS_AFSDB] = { BARE(U16), BARE(NAME) },
	[DNS_AAAA] = { PART(IPV6, address) },
	[DNS_LOC] = { BARE(LOC) },
	[DNS_SRV] = { PART(U16, srv.priority), PART(U16, srv.weight), PART(U16, srv.port),
		      PART(NAME, srv.target) },
	[DNS_NAPTR] = { BARE(U16), BARE(U16), BARE(STRING), BARE(STRING), BARE(STRING),
			BARE(NAME) },
	[DNS_CERT] = { BARE(CERT_TYPE), BARE(U16), BARE(ALGORITHM), BARE(BASE64) },
	[DNS_DNAME] = { PART(NAME, name) },
	[DNS_DS] = DS_PARTS,
	[DNS_SSHFP] = { BARE(U8), BARE(U8), BARE(HEX) },
	[DNS_RRSIG] = { PART(TYPE, rrsig.type_covered), PART(ALGORITHM, rrsig.algorithm),
			PART(U8, rrsig.labels), PART(PERIOD, rrsig.original_ttl),
			PART(TIME, rrsig.expiration), PART(TIME, rrsig.inception),
			PART(U16, rrsig.key_tag), PART(NAME, rrsig.signer),
			PART(BASE64, rrsig.signature) },
	[DNS_NSEC] = { PART(NAME, nsec.next), PART(BITMAP, nsec.bitmap) },
	[DNS_DNSKEY] = DNSKEY_PARTS,
	[DNS_NSEC3] = { PART(U8, nsec3.hash_algorithm), PART(U8, nsec3.flags),
			PART(U16, nsec3.iterations), PART(SALT, nsec3.salt),
			PART(HASH, nsec3.next_hash), PART(BITMAP, nsec3.bitmap) },
	[DNS_NSEC3PARAM] = { PART(U8, nsec3.hash_algorithm), PART(U8, nsec3.flags),
			     PART(U16, nsec3.iterations), PART(SALT, nsec3.salt) },
	[DNS_TLSA] = TLSA_PARTS,
	[DNS_SMIMEA] = TLSA_PARTS,
	[DNS_CDS] = DS_PARTS,
	[DNS_CDNSKEY] = DNSKEY_PARTS,
	[DNS_OPENPGPKEY] = { BARE(BASE64) },
	[DNS_CSYNC] = { BARE(U32), BARE(U16), BARE(BITMAP) },
	[DNS_ZONEMD] = { BARE(U32), BARE(U8), BARE(U8), BARE(HEX) },
	[DNS_SVCB] = SVCB_PARTS,
	[DNS_HTTPS] = SVCB_PARTS,
	[DNS_DSYNC] = { PART(TYPE, dsync.rrtype), PART(SCHEME, dsync.scheme), PART(U16, dsync.port),
			PART(NAME, dsync.target) },
	[DNS_SPF] = { PART(STRINGS, txt) },
	[DNS_URI] = { BARE(U16), BARE(U16), BARE(TEXT) },
	[DNS_CAA] = { PART(U8, caa.flags), PART(TAG, caa.tag), PART(TEXT, caa.value) },
};

const struct rdata_part *rdata_layout(uint16_t type)
{
	return type < LAYOUT_TYPES && layouts[type][0].kind ? layouts[type] : NULL;
}

/* Octets of the parts whose length is fixed. */
static const uint8_t fixed_lengths[] = {
	[RDATA_U8] = 1,     [RDATA_U16] = 2,  [RDATA_U32] = 4,       [RDATA_PERIOD] = 4,
	[RDATA_TIME] = 4,   [RDATA_TYPE] = 2, [RDATA_ALGORITHM] = 1, [RDATA_CERT_TYPE] = 2,
	[RDATA_SCHEME] = 1, [RDATA_IPV4] = 4, [RDATA_IPV6] = 16,     [RDATA_LOC] = 16,
};

uint32_t rdata_number(struct str rdata, size_t at, enum rdata_kind kind)
{
	switch (fixed_lengths[kind]) {
	case 1:
		return (uint8_t)rdata.data[at];
	case 2:
		return rdata_u16(rdata.data + at);
	default:
		return rdata_u32(rdata.data + at);
	}
}

/* Pointers have no place here: rdata is kept uncompressed. */
static int name_length(struct str rdata, size_t start)
{
	size_t at = start;

	while (at < rdata.len) {
		size_t label = (uint8_t)rdata.data[at];

		at += label + 1;
		if (label > DNS_LABEL_BYTES || at - start > DNS_NAME_WIRE_BYTES)
			return ERR_SYNTAX;
		if (!label)
			return (int)(at - start);
	}
	return ERR_SYNTAX;
}

static int string_length(struct str rdata, size_t at)
{
	size_t len;

	if (at >= rdata.len)
		return ERR_SYNTAX;
	len = (size_t)(uint8_t)rdata.data[at] + 1;
	return len > rdata.len - at ? ERR_SYNTAX : (int)len;
}

static int tag_length(struct str rdata, size_t at)
{
	int len = string_length(rdata, at);

	for (int i = 1; i < len; i++) {
		char c = rdata.data[at + (size_t)i];

		if (!char_is_alpha(c) && !char_is_digit(c))
			return ERR_SYNTAX;
	}
	return len < 2 ? ERR_SYNTAX : len;
}

static int strings_length(struct str rdata, size_t start)
{
	size_t at = start;

	do {
		int len = string_length(rdata, at);

		if (len < 0)
			return len;
		at += (size_t)len;
	} while (at < rdata.len);
	return (int)(at - start);
}

/* RFC 4034 section 4.1.2: windows ascend, and each has 1 to 32 octets, of which the last is not
 * zero. */
static int bitmap_length(struct str rdata, size_t start)
{
	int window_before = -1;
	size_t at = start;

	while (at < rdata.len) {
		size_t len;

		if (rdata.len - at < 3 || (uint8_t)rdata.data[at] <= window_before)
			return ERR_SYNTAX;
		window_before = (uint8_t)rdata.data[at];
		len = (uint8_t)rdata.data[at + 1];
		if (!len || len > 32 || len > rdata.len - at - 2 || !rdata.data[at + 1 + len])
			return ERR_SYNTAX;
		at += 2 + len;
	}
	return (int)(rdata.len - start);
}

int rdata_part_length(struct str rdata, size_t at, enum rdata_kind kind)
{
	int len;

	if (kind < ARRAY_COUNT(fixed_lengths) && fixed_lengths[kind]) {
		if (rdata.len - at < fixed_lengths[kind] ||
		    (kind == RDATA_LOC && !loc_is_valid(rdata.data + at)))
			return ERR_SYNTAX;
		return fixed_lengths[kind];
	}
	switch (kind) {
	case RDATA_NAME:
		return name_length(rdata, at);
	case RDATA_STRING:
	case RDATA_SALT:
		return string_length(rdata, at);
	case RDATA_TAG:
		return tag_length(rdata, at);
	case RDATA_HASH:
		len = string_length(rdata, at);
		return len < 2 ? ERR_SYNTAX : len;
	case RDATA_STRINGS:
		return strings_length(rdata, at);
	case RDATA_BITMAP:
		return bitmap_length(rdata, at);
	case RDATA_PARAMS:
		return svcb_params_are_valid(str_from(rdata, at)) ? (int)(rdata.len - at)
								  : ERR_SYNTAX;
	case RDATA_HEX: /* an empty digest or key is none */
	case RDATA_BASE64:
		return at >= rdata.len ? ERR_SYNTAX : (int)(rdata.len - at);
	default:
		return (int)(rdata.len - at);
	}
}

static const struct {
	uint8_t kind;
	uint8_t number;
	const char *text;
} words[] = {
	/* IANA registry "DNS Security Algorithm Numbers" */
	{ RDATA_ALGORITHM, 1, "RSAMD5" },
	{ RDATA_ALGORITHM, 2, "DH" },
	{ RDATA_ALGORITHM, 3, "DSA" },
	{ RDATA_ALGORITHM, 5, "RSASHA1" },
	{ RDATA_ALGORITHM, 6, "DSA-NSEC3-SHA1" },
	{ RDATA_ALGORITHM, 7, "RSASHA1-NSEC3-SHA1" },
	{ RDATA_ALGORITHM, 8, "RSASHA256" },
	{ RDATA_ALGORITHM, 10, "RSASHA512" },
	{ RDATA_ALGORITHM, 12, "ECC-GOST" },
	{ RDATA_ALGORITHM, 13, "ECDSAP256SHA256" },
	{ RDATA_ALGORITHM, 14, "ECDSAP384SHA384" },
	{ RDATA_ALGORITHM, 15, "ED25519" },
	{ RDATA_ALGORITHM, 16, "ED448" },
	{ RDATA_ALGORITHM, 252, "INDIRECT" },
	{ RDATA_ALGORITHM, 253, "PRIVATEDNS" },
	{ RDATA_ALGORITHM, 254, "PRIVATEOID" },
	/* RFC 4398 section 2.1 */
	{ RDATA_CERT_TYPE, 1, "PKIX" },
	{ RDATA_CERT_TYPE, 2, "SPKI" },
	{ RDATA_CERT_TYPE, 3, "PGP" },
	{ RDATA_CERT_TYPE, 4, "IPKIX" },
	{ RDATA_CERT_TYPE, 5, "ISPKI" },
	{ RDATA_CERT_TYPE, 6, "IPGP" },
	{ RDATA_CERT_TYPE, 7, "ACPKIX" },
	{ RDATA_CERT_TYPE, 8, "IACPKIX" },
	{ RDATA_CERT_TYPE, 253, "URI" },
	{ RDATA_CERT_TYPE, 254, "OID" },
	{ RDATA_SCHEME, 1, "NOTIFY" }, /* RFC 9859 section 6.2 */
};

const char *rdata_word_of(enum rdata_kind kind, uint32_t number)
{
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (words[i].kind == kind && words[i].number == number)
			return words[i].text;
	return NULL;
}

int rdata_word_parse(enum rdata_kind kind, struct str word, uint32_t *ret)
{
	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (words[i].kind == kind && str_eq_nocase(word, str_of(words[i].text))) {
			*ret = words[i].number;
			return 0;
		}
	return ERR_SYNTAX;
}

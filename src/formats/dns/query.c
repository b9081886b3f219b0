/* SPDX-License-Identifier: Apache-2.0 */
/* How is a question put on the wire, and which answers can be its own? */
#include "formats/dns/edns.h"

#include "formats/dns/octet.h"

enum {
	HEADER_RD = 0x0100,
	HEADER_AD = 0x0020,
	HEADER_CD = 0x0010,
	OPCODE_15 = 15 << 11,
	EDNS_SMALL_SIZE = 512,
	EDNS_FLAG_DO = 0x8000,
	EDNS_FLAG_UNKNOWN = 0x0040
};

static uint8_t *option_put(uint8_t *at, uint16_t code, const void *data, uint16_t len)
{
	at = octet_put_u16(octet_put_u16(at, code), len);
	if (len)
		memcpy(at, data, len);
	return at + len;
}

/* RFC 6891 section 6.1.2: the root, OPT, size, then rcode, version and flags where others have
 * class and TTL. */
static uint8_t *opt_put(uint8_t *at, const struct dns_query *query)
{
	uint32_t flags = query->flags;
	uint8_t *length;

	*at++ = 0;
	at = octet_put_u16(at, DNS_OPT);
	at = octet_put_u16(at, flags & DNS_QUERY_EDNS_512 ? EDNS_SMALL_SIZE : DNS_EDNS_SIZE);
	*at++ = 0;
	*at++ = flags & DNS_QUERY_EDNS_VERSION_1 ? 1 : 0;
	at = octet_put_u16(at, (uint16_t)((flags & DNS_QUERY_DO ? EDNS_FLAG_DO : 0) |
					  (flags & DNS_QUERY_EDNS_FLAG ? EDNS_FLAG_UNKNOWN : 0)));
	length = at;
	at += 2;
	if (flags & DNS_QUERY_COOKIE)
		at = option_put(at, DNS_OPTION_COOKIE, query->cookie, sizeof query->cookie);
	if (flags & DNS_QUERY_NSID)
		at = option_put(at, DNS_OPTION_NSID, NULL, 0);
	if (flags & DNS_QUERY_EDNS_OPTION)
		at = option_put(at, DNS_OPTION_UNKNOWN, NULL, 0);
	octet_put_u16(length, (uint16_t)(at - length - 2));
	return at;
}

/* Without branches: random ones are never predicted. */
static void case_mix(uint8_t *name, uint64_t case_bits)
{
	unsigned letter = 0;

	for (; *name; name += *name + 1) {
		for (unsigned i = 1; i <= *name; i++) {
			unsigned is_letter = (uint8_t)(name[i] - 'a') < 26;

			name[i] -= (uint8_t)((case_bits >> (letter % 64) & is_letter) * 32);
			letter += is_letter;
		}
	}
}

int dns_query_write(const struct dns_query *query, uint8_t out[static DNS_QUERY_BYTES])
{
	uint32_t flags = query->flags;
	bool is_header_only = flags & DNS_QUERY_OPCODE_15;
	bool has_edns = !is_header_only && !(flags & DNS_QUERY_NO_EDNS);
	uint8_t *at = out + DNS_HEADER_BYTES;
	int len = dns_name_to_wire(query->name, at);

	if (len < 0)
		return len;
	memset(out, 0, DNS_HEADER_BYTES);
	octet_put_u16(out, query->id);
	octet_put_u16(out + 2, (uint16_t)((flags & DNS_QUERY_RD ? HEADER_RD : 0) |
					  (flags & DNS_QUERY_AD ? HEADER_AD : 0) |
					  (flags & DNS_QUERY_CD ? HEADER_CD : 0) |
					  (is_header_only ? OPCODE_15 : 0)));
	if (is_header_only) /* RFC 8906 section 8.1.4: an unknown opcode has no known sections */
		return DNS_HEADER_BYTES;
	octet_put_u16(out + 4, 1);
	octet_put_u16(out + 10, has_edns);
	case_mix(at, query->case_bits);
	at = octet_put_u16(at + len, query->type);
	at = octet_put_u16(at, flags & DNS_QUERY_CHAOS ? DNS_CLASS_CH : DNS_CLASS_IN);
	if (has_edns)
		at = opt_put(at, query);
	return (int)(at - out);
}

int dns_header_read(struct str packet, struct dns_header *ret)
{
	const uint8_t *octets = (const uint8_t *)packet.data;

	if (packet.len < DNS_HEADER_BYTES)
		return ERR_SYNTAX;
	*ret = (struct dns_header){ .id = octet_u16(octets),
				    .is_response = octets[2] & 0x80,
				    .is_truncated = octets[2] & 0x02,
				    .opcode = octets[2] >> 3 & 15,
				    .rcode = octets[3] & 15 };
	return 0;
}

/* The length of the question behind a header, its name uncompressed; 0 when there is no such. */
static size_t question_len(const uint8_t *octets, size_t len)
{
	size_t at = DNS_HEADER_BYTES;

	while (at < len && octets[at] && octets[at] <= DNS_LABEL_BYTES)
		at += octets[at] + 1u;
	if (at >= len || octets[at] || len - at < 5)
		return 0;
	return at + 5 - DNS_HEADER_BYTES;
}

int dns_question_matches(struct str packet, const uint8_t *query, size_t query_len)
{
	const uint8_t *octets = (const uint8_t *)packet.data;
	uint16_t asked, echoed;
	size_t len;

	if (packet.len < DNS_HEADER_BYTES || query_len < DNS_HEADER_BYTES)
		return 0;
	asked = octet_u16(query + 4);
	echoed = octet_u16(octets + 4);
	if (!echoed)
		return asked ? 3 : 1;
	if (!asked || echoed != 1)
		return 0;
	len = question_len(query, query_len);
	if (!len || packet.len - DNS_HEADER_BYTES < len)
		return 0;
	octets += DNS_HEADER_BYTES;
	query += DNS_HEADER_BYTES;
	if (!memcmp(octets, query, len))
		return 1;
	/* lengths of labels are below 'A', so that lowering leaves them alone */
	for (size_t i = 0; i < len - 4; i++)
		if (char_lower((char)octets[i]) != char_lower((char)query[i]))
			return 0;
	return memcmp(octets + len - 4, query + len - 4, 4) ? 0 : 2;
}

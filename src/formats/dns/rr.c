/* SPDX-License-Identifier: Apache-2.0 */
/* What do the octets of a record say? */
#include "formats/dns/rr.h"

#include "formats/dns/rdata.h"

enum { RR_FIELDS_START = offsetof(struct dns_rr, address) };

static void clear_fields(struct dns_rr *rr)
{
	memset((char *)rr + RR_FIELDS_START, 0, sizeof *rr - RR_FIELDS_START);
}

static void store_number(void *at, size_t size, uint32_t value)
{
	if (size == 1)
		*(uint8_t *)at = (uint8_t)value;
	else if (size == 2)
		*(uint16_t *)at = (uint16_t)value;
	else
		*(uint32_t *)at = value;
}

static void store_strings(struct arena *a, struct dns_rr *rr, struct str rest)
{
	size_t count = 0;
	struct str *strings;
	struct buf text;

	for (size_t at = 0; at < rest.len; at += (size_t)(uint8_t)rest.data[at] + 1)
		count++;
	strings = arena_array(a, count, sizeof *strings);
	rr->txt.strings = strings;
	rr->txt.count = count;
	for (size_t at = 0; at < rest.len; at += (size_t)(uint8_t)rest.data[at] + 1)
		*strings++ = str_bytes(rest.data + at + 1, (uint8_t)rest.data[at]);
	rr->txt.text = rr->txt.strings[0];
	if (count == 1)
		return;
	buf_init(&text, a);
	buf_reserve(&text, rest.len);
	for (size_t i = 0; i < count; i++)
		buf_put_str(&text, rr->txt.strings[i]);
	rr->txt.text = buf_str(&text);
}

static void store_params(struct arena *a, struct dns_rr *rr, struct str rest)
{
	struct dns_svcb_param param, *params;
	size_t count = 0;

	for (struct str left = rest; svcb_param_take(&left, &param);)
		count++;
	params = arena_array(a, count, sizeof *params);
	for (size_t i = 0; i < count; i++)
		(void)svcb_param_take(&rest, &params[i]);
	rr->svcb.params = params;
	rr->svcb.param_count = count;
}

static int store(struct arena *a, struct dns_rr *rr, const struct rdata_part *part, size_t at,
		 size_t len)
{
	struct str octets = str_first(str_from(rr->rdata, at), len);
	void *member = (char *)rr + part->member;

	switch ((enum rdata_kind)part->kind) {
	case RDATA_IPV4:
		*(struct address *)member = address_ipv4(octets.data);
		return 0;
	case RDATA_IPV6:
		*(struct address *)member = address_ipv6(octets.data);
		return 0;
	case RDATA_NAME:
		return dns_name_from_wire(a, rr->rdata, &at, member);
	case RDATA_STRINGS:
		store_strings(a, rr, octets);
		return 0;
	case RDATA_PARAMS:
		store_params(a, rr, octets);
		return 0;
	case RDATA_STRING:
	case RDATA_TAG:
	case RDATA_SALT:
	case RDATA_HASH:
		*(struct str *)member = str_from(octets, 1);
		return 0;
	case RDATA_TEXT:
	case RDATA_HEX:
	case RDATA_BASE64:
	case RDATA_BITMAP:
		*(struct str *)member = octets;
		return 0;
	default:
		store_number(member, len, rdata_number(rr->rdata, at, part->kind));
		return 0;
	}
}

/* RFC 4034 appendix B; B.1 for algorithm 1. */
static uint16_t key_tag(struct str rdata, uint8_t algorithm)
{
	uint32_t sum = 0;

	if (algorithm == 1)
		return rdata.len < 7 ? 0 : rdata_u16(rdata.data + rdata.len - 3);
	for (size_t i = 0; i < rdata.len; i++)
		sum += i & 1 ? (uint8_t)rdata.data[i] : (uint32_t)(uint8_t)rdata.data[i] << 8;
	return (uint16_t)(sum + (sum >> 16));
}

static int parse(struct arena *a, struct dns_rr *rr, const struct rdata_part *part)
{
	size_t at = 0;

	for (; part->kind != RDATA_END; part++) {
		int len = rdata_part_length(rr->rdata, at, part->kind);

		TRY(len);
		if (part->member)
			TRY(store(a, rr, part, at, (size_t)len));
		at += (size_t)len;
	}
	return at == rr->rdata.len ? 0 : ERR_SYNTAX;
}

void dns_rr_parse(struct arena *a, struct dns_rr *rr)
{
	const struct rdata_part *layout = rdata_layout(rr->type);

	clear_fields(rr);
	rr->is_malformed = layout && parse(a, rr, layout) < 0;
	if (rr->is_malformed)
		clear_fields(rr);
	else if (rr->type == DNS_DNSKEY || rr->type == DNS_CDNSKEY)
		rr->dnskey.key_tag = key_tag(rr->rdata, rr->dnskey.algorithm);
}

bool dns_bitmap_has(struct str bitmap, uint16_t type)
{
	if (rdata_part_length(bitmap, 0, RDATA_BITMAP) < 0)
		return false;
	for (size_t at = 0; at < bitmap.len; at += 2 + (size_t)(uint8_t)bitmap.data[at + 1]) {
		size_t octet = (type & 0xff) / 8;

		if ((uint8_t)bitmap.data[at] == type >> 8)
			return octet < (uint8_t)bitmap.data[at + 1] &&
			       (uint8_t)bitmap.data[at + 2 + octet] & 0x80 >> type % 8;
	}
	return false;
}

/* Records of one RRset mostly share the text of their owner. */
static int owner_cmp(struct str a, struct str b)
{
	if (a.len == b.len && (a.data == b.data || str_eq(a, b)))
		return 0;
	return dns_name_cmp(a, b);
}

int dns_rr_cmp(const struct dns_rr *a, const struct dns_rr *b)
{
	int order = owner_cmp(a->owner, b->owner);

	if (!order)
		order = (int)a->type - (int)b->type;
	if (!order)
		order = (int)a->klass - (int)b->klass;
	return order ? order : str_cmp(a->rdata, b->rdata);
}

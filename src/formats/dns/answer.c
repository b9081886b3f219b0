/* SPDX-License-Identifier: Apache-2.0 */
/* What does a response say? The reader of whole messages from strangers. */
#include "formats/dns/message.h"

#include "formats/dns/chain.h"
#include "formats/dns/edns.h"
#include "formats/dns/octet.h"
#include "formats/dns/unpack.h"
#include "formats/dns/section.h"

enum {
	RECORD_BYTES = 10, /* type, class, TTL and length, behind the owner */
	QUESTION_BYTES = 4,
	OWNERS = 8,
	/* Names and rdata may grow by decompression to so many times the packet, and a little: far
	 * beyond real answers, and what a packet of pointers to one long name is stopped by. Owners
	 * count each time, because what is saved says them each time. */
	GROWTH = 16,
	GROWTH_FREE_BYTES = 4096
};

struct owner {
	size_t offset;
	struct str name;
};

struct reader {
	struct arena *arena;
	struct str packet;
	const uint8_t *octets;
	size_t at;
	size_t budget;
	struct owner owners[OWNERS]; /* names that pointers led to lately */
	unsigned owner_count;
	const char *why;
	struct str question; /* name that came back */
	struct edns edns;
	bool has_edns;
};

static int refuse(struct reader *r, int code, const char *why)
{
	r->why = why;
	return code;
}

static int charge(struct reader *r, size_t bytes)
{
	if (bytes > r->budget)
		return refuse(r, ERR_LIMIT, "names grow too much by decompression");
	r->budget -= bytes;
	return 0;
}

static bool is_uncompressed(const struct reader *r, size_t at)
{
	while (at < r->packet.len && r->octets[at] && r->octets[at] <= DNS_LABEL_BYTES)
		at += r->octets[at] + 1u;
	return at < r->packet.len && !r->octets[at];
}

/* Owners are mostly pointers to the same few names: each text is made once. */
static int owner_read(struct reader *r, struct str *ret)
{
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	size_t offset = r->at, start = 0;
	int len;

	if (r->at + 1 < r->packet.len && r->octets[r->at] >= 0xc0) {
		offset = octet_u16(r->octets + r->at) & 0x3fff;
		for (unsigned i = 0; i < MIN(r->owner_count, (unsigned)OWNERS); i++) {
			if (r->owners[i].offset == offset) {
				r->at += 2;
				*ret = r->owners[i].name;
				return charge(r, ret->len);
			}
		}
	}
	len = dns_name_expand(r->packet, DNS_HEADER_BYTES, &r->at, wire);
	if (len < 0)
		return refuse(r, len == ERR_LIMIT ? len : ERR_SYNTAX, "a broken name");
	TRY(dns_name_from_wire(r->arena, str_bytes(wire, (size_t)len), &start, ret));
	if (is_uncompressed(r, offset))
		r->owners[r->owner_count++ % OWNERS] = (struct owner){ offset, *ret };
	return charge(r, ret->len);
}

static int rr_read(struct reader *r, struct dns_rr *rr)
{
	const uint8_t *fixed;
	size_t len;
	int code;

	memset(rr, 0, sizeof *rr);
	TRY(owner_read(r, &rr->owner));
	if (r->packet.len - r->at < RECORD_BYTES)
		return refuse(r, ERR_SYNTAX, "it ends inside a record");
	fixed = r->octets + r->at;
	r->at += RECORD_BYTES;
	rr->type = octet_u16(fixed);
	rr->klass = octet_u16(fixed + 2);
	rr->ttl = octet_u32(fixed + 4);
	len = octet_u16(fixed + 8);
	if (r->packet.len - r->at < len)
		return refuse(r, ERR_SYNTAX, "it ends inside rdata");
	code = dns_rdata_unpack(r->arena, str_first(r->packet, r->at + len), r->at, rr->type,
				&rr->rdata);
	if (code < 0)
		return refuse(r, code, "a broken name in rdata");
	r->at += len;
	TRY(charge(r, rr->rdata.len));
	return 0;
}

/* RFC 6891 section 6.1.1: one OPT at most, in the additional section, owned by the root. */
static int opt_read(struct reader *r, const struct dns_rr *opt, bool is_additional,
		    const struct dns_query *query)
{
	if (!is_additional || r->has_edns || !str_eq(opt->owner, STR_LIT(".")))
		return refuse(r, ERR_SYNTAX, "a misplaced OPT record");
	r->has_edns = true;
	if (dns_edns_read(opt, query, &r->edns) < 0)
		return refuse(r, ERR_SYNTAX, "broken EDNS options or a cookie that is not ours");
	return 0;
}

static int section_read(struct reader *r, unsigned count, bool is_additional,
			const struct dns_query *query, struct dns_section *section)
{
	dns_section_make_room(section, count);
	for (unsigned i = 0; i < count; i++) {
		struct dns_rr *rr = &section->rr[section->count];

		TRY(rr_read(r, rr));
		if (rr->type == DNS_OPT) {
			TRY(opt_read(r, rr, is_additional, query));
			continue;
		}
		dns_rr_parse(r->arena, rr);
		section->count++;
	}
	dns_section_sort(section);
	return 0;
}

static int question_read(struct reader *r, unsigned count)
{
	if (count > 1) /* RFC 9619 */
		return refuse(r, ERR_SYNTAX, "several questions");
	if (!count)
		return 0;
	TRY(owner_read(r, &r->question));
	if (r->packet.len - r->at < QUESTION_BYTES)
		return refuse(r, ERR_SYNTAX, "it ends inside the question");
	r->at += QUESTION_BYTES;
	return 0;
}

/* Divide the answer section by what its records are for the question. */
static void answer_split(struct reader *r, const struct dns_section *section,
			 const struct dns_query *query, struct dns_answer *ret)
{
	struct arena *a = r->arena;
	struct dns_chain chain;
	size_t counts[3] = { 0 };
	/* the text that owners which point to the question share */
	struct str name = str_eq(r->question, query->name) ? r->question : query->name;

	if (!section->kept)
		return;
	dns_chain_follow(a, name, query->type, section->order, section->kept, &chain);
	for (size_t i = 0; i < section->kept; i++)
		counts[dns_chain_part(&chain, query->type, section->order[i])]++;
	ret->rr = dns_rr_array(a, counts[DNS_PART_RR]);
	ret->chain = dns_rr_array(a, counts[DNS_PART_CHAIN]);
	ret->other = dns_rr_array(a, counts[DNS_PART_OTHER]);
	for (size_t i = 0; i < section->kept; i++) {
		enum dns_part part = dns_chain_part(&chain, query->type, section->order[i]);

		if (part == DNS_PART_RR)
			ret->rr[ret->count++] = *section->order[i];
		else if (part == DNS_PART_OTHER)
			ret->other[ret->other_count++] = *section->order[i];
	}
	for (size_t i = 0; i < chain.count; i++)
		if (dns_chain_part(&chain, query->type, chain.link[i]) == DNS_PART_CHAIN)
			ret->chain[ret->chain_count++] = *chain.link[i];
}

static int sections_read(struct reader *r, const struct dns_query *query,
			 struct dns_section *section, struct dns_answer *ret)
{
	unsigned answers = octet_u16(r->octets + 6), authorities = octet_u16(r->octets + 8);
	unsigned additionals = octet_u16(r->octets + 10);

	if ((size_t)(answers + authorities + additionals) * (RECORD_BYTES + 1) >
	    r->packet.len - r->at)
		return refuse(r, ERR_SYNTAX, "it announces more records than it holds");
	TRY(section_read(r, answers, false, query, section));
	answer_split(r, section, query, ret);
	TRY(section_read(r, authorities, false, query, section));
	ret->authority = dns_section_copy(r->arena, section, &ret->authority_count);
	TRY(section_read(r, additionals, true, query, section));
	ret->additional = dns_section_copy(r->arena, section, &ret->additional_count);
	if (r->at != r->packet.len)
		return refuse(r, ERR_SYNTAX, "octets behind the last record");
	return 0;
}

static int header_take(struct reader *r, const struct dns_query *query, struct dns_answer *ret)
{
	struct dns_header header;
	uint8_t flags;

	if (r->packet.len > DNS_MESSAGE_BYTES)
		return refuse(r, ERR_LIMIT, "longer than a message can be");
	if (dns_header_read(r->packet, &header) < 0)
		return refuse(r, ERR_SYNTAX, "shorter than a header");
	if (!header.is_response)
		return refuse(r, ERR_SYNTAX, "it is no response");
	if (header.opcode && !(query->flags & DNS_QUERY_OPCODE_15))
		return refuse(r, ERR_SYNTAX, "it answers another operation");
	flags = r->octets[3];
	ret->rcode = header.rcode;
	ret->is_authoritative = r->octets[2] & 0x04;
	ret->is_truncated = header.is_truncated;
	ret->has_recursion = flags & 0x80;
	ret->is_secure = flags & 0x20;
	ret->size_bytes = (uint16_t)r->packet.len;
	ret->is_tcp = query->flags & DNS_QUERY_TCP;
	r->at = DNS_HEADER_BYTES;
	return question_read(r, octet_u16(r->octets + 4));
}

static void question_compare(struct str packet, const struct dns_query *query,
			     struct dns_answer *ret)
{
	uint8_t wire[DNS_QUERY_BYTES];
	int len = dns_query_write(query, wire);
	int match = len < 0 ? 0 : dns_question_matches(packet, wire, (size_t)len);

	ret->has_question = match == 1 || match == 2;
	ret->is_case_kept = match == 1;
}

int dns_answer_read(struct arena *a, struct str packet, const struct dns_query *query,
		    struct dns_answer *ret, struct err *err)
{
	_cleanup_(dns_section_release) struct dns_section section;
	struct reader r = { .arena = a,
			    .packet = packet,
			    .octets = (const uint8_t *)packet.data,
			    .budget = GROWTH * packet.len + GROWTH_FREE_BYTES };
	struct dns_answer answer = { 0 };
	struct arena_mark mark = arena_mark(a);
	int code;

	dns_section_init(&section);
	code = header_take(&r, query, &answer);
	if (!code)
		code = sections_read(&r, query, &section, &answer);
	if (code < 0) {
		arena_rewind(a, mark);
		return err_set(err, code, "no DNS message, at octet %zu: %s", r.at, r.why);
	}
	question_compare(packet, query, &answer);
	if (r.has_edns)
		dns_edns_apply(&r.edns, &answer);
	*ret = answer;
	return 0;
}

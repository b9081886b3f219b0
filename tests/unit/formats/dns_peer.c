/* SPDX-License-Identifier: Apache-2.0 */
/* Does ldns read the same from packets as we do? */
#include <ldns/ldns.h>

#include "tests/unit/formats/dns_generate.h"

#include "formats/dns/message.h"
#include "tests/test.h"

enum { PACKETS = 5000, LINE_BYTES = 70000 };

static struct arena a;

/* One record as both readers must see it: owner, type, class, rdata; TTL apart. */
struct line {
	struct str text;
	uint32_t ttl;
};

struct lines {
	struct line *line;
	size_t count;
};

/* Where names may keep or lose their case, all letters are compared lower. */
static bool has_names(uint16_t type)
{
	static const uint16_t types[] = { 2,  3,  4,  5,  6,  7,  8,  9,  12, 14, 15, 17, 18, 21,
					  24, 26, 30, 33, 35, 36, 39, 46, 47, 64, 65, 66, 107 };

	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		if (types[i] == type)
			return true;
	return false;
}

static struct line line_make(struct str owner_wire, uint16_t type, uint16_t klass, uint32_t ttl,
			     struct str rdata)
{
	struct buf text;

	buf_init(&text, &a);
	buf_put_str(&text, str_lower(&a, owner_wire));
	buf_put(&text, &type, sizeof type);
	buf_put(&text, &klass, sizeof klass);
	buf_put_str(&text, has_names(type) ? str_lower(&a, rdata) : rdata);
	return (struct line){ buf_str(&text), ttl };
}

static int line_order(const void *left, const void *right)
{
	const struct line *l = left, *r = right;
	int order = str_cmp(l->text, r->text);

	return order ? order : (l->ttl > r->ttl) - (l->ttl < r->ttl);
}

/* Sorted, each once, with its lowest TTL. */
static void lines_settle(struct lines *lines)
{
	size_t kept = 0;

	qsort(lines->line, lines->count, sizeof *lines->line, line_order);
	for (size_t i = 0; i < lines->count; i++)
		if (!kept || !str_eq(lines->line[kept - 1].text, lines->line[i].text))
			lines->line[kept++] = lines->line[i];
	lines->count = kept;
}

static void lines_add(struct lines *lines, const struct dns_rr *rr, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t wire[DNS_NAME_WIRE_BYTES];
		int len = dns_name_to_wire(rr[i].owner, wire);

		CHECK(len > 0);
		lines->line[lines->count++] = line_make(str_bytes(wire, (size_t)len), rr[i].type,
							rr[i].klass, rr[i].ttl, rr[i].rdata);
	}
}

/* Rdata that ends inside a name is kept as it came; of types with names that type.h does not list
 * (PX, RT …) nobody says that it is malformed. */
static bool is_as_it_came(const struct dns_rr *rr)
{
	struct str known = dns_type_text(&a, rr->type);

	return rr->is_malformed || (has_names(rr->type) && str_starts(known, STR_LIT("TYPE")));
}

static size_t malformed_count(const struct dns_rr *rr, size_t count)
{
	size_t malformed = 0;

	for (size_t i = 0; i < count; i++)
		malformed += is_as_it_came(&rr[i]);
	return malformed;
}

static struct lines lines_of_ldns(ldns_rr_list *list)
{
	size_t count = ldns_rr_list_rr_count(list);
	struct lines lines = { arena_array(&a, count, sizeof(struct line)), 0 };
	ldns_buffer *octets = ldns_buffer_new(LINE_BYTES);

	for (size_t i = 0; i < count; i++) {
		ldns_rr *rr = ldns_rr_list_rr(list, i);
		size_t owner_len = ldns_rdf_size(ldns_rr_owner(rr)), fixed = owner_len + 10;
		struct str wire;

		ldns_buffer_clear(octets);
		CHECK(ldns_rr2buffer_wire(octets, rr, LDNS_SECTION_ANSWER) == LDNS_STATUS_OK);
		wire = str_copy(&a,
				str_bytes(ldns_buffer_begin(octets), ldns_buffer_position(octets)));
		lines.line[lines.count++] = line_make(
			str_first(wire, owner_len), (uint16_t)ldns_rr_get_type(rr),
			(uint16_t)ldns_rr_get_class(rr), ldns_rr_ttl(rr), str_from(wire, fixed));
	}
	ldns_buffer_free(octets);
	lines_settle(&lines);
	return lines;
}

static void lines_compare(struct lines ours, struct lines theirs)
{
	CHECK_INT(ours.count, theirs.count);
	for (size_t i = 0; i < ours.count; i++) {
		CHECK(str_eq(ours.line[i].text, theirs.line[i].text));
		CHECK_INT(ours.line[i].ttl, theirs.line[i].ttl);
	}
}

static void section_compare(const struct dns_rr *rr, size_t count, ldns_rr_list *list)
{
	struct lines ours = { arena_array(&a, count, sizeof(struct line)), 0 };
	struct lines theirs = lines_of_ldns(list);

	lines_add(&ours, rr, count);
	lines_settle(&ours);
	CHECK_INT(ours.count, count); /* we say nothing twice */
	lines_compare(ours, theirs);
}

static void answer_section_compare(const struct dns_answer *answer, ldns_pkt *packet)
{
	size_t count = answer->count + answer->chain_count + answer->other_count;
	struct lines ours = { arena_array(&a, count, sizeof(struct line)), 0 };

	lines_add(&ours, answer->rr, answer->count);
	lines_add(&ours, answer->chain, answer->chain_count);
	lines_add(&ours, answer->other, answer->other_count);
	lines_settle(&ours);
	CHECK_INT(ours.count, count);
	lines_compare(ours, lines_of_ldns(ldns_pkt_answer(packet)));
}

static void header_compare(const struct dns_answer *answer, ldns_pkt *packet)
{
	unsigned high = answer->has_edns ? ldns_pkt_edns_extended_rcode(packet) : 0;

	CHECK_INT(answer->rcode, high << 4 | (unsigned)ldns_pkt_get_rcode(packet));
	CHECK(answer->is_authoritative == ldns_pkt_aa(packet));
	CHECK(answer->is_truncated == ldns_pkt_tc(packet));
	CHECK(answer->has_recursion == ldns_pkt_ra(packet));
	CHECK(answer->is_secure == ldns_pkt_ad(packet));
	if (!answer->has_edns)
		return;
	CHECK_INT(answer->edns_size, ldns_pkt_edns_udp_size(packet));
	CHECK_INT(answer->edns_version, ldns_pkt_edns_version(packet));
	CHECK_INT(answer->edns_flags, ldns_pkt_edns_z(packet));
}

static size_t malformed_in(const struct dns_answer *answer)
{
	return malformed_count(answer->rr, answer->count) +
	       malformed_count(answer->chain, answer->chain_count) +
	       malformed_count(answer->other, answer->other_count) +
	       malformed_count(answer->authority, answer->authority_count) +
	       malformed_count(answer->additional, answer->additional_count);
}

static void contents_compare(const struct dns_answer *answer, ldns_pkt *packet)
{
	header_compare(answer, packet);
	if (malformed_in(answer))
		return; /* kept as they came: documented */
	answer_section_compare(answer, packet);
	section_compare(answer->authority, answer->authority_count, ldns_pkt_authority(packet));
	section_compare(answer->additional, answer->additional_count, ldns_pkt_additional(packet));
}

/* The question of the packet, when there is one. */
static struct dns_query query_of(struct str packet)
{
	struct dns_query query = { .name = STR_LIT("."), .type = DNS_A };
	size_t at = DNS_HEADER_BYTES;
	struct str name;

	if (dns_name_from_wire(&a, packet, &at, &name) == 0 && packet.len - at >= 2) {
		query.name = name;
		query.type =
			(uint16_t)((uint8_t)packet.data[at] << 8 | (uint8_t)packet.data[at + 1]);
	}
	return query;
}

static ldns_pkt *read_by_ldns(struct str packet)
{
	ldns_pkt *theirs = NULL;

	if (ldns_wire2pkt(&theirs, (const uint8_t *)packet.data, packet.len) != LDNS_STATUS_OK)
		return NULL;
	return theirs;
}

TEST(both_read_the_same_from_valid_packets)
{
	for (unsigned i = 0; i < PACKETS; i++) {
		struct buf packet;
		struct dns_answer answer;
		struct dns_query query;
		struct err err = { 0 };
		ldns_pkt *theirs;

		test_row("packet %u", i);
		buf_init(&packet, &a);
		dns_generate(&packet, i);
		query = query_of(buf_str(&packet));
		theirs = read_by_ldns(buf_str(&packet));
		CHECK(theirs != NULL);
		CHECK_STR(dns_answer_read(&a, buf_str(&packet), &query, &answer, &err) < 0
				  ? str_of(err.text)
				  : STR_NONE,
			  "");
		CHECK_INT(malformed_in(&answer), 0);
		CHECK(answer.has_question);
		contents_compare(&answer, theirs);
		ldns_pkt_free(theirs);
		arena_release(&a);
	}
}

/*
 * ldns reads on where the fields of a type end, even when the record says that its rdata is longer.
 * Its i-th record must then be smaller than the packet says; from there on it reads other octets.
 */
static bool has_longer_rdata(struct str packet, ldns_pkt *theirs)
{
	size_t at = DNS_HEADER_BYTES;
	ldns_rr_list *all = ldns_pkt_all_noquestion(theirs);
	struct str name;
	bool is_longer = false;

	if (packet.data[5] && dns_name_from_wire(&a, packet, &at, &name) == 0)
		at += 4;
	for (size_t i = 0; i < ldns_rr_list_rr_count(all) && !is_longer; i++) {
		ldns_rr *rr = ldns_rr_list_rr(all, i);
		size_t len, have = 0;

		if (dns_name_from_wire(&a, packet, &at, &name) < 0 || packet.len - at < 10)
			break;
		len = (size_t)(uint8_t)packet.data[at + 8] << 8 | (uint8_t)packet.data[at + 9];
		at += 10 + len;
		for (size_t k = 0; k < ldns_rr_rd_count(rr); k++)
			have += ldns_rdf_size(ldns_rr_rdf(rr, k));
		is_longer = have < len;
	}
	ldns_rr_list_deep_free(all);
	return is_longer;
}

/* What ldns takes and we refuse must be one of the things that message.h says. */
static void strictness_check(const char *why, struct str packet, ldns_pkt *theirs)
{
	static const char *const reasons[] = {
		"octets behind the last record",
		"several questions",
		"it is no response",
		"it answers another operation",
		"a misplaced OPT",
		"broken EDNS",
		"a broken name",
		"names grow",
	};

	for (size_t i = 0; i < ARRAY_COUNT(reasons); i++)
		if (strstr(why, reasons[i]))
			return;
	if (has_longer_rdata(packet, theirs))
		return;
	print_error("only we refuse: %s\n", why);
	fail();
}

TEST(broken_packets_break_no_one)
{
	unsigned both = 0, neither = 0, only_ours = 0, only_theirs = 0;

	for (unsigned i = 0; i < PACKETS; i++) {
		struct buf packet;
		struct dns_answer answer;
		struct dns_query query;
		struct err err = { 0 };
		ldns_pkt *theirs;
		bool is_read;

		test_row("packet %u, mutated", i);
		buf_init(&packet, &a);
		dns_generate(&packet, i);
		dns_mutate(&packet, i);
		query = query_of(buf_str(&packet));
		theirs = read_by_ldns(buf_str(&packet));
		is_read = dns_answer_read(&a, buf_str(&packet), &query, &answer, &err) == 0;
		both += is_read && theirs;
		neither += !is_read && !theirs;
		only_ours += is_read && !theirs;
		only_theirs += !is_read && theirs;
		if (is_read && theirs)
			contents_compare(&answer, theirs);
		else if (theirs)
			strictness_check(err.text, buf_str(&packet), theirs);
		ldns_pkt_free(theirs);
		arena_release(&a);
	}
	print_message("read by both %u, by neither %u, by us %u, by ldns %u\n", both, neither,
		      only_ours, only_theirs);
	CHECK(both > PACKETS / 20 && neither > PACKETS / 20);
}

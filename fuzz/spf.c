/* SPDX-License-Identifier: Apache-2.0 */
/* Do SPF records of strangers stay inside their text and inside the limits? */
#include "formats/mail/spf_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** The input is a few records between NUL octets: the first is the root's, names pick the others. */
struct zone {
	struct arena *arena;
	struct str input;
	unsigned asked;
};

static struct str record_of(const struct zone *zone, struct str name)
{
	struct str rest = zone->input, part = STR_NONE;
	uint64_t pick = str_eq(name, STR_LIT("example.com")) ? 0 : 1 + str_hash(name) % 3;

	while (str_split(&rest, 0, &part) && pick)
		pick--;
	return part;
}

static int lookup(void *ctx, struct str name, uint16_t type, const struct dns_answer **ret)
{
	struct zone *zone = ctx;
	struct dns_answer *answer = ARENA_NEW(zone->arena, struct dns_answer);
	uint64_t hash = str_hash(name) ^ type;

	zone->asked++;
	if (name.len > 1024 || !name.len)
		abort(); /* not in our form */
	if (hash % 16 == 0)
		return hash % 32 ? -EAGAIN : -EIO;
	answer->count = type == DNS_TXT ? 1 : hash % 13;
	answer->rr = arena_array(zone->arena, answer->count + 1, sizeof *answer->rr);
	for (size_t i = 0; i < answer->count; i++) {
		struct dns_rr *rr = &answer->rr[i];

		rr->type = type;
		if (type == DNS_TXT)
			rr->txt.text = record_of(zone, name);
		else if (type == DNS_MX)
			rr->mx.host = STR_LIT("mx.example.com");
		else if (type == DNS_PTR)
			rr->name = STR_LIT("client.example.com");
		else if (type == DNS_AAAA)
			rr->address = address_ipv6("0123456789abcdef");
		else
			rr->address = address_ipv4("\xc0\x00\x02\x01");
	}
	*ret = answer;
	return 0;
}

static void check_terms(const struct spf_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		if (term->offset + term->text.len > record->text.len ||
		    term->text.data != record->text.data + term->offset)
			abort();
	}
	if (record->lookups > record->count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct zone zone = { .arena = &a, .input = str_bytes(data, size) };
	struct spf_dns dns = { .lookup = lookup, .ctx = &zone };
	struct spf_request request = { .sender = STR_LIT("a+b@example.com"),
				       .helo = STR_LIT("mail.example.com"),
				       .client = address_ipv4("\xc0\x00\x02\x63") };
	struct spf_record record;
	struct spf_verdict verdict;
	struct spf_tree tree;
	struct err err;

	if (spf_parse(&a, record_of(&zone, STR_LIT("example.com")), &record, &err) == 0)
		check_terms(&record);
	spf_check_host(&a, &request, &dns, &verdict);
	if (verdict.lookups > SPF_LOOKUPS + 1)
		abort();
	zone.asked = 0;
	spf_tree_walk(&a, STR_LIT("example.com"), &dns, &tree);
	if (zone.asked > 1 + 2 * SPF_TREE_LOOKUPS || tree.count > SPF_TREE_LOOKUPS + 1)
		abort();
	for (size_t i = 1; i < tree.count; i++)
		if (tree.nodes[i].parent >= i)
			abort();
	arena_release(&a);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Are SPF records picked, parsed, evaluated and counted as RFC 7208 says? */
#include "formats/mail/spf_macro.h"
#include "formats/mail/spf_tree.h"
#include "tests/test.h"

/** One record of the tests' DNS; a value of "!wait" or "!error" is no answer. */
struct row {
	const char *name, *type, *value;
};

struct zone {
	struct arena *arena;
	const struct row *rows; /* ends with a NULL name */
	unsigned asked;
};

static uint16_t type_number(const char *text)
{
	uint16_t type;

	CHECK(dns_type_parse(str_of(text), &type) == 0);
	return type;
}

static void row_read(const struct row *row, struct dns_rr *rr)
{
	struct str value = str_of(row->value);

	rr->type = type_number(row->type);
	if (rr->type == DNS_TXT)
		rr->txt.text = value;
	else if (rr->type == DNS_MX)
		rr->mx.host = value;
	else if (rr->type == DNS_PTR)
		rr->name = value;
	else
		CHECK(address_parse(value, &rr->address) == 0);
}

static int lookup(void *ctx, struct str name, uint16_t type, const struct dns_answer **ret)
{
	struct zone *zone = ctx;
	struct dns_answer *answer = ARENA_NEW(zone->arena, struct dns_answer);

	zone->asked++;
	answer->rcode = DNS_NXDOMAIN;
	answer->rr = arena_array(zone->arena, 32, sizeof *answer->rr);
	for (const struct row *row = zone->rows; row->name; row++) {
		if (!str_eq(name, str_of(row->name)))
			continue;
		answer->rcode = DNS_NOERROR;
		if (type_number(row->type) != type)
			continue;
		if (row->value[0] == '!')
			return str_eq(str_of(row->value), STR_LIT("!wait")) ? -EAGAIN : -EIO;
		row_read(row, &answer->rr[answer->count++]);
	}
	*ret = answer;
	return 0;
}

TEST(spf_records_parse_or_say_which_term_is_broken_and_where)
{
	static const struct {
		const char *text, *error; /* NULL: parses */
		unsigned lookups, count;
		char all;
	} rows[] = {
		{ "v=spf1", NULL, 0, 0, 0 },
		{ "V=SPF1 -ALL", NULL, 0, 1, '-' },
		{ "v=spf1  a mx   ptr ~all ", NULL, 3, 4, '~' },
		{ "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all", NULL, 0, 3, '?' },
		{ "v=spf1 a:a.example/24//64 mx//64 all", NULL, 2, 3, '+' },
		{ "v=spf1 include:%{d}._x.example exists:%{i}.x.example redirect=b.example", NULL,
		  3, 3, 0 },
		{ "v=spf1 all redirect=b.example a", NULL, 0, 3, '+' },
		{ "v=spf1 moo=%{x} all", "\"moo=%{x}\" at offset 12", 0, 0, 0 },
		{ "v=spf1 moo= all", NULL, 0, 2, '+' },
		{ "v=spf1 al", "\"al\" at offset 8: no known mechanism", 0, 0, 0 },
		{ "v=spf1 all:x", "at offset 11: unexpected text", 0, 0, 0 },
		{ "v=spf1 include:", "a domain is missing", 0, 0, 0 },
		{ "v=spf1 include", "a domain is missing", 0, 0, 0 },
		{ "v=spf1 a:/24", "a domain is missing", 0, 0, 0 },
		{ "v=spf1 a:example", "top-level label", 0, 0, 0 },
		{ "v=spf1 a:x.123", "top-level label", 0, 0, 0 },
		{ "v=spf1 a/33", "at offset 10: not a prefix length of 0 to 32", 0, 0, 0 },
		{ "v=spf1 a/024", "not a prefix length", 0, 0, 0 },
		{ "v=spf1 a//129", "0 to 128", 0, 0, 0 },
		{ "v=spf1 ip4:192.0.2", "\"ip4:192.0.2\" at offset 12: not an IPv4 address", 0, 0,
		  0 },
		{ "v=spf1 ip4:2001:db8::1", "not an IPv4 address", 0, 0, 0 },
		{ "v=spf1 ip4=192.0.2.1 -all", NULL, 0, 2, '-' },
		{ "v=spf1 ip6:::ffff:192.0.2.1/129", "0 to 128", 0, 0, 0 },
		{ "v=spf1 redirect=a.example redirect=b.example", "a second redirect", 0, 0, 0 },
		{ "v=spf1 exp=a.example exp=a.example", "a second exp", 0, 0, 0 },
		{ "v=spf1 -exp=a.example", "no known mechanism", 0, 0, 0 },
		{ "v=spf1 exists:%{i0}.example.com", "at offset 15: not a valid macro", 0, 0, 0 },
		{ "v=spf1\tall", "does not start", 0, 0, 0 },
		{ "v=spf1 a\tall", "\"a\tall\" at offset 9", 0, 0, 0 },
		{ "v=spf10 all", "does not start", 0, 0, 0 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct spf_record record;
		struct err err = { 0 };
		int code = spf_parse(&a, str_of(rows[i].text), &record, &err);

		test_row("%s: %s", rows[i].text, err.text);
		CHECK_INT(code, rows[i].error ? -EBADMSG : 0);
		if (rows[i].error) {
			CHECK(strstr(err.text, rows[i].error) != NULL);
			continue;
		}
		CHECK_INT(record.lookups, rows[i].lookups);
		CHECK_INT(record.count, rows[i].count);
		CHECK_INT(record.all, rows[i].all);
	}
	arena_release(&a);
}

TEST(spf_terms_keep_what_checks_read)
{
	struct str text =
		STR_LIT("v=spf1 ~mx:Mx.Example/28//60 ip4:192.0.2.77/24 include:%{o}.x.example "
			"-all a PTR mx redirect=b.example A");
	struct arena a = { 0 };
	struct spf_record record;
	struct err err;

	CHECK_INT(spf_parse(&a, text, &record, &err), 0);
	CHECK_INT(record.terms[0].qualifier, '~');
	CHECK_STR(record.terms[0].domain, "Mx.Example");
	CHECK_INT(record.terms[0].prefix4, 28);
	CHECK_INT(record.terms[0].prefix6, 60);
	CHECK_INT(record.terms[0].offset, 7);
	CHECK(record.terms[1].has_host_bits && !record.terms[1].has_qualifier);
	CHECK_INT(record.terms[1].network.base.bytes[3], 0);
	CHECK(record.terms[2].has_macros && record.terms[2].needs_sender);
	CHECK(record.has_ptr && record.has_duplicate && !record.has_unknown_modifier);
	CHECK_INT(record.dead_terms, 4);
	CHECK_INT(record.lookups, 2);
	CHECK(record.redirect == &record.terms[7]);
	arena_release(&a);
}

TEST(spf_selection_wants_exactly_one_record)
{
	static const struct {
		const char *texts[3];
		int code;
	} rows[] = {
		{ { "v=spf1 -all", "v=spf10", "other" }, 0 },
		{ { "spf2.0/pra", "v=spf1x", "" }, -ENOMSG },
		{ { "v=spf1 -all", "v=spf1 -all", "" }, -EEXIST },
		{ { "v=spf1 foo", "", "" }, -EBADMSG },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr[3] = { 0 };
		struct dns_answer answer = { .rr = rr, .count = 3 };
		struct spf_record record;

		for (unsigned k = 0; k < 3; k++) {
			rr[k].type = DNS_TXT;
			rr[k].txt.text = str_of(rows[i].texts[k]);
		}
		test_row("%s", rows[i].texts[0]);
		CHECK_INT(spf_select(&a, &answer, &record, NULL), rows[i].code);
	}
	arena_release(&a);
}

/* The examples of RFC 7208 section 7.4. */
TEST(spf_macros_expand_as_in_the_standard)
{
	static const struct {
		const char *text, *expanded;
	} rows[] = {
		{ "%{s}", "strong-bad@email.example.com" },
		{ "%{o}", "email.example.com" },
		{ "%{d}", "email.example.com" },
		{ "%{d4}", "email.example.com" },
		{ "%{d2}", "example.com" },
		{ "%{d1}", "com" },
		{ "%{dr}", "com.example.email" },
		{ "%{d2r}", "example.email" },
		{ "%{l}", "strong-bad" },
		{ "%{l-}", "strong.bad" },
		{ "%{lr}", "strong-bad" },
		{ "%{lr-}", "bad.strong" },
		{ "%{l1r-}", "strong" },
		{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com" },
		{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
		  "bad.strong.lp.3.2.0.192.in-addr._spf.example.com" },
		{ "%%%_%-%{S}", "% %20strong-bad%40email.example.com" },
		{ "%{p}", "unknown" },
	};
	struct spf_macros macros = { .sender = STR_LIT("strong-bad@email.example.com"),
				     .domain = STR_LIT("email.example.com") };
	struct arena a = { 0 };

	CHECK(address_parse(STR_LIT("192.0.2.3"), &macros.ip) == 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		size_t offset;

		test_row("%s", rows[i].text);
		CHECK_INT(spf_macro_check(str_of(rows[i].text), false, NULL, &offset), 0);
		CHECK_STR(spf_macro_expand(&a, str_of(rows[i].text), &macros), rows[i].expanded);
	}
	arena_release(&a);
}

static struct spf_verdict check(struct arena *a, const struct row *rows, const char *client)
{
	struct zone zone = { .arena = a, .rows = rows };
	struct spf_dns dns = { .lookup = lookup, .ctx = &zone };
	struct spf_request request = { .sender = STR_LIT("joe@example.com"),
				       .helo = STR_LIT("mail.example.com") };
	struct spf_verdict verdict;

	CHECK(address_parse(str_of(client), &request.client) == 0);
	spf_check_host(a, &request, &dns, &verdict);
	return verdict;
}

TEST(spf_evaluation_decides_waits_and_fails)
{
	static const struct row plain[] = {
		{ "example.com", "TXT",
		  "v=spf1 ip4:192.0.2.0/24 mx include:b.example -all exp=e.example.com" },
		{ "example.com", "MX", "mx.example.com" },
		{ "mx.example.com", "A", "198.51.100.7" },
		{ "b.example", "TXT", "v=spf1 a:c.example ?all" },
		{ "c.example", "A", "203.0.113.5" },
		{ "e.example.com", "TXT", "%{i} is not ours" },
		{ 0 }
	};
	static const struct row waiting[] = { { "example.com", "TXT",
						"v=spf1 a:w.example ip4:192.0.2.1 -all" },
					      { "w.example", "A", "!wait" },
					      { 0 } };
	static const struct row failing[] = { { "example.com", "TXT", "v=spf1 a:w.example -all" },
					      { "w.example", "A", "!error" },
					      { 0 } };
	static const struct row voids[] = {
		{ "example.com", "TXT", "v=spf1 a:x.example a:y.example a:z.example -all" }, { 0 }
	};
	static const struct row nothing[] = { { "example.com", "TXT", "hello" }, { 0 } };
	struct arena a = { 0 };

	CHECK_INT(check(&a, plain, "192.0.2.9").result, SPF_PASS);
	CHECK_INT(check(&a, plain, "198.51.100.7").result, SPF_PASS);
	CHECK_INT(check(&a, plain, "203.0.113.5").result, SPF_PASS);
	CHECK_INT(check(&a, plain, "::ffff:203.0.113.5").result, SPF_PASS);
	CHECK_INT(check(&a, plain, "203.0.113.6").result, SPF_FAIL);
	CHECK_STR(check(&a, plain, "203.0.113.6").explanation, "203.0.113.6 is not ours");
	CHECK_INT(check(&a, waiting, "192.0.2.1").result, SPF_RESULT_PENDING);
	CHECK_INT(check(&a, failing, "192.0.2.1").result, SPF_TEMPERROR);
	CHECK_STR(check(&a, failing, "192.0.2.1").term, "a:w.example");
	CHECK_INT(check(&a, voids, "192.0.2.1").result, SPF_PERMERROR);
	CHECK_INT(check(&a, nothing, "192.0.2.1").result, SPF_NONE);
	arena_release(&a);
}

static struct spf_tree walk(struct arena *a, const struct row *rows, unsigned *ret_asked)
{
	struct zone zone = { .arena = a, .rows = rows };
	struct spf_dns dns = { .lookup = lookup, .ctx = &zone };
	struct spf_tree tree;

	spf_tree_walk(a, STR_LIT("example.com"), &dns, &tree);
	*ret_asked = zone.asked;
	return tree;
}

TEST(the_spf_tree_counts_the_worst_case)
{
	static const struct row rows[] = {
		{ "example.com", "TXT", "v=spf1 +all include:never.example" },
		{ 0 },
		{ "example.com", "TXT",
		  "v=spf1 a mx include:B.example ?include:c.example include:%{l}.d.example "
		  "exists:%{i}.e.example "
		  "redirect=r.example" },
		{ "example.com", "A", "192.0.2.1" },
		{ "b.example", "TXT",
		  "v=spf1 ip4:10.0.0.0/8 ip4:192.0.2.0/24 include:example.com -all" },
		{ "c.example", "TXT",
		  "v=spf1 ptr ip4:0.0.0.0/0 a:gone.example include:lost.example +all" },
		{ "r.example", "TXT", "v=spf1 ip6:2001:db8::/32 ~all a" },
		{ 0 }
	};
	struct arena a = { 0 };
	unsigned asked;
	struct spf_tree tree = walk(&a, rows, &asked);

	CHECK_INT(tree.count, 1);
	CHECK_INT(tree.all_pass_node, 0);
	CHECK_INT(tree.lookups, 0);
	CHECK_INT(asked, 1);
	tree = walk(&a, rows + 2, &asked);
	CHECK_INT(tree.lookups, 11);
	CHECK_INT(tree.nodes[0].own_lookups, 7);
	CHECK_INT(tree.count, 7);
	CHECK_STR(tree.nodes[1].domain, "b.example");
	CHECK_INT(tree.nodes[1].lookups, 1);
	CHECK_INT(tree.nodes[2].error, SPF_NODE_LOOP);
	CHECK_INT(tree.nodes[3].lookups, 3);
	CHECK(!tree.nodes[3].is_authorising);
	CHECK_INT(tree.nodes[4].error, SPF_NODE_NXDOMAIN);
	CHECK_INT(tree.nodes[4].parent, 3);
	CHECK_INT(tree.nodes[5].error, SPF_NODE_MACRO);
	CHECK_INT(tree.nodes[6].reach, SPF_NODE_REDIRECT);
	CHECK(tree.is_at_least && tree.is_partial && !tree.is_pending);
	CHECK_INT(tree.all, '~');
	CHECK_INT(tree.all_pass_node, SPF_NODE_NONE); /* "?include" never makes it a pass */
	CHECK_INT(tree.ptr_node, 3);
	CHECK_INT(tree.void_count, 3); /* mx, gone.example, lost.example */
	CHECK_STR(tree.voids[0].name, "example.com");
	CHECK_INT(tree.ipv4_addresses, (1u << 24) + 256);
	CHECK_INT(tree.networks[tree.widest4].network.prefix, 8);
	CHECK_INT(tree.networks[tree.widest6].network.prefix, 32);
	arena_release(&a);
}

TEST(the_spf_tree_bounds_an_include_bomb)
{
	struct row rows[64] = { { "example.com", "TXT", NULL } };
	struct arena a = { 0 };
	struct spf_tree tree;
	struct buf text;
	unsigned asked;

	buf_init(&text, &a);
	buf_put_lit(&text, "v=spf1");
	for (unsigned i = 0; i < 3000; i++)
		buf_printf(&text, " include:%u.%%{d}", i);
	buf_put_char(&text, 0);
	rows[0].value = text.data;
	tree = walk(&a, rows, &asked);
	CHECK_INT(tree.lookups, 3000);
	CHECK(tree.is_at_least);
	CHECK_INT(asked, 1 + SPF_TREE_LOOKUPS);
	arena_release(&a);
}

TEST(the_spf_tree_says_when_it_waits_or_lacks_something)
{
	static const struct row rows[] = { { "example.com", "TXT",
					     "v=spf1 include:w.example include:e.example" },
					   { "w.example", "TXT", "!wait" },
					   { "e.example", "TXT", "!error" },
					   { 0 } };
	struct arena a = { 0 };
	unsigned asked;
	struct spf_tree tree = walk(&a, rows, &asked);

	CHECK(tree.is_pending && tree.is_partial);
	CHECK_INT(asked, 3);
	CHECK_INT(tree.nodes[1].error, SPF_NODE_PENDING);
	CHECK_INT(tree.nodes[2].error, SPF_NODE_UNREACHABLE);
	arena_release(&a);
}

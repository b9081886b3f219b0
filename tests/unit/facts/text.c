/* SPDX-License-Identifier: Apache-2.0 */
/* Does a line of text state the fact that it should, and is nonsense refused with a reason? */
#include "facts/text.h"

#include "tests/test.h"

static struct arena arena;

static struct fact fact_of(const char *line)
{
	struct err err = { 0 };
	struct fact fact = { 0 };

	test_row("%s", line);
	if (fact_parse(&arena, str_of(line), &fact, &err) < 0)
		print_error("%s: %s\n", line, err.text);
	CHECK_INT(err.code, 0);
	return fact;
}

TEST(records_follow_each_other_and_are_sorted)
{
	struct fact fact = fact_of("dns Example.com. MX 20 b.example.com. 10 a.example.com.");
	const struct dns_answer *mx = fact.dns;

	CHECK(fact.question.kind == KIND_dns && fact.question.dns.type == DNS_MX);
	CHECK_STR(fact.question.dns.name, "example.com");
	CHECK(fact_is_answer(&fact) && mx->count == 2 && mx->rcode == DNS_NOERROR);
	CHECK_STR(mx->rr[0].mx.host, "a.example.com");
	CHECK_INT(mx->rr[1].mx.preference, 20);
	CHECK_STR(mx->rr[1].owner, "example.com");
	CHECK_INT(mx->rr[1].ttl, 3600);
	CHECK(mx->has_recursion && mx->has_question && mx->is_case_kept && !mx->is_secure);
	arena_release(&arena);
}

TEST(no_data_nxdomain_and_failures_are_told_apart)
{
	struct fact fact = fact_of("dns a.example.com AAAA");

	CHECK(fact_is_answer(&fact) && !fact.dns->count && !dns_is_nxdomain(fact.dns));
	fact = fact_of("dns nx.example.com A !nxdomain");
	CHECK(fact_is_answer(&fact) && dns_is_nxdomain(fact.dns));
	fact = fact_of("dns b.example.com A !timeout after 5 s");
	CHECK(fact.failure == FAILURE_TIMEOUT && fact_end(&fact) == END_THEIRS && !fact.answer);
	CHECK_STR(fact.detail, "after 5 s");
	fact = fact_of("dns b.example.com A !bogus ede=7 the signature has expired");
	CHECK(fact.failure == FAILURE_BOGUS && fact.dns->ede_code_plus_one == 8);
	CHECK_STR(fact.detail, "the signature has expired");
	fact = fact_of("dns b.example.com A !budget secure=no");
	CHECK(fact_end(&fact) == END_OURS && !fact.answer);
	arena_release(&arena);
}

TEST(options_stand_before_data)
{
	struct fact fact = fact_of("dns www.example.com A secure ttl=300 cname=a.example.net. "
				   "ttl=60 cname=b.example.net. size=900 tc 192.0.2.2 | 192.0.2.1");
	const struct dns_answer *a = fact.dns;

	CHECK(a->is_secure && a->is_truncated && a->chain_count == 2 && a->count == 2);
	CHECK_STR(a->chain[0].owner, "www.example.com");
	CHECK_STR(a->chain[0].name, "a.example.net");
	CHECK_STR(a->chain[1].owner, "a.example.net");
	CHECK_STR(a->rr[0].owner, "b.example.net");
	CHECK_INT(a->chain[0].ttl, 300);
	CHECK_INT(a->rr[0].ttl, 60);
	CHECK_INT(a->rr[0].address.bytes[3], 1);
	CHECK_INT(a->size_bytes, 900);
	arena_release(&arena);
}

TEST(texts_keep_their_blanks_and_end_at_the_bar)
{
	struct fact fact = fact_of("dns example.com TXT \"v=spf1 -all\" | \"a|b\" \"c \\\" | d\"");

	CHECK_INT(fact.dns->count, 2);
	CHECK_STR(fact.dns->rr[0].txt.text, "a|bc \" | d");
	CHECK_INT(fact.dns->rr[0].txt.count, 2);
	CHECK_STR(fact.dns->rr[1].txt.text, "v=spf1 -all");
	arena_release(&arena);
}

TEST(a_server_answers_as_asked_unless_the_line_says_otherwise)
{
	struct fact fact = fact_of("dns_at 192.0.2.53 example.com SOA tcp do rd "
				   "ns1.example.com. host.example.com. 1 2h 30m 2w 5m");
	const struct dns_answer *soa = fact.dns_at;

	CHECK_INT(fact.question.dns_at.flags, DNS_QUERY_TCP | DNS_QUERY_DO | DNS_QUERY_RD);
	CHECK(address_eq(&fact.from, &fact.question.dns_at.server));
	CHECK(soa->is_authoritative && soa->is_tcp && soa->has_edns && !soa->has_recursion);
	CHECK_INT(soa->edns_flags, 0x8000);
	CHECK_INT(soa->rr[0].soa.refresh, 7200);
	CHECK_INT(soa->rr[0].soa.expire, 14 * 86400);
	fact = fact_of("dns_at 192.0.2.53 example.com SOA edns1");
	CHECK(fact.dns_at->rcode == DNS_BADVERS && !fact.dns_at->is_authoritative);
	fact = fact_of("dns_at 192.0.2.53 example.com SOA opcode15");
	CHECK(fact.dns_at->rcode == DNS_NOTIMP);
	fact = fact_of("dns_at 192.0.2.53 example.com SOA edns1 rcode=NOERROR");
	CHECK(fact.dns_at->rcode == DNS_NOERROR);
	fact = fact_of("dns_at 2001:db8::53 example.com SOA no-edns");
	CHECK(!fact.dns_at->has_edns && !fact.dns_at->edns_size);
	fact = fact_of("dns_at 2001:db8::53 example.com SOA no-opt no-question no-case udp ra");
	CHECK(!fact.dns_at->has_edns && !fact.dns_at->has_question && !fact.dns_at->is_case_kept);
	CHECK(fact.dns_at->has_recursion);
	fact = fact_of("dns_at 192.0.2.53 example.com SOA rcode=REFUSED nsid=\"a b\" cookie=00ff");
	CHECK(fact.dns_at->rcode == DNS_REFUSED && !fact.dns_at->is_authoritative);
	CHECK_STR(fact.dns_at->nsid, "a b");
	CHECK_INT(fact.dns_at->cookie.len, 2);
	fact = fact_of("dns_at 192.0.2.53 example.com SOA !refused");
	CHECK(fact.failure == FAILURE_REFUSED && !fact.answer);
	arena_release(&arena);
}

TEST(sections_hold_records_of_any_name)
{
	struct fact fact = fact_of(
		"dns_at 192.0.2.1 example.com NS do | authority example.com NS ns1.example.com. | "
		"ns2.example.com. | example.com 86400 IN DS 1 13 2 00ff | additional "
		"ns1.example.com 300 A 192.0.2.53 | 192.0.2.54 ns2.example.com. AAAA 2001:db8::1");
	const struct dns_answer *referral = fact.dns_at;

	CHECK(!referral->is_authoritative && !referral->count);
	CHECK_INT(referral->authority_count, 3);
	CHECK_STR(referral->authority[1].name, "ns2.example.com");
	CHECK_INT(referral->authority[2].ttl, 86400);
	CHECK_INT(referral->additional_count, 3);
	CHECK_STR(referral->additional[1].owner, "ns1.example.com");
	CHECK_INT(referral->additional[1].ttl, 300);
	CHECK_INT(referral->additional[2].type, DNS_AAAA);
	fact = fact_of("dns nx.example.com A !nxdomain authority example.com SOA a. b. 1 2 3 4 5");
	CHECK(dns_is_nxdomain(fact.dns) && fact.dns->authority_count == 1);
	fact = fact_of("dns example.com ANY A 192.0.2.1 MX 10 a. | TXT \"x\"");
	CHECK_INT(fact.dns->count, 3);
	fact = fact_of("dns example.com A 192.0.2.1 | other example.com RRSIG A 13 2 300 "
		       "20261222000000 20261122000000 4711 example.com. AAAA");
	CHECK_INT(fact.dns->other[0].rrsig.key_tag, 4711);
	CHECK_INT(fact.dns->other[0].rrsig.signature.len, 3);
	arena_release(&arena);
}

TEST(a_transfer_is_counted_or_refused)
{
	struct fact fact = fact_of("axfr 192.0.2.53 example.com rcode=REFUSED");

	CHECK(fact.axfr->rcode == DNS_REFUSED && !fact.axfr->is_transferred);
	fact = fact_of("axfr 192.0.2.53 example.com records=120");
	CHECK(fact.axfr->is_transferred && fact.axfr->record_count == 120);
	fact = fact_of("axfr 192.0.2.53 example.com example.com 300 SOA a. b. 1 2 3 4 5 | "
		       "www.example.com A 192.0.2.1");
	CHECK(fact.axfr->is_transferred && fact.axfr->count == 2);
	fact = fact_of("axfr 192.0.2.53 example.com !reset");
	CHECK(fact.failure == FAILURE_RESET && !fact.answer);
	arena_release(&arena);
}

TEST(nonsense_is_refused_with_a_reason)
{
	static const struct {
		const char *line, *reason;
	} rows[] = {
		{ "", "a kind of fact is missing" },
		{ "ftp example.com", "\"ftp\": no kind of fact that has a text form" },
		{ "dns", "a name is missing" },
		{ "dns example.com", "a record type is missing" },
		{ "dns example.com XX", "\"XX\": not a record type" },
		{ "dns example.com A 1.2.3", "\"1.2.3\": not an IPv4 address" },
		{ "dns example.com MX 10", "a name is missing" },
		{ "dns example.com MX 70000 a.", "\"70000\": not a number up to 65535" },
		{ "dns example.com TXT \"a", "a quote is not closed" },
		{ "dns example.com A ttl=x", "ttl=x: not a number up to 4294967295" },
		{ "dns example.com A rcode=WHAT", "\"WHAT\": not a response code" },
		{ "dns example.com A !what", "\"what\": not a response code" },
		{ "dns_at example.com A", "\"example.com\": not an IP address" },
		{ "dns a. A cname=", "a name is missing" },
		{ "dns a. A answer a. NS b.", "answer: a record of another type than was asked "
					      "for; \"other\" has room for it" },
		{ "dns a. A chain a. A 192.0.2.1", "chain: neither CNAME nor DNAME" },
		{ "axfr 192.0.2.1 a. records=many", "records=many: not a number up to 4294967295" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };
		struct fact fact;

		test_row("%s", rows[i].line);
		CHECK(fact_parse(&arena, str_of(rows[i].line), &fact, &err) < 0);
		CHECK_STR(str_of(err.text), rows[i].reason);
	}
	arena_release(&arena);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Are answers read as sent, divided by what was asked, and refused when they are not whole? */
#include "formats/dns/message.h"
#include "tests/test.h"

static struct arena a;

/* clang-format off */
#define OCTETS(literal) { "" literal, sizeof(literal) - 1 }
#define HEADER(flags, an, ns, ar) "\x12\x34" flags "\0\1\0" an "\0" ns "\0" ar
#define ASKED "\7example\3com\0" /* at 12; com at 20 */
#define Q_A ASKED "\0\1\0\1"	 /* records begin at 29 */
#define RR(owner, type, len, rdata) owner "\0" type "\0\1\0\0\0\x3c\0" len rdata
#define SELF "\xc0\x0c"
#define COM "\xc0\x14"
#define A_RR(owner, last) RR(owner, "\1", "\4", "\xc0\0\2" last)
#define CNAME_RR(owner, len, target) RR(owner, "\5", len, target)
#define OPT_RR(len, options) "\0\0\x29\4\xd0\0\0\x80\0\0" len options
#define OK "\x81\x80"
/* clang-format on */

static void show_section(struct buf *out, const char *name, const struct dns_rr *rr, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%s%s: %.*s %.*s ", out->len ? "; " : "", name, STR(rr[i].owner),
			   STR(dns_type_text(&a, rr[i].type)));
		if (rr[i].is_malformed)
			buf_put_lit(out, "malformed");
		else
			dns_rdata_text(out, &rr[i]);
	}
}

static struct str show(const struct dns_answer *answer)
{
	struct buf out;

	buf_init(&out, &a);
	show_section(&out, "rr", answer->rr, answer->count);
	show_section(&out, "chain", answer->chain, answer->chain_count);
	show_section(&out, "other", answer->other, answer->other_count);
	show_section(&out, "authority", answer->authority, answer->authority_count);
	show_section(&out, "additional", answer->additional, answer->additional_count);
	return buf_str(&out);
}

static int read_as(struct str packet, uint16_t type, struct dns_answer *ret, struct err *err)
{
	struct dns_query query = { .name = STR_LIT("example.com"), .type = type };

	return dns_answer_read(&a, packet, &query, ret, err);
}

struct row {
	const char *what;
	uint16_t type;
	struct str packet;
	const char *want;
};

static const struct row good[] = {
	{ "no data", DNS_A, OCTETS(HEADER(OK, "\0", "\0", "\0") Q_A), "" },
	{ "one address", DNS_A, OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A A_RR(SELF, "\1")),
	  "rr: example.com A 192.0.2.1" },
	{ "sorted, once each", DNS_A,
	  OCTETS(HEADER(OK, "\4", "\0", "\0") Q_A A_RR(SELF, "\3") A_RR(SELF, "\1")
			 A_RR("\7eXample\3coM\0", "\3") A_RR(SELF, "\2")),
	  "rr: example.com A 192.0.2.1; rr: example.com A 192.0.2.2; rr: example.com A 192.0.2.3" },
	{ "strays stand apart", DNS_A,
	  OCTETS(HEADER(OK, "\3", "\0", "\0") Q_A A_RR(COM, "\1") A_RR(SELF, "\2")
			 RR(SELF, "\x10", "\2", "\1x")),
	  "rr: example.com A 192.0.2.2; other: com A 192.0.2.1; other: example.com TXT \"x\"" },
	{ "any type", DNS_ANY,
	  OCTETS(HEADER(OK, "\2", "\0", "\0") Q_A RR(SELF, "\x10", "\2", "\1x") A_RR(SELF, "\2")),
	  "rr: example.com A 192.0.2.2; rr: example.com TXT \"x\"" },
	{ "a chain, sent backwards", DNS_A,
	  OCTETS(HEADER(OK, "\3", "\0", "\0") Q_A A_RR("\1b" COM, "\1")
			 CNAME_RR("\1a" COM, "\4", "\1b" COM) CNAME_RR(SELF, "\4", "\1A" COM)),
	  "rr: b.com A 192.0.2.1; chain: example.com CNAME a.com.; chain: a.com CNAME b.com." },
	{ "a chain to nothing", DNS_A,
	  OCTETS(HEADER("\x81\x83", "\1", "\0", "\0") Q_A CNAME_RR(SELF, "\4", "\1a" COM)),
	  "chain: example.com CNAME a.com." },
	{ "asked for the CNAME", DNS_CNAME,
	  OCTETS(HEADER(OK, "\2", "\0", "\0") Q_A CNAME_RR(SELF, "\4", "\1a" COM)
			 CNAME_RR("\1a" COM, "\4", "\1b" COM)),
	  "rr: example.com CNAME a.com.; other: a.com CNAME b.com." },
	{ "a circle", DNS_A,
	  OCTETS(HEADER(OK, "\2", "\0", "\0") Q_A CNAME_RR(SELF, "\4", "\1a" COM)
			 CNAME_RR("\1a" COM, "\2", SELF)),
	  "chain: example.com CNAME a.com.; chain: a.com CNAME example.com." },
	{ "a circle of one", DNS_A,
	  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A CNAME_RR(SELF, "\2", SELF)),
	  "chain: example.com CNAME example.com." },
	{ "two CNAMEs: the first is followed", DNS_A,
	  OCTETS(HEADER(OK, "\4", "\0", "\0") Q_A CNAME_RR(SELF, "\4", "\1b" COM) CNAME_RR(
		  SELF, "\4", "\1a" COM) A_RR("\1b" COM, "\2") A_RR("\1a" COM, "\1")),
	  "rr: a.com A 192.0.2.1; chain: example.com CNAME a.com.; other: b.com A 192.0.2.2; "
	  "other: example.com CNAME b.com." },
	{ "DNAME with its CNAME", DNS_A,
	  OCTETS(HEADER(OK, "\3", "\0", "\0") Q_A A_RR("\7example\1x\0", "\1")
			 CNAME_RR(SELF, "\xb", "\7example\1x\0") RR(COM, "\x27", "\3", "\1x\0")),
	  "rr: example.x A 192.0.2.1; chain: com DNAME x.; chain: example.com CNAME example.x." },
	{ "DNAME alone", DNS_A,
	  OCTETS(HEADER(OK, "\2", "\0", "\0") Q_A A_RR("\7example\1x\0", "\1")
			 RR(COM, "\x27", "\3", "\1x\0")),
	  "rr: example.x A 192.0.2.1; chain: com DNAME x." },
	{ "a DNAME does not speak for itself", DNS_A,
	  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A RR(SELF, "\x27", "\3", "\1x\0")),
	  "other: example.com DNAME x." },
	{ "NXDOMAIN with its SOA", DNS_A,
	  OCTETS(HEADER("\x81\x83", "\0", "\1", "\0") Q_A RR(
		  COM, "\6", "\x1a", "\1N" COM COM "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5")),
	  "authority: com SOA n.com. com. 1 2 3 4 5" },
	{ "a referral with glue", DNS_A,
	  OCTETS(HEADER("\x80\0", "\0", "\1", "\1") Q_A RR(SELF, "\2", "\5", "\2NS" SELF)
			 A_RR("\xc0\x29", "\7")),
	  "authority: example.com NS ns.example.com.; additional: ns.example.com A 192.0.2.7" },
	{ "MX, compressed and lowered", DNS_MX,
	  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A RR(SELF, "\xf", "\x9", "\0\xa\4MaiL" SELF)),
	  "rr: example.com MX 10 mail.example.com." },
	{ "SRV, compressed though it must not be", DNS_SRV,
	  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A RR(SELF, "\x21", "\x8", "\0\1\0\2\0\3" SELF)),
	  "rr: example.com SRV 1 2 3 example.com." },
	{ "malformed MX", DNS_MX,
	  OCTETS(HEADER(OK, "\2", "\0", "\0") Q_A RR(SELF, "\xf", "\1", "\0")
			 RR(SELF, "\xf", "\4", "\0\1\5a")),
	  "rr: example.com MX malformed; rr: example.com MX malformed" },
	{ "malformed A", DNS_A, OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A RR(SELF, "\1", "\0", "")),
	  "rr: example.com A malformed" },
	{ "no question comes back", DNS_A, OCTETS("\x12\x34\x80\1\0\0\0\0\0\0\0\0"), "" },
	{ "an unknown type", 65280,
	  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A SELF "\xff\0\0\1\0\0\0\0\0\2\xc0\x0c"),
	  "rr: example.com TYPE65280 \\# 2 c00c" },
};

TEST(answers_are_read_and_divided)
{
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		struct dns_answer answer;
		struct err err = { 0 };

		test_row("%s", good[i].what);
		CHECK_INT(read_as(good[i].packet, good[i].type, &answer, &err), 0);
		CHECK_STR(show(&answer), good[i].want);
		CHECK_INT(answer.size_bytes, good[i].packet.len);
	}
	arena_release(&a);
}

TEST(no_cut_message_is_read)
{
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		for (size_t len = 0; len < good[i].packet.len; len++) {
			/* a copy of exactly len octets, so that a sanitizer sees what lies behind */
			char *cut = memory_alloc(len);
			struct dns_answer answer = { .size_bytes = 7 };
			struct err err = { 0 };

			memcpy(cut, good[i].packet.data, len);
			test_row("%s, cut at %zu", good[i].what, len);
			CHECK_INT(read_as(str_bytes(cut, len), DNS_A, &answer, &err), ERR_SYNTAX);
			CHECK(strstr(err.text, "octet") != NULL);
			CHECK_INT(answer.size_bytes, 7);
			memory_free(cut);
		}
	}
	arena_release(&a);
}

TEST(no_octet_may_follow)
{
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		struct str longer = str_printf(&a, "%.*sx", 0, "");
		struct dns_answer answer;
		struct buf b;

		test_row("%s", good[i].what);
		buf_init(&b, &a);
		buf_put_str(&b, good[i].packet);
		buf_put_str(&b, longer);
		CHECK_INT(read_as(buf_str(&b), DNS_A, &answer, NULL), ERR_SYNTAX);
	}
	arena_release(&a);
}

TEST(hostile_messages_are_refused)
{
	static const struct {
		const char *what;
		struct str packet;
		int want;
	} rows[] = {
		{ "a query", OCTETS(HEADER("\1\0", "\0", "\0", "\0") Q_A), ERR_SYNTAX },
		{ "another operation", OCTETS(HEADER("\xa0\0", "\0", "\0", "\0") Q_A), ERR_SYNTAX },
		{ "two questions", OCTETS("\x12\x34\x80\0\0\2\0\0\0\0\0\0" Q_A Q_A), ERR_SYNTAX },
		{ "65,535 records announced",
		  OCTETS("\x12\x34\x80\0\0\1\xff\xff\xff\xff\xff\xff" Q_A), ERR_SYNTAX },
		{ "owner points to itself",
		  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A A_RR("\xc0\x1d", "\1")), ERR_SYNTAX },
		{ "owner points forward",
		  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A A_RR("\xc0\x1f", "\1")), ERR_SYNTAX },
		{ "owner points into the header",
		  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A A_RR("\xc0\x04", "\1")), ERR_SYNTAX },
		{ "rdata points to itself",
		  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A CNAME_RR(SELF, "\2", "\xc0\x29")),
		  ERR_SYNTAX },
		{ "rdata points into the header",
		  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A CNAME_RR(SELF, "\2", "\xc0\0")),
		  ERR_SYNTAX },
		{ "a label of an unknown kind in rdata",
		  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A CNAME_RR(SELF, "\2", "\x40\0")),
		  ERR_SYNTAX },
		{ "rdata longer than the message",
		  OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A RR(SELF, "\1", "\5", "\xc0\0\2\1")),
		  ERR_SYNTAX },
		{ "two OPT",
		  OCTETS(HEADER(OK, "\0", "\0", "\2") Q_A OPT_RR("\0", "") OPT_RR("\0", "")),
		  ERR_SYNTAX },
		{ "OPT among answers", OCTETS(HEADER(OK, "\1", "\0", "\0") Q_A OPT_RR("\0", "")),
		  ERR_SYNTAX },
		{ "OPT below a name",
		  OCTETS(HEADER(OK, "\0", "\0", "\1") Q_A RR(COM, "\x29", "\0", "")), ERR_SYNTAX },
		{ "an option that is cut",
		  OCTETS(HEADER(OK, "\0", "\0", "\1") Q_A OPT_RR("\5", "\0\3\0\2x")), ERR_SYNTAX },
		{ "an option header that is cut",
		  OCTETS(HEADER(OK, "\0", "\0", "\1") Q_A OPT_RR("\3", "\0\3\0")), ERR_SYNTAX },
		{ "an extended error without code",
		  OCTETS(HEADER(OK, "\0", "\0", "\1") Q_A OPT_RR("\5", "\0\xf\0\1x")), ERR_SYNTAX },
		{ "a cookie of 7",
		  OCTETS(HEADER(OK, "\0", "\0", "\1") Q_A OPT_RR("\xb", "\0\xa\0\7"
									"1234567")),
		  ERR_SYNTAX },
		{ "a cookie of 12",
		  OCTETS(HEADER(OK, "\0", "\0", "\1") Q_A OPT_RR("\x10", "\0\xa\0\xc"
									 "123456789012")),
		  ERR_SYNTAX },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_answer answer;

		test_row("%s", rows[i].what);
		CHECK_INT(read_as(rows[i].packet, DNS_A, &answer, NULL), rows[i].want);
	}
	arena_release(&a);
}

TEST(flags_and_edns_are_read)
{
	static const char octets[] =
		HEADER("\x84\x20", "\0", "\0", "\1") Q_A "\0\0\x29\4\xd0\1\2\x80\1\0\x2f"
							 "\0\xf\0\6"
							 "\0\x12"
							 "why\0"
							 "\0\xf\0\2\0\1"
							 "\xff\xff\0\1x"
							 "\0\xa\0\x10"
							 "CCCCCCCCSSSSSSSS"
							 "\0\3\0\2ns";
	struct dns_query query = { .name = STR_LIT("example.com"),
				   .type = DNS_A,
				   .flags = DNS_QUERY_COOKIE,
				   .cookie = { 'C', 'C', 'C', 'C', 'C', 'C', 'C', 'C' } };
	struct str packet = str_bytes(octets, sizeof octets - 1);
	struct dns_answer answer;

	CHECK_INT(dns_answer_read(&a, packet, &query, &answer, NULL), 0);
	CHECK(answer.is_authoritative && !answer.is_truncated && !answer.has_recursion);
	CHECK(answer.is_secure && answer.has_question && answer.is_case_kept && answer.has_edns);
	CHECK_INT(answer.rcode, 16);
	CHECK_INT(answer.edns_version, 2);
	CHECK_INT(answer.edns_size, 1232);
	CHECK_INT(answer.edns_flags, 0x8001);
	CHECK_INT(answer.ede_code_plus_one, 19);
	CHECK_STR(answer.ede_text, "why");
	CHECK_STR(answer.cookie, "SSSSSSSS");
	CHECK_STR(answer.nsid, "ns");
	CHECK_INT(answer.additional_count, 0);
	query.case_bits = 1;
	CHECK_INT(dns_answer_read(&a, packet, &query, &answer, NULL), 0);
	CHECK(answer.has_question && !answer.is_case_kept);
	query.name = STR_LIT("example.org");
	CHECK_INT(dns_answer_read(&a, packet, &query, &answer, NULL), 0);
	CHECK(!answer.has_question && !answer.is_case_kept);
	query.cookie[7]++; /* someone else's answer */
	CHECK_INT(dns_answer_read(&a, packet, &query, &answer, NULL), ERR_SYNTAX);
	query.flags = 0;
	CHECK_INT(dns_answer_read(&a, packet, &query, &answer, NULL), 0);
	arena_release(&a);
}

TEST(the_lowest_ttl_of_equal_records_stays)
{
	static const char octets[] = HEADER(OK, "\2", "\0", "\0") Q_A SELF
		"\0\1\0\1\0\0\0\x3c\0\4\1\2\3\4" SELF "\0\1\0\1\0\0\0\5\0\4\1\2\3\4";
	struct dns_answer answer;

	CHECK_INT(read_as(str_bytes(octets, sizeof octets - 1), DNS_A, &answer, NULL), 0);
	CHECK_INT(answer.count, 1);
	CHECK_INT(answer.rr[0].ttl, 5);
	arena_release(&a);
}

static const uint8_t header_only[] = { 0x12, 0x34, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

static void message_begin(struct buf *out)
{
	buf_init(out, &a);
	buf_put(out, header_only, sizeof header_only);
}

static void count_set(struct buf *out, size_t count)
{
	out->data[6] = (char)(count >> 8);
	out->data[7] = (char)count;
}

TEST(a_chain_ends_after_16_links)
{
	struct buf out;
	struct dns_writer w = { .out = &out, .limit = DNS_MESSAGE_BYTES };
	struct dns_query query = { .name = STR_LIT("n0.x"), .type = DNS_A };
	struct dns_answer answer;

	message_begin(&out);
	for (unsigned i = 0; i < 40; i++) {
		uint8_t wire[DNS_NAME_WIRE_BYTES];
		int len = dns_name_to_wire(str_printf(&a, "n%u.x", i + 1), wire);
		struct dns_rr rr = { .owner = str_printf(&a, "n%u.x", i),
				     .type = DNS_CNAME,
				     .klass = DNS_CLASS_IN,
				     .rdata = str_bytes(wire, (size_t)len) };

		CHECK_INT(dns_writer_put(&w, &rr), 0);
	}
	count_set(&out, 40);
	CHECK_INT(dns_answer_read(&a, buf_str(&out), &query, &answer, NULL), 0);
	CHECK_INT(answer.chain_count, 16);
	CHECK_INT(answer.other_count, 24);
	CHECK_STR(answer.chain[15].name, "n16.x");
	arena_release(&a);
}

/* One long name and thousands of pointers to it. */
TEST(names_may_not_grow_without_end)
{
	struct buf out;
	struct dns_answer answer;
	size_t count = 1;

	message_begin(&out);
	for (unsigned i = 0; i < 120; i++)
		buf_put_lit(&out, "\1\0");
	buf_put_lit(&out, "\0\0\1\0\1\0\0\0\0\0\0");
	for (; out.len + 18 < DNS_MESSAGE_BYTES; count++)
		buf_put_lit(&out, "\1x\xc0\x0c\0\2\0\1\0\0\0\0\0\2\xc0\x0c");
	count_set(&out, count);
	CHECK_INT(read_as(buf_str(&out), DNS_A, &answer, NULL), ERR_LIMIT);
	CHECK(arena_held(&a) < 1024 * 1024);
	arena_release(&a);
}

TEST(a_full_message_of_small_records_is_read)
{
	struct buf out;
	struct dns_answer answer;
	size_t count = 0;

	message_begin(&out);
	for (; out.len + 13 <= DNS_MESSAGE_BYTES; count++) {
		buf_put_lit(&out, "\0\xff\0\0\1\0\0\0\0\0\2");
		buf_put_char(&out, (char)(count >> 8));
		buf_put_char(&out, (char)count);
	}
	count_set(&out, count);
	CHECK_INT(read_as(buf_str(&out), DNS_A, &answer, NULL), 0);
	CHECK_INT(answer.other_count, count);
	arena_release(&a);
}

TEST(answers_come_back_from_their_bytes)
{
	for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
		struct dns_answer answer, again;
		struct buf first, second;

		test_row("%s", good[i].what);
		CHECK_INT(read_as(good[i].packet, good[i].type, &answer, NULL), 0);
		buf_init(&first, &a);
		desc_encode(&first, &dns_answer_desc, &answer);
		CHECK_INT(desc_decode(&a, &dns_answer_desc, buf_str(&first), &again), 0);
		CHECK_STR(show(&again), good[i].want);
		buf_init(&second, &a);
		desc_encode(&second, &dns_answer_desc, &again);
		CHECK(str_eq(buf_str(&first), buf_str(&second)));
	}
	arena_release(&a);
}

TEST(size_cookie_and_ttl_are_volatile)
{
	struct dns_rr rr = { .owner = STR_LIT("x"), .type = DNS_A, .klass = 1, .ttl = 1 };
	struct dns_rr other = rr;
	struct dns_answer one = { .rr = &rr, .count = 1, .size_bytes = 1, .cookie = STR_LIT("1") };
	struct dns_answer two = { .rr = &other, .count = 1, .size_bytes = 2 };
	struct buf first, second;

	buf_init(&first, &a);
	buf_init(&second, &a);
	desc_encode_stable(&first, &dns_answer_desc, &one);
	desc_encode_stable(&second, &dns_answer_desc, &two);
	CHECK(str_eq(buf_str(&first), buf_str(&second)));
	two.is_secure = true;
	second.len = 0;
	desc_encode_stable(&second, &dns_answer_desc, &two);
	CHECK(!str_eq(buf_str(&first), buf_str(&second)));
	arena_release(&a);
}

TEST(records_are_written_compressed)
{
	struct buf out;
	struct dns_writer w = { .out = &out, .limit = 82 };
	struct dns_rr rr = { .owner = STR_LIT("example.com"),
			     .type = DNS_A,
			     .klass = DNS_CLASS_IN,
			     .ttl = 60,
			     .rdata = STR_LIT("\xc0\0\2\1") };
	static const char want[] = HEADER(OK, "\3", "\0", "\0") Q_A A_RR(SELF, "\1")
		A_RR("\3www" SELF, "\1") A_RR("\1a\xc0\x2d", "\1");

	buf_init(&out, &a);
	buf_put(&out, want, 29);
	CHECK_INT(dns_writer_put(&w, &rr), 0);
	rr.owner = STR_LIT("www.example.com");
	CHECK_INT(dns_writer_put(&w, &rr), 0);
	rr.owner = STR_LIT("a.www.example.com");
	CHECK_INT(dns_writer_put(&w, &rr), ERR_LIMIT);
	CHECK_INT(out.len, 29 + 16 + 20);
	w.limit = sizeof want - 1;
	CHECK_INT(dns_writer_put(&w, &rr), 0);
	CHECK(str_eq(buf_str(&out), str_bytes(want, sizeof want - 1)));
	rr.owner = STR_LIT("a..b");
	CHECK_INT(dns_writer_put(&w, &rr), ERR_SYNTAX);
	rr.owner = STR_LIT(".");
	w.limit = DNS_MESSAGE_BYTES;
	CHECK_INT(dns_writer_put(&w, &rr), 0);
	CHECK_INT(out.data[sizeof want - 1], 0);
	arena_release(&a);
}

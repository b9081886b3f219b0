/* SPDX-License-Identifier: Apache-2.0 */
/* Are records' fields what their octets say, and is rdata that breaks its format marked? */
#include "base/encode.h"
#include "formats/dns/rr.h"
#include "tests/test.h"

static struct arena arena;

static struct dns_rr rr_of_text(const char *type, const char *text)
{
	struct dns_rr rr = { .owner = STR_LIT("a"), .klass = DNS_CLASS_IN };
	struct str rest = str_of(text);

	test_row("%s %s", type, text);
	CHECK_INT(dns_type_parse(str_of(type), &rr.type), 0);
	CHECK_INT(dns_rdata_parse(&arena, &rest, &rr, NULL), 0);
	CHECK(!rr.is_malformed);
	return rr;
}

TEST(fields_are_filled_from_octets)
{
	struct dns_rr rr = rr_of_text("A", "192.0.2.7");

	CHECK(rr.address.family == ADDRESS_IPV4 && rr.address.bytes[3] == 7);
	rr = rr_of_text("AAAA", "2001:db8::7");
	CHECK(rr.address.family == ADDRESS_IPV6 && rr.address.bytes[15] == 7);
	rr = rr_of_text("NS", "NS.Example.");
	CHECK_STR(rr.name, "ns.example");
	rr = rr_of_text("SOA", "m. r. 1 2 3 4 5");
	CHECK_STR(rr.soa.mname, "m");
	CHECK_STR(rr.soa.rname, "r");
	CHECK(rr.soa.serial == 1 && rr.soa.refresh == 2 && rr.soa.retry == 3 &&
	      rr.soa.expire == 4 && rr.soa.minimum == 5);
	rr = rr_of_text("CAA", "128 Issue \"ca.example\"");
	CHECK(rr.caa.flags == 128);
	CHECK_STR(rr.caa.tag, "Issue");
	CHECK_STR(rr.caa.value, "ca.example");
	rr = rr_of_text("DS", "60485 5 1 0a0b");
	CHECK(rr.ds.key_tag == 60485 && rr.ds.algorithm == 5 && rr.ds.digest_type == 1 &&
	      rr.ds.digest.len == 2);
	rr = rr_of_text("RRSIG", "TYPE1234 8 2 300 20261222000000 20261122000000 9 s. AQID");
	CHECK(rr.rrsig.type_covered == 1234 && rr.rrsig.algorithm == 8 && rr.rrsig.labels == 2 &&
	      rr.rrsig.original_ttl == 300 && rr.rrsig.key_tag == 9 &&
	      rr.rrsig.expiration - rr.rrsig.inception == 30 * 86400);
	CHECK_STR(rr.rrsig.signer, "s");
	CHECK_INT(rr.rrsig.signature.len, 3);
	rr = rr_of_text("NSEC3", "1 1 12 aabb 2vptu5timamqttgl4luu9kg21e0aor3s A");
	CHECK(rr.nsec3.hash_algorithm == 1 && rr.nsec3.flags == 1 && rr.nsec3.iterations == 12 &&
	      rr.nsec3.salt.len == 2 && rr.nsec3.next_hash.len == 20);
	CHECK(dns_bitmap_has(rr.nsec3.bitmap, DNS_A));
	rr = rr_of_text("NSEC3PARAM", "1 0 5 -");
	CHECK(rr.nsec3.iterations == 5 && !rr.nsec3.salt.len && !rr.nsec3.bitmap.len);
	rr = rr_of_text("SRV", "1 2 3 t.");
	CHECK(rr.srv.priority == 1 && rr.srv.weight == 2 && rr.srv.port == 3);
	CHECK_STR(rr.srv.target, "t");
	rr = rr_of_text("TLSA", "3 1 2 0a");
	CHECK(rr.tlsa.usage == 3 && rr.tlsa.selector == 1 && rr.tlsa.matching == 2 &&
	      rr.tlsa.data.len == 1);
	rr = rr_of_text("HTTPS", "1 . port=53 alpn=h2");
	CHECK(rr.svcb.priority == 1 && rr.svcb.param_count == 2);
	CHECK_STR(rr.svcb.target, ".");
	CHECK(rr.svcb.params[0].key == 1 && rr.svcb.params[1].key == 3);
	CHECK_STR(rr.svcb.params[0].value, "\002h2");
	rr = rr_of_text("DSYNC", "CDS NOTIFY 5300 n.");
	CHECK(rr.dsync.rrtype == DNS_CDS && rr.dsync.scheme == 1 && rr.dsync.port == 5300);
	CHECK_STR(rr.dsync.target, "n");
	arena_release(&arena);
}

/* RFC 4034 section 5.4. */
TEST(key_tags_are_computed)
{
	struct dns_rr rr = rr_of_text(
		"DNSKEY", "256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMz"
			  "NXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2"
			  "wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==");

	CHECK_INT(rr.dnskey.key_tag, 60485);
	rr = rr_of_text("CDNSKEY",
			"0 3 1 AQIDBAUG"); /* appendix B.1: octets 3 and 2 from the end */
	CHECK_INT(rr.dnskey.key_tag, 0x0405);
	arena_release(&arena);
}

TEST(rdata_that_breaks_its_format_is_marked)
{
	static const struct {
		uint16_t type;
		const char *hex;
	} rows[] = {
		{ DNS_A, "" },
		{ DNS_A, "c00002" },
		{ DNS_A, "c000020101" },
		{ DNS_AAAA, "c0000201" },
		{ DNS_NS, "" },
		{ DNS_NS, "0161" },     /* no root */
		{ DNS_NS, "01610000" }, /* octets behind the name */
		{ DNS_NS, "c000" },     /* a pointer */
		{ DNS_NS, "4061" },     /* a label of 64 octets */
		{ DNS_MX, "000a" },
		{ DNS_SOA, "0000000000010000000200000003000000040000000500" },
		{ DNS_SOA, "000000000001000000020000000300000004000000" },
		{ DNS_TXT, "" },
		{ DNS_TXT, "0561" },
		{ DNS_TXT, "016105" },
		{ DNS_HINFO, "0161" },
		{ DNS_CAA, "00" },
		{ DNS_CAA, "0000" },        /* an empty tag */
		{ DNS_CAA, "00012d61" },    /* "-" in a tag */
		{ DNS_DS, "00010801" },     /* no digest */
		{ DNS_DNSKEY, "0101030d" }, /* no key */
		{ DNS_RRSIG, "00010d0200000e100000000000000000000100" },
		{ DNS_NSEC, "00000140000140" }, /* the same window twice */
		{ DNS_NSEC, "000000" },         /* an empty window */
		{ DNS_NSEC, "00000240" },       /* shorter than it says */
		{ DNS_NSEC3, "010000000000" },  /* an empty hash */
		{ DNS_NSEC3PARAM, "010000000200" },
		{ DNS_TLSA, "030101" },
		{ DNS_SRV, "000100020003" },
		{ DNS_SVCB, "0001" },
		{ DNS_SVCB, "0001000003000135" },                   /* a port of one octet */
		{ DNS_SVCB, "00010000030002003500010003026832" },   /* keys descend */
		{ DNS_SVCB, "0001000001000302683200010003026832" }, /* a key twice */
		{ DNS_SVCB, "0001000001000100" },                   /* an empty ALPN id */
		{ DNS_SVCB, "00010000040003c00002" },               /* a cut address */
		{ DNS_SVCB, "0001000000000400030001" },             /* mandatory descends */
		{ DNS_SVCB, "0001000001" },
		{ DNS_DSYNC, "003b0114b4" },
		{ DNS_LOC, "00" },
		{ DNS_CSYNC, "0000004200030000" },
		{ DNS_URI, "0001" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr = { .type = rows[i].type, .klass = DNS_CLASS_IN };
		struct str text;
		struct buf rdata;

		test_row("%u %s", rows[i].type, rows[i].hex);
		buf_init(&rdata, &arena);
		CHECK_INT(hex_read(&rdata, str_of(rows[i].hex)), 0);
		rr.rdata = buf_str(&rdata);
		rr.soa.serial = 7;
		dns_rr_parse(&arena, &rr);
		CHECK(rr.is_malformed);
		CHECK(!rr.name.len && !rr.soa.serial);
		text = dns_rr_data_text(&arena, &rr); /* shown all the same */
		CHECK(str_starts(text, STR_LIT("\\# ")));
	}
	arena_release(&arena);
}

TEST(types_without_a_format_are_never_malformed)
{
	struct dns_rr rr = { .type = 65280, .rdata = STR_LIT("\001\002") };

	dns_rr_parse(&arena, &rr);
	CHECK(!rr.is_malformed);
	arena_release(&arena);
}

TEST(bitmaps_hold_what_they_say)
{
	struct dns_rr rr = rr_of_text("NSEC", "b. A MX TYPE256 TYPE1234");

	CHECK(dns_bitmap_has(rr.nsec.bitmap, DNS_A) && dns_bitmap_has(rr.nsec.bitmap, DNS_MX));
	CHECK(dns_bitmap_has(rr.nsec.bitmap, 256) && dns_bitmap_has(rr.nsec.bitmap, 1234));
	CHECK(!dns_bitmap_has(rr.nsec.bitmap, DNS_NS) && !dns_bitmap_has(rr.nsec.bitmap, 255));
	CHECK(!dns_bitmap_has(rr.nsec.bitmap, 1235) && !dns_bitmap_has(rr.nsec.bitmap, 65535));
	CHECK(!dns_bitmap_has(STR_NONE, DNS_A));
	CHECK(!dns_bitmap_has(STR_LIT("\000\005\100"), DNS_A));
	arena_release(&arena);
}

TEST(records_have_one_order)
{
	static const struct {
		const char *owner;
		uint16_t type;
		const char *rdata;
	} sorted[] = { { ".", DNS_A, "" },           { "example", DNS_A, "" },
		       { "example", DNS_MX, "a" },   { "example", DNS_MX, "aa" },
		       { "example", DNS_MX, "b" },   { "a.example", DNS_A, "" },
		       { "z.a.example", DNS_A, "" }, { "b.example", DNS_A, "" } };

	for (size_t i = 0; i < ARRAY_COUNT(sorted); i++)
		for (size_t k = 0; k < ARRAY_COUNT(sorted); k++) {
			struct dns_rr a = { .owner = str_of(sorted[i].owner),
					    .type = sorted[i].type,
					    .rdata = str_of(sorted[i].rdata) };
			struct dns_rr b = { .owner = str_of(sorted[k].owner),
					    .type = sorted[k].type,
					    .rdata = str_of(sorted[k].rdata) };
			int order = dns_rr_cmp(&a, &b);

			test_row("%zu %zu", i, k);
			CHECK((order > 0) - (order < 0) == (i > k) - (i < k));
			b.owner = str_copy(&arena, b.owner); /* text of its own */
			CHECK_INT(dns_rr_cmp(&a, &b), order);
		}
	arena_release(&arena);
}

TEST(an_owner_at_the_start_of_the_text_of_another_is_another)
{
	struct dns_rr whole = { .owner = STR_LIT("a.example"), .type = DNS_A };
	struct dns_rr part = { .owner = str_first(whole.owner, 1), .type = DNS_A };

	CHECK(dns_rr_cmp(&part, &whole) < 0);
	CHECK(dns_rr_cmp(&whole, &part) > 0);
}

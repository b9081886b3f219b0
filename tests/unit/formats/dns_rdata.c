/* SPDX-License-Identifier: Apache-2.0 */
/* Is rdata read and written as zone files have it, for every type that has a format? */
#include "base/encode.h"
#include "formats/dns/rdata.h"
#include "tests/test.h"

static struct arena arena;

/* text is what is read; written is what comes out, NULL when it is the same. */
static const struct {
	const char *type, *text, *hex, *written;
} rows[] = {
	{ "A", "192.0.2.1", "c0000201" },
	{ "NS", "NS1.Example.com", "036e7331076578616d706c6503636f6d00", "ns1.example.com." },
	{ "CNAME", ".", "00" },
	{ "DNAME", "a\\.b\\032\\\\c.", "06612e62205c6300", NULL },
	{ "PTR", "a\\\"\\;\\(b\\)\\@\\$.", "0861223b286229402400" },
	{ "PTR", "\\200\\010.", "02c80a00" },
	{ "SOA", "m. r. 4294967295 2h 1h30m 2w 1d",
	  "016d00017200ffffffff00001c20000015180012750000015180",
	  "m. r. 4294967295 7200 5400 1209600 86400" },
	{ "HINFO", "\"PC Intel\" linux", "08504320496e74656c056c696e7578",
	  "\"PC Intel\" \"linux\"" },
	{ "MX", "0 .", "000000" },
	{ "TXT", "\"a b\" c \"\" \"\\\"\\\\\\195\\169\"", "0361206201630004225cc3a9",
	  "\"a b\" \"c\" \"\" \"\\\"\\\\\\195\\169\"" },
	{ "TXT", "\"a\"\"b\"", "01610162", "\"a\" \"b\"" },
	{ "TXT", "a;b", "03613b62", "\"a;b\"" },
	{ "SPF", "\"v=spf1 -all\"", "0b763d73706631202d616c6c" },
	{ "RP", "a. b.", "016100016200" },
	{ "AFSDB", "1 a.", "0001016100" },
	{ "AAAA", "2001:DB8:0::1", "20010db8000000000000000000000001", "2001:db8::1" },
	{ "LOC", "52 22 23.123 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m",
	  "000016138b3cf093810cbce0009895b8" },
	{ "LOC", "1 S 180 W 42849672.95", NULL,
	  "1 0 0.000 S 180 0 0.000 W 42849672.95m 1.00m 10000.00m 10.00m" },
	{ "SRV", "0 5 5060 sip.example.", "0000000513c403736970076578616d706c6500" },
	{ "NAPTR", "100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .",
	  "0064000a0175074532552b7369700e215e2e2a24217369703a6140622100" },
	{ "CERT", "PKIX 1 RSASHA256 AQID", "0001000108010203", "PKIX 1 8 AQID" },
	{ "CERT", "65000 0 0 AQID", "fde8000000010203" },
	{ "DS", "60485 5 1 2BB183AF 5F22588179A53B0A 98631FAD1A292118",
	  "ec4505012bb183af5f22588179a53b0a98631fad1a292118",
	  "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118" },
	{ "CDS", "0 0 0 00", "0000000000" },
	{ "SSHFP", "4 2 0a0b", "04020a0b" },
	{ "RRSIG", "A ECDSAP256SHA256 2 1h 20261222000000 1795305600 4711 Example. AQ ID", NULL,
	  "A 13 2 3600 20261222000000 20261122000000 4711 example. AQID" },
	/* RFC 4034 section 4.3 */
	{ "NSEC", "host.example.com. A MX RRSIG NSEC TYPE1234",
	  "04686f7374076578616d706c6503636f6d000006400100000003041b"
	  "000000000000000000000000000000000000000000000000000020" },
	{ "NSEC", "b. TYPE1234 NS A", NULL, "b. A NS TYPE1234" },
	{ "NSEC", "b.", "016200" },
	{ "DNSKEY", "257 3 13 AQID", "0101030d010203" },
	{ "CDNSKEY", "0 3 0 AA==", "0000030000" },
	{ "NSEC3", "1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG", NULL },
	{ "NSEC3", "1 0 0 - 00", NULL },
	{ "NSEC3PARAM", "1 0 0 -", "0100000000" },
	{ "TLSA", "3 1 1 0a0b", "0301010a0b" },
	{ "SMIMEA", "3 1 1 0a0b", "0301010a0b" },
	{ "OPENPGPKEY", "AQ ID", "010203", "AQID" },
	{ "CSYNC", "66 3 A NS AAAA", "000000420003000460000008" },
	{ "ZONEMD", "2018031500 1 1 0a0b", "7848b78c01010a0b" },
	{ "SVCB", "0 a.", "0000016100" },
	{ "HTTPS", "1 . port=53 alpn=h2,h3", "00010000010006026832026833000300020035",
	  "1 . alpn=\"h2,h3\" port=53" },
	{ "HTTPS",
	  "16 a. mandatory=ipv4hint,alpn alpn=h2 no-default-alpn ipv4hint=192.0.2.1,192.0.2.2 "
	  "ech=AQID ipv6hint=2001:db8::1 key667=\"hello\\210qoo\"",
	  NULL,
	  "16 a. mandatory=alpn,ipv4hint alpn=\"h2\" no-default-alpn ipv4hint=192.0.2.1,192.0.2.2 "
	  "ech=AQID ipv6hint=2001:db8::1 key667=\"hello\\210qoo\"" },
	/* RFC 9460 appendix D.2: commas and backslashes inside an item. */
	{ "SVCB", "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
	  "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832", NULL },
	{ "SVCB", "16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2",
	  "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
	  "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"" },
	{ "DSYNC", "CDS NOTIFY 5300 n.example.", "003b0114b4016e076578616d706c6500" },
	{ "DSYNC", "ANY 200 0 .", "00ffc8000000" },
	{ "URI", "10 1 \"https://example.com/\"", NULL },
	{ "CAA", "0 issue \"ca.example; a=b\"", "0005697373756563612e6578616d706c653b20613d62" },
	{ "CAA", "128 TBS Unknown", "8003544253556e6b6e6f776e", "128 TBS \"Unknown\"" },
	{ "CAA", "0 issue \"\"", "00056973737565" },
	{ "TYPE65280", "\\# 4 0A000001", "0a000001", "\\# 4 0a000001" },
	{ "TYPE65280", "\\# 0", "", NULL },
	{ "A", "\\# 4 0A00 0001", "0a000001", "10.0.0.1" }, /* RFC 3597 section 5 */
	{ "A", "\\# 3 0a0000", "0a0000" },                  /* malformed: as octets */
	{ "NULL", "\\# 1 00", "00" },
};

static struct dns_rr rr_of(const char *type, const char *text)
{
	struct dns_rr rr = { .owner = STR_LIT("a"), .klass = DNS_CLASS_IN };
	struct str rest = str_of(text);
	struct err err = { 0 };

	test_row("%s %s", type, text);
	CHECK_INT(dns_type_parse(str_of(type), &rr.type), 0);
	if (dns_rdata_parse(&arena, &rest, &rr, &err) < 0)
		print_error("%s\n", err.text);
	CHECK_INT(err.code, 0);
	CHECK_INT(str_trim(rest).len, 0);
	return rr;
}

TEST(rdata_becomes_octets_and_text_again)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_rr rr = rr_of(rows[i].type, rows[i].text), again;
		struct str text = dns_rr_data_text(&arena, &rr);
		struct buf hex;

		buf_init(&hex, &arena);
		hex_put(&hex, rr.rdata);
		if (rows[i].hex)
			CHECK_STR(buf_str(&hex), rows[i].hex);
		CHECK_STR(text, rows[i].written ? rows[i].written : rows[i].text);
		again = rr_of(rows[i].type, str_cstring(&arena, text));
		CHECK(str_eq(again.rdata, rr.rdata));
	}
	arena_release(&arena);
}

TEST(every_type_with_a_format_stands_in_the_table_above)
{
	for (unsigned type = 0; type <= UINT16_MAX; type++) {
		bool is_there = false;

		for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
			is_there |=
				str_eq(dns_type_text(&arena, (uint16_t)type), str_of(rows[i].type));
		test_row("type %u", type);
		CHECK(is_there || !rdata_layout((uint16_t)type));
		arena_release(&arena);
	}
}

TEST(several_records_stand_in_one_line)
{
	struct str rest = STR_LIT(" 10 a. 20 b. | 30 c.");
	struct dns_rr rr = { .type = DNS_MX };

	CHECK_INT(dns_rdata_parse(&arena, &rest, &rr, NULL), 0);
	CHECK_STR(rr.mx.host, "a");
	CHECK_INT(dns_rdata_parse(&arena, &rest, &rr, NULL), 0);
	CHECK_STR(rr.mx.host, "b");
	CHECK_STR(str_trim(rest), "| 30 c.");
	rest = STR_LIT("\"a\" b | \"c\"");
	rr.type = DNS_TXT;
	CHECK_INT(dns_rdata_parse(&arena, &rest, &rr, NULL), 0);
	CHECK_STR(rr.txt.text, "ab");
	CHECK_STR(str_trim(rest), "| \"c\"");
	arena_release(&arena);
}

TEST(long_texts_are_cut_into_strings)
{
	char text[604];
	struct str rest = { text, sizeof text };
	struct dns_rr rr = { .type = DNS_TXT };

	memset(text, 'x', sizeof text);
	CHECK_INT(dns_rdata_parse(&arena, &rest, &rr, NULL), 0);
	CHECK(rr.txt.count == 3 && rr.txt.strings[2].len == sizeof text - 510);
	CHECK_INT(rr.txt.text.len, sizeof text);
	arena_release(&arena);
}

TEST(broken_text_is_refused_with_a_reason)
{
	static const struct {
		const char *type, *text, *reason;
	} broken[] = {
		{ "A", "", "an address is missing" },
		{ "A", "256.0.0.1", "\"256.0.0.1\": not an IPv4 address" },
		{ "A", "::1", "\"::1\": not an IPv4 address" },
		{ "AAAA", "192.0.2.1", "\"192.0.2.1\": not an IPv6 address" },
		{ "MX", "-1 a.", "\"-1\": not a number up to 65535" },
		{ "MX", "10 |", "a name is missing" },
		{ "SOA", "m. r. 1 2x 3 4 5", "\"2x\": not a number of seconds" },
		{ "SOA", "m. r. 1 9999999999 3 4 5", "\"9999999999\": not a number of seconds" },
		{ "HINFO", "a", "a character-string is missing" },
		{ "TXT", "", "a character-string is missing" },
		{ "TXT", "\"\\256\"", "\"\"\\256\"\": a broken escape or quote" },
		{ "TXT", "\"\\1\"", "\"\"\\1\"\": a broken escape or quote" },
		{ "TXT", "\"abc\\\"", "a quote is not closed" },
		{ "DS", "1 2 3", "hexadecimal is missing" },
		{ "DS", "1 2 3 abc", "\"abc\": not hexadecimal" },
		{ "DS", "1 NONSENSE 3 abcd", "\"NONSENSE\": not a DNSSEC algorithm" },
		{ "DNSKEY", "257 3 13 AQI", "\"AQI\": not base64" },
		{ "RRSIG", "A 8 2 1 20261322000000 1 1 a. AQID",
		  "\"20261322000000\": not a time as YYYYMMDDHHmmSS" },
		{ "RRSIG", "A 8 2 1 20260230000000 1 1 a. AQID",
		  "\"20260230000000\": not a time as YYYYMMDDHHmmSS" },
		{ "NSEC", "a. WHAT", "\"WHAT\": not a record type" },
		{ "NSEC3", "1 0 0 xy a A", "\"xy\": not hexadecimal" },
		{ "NSEC3", "1 0 0 - zz A", "\"zz\": not base32hex" },
		{ "SVCB", "1 a. what=1", "\"what\": no key of SVCB parameters" },
		{ "SVCB", "1 a. port=x", "\"port=x\": not a value for this SVCB parameter" },
		{ "SVCB", "1 a. port=1 port=2", "\"port=2\": the same key twice" },
		{ "SVCB", "1 a. alpn=", "\"alpn=\": not a value for this SVCB parameter" },
		{ "SVCB", "1 a. alpn=a,,b", "\"alpn=a,,b\": not a value for this SVCB parameter" },
		{ "SVCB", "1 a. no-default-alpn=1",
		  "\"no-default-alpn=1\": not a value for this SVCB parameter" },
		{ "SVCB", "1 a. mandatory=mandatory",
		  "\"mandatory=mandatory\": not a value for this SVCB parameter" },
		{ "SVCB", "1 a. mandatory=alpn,alpn",
		  "\"mandatory=alpn,alpn\": not a value for this SVCB parameter" },
		{ "SVCB", "1 a. ipv4hint=::1",
		  "\"ipv4hint=::1\": not a value for this SVCB parameter" },
		{ "CAA", "0 is-sue \"a\"", "the data does not follow its type's format" },
		{ "LOC", "91 N 4 E 0m", "not a location as \"52 22 23.0 N 4 53 32.0 E -2.0m\"" },
		{ "TYPE65280", "0a", "this type's data is written \\# LENGTH HEX" },
		{ "TYPE65280", "\\# 2 0a", "hexadecimal is missing" },
		{ "TYPE65280", "\\# 1 0a0b", "\"0a0b\": not hexadecimal of the given length" },
		{ "TYPE65280", "\\# 65536", "\"65536\": not a length up to 65535" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(broken); i++) {
		struct str rest = str_of(broken[i].text);
		struct err err = { 0 };
		struct dns_rr rr = { 0 };

		test_row("%s %s", broken[i].type, broken[i].text);
		CHECK_INT(dns_type_parse(str_of(broken[i].type), &rr.type), 0);
		CHECK(dns_rdata_parse(&arena, &rest, &rr, &err) < 0);
		CHECK_STR(str_of(err.text), broken[i].reason);
	}
	arena_release(&arena);
}

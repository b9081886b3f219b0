/* SPDX-License-Identifier: Apache-2.0 */
/* Are queries written octet by octet as asked, and answers matched to them? */
#include "formats/dns/message.h"
#include "tests/test.h"

#define OCTETS(literal)                                                                            \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}
#define QUESTION "\7example\3com\0\0\xf\0\1"

TEST(queries_are_these_octets)
{
	static const struct {
		uint32_t flags;
		struct str want;
	} rows[] = {
		{ DNS_QUERY_NO_EDNS, OCTETS("\x12\x34\0\0\0\1\0\0\0\0\0\0" QUESTION) },
		{ DNS_QUERY_NO_EDNS | DNS_QUERY_RD | DNS_QUERY_AD | DNS_QUERY_CD,
		  OCTETS("\x12\x34\1\x30\0\1\0\0\0\0\0\0" QUESTION) },
		{ DNS_QUERY_RD,
		  OCTETS("\x12\x34\1\0\0\1\0\0\0\0\0\1" QUESTION "\0\0\x29\4\xd0\0\0\0\0\0\0") },
		{ DNS_QUERY_DO,
		  OCTETS("\x12\x34\0\0\0\1\0\0\0\0\0\1" QUESTION "\0\0\x29\4\xd0\0\0\x80\0\0\0") },
		{ DNS_QUERY_EDNS_512 | DNS_QUERY_EDNS_FLAG | DNS_QUERY_EDNS_VERSION_1,
		  OCTETS("\x12\x34\0\0\0\1\0\0\0\0\0\1" QUESTION "\0\0\x29\2\0\0\1\0\x40\0\0") },
		{ DNS_QUERY_COOKIE | DNS_QUERY_NSID | DNS_QUERY_EDNS_OPTION,
		  OCTETS("\x12\x34\0\0\0\1\0\0\0\0\0\1" QUESTION "\0\0\x29\4\xd0\0\0\0\0\0\x14"
			 "\0\xa\0\x8"
			 "COOKIE78"
			 "\0\3\0\0\xfd\xe9\0\0") },
		{ DNS_QUERY_CHAOS | DNS_QUERY_NO_EDNS | DNS_QUERY_COOKIE,
		  OCTETS("\x12\x34\0\0\0\1\0\0\0\0\0\0\7example\3com\0\0\xf\0\3") },
		{ DNS_QUERY_OPCODE_15 | DNS_QUERY_DO, OCTETS("\x12\x34\x78\0\0\0\0\0\0\0\0\0") },
		{ DNS_QUERY_NO_EDNS | DNS_QUERY_TCP | DNS_QUERY_NO_TCP,
		  OCTETS("\x12\x34\0\0\0\1\0\0\0\0\0\0" QUESTION) },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_query query = { .name = STR_LIT("Example.com"),
					   .type = DNS_MX,
					   .id = 0x1234,
					   .flags = rows[i].flags,
					   .cookie = "COOKIE7" };
		uint8_t out[DNS_QUERY_BYTES];

		query.cookie[7] = '8';
		test_row("flags %u", rows[i].flags);
		CHECK_INT(dns_query_write(&query, out), rows[i].want.len);
		CHECK(!memcmp(out, rows[i].want.data, rows[i].want.len));
	}
}

TEST(no_query_for_what_is_no_name)
{
	struct dns_query query = { .name = STR_LIT("a..b"), .type = DNS_A };
	uint8_t out[DNS_QUERY_BYTES];

	CHECK_INT(dns_query_write(&query, out), ERR_SYNTAX);
	query.name = STR_LIT("");
	CHECK_INT(dns_query_write(&query, out), ERR_SYNTAX);
	query.name = STR_LIT("1234567890123456789012345678901234567890123456789012345678901234");
	CHECK_INT(dns_query_write(&query, out), ERR_LIMIT);
}

TEST(the_longest_query_fits)
{
	char text[253];
	struct dns_query query = { .name = { text, sizeof text },
				   .type = DNS_A,
				   .flags = DNS_QUERY_COOKIE | DNS_QUERY_NSID |
					    DNS_QUERY_EDNS_OPTION,
				   .case_bits = UINT64_MAX };
	uint8_t out[DNS_QUERY_BYTES];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 2 ? '.' : 'x';
	CHECK_INT(dns_query_write(&query, out), 12 + 255 + 4 + 11 + 12 + 4 + 4);
	for (unsigned i = 0; i < 127; i++)
		CHECK(out[12 + 2 * i] == 1 && out[13 + 2 * i] == 'X');
}

TEST(letters_take_their_case_from_the_bits)
{
	static const struct {
		const char *name;
		uint64_t bits;
		const char *want;
	} rows[] = {
		{ "example.com", 0, "\7example\3com" },
		{ "example.com", 1, "\7Example\3com" },
		{ "example.com", 0x289, "\7ExaMple\3CoM" },
		{ "1a-b.c", 5,
		  "\4"
		  "1A-b\1C" },
		{ "1a-b.c", UINT64_MAX,
		  "\4"
		  "1A-B\1C" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct dns_query query = { .name = str_of(rows[i].name),
					   .case_bits = rows[i].bits };
		uint8_t out[DNS_QUERY_BYTES];

		test_row("%s", rows[i].name);
		CHECK(dns_query_write(&query, out) > 0);
		CHECK_STR(str_bytes(out + 12, strlen(rows[i].want)), rows[i].want);
	}
}

TEST(headers_are_read)
{
	static const char octets[] = "\xab\xcd\xfa\x85........";
	struct dns_header header = { 0 };

	CHECK_INT(dns_header_read(str_bytes(octets, 12), &header), 0);
	CHECK_INT(header.id, 0xabcd);
	CHECK_INT(header.opcode, 15);
	CHECK_INT(header.rcode, 5);
	CHECK(header.is_response && header.is_truncated);
	for (size_t len = 0; len < 12; len++)
		CHECK_INT(dns_header_read(str_bytes(octets, len), &header), ERR_SYNTAX);
}

TEST(questions_match_octet_for_octet)
{
#define HEADER(questions) "\x12\x34\x80\0\0" questions "\0\0\0\0\0\0"
	static const struct {
		struct str packet;
		int want;
	} rows[] = {
		{ OCTETS(HEADER("\1") "\7exAmple\3com\0\0\xf\0\1"), 1 },
		{ OCTETS(HEADER("\1") "\7exAmple\3com\0\0\xf\0\1more"), 1 },
		{ OCTETS(HEADER("\1") "\7example\3com\0\0\xf\0\1"), 2 },
		{ OCTETS(HEADER("\1") "\7EXAMPLE\3COM\0\0\xf\0\1"), 2 },
		{ OCTETS(HEADER("\0")), 3 },
		{ OCTETS(HEADER("\1")), 0 },
		{ OCTETS(HEADER("\2") "\7exAmple\3com\0\0\xf\0\1"), 0 },
		{ OCTETS(HEADER("\1") "\7exBmple\3com\0\0\xf\0\1"), 0 },
		{ OCTETS(HEADER("\1") "\7exAmple\3con\0\0\xf\0\1"), 0 },
		{ OCTETS(HEADER("\1") "\7exAmple\3com\0\0\xe\0\1"), 0 },
		{ OCTETS(HEADER("\1") "\7example\3com\0\0\xf\0\3"), 0 },
		{ OCTETS(HEADER("\1") "\7exAmple\3com\0\0\xf\0"), 0 },
		{ OCTETS(HEADER("\1") "\xc0\xc"), 0 },
		{ OCTETS("\x12\x34\x80\0\0"), 0 },
	};
	struct dns_query query = { .name = STR_LIT("example.com"), .type = DNS_MX, .case_bits = 4 };
	uint8_t out[DNS_QUERY_BYTES];
	int len = dns_query_write(&query, out);

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("row %zu", i);
		CHECK_INT(dns_question_matches(rows[i].packet, out, (size_t)len), rows[i].want);
	}
	query.flags = DNS_QUERY_OPCODE_15;
	len = dns_query_write(&query, out);
	CHECK_INT(dns_question_matches(rows[4].packet, out, (size_t)len), 1);
	CHECK_INT(dns_question_matches(rows[0].packet, out, (size_t)len), 0);
	CHECK_INT(dns_question_matches(rows[0].packet, out, 5), 0);
}

TEST(frames_are_cut_off_a_stream)
{
	static const char octets[] = "\0\xc"
				     "123456789012"
				     "\0\xd"
				     "abcdefghijklm"
				     "\0\xb"
				     "x";
	struct str message = STR_NONE, rest;

	for (size_t len = 0; len < 14; len++) {
		rest = str_bytes(octets, len);
		CHECK_INT(dns_frame_take(&rest, &message), 0);
		CHECK(rest.len == len && !message.data);
	}
	rest = str_bytes(octets, sizeof octets - 1);
	CHECK_INT(dns_frame_take(&rest, &message), 1);
	CHECK_STR(message, "123456789012");
	CHECK_INT(dns_frame_take(&rest, &message), 1);
	CHECK_STR(message, "abcdefghijklm");
	CHECK_INT(dns_frame_take(&rest, &message), ERR_SYNTAX); /* less than a header */
	CHECK_INT(rest.len, 3);
}

TEST(frames_put_come_back)
{
	struct arena a = { 0 };
	struct buf stream;
	struct str message, rest;
	char *octets = arena_zalloc(&a, DNS_MESSAGE_BYTES + 1);

	for (unsigned i = 12; i <= DNS_MESSAGE_BYTES; i = i * 3 + 1) {
		buf_init(&stream, &a);
		CHECK_INT(dns_frame_put(&stream, str_bytes(octets, i)), 0);
		rest = buf_str(&stream);
		CHECK_INT(dns_frame_take(&rest, &message), 1);
		CHECK(message.len == i && !rest.len);
	}
	buf_init(&stream, &a);
	CHECK_INT(dns_frame_put(&stream, str_bytes(octets, 11)), ERR_LIMIT);
	CHECK_INT(dns_frame_put(&stream, str_bytes(octets, DNS_MESSAGE_BYTES + 1)), ERR_LIMIT);
	CHECK_INT(stream.len, 0);
	arena_release(&a);
}

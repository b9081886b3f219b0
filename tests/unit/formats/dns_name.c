/* SPDX-License-Identifier: Apache-2.0 */
/* Do names survive text and wire, and are hostile ones refused? */
#include "formats/dns/name.h"
#include "tests/test.h"

#include "base/address.h"

static struct arena a;

/* A string of count times text. */
static struct str repeat(struct str text, unsigned count)
{
	struct buf b;

	buf_init(&b, &a);
	for (unsigned i = 0; i < count; i++)
		buf_put_str(&b, text);
	return buf_str(&b);
}

TEST(text_becomes_our_form)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} rows[] = {
		{ "Example.COM", "example.com" },
		{ "example.com.", "example.com" },
		{ ".", "." },
		{ "a", "a" },
		{ "A\\.b.C", "a\\.b.c" },
		{ "a\\\\.b", "a\\\\.b" },
		{ "\\065\\066.c", "ab.c" },
		{ "\\046x.c", "\\.x.c" },
		{ "\\000\\255.c", "\\000\\255.c" },
		{ "a\\ b.c", "a\\032b.c" },
		{ "\\@x", "@x" },
		{ "_dmarc.*.x-y.1", "_dmarc.*.x-y.1" },
		{ "a\\..", "a\\." },
		{ "", NULL },
		{ "..", NULL },
		{ ".a", NULL },
		{ "a..b", NULL },
		{ "a..", NULL },
		{ "a b", NULL },
		{ "a\tb", NULL },
		{ "a\x80", NULL },
		{ "a\x7f", NULL },
		{ "a\\", NULL },
		{ "a\\1", NULL },
		{ "a\\12", NULL },
		{ "a\\12x", NULL },
		{ "a\\256", NULL },
		{ "a\\\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str name = STR_LIT("untouched");
		struct err err = { 0 };
		int result;

		test_row("%s", rows[i].text);
		result = dns_name_parse(&a, str_of(rows[i].text), &name, &err);
		if (rows[i].want) {
			CHECK_INT(result, 0);
			CHECK_STR(name, rows[i].want);
			CHECK_INT(dns_name_parse(&a, name, &name, &err), 0);
			CHECK_STR(name, rows[i].want);
		} else {
			CHECK_INT(result, ERR_SYNTAX);
			CHECK(strstr(err.text, "offset") != NULL);
			CHECK_STR(name, "untouched");
		}
	}
	arena_release(&a);
}

TEST(names_end_at_their_limits)
{
	struct str label63 = repeat(STR_LIT("x"), 63), label64 = repeat(STR_LIT("x"), 64);
	struct str name;
	uint8_t wire[DNS_NAME_WIRE_BYTES];

	CHECK_INT(dns_name_to_wire(label63, wire), 65);
	CHECK_INT(dns_name_to_wire(label64, wire), ERR_LIMIT);
	CHECK_INT(dns_name_to_wire(repeat(STR_LIT("\\000"), 63), wire), 65);
	CHECK_INT(dns_name_to_wire(repeat(STR_LIT("\\000"), 64), wire), ERR_LIMIT);
	/* 127 labels of one octet are 255 octets */
	CHECK_INT(dns_name_to_wire(repeat(STR_LIT("a."), 127), wire), 255);
	CHECK_INT(dns_name_to_wire(str_first(repeat(STR_LIT("a."), 127), 253), wire), 255);
	CHECK_INT(dns_name_to_wire(repeat(STR_LIT("a."), 128), wire), ERR_LIMIT);
	/* 3 × 64 + 62 + 1 = 255 */
	name = str_printf(&a, "%.*s.%.*s.%.*s.%.*s", STR(label63), STR(label63), STR(label63),
			  STR(str_first(label63, 61)));
	CHECK_INT(dns_name_to_wire(name, wire), 255);
	name = str_printf(&a, "%.*s.%.*s.%.*s.%.*s", STR(label63), STR(label63), STR(label63),
			  STR(str_first(label63, 62)));
	CHECK_INT(dns_name_to_wire(name, wire), ERR_LIMIT);
	arena_release(&a);
}

TEST(wire_octets_are_exact)
{
	uint8_t wire[DNS_NAME_WIRE_BYTES];

	CHECK_INT(dns_name_to_wire(STR_LIT("."), wire), 1);
	CHECK_INT(wire[0], 0);
	CHECK_INT(dns_name_to_wire(STR_LIT("WwW.\\000\\.x.de."), wire), 12);
	CHECK(!memcmp(wire, "\3www\3\0.x\2de", 12));
}

TEST(packets_give_names)
{
	static const struct {
		const char *packet;
		size_t len, at;
		const char *want; /* NULL: refused */
		size_t end;
	} rows[] = {
#define PACKET(literal) (literal), sizeof(literal) - 1
		{ PACKET("\0"), 0, ".", 1 },
		{ PACKET("\1a\0"), 0, "a", 3 },
		{ PACKET("\3CoM\0\1b\xc0\0"), 5, "b.com", 9 },
		{ PACKET("\3CoM\0\1b\xc0\0\1c\xc0\5X"), 9, "c.b.com", 13 },
		{ PACKET("\0\xc0\0"), 1, ".", 3 },
		{ PACKET("\4a.\\\x7f\0"), 0, "a\\.\\\\\\127", 6 },
		{ PACKET(""), 0, NULL, 0 },
		{ PACKET("\1"), 0, NULL, 0 },
		{ PACKET("\1a"), 0, NULL, 0 },
		{ PACKET("\1a\0"), 3, NULL, 0 },
		{ PACKET("\1a\0"), 9, NULL, 0 },
		{ PACKET("\xc0"), 0, NULL, 0 },
		{ PACKET("\0\xc0"), 1, NULL, 0 },
		{ PACKET("\xc0\0"), 0, NULL, 0 },             /* to itself */
		{ PACKET("\xc0\2\0"), 0, NULL, 0 },           /* forward */
		{ PACKET("\xc0\1\0"), 0, NULL, 0 },           /* into itself */
		{ PACKET("\1a\xc0\0"), 0, NULL, 0 },          /* to its own start */
		{ PACKET("\1a\xc0\2"), 0, NULL, 0 },          /* pointer to itself */
		{ PACKET("\xc0\2\xc0\0"), 2, NULL, 0 },       /* two that lead to each other */
		{ PACKET("\1a\xc0\4\1b\xc0\0"), 4, NULL, 0 }, /* through another one */
		{ PACKET("\0\xff\xff"), 1, NULL, 0 },
		{ PACKET("\x40\0"), 0, NULL, 0 },
		{ PACKET("\x80\0"), 0, NULL, 0 },
		{ PACKET("\x41\1a\0"), 0, NULL, 0 }, /* RFC 2673 bit labels are gone */
#undef PACKET
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str packet = { rows[i].packet, rows[i].len }, name;
		size_t at = rows[i].at;
		int result;

		test_row("row %zu", i);
		result = dns_name_from_wire(&a, packet, &at, &name);
		if (rows[i].want) {
			CHECK_INT(result, 0);
			CHECK_STR(name, rows[i].want);
			CHECK_INT(at, rows[i].end);
		} else {
			CHECK_INT(result, ERR_SYNTAX);
			CHECK_INT(at, rows[i].at);
		}
	}
	arena_release(&a);
}

/* A ring of two pointers, at every place to every place, read from every offset. Where no octet is
 * zero there is no root, so nothing may be accepted. */
TEST(every_loop_of_twelve_octets_ends)
{
	for (unsigned first = 0; first < 12; first++) {
		for (unsigned target = 0; target < 12; target++) {
			uint8_t octets[14] = { 1, 'a', 1, 'b', 1, 'c', 1, 'd', 1, 'e', 1, 'f' };

			octets[first] = 0xc0;
			octets[first + 1] = (uint8_t)target;
			octets[12] = 0xc0; /* closes the loop */
			octets[13] = (uint8_t)first;
			for (size_t at = 0; at < sizeof octets; at++) {
				struct str packet = str_bytes(octets, sizeof octets), name;
				size_t end = at;

				test_row("%u to %u from %zu", first, target, at);
				CHECK(dns_name_from_wire(&a, packet, &end, &name) < 0 || !first ||
				      !target);
			}
		}
	}
	for (unsigned at = 0; at < 12; at++) {
		uint8_t octets[12] = { 1, 'a', 1, 'b', 1, 'c', 1, 'd', 1, 'e', 0xc0, (uint8_t)at };
		size_t start = 0;
		struct str name;

		test_row("a ring back to %u", at);
		CHECK_INT(dns_name_from_wire(&a, str_bytes(octets, 12), &start, &name), ERR_SYNTAX);
	}
	arena_release(&a);
}

TEST(jumps_are_counted)
{
	uint8_t octets[2 * 130] = { 0 };
	size_t at;
	struct str name;

	for (unsigned i = 1; i < 130; i++) { /* each leads to the one before */
		octets[2 * i] = (uint8_t)(0xc0 | (2 * (i - 1)) >> 8);
		octets[2 * i + 1] = (uint8_t)(2 * (i - 1));
	}
	at = 2 * 127;
	CHECK_INT(dns_name_from_wire(&a, str_bytes(octets, sizeof octets), &at, &name), 0);
	CHECK_STR(name, ".");
	CHECK_INT(at, 2 * 128);
	at = 2 * 128;
	CHECK_INT(dns_name_from_wire(&a, str_bytes(octets, sizeof octets), &at, &name), ERR_SYNTAX);
	arena_release(&a);
}

TEST(wire_names_end_at_their_limits)
{
	char octets[600] = { 0 };
	size_t at = 0;
	struct str name;

	for (unsigned i = 0; i < 128; i++)
		memcpy(octets + 2 * i, "\1a", 2);
	CHECK_INT(dns_name_from_wire(&a, str_bytes(octets, sizeof octets), &at, &name), ERR_LIMIT);
	at = 2;
	CHECK_INT(dns_name_from_wire(&a, str_bytes(octets, sizeof octets), &at, &name), 0);
	CHECK_INT(dns_name_label_count(name), 127);
	memcpy(octets + 300, "\1b\xc0\2", 4); /* one octet too long by way of a pointer */
	at = 300;
	CHECK_INT(dns_name_from_wire(&a, str_bytes(octets, sizeof octets), &at, &name), ERR_LIMIT);
	arena_release(&a);
}

TEST(a_name_cut_anywhere_is_refused)
{
	static const char octets[] = "\3www\7example\3com\0\4mail\xc0\4";
	size_t len = sizeof octets - 1;

	for (size_t cut = 0; cut < len; cut++) {
		size_t at = 17;
		struct str name;

		test_row("cut at %zu", cut);
		CHECK_INT(dns_name_from_wire(&a, str_bytes(octets, cut), &at, &name), ERR_SYNTAX);
		at = 0;
		CHECK_INT(dns_name_from_wire(&a, str_bytes(octets, cut), &at, &name),
			  cut < 17 ? ERR_SYNTAX : 0);
	}
	arena_release(&a);
}

TEST(expanding_lowers_and_keeps_above_the_floor)
{
	static const char octets[] = "\3WwW\0\4MAIL\xc0\0";
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	size_t at = 5;

	CHECK_INT(dns_name_expand(str_bytes(octets, 12), 0, &at, wire), 10);
	CHECK(!memcmp(wire, "\4mail\3www", 10));
	CHECK_INT(at, 12);
	at = 5;
	CHECK_INT(dns_name_expand(str_bytes(octets, 12), 1, &at, wire), ERR_SYNTAX);
	CHECK_INT(dns_name_expand(str_bytes(octets, 11), 0, &at, wire), -ENODATA);
	CHECK_INT(dns_name_expand(str_bytes(octets, 7), 0, &at, wire), -ENODATA);
	CHECK_INT(at, 5);
}

TEST(labels_are_cut_where_dots_separate)
{
	static const struct {
		const char *name;
		unsigned count;
		const char *first, *parent;
	} rows[] = {
		{ ".", 0, "", NULL },           { "com", 1, "com", "." },
		{ "a.b.c", 3, "a", "b.c" },     { "a\\.b.c", 2, "a\\.b", "c" },
		{ "a\\\\.b", 2, "a\\\\", "b" }, { "a\\\\\\.b", 1, "a\\\\\\.b", "." },
		{ "\\046.b", 2, "\\046", "b" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str name = str_of(rows[i].name);

		test_row("%s", rows[i].name);
		CHECK_INT(dns_name_label_count(name), rows[i].count);
		CHECK_STR(dns_name_first_label(name), rows[i].first);
		if (rows[i].parent)
			CHECK_STR(dns_name_parent(name), rows[i].parent);
		else
			CHECK(dns_name_parent(name).data == NULL);
		CHECK_STR(dns_name_last_labels(name, 200), rows[i].name);
		CHECK_STR(dns_name_last_labels(name, 0), ".");
	}
	CHECK_STR(dns_name_last_labels(STR_LIT("a.b.c.d"), 2), "c.d");
	CHECK_STR(dns_name_child(&a, STR_LIT("_dmarc"), STR_LIT("b.c")), "_dmarc.b.c");
	CHECK_STR(dns_name_child(&a, STR_LIT("a.b"), STR_LIT(".")), "a.b");
	arena_release(&a);
}

TEST(names_are_under_whole_labels)
{
	static const struct {
		const char *name, *ancestor;
		bool want;
	} rows[] = {
		{ "a.b", "a.b", true },  { "x.a.b", "a.b", true },    { "xa.b", "a.b", false },
		{ "b", "a.b", false },   { "a.b", ".", true },        { ".", ".", true },
		{ ".", "a", false },     { "x\\.a.b", "a.b", false }, { "x\\\\.a.b", "a.b", true },
		{ "a.b", "b.a", false }, { "\\.a.b", "a.b", false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s under %s", rows[i].name, rows[i].ancestor);
		CHECK(dns_name_is_under(str_of(rows[i].name), str_of(rows[i].ancestor)) ==
		      rows[i].want);
	}
}

/* The example of RFC 4034 section 6.1, in its order. */
TEST(canonical_order_is_that_of_rfc_4034)
{
	static const char *const names[] = {
		".",           "example",         "a.example",       "yljkjljk.a.example",
		"z.a.example", "zabc.a.example",  "z.example",       "\\001.z.example",
		"*.z.example", "\\200.z.example", "a\\.b.z2.example"
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		for (size_t k = 0; k < ARRAY_COUNT(names); k++) {
			int order = dns_name_cmp(str_of(names[i]), str_of(names[k]));

			test_row("%s and %s", names[i], names[k]);
			CHECK((order > 0) - (order < 0) == (i > k) - (i < k));
		}
	}
}

TEST(hostnames_hold_letters_digits_and_inner_hyphens)
{
	static const struct {
		const char *name;
		bool want;
	} rows[] = {
		{ "a.b-c.1", true }, { "xn--bcher-kva.de", true },
		{ "_x.a", false },   { "-a.b", false },
		{ "a-.b", false },   { "a.-b", false },
		{ "a.b-", false },   { "*.a", false },
		{ ".", false },      { "a\\.b", false },
		{ "", false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].name);
		CHECK(dns_name_is_hostname(str_of(rows[i].name)) == rows[i].want);
	}
}

TEST(addresses_have_reverse_names)
{
	struct address address;

	CHECK_INT(address_parse(STR_LIT("192.0.2.17"), &address), 0);
	CHECK_STR(dns_name_reverse(&a, &address), "17.2.0.192.in-addr.arpa");
	CHECK_INT(address_parse(STR_LIT("2001:db8::567:89ab"), &address), 0);
	CHECK_STR(dns_name_reverse(&a, &address),
		  "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
	arena_release(&a);
}

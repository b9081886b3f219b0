/* SPDX-License-Identifier: Apache-2.0 */
/* Are typed names, internationalised names and public suffixes understood? */
#include "formats/names/idna.h"
#include "formats/names/input.h"
#include "formats/names/psl.h"
#include "formats/names/punycode.h"
#include "tests/test.h"

TEST(typed_names_become_names_with_a_note)
{
	static const struct {
		const char *typed, *name, *note;
		uint8_t kind;
	} rows[] = {
		{ "example.com", "example.com", "", NAME_INPUT_PLAIN },
		{ "  Example.COM.\r\n", "example.com", "", NAME_INPUT_PLAIN },
		{ "com", "com", "", NAME_INPUT_PLAIN },
		{ "_dmarc.Example.com", "_dmarc.example.com", "", NAME_INPUT_PLAIN },
		{ "a--b.example", "a--b.example", "", NAME_INPUT_PLAIN },
		{ "https://EXAMPLE.com/x", "example.com",
		  "https://EXAMPLE.com/x taken as example.com", NAME_INPUT_URL },
		{ "http://user:pw@example.com:8080/?q=a@b#f", "example.com",
		  "http://user:pw@example.com:8080/?q=a@b#f taken as example.com", NAME_INPUT_URL },
		{ "example.com/path", "example.com", "example.com/path taken as example.com",
		  NAME_INPUT_URL },
		{ "example.com:443", "example.com", "example.com:443 taken as example.com",
		  NAME_INPUT_URL },
		{ "//example.com./", "example.com", "//example.com./ taken as example.com",
		  NAME_INPUT_URL },
		{ "joe@example.com", "example.com", "joe@example.com taken as example.com",
		  NAME_INPUT_MAIL },
		{ "mailto:joe/x@example.com", "example.com",
		  "mailto:joe/x@example.com taken as example.com", NAME_INPUT_MAIL },
		{ "*.example.com", "example.com", "*.example.com taken as example.com",
		  NAME_INPUT_WILDCARD },
		{ "b\xc3\xbc"
		  "cher.example",
		  "xn--bcher-kva.example",
		  "b\xc3\xbc"
		  "cher.example taken as xn--bcher-kva.example",
		  NAME_INPUT_UNICODE },
		{ "B\xc3\x9c"
		  "CHER\xe3\x80\x82"
		  "example\xe3\x80\x82",
		  "xn--bcher-kva.example",
		  "B\xc3\x9c"
		  "CHER\xe3\x80\x82"
		  "example\xe3\x80\x82 taken as xn--bcher-kva.example",
		  NAME_INPUT_UNICODE },
		{ "fa\xc3\x9f.de", "xn--fa-hia.de", "fa\xc3\x9f.de taken as xn--fa-hia.de",
		  NAME_INPUT_UNICODE },
		{ "XN--Fa-Hia.de", "xn--fa-hia.de", "", NAME_INPUT_PLAIN },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct name_input input;
		struct err err = { 0 };
		int code = name_input_read(&a, str_of(rows[i].typed), &input, &err);

		test_row("%s: %s", rows[i].typed, err.text);
		CHECK_INT(code, 0);
		CHECK_STR(input.name, rows[i].name);
		CHECK_STR(input.note, rows[i].note);
		CHECK_INT(input.kind, rows[i].kind);
	}
	arena_release(&a);
}

TEST(typed_text_that_is_no_name_is_refused_with_the_place)
{
	static const struct {
		const char *typed, *error;
		int code;
	} rows[] = {
		{ "exmaple .com", "\"exmaple .com\": a space inside a label (column 8)",
		  ERR_SYNTAX },
		{ "  exmaple .com", "\"exmaple .com\": a space inside a label (column 10)",
		  ERR_SYNTAX },
		{ "b\xc3\xbc"
		  "cher .com",
		  "a space inside a label (column 7)", ERR_SYNTAX },
		{ "", "no domain name; give one such as example.com", ERR_SYNTAX },
		{ " \t", "no domain name", ERR_SYNTAX },
		{ ".", "no domain name in it", ERR_SYNTAX },
		{ "https://", "no domain name in it", ERR_SYNTAX },
		{ "joe@", "no domain name in it", ERR_SYNTAX },
		{ "example..com", "an empty label: two dots in a row, or one in front (column 9)",
		  ERR_SYNTAX },
		{ ".example.com", "or one in front (column 1)", ERR_SYNTAX },
		{ "exa!mple.com", "\"!\" is not allowed in a domain name (column 4)", ERR_SYNTAX },
		{ "a.com,b.com", "one name at a time; put each on a line of its own (column 6)",
		  ERR_SYNTAX },
		{ "a*.example.com", "a \"*\" that is not the whole first label (column 2)",
		  ERR_SYNTAX },
		{ "*.*.example.com", "(column 3)", ERR_SYNTAX },
		{ "-a.example", "a label starts with a hyphen (column 1)", ERR_SYNTAX },
		{ "https://a-.example/", "a label ends with a hyphen (column 9)", ERR_SYNTAX },
		{ "192.0.2.1", "an IP address; give a domain name", -ENOTSUP },
		{ "192.0.2.0/24", "an IP address", -ENOTSUP },
		{ "http://192.0.2.1:80/", "an IP address", -ENOTSUP },
		{ "2001:db8::1", "an IP address", -ENOTSUP },
		{ "https://[2001:db8::1]:443/", "an IP address", -ENOTSUP },
		{ "192.0.2", "the last label is a number: no top-level domain is one (column 7)",
		  ERR_SYNTAX },
		{ "a\x01.com", "a control character (column 2)", ERR_SYNTAX },
		{ "a\xff.com", "not UTF-8 text (column 2)", ERR_SYNTAX },
		{ "a\xc2\xa0"
		  "b.com",
		  "a space inside a label", ERR_SYNTAX },
		{ "a\xef\xbc\x8f"
		  "b.com",
		  "not allowed", ERR_SYNTAX },
		{ "xn--99999999.com", "\"xn--99999999\" is no Punycode", ERR_SYNTAX },
		{ "xn--example-.com", "encodes only ASCII", ERR_SYNTAX },
		{ "a\xd7\x90.com", "left-to-right and right-to-left", ERR_SYNTAX },
		{ "\xcc\x80"
		  "a.com",
		  "starts with a combining mark", ERR_SYNTAX },
		{ "a\xe2\x80\x8d"
		  "b.com",
		  "U+200D: an invisible joiner", ERR_SYNTAX },
		{ "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg.com",
		  "a label longer than 63 characters (column 1)", ERR_SYNTAX },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct name_input input;
		struct err err = { 0 };
		int code = name_input_read(&a, str_of(rows[i].typed), &input, &err);

		test_row("%s: %s", rows[i].typed, err.text);
		CHECK_INT(code, rows[i].code);
		CHECK(strstr(err.text, rows[i].error) != NULL);
	}
	arena_release(&a);
}

TEST(a_typed_name_may_have_253_octets_and_no_more)
{
	struct arena a = { 0 };
	struct name_input input;
	struct err err;
	struct buf text;

	buf_init(&text, &a);
	for (unsigned i = 0; i < 125; i++)
		buf_put_lit(&text, "a.");
	buf_put_lit(&text, "com");
	CHECK_INT(name_input_read(&a, buf_str(&text), &input, &err), 0);
	CHECK_INT(input.name.len, 253);
	buf_put_lit(&text, "m");
	CHECK_INT(name_input_read(&a, buf_str(&text), &input, &err), ERR_SYNTAX);
	CHECK(strstr(err.text, "longer than 253") != NULL);
	arena_release(&a);
}

TEST(names_are_shown_as_u_labels_where_they_have_some)
{
	static const struct {
		const char *name, *shown;
	} rows[] = {
		{ "xn--bcher-kva.example", "b\xc3\xbc"
					   "cher.example" },
		{ "example.com", "example.com" },
		{ "xn--a.example", "xn--a.example" },
		{ "_dmarc.xn--fa-hia.de", "_dmarc.fa\xc3\x9f.de" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].name);
		CHECK_STR(idna_display(&a, str_of(rows[i].name)), rows[i].shown);
	}
	arena_release(&a);
}

/* RFC 3492 section 7.1 (Q and S) and UAX 15. */
TEST(punycode_and_normalization_follow_their_standards)
{
	static const uint32_t points[] = { 0x305d, 0x306e, 0x30b9, 0x30d4, 0x30fc, 0x30c9, 0x3067 };
	static const uint32_t mixed[] = { 0x71, 0x307, 0x323, 0x1112, 0x1161, 0x11ab };
	static const uint32_t composed[] = { 0x71, 0x323, 0x307, 0xd55c };
	struct arena a = { 0 };
	struct code_points run = { 0 };
	struct buf text;

	buf_init(&text, &a);
	CHECK_INT(punycode_encode(points, ARRAY_COUNT(points), &text), 0);
	CHECK_STR(buf_str(&text), "d9juau41awczczp");
	CHECK_INT(punycode_decode(&a, buf_str(&text), &run), 0);
	CHECK_INT(run.len, ARRAY_COUNT(points));
	CHECK(!memcmp(run.at, points, sizeof points));
	CHECK(punycode_decode(&a, STR_LIT("99999999999999"), &run) < 0);
	run.len = 0;
	for (size_t i = 0; i < ARRAY_COUNT(mixed); i++)
		code_points_put(&a, &run, mixed[i]);
	unicode_nfc(&a, &run);
	CHECK_INT(run.len, ARRAY_COUNT(composed));
	CHECK(!memcmp(run.at, composed, sizeof composed));
	arena_release(&a);
}

TEST(public_suffixes_end_where_registrants_begin)
{
	static const struct {
		const char *name, *suffix, *registrable;
		bool is_private, is_listed;
	} rows[] = {
		{ "www.example.com", "com", "example.com", false, true },
		{ "com", "com", "", false, true },
		{ "a.b.example.co.uk", "co.uk", "example.co.uk", false, true },
		{ "user.github.io", "github.io", "user.github.io", true, true },
		{ "x.y.ck", "y.ck", "x.y.ck", false, true },
		{ "www.ck", "ck", "www.ck", false, true },
		{ "a.www.ck", "ck", "www.ck", false, true },
		{ "a.nosuchtld", "nosuchtld", "a.nosuchtld", false, false },
		{ "a.xn--55qx5d.cn", "xn--55qx5d.cn", "a.xn--55qx5d.cn", false, true },
		{ ".", "", "", false, false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str name = str_of(rows[i].name);

		test_row("%s", rows[i].name);
		CHECK_STR(public_suffix_of(name), rows[i].suffix);
		CHECK_STR(registrable_domain(name), rows[i].registrable);
		CHECK_INT(public_suffix_is(name), str_eq(name, str_of(rows[i].suffix)));
		CHECK_INT(public_suffix_is_private(name), rows[i].is_private);
		CHECK_INT(public_suffix_is_listed(name), rows[i].is_listed);
	}
}

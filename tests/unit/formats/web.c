/* SPDX-License-Identifier: Apache-2.0 */
/* Are URLs, header lines and JSON of strangers read strictly? RFC 3986, RFC 9110, RFC 8259, RFC 6901. */
#include "formats/json_read.h"
#include "formats/web/header.h"
#include "formats/web/url.h"
#include "tests/test.h"

TEST(urls_have_one_reading_or_none)
{
	static const struct {
		const char *text, *canonical; /* NULL: refused */
		const char *host;
		uint16_t port;
	} rows[] = {
		{ "https://Example.COM", "https://example.com/", "example.com", 443 },
		{ "HTTP://example.com:80/a b", NULL, NULL, 0 },
		{ "http://example.com:80/a?b#c", "http://example.com/a?b", "example.com", 80 },
		{ "https://example.com:8443?x", "https://example.com:8443/?x", "example.com",
		  8443 },
		{ "https://example.com./", "https://example.com/", "example.com", 443 },
		{ "https://9.9.9.9/", "https://9.9.9.9/", "9.9.9.9", 443 },
		{ "https://[2001:DB8::1]:444/", "https://[2001:db8::1]:444/", "2001:db8::1", 444 },
		{ "https://example.com/\xc3\xa4", "https://example.com/%C3%A4", "example.com",
		  443 },
		{ "https://_dmarc.example.com/", "https://_dmarc.example.com/",
		  "_dmarc.example.com", 443 },
		{ "ftp://example.com/", NULL, NULL, 0 },
		{ "javascript:alert(1)", NULL, NULL, 0 },
		{ "https:/example.com/", NULL, NULL, 0 },
		{ "//example.com/", NULL, NULL, 0 },
		{ "https:///", NULL, NULL, 0 },
		{ "https://./", NULL, NULL, 0 },
		{ "https://user@example.com/", NULL, NULL, 0 },
		{ "https://example.com@127.0.0.1/", NULL, NULL, 0 },
		{ "https://example.com\\@127.0.0.1/", NULL, NULL, 0 },
		{ "https://example.com:0/", NULL, NULL, 0 },
		{ "https://example.com:65536/", NULL, NULL, 0 },
		{ "https://example.com:8a/", NULL, NULL, 0 },
		{ "https://127.1/", NULL, NULL, 0 },
		{ "https://2130706433/", NULL, NULL, 0 },
		{ "https://0x7f000001/", NULL, NULL, 0 },
		{ "https://0x7f.0.0.1/", NULL, NULL, 0 },
		{ "https://127.0.0.01/", NULL, NULL, 0 },
		{ "https://0177.0.0.1/", NULL, NULL, 0 },
		{ "https://127.0.0.1./", NULL, NULL, 0 },
		{ "https://127.0.0.0x1/", NULL, NULL, 0 },
		{ "https://[::1%25lo]/", NULL, NULL, 0 },
		{ "https://[127.0.0.1]/", NULL, NULL, 0 },
		{ "https://\xe2\x91\xa0.example/", NULL, NULL, 0 },
		{ "https://exa\tmple.com/", NULL, NULL, 0 },
		{ "https://exa%6dple.com/", NULL, NULL, 0 },
		{ "https://example.com/a\r\nHost: x", NULL, NULL, 0 },
		{ "", NULL, NULL, 0 },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct web_url url, again;
		struct err err = { 0 };
		int code = web_url_parse(&a, str_of(rows[i].text), &url, &err);

		test_row("%s: %s", rows[i].text, err.text);
		CHECK((code == 0) == (rows[i].canonical != NULL));
		if (code < 0)
			continue;
		CHECK_STR(url.text, rows[i].canonical);
		CHECK_STR(url.host, rows[i].host);
		CHECK_INT(url.port, rows[i].port);
		CHECK_INT(web_url_parse(&a, url.text, &again, &err), 0);
		CHECK(str_eq(again.text, url.text));
	}
	arena_release(&a);
}

/* RFC 3986 section 5.4, as far as the scheme is http or https. */
TEST(references_are_resolved_as_rfc_3986_says)
{
	static const struct {
		const char *reference, *target;
	} rows[] = {
		{ "g", "http://a/b/c/g" },
		{ "./g", "http://a/b/c/g" },
		{ "g/", "http://a/b/c/g/" },
		{ "/g", "http://a/g" },
		{ "//g", "http://g/" },
		{ "?y", "http://a/b/c/d;p?y" },
		{ "g?y", "http://a/b/c/g?y" },
		{ "#s", "http://a/b/c/d;p?q" },
		{ "g#s", "http://a/b/c/g" },
		{ "g?y#s", "http://a/b/c/g?y" },
		{ ";x", "http://a/b/c/;x" },
		{ "g;x", "http://a/b/c/g;x" },
		{ "", "http://a/b/c/d;p?q" },
		{ ".", "http://a/b/c/" },
		{ "./", "http://a/b/c/" },
		{ "..", "http://a/b/" },
		{ "../", "http://a/b/" },
		{ "../g", "http://a/b/g" },
		{ "../..", "http://a/" },
		{ "../../g", "http://a/g" },
		{ "../../../g", "http://a/g" },
		{ "/./g", "http://a/g" },
		{ "/../g", "http://a/g" },
		{ "g.", "http://a/b/c/g." },
		{ "..g", "http://a/b/c/..g" },
		{ "./../g", "http://a/b/g" },
		{ "g;x=1/../y", "http://a/b/c/y" },
		{ "g?y/../x", "http://a/b/c/g?y/../x" },
		{ "https://127.0.0.1/", "https://127.0.0.1/" },
		{ "\\\\127.0.0.1/", NULL },
		{ "//x@127.0.0.1/", NULL },
		{ "file:///etc/passwd", NULL },
		{ "gopher://a/", NULL },
	};
	struct arena a = { 0 };
	struct web_url base, target;
	struct err err = { 0 };

	CHECK_INT(web_url_parse(&a, STR_LIT("http://a/b/c/d;p?q"), &base, &err), 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		int code = web_url_resolve(&a, &base, str_of(rows[i].reference), &target, &err);

		test_row("%s", rows[i].reference);
		CHECK((code == 0) == (rows[i].target != NULL));
		if (code == 0)
			CHECK_STR(target.text, rows[i].target);
	}
	arena_release(&a);
}

TEST(header_lines_are_a_token_a_colon_and_a_value)
{
	static const struct {
		const char *line, *name, *value; /* NULL: none */
	} rows[] = {
		{ "Content-Type: text/plain\r\n", "Content-Type", "text/plain" },
		{ "X:\r\n", "X", "" },
		{ "X: \t a \t\r\n", "X", "a" },
		{ "X : a", NULL, NULL },
		{ " folded", NULL, NULL },
		{ ": a", NULL, NULL },
		{ "no colon", NULL, NULL },
		{ "X: a\rb", NULL, NULL },
		{ "", NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct web_header header;
		int code = web_header_read(str_of(rows[i].line), &header);

		test_row("%s", rows[i].line);
		CHECK((code == 0) == (rows[i].name != NULL));
		if (code < 0)
			continue;
		CHECK_STR(header.name, rows[i].name);
		CHECK_STR(header.value, rows[i].value);
	}
}

TEST(a_status_line_has_three_digits)
{
	unsigned status;

	CHECK_INT(web_status_read(STR_LIT("HTTP/1.1 200 OK\r\n"), &status), 0);
	CHECK_INT(status, 200);
	CHECK_INT(web_status_read(STR_LIT("HTTP/1.1 404"), &status), 0);
	CHECK_INT(status, 404);
	CHECK(web_status_read(STR_LIT("HTTP/1.1 99 x"), &status) < 0);
	CHECK(web_status_read(STR_LIT("HTTP/1.1 600 x"), &status) < 0);
	CHECK(web_status_read(STR_LIT("ICY 200 OK"), &status) < 0);
}

TEST(media_types_dates_and_delays_are_read)
{
	struct arena a = { 0 };
	int64_t now_us = 784111777000000; /* Sun, 06 Nov 1994 08:49:37 GMT */
	int64_t date_us;

	CHECK_STR(web_media_type(&a, STR_LIT("Text/Plain; charset=utf-8")), "text/plain");
	CHECK_STR(web_media_type(&a, STR_LIT("text")), "");
	CHECK_STR(web_media_type(&a, STR_LIT("text/ plain")), "");
	CHECK_INT(web_date_parse(STR_LIT("Sun, 06 Nov 1994 08:49:37 GMT"), &date_us), 0);
	CHECK_INT(date_us, now_us);
	CHECK(web_date_parse(STR_LIT("Sun, 31 Feb 1994 08:49:37 GMT"), &date_us) < 0);
	CHECK(web_date_parse(STR_LIT("06 Nov 1994 08:49:37"), &date_us) < 0);
	CHECK_INT(web_retry_after_us(STR_LIT("120"), now_us), 120000000);
	CHECK_INT(web_retry_after_us(STR_LIT("Sun, 06 Nov 1994 08:50:37 GMT"), now_us), 60000000);
	CHECK_INT(web_retry_after_us(STR_LIT("Sun, 06 Nov 1994 08:00:00 GMT"), now_us), 0);
	CHECK(web_retry_after_us(STR_LIT("soon"), now_us) < 0);
	arena_release(&a);
}

TEST(json_is_read_strictly)
{
	static const struct {
		const char *text;
		bool is_valid;
	} rows[] = {
		{ " {\"a\":[1,-0.5e+3,true,false,null,\"x\\u00e4\\n\"]} ", true },
		{ "[]", true },
		{ "\"\\ud83d\\ude00\"", true },
		{ "\"\\ud83d\"", true },
		{ "{\"a\":1,}", false },
		{ "[1,]", false },
		{ "[,1]", false },
		{ "{a:1}", false },
		{ "{\"a\" 1}", false },
		{ "01", false },
		{ "1.", false },
		{ ".5", false },
		{ "+1", false },
		{ "[1] x", false },
		{ "\"\t\"", false },
		{ "\"\\x\"", false },
		{ "\"\xff\"", false },
		{ "\"\xc0\x80\"", false },
		{ "\"\xed\xa0\x80\"", false },
		{ "tru", false },
		{ "\"open", false },
		{ "[", false },
		{ "]", false },
		{ "", false },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct json_value *value;
		struct err err = { 0 };

		test_row("%s", rows[i].text);
		CHECK((json_read(&a, str_of(rows[i].text), &value, &err) == 0) == rows[i].is_valid);
	}
	arena_release(&a);
}

TEST(json_is_bounded_in_depth_and_values)
{
	struct arena a = { 0 };
	const struct json_value *value;
	struct err err = { 0 };
	struct buf text;

	buf_init(&text, &a);
	for (int i = 0; i < 100000; i++)
		buf_put_char(&text, '[');
	CHECK_INT(json_read(&a, buf_str(&text), &value, &err), ERR_LIMIT);
	text.len = 0;
	buf_put_char(&text, '[');
	for (int i = 0; i < JSON_READ_VALUES; i++)
		buf_put_lit(&text, "1,");
	buf_put_lit(&text, "1]");
	CHECK_INT(json_read(&a, buf_str(&text), &value, &err), ERR_LIMIT);
	arena_release(&a);
}

/* RFC 6901 section 5. */
TEST(json_pointers_find_values)
{
	static const char text[] =
		"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
		"\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";
	static const struct {
		const char *pointer, *found; /* NULL: nothing */
	} rows[] = { { "/foo/0", "bar" }, { "/", "0" },        { "/a~1b", "1" },
		     { "/c%d", "2" },     { "/e^f", "3" },     { "/g|h", "4" },
		     { "/i\\j", "5" },    { "/k\"l", "6" },    { "/ ", "7" },
		     { "/m~0n", "8" },    { "/foo/1", "baz" }, { "/foo/2", NULL },
		     { "/foo/-", NULL },  { "/foo/00", NULL }, { "foo", NULL },
		     { "/m~2n", NULL },   { "/x", NULL },      { "/foo/0/x", NULL } };
	struct arena a = { 0 };
	const struct json_value *root, *found;
	struct err err = { 0 };

	CHECK_INT(json_read(&a, str_of(text), &root, &err), 0);
	CHECK(json_at(root, STR_NONE) == root);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].pointer);
		found = json_at(root, str_of(rows[i].pointer));
		CHECK((found != NULL) == (rows[i].found != NULL));
		if (found)
			CHECK_STR(found->text, rows[i].found);
	}
	CHECK_STR(json_member_text(json_at(root, STR_LIT("/foo")), "x"), "");
	arena_release(&a);
}

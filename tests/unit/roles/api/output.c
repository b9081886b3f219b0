/* SPDX-License-Identifier: Apache-2.0 */
/* Is what goes out safe and whole: problems, cursors, tables, openapi.json? */
#include "tests/test.h"

#include <zlib.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/html.h"
#include "roles/api/csv.h"
#include "roles/api/gzip.h"
#include "roles/api/listing.h"
#include "roles/api/problem.h"
#include "roles/api/routes.h"
#include "roles/api/server.h"

TEST(a_problem_names_each_place)
{
	struct arena a = { 0 };
	struct complaints c;
	struct buf out = { 0 };

	complaints_init(&c, &a);
	complain(&c, PLACE_BODY, STR_LIT("/tags/3"), "length", "too %s", "long");
	complain(&c, PLACE_QUERY, STR_LIT("limit"), "range", "\"0\": 1 to 1000");
	complain(&c, PLACE_BODY, STR_LIT("/a b\"\xc3\xa4"), "unknown", "none");
	problem_put(&out, PROBLEM_VALIDATION, STR_LIT("3 things"), &c, STR_LIT("id-1"));
	CHECK_STR(
		buf_str(&out),
		"{\"type\":\"/docs#problem-validation\",\"title\":\"A value is not what it must "
		"be\",\"status\":422,\"detail\":\"3 things\",\"errors\":[{\"pointer\":\"#/tags/3\","
		"\"code\":\"length\",\"detail\":\"too long\"},{\"parameter\":\"limit\",\"in\":"
		"\"query\",\"code\":\"range\",\"detail\":\"\\\"0\\\": 1 to 1000\"},{\"pointer\":"
		"\"#/a%20b%22%C3%A4\",\"code\":\"unknown\",\"detail\":\"none\"}],\"request_id\":"
		"\"id-1\"}");
	for (int i = 0; i < 1000; i++)
		complain(&c, PLACE_BODY, STR_LIT("/x"), "unknown", "again");
	CHECK_INT(c.count, 1003);
	buf_release(&out);
	arena_release(&a);
}

TEST(cursors_are_ours_or_nothing)
{
	struct arena a = { 0 };
	struct str key = STR_LIT("0123456789abcdef0123456789abcdef"), after = STR_NONE;
	struct str text = cursor_sign(&a, key, STR_LIT("/a&q=x"), STR_LIT("row \0 7"));

	CHECK(cursor_verify(&a, key, STR_LIT("/a&q=x"), text, &after) == 0);
	CHECK(str_eq(after, STR_LIT("row \0 7")));
	CHECK(cursor_verify(&a, key, STR_LIT("/a&q=y"), text, &after) == ERR_SYNTAX);
	CHECK(cursor_verify(&a, STR_LIT("0123456789abcdef0123456789abcdeF"), STR_LIT("/a&q=x"),
			    text, &after) == ERR_SYNTAX);
	for (size_t i = 0; i < text.len; i++) {
		char *changed = (char *)(uintptr_t)str_copy(&a, text).data;

		changed[i] = changed[i] == '0' ? '1' : '0';
		CHECK(cursor_verify(&a, key, STR_LIT("/a&q=x"), (struct str){ changed, text.len },
				    &after) == ERR_SYNTAX);
		CHECK(cursor_verify(&a, key, STR_LIT("/a&q=x"), str_first(text, i), &after) ==
		      ERR_SYNTAX);
	}
	arena_release(&a);
}

TEST(cells_cannot_compute)
{
	static const struct {
		const char *text, *cell;
	} rows[] = {
		{ "plain", "plain" },     { "=1+2", "\"'=1+2\"" }, { "+1", "\"'+1\"" },
		{ "-1", "\"'-1\"" },      { "@x", "\"'@x\"" },     { "\t=1", "\"'\t=1\"" },
		{ "\r=1", "\"'\r=1\"" },  { "a,b", "\"a,b\"" },    { "a;b", "\"a;b\"" },
		{ "a\"b", "\"a\"\"b\"" }, { "a\nb", "\"a\nb\"" },  { "", "" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct buf out = { 0 };

		test_row("%s", rows[i].text);
		csv_put_cell(&out, str_of(rows[i].text));
		CHECK_STR(buf_str(&out), rows[i].cell);
		buf_release(&out);
	}
}

struct inner {
	uint32_t low;
	bool is_on;
};
struct outer {
	struct str name;
	int64_t at;
	struct inner open;
	struct str *tags;
	size_t tag_count;
	struct str secret;
};
static const struct desc_field inner_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct inner, low),
	DESC_NAMED(2, DESC_BOOL, struct inner, is_on, "on"),
};
static const struct desc inner_desc = DESC(inner, inner_fields);
static const struct desc_field outer_fields[] = {
	DESC_FIELD(1, DESC_STR, struct outer, name),
	DESC_FIELD(2, DESC_TIME, struct outer, at),
	DESC_FIELD(3, DESC_STRUCT, struct outer, open, .of = &inner_desc),
	DESC_ARRAY(4, DESC_STR, struct outer, tags, tag_count),
	DESC_FIELD(5, DESC_STR, struct outer, secret, .flags = DESC_HIDDEN),
};
static const struct desc outer_desc = DESC(outer, outer_fields);

TEST(structs_become_rows)
{
	struct str tags[] = { STR_LIT("=a"), STR_LIT("b") };
	struct outer rows[] = {
		{ .name = STR_LIT("x,y"),
		  .at = 1000000,
		  .open = { 3, true },
		  .tags = tags,
		  .tag_count = 2,
		  .secret = STR_LIT("hidden") },
		{ .name = STR_LIT("z") },
	};
	struct buf out = { 0 };

	csv_put_head(&out, &outer_desc);
	csv_put_row(&out, &outer_desc, &rows[0]);
	csv_put_row(&out, &outer_desc, &rows[1]);
	CHECK_STR(buf_str(&out), "name,at,open.low,open.on,tags\r\n"
				 "\"x,y\",1970-01-01T00:00:01Z,3,true,\"'=a b\"\r\n"
				 "z,,0,false,\r\n");
	buf_release(&out);
}

TEST(gzip_comes_back_in_parts)
{
	struct buf out = { 0 };
	struct gzip *gzip = gzip_open();
	unsigned char back[64];
	z_stream stream = { 0 };

	gzip_put(gzip, STR_LIT("hello "), false, &out);
	gzip_put(gzip, STR_LIT(""), false, &out);
	gzip_put(gzip, STR_LIT("there"), true, &out);
	gzip_close(gzip);
	CHECK(inflateInit2(&stream, 15 + 16) == Z_OK);
	stream.next_in = (unsigned char *)out.data;
	stream.avail_in = (unsigned)out.len;
	stream.next_out = back;
	stream.avail_out = sizeof back;
	CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
	CHECK(str_eq(str_bytes(back, stream.total_out), STR_LIT("hello there")));
	inflateEnd(&stream);
	buf_release(&out);
}

/* Read by jansson, so that its functions and ours of the same names live beside each other. */
TEST(openapi_is_json_and_has_every_route)
{
	struct arena a = { 0 };
	struct str text = openapi_make(&a);
	struct complaints complaints;
	struct input in;
	struct err err;

	for (const struct route *route = routes; route->name; route++) {
		test_row("%s", route->name);
		CHECK(str_find(text, str_printf(&a, "{\"operationId\":\"%s\"", route->name)) > 0);
	}
	complaints_init(&complaints, &a);
	input_begin(&a, NULL, 0, &in);
	CHECK_INT(input_read_body(&a, &in, text, &complaints, &err), 0);
	CHECK_INT(complaints.count, 5); /* its members, all unknown to us */
	arena_release(&a);
}

TEST(html_is_inert)
{
	struct buf out = { 0 };

	html_put(&out, STR_LIT("<a href='x'>\"&\"</a>"));
	CHECK_STR(buf_str(&out), "&lt;a href=&#x27;x&#x27;&gt;&quot;&amp;&quot;&lt;/a&gt;");
	buf_release(&out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Are requests read as their fields say, and is what is wrong told with its place? */
#include "tests/test.h"

#include "roles/api/input.h"
#include "roles/api/problem.h"

struct sample {
	struct str name, note, word;
	uint32_t limit;
	uint64_t large;
	bool is_on;
	int colour; /* an enum */
	int64_t at;
	struct str domain, more;
	struct str *tags;
	size_t tag_count;
	struct str inner_text;
};

static const char *const colours[] = { "red", "green", NULL };
static const struct field inner[] = {
	{ .name = "text",
	  .type = FIELD_TEXT,
	  .offset = offsetof(struct sample, inner_text),
	  .flags = FIELD_REQUIRED },
	FIELD_END,
};
static const struct field fields[] = {
	FIELD_PATH(FIELD_NAME, struct sample, domain, "a domain"),
	FIELD_QUERY(FIELD_UINT, struct sample, limit, "items", .least = 1, .most = 1000,
		    .fallback = "100"),
	FIELD_QUERY(FIELD_CHOICE, struct sample, colour, "a colour", .words = colours),
	FIELD_BODY(FIELD_TEXT, struct sample, name, "a name", .least = 1, .most = 5,
		   .flags = FIELD_REQUIRED),
	FIELD_BODY(FIELD_LINES, struct sample, note, "a note", .flags = FIELD_NULLABLE),
	FIELD_BODY(FIELD_WORD, struct sample, word, "a word"),
	FIELD_BODY(FIELD_UINT, struct sample, large, "a number", .most = UINT64_MAX / 2),
	FIELD_BODY(FIELD_BOOL, struct sample, is_on, "a switch"),
	FIELD_BODY(FIELD_TIME, struct sample, at, "a time"),
	FIELD_BODY(FIELD_JSON, struct sample, more, "an object", .most = 30),
	FIELD_ARRAY(IN_BODY, FIELD_TEXT, struct sample, tags, tag_count, 0, "tags", .least = 1,
		    .items_most = 3),
	{ .name = "inner", .type = FIELD_OBJECT, .in = IN_BODY, .of = inner, .help = "an object" },
	FIELD_END,
};

struct reading {
	struct arena a;
	struct complaints complaints;
	struct input in;
	struct err err;
	struct sample *sample;
	int code;
};

static void begin(struct reading *r)
{
	*r = (struct reading){ 0 };
	complaints_init(&r->complaints, &r->a);
	input_begin(&r->a, fields, sizeof(struct sample), &r->in);
	r->sample = r->in.values;
}

/* "place where code; …" */
static struct str told(struct reading *r)
{
	struct buf out;

	buf_init(&out, &r->a);
	for (const struct complaint *c = r->complaints.first; c; c = c->next)
		buf_printf(&out, "%s%s %.*s %s", out.len ? "; " : "", complaint_places[c->place],
			   STR(c->where), c->code);
	return buf_str(&out);
}

static void read_body(struct reading *r, const char *body)
{
	begin(r);
	r->code = input_read_body(&r->a, &r->in, str_of(body), &r->complaints, &r->err);
}

TEST(bodies_are_refused_with_the_pointer_to_what_is_wrong)
{
	static const struct {
		const char *body, *told;
	} rows[] = {
		{ "{\"name\":\"abc\"}", "" },
		{ "{\"name\":\"\"}", "body /name length" },
		{ "{\"name\":\"abcdef\"}", "body /name length" },
		{ "{\"name\":\"äöüäö\"}", "" }, /* characters, not octets */
		{ "{\"name\":\"a\\u0007b\"}", "body /name pattern" },
		{ "{\"name\":\"a\\u0085b\"}", "body /name pattern" },
		{ "{\"name\":\"a\\nb\"}", "body /name pattern" },
		{ "{\"note\":\"a\\nb\"}", "" },
		{ "{\"name\":5}", "body /name type" },
		{ "{\"name\":null}", "body /name type" },
		{ "{\"name\":[\"a\"]}", "body /name type" },
		{ "{\"note\":null}", "" },
		{ "{\"word\":\"a b\"}", "body /word pattern" },
		{ "{\"large\":-1}", "body /large type" },
		{ "{\"large\":1.5}", "body /large type" },
		{ "{\"large\":\"1\"}", "body /large type" },
		{ "{\"large\":9223372036854775807}", "" },
		{ "{\"is_on\":1}", "body /is_on type" },
		{ "{\"at\":\"2026-02-29T00:00:00Z\"}", "body /at format" },
		{ "{\"at\":\"2024-02-29T00:00:00Z\"}", "" },
		{ "{\"more\":{\"a\":[1,{\"b\":null}]}}", "" },
		{ "{\"more\":{\"a\":\"01234567890123456789012\"}}", "body /more type" },
		{ "{\"more\":[]}", "body /more type" },
		{ "{\"tags\":[\"a\",\"b\",\"c\"]}", "" },
		{ "{\"tags\":[\"a\",\"b\",\"c\",\"d\"]}", "body /tags items" },
		{ "{\"tags\":[\"a\",\"\",7]}", "body /tags/1 length; body /tags/2 type" },
		{ "{\"tags\":\"a\"}", "body /tags type" },
		{ "{\"nmae\":\"a\"}", "body /nmae unknown" },
		{ "{\"domain\":\"a\"}", "body /domain unknown" }, /* of the path, not of the body */
		{ "{\"a/b~c\":1}", "body /a~1b~0c unknown" },
		{ "{\"inner\":{}}", "body /inner/text required" },
		{ "{\"inner\":{\"text\":\"a\",\"x\":1}}", "body /inner/x unknown" },
		{ "[]", "body  type" },
		{ "\"a\"", "body  type" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct reading r;

		test_row("%s", rows[i].body);
		read_body(&r, rows[i].body);
		CHECK_INT(r.code, 0);
		CHECK_STR(told(&r), rows[i].told);
		arena_release(&r.a);
	}
}

TEST(bodies_that_are_no_json_are_malformed)
{
	static const char *const rows[] = {
		"",
		"{",
		"{\"a\":1,}",
		"{'a':1}",
		"{\"a\":1}x",
		"{\"a\":1 \"b\":2}",
		"nul",
		"{\"a\":01}",
		"{\"a\":\"\xff\"}",
		"{\"a\":1,\"a\":2}",
		"\xef\xbb\xbf{}",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":NaN}",
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct reading r;

		test_row("%zu: %s", i, rows[i]);
		read_body(&r, rows[i]);
		CHECK_INT(r.code, ERR_SYNTAX);
		CHECK(r.err.text[0]);
		arena_release(&r.a);
	}
}

TEST(deep_and_crowded_bodies_are_refused_before_they_are_parsed)
{
	struct reading r;
	struct buf body = { 0 };

	for (int i = 0; i < 100000; i++)
		buf_put_char(&body, '[');
	buf_put_char(&body, 0);
	read_body(&r, body.data);
	CHECK_INT(r.code, ERR_SYNTAX);
	arena_release(&r.a);

	body.len = 0;
	buf_put_char(&body, '[');
	for (int i = 0; i < BODY_VALUES + 1; i++)
		buf_put_lit(&body, "1,");
	buf_put_lit(&body, "1]\0");
	read_body(&r, body.data);
	CHECK_INT(r.code, ERR_SYNTAX);
	CHECK(strstr(r.err.text, "more than"));
	arena_release(&r.a);

	/* What stands behind a NUL is not overlooked. */
	begin(&r);
	CHECK_INT(input_read_body(&r.a, &r.in, STR_LIT("123\0"), &r.complaints, &r.err),
		  ERR_SYNTAX);
	arena_release(&r.a);

	/* Brackets in strings are none. */
	body.len = 0;
	buf_put_lit(&body, "{\"note\":\"");
	for (int i = 0; i < 50; i++)
		buf_put_lit(&body, "[\\\"");
	buf_put_lit(&body, "\"}\0");
	read_body(&r, body.data);
	CHECK_INT(r.code, 0);
	CHECK_INT(r.complaints.count, 0);
	arena_release(&r.a);
	buf_release(&body);
}

TEST(values_come_where_the_fields_say)
{
	struct reading r;

	read_body(&r, "{\"name\":\"abc\",\"large\":7,\"is_on\":true,\"tags\":[\"x\",\"yy\"],"
		      "\"note\":null,\"inner\":{\"text\":\"in\"},\"more\":{ \"b\" : 1 },"
		      "\"at\":\"1970-01-01T00:00:01.5+00:00\"}");
	CHECK_INT(r.code, 0);
	CHECK_INT(r.complaints.count, 0);
	CHECK_STR(r.sample->name, "abc");
	CHECK_INT(r.sample->large, 7);
	CHECK(r.sample->is_on);
	CHECK_INT(r.sample->tag_count, 2);
	CHECK_STR(r.sample->tags[1], "yy");
	CHECK_STR(r.sample->inner_text, "in");
	CHECK_STR(r.sample->more, "{\"b\":1}");
	CHECK_INT(r.sample->at, 1500000);
	CHECK(input_given(&r.in, "note") && input_is_null(&r.in, "note"));
	CHECK(input_given(&r.in, "name") && !input_is_null(&r.in, "name"));
	CHECK(!input_given(&r.in, "word"));
	arena_release(&r.a);
}

TEST(queries_are_read_strictly)
{
	static const struct {
		const char *query;
		int code;
		const char *told;
	} rows[] = {
		{ "", 0, "" },
		{ "limit=10", 0, "" },
		{ "limit=10&colour=green", 0, "" },
		{ "limit=%31%30", 0, "" },
		{ "limit=0", 0, "query limit range" },
		{ "limit=1001", 0, "query limit range" },
		{ "limit=-1", 0, "query limit type" },
		{ "limit=", 0, "query limit type" },
		{ "limit", 0, "query limit type" },
		{ "limit=99999999999999999999", 0, "query limit type" },
		{ "limit=1&limit=2", 0, "query limit repeated" },
		{ "colour=blue", 0, "query colour choice" },
		{ "color=red", 0, "query color unknown" },
		{ "name=a", 0, "query name unknown" },
		{ "limit=%3", ERR_SYNTAX, "" },
		{ "limit=%zz", ERR_SYNTAX, "" },
		{ "limit=%00", ERR_SYNTAX, "" },
		{ "limit=%ff", ERR_SYNTAX, "" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct reading r;

		test_row("%s", rows[i].query);
		begin(&r);
		CHECK_INT(
			input_read_query(&r.a, &r.in, str_of(rows[i].query), &r.complaints, &r.err),
			rows[i].code);
		CHECK_STR(told(&r), rows[i].told);
		arena_release(&r.a);
	}
}

TEST(names_in_paths_become_a_labels)
{
	static const struct {
		const char *sent, *name, *told;
	} rows[] = {
		{ "example.com", "example.com", "" },
		{ "EXAMPLE.com", "example.com", "" },
		{ "b%C3%BCcher.example", "xn--bcher-kva.example", "" },
		{ "bad..name", "", "path domain syntax" },
		{ "https:%2F%2Fexample.com%2Fx", "", "path domain syntax" },
		{ "192.0.2.1", "", "path domain syntax" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str sent = str_of(rows[i].sent);
		struct reading r;

		test_row("%s", rows[i].sent);
		begin(&r);
		CHECK_INT(input_read_path(&r.a, &r.in, "/x/{domain}", &sent, &r.complaints, &r.err),
			  0);
		CHECK_STR(told(&r), rows[i].told);
		CHECK_STR(r.sample->domain, rows[i].name);
		arena_release(&r.a);
	}
}

TEST(what_is_not_given_has_its_fallback_or_is_missed)
{
	struct reading r;

	begin(&r);
	input_end(&r.a, &r.in, &r.complaints);
	CHECK_INT(r.sample->limit, 100);
	CHECK_STR(told(&r), "path domain required; body /name required");
	arena_release(&r.a);
}

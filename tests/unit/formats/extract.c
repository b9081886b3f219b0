/* SPDX-License-Identifier: Apache-2.0 */
/* Do rules make of a document the rows that extract.h says? */
#include "formats/extract.h"

#include "tests/test.h"

struct row {
	const char *name;
	struct extract_rules rules;
	const char *text;
	const char *want; /* rows: "a=1 b=2; a=3", "!" for a failure, " cut", " next=x" */
};

#define FIELDS(...)                                                                                \
	.fields = (struct extract_field[]){ __VA_ARGS__ },                                         \
	.field_count =                                                                             \
		sizeof((struct extract_field[]){ __VA_ARGS__ }) / sizeof(struct extract_field)
#define FIELD(n, f)                                                                                \
	{                                                                                          \
		STR_INIT(n), STR_INIT(f), STR_INIT("")                                             \
	}
#define SPLIT(n, f, s)                                                                             \
	{                                                                                          \
		STR_INIT(n), STR_INIT(f), STR_INIT(s)                                              \
	}
#define WHERE(...)                                                                                 \
	.where = (struct extract_condition[]){ __VA_ARGS__ },                                      \
	.where_count = sizeof((struct extract_condition[]){ __VA_ARGS__ }) /                       \
		       sizeof(struct extract_condition)

static struct str shown(struct arena *a, const struct extracted *extracted)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < extracted->row_count; i++) {
		const struct extract_row *row = &extracted->rows[i];

		if (i)
			buf_put_lit(&out, "; ");
		for (size_t k = 0; k < row->value_count; k++)
			buf_printf(&out, "%s%.*s=%.*s", k ? " " : "", STR(row->values[k].name),
				   STR(row->values[k].value));
	}
	if (extracted->is_cut)
		buf_put_lit(&out, " cut");
	if (extracted->next.len)
		buf_printf(&out, " next=%.*s", STR(extracted->next));
	if (extracted->error.len)
		buf_printf(&out, " error=%.*s", STR(extracted->error));
	return buf_str(&out);
}

static void run(const struct row *row)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct extracted got;

	CHECK(extract_check(&row->rules, &err) == 0);
	if (extract(&a, &row->rules, str_of(row->text), &got, &err) < 0)
		CHECK_STR(str_of(row->want), "!");
	else
		CHECK_STR(shown(&a, &got), row->want);
	arena_release(&a);
}

TEST(json_is_read_by_pointer)
{
	const struct row rows[] = {
		{ "rows of an array",
		  { .rows = STR_INIT("/hosts/*"),
		    FIELDS(FIELD("ip", "/ip"), FIELD("port", "/ports/*")) },
		  "{\"hosts\":[{\"ip\":\"a\",\"ports\":[1,2]},{\"ip\":\"b\"},{},{\"ip\":null}]}",
		  "ip=a port=1,2; ip=b" },
		{ "the whole",
		  { FIELDS(FIELD("n", "/data/stats/bad"), FIELD("b", "/ok")) },
		  "{\"data\":{\"stats\":{\"bad\":3}},\"ok\":true}",
		  "n=3 b=true" },
		{ "names of members",
		  { .rows = STR_INIT("/*"), FIELDS(FIELD("who", "~key"), FIELD("what", "/*")) },
		  "{\"al\":[\"x\",\"y\"],\"bo\":[\"z\"]}",
		  "who=al what=x,y; who=bo what=z" },
		{ "names in a field",
		  { FIELDS(FIELD("all", "/v/*~key")) },
		  "{\"v\":{\"a\":1,\"b\":2}}",
		  "all=a,b" },
		{ "the last of a list is next",
		  { .rows = STR_INIT("/*"),
		    .next = STR_INIT("/-1/id"),
		    FIELDS(FIELD("id", "/id")) },
		  "[{\"id\":\"1\"},{\"id\":\"2\"}]",
		  "id=1; id=2 next=2" },
		{ "escaped names",
		  { FIELDS(FIELD("x", "/a~1b/m~0n")) },
		  "{\"a/b\":{\"m~n\":1}}",
		  "x=1" },
		{ "split, a set",
		  { .rows = STR_INIT("/*"), .is_set = true, FIELDS(SPLIT("n", "/n", "\n")) },
		  "[{\"n\":\"b\\na\"},{\"n\":\"a\\n\"},{\"n\":\"c\"}]",
		  "n=a; n=b; n=c" },
		{ "where",
		  { .rows = STR_INIT("/*"),
		    FIELDS(FIELD("n", "/n"), FIELD("s", "/s")),
		    WHERE({ STR_INIT("n"), EXTRACT_OVER, STR_INIT("1") },
			  { STR_INIT("s"), EXTRACT_MATCHES, STR_INIT("^o") }) },
		  "[{\"n\":1,\"s\":\"on\"},{\"n\":2,\"s\":\"on\"},{\"n\":3,\"s\":\"no\"},{\"s\":"
		  "\"on\"},{\"n\":\"x\",\"s\":\"on\"}]",
		  "n=2 s=on" },
		{ "most rows",
		  { .rows = STR_INIT("/*"), .most_rows = 2, FIELDS(FIELD("n", "")) },
		  "[1,2,3]",
		  "n=1; n=2 cut" },
		{ "an error",
		  { .rows = STR_INIT("/x"),
		    .error = STR_INIT("/error/message"),
		    FIELDS(FIELD("n", "")) },
		  "{\"error\":{\"message\":\"no\"}}",
		  " error=no" },
		{ "an object is no value",
		  { FIELDS(FIELD("n", "/a"), FIELD("m", "/b")) },
		  "{\"a\":{\"b\":1},\"b\":[]}",
		  "" },
		{ "garbage", { FIELDS(FIELD("n", "")) }, "<html>", "!" },
		{ "cut off", { .rows = STR_INIT("/*"), FIELDS(FIELD("n", "")) }, "[1,2", "!" },
		{ "nothing", { FIELDS(FIELD("n", "")) }, "", "!" },
		{ "lines",
		  { .format = EXTRACT_JSONL, FIELDS(FIELD("n", "/n")) },
		  "{\"n\":1}\nnoise\n\n{\"n\":2}\r\n",
		  "n=1; n=2" },
		{ "lines of noise",
		  { .format = EXTRACT_JSONL, FIELDS(FIELD("n", "/n")) },
		  "noise\nnoise",
		  "!" },
		{ "no lines", { .format = EXTRACT_JSONL, FIELDS(FIELD("n", "/n")) }, "", "" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		run(&rows[i]);
}

TEST(xml_csv_and_text_give_the_same_rows)
{
	const struct row rows[] = {
		{ "elements and attributes",
		  { .format = EXTRACT_XML,
		    .rows = STR_INIT("/nmaprun/host/ports/port"),
		    FIELDS(FIELD("port", "/@portid"), FIELD("state", "/state/@state"),
			   FIELD("cpe", "/service/cpe")) },
		  "<?xml version=\"1.0\"?><!DOCTYPE nmaprun><nmaprun><host><ports><port "
		  "portid=\"22\"><state state=\"open\"/>"
		  "<service><cpe>a</cpe><cpe>b&amp;c</cpe></service></port><port "
		  "portid=\"80\"><state state=\"closed\"/></port>"
		  "</ports></host><host><ports><port portid='1'/></ports></host></nmaprun>",
		  "port=22 state=open cpe=a,b&c; port=80 state=closed; port=1" },
		{ "entities of its own",
		  { .format = EXTRACT_XML, FIELDS(FIELD("a", "/a")) },
		  "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
		  "!" },
		{ "not closed", { .format = EXTRACT_XML, FIELDS(FIELD("a", "/a")) }, "<a>", "!" },
		{ "csv",
		  { .format = EXTRACT_CSV,
		    FIELDS(FIELD("id", "id"), FIELD("text", "finding"), FIELD("third", "3")) },
		  "\"id\",\"finding\",x\r\n1,\"a, \"\"b\"\"\",z\r\n\r\n2,\n",
		  "id=1 text=a, \"b\" third=z; id=2 text=" },
		{ "csv of other columns",
		  { .format = EXTRACT_CSV, FIELDS(FIELD("id", "id")) },
		  "a,b\n1,2\n",
		  "!" },
		{ "text",
		  { .format = EXTRACT_TEXT,
		    .rows = STR_INIT("^(?<key>[A-Za-z ]+): +(.+)$"),
		    FIELDS(FIELD("key", "key"), FIELD("value", "2")) },
		  "Domain Name: example.com\r\n% a comment\nStatus:   ok\n",
		  "key=Domain Name value=example.com; key=Status value=ok" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		run(&rows[i]);
}

TEST(depth_size_and_rows_are_bounded)
{
	const struct extract_rules rules = { .rows = STR_INIT("/*"), FIELDS(FIELD("n", "")) };
	struct extract_rules xml = rules;
	struct arena a = { 0 };
	struct extracted got;
	struct err err = { 0 };
	struct buf text;

	xml.format = EXTRACT_XML;
	buf_init(&text, &a);
	for (int i = 0; i < 100000; i++)
		buf_put_char(&text, '[');
	CHECK_INT(extract(&a, &rules, buf_str(&text), &got, &err), ERR_LIMIT);
	text.len = 0;
	for (int i = 0; i < 100000; i++)
		buf_put_lit(&text, "<a>");
	CHECK_INT(extract(&a, &xml, buf_str(&text), &got, &err), ERR_LIMIT);
	text.len = 0;
	buf_put_char(&text, '[');
	for (int i = 0; i < 100000; i++)
		buf_put_lit(&text, "1,");
	buf_put_lit(&text, "1]");
	CHECK_INT(extract(&a, &rules, buf_str(&text), &got, &err), 0);
	CHECK(got.row_count == EXTRACT_ROWS && got.is_cut);
	text.len = 0;
	buf_put_lit(&text, "[\"");
	for (int i = 0; i < 100000; i++)
		buf_put_lit(&text, "0123456789");
	buf_put_lit(&text, "\"]");
	CHECK_INT(extract(&a, &rules, buf_str(&text), &got, &err), 0);
	CHECK(got.row_count == 1 && got.rows[0].values[0].value.len == EXTRACT_VALUE_BYTES);
	arena_release(&a);
}

TEST(rules_that_cannot_be_are_told)
{
	const struct {
		struct extract_rules rules;
		const char *text;
	} rows[] = {
		{ { .rows = STR_INIT("hosts"), FIELDS(FIELD("n", "")) },
		  "rows: a pointer begins with /" },
		{ { FIELDS(FIELD("n", "/a~2")) }, "field n: ~ stands for itself" },
		{ { FIELDS(FIELD("n", ""), FIELD("n", "")) }, "field n stands twice" },
		{ { .format = EXTRACT_TEXT, .rows = STR_INIT("(a"), FIELDS(FIELD("n", "1")) },
		  "( is not closed" },
		{ { .format = EXTRACT_TEXT, .rows = STR_INIT("(a)"), FIELDS(FIELD("n", "2")) },
		  "no group \"2\"" },
		{ { FIELDS(FIELD("n", "")), WHERE({ STR_INIT("m"), EXTRACT_IS, STR_INIT("") }) },
		  "there is no field \"m\"" },
		{ { .format = EXTRACT_CSV, .next = STR_INIT("/a"), FIELDS(FIELD("n", "a")) },
		  "csv has no pointers" },
		{ { .format = EXTRACT_JSON }, "1 to 32 fields" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };

		CHECK(extract_check(&rows[i].rules, &err) < 0);
		CHECK(str_find(str_of(err.text), str_of(rows[i].text)) >= 0);
	}
}

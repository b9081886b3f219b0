/* SPDX-License-Identifier: Apache-2.0 */
/* Does --fields keep what was asked for and stay valid JSON, whatever the document? */
#include "report/fields.h"
#include "tests/test.h"

static const char *const known[] = { "domain", "score", "findings.id", "findings.fix.text", NULL };

TEST(chosen_members_are_kept)
{
	static const char document[] =
		"{\"domain\":\"a\\\"}b\",\"score\":90,\"findings\":[{\"id\":\"x\",\"text\":\"[,\","
		"\"fix\":[{\"platform\":\"p\",\"text\":\"t\"}]},{\"id\":\"y\"}],\"list\":[1,[2,3],{"
		"}],"
		"\"deep\":{\"a\":{\"b\":null}}}";
	static const struct {
		const char *list, *out;
	} rows[] = {
		{ "domain", "{\"domain\":\"a\\\"}b\"}" },
		{ "score,domain", "{\"domain\":\"a\\\"}b\",\"score\":90}" },
		{ "findings.id", "{\"findings\":[{\"id\":\"x\"},{\"id\":\"y\"}]}" },
		{ "findings.fix.text", "{\"findings\":[{\"fix\":[{\"text\":\"t\"}]},{}]}" },
		{ "findings", "{\"findings\":[{\"id\":\"x\",\"text\":\"[,\","
			      "\"fix\":[{\"platform\":\"p\",\"text\":\"t\"}]},{\"id\":\"y\"}]}" },
		{ "list, deep.a", "{\"list\":[1,[2,3],{}],\"deep\":{\"a\":{\"b\":null}}}" },
		{ "list.x", "{\"list\":[1,[2,3],{}]}" },
		{ "nothing", "{}" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct fields fields;
		struct buf out;

		test_row("%s", rows[i].list);
		buf_init(&out, &a);
		CHECK_INT(fields_parse(&a, str_of(rows[i].list), NULL, &fields, NULL), 0);
		fields_project(&out, str_of(document), &fields);
		CHECK_STR(buf_str(&out), rows[i].out);
	}
	arena_release(&a);
}

TEST(unknown_fields_are_refused_with_the_nearest)
{
	static const struct {
		const char *list, *error;
	} rows[] = {
		{ "domain,findings,findings.id,findings.fix,score", "" },
		{ "findings.id.more", "" }, /* inside a known one: facts differ by kind */
		{ "domian", "no field \"domian\"; did you mean domain?" },
		{ "zzzzzz", "no field \"zzzzzz\"" },
		{ "a b", "\"a b\" is no field name" },
		{ "domain,,score", "\"\" is no field name" },
		{ ".domain", "\".domain\" is no field name" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct fields fields;
		struct err err = { 0 };

		test_row("%s", rows[i].list);
		CHECK_INT(fields_parse(&a, str_of(rows[i].list), known, &fields, &err),
			  rows[i].error[0] ? ERR_SYNTAX : 0);
		CHECK_STR(str_of(err.text), rows[i].error);
	}
	arena_release(&a);
}

TEST(a_cut_document_ends_the_copy)
{
	static const char document[] =
		"{\"domain\":\"a\",\"findings\":[{\"id\":\"x\"}],\"n\":[[1]]}";
	struct arena a = { 0 };
	struct fields fields;

	CHECK_INT(fields_parse(&a, STR_LIT("findings.id,n.x,domain"), NULL, &fields, NULL), 0);
	for (size_t len = 0; len < sizeof document; len++) {
		char *copy = arena_alloc(&a, len + 1);
		struct buf out;

		memcpy(copy, document, len);
		buf_init(&out, &a);
		fields_project(&out, str_bytes(copy, len), &fields);
		CHECK(out.len <= len + 8);
	}
	arena_release(&a);
}

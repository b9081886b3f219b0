/* SPDX-License-Identifier: Apache-2.0 */
/* Are definitions read as definitions.h says, and is what is wrong told with its line and key? */
#include "settings/definitions.h"

#include "tests/test.h"

#define GOOD                                                                                       \
	"name: example\nkind: api\nchecks: [rep.feeds]\nurl: "                                     \
	"\"https://api.example.com/v1/{subject}[?after={next}]\"\n"                                \
	"headers: {x-key: \"{key}\"}\nsecret: example\n"
#define EXTRACT "extract: {rows: \"/*\", next: /n, fields: {name: /name, bad: {from: /bad}}}\n"

TEST(a_definition_is_read_and_survives_its_frame)
{
	static const char text[] = GOOD EXTRACT
		"statuses: [{status: 404, means: empty}]\npaging: {by: next, most: 3}\n"
		"findings:\n- check: rep.feeds\n  severity: high\n  when: [{field: bad, test: "
		"over, value: 0}]\n"
		"  text: \"{name} is bad\"\n";
	struct arena a = { 0 };
	struct err err = { 0 };
	struct definition d, again = { 0 };
	struct buf bytes;

	CHECK_INT(definition_read(&a, STR_LIT("x.yaml"), str_of(text), &d, &err), 0);
	buf_init(&bytes, &a);
	desc_encode(&bytes, &definition_desc, &d);
	CHECK(desc_decode(&a, &definition_desc, buf_str(&bytes), &again) == 0);
	CHECK(definition_check(&again, &err) == 0);
	CHECK_STR(again.method, "GET");
	CHECK(again.header_count == 1 && again.extract.field_count == 2);
	CHECK_STR(again.headers[0].value, "{key}");
	CHECK_STR(again.extract.fields[1].from, "/bad");
	CHECK(again.findings[0].severity == 3 && again.findings[0].when[0].test == EXTRACT_OVER);
	CHECK(again.pages.by == PAGING_NEXT && again.pages.first == 1);
	arena_release(&a);
}

TEST(what_is_wrong_is_told_with_file_line_and_the_nearest_key)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "nmae: x\n",
		  "x.yaml line 1 column 1: no key \"nmae\" is known here; did you mean name?" },
		{ GOOD "extract:\n  fomat: json\n",
		  "line 8 column 3: no key \"fomat\" is known here; did you mean format?" },
		{ GOOD "extract:\n  format: jsn\n",
		  "line 8 column 11: format: \"jsn\" is none of its words; did you mean json?" },
		{ GOOD "name: y\n", "line 7 column 1: name stands twice" },
		{ GOOD "cache_s: soon\n", "cache_s: \"soon\" is no whole number" },
		{ GOOD "active: maybe\n", "active: true or false" },
		{ GOOD "argv: ls\n", "argv is a list" },
		{ GOOD "title: [a]\n", "title takes one value" },
		{ GOOD "title: &a x\n", "anchors (&) are not read" },
		{ GOOD "lacks_secret: true\n", "no key \"lacks_secret\"" },
		{ GOOD "---\nname: y\n", "a second document" },
		{ GOOD, "x.yaml: 1 to 32 fields" },
		{ "kind: api\n", "letters, digits" },
		{ "name: ../x\nkind: api\n" EXTRACT, "letters, digits" },
		{ "name: x\n" EXTRACT, "kind: tool or api" },
		{ "name: x\nkind: tool\n" EXTRACT, "argv: what is started?" },
		{ "name: x\nkind: api\nurl: ftp://a/\n" EXTRACT, "url: begins with https://" },
		{ "name: x\nkind: api\nurl: \"https://{subject}/\"\n" EXTRACT,
		  "its host is a plain name" },
		{ "name: x\nkind: api\nurl: \"https://a@b/\"\n" EXTRACT,
		  "its host is a plain name" },
		{ "name: x\nkind: api\nurl: https://a\n" EXTRACT, "a path follows the host" },
		{ "name: x\nkind: api\nurl: \"https://a/{subjct}\"\n" EXTRACT,
		  "no {subjct} is known" },
		{ "name: x\nkind: api\nurl: \"https://a/[x\"\n" EXTRACT, "[ is not closed" },
		{ "name: x\nkind: api\nurl: \"https://a/{key}\"\n" EXTRACT,
		  "secret: which is {key}?" },
		{ "name: x\nkind: api\nurl: https://a/\nsecret: x\n" EXTRACT, "{key} is nowhere" },
		{ "name: x\nkind: api\nurl: https://a/\npaging: {by: number}\n" EXTRACT,
		  "{page} stands neither" },
		{ "name: x\nkind: api\nurl: https://a/\nmethod: DELETE\n" EXTRACT,
		  "method: GET or POST" },
		{ "name: x\nkind: api\nurl: https://a/\nstatuses: [{status: 404, means: "
		  "x}]\n" EXTRACT,
		  "empty, key or quota" },
		{ GOOD EXTRACT "findings: [{check: rep.x}]\n",
		  "\"rep.x\" does not stand in checks" },
		{ GOOD EXTRACT "findings: [{check: rep.feeds, text: \"{nope}\"}]\n",
		  "no field {nope}" },
		{ GOOD EXTRACT "findings: [{check: rep.feeds, when: [{field: nope}]}]\n",
		  "no field \"nope\"" },
		{ "", "nothing stands here" },
		{ "- a\n", "keys and values are wanted" },
		{ "name: \"a\\0b\"\n", "a control character" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct err err = { 0 };
		struct definition d;

		CHECK(definition_read(&a, STR_LIT("x.yaml"), str_of(rows[i].text), &d, &err) < 0);
		CHECK(str_find(str_of(err.text), str_of(rows[i].message)) >= 0);
		if (str_find(str_of(err.text), str_of(rows[i].message)) < 0)
			print_message("%s\n-> %s\n", rows[i].text, err.text);
		arena_release(&a);
	}
}

TEST(all_that_is_shipped_can_be_read)
{
	struct arena a = { 0 };
	struct err err = { 0 };
	struct definitions shipped;

	if (definitions_shipped(&a, &shipped, &err) < 0)
		print_message("%s\n", err.text);
	CHECK_STR(str_of(err.text), "");
	CHECK(shipped.count >= 1);
	for (size_t i = 0; i < shipped.count; i++) {
		CHECK(shipped.list[i].source.len > 0);
		CHECK(shipped.list[i].title.len > 0);
		CHECK(shipped.list[i].profile_count > 0);
	}
	arena_release(&a);
}

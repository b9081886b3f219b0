/* SPDX-License-Identifier: Apache-2.0 */
/* Are selectors read as selector.h says? */
#include "app/selector.h"

#include "tests/test.h"

TEST(selectors_become_conditions)
{
	static const struct {
		const char *text, *tag, *owner, *glob;
	} rows[] = {
		{ "all", "", "", "" },
		{ " ALL ", "", "", "" },
		{ "tag:Corp", "corp", "", "" },
		{ "owner:\"Jane Doe\"", "", "Jane Doe", "" },
		{ "name:*.Example.com", "", "", "*.example.com" },
		{ "name:.example.com", "", "", ".example.com" },
		{ "name:*.B\xc3\xbc"
		  "cher.example",
		  "", "", "*.xn--bcher-kva.example" },
		{ "name:b\xc3\xbc"
		  "cher.*",
		  "", "", "xn--bcher-kva.*" },
		{ "tag:corp   owner:it@example.com\tname:a-*_1.example", "corp", "it@example.com",
		  "a-*_1.example" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct domain_filter filter = { .workspace = 7, .tag = STR_LIT("before") };
		struct err err = { 0 };

		test_row("%s", rows[i].text);
		CHECK_INT(selector_read(&a, str_of(rows[i].text), &filter, &err), 0);
		CHECK_STR(filter.tag, rows[i].tag);
		CHECK_STR(filter.owner, rows[i].owner);
		CHECK_STR(filter.name_glob, rows[i].glob);
		CHECK_INT(filter.workspace, 7);
	}
	arena_release(&a);
}

TEST(a_wrong_selector_says_where_and_what_is_allowed)
{
	static const char *const rows[][2] = {
		{ "", "it is empty; allowed: all, tag:corp" },
		{ "corp", "column 1: \"corp\": not known; allowed: all" },
		{ "tag:corp corp", "column 10: \"corp\": not known" },
		{ "tag:corp all", "column 10: \"all\": not known" },
		{ "tag:", "column 5: \"\": a value is missing" },
		{ "tag: corp", "column 5: \" corp\": a value is missing" },
		{ "tag:a tag:b", "column 7: \"tag:b\": stands here a second time" },
		{ "owner:\"x", "column 7: \"\"x\": the quote is not closed" },
		{ "owner:\"\"", "a value is missing" },
		{ "owner:\"x\"y", "column 10: \"y\": conditions are joined by blanks" },
		{ "name:ex?mple.com", "column 1: \"name:ex?mple.com\": no name" },
		{ "name:a/b", "no name" },
		{ "name:b\xc3\xbc*.example", "no name, and no pattern of names" },
		{ "name:\xff.example", "column 1" },
	};
	struct arena a = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct domain_filter filter = { .tag = STR_LIT("before") };
		struct err err = { 0 };

		CHECK_INT(selector_read(&a, str_of(rows[i][0]), &filter, &err), ERR_SYNTAX);
		test_row("%s: %s", rows[i][0], err.text);
		CHECK(strstr(err.text, rows[i][1]) != NULL);
		CHECK_STR(filter.tag, "before");
	}
	arena_release(&a);
}

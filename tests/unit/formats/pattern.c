/* SPDX-License-Identifier: Apache-2.0 */
/* Do patterns match what pattern.h says, in linear time? */
#include "formats/pattern.h"

#include "base/clock.h"
#include "tests/test.h"

enum { BUDGET = 50000000 };

TEST(a_pattern_matches_where_a_backtracking_engine_would)
{
	static const struct {
		const char *pattern, *text, *whole, *first;
	} rows[] = {
		{ "a", "cba", "a", NULL },
		{ "a|ab", "ab", "a", NULL },
		{ "(a|ab)(c|bcd)", "abcd", "abcd", "a" },
		{ "^(\\w+):\\s*(.*)$", "Registrar:  Example Ltd", "Registrar:  Example Ltd",
		  "Registrar" },
		{ "a{2,3}", "caaaa", "aaa", NULL },
		{ "a{2,3}?", "caaaa", "aa", NULL },
		{ "(a{2}){2}", "aaaaa", "aaaa", "aa" },
		{ "x*", "aaa", "", NULL },
		{ "(x)*y", "xxy", "xxy", "x" },
		{ "<(.*?)>", "<a><b>", "<a>", "a" },
		{ "<(.*)>", "<a><b>", "<a><b>", "a><b" },
		{ "[^a-c\\d]+", "ab1xyz2", "xyz", NULL },
		{ "[]x]+", "a]x]", "]x]", NULL },
		{ "(?i)exAMPLE", "an Example", "Example", NULL },
		{ "(?:a|b)+(c)", "ababc", "ababc", "c" },
		{ "\\bport\\b", "airport port", "port", NULL },
		{ "\\x41\\.", "xA.", "A.", NULL },
		{ "(a*)*b", "aab", "aab", "" },
		{ "(|a)+b", "aab", "aab", NULL },
		{ "a{0}b", "ab", "b", NULL },
		{ "z", "abc", NULL, NULL },
		{ "^b", "ab", NULL, NULL },
		{ "a$", "ab", NULL, NULL },
		{ "", "abc", "", NULL },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct err err = { 0 };
		const struct pattern *pattern;
		struct pattern_match match;
		uint64_t budget = BUDGET;
		int found;

		CHECK(pattern_read(&a, str_of(rows[i].pattern), &pattern, &err) == 0);
		found = pattern_find(pattern, str_of(rows[i].text), &budget, &match);
		CHECK_INT(found, rows[i].whole != NULL);
		if (found)
			CHECK_STR(match.group[0], rows[i].whole);
		if (found && rows[i].first) {
			CHECK(match.has[1]);
			if (rows[i].first[0])
				CHECK_STR(match.group[1], rows[i].first);
		}
		arena_release(&a);
	}
}

TEST(a_broken_pattern_says_where)
{
	static const struct {
		const char *pattern;
		int code;
		const char *text;
	} rows[] = {
		{ "(a", ERR_SYNTAX, "offset 2: ( is not closed" },
		{ "a)", ERR_SYNTAX, "offset 1: ) without its (" },
		{ "[a", ERR_SYNTAX, "[ is not closed" },
		{ "*a", ERR_SYNTAX, "nothing to repeat" },
		{ "a**", ERR_SYNTAX, "nothing to repeat" },
		{ "a{2", ERR_SYNTAX, "a repetition is" },
		{ "a{3,2}", ERR_SYNTAX, "a repetition is" },
		{ "a{999}", ERR_SYNTAX, "up to 200" },
		{ "\\1", ERR_SYNTAX, "this escape is not known" },
		{ "(?=a)", ERR_SYNTAX, "this sort of group" },
		{ "[z-a]", ERR_SYNTAX, "no range" },
		{ "((a{100}){100}){100}", ERR_LIMIT, "too long a program" },
		{ "a\\", ERR_SYNTAX, "nothing follows" },
		{ "((((((((((((((((((((((((((((a))))))))))))))))))))))))))))", ERR_LIMIT,
		  "groups" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		struct err err = { 0 };
		const struct pattern *pattern;

		CHECK_INT(pattern_read(&a, str_of(rows[i].pattern), &pattern, &err), rows[i].code);
		CHECK(str_find(str_of(err.text), str_of(rows[i].text)) >= 0);
		arena_release(&a);
	}
}

TEST(patterns_that_ruin_others_take_linear_time)
{
	static const char *const evil[] = { "(a*)*b",          "(a+)+b",           "(a|aa)+b",
					    "(.*a){20}b",      "(a|a?)+b",         "(x+x+)+y",
					    "([a-z]+)*b$",     "(.*)*(.*)*(.*)*b", "a{0,200}b",
					    "(a?){100}a{100}b" };
	struct arena a = { 0 };
	struct buf text;

	buf_init(&text, &a);
	for (int i = 0; i < 4000; i++)
		buf_put_char(&text, 'a');
	for (size_t i = 0; i < ARRAY_COUNT(evil); i++) {
		const struct pattern *pattern;
		struct pattern_match match;
		uint64_t budget = 1000ull * 4001 * 2; /* program by text, twice */

		CHECK(pattern_read(&a, str_of(evil[i]), &pattern, NULL) == 0);
		CHECK_INT(pattern_find(pattern, buf_str(&text), &budget, &match), 0);
		budget = 1000;
		CHECK_INT(pattern_find(pattern, buf_str(&text), &budget, &match), ERR_LIMIT);
	}
	arena_release(&a);
}

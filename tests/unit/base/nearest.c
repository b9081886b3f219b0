/* SPDX-License-Identifier: Apache-2.0 */
/* Is the meant word found, and none when nothing is near? */
#include "base/nearest.h"
#include "tests/test.h"

TEST(the_nearest_word_is_meant)
{
	static const char *const words[] = { "--format",   "--fields",   "--fail-on", "--profile",
					     "--progress", "--resolver", NULL };
	static const struct {
		const char *word, *meant;
	} rows[] = {
		{ "--fromat", "--format" },
		{ "--feilds", "--fields" },
		{ "--resolvers", "--resolver" },
		{ "--RESOLVER", "--resolver" },
		{ "--prof", "--profile" },
		{ "--failon", "--fail-on" },
		{ "--zzzzzz", NULL },
		{ "", NULL },
		{ "--pro", NULL }, /* two begin with it */
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const char *meant = nearest_word(str_of(rows[i].word), words);

		test_row("%s", rows[i].word);
		CHECK_STR(str_of(meant), rows[i].meant ? rows[i].meant : "");
	}
	CHECK_INT(word_distance(STR_LIT("dnssec"), STR_LIT("dnssce")), 1);
	CHECK_INT(word_distance(STR_LIT(""), STR_LIT("abc")), 3);
}

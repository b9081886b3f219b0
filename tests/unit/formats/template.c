/* SPDX-License-Identifier: Apache-2.0 */
/* Does a template keep each value in its place? */
#include "formats/web/template.h"

#include "tests/test.h"

TEST(values_stay_where_they_are_put)
{
	static const struct {
		const char *text;
		enum template_form form;
		const char *subject, *want; /* NULL: refused */
	} rows[] = {
		{ "https://a/{subject}/x", TEMPLATE_URL, "example.com", "https://a/example.com/x" },
		{ "https://a/{subject}", TEMPLATE_URL, "../b?c=d#e",
		  "https://a/..%2Fb%3Fc%3Dd%23e" },
		{ "https://a/{subject}", TEMPLATE_URL, "a@b:c", "https://a/a%40b%3Ac" },
		{ "https://a/{subject}", TEMPLATE_URL, "\xc3\xa9 \r\n",
		  "https://a/%C3%A9%20%0D%0A" },
		{ "https://a/?q={subject}[&after={next}]", TEMPLATE_URL, "x", "https://a/?q=x" },
		{ "https://a/[{subject}/]end", TEMPLATE_URL, "x", "https://a/x/end" },
		{ "https://a/{{}}[[]]", TEMPLATE_URL, "x", "https://a/{}[]" },
		{ "Bearer {subject}", TEMPLATE_HEADER, "k", "Bearer k" },
		{ "[{subject}]", TEMPLATE_HEADER, "k", "[k]" },
		{ "{subject}", TEMPLATE_HEADER, "k\r\nx: y", NULL },
		{ "{{\"q\":\"{subject}\"}}", TEMPLATE_JSON, "a\"b\\c\n",
		  "{\"q\":\"a\\\"b\\\\c\\n\"}" },
		{ "{nobody}", TEMPLATE_URL, "x", NULL },
		{ "{open", TEMPLATE_HEADER, "x", "{open" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct arena a = { 0 };
		const struct template_word words[] = { { "subject", str_of(rows[i].subject) },
						       { "next", STR_NONE } };
		struct buf out;
		int code;

		buf_init(&out, &a);
		code = template_fill(&out, str_of(rows[i].text), rows[i].form, words, 2);
		CHECK((code == 0) == (rows[i].want != NULL));
		if (code == 0)
			CHECK_STR(buf_str(&out), rows[i].want);
		arena_release(&a);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Do scans survive a file of facts, and is what is none refused? */
#include "facts/file.h"

#include "tests/test.h"

static struct arena arena;

static const char *const lines[] = { "dns example.com A 192.0.2.1", "dns example.com MX !timeout" };

static void put_scan(struct buf *out, const char *domain)
{
	static const struct str selectors[] = { STR_INIT("s1"), STR_INIT("s2") };
	struct facts_scan scan = { .domain = str_of(domain),
				   .profile = STR_LIT("deep"),
				   .at_us = 1795376402000000,
				   .is_active = true,
				   .dkim_selectors = selectors,
				   .dkim_selector_count = 2 };

	facts_file_begin(out, &scan);
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		struct fact fact;

		CHECK_INT(fact_parse(&arena, str_of(lines[i]), &fact, NULL), 0);
		facts_file_put(out, &fact);
	}
	facts_file_end(out);
}

TEST(scans_follow_one_another_in_a_file)
{
	struct facts_scan scan;
	struct facts_file file;
	struct fact fact;
	struct buf out;

	buf_init(&out, &arena);
	put_scan(&out, "example.com");
	put_scan(&out, "example.org");
	put_scan(&out, "example.net");
	file = (struct facts_file){ .rest = buf_str(&out) };
	CHECK_INT(facts_file_scan(&arena, &file, &scan, NULL), 1);
	CHECK_STR(scan.domain, "example.com");
	CHECK(scan.at_us == 1795376402000000 && scan.is_active && scan.dkim_selector_count == 2);
	CHECK_STR(scan.dkim_selectors[1], "s2");
	CHECK_STR(scan.profile, "deep");
	CHECK_INT(facts_file_fact(&arena, &file, &fact, NULL), 1);
	CHECK_INT(fact.question.dns.type, DNS_A);
	CHECK_INT(facts_file_fact(&arena, &file, &fact, NULL), 1);
	CHECK_INT(fact.failure, FAILURE_TIMEOUT);
	CHECK_INT(facts_file_fact(&arena, &file, &fact, NULL), 0);
	CHECK_INT(facts_file_fact(&arena, &file, &fact, NULL), 0);
	CHECK_INT(facts_file_scan(&arena, &file, &scan, NULL), 1);
	CHECK_STR(scan.domain, "example.org");
	CHECK_INT(facts_file_scan(&arena, &file, &scan, NULL), 1); /* its facts are passed over */
	CHECK_STR(scan.domain, "example.net");
	CHECK_INT(facts_file_scan(&arena, &file, &scan, NULL), 0);
	arena_release(&arena);
}

/* Reads all; returns the first error, or 0. */
static int read_all(struct str bytes, struct err *err)
{
	struct facts_file file = { .rest = bytes };
	struct facts_scan scan;
	struct fact fact;
	int code;

	while ((code = facts_file_scan(&arena, &file, &scan, err)) > 0) {
		while ((code = facts_file_fact(&arena, &file, &fact, err)) > 0)
			;
		if (code < 0)
			return code;
	}
	return code;
}

TEST(a_file_that_ends_early_is_refused)
{
	struct buf out;

	buf_init(&out, &arena);
	put_scan(&out, "example.com");
	CHECK_INT(read_all(buf_str(&out), NULL), 0);
	for (size_t cut = 1; cut < out.len; cut++) {
		struct err err = { 0 };

		test_row("cut at %zu", cut);
		CHECK(read_all(str_first(buf_str(&out), cut), &err) < 0);
		CHECK(err.text[0]);
	}
	arena_release(&arena);
}

TEST(what_is_no_file_of_facts_is_refused_with_the_reason)
{
	static const struct {
		struct str bytes;
		int code;
		const char *reason;
	} rows[] = {
		{ STR_INIT("hello\n"), ERR_SYNTAX, "not a file of facts: no line \"dss-facts N\"" },
		{ STR_INIT("dss-facts x\n"), ERR_SYNTAX,
		  "not a file of facts: no line \"dss-facts N\"" },
		{ STR_INIT("dss-facts 2\n\x01\x01\x61"), ERR_VERSION,
		  "facts of version 2: this program reads up to 1; use a newer one" },
		{ STR_INIT("dss-facts 1\n\xff\xff\xff\xff\x0f"), ERR_LIMIT,
		  "a fact of 4294967295 bytes: at most 16777216 are read" },
		{ STR_INIT("dss-facts 1\n\x05xx"), ERR_SYNTAX,
		  "the file of facts ends inside a fact" },
		{ STR_INIT("dss-facts 1\n\x03\x05\x01\x61\x03\x05\x01\xff\x00"), ERR_VERSION,
		  "a kind of fact that this program does not know; use a newer one" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };

		test_row("%zu", i);
		CHECK_INT(read_all(rows[i].bytes, &err), rows[i].code);
		CHECK_STR(str_of(err.text), rows[i].reason);
	}
	arena_release(&arena);
}

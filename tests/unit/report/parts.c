/* SPDX-License-Identifier: Apache-2.0 */
/* Do reports show what was seen, whatever was asked, and say once what is missing? */
#include "report/parts.h"
#include "tests/test.h"

static struct arena arena;

TEST(evidence_shows_what_was_seen)
{
	static const struct {
		const char *fact, *line, *from;
	} cases[] = {
		{ "dns example.com MX 10 a.example.com.", "dns example.com MX: 10 a.example.com.",
		  "the resolver" },
		{ "rdap example.com expires=2026-12-06T00:00:00Z status=\"client hold\" status=ok",
		  "rdap example.com: expires 2026-12-06, status client hold, ok", "the resolver" },
		{ "rdap example.com free", "rdap example.com: no such object", "the resolver" },
		{ "tool nmap 192.0.2.1 version=\"Nmap 7.93\" row port=6379 service=redis row "
		  "port=23",
		  "tool nmap 192.0.2.1: port 6379, service redis; port 23", "Nmap 7.93" },
		{ "tool nmap 192.0.2.1", "tool nmap 192.0.2.1: nothing", "nmap" },
		{ "api crt.sh example.com row name=\"a\033[31m\"",
		  "api crt.sh example.com: name a\\x1B[31m", "the API crt.sh" },
		{ "api crt.sh example.com !timeout", "api crt.sh example.com: timeout",
		  "the API crt.sh" },
		{ "http https://example.com/ 301 location=https://www.example.com/",
		  "http https://example.com/: status 301, to https://www.example.com/, 0 octets",
		  "the resolver" },
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct err err = { 0 };
		struct fact fact;
		struct buf out;

		CHECK_INT(fact_parse(&arena, str_of(cases[i].fact), &fact, &err), 0);
		CHECK_STR(str_of(err.text), "");
		buf_init(&out, &arena);
		evidence_put(&out, &fact, EVIDENCE_BYTES);
		CHECK_STR(buf_str(&out), cases[i].line);
		CHECK_STR(evidence_source(&arena, &fact), cases[i].from);
	}
	arena_release(&arena);
}

TEST(what_lacks_keys_is_said_once)
{
	static const struct check checks[] = { { .id = "a.one" },
					       { .id = "a.two" },
					       { .id = "a.three" },
					       { .id = "a.four" },
					       { .id = "a.five" } };
	struct check_result results[] = {
		{ .check = &checks[0],
		  .verdict = VERDICT_UNKNOWN,
		  .reason = STR_LIT("no key for x, y") },
		{ .check = &checks[1],
		  .verdict = VERDICT_UNKNOWN,
		  .reason = STR_LIT("timeout: a") },
		{ .check = &checks[2],
		  .verdict = VERDICT_UNKNOWN,
		  .reason = STR_LIT("no key for y, z") },
		{ .check = &checks[3],
		  .verdict = VERDICT_UNKNOWN,
		  .reason = STR_LIT("timeout: a") },
		{ .check = &checks[4], .verdict = VERDICT_PASS },
	};
	const struct verdicts verdicts = { .results = results,
					   .result_count = ARRAY_COUNT(results) };
	struct check_group *groups;

	CHECK_INT(check_groups(&arena, &verdicts, VERDICT_UNKNOWN, &groups), 2);
	CHECK_STR(groups[0].reason, "no key for x, y, z (dss doctor)");
	CHECK_INT(groups[0].count, 2);
	CHECK_STR(str_of(groups[0].checks[1]->id), "a.three");
	CHECK_STR(groups[1].reason, "timeout: a");
	CHECK_INT(groups[1].count, 2);
	CHECK_INT(check_groups(&arena, &verdicts, VERDICT_PASS, &groups), 1);
	CHECK_INT(groups[0].reason.len, 0);
	arena_release(&arena);
}

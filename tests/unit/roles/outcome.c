/* SPDX-License-Identifier: Apache-2.0 */
/* Does what is stored of a scan say what was found, and close no more than was seen? */
#include "checks/judging.h"
#include "facts/volatile.h"
#include "roles/worker/parts.h"
#include "tests/test.h"
#include "tests/unit/children/frames_of.h"

enum { NEVER = 1 << 20 };
static const int64_t at_us = 1795376402000000; /* 2026-11-22 */

static struct worker worker;
static struct held held;

static const char *const lines[] = {
	"dns example.com MX 10 a.example.com.",
	"dns example.com SOA a. b. 1 2 3 4 5 | other example.com RRSIG SOA 13 2 300 20261222000000 "
	"20261122000000 4711 example.com. AAAA",
	"dns www.example.com A 192.0.2.1 | other www.example.com RRSIG A 13 2 300 20261201000000 "
	"20261122000000 4711 example.com. AAAA",
	"dns notexample.com A 192.0.2.1 | other notexample.com RRSIG A 13 2 300 20261125000000 "
	"20261122000000 4711 notexample.com. AAAA",
	"dns_at 192.0.2.53 example.com A !timeout",
	"rdap example.com expires=2027-05-01T00:00:00Z",
	"whois example.com expires=2026-01-01T00:00:00Z",
	"rdap example.net expires=2026-12-01T00:00:00Z",
	"http https://mta-sts.example.com/.well-known/mta-sts.txt 200 "
	"not-after=2026-12-24T00:00:00Z",
	"http https://www.example.net/ 200 not-after=2026-12-25T00:00:00Z",
};

static void held_open(const struct judgement *judgement)
{
	struct arena *a = &held.scan.arena;

	held = (struct held){ .worker = &worker, .started_us = at_us };
	worker.check_count = outcome_known(&worker.arena, &worker.check_ids);
	held.id.octets[0] = 1;
	held.row.token = 7;
	held.row.name = STR_LIT("example.com");
	held.scan.judgement = *judgement;
	held.scan.state = judgement->is_incomplete ? SCAN_INCOMPLETE : SCAN_DONE;
	held.scan.facts = arena_array(a, ARRAY_COUNT(lines), sizeof *held.scan.facts);
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		struct fact *fact = ARENA_NEW(a, struct fact);

		test_row("%s", lines[i]);
		CHECK_INT(fact_parse(a, str_of(lines[i]), fact, NULL), 0);
		fact->seen_us = at_us + (int64_t)i * 100000;
		held.scan.facts[i] = fact;
	}
	held.scan.fact_count = facts_order(a, held.scan.facts, ARRAY_COUNT(lines));
	judgement_score(a, &held.scan.judgement);
}

static void held_close(void)
{
	arena_release(&held.scan.arena);
	arena_release(&worker.arena);
}

static bool is_settled(struct str id)
{
	for (size_t i = 0; i < held.outcome.settled_count; i++)
		if (str_eq(held.outcome.settled[i], id))
			return true;
	return false;
}

TEST(checks_that_could_not_see_all_close_nothing)
{
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 3, 2, 100);

	judgement.checks[1].has_gap = true; /* it failed, and one subject was not seen */
	judgement.checks[5].verdict = VERDICT_NOT_APPLICABLE;
	held_open(&judgement);
	outcome_make(&held, at_us + 5);
	CHECK(is_settled(judgement.checks[0].id));
	CHECK(!is_settled(judgement.checks[1].id));
	CHECK(is_settled(judgement.checks[5].id));
	CHECK(is_settled(judgement.checks[6].id));
	CHECK(!is_settled(judgement.checks[100].id));
	CHECK_INT(held.outcome.gaps, (int64_t)judgement.check_count - 100);
	CHECK_INT(held.outcome.status, SCAN_IS_INCOMPLETE);
	CHECK_INT(held.outcome.finding_count, 6);
	CHECK_INT(held.outcome.known_count, judgement.check_count);
	for (size_t i = 1; i < held.outcome.known_count; i++)
		CHECK(str_cmp(held.outcome.known[i - 1], held.outcome.known[i]) < 0);
	held_close();
	arena_release(&a);
}

TEST(what_is_stored_of_facts_gives_them_back)
{
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 0, 0, NEVER);
	struct fact *loaded[ARRAY_COUNT(lines)];

	held_open(&judgement);
	outcome_make(&held, at_us);
	CHECK_INT(held.outcome.fact_count, ARRAY_COUNT(lines));
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		loaded[i] = ARENA_NEW(&a, struct fact);
		CHECK_INT(fact_decode(&a, held.outcome.facts[i], loaded[i]), 0);
	}
	CHECK_INT(facts_apply_volatile(held.outcome.volatile_blob, loaded, ARRAY_COUNT(lines)), 0);
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		struct buf one, other;

		buf_init(&one, &a);
		buf_init(&other, &a);
		fact_encode(&one, held.scan.facts[i]);
		fact_encode(&other, loaded[i]);
		CHECK(str_eq(buf_str(&one), buf_str(&other)));
	}
	held_close();
	arena_release(&a);
}

TEST(findings_show_their_evidence_where_it_is_there)
{
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 1, 2, NEVER);
	struct question question = { .kind = KIND_dns, .dns = { STR_LIT("example.com"), DNS_MX } };
	static const enum dns_type types[] = { DNS_MX, DNS_SOA, DNS_TXT };
	struct str keys[ARRAY_COUNT(types)], evidence;
	struct buf key;

	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		buf_init(&key, &a);
		question.dns.type = types[i];
		question_key(&key, &question);
		keys[i] = buf_str(&key);
	}
	judgement.findings[0].evidence = keys;
	judgement.findings[0].evidence_count = ARRAY_COUNT(types);
	judgement.findings[1].evidence = &keys[2]; /* nobody asked this */
	judgement.findings[1].evidence_count = 1;
	held_open(&judgement);
	outcome_make(&held, at_us);
	evidence = held.outcome.findings[0].evidence;
	CHECK(str_starts(evidence,
			 STR_LIT("{\"rests_on\":[\"dns example.com MX\",\"dns example.com "
				 "SOA\"],\"facts\":[{")));
	CHECK(str_find(evidence, STR_LIT("a.example.com.")) > 0);
	CHECK(!held.outcome.findings[1].evidence.len);
	held_close();
	arena_release(&a);
}

TEST(what_expires_of_the_domain_is_listed)
{
	static const struct {
		const char *subject;
		enum expiry_kind kind;
		int64_t at;
	} rows[] = {
		{ "www.example.com A", EXPIRY_RRSIG, 1796083200000000 },  /* 2026-12-01 */
		{ "example.com SOA", EXPIRY_RRSIG, 1797897600000000 },    /* 2026-12-22 */
		{ "example.com", EXPIRY_REGISTRATION, 1809129600000000 }, /* 2027-05-01, by RDAP */
		{ "mta-sts.example.com", EXPIRY_CERTIFICATE, 1798070400000000 }, /* 2026-12-24 */
	};
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 0, 0, NEVER);

	held_open(&judgement);
	outcome_make(&held, at_us);
	CHECK_INT(held.outcome.expiry_count, ARRAY_COUNT(rows));
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct expiry_row *found = NULL;

		test_row("%s", rows[i].subject);
		for (size_t k = 0; k < held.outcome.expiry_count; k++)
			if (str_eq(held.outcome.expiries[k].subject, str_of(rows[i].subject)))
				found = &held.outcome.expiries[k];
		CHECK(found);
		CHECK_INT(found->kind, rows[i].kind);
		CHECK_INT(found->at, rows[i].at);
	}
	held_close();
	arena_release(&a);
}

TEST(what_was_not_scanned_stores_no_more_than_how_it_ended)
{
	struct arena a = { 0 };
	struct judgement judgement = judgement_of(&a, 1, 1, NEVER);

	held_open(&judgement);
	held.scan.state = SCAN_FAILED;
	held.scan.error = STR_LIT("two scanners died of it");
	outcome_make(&held, at_us + 9);
	CHECK_INT(held.outcome.status, SCAN_IS_FAILED);
	CHECK_STR(held.outcome.error, "two scanners died of it");
	CHECK_INT(held.outcome.fact_count + held.outcome.finding_count + held.outcome.settled_count,
		  0);
	CHECK_INT(held.outcome.score, -1);
	CHECK_INT(held.outcome.token, 7);
	outcome_fail(&held, SCAN_IS_CANCELLED, at_us, STR_NONE);
	CHECK_INT(held.outcome.status, SCAN_IS_CANCELLED);
	CHECK_INT(held.outcome.ended_at, at_us);
	held_close();
	arena_release(&a);
}

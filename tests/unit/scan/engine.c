/* SPDX-License-Identifier: Apache-2.0 */
/* Does every scan end once, with what its judges could know? */
#include "scan/engine.h"

#include "base/clock.h"
#include "tests/unit/ask/gate_bench.h"

#undef fail /* cmocka's; here it is the judges' */

enum { LONG_US = 60000000, RCODE_NXDOMAIN = 3 };

static unsigned runs;

/* ---- families ---- */

static const struct check one_checks[] = { { .id = "own.one.exists" } };

static void judge_one(struct judge *j)
{
	const struct dns_answer *answer;

	runs++;
	answer = ask_dns(j, j->domain, DNS_A);
	if (answer)
		expect(j, 0, j->domain, answer->rcode == DNS_NOERROR, "no such name");
}
const struct family family_own_one = FAMILY("own.one", one_checks, judge_one);

static const struct check two_checks[] = { { .id = "own.two.first" }, { .id = "own.two.second" } };

static void judge_two(struct judge *j)
{
	static const unsigned char first[] = { 0 }, second[] = { 1 };

	runs++;
	judge_about(j, first, 1);
	if (ask_dns(j, STR_LIT("first.example"), DNS_A))
		pass(j, 0, j->domain);
	judge_about(j, second, 1);
	if (ask_dns(j, STR_LIT("second.example"), DNS_A))
		pass(j, 1, j->domain);
}
const struct family family_own_two = FAMILY("own.two", two_checks, judge_two);

const void *derived_cycle_a(struct judge *j)
{
	return derive_cycle_b(j, j->domain);
}

const void *derived_cycle_b(struct judge *j)
{
	return derive_cycle_a(j, j->domain);
}

const void *derived_control_proof(struct judge *j)
{
	return try_dns(j, STR_LIT("proof.example"), DNS_TXT);
}

static const struct check cycle_checks[] = { { .id = "own.cycle.ends" } };

static void judge_cycle(struct judge *j)
{
	if (derive_cycle_a(j, j->domain))
		pass(j, 0, j->domain);
}
const struct family family_own_cycle = FAMILY("own.cycle", cycle_checks, judge_cycle);

static const struct check server_checks[] = { { .id = "own.server.speaks" } };

/* More questions to one server than its pace lets through. */
static void judge_server(struct judge *j)
{
	struct address server;

	if (address_parse(STR_LIT("127.0.0.1"), &server) < 0)
		return;
	for (uint16_t type = 1; type <= 8; type++)
		if (ask_dns_at(j, server, j->domain, type, 0))
			pass(j, 0, j->domain);
}
const struct family family_own_server = FAMILY("own.server", server_checks, judge_server);

/* ---- a bench: a gate, an engine, scans that end ---- */

struct ended {
	unsigned count, facts, results;
	struct check_result result[2];
	bool is_incomplete;
	struct engine *starts; /* another scan when it ends */
	const struct scan_request *request;
};

struct engine_bench {
	struct gate_bench gate;
	struct engine *engine;
};

static bool is_selected(const void *context, const struct check *check)
{
	return str_starts(str_of(check->id), str_of(context));
}

static void start(struct engine *engine, const char *family, const struct scan_request *request,
		  const struct scan_limits *limits, scan_callback *callback, void *context)
{
	struct selection selection = { .has = is_selected, .context = family };

	engine_scan(engine, request, selection, limits, callback, context);
}

static const struct scan_limits usual = { .kinds = UINT32_MAX, .deadline_us = LONG_US };

static void on_ended(void *context, const struct scan_outcome *outcome)
{
	struct ended *ended = context;
	struct engine *engine = ended->starts;

	ended->count++;
	ended->facts = (unsigned)outcome->fact_count;
	ended->results = (unsigned)outcome->verdicts->result_count;
	ended->is_incomplete = outcome->verdicts->is_incomplete;
	for (unsigned i = 0; i < ended->results && i < ARRAY_COUNT(ended->result); i++)
		ended->result[i] = outcome->verdicts->results[i];
	ended->starts = NULL;
	if (engine)
		start(engine, "own.one", ended->request, &usual, on_ended, ended);
}

static void engine_bench_open(struct engine_bench *bench, const struct gate_settings *settings)
{
	gate_bench_open(&bench->gate, settings);
	CHECK(engine_open(&bench->gate.loop, &bench->gate.timers, bench->gate.gate,
			  &bench->engine) == 0);
	runs = 0;
}

static void engine_bench_close(struct engine_bench *bench)
{
	engine_close(bench->engine);
	gate_bench_close(&bench->gate);
}

static const struct scan_request request = { .domain = { "example.com", 11 }, .at_us = 1 },
				 with_proof = { .domain = { "example.com", 11 },
						.at_us = 1,
						.wants_proof = true };

/* One scan with these settings, until it has ended. */
static void scan_once(const char *family, peer_script *script, const struct scan_limits *limits,
		      struct ended *ended)
{
	struct engine_bench bench;

	*ended = (struct ended){ 0 };
	engine_bench_open(&bench, NULL);
	bench.gate.resolver.on_udp = script;
	start(bench.engine, family, &request, limits, on_ended, ended);
	CHECK_INT(engine_running(bench.engine), 1);
	gate_bench_until(&bench.gate, &ended->count, 1);
	CHECK_INT(engine_running(bench.engine), 0);
	engine_bench_close(&bench);
}

static void nxdomain(struct peer *peer, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];
	struct str packet = peer_answer(query, 0, out);

	out[3] = RCODE_NXDOMAIN;
	peer_send(peer, from, packet);
}

static void check_unknown(const struct ended *ended, unsigned result, enum failure failure)
{
	CHECK_INT(ended->result[result].verdict, VERDICT_UNKNOWN);
	CHECK_INT(ended->result[result].failure, failure);
}

TEST(a_name_that_does_not_exist_is_an_answer)
{
	struct ended ended;

	scan_once("own.one", nxdomain, &usual, &ended);
	CHECK_INT(ended.result[0].verdict, VERDICT_FAIL);
	CHECK_INT(ended.facts, 1);
	CHECK(!ended.is_incomplete);
	CHECK_INT(runs, 2);
}

TEST(a_wanted_proof_is_among_the_facts_whatever_is_judged)
{
	struct engine_bench bench;
	struct ended ended = { 0 };

	engine_bench_open(&bench, NULL);
	bench.gate.resolver.on_udp = nxdomain;
	start(bench.engine, "own.one", &with_proof, &usual, on_ended, &ended);
	gate_bench_until(&bench.gate, &ended.count, 1);
	CHECK_INT(ended.facts, 2);
	CHECK_INT(ended.results, 1);
	start(bench.engine, "none", &with_proof, &usual, on_ended, &ended);
	gate_bench_until(&bench.gate, &ended.count, 2);
	CHECK_INT(ended.facts, 1);
	engine_bench_close(&bench);
}

TEST(at_the_deadline_each_waiting_judge_runs_once_more)
{
	struct scan_limits limits = { .kinds = UINT32_MAX, .deadline_us = 30000 };
	struct ended ended;

	scan_once("own.two", NULL, &limits, &ended);
	CHECK_INT(ended.results, 2);
	check_unknown(&ended, 0, FAILURE_DEADLINE);
	check_unknown(&ended, 1, FAILURE_DEADLINE);
	CHECK(ended.is_incomplete);
	CHECK_INT(runs, 2);
}

TEST(a_scan_over_its_memory_ends_once_and_incomplete)
{
	struct scan_limits limits = usual;
	struct ended ended;

	limits.memory_bytes = 1;
	scan_once("own.two", peer_reply, &limits, &ended);
	CHECK_INT(ended.count, 1);
	check_unknown(&ended, 0, FAILURE_BUDGET);
	CHECK(ended.is_incomplete);
}

TEST(questions_over_the_budget_of_a_scan_are_gaps)
{
	struct scan_limits limits = usual;
	struct ended ended;

	limits.questions = 1;
	scan_once("own.two", peer_reply, &limits, &ended);
	CHECK_INT(ended.result[0].verdict, VERDICT_PASS);
	check_unknown(&ended, 1, FAILURE_BUDGET);
	CHECK(ended.is_incomplete);
}

TEST(what_the_profile_does_not_ask_leaves_no_scan_incomplete)
{
	struct scan_limits limits = usual;
	struct ended ended;

	limits.kinds = 1u << KIND_dns_at;
	scan_once("own.one", peer_reply, &limits, &ended);
	check_unknown(&ended, 0, FAILURE_PROFILE);
	CHECK(!ended.is_incomplete);
}

TEST(derived_facts_that_wait_for_one_another_do_not_wait_for_the_deadline)
{
	struct ended ended;

	scan_once("own.cycle", peer_reply, &usual, &ended);
	CHECK_INT(ended.result[0].verdict, VERDICT_UNKNOWN);
	CHECK(ended.is_incomplete);
}

TEST(a_scan_that_is_paced_for_ever_ends)
{
	struct gate_settings settings = { .rate = 1 };
	struct scan_limits limits = { .kinds = UINT32_MAX, .deadline_us = 10000 };
	struct ended ended = { 0 };
	struct engine_bench bench;

	engine_bench_open(&bench, &settings);
	start(bench.engine, "own.server", &request, &limits, on_ended, &ended);
	gate_bench_until(&bench.gate, &ended.count, 1);
	check_unknown(&ended, 0, FAILURE_DEADLINE);
	engine_bench_close(&bench);
}

TEST(scans_of_one_name_share_their_questions)
{
	struct ended ended[10] = { 0 };
	struct engine_bench bench;

	engine_bench_open(&bench, NULL);
	for (size_t i = 0; i < ARRAY_COUNT(ended); i++)
		start(bench.engine, "own.", &request, &usual, on_ended, &ended[i]);
	for (size_t i = 0; i < ARRAY_COUNT(ended); i++)
		gate_bench_until(&bench.gate, &ended[i].count, 1);
	CHECK_INT(bench.gate.resolver.udp_queries, 3);
	CHECK_INT(ended[7].results, 5);
	engine_bench_close(&bench);
}

TEST(the_end_of_a_scan_may_start_the_next)
{
	struct ended ended = { .request = &request };
	struct engine_bench bench;

	engine_bench_open(&bench, NULL);
	ended.starts = bench.engine;
	start(bench.engine, "own.two", &request, &usual, on_ended, &ended);
	gate_bench_until(&bench.gate, &ended.count, 2);
	CHECK_INT(ended.results, 1);
	CHECK_INT(ended.result[0].verdict, VERDICT_PASS);
	engine_bench_close(&bench);
}

TEST(an_engine_closes_with_scans_under_way)
{
	struct ended ended[3] = { 0 };
	struct engine_bench bench;

	engine_bench_open(&bench, NULL);
	bench.gate.resolver.on_udp = NULL;
	start(bench.engine, "own.two", &request, &usual, on_ended, &ended[0]);
	start(bench.engine, "own.one", &request, &usual, on_ended, &ended[1]);
	while (bench.gate.resolver.udp_queries < 3)
		uv_run(&bench.gate.loop, UV_RUN_ONCE);
	start(bench.engine, "own.one", &request, &usual, on_ended, &ended[2]); /* has not run */
	CHECK_INT(engine_running(bench.engine), 3);
	engine_bench_close(&bench);
	CHECK_INT(ended[0].count + ended[1].count + ended[2].count, 0);
}

/* ---- a judge runs early ---- */

static struct peer_from held_from;
static uint8_t held[512];
static size_t held_len;

static bool asks_second(struct str query)
{
	return query.len > DNS_HEADER_BYTES + 1 && query.len <= sizeof held &&
	       (query.data[DNS_HEADER_BYTES + 1] | 0x20) == 's';
}

static void hold_second(struct peer *peer, struct str query, const struct peer_from *from)
{
	if (!asks_second(query)) {
		peer_reply(peer, query, from);
		return;
	}
	held_len = query.len;
	memcpy(held, query.data, query.len);
	held_from = *from;
}

TEST(a_judge_runs_early_when_its_news_is_old_enough)
{
	struct ended ended = { 0 };
	struct engine_bench bench;

	engine_bench_open(&bench, NULL);
	held_len = 0;
	bench.gate.resolver.on_udp = hold_second;
	start(bench.engine, "own.two", &request, &usual, on_ended, &ended);
	gate_bench_until(&bench.gate, &runs, 2); /* with the first answer alone */
	CHECK_INT(ended.count, 0);
	CHECK(held_len > 0);
	peer_reply(&bench.gate.resolver, str_bytes(held, held_len), &held_from);
	gate_bench_until(&bench.gate, &ended.count, 1);
	CHECK_INT(runs, 3);
	CHECK_INT(ended.result[1].verdict, VERDICT_PASS);
	engine_bench_close(&bench);
}

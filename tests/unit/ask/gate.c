/* SPDX-License-Identifier: Apache-2.0 */
/* Is each question asked once, confirmed when it must be, and told to all who wait? */
#include "tests/unit/ask/gate_bench.h"

#include <unistd.h>

enum { RCODE_SERVFAIL = 2, RCODE_NXDOMAIN = 3, RCODE_REFUSED = 5, CD_BIT = 0x10 };

static void reply_rcode(struct peer *peer, struct str query, const struct peer_from *from,
			unsigned rcode)
{
	uint8_t out[1024];
	struct str packet = peer_answer(query, rcode ? 0 : 1, out);

	out[3] = (uint8_t)rcode;
	peer_send(peer, from, packet);
}

static void always_nxdomain(struct peer *peer, struct str query, const struct peer_from *from)
{
	reply_rcode(peer, query, from, RCODE_NXDOMAIN);
}

static void always_refused(struct peer *peer, struct str query, const struct peer_from *from)
{
	reply_rcode(peer, query, from, RCODE_REFUSED);
}

static void refused_first(struct peer *peer, struct str query, const struct peer_from *from)
{
	reply_rcode(peer, query, from, peer->udp_queries == 1 ? RCODE_REFUSED : 0);
}

static void refused_then_servfail(struct peer *peer, struct str query, const struct peer_from *from)
{
	reply_rcode(peer, query, from, peer->udp_queries == 1 ? RCODE_REFUSED : RCODE_SERVFAIL);
}

static void bogus(struct peer *peer, struct str query, const struct peer_from *from)
{
	bool is_unchecked = (uint8_t)query.data[3] & CD_BIT;

	reply_rcode(peer, query, from, is_unchecked ? 0 : RCODE_SERVFAIL);
}

static void always_servfail(struct peer *peer, struct str query, const struct peer_from *from)
{
	reply_rcode(peer, query, from, RCODE_SERVFAIL);
}

static void garbage(struct peer *peer, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];
	struct str packet = peer_answer(query, 1, out);

	packet.len -= 3; /* the record is cut */
	peer_send(peer, from, packet);
}

/* One question, until it is heard; the packets that it took. */
static unsigned packets_of(peer_script *script, uint8_t *ret_failure)
{
	struct gate_bench bench;
	struct test_scan scan;
	unsigned packets;

	gate_bench_open(&bench, NULL);
	bench.resolver.on_udp = script;
	test_scan_init(&scan, &bench);
	CHECK(!test_scan_ask(&scan, "example.com", DNS_A));
	gate_bench_until(&bench, &scan.heard, 1);
	packets = bench.resolver.udp_queries;
	*ret_failure = scan.failure;
	CHECK_INT(gate_counts(bench.gate)->running, 0);
	gate_forget(bench.gate, &scan.waiter);
	gate_bench_close(&bench);
	return packets;
}

TEST(a_failure_of_theirs_is_asked_twice_and_nothing_else_is)
{
	static const struct {
		const char *what;
		peer_script *script;
		unsigned packets;
		uint8_t failure;
	} rows[] = {
		{ "answer", peer_reply, 1, FAILURE_NONE },
		{ "NXDOMAIN", always_nxdomain, 1, FAILURE_NONE },
		{ "REFUSED", always_refused, 2, FAILURE_REFUSED },
		{ "the second time it answers", refused_first, 2, FAILURE_NONE },
		{ "the second failure counts", refused_then_servfail, 3, FAILURE_SERVFAIL },
		{ "SERVFAIL, also unchecked", always_servfail, 4, FAILURE_SERVFAIL },
		{ "bogus: an answer without validation", bogus, 4, FAILURE_BOGUS },
		{ "garbage", garbage, 2, FAILURE_GARBAGE },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		uint8_t failure;

		test_row("%s", rows[i].what);
		CHECK_INT(packets_of(rows[i].script, &failure), rows[i].packets);
		CHECK_INT(failure, rows[i].failure);
	}
}

TEST(ten_scans_share_one_packet)
{
	struct gate_bench bench;
	struct test_scan scans[10], late;
	const struct fact *fact;

	gate_bench_open(&bench, NULL);
	for (size_t i = 0; i < ARRAY_COUNT(scans); i++) {
		test_scan_init(&scans[i], &bench);
		CHECK(!test_scan_ask(&scans[i], "example.com", DNS_A));
	}
	for (size_t i = 0; i < ARRAY_COUNT(scans); i++)
		gate_bench_until(&bench, &scans[i].heard, 1);
	CHECK_INT(bench.resolver.udp_queries, 1);
	test_scan_init(&late, &bench);
	fact = test_scan_ask(&late, "example.com", DNS_A);
	CHECK(fact && fact_is_answer(fact) && fact->dns->count == 1);
	CHECK_INT(late.heard, 0);
	CHECK(late.account.held_bytes > 0 && scans[3].account.held_bytes > 0);
	CHECK_INT(gate_counts(bench.gate)->asked, 1);
	CHECK_INT(gate_counts(bench.gate)->shared, 10);
	for (size_t i = 0; i < ARRAY_COUNT(scans); i++)
		gate_forget(bench.gate, &scans[i].waiter);
	gate_forget(bench.gate, &late.waiter);
	gate_bench_close(&bench);
}

/* With and without somebody who still holds the old fact. */
TEST(an_old_fact_is_asked_again)
{
	struct gate_settings settings = { .fresh_us = 1000 };
	struct gate_bench bench;
	struct test_scan holder, second, third;

	gate_bench_open(&bench, &settings);
	test_scan_init(&holder, &bench);
	test_scan_init(&second, &bench);
	test_scan_init(&third, &bench);
	CHECK(!test_scan_ask(&holder, "example.com", DNS_A));
	gate_bench_until(&bench, &holder.heard, 1);
	CHECK(!test_scan_ask(&third, "example.org", DNS_A));
	gate_bench_until(&bench, &third.heard, 1);
	gate_forget(bench.gate, &third.waiter);
	usleep(5000);
	uv_update_time(&bench.loop);
	CHECK(!test_scan_ask(&second, "example.com", DNS_A)); /* held by holder */
	CHECK(!test_scan_ask(&third, "example.org", DNS_A));  /* held by nobody */
	gate_bench_until(&bench, &second.heard, 1);
	gate_bench_until(&bench, &third.heard, 2);
	CHECK_INT(bench.resolver.udp_queries, 4);
	gate_forget(bench.gate, &holder.waiter);
	gate_forget(bench.gate, &second.waiter);
	gate_forget(bench.gate, &third.waiter);
	gate_bench_close(&bench);
}

TEST(the_cache_keeps_no_more_than_its_bytes)
{
	struct gate_settings settings = { .cache_bytes = 1 };
	struct gate_bench bench;
	struct test_scan scan;

	gate_bench_open(&bench, &settings);
	test_scan_init(&scan, &bench);
	for (unsigned i = 1; i <= 3; i++) {
		CHECK(!test_scan_ask(&scan, "example.com", DNS_A));
		gate_bench_until(&bench, &scan.heard, i);
		gate_forget(bench.gate, &scan.waiter);
	}
	CHECK_INT(bench.resolver.udp_queries, 3);
	gate_bench_close(&bench);
}

TEST(what_only_a_stream_asked_is_not_kept)
{
	struct gate_bench bench;
	struct test_scan stream, scan;

	gate_bench_open(&bench, NULL);
	test_scan_init(&stream, &bench);
	stream.account.is_passing = true;
	CHECK(!test_scan_ask(&stream, "example.com", DNS_A));
	gate_bench_until(&bench, &stream.heard, 1);
	gate_forget(bench.gate, &stream.waiter);
	test_scan_init(&scan, &bench);
	CHECK(!test_scan_ask(&scan, "example.com", DNS_A));
	gate_bench_until(&bench, &scan.heard, 1);
	gate_forget(bench.gate, &scan.waiter);
	CHECK(test_scan_ask(&stream, "example.com", DNS_A));
	gate_forget(bench.gate, &stream.waiter);
	CHECK_INT(bench.resolver.udp_queries, 2);
	gate_bench_close(&bench);
}

/* ---- refusals of ours ---- */

static const struct fact *ask_server(struct test_scan *scan, uint8_t kind, const char *address)
{
	struct question question = { .kind = kind };

	if (kind == KIND_axfr) {
		question.axfr.zone = STR_LIT("example.com");
		CHECK(address_parse(str_of(address), &question.axfr.server) == 0);
	} else {
		question.dns_at.name = STR_LIT("example.com");
		question.dns_at.type = DNS_SOA;
		CHECK(address_parse(str_of(address), &question.dns_at.server) == 0);
	}
	return gate_ask(scan->gate, &scan->account, &question, &scan->waiter);
}

TEST(refusals_of_ours_are_told_at_once_and_not_cached)
{
	struct gate_settings settings = { .lacks_ipv6 = true };
	struct gate_bench bench;
	struct test_scan scan, other;
	const struct fact *fact;

	gate_bench_open(&bench, &settings);
	test_scan_init(&scan, &bench);
	test_scan_init(&other, &bench);
	scan.account.kinds = 1u << KIND_axfr;
	fact = test_scan_ask(&scan, "example.com", DNS_A);
	CHECK(fact && fact->failure == FAILURE_PROFILE && !fact->answer);
	gate_forget(bench.gate, &scan.waiter);
	fact = ask_server(&scan, KIND_axfr, "192.0.2.1");
	CHECK(fact && fact->failure == FAILURE_CONSENT);
	gate_forget(bench.gate, &scan.waiter);
	fact = ask_server(&other, KIND_dns_at, "2001:db8::1");
	CHECK(fact && fact->failure == FAILURE_VANTAGE);
	gate_forget(bench.gate, &other.waiter);
	other.account.questions_left = 0;
	fact = test_scan_ask(&other, "example.com", DNS_A);
	CHECK(fact && fact->failure == FAILURE_BUDGET);
	CHECK(fact->question.kind == KIND_dns && fact->question.dns.type == DNS_A);
	gate_forget(bench.gate, &other.waiter);
	CHECK_INT(gate_counts(bench.gate)->refused, 4);
	CHECK_INT(bench.resolver.udp_queries, 0);
	other.account.questions_left = 1;
	CHECK(!test_scan_ask(&other, "example.com", DNS_A));
	gate_bench_until(&bench, &other.heard, 1);
	CHECK_INT(other.failure, FAILURE_NONE);
	CHECK_INT(other.account.questions_left, 0);
	gate_forget(bench.gate, &other.waiter);
	gate_bench_close(&bench);
}

TEST(a_denied_address_is_ours_and_asked_anew)
{
	static const uint8_t kinds[] = { KIND_dns_at, KIND_axfr };
	struct gate_bench bench;
	struct test_scan scan;

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		gate_bench_open(&bench, NULL);
		test_scan_init(&scan, &bench);
		scan.account.is_active = true;
		for (unsigned k = 1; k <= 2; k++) {
			CHECK(!ask_server(&scan, kinds[i], "10.0.0.1"));
			gate_bench_until(&bench, &scan.heard, k);
			CHECK_INT(scan.failure, FAILURE_POLICY);
			gate_forget(bench.gate, &scan.waiter);
		}
		CHECK_INT(gate_counts(bench.gate)->asked, 2);
		gate_bench_close(&bench);
	}
}

TEST(a_resolver_that_is_gone_is_no_fault_of_the_domain)
{
	struct gate_bench bench;
	struct test_scan scan;

	gate_bench_open(&bench, NULL);
	test_scan_init(&scan, &bench);
	/* Nobody listens on the port any more: close its socket under the peer. */
	uv_poll_stop(&bench.resolver.udp);
	CHECK(dup2(bench.resolver.listener_fd, bench.resolver.udp_fd) >= 0);
	CHECK(!test_scan_ask(&scan, "example.com", DNS_A));
	gate_bench_until(&bench, &scan.heard, 1);
	CHECK_INT(scan.failure, FAILURE_OUT_OF_REACH);
	gate_forget(bench.gate, &scan.waiter);
	gate_bench_close(&bench);
}

/* ---- forgetting ---- */

TEST(a_waiter_may_leave_while_others_are_told)
{
	struct gate_bench bench;
	struct test_scan scans[5];

	gate_bench_open(&bench, NULL);
	for (size_t i = 0; i < ARRAY_COUNT(scans); i++) {
		test_scan_init(&scans[i], &bench);
		CHECK(!test_scan_ask(&scans[i], "example.com", DNS_A));
	}
	/* Whoever is told first takes three others and itself with it; one waits alone. */
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 4; k++)
			scans[i].forgets[k] = &scans[k].waiter;
	gate_bench_until(&bench, &scans[4].heard, 1);
	CHECK_INT(scans[0].heard + scans[1].heard + scans[2].heard + scans[3].heard, 1);
	gate_forget(bench.gate, &scans[4].waiter);
	gate_forget(bench.gate, &scans[4].waiter); /* twice does nothing */
	gate_bench_close(&bench);
}

TEST(a_question_that_all_have_forgotten_still_ends)
{
	struct gate_bench bench;
	struct test_scan scan, later;

	gate_bench_open(&bench, NULL);
	test_scan_init(&scan, &bench);
	test_scan_init(&later, &bench);
	CHECK(!test_scan_ask(&scan, "example.com", DNS_A));
	gate_forget(bench.gate, &scan.waiter);
	CHECK(!test_scan_ask(&later, "example.com", DNS_A));
	gate_bench_until(&bench, &later.heard, 1);
	CHECK_INT(scan.heard, 0);
	CHECK_INT(bench.resolver.udp_queries, 1);
	gate_forget(bench.gate, &later.waiter);
	gate_bench_close(&bench);
}

/* ---- closing ---- */

TEST(a_gate_closes_with_work_under_way)
{
	struct gate_settings settings = { .in_flight = 2, .confirm_us = 60000000 };
	struct gate_bench bench;
	struct test_scan scans[6];
	struct test_scan transfer, refused;

	gate_bench_open(&bench, &settings);
	test_scan_init(&refused, &bench);
	bench.resolver.on_udp = always_refused;
	CHECK(!test_scan_ask(&refused, "refused.example", DNS_A));
	while (bench.resolver.udp_queries < 1)
		uv_run(&bench.loop, UV_RUN_ONCE);
	for (unsigned i = 0; i < 5; i++)
		uv_run(&bench.loop, UV_RUN_NOWAIT); /* it waits to be confirmed now */
	CHECK_INT(refused.heard, 0);
	for (size_t i = 0; i < ARRAY_COUNT(scans); i++) { /* more than there is room for */
		static const char *const names[] = { "a.example", "b.example", "c.example",
						     "d.example", "e.example", "f.example" };

		test_scan_init(&scans[i], &bench);
		CHECK(!test_scan_ask(&scans[i], names[i], DNS_A));
		gate_forget(bench.gate, &scans[i].waiter);
	}
	test_scan_init(&transfer, &bench);
	transfer.account.is_active = true;
	CHECK(!ask_server(&transfer, KIND_axfr, "127.0.0.1"));
	gate_forget(bench.gate, &transfer.waiter);
	gate_forget(bench.gate, &refused.waiter);
	gate_bench_close(&bench);
}

TEST(more_questions_than_there_is_room_for_all_end)
{
	struct gate_settings settings = { .in_flight = 2 };
	struct gate_bench bench;
	struct test_scan scans[40];
	char names[ARRAY_COUNT(scans)][32];

	gate_bench_open(&bench, &settings);
	for (size_t i = 0; i < ARRAY_COUNT(scans); i++) {
		snprintf(names[i], sizeof names[i], "n%zu.example", i);
		test_scan_init(&scans[i], &bench);
		CHECK(!test_scan_ask(&scans[i], names[i], DNS_A));
	}
	for (size_t i = 0; i < ARRAY_COUNT(scans); i++) {
		gate_bench_until(&bench, &scans[i].heard, 1);
		CHECK_INT(scans[i].failure, FAILURE_NONE);
		gate_forget(bench.gate, &scans[i].waiter);
	}
	CHECK_INT(bench.resolver.udp_queries, ARRAY_COUNT(scans));
	gate_bench_close(&bench);
}

/* ---- pacing ---- */

TEST(pacing_that_overlaps_counts_once_a_scan)
{
	struct gate_settings settings = { .rate = 1 };
	struct gate_bench bench;
	struct test_scan scan, shares;
	struct gate_waiter waiters[8];
	struct question question = { .kind = KIND_dns_at,
				     .dns_at = { .name = STR_LIT("example.com") } };

	gate_bench_open(&bench, &settings);
	test_scan_init(&scan, &bench);
	CHECK(address_parse(STR_LIT("127.0.0.1"), &question.dns_at.server) == 0);
	for (uint16_t i = 0; i < ARRAY_COUNT(waiters); i++) {
		question.dns_at.type = (uint16_t)(i + 1);
		CHECK(!gate_ask(bench.gate, &scan.account, &question, &waiters[i]));
	}
	/* One at once, the others one a second: seven seconds in all, not 28. */
	CHECK(scan.account.paced_us > 5000000 && scan.account.paced_us < 10000000);
	test_scan_init(&shares, &bench);
	CHECK(!gate_ask(bench.gate, &shares.account, &question, &shares.waiter));
	CHECK(shares.account.paced_us > 5000000);
	gate_forget(bench.gate, &shares.waiter);
	for (size_t i = 0; i < ARRAY_COUNT(waiters); i++)
		gate_forget(bench.gate, &waiters[i]);
	gate_bench_close(&bench);
}

/* ---- is a resolver there? ---- */

struct heard_probe {
	struct gate_probe probe; /* first */
	unsigned heard;
	enum failure failure;
};

static void on_probed(struct gate_probe *probe, enum failure failure)
{
	struct heard_probe *heard = (struct heard_probe *)probe;

	heard->heard++;
	heard->failure = failure;
}

TEST(a_probe_tells_whether_a_resolver_is_there)
{
	static const struct {
		peer_script *script;
		enum failure failure;
	} rows[] = {
		{ peer_reply, FAILURE_NONE },
		{ always_servfail, FAILURE_NONE },
		{ always_refused, FAILURE_RCODE },
		{ NULL, FAILURE_TIMEOUT },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct heard_probe heard = { .probe = { .on_probed = on_probed } };
		struct gate_bench bench;

		test_row("%zu", i);
		gate_bench_open(&bench, NULL);
		bench.resolver.on_udp = rows[i].script;
		CHECK(gate_probe(bench.gate, &heard.probe) == 0);
		gate_bench_until(&bench, &heard.heard, 1);
		CHECK_INT(heard.failure, rows[i].failure);
		gate_bench_close(&bench);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Does the table stay whole under load: pacing, back-pressure, renewed sockets, thousands of rows? */
#include "tests/unit/net/dns_peer.h"

#include "base/clock.h"

static struct bench bench;
static struct peer peer;
static struct dns_destination server;

/* A client and a server that answers: a question to it. */
static struct dns_request open_both(const struct dns_client_settings *settings)
{
	pair_open(&bench, &peer, settings);
	peer.on_udp = peer_reply;
	server = peer_destination(&peer);
	return bench_request(&server, 5, 0);
}

TEST(queries_over_the_rate_wait_and_say_for_how_long)
{
	struct dns_client_settings settings = { .rate = 100, .burst = 5 };
	struct dns_request request = open_both(&settings);

	/* Its tries and its deadline are shorter than the wait of the last one, which is 50 ms. */
	request.timeout_us = 30000;
	request.deadline_us = clock_monotonic_us() + 40000;
	for (int i = 0; i < 10; i++)
		bench_ask(&bench, &request);
	bench_until(&bench, 10);
	CHECK_INT(bench.answered, 10);
	CHECK_INT(bench.paced, 5);
	CHECK_INT(bench.paced_us, bench.told_us);
	/* 10 + 20 + 30 + 40 + 50 ms, exactly: the wait is an account, not a measurement */
	CHECK_INT(bench.told_us, 150000);
	CHECK_INT(dns_client_counts(bench.client)->paced_us, bench.told_us);
	pair_close(&bench, &peer);
}

TEST(a_trusted_resolver_is_not_slowed)
{
	struct dns_client_settings settings = { .rate = 1, .burst = 1 };
	struct dns_request request = open_both(&settings);

	CHECK_INT(egress_trust(&bench.egress, &server.address, server.port), 0);
	for (int i = 0; i < 100; i++)
		bench_ask(&bench, &request);
	bench_until(&bench, 100);
	CHECK_INT(bench.paced, 0);
	pair_close(&bench, &peer);
}

TEST(a_full_table_refuses_and_says_when_there_is_room)
{
	struct dns_client_settings settings = { .rows = 8, .burst = 1000 };
	struct dns_request request = open_both(&settings);

	for (int i = 0; i < 8; i++)
		bench_ask(&bench, &request);
	CHECK_INT(dns_client_room(bench.client), 0);
	CHECK_INT(dns_client_ask(bench.client, &request, bench_answered, &bench, NULL), -EAGAIN);
	CHECK_INT(bench.room, 0);
	bench_until(&bench, 8);
	CHECK_INT(dns_client_room(bench.client), 8);
	while (!bench.room)
		uv_run(&bench.loop, UV_RUN_NOWAIT);
	bench_ask(&bench, &request);
	bench_until(&bench, 9);
	CHECK_INT(bench.room, 1);
	while (dns_client_room(bench.client)) /* full again, without being refused */
		bench_ask(&bench, &request);
	bench_until(&bench, 17);
	while (bench.room == 1)
		uv_run(&bench.loop, UV_RUN_NOWAIT);
	pair_close(&bench, &peer);
}

enum { MANY = 5000 };
static unsigned asked, failed;
static uint8_t seen[MANY];
static char names[MANY][24];

static void ask_next(void);

static void heard(void *context, const struct dns_result *result)
{
	unsigned which = (unsigned)(uintptr_t)context;

	bench.done++;
	failed += result->failure != DNS_FAILURE_NONE;
	CHECK_INT(seen[which]++, 0);
	/* the answer is to this very question */
	CHECK(result->failure || str_eq_nocase(str_first(str_from(result->query, 13), 5),
					       str_first(str_of(names[which]), 5)));
	ask_next();
}

static void ask_next(void)
{
	struct dns_request request = bench_request(&server, 5, 0);
	unsigned which = asked;

	if (asked == MANY)
		return;
	asked++;
	request.timeout_us = 250000; /* a busy machine may not look like a loss */
	(void)!snprintf(names[which], sizeof names[which], "n%04u.%.*s.com", which, which % 7 + 1,
			"example");
	request.query.name = str_of(names[which]);
	CHECK_INT(dns_client_ask(bench.client, &request, heard, (void *)(uintptr_t)which, NULL), 0);
}

/* Loses every seventh query. */
static void reply_to_most(struct peer *p, struct str query, const struct peer_from *from)
{
	if (p->udp_queries % 7)
		peer_reply(p, query, from);
}

static void ask_thousands(bool is_trusted)
{
	struct dns_client_settings settings = {
		.rows = 512, .rate = 1000000, .burst = 1000000, .sockets = 4, .renew_after = 100
	};

	(void)open_both(&settings);
	peer.on_udp = reply_to_most;
	if (is_trusted)
		CHECK_INT(egress_trust(&bench.egress, &peer.address, peer.port), 0);
	asked = failed = 0;
	memset(seen, 0, sizeof seen);
	for (int i = 0; i < 512; i++)
		ask_next();
	bench_until(&bench, MANY);
	/* lost five times in a row only by chance: 1 in 16,807 */
	CHECK(failed < 8);
	CHECK(dns_client_counts(bench.client)->sockets_renewed >= 4);
	CHECK_INT(dns_client_pending(bench.client), 0);
	pair_close(&bench, &peer);
}

TEST(thousands_of_queries_each_hear_their_own_answer)
{
	ask_thousands(false);
}

/* Whose datagrams leave together and are taken apart by the kernel. */
TEST(thousands_of_queries_to_the_resolver_each_hear_their_own_answer)
{
	ask_thousands(true);
}

TEST(a_resolver_that_dies_ends_every_query)
{
	struct dns_request request = open_both(NULL);

	CHECK_INT(egress_trust(&bench.egress, &server.address, server.port), 0);
	request.tries = 2;
	request.timeout_us = 60000;
	bench_ask(&bench, &request);
	bench_until(&bench, 1);
	CHECK_INT(bench.answered, 1);
	peer_close(&peer);
	for (int i = 0; i < 300; i++)
		bench_ask(&bench, &request);
	bench_until(&bench, 301);
	CHECK_INT(bench.answered, 1);
	CHECK_INT(dns_client_pending(bench.client), 0);
	bench_ask(&bench, &request); /* one by one again: the complaint is heard */
	bench_until(&bench, 302);
	CHECK_INT(bench.result.failure, DNS_FAILURE_REFUSED);
	bench_close(&bench);
}

TEST(servers_that_were_asked_once_make_room_for_others)
{
	struct dns_client_settings settings = { .rows = 4, .rate = 1000000 };
	struct dns_request request = bench_request(&server, 5, 0);

	server.port = 53;
	bench_open(&bench, &settings);
	for (unsigned i = 0; i < 5000; i++) { /* more than the table of servers holds */
		struct dns_ticket ticket;
		uint8_t bytes[4] = { 127, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		int code;

		server.address = address_ipv4(bytes);
		while ((code = dns_client_ask(bench.client, &request, bench_answered, &bench,
					      &ticket)) == -EAGAIN)
			uv_run(&bench.loop, UV_RUN_NOWAIT);
		CHECK_INT(code, 0);
		dns_client_cancel(bench.client, ticket);
	}
	CHECK_INT(dns_client_pending(bench.client), 0);
	bench_close(&bench);
}

TEST(closing_with_queries_outstanding_calls_nobody)
{
	struct dns_request request = open_both(NULL);

	peer.on_udp = NULL;
	for (int i = 0; i < 40; i++) {
		request.query.flags = i % 2 ? DNS_QUERY_TCP : 0;
		bench_ask(&bench, &request);
	}
	for (int i = 0; i < 3; i++)
		uv_run(&bench.loop, UV_RUN_NOWAIT);
	pair_close(&bench, &peer);
	CHECK_INT(bench.done, 0);
}

/* So many waits when ten queries go to each of eight addresses, as many as the burst of one. The
 * addresses differ in their last octet, or in the one before. */
static unsigned paced_by_network(bool is_one_network)
{
	const struct dns_client_settings settings = { .rate = 10 };
	struct bench own;
	unsigned paced;

	bench_open(&own, &settings);
	for (unsigned i = 1; i <= 8; i++) {
		struct dns_destination to = { .port = 9 };
		struct dns_request request = bench_request(&to, 0, 0);

		CHECK(address_parse(str_of("127.0.7.7"), &to.address) == 0);
		to.address.bytes[is_one_network ? 3 : 2] = (uint8_t)i;
		for (unsigned k = 0; k < 10; k++)
			bench_ask(&own, &request);
	}
	paced = own.paced;
	bench_close(&own);
	return paced;
}

TEST(a_network_gets_four_times_the_rate_of_an_address)
{
	CHECK_INT(paced_by_network(true), 40);
	CHECK_INT(paced_by_network(false), 0);
}

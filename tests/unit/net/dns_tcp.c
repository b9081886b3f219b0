/* SPDX-License-Identifier: Apache-2.0 */
/* Do queries over TCP share connections, and survive what servers do to these? RFC 7766. */
#include "tests/unit/net/dns_peer.h"

#include <unistd.h>

static struct bench bench;
static struct peer peer;

static void reply_truncated(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];
	struct str packet = peer_answer(query, 0, out);

	out[2] |= 2;
	peer_send(p, from, packet);
}

TEST(a_truncated_answer_is_asked_again_over_tcp)
{
	const struct dns_result *result;

	pair_open(&bench, &peer, NULL);
	peer.on_udp = reply_truncated;
	peer.on_tcp = peer_reply;
	result = bench_ask_peer(&bench, &peer, 1, 0);
	CHECK_INT(result->failure, DNS_FAILURE_NONE);
	CHECK(result->is_tcp && result->was_truncated && result->is_case_kept);
	CHECK_INT(bench_value(&bench), 1);
	CHECK_INT(peer.tcp_queries, 1);
	CHECK_INT(result->tries, 2);
	pair_close(&bench, &peer);
}

TEST(a_truncated_answer_is_the_answer_when_tcp_is_not_wanted)
{
	const struct dns_result *result;

	pair_open(&bench, &peer, NULL);
	peer.on_udp = reply_truncated;
	result = bench_ask_peer(&bench, &peer, 1, DNS_QUERY_NO_TCP);
	CHECK_INT(result->failure, DNS_FAILURE_NONE);
	CHECK(!result->is_tcp && result->was_truncated && (result->packet.data[2] & 2));
	CHECK_INT(peer.connections, 0);
	pair_close(&bench, &peer);
}

static void reply_oversize(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024], big[6000] = { 0 };
	struct str packet = peer_answer(query, 1, out);

	memcpy(big, packet.data, packet.len);
	CHECK(sendto(p->udp_fd, big, sizeof big, 0, (const struct sockaddr *)&from->name,
		     from->len) == sizeof big);
}

TEST(a_datagram_larger_than_any_buffer_is_asked_again_over_tcp)
{
	pair_open(&bench, &peer, NULL);
	peer.on_udp = reply_oversize;
	peer.on_tcp = peer_reply;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_NONE);
	CHECK(bench.result.is_tcp && bench.result.was_truncated);
	pair_close(&bench, &peer);
}

TEST(queries_share_a_connection_one_after_the_other)
{
	pair_open(&bench, &peer, NULL);
	peer.on_tcp = peer_reply;
	for (int i = 0; i < 5; i++) {
		CHECK_INT(bench_ask_peer(&bench, &peer, 1, DNS_QUERY_TCP)->failure,
			  DNS_FAILURE_NONE);
		CHECK_INT(bench_value(&bench), i + 1);
	}
	CHECK_INT(peer.connections, 1);
	CHECK_INT(peer.udp_queries, 0);
	pair_close(&bench, &peer);
}

enum { PIPELINED = 5 };
static uint8_t held[PIPELINED][DNS_QUERY_BYTES];
static size_t held_len[PIPELINED];

/* Holds the queries back and answers them in reverse order. */
static void reply_in_reverse(struct peer *p, struct str query, const struct peer_from *from)
{
	unsigned at = p->tcp_queries - 1;
	uint8_t out[1024];

	memcpy(held[at], query.data, query.len);
	held_len[at] = query.len;
	for (unsigned i = PIPELINED; at == PIPELINED - 1 && i-- > 0;)
		peer_send(p, from, peer_answer(str_bytes(held[i], held_len[i]), i + 1, out));
}

static unsigned order[PIPELINED];

static void note_order(void *context, const struct dns_result *result)
{
	unsigned which = (unsigned)(uintptr_t)context;

	CHECK_INT(result->failure, DNS_FAILURE_NONE);
	CHECK_INT((uint8_t)result->packet.data[result->packet.len - 1], which + 1);
	order[bench.done++] = which;
}

TEST(pipelined_queries_take_answers_in_any_order)
{
	struct dns_destination to = { 0 };
	struct dns_request request = bench_request(&to, 1, DNS_QUERY_TCP);

	pair_open(&bench, &peer, NULL);
	peer.on_tcp = reply_in_reverse;
	to = peer_destination(&peer);
	for (uintptr_t i = 0; i < PIPELINED; i++)
		CHECK_INT(dns_client_ask(bench.client, &request, note_order, (void *)i, NULL), 0);
	bench_until(&bench, PIPELINED);
	for (unsigned i = 0; i < PIPELINED; i++)
		CHECK_INT(order[i], PIPELINED - 1 - i);
	CHECK_INT(peer.connections, 1);
	pair_close(&bench, &peer);
}

static void close_stream(struct peer *p, struct str query, const struct peer_from *from)
{
	peer_stream_close(from->stream, false);
}

static void reset_stream(struct peer *p, struct str query, const struct peer_from *from)
{
	peer_stream_close(from->stream, true);
}

TEST(a_connection_closed_without_an_answer_is_a_reset)
{
	static peer_script *const scripts[] = { close_stream, reset_stream };

	for (size_t i = 0; i < ARRAY_COUNT(scripts); i++) {
		test_row("script %zu", i);
		pair_open(&bench, &peer, NULL);
		peer.on_tcp = scripts[i];
		CHECK_INT(bench_ask_peer(&bench, &peer, 2, DNS_QUERY_TCP)->failure,
			  DNS_FAILURE_RESET);
		CHECK_INT(bench.result.tries, 2);
		CHECK_INT(peer.connections, 2);
		pair_close(&bench, &peer);
	}
}

/* Like a server whose idle time ends: one answer a connection. */
static void reply_once_a_connection(struct peer *p, struct str query, const struct peer_from *from)
{
	if (from->stream->messages > 1)
		peer_stream_close(from->stream, false);
	else
		peer_reply(p, query, from);
}

TEST(a_kept_connection_that_the_server_closes_costs_no_try)
{
	pair_open(&bench, &peer, NULL);
	peer.on_tcp = reply_once_a_connection;
	for (int i = 0; i < 3; i++)
		CHECK_INT(bench_ask_peer(&bench, &peer, 1, DNS_QUERY_TCP)->failure,
			  DNS_FAILURE_NONE);
	CHECK_INT(peer.connections, 3);
	pair_close(&bench, &peer);
}

TEST(tcp_refused_is_said_after_two_tries)
{
	pair_open(&bench, &peer, NULL);
	peer_refuse_tcp(&peer);
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, DNS_QUERY_TCP)->failure, DNS_FAILURE_REFUSED);
	peer.on_udp = reply_truncated;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_REFUSED);
	CHECK(bench.result.was_truncated);
	pair_close(&bench, &peer);
}

TEST(a_silent_tcp_server_is_a_timeout_and_its_connection_is_not_used_again)
{
	pair_open(&bench, &peer, NULL);
	CHECK_INT(bench_ask_peer(&bench, &peer, 2, DNS_QUERY_TCP)->failure, DNS_FAILURE_TIMEOUT);
	CHECK_INT(peer.tcp_queries, 2);
	CHECK_INT(peer.connections, 2);
	peer.on_tcp = peer_reply;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, DNS_QUERY_TCP)->failure, DNS_FAILURE_NONE);
	CHECK_INT(peer.connections, 3);
	pair_close(&bench, &peer);
}

struct drip {
	uv_timer_t timer;
	int fd;
	size_t len, at;
	uint8_t bytes[1026];
};
static struct drip drip;

static void drip_one(uv_timer_t *timer)
{
	if (drip.at < drip.len)
		(void)!send(drip.fd, drip.bytes + drip.at++, 1, MSG_NOSIGNAL);
	else
		uv_timer_stop(timer);
}

static void reply_in_drips(struct peer *p, struct str query, const struct peer_from *from)
{
	struct str packet = peer_answer(query, 5, drip.bytes + 2);

	drip.bytes[0] = (uint8_t)(packet.len >> 8);
	drip.bytes[1] = (uint8_t)packet.len;
	drip.len = packet.len + 2;
	drip.at = 0;
	drip.fd = from->stream->fd;
	uv_timer_start(&drip.timer, drip_one, 0, drip.timer.data ? 1 : 20);
}

static enum dns_failure drip_ends(bool is_fast)
{
	enum dns_failure end;

	pair_open(&bench, &peer, NULL);
	uv_timer_init(&bench.loop, &drip.timer);
	drip.timer.data = is_fast ? &drip : NULL;
	peer.on_tcp = reply_in_drips;
	end = bench_ask_peer(&bench, &peer, is_fast ? 5 : 1, DNS_QUERY_TCP)->failure;
	uv_close((uv_handle_t *)&drip.timer, NULL);
	pair_close(&bench, &peer);
	return end;
}

TEST(an_answer_in_drips_is_put_together_but_has_no_more_time_for_it)
{
	CHECK_INT(drip_ends(true), DNS_FAILURE_NONE);
	CHECK_INT(bench_value(&bench), 5);
	CHECK_INT(drip_ends(false), DNS_FAILURE_TIMEOUT); /* 50 octets at 20 ms in 60 ms */
}

static void reply_with_text(struct peer *p, struct str query, const struct peer_from *from)
{
	CHECK(send(from->stream->fd, "\0\4HTTP", 6, MSG_NOSIGNAL) == 6);
}

static void reply_to_other_name(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];
	struct str packet = peer_answer(query, 1, out);

	out[14] ^= 1;
	peer_send(p, from, packet);
}

TEST(garbage_over_tcp_is_garbage)
{
	static peer_script *const scripts[] = { reply_with_text, reply_to_other_name };

	for (size_t i = 0; i < ARRAY_COUNT(scripts); i++) {
		test_row("script %zu", i);
		pair_open(&bench, &peer, NULL);
		peer.on_tcp = scripts[i];
		CHECK_INT(bench_ask_peer(&bench, &peer, 1, DNS_QUERY_TCP)->failure,
			  DNS_FAILURE_GARBAGE);
		pair_close(&bench, &peer);
	}
}

static void reply_with_foreign_ids(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];
	struct str packet = peer_answer(query, 1, out);

	out[0] ^= 0x55;
	for (int i = 0; i < 100; i++)
		peer_send(p, from, packet);
}

TEST(a_flood_of_foreign_ids_closes_the_connection)
{
	pair_open(&bench, &peer, NULL);
	peer.on_tcp = reply_with_foreign_ids;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, DNS_QUERY_TCP)->failure, DNS_FAILURE_GARBAGE);
	pair_close(&bench, &peer);
}

TEST(an_idle_connection_is_closed)
{
	struct dns_client_settings settings = { .idle_us = 20000 };

	pair_open(&bench, &peer, &settings);
	peer.on_tcp = peer_reply;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, DNS_QUERY_TCP)->failure, DNS_FAILURE_NONE);
	uv_run(&bench.loop, UV_RUN_DEFAULT); /* the idle time holds the loop, then nothing does */
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, DNS_QUERY_TCP)->failure, DNS_FAILURE_NONE);
	CHECK_INT(peer.connections, 2);
	pair_close(&bench, &peer);
}

TEST(more_queries_than_places_wait_for_a_connection)
{
	struct dns_client_settings settings = { .connections = 1, .burst = 1000 };
	static struct peer second;
	struct dns_destination to[2] = { 0 };
	struct dns_request request = bench_request(to, 1, DNS_QUERY_TCP);

	pair_open(&bench, &peer, &settings);
	peer_open(&second, &bench.loop, "127.0.0.1");
	peer.on_tcp = second.on_tcp = peer_reply;
	to[0] = peer_destination(&peer);
	to[1] = peer_destination(&second);
	for (int i = 0; i < 200; i++) {
		request.destinations = &to[i % 2];
		bench_ask(&bench, &request);
	}
	bench_until(&bench, 200);
	CHECK_INT(dns_client_counts(bench.client)->answered, 200);
	CHECK_INT(peer.tcp_queries + second.tcp_queries, 200);
	peer_close(&second);
	pair_close(&bench, &peer);
}

TEST(cancelling_on_a_connection_leaves_the_others)
{
	struct dns_ticket tickets[3];
	struct dns_destination to = { 0 };
	struct dns_request request = bench_request(&to, 1, DNS_QUERY_TCP);

	pair_open(&bench, &peer, NULL);
	peer.on_tcp = peer_reply;
	to = peer_destination(&peer);
	for (int i = 0; i < 3; i++)
		CHECK_INT(
			dns_client_ask(bench.client, &request, bench_answered, &bench, &tickets[i]),
			0);
	dns_client_cancel(bench.client, tickets[0]);
	uv_run(&bench.loop, UV_RUN_NOWAIT);
	dns_client_cancel(bench.client, tickets[2]);
	bench_until(&bench, 1);
	CHECK_INT(bench.result.failure, DNS_FAILURE_NONE);
	CHECK_INT(dns_client_pending(bench.client), 0);
	pair_close(&bench, &peer);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Does a query over UDP take only its own answer, and end whatever the server does? */
#include "tests/unit/net/dns_peer.h"

#include <unistd.h>

static struct bench bench;
static struct peer peer, other;

TEST(an_answer_comes_back_with_its_source_and_case)
{
	const struct dns_result *result;

	pair_open(&bench, &peer, NULL);
	peer.on_udp = peer_reply;
	result = bench_ask_peer(&bench, &peer, 3, DNS_QUERY_RD);
	CHECK_INT(result->failure, DNS_FAILURE_NONE);
	CHECK_INT(bench_value(&bench), 1);
	CHECK(address_eq(&result->from, &peer.address) && result->from_port == peer.port);
	CHECK(result->is_case_kept && !result->is_tcp && !result->saw_other_source);
	CHECK_INT(result->tries, 1);
	CHECK(result->query.len == peer.last_len &&
	      !memcmp(result->query.data, peer.last, peer.last_len));
	CHECK_INT(dns_client_counts(bench.client)->answered, 1);
	pair_close(&bench, &peer);
}

TEST(it_works_over_ipv6)
{
	bench_open(&bench, NULL);
	peer_open(&peer, &bench.loop, "::1");
	peer.on_udp = peer_reply;
	CHECK_INT(bench_ask_peer(&bench, &peer, 3, 0)->failure, DNS_FAILURE_NONE);
	CHECK_INT(bench_value(&bench), 1);
	pair_close(&bench, &peer);
}

TEST(a_silent_server_is_a_timeout_after_all_tries)
{
	const struct dns_result *result;

	pair_open(&bench, &peer, NULL);
	result = bench_ask_peer(&bench, &peer, 3, 0);
	CHECK_INT(result->failure, DNS_FAILURE_TIMEOUT);
	CHECK_INT(result->tries, 3);
	CHECK_INT(peer.udp_queries, 3);
	CHECK_INT(result->packet.len, 0);
	pair_close(&bench, &peer);
}

static void reply_to_second(struct peer *p, struct str query, const struct peer_from *from)
{
	if (p->udp_queries == 2)
		peer_reply(p, query, from);
}

TEST(a_lost_packet_is_asked_again)
{
	pair_open(&bench, &peer, NULL);
	peer.on_udp = reply_to_second;
	CHECK_INT(bench_ask_peer(&bench, &peer, 3, 0)->failure, DNS_FAILURE_NONE);
	CHECK_INT(bench_value(&bench), 2);
	CHECK_INT(bench.result.tries, 2);
	pair_close(&bench, &peer);
}

static uint8_t kept[1024];
static struct str kept_query;

/* Answers the first query when the second comes. */
static void reply_late(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];

	if (p->udp_queries == 1) {
		memcpy(kept, query.data, query.len);
		kept_query = str_bytes(kept, query.len);
	} else {
		peer_send(p, from, peer_answer(kept_query, 77, out));
	}
}

TEST(a_late_answer_to_an_earlier_try_counts)
{
	pair_open(&bench, &peer, NULL);
	peer.on_udp = reply_late;
	CHECK_INT(bench_ask_peer(&bench, &peer, 3, 0)->failure, DNS_FAILURE_NONE);
	CHECK_INT(bench_value(&bench), 77);
	pair_close(&bench, &peer);
}

enum mangling { WRONG_ID, WRONG_NAME, WRONG_TYPE, NO_QR, SHORT, NO_QUESTION, EMPTY, MANGLINGS };
static enum mangling mangling;

static struct str mangled(struct str query, uint8_t out[static 1024])
{
	struct str packet = peer_answer(query, 9, out);

	switch (mangling) {
	case WRONG_ID:
		out[0] ^= 0x55;
		break;
	case WRONG_NAME:
		out[14] ^= 1;
		break;
	case WRONG_TYPE:
		out[12 + 17 + 1] = DNS_MX;
		break;
	case NO_QR:
		out[2] &= 0x7f;
		break;
	case SHORT:
		return str_first(packet, 20);
	case NO_QUESTION: /* with NOERROR */
		out[5] = out[7] = 0;
		return str_first(packet, 12);
	default:
		return str_first(packet, 0);
	}
	return packet;
}

static void reply_mangled(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];

	peer_send(p, from, mangled(query, out));
}

static void reply_mangled_then_well(struct peer *p, struct str query, const struct peer_from *from)
{
	reply_mangled(p, query, from);
	peer_reply(p, query, from);
}

TEST(what_is_no_answer_is_ignored_and_the_answer_behind_it_counts)
{
	for (mangling = 0; mangling < MANGLINGS; mangling++) {
		bool is_ours = mangling != WRONG_ID && mangling != EMPTY;

		test_row("mangling %d", mangling);
		pair_open(&bench, &peer, NULL);
		peer.on_udp = reply_mangled_then_well;
		CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_NONE);
		CHECK_INT(bench_value(&bench), 1);
		CHECK_INT(bench.result.garbage, is_ours);
		CHECK_INT(dns_client_counts(bench.client)->unmatched, !is_ours);
		pair_close(&bench, &peer);
	}
}

TEST(only_garbage_ends_as_garbage_and_foreign_ids_as_silence)
{
	for (mangling = 0; mangling < MANGLINGS; mangling++) {
		bool is_ours = mangling != WRONG_ID && mangling != EMPTY;

		test_row("mangling %d", mangling);
		pair_open(&bench, &peer, NULL);
		peer.on_udp = reply_mangled;
		CHECK_INT(bench_ask_peer(&bench, &peer, 2, 0)->failure,
			  is_ours ? DNS_FAILURE_GARBAGE : DNS_FAILURE_TIMEOUT);
		pair_close(&bench, &peer);
	}
}

static void refuse_without_question(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];

	peer_answer(query, 0, out);
	out[3] = DNS_FORMERR;
	out[5] = 0;
	peer_send(p, from, str_bytes(out, 12));
}

TEST(an_error_may_come_without_its_question)
{
	pair_open(&bench, &peer, NULL);
	peer.on_udp = refuse_without_question;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_NONE);
	CHECK_INT(bench.result.packet.len, 12);
	pair_close(&bench, &peer);
}

static void reply_from_other(struct peer *p, struct str query, const struct peer_from *from)
{
	peer_reply(&other, query, from);
}

TEST(an_answer_from_another_port_is_noted_but_is_none)
{
	pair_open(&bench, &peer, NULL);
	peer_open(&other, &bench.loop, "127.0.0.1");
	peer.on_udp = reply_from_other;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_TIMEOUT);
	CHECK(bench.result.saw_other_source);
	peer_close(&other);
	pair_close(&bench, &peer);
}

TEST(an_answer_from_another_address_is_noted_with_that_address)
{
	pair_open(&bench, &peer, NULL);
	peer_open(&other, &bench.loop, "127.0.0.2");
	peer.on_udp = reply_from_other;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_TIMEOUT);
	CHECK(bench.result.saw_other_source);
	CHECK(address_eq(&bench.result.other_source, &other.address));
	peer_close(&other);
	pair_close(&bench, &peer);
}

static void lower_case(struct str packet)
{
	for (size_t i = DNS_HEADER_BYTES; i < packet.len; i++)
		((char *)packet.data)[i] = char_lower(packet.data[i]);
}

static void reply_in_lower_case(struct peer *p, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];
	struct str packet = peer_answer(query, p->udp_queries, out);

	lower_case(str_first(packet, packet.len - 16));
	peer_send(p, from, packet);
}

TEST(a_server_that_loses_the_case_is_asked_plainly_and_believed)
{
	bool was_mixed = false;

	pair_open(&bench, &peer, NULL);
	peer.on_udp = reply_in_lower_case;
	for (int i = 0; i < 8; i++) { /* 2 to the 13th: one in that many is sent in lower case */
		unsigned before = peer.udp_queries;

		CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_NONE);
		if (peer.udp_queries == before + 1)
			continue;
		was_mixed = true;
		CHECK_INT(peer.udp_queries, before + 2);
		CHECK(!bench.result.is_case_kept);
		CHECK_INT(bench.result.tries, 2);
	}
	CHECK(was_mixed);
	pair_close(&bench, &peer);
}

static void reply_twice(struct peer *p, struct str query, const struct peer_from *from)
{
	peer_reply(p, query, from);
	peer_reply(p, query, from);
}

TEST(a_duplicate_is_nobodys)
{
	pair_open(&bench, &peer, NULL);
	peer.on_udp = reply_twice;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_NONE);
	peer.on_udp = peer_reply;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_NONE);
	CHECK_INT(bench.done, 2);
	CHECK_INT(dns_client_counts(bench.client)->unmatched, 1);
	pair_close(&bench, &peer);
}

static struct dns_destination dead_port(const char *text)
{
	static struct peer closed;

	peer_open(&closed, &bench.loop, text);
	peer_close(&closed);
	return peer_destination(&closed);
}

static struct dns_request request_to(const struct dns_destination *to, size_t count, uint32_t tries)
{
	return (struct dns_request){ .destinations = to,
				     .count = count,
				     .query = { .name = STR_LIT("example.com"), .type = DNS_MX },
				     .timeout_us = 60000,
				     .tries = tries };
}

TEST(a_dead_port_is_refused_after_two_complaints)
{
	static const char *const texts[] = { "127.0.0.1", "::1" };

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		for (uint32_t tries = 1; tries <= 5; tries += 4) {
			struct dns_destination dead;
			struct dns_request request;

			test_row("%s, %u tries", texts[i], tries);
			bench_open(&bench, NULL);
			dead = dead_port(texts[i]);
			request = request_to(&dead, 1, tries);
			request.timeout_us = 20000000; /* it must not be time that ends it */
			bench_ask(&bench, &request);
			bench_until(&bench, 1);
			CHECK_INT(bench.result.failure, DNS_FAILURE_REFUSED);
			CHECK_INT(bench.result.tries, 2);
			bench_close(&bench);
		}
}

static void trust(struct dns_destination to)
{
	CHECK_INT(egress_trust(&bench.egress, &to.address, to.port), 0);
}

TEST(a_dead_resolver_is_refused_and_the_next_one_answers)
{
	struct dns_destination to[2] = { 0 };
	struct dns_request request = request_to(to, 1, 3);

	pair_open(&bench, &peer, NULL);
	to[0] = dead_port("127.0.0.1");
	to[1] = peer_destination(&peer);
	peer.on_udp = peer_reply;
	trust(to[0]);
	trust(to[1]);
	request.timeout_us = 20000000;
	for (unsigned i = 0; i < 5; i++) { /* complaints about one query do not hit the next */
		request.count = 1;
		bench_ask(&bench, &request);
		bench_until(&bench, 2 * i + 1);
		CHECK_INT(bench.result.failure, DNS_FAILURE_REFUSED);
		request.count = 2;
		bench_ask(&bench, &request);
		bench_until(&bench, 2 * i + 2);
		CHECK_INT(bench.result.failure, DNS_FAILURE_NONE);
		CHECK_INT(bench.result.from_port, peer.port);
	}
	pair_close(&bench, &peer);
}

TEST(nobody_else_can_answer_for_the_resolver)
{
	pair_open(&bench, &peer, NULL);
	peer_open(&other, &bench.loop, "127.0.0.1");
	trust(peer_destination(&peer));
	peer.on_udp = reply_from_other;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_TIMEOUT);
	CHECK_INT(dns_client_counts(bench.client)->received, 0);
	peer.on_udp = peer_reply;
	CHECK_INT(bench_ask_peer(&bench, &peer, 1, 0)->failure, DNS_FAILURE_NONE);
	CHECK_INT(bench.result.from_port, peer.port);
	peer_close(&other);
	pair_close(&bench, &peer);
}

TEST(the_next_server_answers_for_a_dead_and_a_silent_one)
{
	struct dns_destination to[3];
	struct dns_request request;

	pair_open(&bench, &peer, NULL);
	peer.on_udp = peer_reply;
	to[0] = dead_port("127.0.0.1");
	peer_open(&other, &bench.loop, "127.0.0.1");
	to[1] = peer_destination(&other);
	to[2] = peer_destination(&peer);
	request = request_to(to, 3, 3);
	bench_ask(&bench, &request);
	bench_until(&bench, 1);
	CHECK_INT(bench.result.failure, DNS_FAILURE_NONE);
	CHECK_INT(bench.result.from_port, peer.port);
	CHECK_INT(bench.result.tries, 3);
	CHECK_INT(other.udp_queries, 1);
	peer_close(&other);
	pair_close(&bench, &peer);
}

TEST(tries_go_around_the_servers)
{
	struct dns_destination to[2];
	struct dns_request request;

	pair_open(&bench, &peer, NULL);
	peer_open(&other, &bench.loop, "::1");
	to[0] = peer_destination(&other);
	to[1] = peer_destination(&peer);
	peer.on_udp = reply_to_second;
	request = request_to(to, 2, 5);
	bench_ask(&bench, &request);
	bench_until(&bench, 1);
	CHECK_INT(bench.result.failure, DNS_FAILURE_NONE);
	CHECK_INT(bench.result.tries, 4);
	CHECK_INT(other.udp_queries, 2);
	peer_close(&other);
	pair_close(&bench, &peer);
}

TEST(a_denied_destination_gets_no_packet)
{
	struct dns_destination to[2] = { { .port = 53 }, { .port = 53 } };
	struct dns_request request = request_to(to, 2, 3);

	pair_open(&bench, &peer, NULL);
	CHECK(address_parse(str_of("10.0.0.1"), &to[0].address) == 0);
	CHECK(address_parse(str_of("::ffff:127.0.0.1"), &to[1].address) == 0);
	bench_ask(&bench, &request);
	CHECK_INT(bench.done, 0); /* never from within ask */
	bench_until(&bench, 1);
	CHECK_INT(bench.result.failure, DNS_FAILURE_POLICY);
	CHECK_INT(dns_client_counts(bench.client)->sent, 0);
	to[1] = peer_destination(&peer); /* the allowed one is asked */
	peer.on_udp = peer_reply;
	bench_ask(&bench, &request);
	bench_until(&bench, 2);
	CHECK_INT(bench.result.failure, DNS_FAILURE_NONE);
	pair_close(&bench, &peer);
}

TEST(the_deadline_ends_it_as_ours)
{
	struct dns_destination to;
	struct dns_request request;

	pair_open(&bench, &peer, NULL);
	to = peer_destination(&peer);
	request = request_to(&to, 1, 5);
	request.timeout_us = 10000000;
	request.deadline_us = (int64_t)(uv_hrtime() / 1000) + 50000;
	bench_ask(&bench, &request);
	bench_until(&bench, 1);
	CHECK_INT(bench.result.failure, DNS_FAILURE_DEADLINE);
	CHECK_INT(bench.result.tries, 1);
	pair_close(&bench, &peer);
}

TEST(bad_requests_are_errors)
{
	struct dns_destination to[DNS_DESTINATIONS + 1] = { 0 };
	struct dns_request request = request_to(to, 0, 1);

	pair_open(&bench, &peer, NULL);
	CHECK_INT(dns_client_ask(bench.client, &request, bench_answered, &bench, NULL), -EINVAL);
	request.count = DNS_DESTINATIONS + 1;
	CHECK_INT(dns_client_ask(bench.client, &request, bench_answered, &bench, NULL), -EINVAL);
	request.count = 1;
	request.query.name = STR_LIT("a..b");
	CHECK(dns_client_ask(bench.client, &request, bench_answered, &bench, NULL) < 0);
	CHECK_INT(dns_client_pending(bench.client), 0);
	pair_close(&bench, &peer);
}

TEST(cancelled_queries_call_nobody)
{
	struct dns_ticket tickets[3];
	struct dns_destination to;
	struct dns_request request;

	pair_open(&bench, &peer, NULL);
	peer.on_udp = peer_reply;
	to = peer_destination(&peer);
	request = request_to(&to, 1, 1);
	for (int i = 0; i < 3; i++)
		CHECK_INT(
			dns_client_ask(bench.client, &request, bench_answered, &bench, &tickets[i]),
			0);
	dns_client_cancel(bench.client, tickets[0]);
	dns_client_cancel(bench.client, tickets[0]);
	dns_client_cancel(bench.client, tickets[2]);
	dns_client_cancel(bench.client, (struct dns_ticket){ 0 });
	bench_until(&bench, 1);
	CHECK_INT(dns_client_pending(bench.client), 0);
	CHECK_INT(peer.udp_queries, 1);
	dns_client_cancel(bench.client, tickets[1]);
	pair_close(&bench, &peer);
}

TEST(ids_and_case_are_not_predictable)
{
	uint16_t ids[64];
	unsigned repeats = 0, upper = 0;

	pair_open(&bench, &peer, NULL);
	peer.on_udp = peer_reply;
	for (int i = 0; i < 64; i++) {
		bench_ask_peer(&bench, &peer, 1, 0);
		ids[i] = (uint16_t)(peer.last[0] << 8 | peer.last[1]);
		for (int k = 0; k < i; k++)
			repeats += ids[k] == ids[i];
		for (size_t k = 12; k < peer.last_len; k++)
			upper += peer.last[k] >= 'A' && peer.last[k] <= 'Z';
	}
	CHECK(repeats < 4);                                    /* expected 0.03 */
	CHECK(upper > 64 * 13 / 4 && upper < 64 * 13 * 3 / 4); /* expected half of 13 letters */
	pair_close(&bench, &peer);
}

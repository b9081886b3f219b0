/* SPDX-License-Identifier: Apache-2.0 */
/** A scripted DNS server on loopback, on the test's own loop: real sockets, answers as a test says. */
#ifndef DSS_TESTS_UNIT_NET_DNS_PEER_H
#define DSS_TESTS_UNIT_NET_DNS_PEER_H

#include "tests/test.h"

#include "net/dns_client.h"

enum { PEER_STREAMS = 16 };

struct peer;

struct peer_stream {
	struct peer *peer;
	uv_poll_t poll;
	int fd;
	unsigned messages;
	size_t in_len;
	uint8_t in[4096];
};

/** Where a query came from: over UDP or over one of the connections. */
struct peer_from {
	struct sockaddr_storage name;
	socklen_t len;
	struct peer_stream *stream; /**< NULL: UDP */
};

typedef void peer_script(struct peer *peer, struct str query, const struct peer_from *from);

struct peer {
	uv_loop_t *loop;
	uv_poll_t udp, listener;
	int udp_fd, listener_fd;
	struct address address;
	uint16_t port;
	peer_script *on_udp, *on_tcp; /**< NULL: silent */
	unsigned udp_queries, tcp_queries, connections;
	uint8_t last[DNS_QUERY_BYTES];
	size_t last_len;
	unsigned stream_count;
	struct peer_stream streams[PEER_STREAMS];
};

/** address_text "127.0.0.1"; listens over UDP and TCP on one free port. */
void peer_open(struct peer *peer, uv_loop_t *loop, const char *address_text);
void peer_close(struct peer *peer);
/** Close what listens for TCP, so that connecting is refused. */
void peer_refuse_tcp(struct peer *peer);
void peer_stream_close(struct peer_stream *stream, bool reset);

/** A response to query with one A record, 192.0.2.count; or (count 0) none. */
struct str peer_answer(struct str query, unsigned count, uint8_t out[static 1024]);
void peer_send(struct peer *peer, const struct peer_from *from, struct str packet);
/** Send count as the last octet of the address. */
void peer_reply(struct peer *peer, struct str query, const struct peer_from *from);
struct dns_destination peer_destination(const struct peer *peer);

/** One loop, one client that may speak to loopback, and what its callbacks heard. */
struct bench {
	uv_loop_t loop;
	struct network allowed[2];
	struct egress egress;
	struct dns_client *client;
	unsigned done;
	struct dns_result result; /**< of the last callback; packet and query are copied below */
	uint8_t packet[65536];
	uint8_t query[DNS_QUERY_BYTES];
	unsigned answered;
	int64_t paced_us, told_us; /**< heard when waits began; told with the results */
	unsigned paced, room;
};

void bench_open(struct bench *bench, const struct dns_client_settings *settings);
void bench_close(struct bench *bench);
/** A bench, and a peer at 127.0.0.1 on its loop that is silent. */
void pair_open(struct bench *bench, struct peer *peer, const struct dns_client_settings *settings);
void pair_close(struct bench *bench, struct peer *peer);
/** The callback: context is the bench. */
void bench_answered(void *context, const struct dns_result *result);
/** "example.com A" to one server. */
struct dns_request bench_request(const struct dns_destination *to, uint32_t tries, uint32_t flags);
void bench_ask(struct bench *bench, const struct dns_request *request);
/** Run the loop until so many callbacks came, at least. */
void bench_until(struct bench *bench, unsigned done);
/** Ask one peer for "example.com A" with short tries, and wait for the end. */
const struct dns_result *bench_ask_peer(struct bench *bench, const struct peer *peer,
					uint32_t tries, uint32_t flags);
/** The last octet of the answer's A record; -1 when there is none. */
int bench_value(const struct bench *bench);

#endif

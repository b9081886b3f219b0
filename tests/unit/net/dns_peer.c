/* SPDX-License-Identifier: Apache-2.0 */
/* How does a scripted server listen and answer? */
#include "tests/unit/net/dns_peer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

enum { SHORT_TRY_US = 60000 };

static void udp_ready(uv_poll_t *poll, int status, int events)
{
	struct peer *peer = poll->data;
	struct peer_from from = { .len = sizeof from.name };
	uint8_t packet[2048];
	ssize_t len;

	while ((len = recvfrom(peer->udp_fd, packet, sizeof packet, MSG_DONTWAIT,
			       (struct sockaddr *)&from.name, &from.len)) >= 0) {
		peer->udp_queries++;
		peer->last_len = MIN((size_t)len, sizeof peer->last);
		memcpy(peer->last, packet, peer->last_len);
		if (peer->on_udp)
			peer->on_udp(peer, str_bytes(packet, (size_t)len), &from);
		from.len = sizeof from.name;
	}
}

static void stream_ready(uv_poll_t *poll, int status, int events)
{
	struct peer_stream *stream = poll->data;
	struct peer_from from = { .stream = stream };
	ssize_t len = recv(stream->fd, stream->in + stream->in_len,
			   sizeof stream->in - stream->in_len, MSG_DONTWAIT);
	struct str rest, message;

	if (len <= 0) {
		peer_stream_close(stream, false);
		return;
	}
	stream->in_len += (size_t)len;
	rest = str_bytes(stream->in, stream->in_len);
	while (stream->fd >= 0 && dns_frame_take(&rest, &message) == 1) {
		stream->peer->tcp_queries++;
		stream->messages++;
		if (stream->peer->on_tcp)
			stream->peer->on_tcp(stream->peer, message, &from);
	}
	memmove(stream->in, rest.data, rest.len);
	stream->in_len = rest.len;
}

static void listener_ready(uv_poll_t *poll, int status, int events)
{
	struct peer *peer = poll->data;
	struct peer_stream *stream = &peer->streams[peer->stream_count];
	int fd = accept4(peer->listener_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	CHECK(peer->stream_count < PEER_STREAMS);
	peer->stream_count++;
	peer->connections++;
	*stream = (struct peer_stream){ .peer = peer, .fd = fd };
	CHECK(uv_poll_init(peer->loop, &stream->poll, fd) == 0);
	stream->poll.data = stream;
	uv_poll_start(&stream->poll, UV_READABLE, stream_ready);
	uv_unref((uv_handle_t *)&stream->poll);
}

static void watch(struct peer *peer, uv_poll_t *poll, int fd, uv_poll_cb ready)
{
	CHECK(uv_poll_init(peer->loop, poll, fd) == 0);
	poll->data = peer;
	uv_poll_start(poll, UV_READABLE, ready);
	uv_unref((uv_handle_t *)poll);
}

static int bound(int family, int type, struct sockaddr_storage *name, socklen_t len)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	if (bind(fd, (struct sockaddr *)name, len) == 0)
		return fd;
	close(fd);
	return -1;
}

void peer_open(struct peer *peer, uv_loop_t *loop, const char *address_text)
{
	struct sockaddr_storage name;
	socklen_t len;

	memset(peer, 0, sizeof *peer);
	peer->loop = loop;
	CHECK(address_parse(str_of(address_text), &peer->address) == 0);
	do { /* until one port is free for both */
		len = address_to_sockaddr(&peer->address, 0, &name);
		peer->udp_fd = bound(name.ss_family, SOCK_DGRAM, &name, len);
		CHECK(getsockname(peer->udp_fd, (struct sockaddr *)&name, &len) == 0);
		peer->listener_fd = bound(name.ss_family, SOCK_STREAM, &name, len);
		if (peer->listener_fd < 0)
			close(peer->udp_fd);
	} while (peer->listener_fd < 0);
	(void)address_from_sockaddr((struct sockaddr *)&name, &peer->port);
	CHECK(listen(peer->listener_fd, 16) == 0);
	watch(peer, &peer->udp, peer->udp_fd, udp_ready);
	watch(peer, &peer->listener, peer->listener_fd, listener_ready);
}

void peer_refuse_tcp(struct peer *peer)
{
	if (peer->listener_fd < 0)
		return;
	uv_close((uv_handle_t *)&peer->listener, NULL);
	close(peer->listener_fd);
	peer->listener_fd = -1;
}

void peer_stream_close(struct peer_stream *stream, bool reset)
{
	struct linger now = { .l_onoff = 1 };

	if (stream->fd < 0)
		return;
	if (reset)
		(void)!setsockopt(stream->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	uv_close((uv_handle_t *)&stream->poll, NULL);
	close(stream->fd);
	stream->fd = -1;
}

void peer_close(struct peer *peer)
{
	peer_refuse_tcp(peer);
	for (unsigned i = 0; i < peer->stream_count; i++)
		peer_stream_close(&peer->streams[i], false);
	uv_close((uv_handle_t *)&peer->udp, NULL);
	close(peer->udp_fd);
}

struct str peer_answer(struct str query, unsigned count, uint8_t out[static 1024])
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2 };
	size_t at = DNS_HEADER_BYTES;

	while (query.data[at])
		at += (uint8_t)query.data[at] + 1u;
	at += 5;
	memcpy(out, query.data, at);
	out[2] |= 0x84; /* QR, AA */
	out[3] = 0;
	memset(out + 6, 0, 6);
	if (!count)
		return str_bytes(out, at);
	out[7] = 1;
	memcpy(out + at, record, sizeof record);
	out[at + sizeof record] = (uint8_t)count;
	return str_bytes(out, at + sizeof record + 1);
}

void peer_send(struct peer *peer, const struct peer_from *from, struct str packet)
{
	uint8_t framed[2 + 4096];

	if (!from->stream) {
		CHECK(sendto(peer->udp_fd, packet.data, packet.len, 0,
			     (const struct sockaddr *)&from->name,
			     from->len) == (ssize_t)packet.len);
		return;
	}
	CHECK(packet.len <= 4096);
	framed[0] = (uint8_t)(packet.len >> 8);
	framed[1] = (uint8_t)packet.len;
	memcpy(framed + 2, packet.data, packet.len);
	CHECK(send(from->stream->fd, framed, packet.len + 2, MSG_NOSIGNAL) ==
	      (ssize_t)packet.len + 2);
}

void peer_reply(struct peer *peer, struct str query, const struct peer_from *from)
{
	uint8_t out[1024];

	peer_send(peer, from,
		  peer_answer(query, from->stream ? peer->tcp_queries : peer->udp_queries, out));
}

struct dns_destination peer_destination(const struct peer *peer)
{
	return (struct dns_destination){ peer->address, peer->port };
}

static void heard_pacing(void *context, int64_t wait_us)
{
	struct bench *bench = context;

	bench->paced++;
	bench->paced_us += wait_us;
}

static void heard_room(void *context)
{
	((struct bench *)context)->room++;
}

void bench_open(struct bench *bench, const struct dns_client_settings *settings)
{
	struct dns_client_settings own = settings ? *settings : (struct dns_client_settings){ 0 };

	memset(bench, 0, sizeof *bench);
	CHECK(uv_loop_init(&bench->loop) == 0);
	CHECK(network_parse(str_of("127.0.0.0/8"), &bench->allowed[0], NULL) == 0);
	CHECK(network_parse(str_of("::1"), &bench->allowed[1], NULL) == 0);
	bench->egress.policy = (struct policy){ bench->allowed, 2 };
	own.egress = &bench->egress;
	own.on_paced = heard_pacing;
	own.on_room = heard_room;
	own.room_context = bench;
	CHECK(dns_client_open(&bench->loop, &own, &bench->client) == 0);
}

void bench_close(struct bench *bench)
{
	dns_client_close(bench->client);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	CHECK(uv_loop_close(&bench->loop) == 0);
}

void pair_open(struct bench *bench, struct peer *peer, const struct dns_client_settings *settings)
{
	bench_open(bench, settings);
	peer_open(peer, &bench->loop, "127.0.0.1");
}

void pair_close(struct bench *bench, struct peer *peer)
{
	peer_close(peer);
	bench_close(bench);
}

void bench_answered(void *context, const struct dns_result *result)
{
	struct bench *bench = context;

	bench->done++;
	bench->answered += result->failure == DNS_FAILURE_NONE;
	bench->told_us += result->paced_us;
	bench->result = *result;
	memcpy(bench->packet, result->packet.data ? result->packet.data : "", result->packet.len);
	bench->result.packet.data = (char *)bench->packet;
	memcpy(bench->query, result->query.data, result->query.len);
	bench->result.query.data = (char *)bench->query;
}

struct dns_request bench_request(const struct dns_destination *to, uint32_t tries, uint32_t flags)
{
	return (struct dns_request){
		.destinations = to,
		.count = 1,
		.query = { .name = STR_LIT("example.com"), .type = DNS_A, .flags = flags },
		.tries = tries
	};
}

void bench_ask(struct bench *bench, const struct dns_request *request)
{
	CHECK_INT(dns_client_ask(bench->client, request, bench_answered, bench, NULL), 0);
}

void bench_until(struct bench *bench, unsigned done)
{
	while (bench->done < done && uv_run(&bench->loop, UV_RUN_ONCE))
		;
	CHECK(bench->done >= done);
}

const struct dns_result *bench_ask_peer(struct bench *bench, const struct peer *peer,
					uint32_t tries, uint32_t flags)
{
	struct dns_destination to = peer_destination(peer);
	struct dns_request request = bench_request(&to, tries, flags);
	unsigned done = bench->done;

	request.query.name = STR_LIT("www.example.com");
	request.timeout_us = SHORT_TRY_US;
	bench_ask(bench, &request);
	bench_until(bench, done + 1);
	CHECK_INT(dns_client_pending(bench->client), 0);
	return &bench->result;
}

int bench_value(const struct bench *bench)
{
	struct str packet = bench->result.packet;

	return packet.len < 16 || !packet.data[7] ? -1 : (uint8_t)packet.data[packet.len - 1];
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How are queries over TCP answered, slowly and brokenly where a fault says so? RFC 7766. */
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { INPUT_BYTES = 2 + 4096, OUTPUT_LIMIT = 64 << 20 };

struct listener {
	int fd;
	const struct server *server;
};

struct connection {
	int fd;
	const struct server *server;
	size_t input_length;
	uint8_t input[INPUT_BYTES];
	uint8_t *output;
	size_t output_length, sent;
	long drip_ms;
	bool is_waiting; /* a timer will go on */
};

static void forget(struct connection *c)
{
	later_forget(c);
	loop_watch(c->fd, NULL, NULL, 0);
	close(c->fd);
	free(c->output);
	free(c);
}

static void reset(struct connection *c)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	forget(c);
}

static void queue(struct connection *c, const uint8_t *message, size_t length, bool is_length_wrong)
{
	size_t claimed = is_length_wrong ? length + 100 : length;

	c->output = realloc(c->output, c->output_length + length + 2);
	if (!c->output || c->output_length > OUTPUT_LIMIT)
		fatal("too much to send");
	c->output[c->output_length] = (uint8_t)(claimed >> 8);
	c->output[c->output_length + 1] = (uint8_t)claimed;
	memcpy(c->output + c->output_length + 2, message, length);
	c->output_length += length + 2;
}

/* False when the connection is gone. */
static bool flush(struct connection *c)
{
	while (c->sent < c->output_length && !c->is_waiting) {
		size_t left = c->output_length - c->sent;
		ssize_t n = send(c->fd, c->output + c->sent, c->drip_ms ? 1 : left,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN) {
			forget(c);
			return false;
		}
		if (n < 0)
			break;
		c->sent += (size_t)n;
		if (c->drip_ms) {
			c->is_waiting = true;
			later_tcp(c->drip_ms, c);
		}
	}
	if (c->sent == c->output_length)
		c->sent = c->output_length = 0;
	loop_watch(c->fd, tcp_event, c, EPOLLIN | (c->output_length ? EPOLLOUT : 0));
	if (c->is_waiting)
		loop_watch(c->fd, tcp_event, c, EPOLLRDHUP);
	return true;
}

void tcp_wake(struct connection *c)
{
	c->is_waiting = false;
	flush(c);
}

static void send_transfer(void *context, const uint8_t *message, size_t length)
{
	queue(context, message, length, false);
}

/* False when the connection is gone. */
static bool answer_message(struct connection *c, const uint8_t *message, size_t length)
{
	static uint8_t out[MESSAGE_BYTES + 1024];
	struct delivery delivery = { 0 };
	struct query query = { .server = c->server, .is_tcp = true };
	int readable = query_read(message, length, &query);
	const struct zone *zone;
	size_t size;

	if (readable < 2) {
		reset(c);
		return false;
	}
	zone = server_zone(c->server, query.name);
	if (query.type == LDNS_RR_TYPE_AXFR && !query.opcode && zone &&
	    name_equal(zone->apex, query.name) && fault_for(c->server, FAULT_AXFR, &query)) {
		transfer(&query, zone, send_transfer, c);
		return true;
	}
	size = respond(&query, out, &delivery);
	if (delivery.is_closing) {
		reset(c);
		return false;
	}
	if (!size)
		return true;
	queue(c, out, size, delivery.is_length_wrong);
	c->drip_ms = delivery.drip_ms;
	if (delivery.delay_ms > 0 && !c->is_waiting) {
		c->is_waiting = true;
		later_tcp(delivery.delay_ms, c);
	}
	return true;
}

static bool answer_input(struct connection *c)
{
	size_t at = 0;

	while (c->input_length - at >= 2) {
		size_t length = (size_t)c->input[at] << 8 | c->input[at + 1];

		if (length > INPUT_BYTES - 2) {
			reset(c);
			return false;
		}
		if (c->input_length - at - 2 < length)
			break;
		if (!answer_message(c, c->input + at + 2, length))
			return false;
		at += 2 + length;
	}
	memmove(c->input, c->input + at, c->input_length - at);
	c->input_length -= at;
	return true;
}

void tcp_event(void *context, uint32_t events)
{
	struct connection *c = context;
	ssize_t n;

	if (events & EPOLLOUT && !flush(c))
		return;
	if (!(events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
		return;
	n = recv(c->fd, c->input + c->input_length, INPUT_BYTES - c->input_length, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		forget(c);
		return;
	}
	if (n > 0) {
		c->input_length += (size_t)n;
		if (!answer_input(c))
			return;
	}
	flush(c);
}

static void on_accept(void *context, uint32_t events)
{
	const struct listener *listener = context;
	int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct connection *c;

	(void)events;
	if (fd < 0)
		return;
	c = pool_zalloc(sizeof(*c));
	c->fd = fd;
	c->server = listener->server;
	loop_watch(fd, tcp_event, c, EPOLLIN);
}

void tcp_listen(const struct server *server, const struct ip *ip)
{
	struct listener *listener = pool_zalloc(sizeof(*listener));
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(DNS_PORT) };
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(DNS_PORT) };
	bool is_v4 = ip->family == AF_INET;
	int on = 1;
	char text[64];

	listener->server = server;
	listener->fd = socket(ip->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	memcpy(&v4.sin_addr, ip->bytes, 4);
	memcpy(&v6.sin6_addr, ip->bytes, 16);
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener->fd, is_v4 ? (void *)&v4 : (void *)&v6,
		 is_v4 ? sizeof(v4) : sizeof(v6)) ||
	    listen(listener->fd, 512))
		fatal("%s port %d over TCP: %s", ip_text(ip, text), DNS_PORT, strerror(errno));
	loop_watch(listener->fd, on_accept, listener, EPOLLIN);
}

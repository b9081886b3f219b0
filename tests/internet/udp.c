/* SPDX-License-Identifier: Apache-2.0 */
/* How are thousands of datagrams taken and answered with few system calls? */
#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BATCH = 256, ROUNDS = 16, QUERY_BYTES = 4096, RESPONSE_BYTES = 4096, CONTROL_BYTES = 64 };

struct slot {
	struct iovec iov;
	struct sockaddr_in6 peer;
	uint8_t query[QUERY_BYTES];
	uint8_t control[CONTROL_BYTES] __attribute__((aligned(8)));
};

static struct slot slots[BATCH];
static struct mmsghdr received[BATCH], sent[BATCH];
static struct iovec sent_iov[BATCH];
static uint8_t responses[BATCH][RESPONSE_BYTES];
static uint8_t sent_control[BATCH][CONTROL_BYTES] __attribute__((aligned(8)));
static int udp_fd[2] = { -1, -1 }; /* IPv4, IPv6 */

static bool read_local(struct msghdr *header, struct ip *ret)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(header);

	for (; c; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			*ret = (struct ip){ .family = AF_INET };
			memcpy(ret->bytes, &info.ipi_addr, 4);
			return true;
		}
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			*ret = (struct ip){ .family = AF_INET6 };
			memcpy(ret->bytes, &info.ipi6_addr, 16);
			return true;
		}
	}
	return false;
}

static void set_source(struct msghdr *header, const struct ip *source, void *control)
{
	struct cmsghdr *c = control;

	header->msg_control = control;
	if (source->family == AF_INET) {
		struct in_pktinfo info = { 0 };

		memcpy(&info.ipi_spec_dst, source->bytes, 4);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		header->msg_controllen = CMSG_SPACE(sizeof(info));
	} else {
		struct in6_pktinfo info = { 0 };

		memcpy(&info.ipi6_addr, source->bytes, 16);
		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
		header->msg_controllen = CMSG_SPACE(sizeof(info));
	}
}

void udp_send(const struct endpoint *endpoint, const struct ip *source, const uint8_t *message,
	      size_t length)
{
	uint8_t control[CONTROL_BYTES] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { (void *)message, length };
	struct msghdr header = { .msg_name = (void *)&endpoint->peer,
				 .msg_namelen = endpoint->peer_length,
				 .msg_iov = &iov,
				 .msg_iovlen = 1 };

	set_source(&header, source, control);
	if (sendmsg(udp_fd[source->family == AF_INET6], &header, MSG_DONTWAIT) < 0)
		return; /* lost, as datagrams are */
}

/* Slow, big and falsified ones go their own way; returns what remains for the batch. */
static size_t deliver_apart(const struct slot *slot, const struct ip *local, const uint8_t *out,
			    size_t length, const struct delivery *delivery)
{
	struct endpoint endpoint = { .peer_length = local->family == AF_INET
							    ? sizeof(struct sockaddr_in)
							    : sizeof(struct sockaddr_in6) };
	struct ip source = *local;

	memcpy(&endpoint.peer, &slot->peer, sizeof(slot->peer));
	if (delivery->source && !ip_parse(delivery->source, &source))
		fatal("wrong-source=%s is no address", delivery->source);
	if (source.family != local->family)
		source = *local;
	if (delivery->delay_ms > 0)
		later_udp(delivery->delay_ms, &endpoint, &source, out, length);
	else
		udp_send(&endpoint, &source, out, length);
	return 0;
}

static size_t answer_slot(const struct slot *slot, struct msghdr *header, size_t length,
			  struct ip *local, uint8_t *out)
{
	static uint8_t whole[MESSAGE_BYTES + 1024];
	struct delivery delivery = { 0 };
	struct query query;
	int readable;
	size_t size;

	if (!read_local(header, local))
		return 0;
	query.server = server_at(local);
	if (!query.server || query.server->is_silent)
		return 0;
	query.is_tcp = false;
	readable = query_read(slot->query, length, &query);
	if (!readable)
		return 0;
	if (readable == 1) {
		query.name_length = 0;
		query.has_edns = false;
		size = respond_with(&query, 0, LDNS_RCODE_FORMERR, whole);
	} else {
		size = respond(&query, whole, &delivery);
	}
	if (size && (size > RESPONSE_BYTES || delivery.delay_ms || delivery.source))
		return deliver_apart(slot, local, whole, size, &delivery);
	memcpy(out, whole, size);
	return size;
}

static void send_batch(int fd, unsigned count)
{
	for (unsigned done = 0; done < count;) {
		int n = sendmmsg(fd, sent + done, count - done, MSG_DONTWAIT);

		if (n < 0)
			n = 1; /* this one is lost */
		done += (unsigned)n;
	}
}

static int read_batch(int fd)
{
	unsigned out = 0;
	int count;

	for (unsigned i = 0; i < BATCH; i++) {
		received[i].msg_hdr.msg_namelen = sizeof(slots[i].peer);
		received[i].msg_hdr.msg_controllen = CONTROL_BYTES;
	}
	count = recvmmsg(fd, received, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < count; i++) {
		struct ip local;
		size_t length = answer_slot(&slots[i], &received[i].msg_hdr, received[i].msg_len,
					    &local, responses[out]);

		if (!length)
			continue;
		sent_iov[out] = (struct iovec){ responses[out], length };
		sent[out].msg_hdr = (struct msghdr){ .msg_name = &slots[i].peer,
						     .msg_namelen = received[i].msg_hdr.msg_namelen,
						     .msg_iov = &sent_iov[out],
						     .msg_iovlen = 1 };
		set_source(&sent[out].msg_hdr, &local, sent_control[out]);
		out++;
	}
	send_batch(fd, out);
	return count;
}

void udp_read(int fd)
{
	for (int round = 0; round < ROUNDS; round++)
		if (read_batch(fd) < BATCH)
			return;
}

static void on_udp(void *context, uint32_t events)
{
	(void)events;
	udp_read(*(int *)context);
}

static int open_family(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
	int bytes = 16 << 20;
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6, .sin6_port = htons(DNS_PORT) };
	struct sockaddr_in any4 = { .sin_family = AF_INET, .sin_port = htons(DNS_PORT) };
	bool is_v4 = family == AF_INET;

	/* NSD binds its addresses beside this socket, and gets what is sent to them. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	if (is_v4)
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	if (!is_v4)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, is_v4 ? (void *)&any4 : (void *)&any6, is_v4 ? sizeof(any4) : sizeof(any6)))
		fatal("port %d: %s", DNS_PORT, strerror(errno));
	return fd;
}

void udp_open(void)
{
	for (unsigned i = 0; i < BATCH; i++) {
		slots[i].iov = (struct iovec){ slots[i].query, QUERY_BYTES };
		received[i].msg_hdr = (struct msghdr){ .msg_name = &slots[i].peer,
						       .msg_iov = &slots[i].iov,
						       .msg_iovlen = 1,
						       .msg_control = slots[i].control };
	}
	for (int i = 0; i < 2; i++) {
		udp_fd[i] = open_family(i ? AF_INET6 : AF_INET);
		loop_watch(udp_fd[i], on_udp, &udp_fd[i], EPOLLIN);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How does anything of ours reach a stranger? */
#include "net/socket.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int egress_trust(struct egress *egress, const struct address *address, uint16_t port)
{
	if (egress->trusted_count == EGRESS_TRUSTED)
		return -ENOSPC;
	egress->trusted[egress->trusted_count++] = (struct egress_trusted){ *address, port };
	return 0;
}

static bool is_trusted(const struct egress *egress, const struct address *address, uint16_t port)
{
	for (size_t i = 0; i < egress->trusted_count; i++)
		if (egress->trusted[i].port == port &&
		    address_eq(&egress->trusted[i].address, address))
			return true;
	return false;
}

int destination_approve(const struct egress *egress, const struct address *address, uint16_t port,
			struct destination *ret)
{
	struct destination found = { .is_trusted = is_trusted(egress, address, port) };

	if (!found.is_trusted && !policy_allows(&egress->policy, address, NULL))
		return ERR_DENIED;
	if (!port)
		return -EINVAL;
	found.len = address_to_sockaddr(address, port, &found.storage);
	*ret = found;
	return 0;
}

static int open_socket(int family, int type)
{
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* Failing to set an option costs speed or early news, never correctness. */
static void option_set(int fd, int level, int option, int value)
{
	(void)!setsockopt(fd, level, option, &value, sizeof value);
}

static int open_udp(int family, int receive_bytes)
{
	int fd = open_socket(family, SOCK_DGRAM);

	if (fd < 0)
		return fd;
	option_set(fd, SOL_SOCKET, SO_RCVBUF, receive_bytes);
	/* Otherwise poll reports an error queue as an error of the descriptor. */
	option_set(fd, SOL_SOCKET, SO_SELECT_ERR_QUEUE, 1);
	if (family == AF_INET)
		option_set(fd, IPPROTO_IP, IP_RECVERR, 1);
	else
		option_set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
	return fd;
}

int socket_open_udp(enum address_family family, int receive_bytes)
{
	return open_udp(family == ADDRESS_IPV4 ? AF_INET : AF_INET6, receive_bytes);
}

static int connect_to(int fd, const struct destination *to)
{
	int error;

	if (fd < 0)
		return fd;
	if (!connect(fd, &to->any, to->len) || errno == EINPROGRESS)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int socket_connect_udp(const struct destination *to, int receive_bytes)
{
	return connect_to(open_udp(to->any.sa_family, receive_bytes), to);
}

int socket_open_tcp(const struct destination *to)
{
	int fd = open_socket(to->any.sa_family, SOCK_STREAM);

	if (fd >= 0)
		option_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	return fd;
}

int socket_connect_tcp(const struct destination *to)
{
	return connect_to(socket_open_tcp(to), to);
}

int socket_connect_on(int fd, const struct destination *to)
{
	return connect(fd, &to->any, to->len) < 0 ? -errno : 0;
}

int socket_send_on(int fd, const struct destination *to, const void *data, size_t len, int flags)
{
	ssize_t sent =
		sendto(fd, data, len,
		       (flags & (MSG_NOSIGNAL | MSG_MORE | MSG_EOR)) | MSG_DONTWAIT | MSG_NOSIGNAL,
		       to ? &to->any : NULL, to ? to->len : 0);

	return sent < 0 ? -errno : (int)sent;
}

int socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

int socket_send_batch(int fd, const struct socket_datagram *datagrams, size_t count)
{
	struct mmsghdr messages[SOCKET_BATCH];
	struct iovec parts[SOCKET_BATCH];
	int sent;

	count = MIN(count, (size_t)SOCKET_BATCH);
	for (size_t i = 0; i < count; i++) {
		const struct destination *to = datagrams[i].to;

		parts[i] = (struct iovec){ (void *)datagrams[i].data, datagrams[i].len };
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = to ? (void *)&to->storage : NULL,
			.msg_namelen = to ? to->len : 0,
			.msg_iov = &parts[i],
			.msg_iovlen = 1,
		};
	}
	do
		sent = sendmmsg(fd, messages, (unsigned)count, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : sent;
}

enum { SEGMENTS = 64 }; /* what every kernel with UDP_SEGMENT takes */

struct segment_size {
	_Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(uint16_t))];
};

static void segment_size_set(struct msghdr *message, struct segment_size *control, size_t len)
{
	struct cmsghdr *header;
	uint16_t size = (uint16_t)len;

	memset(control, 0, sizeof *control);
	message->msg_control = control;
	message->msg_controllen = sizeof control->bytes;
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = IPPROTO_UDP;
	header->cmsg_type = UDP_SEGMENT;
	header->cmsg_len = CMSG_LEN(sizeof size);
	memcpy(CMSG_DATA(header), &size, sizeof size);
}

int socket_send_segments(int fd, const struct socket_datagram *datagrams, size_t count)
{
	struct mmsghdr messages[SOCKET_BATCH];
	struct segment_size sizes[SOCKET_BATCH];
	struct iovec parts[SOCKET_BATCH];
	unsigned groups = 0;
	int sent, left = 0;

	count = MIN(count, (size_t)SOCKET_BATCH);
	for (size_t i = 0, next; i < count; i = next, groups++) {
		for (next = i;
		     next < count && next - i < SEGMENTS && datagrams[next].len == datagrams[i].len;
		     next++)
			parts[next] =
				(struct iovec){ (void *)datagrams[next].data, datagrams[next].len };
		messages[groups].msg_hdr =
			(struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = next - i };
		if (next - i > 1)
			segment_size_set(&messages[groups].msg_hdr, &sizes[groups],
					 datagrams[i].len);
	}
	do
		sent = sendmmsg(fd, messages, groups, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	for (int i = 0; i < sent; i++)
		left += (int)messages[i].msg_hdr.msg_iovlen;
	return left;
}

int socket_take_complaint(int fd, struct socket_complaint *ret)
{
	struct sockaddr_storage name;
	struct iovec part = { ret->head, sizeof ret->head };
	union {
		struct cmsghdr header;
		char bytes[512];
	} control;
	struct msghdr message = { .msg_name = &name,
				  .msg_namelen = sizeof name,
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof control };
	ssize_t len = recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (len < 0)
		return 0;
	ret->len = (size_t)len;
	ret->error = 0;
	ret->to = address_from_sockaddr((struct sockaddr *)&name, &ret->port);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		bool is_error = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
				(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);

		if (is_error && c->cmsg_len >= CMSG_LEN(sizeof(struct sock_extended_err))) {
			struct sock_extended_err detail;

			memcpy(&detail, CMSG_DATA(c), sizeof detail);
			ret->error = (int)detail.ee_errno;
		}
	}
	return 1;
}

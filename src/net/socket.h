/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The only place that opens sockets towards strangers. Whatever is sent or connected to goes
 * through a struct destination, and only destination_approve makes one: it asks the address policy
 * by value, at the moment of connecting. `./dev lint` finds connect and send calls anywhere else.
 *
 * The configured resolver may stand on loopback or in a private network: it is registered as
 * trusted, by address and port.
 */
#ifndef DSS_NET_SOCKET_H
#define DSS_NET_SOCKET_H

#include "net/policy.h"

#include <sys/uio.h>

/** The policy denies the destination: ours, never theirs. */
enum { ERR_DENIED = -1100 };

enum { EGRESS_TRUSTED = 16, SOCKET_BATCH = 256 };

/** Who may be sent to. All zero: everything but the denied blocks. */
struct egress {
	struct policy policy;
	struct egress_trusted {
		struct address address;
		uint16_t port;
	} trusted[EGRESS_TRUSTED];
	size_t trusted_count;
};

/** Exempt the configured resolver from the policy. -ENOSPC when EGRESS_TRUSTED are registered. */
int egress_trust(struct egress *egress, const struct address *address, uint16_t port) MUST_USE;

/** A place that we may send to. Made by destination_approve only. */
struct destination {
	union {
		struct sockaddr_storage storage;
		struct sockaddr any;
	};
	socklen_t len;
	bool is_trusted;
};

/** 0; ERR_DENIED; -EINVAL for port 0. */
int destination_approve(const struct egress *egress, const struct address *address, uint16_t port,
			struct destination *ret) MUST_USE;

/** A non-blocking, close-on-exec datagram socket; the kernel picks a random port at the first send.
 * ICMP errors arrive in its error queue (poll: priority data). Returns the descriptor. */
int socket_open_udp(enum address_family family, int receive_bytes) MUST_USE;
/** The same, connected: the kernel drops what comes from elsewhere. */
int socket_connect_udp(const struct destination *to, int receive_bytes) MUST_USE;
/** Start a TCP connection. Returns the descriptor, which becomes writable when it is decided; then
 * socket_error says how. */
int socket_connect_tcp(const struct destination *to) MUST_USE;
/** For libraries that connect by themselves right after (libcurl's CURLOPT_OPENSOCKETFUNCTION):
 * a stream socket, only when the destination is approved. */
int socket_open_tcp(const struct destination *to) MUST_USE;
/** The pending error of a socket, as a negative code, or 0. */
int socket_error(int fd) MUST_USE;

/** On a socket that somebody else opened (net/guard.h). 0; -EINPROGRESS: it becomes writable when it is
 * decided; -errno. */
int socket_connect_on(int fd, const struct destination *to) MUST_USE;
/** The same for one letter, without waiting; `to` NULL: the socket is connected. Returns the octets that
 * left, or -errno. Of flags only MSG_NOSIGNAL, MSG_MORE and MSG_EOR count. */
int socket_send_on(int fd, const struct destination *to, const void *data, size_t len,
		   int flags) MUST_USE;

struct socket_datagram {
	const struct destination *to; /**< NULL on a connected socket */
	const void *data;
	size_t len;
};
/** Send up to SOCKET_BATCH datagrams with one call. Returns how many left, at least one, or the
 * error of the first. */
int socket_send_batch(int fd, const struct socket_datagram *datagrams, size_t count) MUST_USE;
/** The same on a connected socket, where neighbours of one length go through the kernel as one
 * packet until its last layer (UDP_SEGMENT): half the cost. An ICMP error then names the first of
 * them only. -EIO, -EINVAL, -EOPNOTSUPP: this kernel or interface cannot. */
int socket_send_segments(int fd, const struct socket_datagram *datagrams, size_t count) MUST_USE;

/** An ICMP error about a datagram of ours, from the error queue. */
struct socket_complaint {
	int error; /**< ECONNREFUSED for port unreachable, EHOSTUNREACH … */
	struct address to;
	uint16_t port;
	uint8_t head[32]; /**< the datagram's first octets */
	size_t len;
};
/** 1 with a complaint, 0 when there is none. */
int socket_take_complaint(int fd, struct socket_complaint *ret) MUST_USE;

#endif

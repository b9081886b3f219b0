/* SPDX-License-Identifier: Apache-2.0 */
/** The event loop: UDP in batches, TCP per server address, delayed responses, until stopped. */
#ifndef INTERNET_SERVER_H
#define INTERNET_SERVER_H

#include "answer.h"
#include "world.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { DNS_PORT = 53 };

struct endpoint { /* both ends of an exchange */
	struct sockaddr_storage peer;
	socklen_t peer_length;
	struct ip local;
};

/** Opens all sockets; after it queries are not lost. */
void server_open(struct world *world);
/** Serves until *stop is set by a signal handler. */
void server_run(const volatile int *stop);
const struct server *server_at(const struct ip *ip);

/* udp.c */
void udp_open(void);
void udp_read(int fd);
void udp_send(const struct endpoint *endpoint, const struct ip *source, const uint8_t *message,
	      size_t length);

/* tcp.c */
struct connection;
void tcp_listen(const struct server *server, const struct ip *ip);
void tcp_event(void *connection, uint32_t events);
void tcp_wake(struct connection *connection);

/* timer.c: what is sent later */
long now_ms(void);
void later_udp(long delay_ms, const struct endpoint *endpoint, const struct ip *source,
	       const uint8_t *message, size_t length);
void later_tcp(long delay_ms, struct connection *connection);
void later_forget(const struct connection *connection);
/** Does what is due; returns milliseconds to the next, or -1. */
int later_run(void);

/* web.c: the servers that web.py plays */
void web_start(const struct world *world);
void web_stop(void);

/* nsd.c: the servers that a real NSD plays */
void nsd_start(const struct world *world);
void nsd_stop(void);

/* loop.c */
void loop_watch(int fd, void (*call)(void *context, uint32_t events), void *context,
		uint32_t events);

#endif

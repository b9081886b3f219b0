/* SPDX-License-Identifier: Apache-2.0 */
/* How is a connection made half open? A thread of its own passes bytes on, or does not. */
#include "tests/contract/proxy.h"

#include "tests/test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 32 };

struct proxy {
	pthread_t thread;
	int listener, pair[PAIRS][2];
	size_t count, dead; /* pairs below `dead` pass nothing any more */
	unsigned port, to;
	atomic_bool is_held, is_over;
};

static struct sockaddr_in loopback(unsigned port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static void take(struct proxy *proxy)
{
	struct sockaddr_in at = loopback(proxy->to);
	int *pair = proxy->pair[proxy->count];

	if (proxy->count == PAIRS)
		return;
	pair[0] = accept(proxy->listener, NULL, NULL);
	pair[1] = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(pair[1], (struct sockaddr *)&at, sizeof at) == 0)
		proxy->count++;
}

/* An end that has closed is passed on too. */
static void pass(struct proxy *proxy, size_t i, int side)
{
	char bytes[16384];
	ssize_t got = recv(proxy->pair[i][side], bytes, sizeof bytes, MSG_DONTWAIT);

	if (got > 0)
		(void)!send(proxy->pair[i][!side], bytes, (size_t)got, MSG_NOSIGNAL);
	else if (got == 0)
		shutdown(proxy->pair[i][!side], SHUT_WR);
}

static void *run(void *context)
{
	struct proxy *proxy = context;

	while (!proxy->is_over) {
		struct pollfd fds[1 + 2 * PAIRS] = { { .fd = proxy->listener, .events = POLLIN } };
		nfds_t count = 1;

		if (proxy->is_held) {
			proxy->dead = proxy->count;
			poll(NULL, 0, 10);
			continue;
		}
		for (size_t i = proxy->dead; i < proxy->count; i++)
			for (int side = 0; side < 2; side++)
				fds[count++] = (struct pollfd){ .fd = proxy->pair[i][side],
								.events = POLLIN };
		poll(fds, count, 10);
		for (nfds_t k = 1; k < count; k++)
			if (fds[k].revents)
				pass(proxy, proxy->dead + (k - 1) / 2, (int)((k - 1) % 2));
		if (fds[0].revents)
			take(proxy);
	}
	return NULL;
}

struct proxy *proxy_open(unsigned port)
{
	struct proxy *proxy = memory_alloc(sizeof *proxy);
	struct sockaddr_in at = loopback(0);
	socklen_t size = sizeof at;

	memset(proxy, 0, sizeof *proxy);
	proxy->to = port;
	proxy->listener = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_INT(bind(proxy->listener, (struct sockaddr *)&at, sizeof at), 0);
	CHECK_INT(listen(proxy->listener, PAIRS), 0);
	CHECK_INT(getsockname(proxy->listener, (struct sockaddr *)&at, &size), 0);
	proxy->port = ntohs(at.sin_port);
	CHECK_INT(pthread_create(&proxy->thread, NULL, run, proxy), 0);
	return proxy;
}

unsigned proxy_port(const struct proxy *proxy)
{
	return proxy->port;
}

void proxy_hold(struct proxy *proxy, bool is_held)
{
	proxy->is_held = is_held;
	if (is_held)
		usleep(30000); /* what was on its way has passed */
}

void proxy_close(struct proxy *proxy)
{
	proxy->is_over = true;
	pthread_join(proxy->thread, NULL);
	for (size_t i = 0; i < proxy->count; i++) {
		close(proxy->pair[i][0]);
		close(proxy->pair[i][1]);
	}
	close(proxy->listener);
	memory_free(proxy);
}

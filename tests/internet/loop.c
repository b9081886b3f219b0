/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits for what: sockets, and what is to be sent later? */
#include "server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

enum { WATCHES = 65536, EVENTS = 64, LATER = 65536 };

struct watch {
	void (*call)(void *context, uint32_t events);
	void *context;
};

struct later {
	long due_ms;
	struct endpoint endpoint;
	struct ip source;
	struct connection *connection;
	size_t length;
	uint8_t *message;
};

static struct watch watch[WATCHES]; /* by descriptor */
static int epoll_fd = -1;
static struct later later[LATER];
static size_t later_count;
static const struct server **by_address;
static struct ip *addresses;
static size_t address_slots;

long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Watching what is watched already changes it; no events at all forget it. */
void loop_watch(int fd, void (*call)(void *context, uint32_t events), void *context,
		uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (fd < 0 || fd >= WATCHES)
		fatal("more than %d descriptors", WATCHES);
	watch[fd] = (struct watch){ call, context };
	if (!events)
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) && errno == EEXIST)
		epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event);
}

static struct later *later_add(long delay_ms)
{
	if (later_count == LATER) /* as a full queue would */
		return NULL;
	later[later_count] = (struct later){ .due_ms = now_ms() + delay_ms };
	return &later[later_count++];
}

void later_udp(long delay_ms, const struct endpoint *endpoint, const struct ip *source,
	       const uint8_t *message, size_t length)
{
	struct later *l = later_add(delay_ms);

	if (!l)
		return;
	l->endpoint = *endpoint;
	l->source = *source;
	l->length = length;
	l->message = memcpy(pool_zalloc(length), message, length);
}

void later_tcp(long delay_ms, struct connection *connection)
{
	struct later *l = later_add(delay_ms);

	if (l)
		l->connection = connection;
}

void later_forget(const struct connection *connection)
{
	for (size_t i = 0; i < later_count; i++)
		if (later[i].connection == connection)
			later[i--] = later[--later_count];
}

int later_run(void)
{
	long now = now_ms(), next = -1;

	for (size_t i = 0; i < later_count;) {
		struct later one = later[i];

		if (one.due_ms > now) {
			if (next < 0 || one.due_ms - now < next)
				next = one.due_ms - now;
			i++;
			continue;
		}
		later[i] = later[--later_count];
		if (one.connection) {
			tcp_wake(one.connection);
		} else {
			udp_send(&one.endpoint, &one.source, one.message, one.length);
			free(one.message);
		}
		i = 0; /* the queue may have changed */
		next = -1;
	}
	return (int)next;
}

static size_t address_slot(const struct ip *ip)
{
	size_t at = (size_t)bytes_hash(ip->bytes, 16, (uint64_t)ip->family) & (address_slots - 1);

	while (by_address[at] && !ip_equal(&addresses[at], ip))
		at = (at + 1) & (address_slots - 1);
	return at;
}

const struct server *server_at(const struct ip *ip)
{
	return by_address[address_slot(ip)];
}

static void index_addresses(const struct world *world)
{
	size_t count = 0;

	for (size_t i = 0; i < world->server_count; i++)
		count += world->server[i].ip_count;
	for (address_slots = 64; address_slots < count * 4;)
		address_slots *= 2;
	by_address = pool_zalloc(address_slots * sizeof(struct server *));
	addresses = pool_zalloc(address_slots * sizeof(*addresses));
	for (size_t i = 0; i < world->server_count; i++)
		for (size_t k = 0; k < world->server[i].ip_count; k++) {
			size_t at = address_slot(&world->server[i].ip[k]);

			if (world->server[i].engine)
				continue;
			if (by_address[at])
				continue; /* two names for one address: one server */
			addresses[at] = world->server[i].ip[k];
			by_address[at] = &world->server[i];
			if (!world->server[i].is_silent && !world->server[i].has_no_tcp)
				tcp_listen(&world->server[i], &world->server[i].ip[k]);
		}
}

void server_open(struct world *world)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		fatal("epoll: %s", strerror(errno));
	index_addresses(world);
	udp_open();
}

void server_run(const volatile int *stop)
{
	struct epoll_event event[EVENTS];

	while (!*stop) {
		int count = epoll_wait(epoll_fd, event, EVENTS, later_run());

		for (int i = 0; i < count; i++) {
			struct watch *w = &watch[event[i].data.fd];

			if (w->call)
				w->call(w->context, event[i].events);
		}
	}
}

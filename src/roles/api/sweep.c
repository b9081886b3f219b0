/* SPDX-License-Identifier: Apache-2.0 */
/* Which connections are too slow to keep? */
#include "roles/api/sweep.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "base/arena.h"
#include "base/clock.h"
#include "roles/api/api.h"

struct traffic {
	uint64_t received, acked;
};

/* Zeros for what is no TCP connection. */
static struct traffic traffic_of(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return (struct traffic){ 0 };
	return (struct traffic){ info.tcpi_bytes_received, info.tcpi_bytes_acked };
}

/* What is in the send queue: sent and not acknowledged, or not sent. */
static int unsent_of(int fd)
{
	int bytes = 0;

	return ioctl(fd, SIOCOUTQ, &bytes) < 0 ? 0 : bytes;
}

/* Sent by the client, and not read by us yet. */
static bool has_unread(int fd)
{
	int bytes = 0;

	return ioctl(fd, SIOCINQ, &bytes) == 0 && bytes > 0;
}

static bool is_late(const struct peer *peer, int64_t now_us, unsigned seconds)
{
	return now_us - peer->since_us > (int64_t)seconds * 1000000;
}

static bool is_slow_reader(struct peer *peer, const struct traffic *traffic)
{
	bool is_slow = traffic->acked - peer->acked < READ_RATE && unsent_of(peer->fd) > 0;

	peer->acked = traffic->acked;
	peer->slow_seconds = is_slow ? peer->slow_seconds + 1 : 0;
	return peer->slow_seconds >= READ_SECONDS;
}

/* An upload has its first seconds free. */
static bool is_slow_upload(const struct peer *peer, int64_t now_us)
{
	int64_t seconds = (now_us - peer->since_us) / 1000000 - REQUEST_SECONDS;

	return seconds > 0 && peer->received < (uint64_t)seconds * BODY_RATE;
}

static bool is_to_cut(struct peer *peer, int64_t now_us)
{
	struct traffic traffic = traffic_of(peer->fd);

	if (peer->is_busy || (peer->state != PEER_ANSWERING && has_unread(peer->fd)))
		return false;
	switch (peer->state) {
	case PEER_IDLE:
		if (traffic.received > peer->received) { /* the next request has begun */
			peer->state = PEER_RECEIVING;
			if (!peer->is_fresh)
				peer->since_us = now_us;
			return false;
		}
		return is_late(peer, now_us, peer->is_fresh ? REQUEST_SECONDS : IDLE_SECONDS);
	case PEER_RECEIVING:
		return is_late(peer, now_us, REQUEST_SECONDS);
	case PEER_UPLOADING:
		return is_slow_upload(peer, now_us);
	default:
		return is_slow_reader(peer, &traffic);
	}
}

/* Without linger: what a slow reader left unread is freed at once, not when it comes to read it. */
static void cut(struct peer *peer)
{
	struct linger none = { .l_onoff = 1 };

	if (peer->state == PEER_ANSWERING)
		(void)!setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	shutdown(peer->fd, SHUT_RDWR);
}

static void sweep(struct peers *peers)
{
	int64_t now_us = clock_monotonic_us();

	for (struct peer *peer = peers->first; peer; peer = peer->next)
		if (is_to_cut(peer, now_us)) {
			cut(peer);
			peers->cut++;
		}
}

static void *sweep_run(void *context)
{
	struct peers *peers = context;

	pthread_mutex_lock(&peers->lock);
	while (!peers->is_ending) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&peers->changed, &peers->lock, &until);
		sweep(peers);
	}
	pthread_mutex_unlock(&peers->lock);
	return NULL;
}

void peers_init(struct peers *peers)
{
	pthread_condattr_t attributes;

	*peers = (struct peers){ 0 };
	pthread_mutex_init(&peers->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&peers->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

int peers_start(struct peers *peers)
{
	int code = pthread_create(&peers->thread, NULL, sweep_run, peers);

	peers->is_running = !code;
	return -code;
}

void peers_stop(struct peers *peers)
{
	if (!peers->is_running)
		return;
	pthread_mutex_lock(&peers->lock);
	peers->is_ending = true;
	pthread_cond_signal(&peers->changed);
	pthread_mutex_unlock(&peers->lock);
	pthread_join(peers->thread, NULL);
	peers->is_running = false;
}

bool peers_expect(struct peers *peers)
{
	bool expects = false;

	pthread_mutex_lock(&peers->lock);
	for (const struct peer *peer = peers->first; peer && !expects; peer = peer->next)
		expects = peer->is_fresh;
	pthread_mutex_unlock(&peers->lock);
	return expects;
}

void peers_wait(struct peers *peers, unsigned wait_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)wait_ms * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&peers->lock);
	pthread_cond_timedwait(&peers->changed, &peers->lock, &until);
	pthread_mutex_unlock(&peers->lock);
}

struct peer *peer_open(struct peers *peers, int fd)
{
	struct peer *peer = memory_alloc(sizeof *peer);

	*peer = (struct peer){ .fd = fd, .is_fresh = true, .since_us = clock_monotonic_us() };
	pthread_mutex_lock(&peers->lock);
	peer->next = peers->first;
	peer->back = &peers->first;
	if (peer->next)
		peer->next->back = &peer->next;
	peers->first = peer;
	peers->count++;
	pthread_mutex_unlock(&peers->lock);
	return peer;
}

void peer_close(struct peers *peers, struct peer *peer)
{
	pthread_mutex_lock(&peers->lock);
	*peer->back = peer->next;
	if (peer->next)
		peer->next->back = peer->back;
	peers->count--;
	pthread_mutex_unlock(&peers->lock);
	memory_free(peer);
}

void peer_enter(struct peers *peers, struct peer *peer, enum peer_state state)
{
	uint64_t received = state == PEER_IDLE ? traffic_of(peer->fd).received : 0;

	pthread_mutex_lock(&peers->lock);
	/* A request's time runs from its first byte, which only a sweep may have seen. */
	if (state != PEER_RECEIVING || peer->state != PEER_RECEIVING)
		peer->since_us = state == PEER_RECEIVING && peer->is_fresh ? peer->since_us
									   : clock_monotonic_us();
	peer->is_fresh = false;
	peer->state = state;
	peer->received = received;
	peer->slow_seconds = 0;
	pthread_mutex_unlock(&peers->lock);
}

void peer_busy(struct peers *peers, struct peer *peer, bool is_busy)
{
	int64_t now_us = clock_monotonic_us();

	pthread_mutex_lock(&peers->lock);
	if (peer->is_busy)
		peer->since_us += now_us - peer->busy_us;
	peer->is_busy = is_busy;
	peer->busy_us = now_us;
	pthread_mutex_unlock(&peers->lock);
}

void peer_uploaded(struct peers *peers, struct peer *peer, uint64_t bytes)
{
	pthread_mutex_lock(&peers->lock);
	peer->received += bytes;
	pthread_mutex_unlock(&peers->lock);
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Clients that hold a connection by being slow. The library's own time limit is for idleness only: a
 * byte every few seconds outlives it. A sweep once a second shuts down connections
 *	- whose request has begun and is not complete after REQUEST_SECONDS (bodies of imports: that
 *	  do not keep BODY_RATE bytes a second),
 *	- that are idle for IDLE_SECONDS,
 *	- that leave an answer unread: less than READ_RATE bytes a second for READ_SECONDS while there is
 *	  something to send.
 * What was received and read comes from the kernel (TCP_INFO), so that bytes count which the library
 * has not shown us yet; on unix sockets only whole requests count. A client does not answer for our
 * time: what lies in the kernel and waits for one of our threads, and what we do between its headers
 * and its body (peer_busy).
 */
#ifndef DSS_ROLES_API_SWEEP_H
#define DSS_ROLES_API_SWEEP_H

#include <pthread.h>

#include "base/attr.h"

enum { BODY_RATE = 1024, READ_RATE = 256, READ_SECONDS = 20 };

enum peer_state {
	PEER_IDLE,      /**< between requests */
	PEER_RECEIVING, /**< a request has begun */
	PEER_UPLOADING, /**< the body of an import comes */
	PEER_ANSWERING
};

/** A connection. Fields but fd are guarded by the table's lock. */
struct peer {
	struct peer *next, **back;
	int fd;
	enum peer_state state;
	bool is_fresh; /**< has sent no request yet */
	bool is_busy;  /**< we are at it */
	int64_t since_us, busy_us;
	uint64_t received; /**< bytes when the state began; of uploads: of the body */
	uint64_t acked;    /**< at the last sweep */
	unsigned slow_seconds;
};

struct peers {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct peer *first;
	size_t count, cut; /**< cut: shut down by sweeps */
	pthread_t thread;
	bool is_ending, is_running;
};

void peers_init(struct peers *peers);
int peers_start(struct peers *peers) MUST_USE;
/** Ends the thread. */
void peers_stop(struct peers *peers);

/** Is there a connection whose first request has not come yet? */
bool peers_expect(struct peers *peers);
/** Wait that long, for the end of a drain: connections go meanwhile. */
void peers_wait(struct peers *peers, unsigned wait_ms);

struct peer *peer_open(struct peers *peers, int fd);
void peer_close(struct peers *peers, struct peer *peer);
void peer_enter(struct peers *peers, struct peer *peer, enum peer_state state);
/** While we look at a request that is not complete. */
void peer_busy(struct peers *peers, struct peer *peer, bool is_busy);
/** So much of an upload is there. */
void peer_uploaded(struct peers *peers, struct peer *peer, uint64_t bytes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Requests that wait for something to happen in the store: streams of events, Prefer: wait. Their
 * connections are suspended, so that no thread waits with them; one thread of the hub wakes them
 * after commits (store_wake_fd) and when their time has come. Wakes are merged: at most one in
 * HUB_GAP_MS.
 */
#ifndef DSS_ROLES_API_HUB_H
#define DSS_ROLES_API_HUB_H

#include <pthread.h>

#include "base/err.h"

enum { HUB_GAP_MS = 100, HUB_LOOK_MS = 1000 };

struct MHD_Connection;
struct store;

/** Embedded in the request; nobody's while it is not waiting. */
struct waiter {
	struct waiter *next, **back;
	struct MHD_Connection *connection;
	int64_t due_us; /**< monotonic */
};

struct hub {
	pthread_mutex_t lock;
	struct waiter *first;
	struct store *store;
	pthread_t thread;
	int wake_fd, end_fd;
	bool is_running, is_ending;
};

/** Starts the thread. */
int hub_open(struct hub *hub, struct store *store, struct err *err) MUST_USE;
/** Wake all for the last time; nobody can wait afterwards. */
void hub_end(struct hub *hub);
/** After the server has stopped. */
void hub_close(struct hub *hub);
/**
 * From a callback of this connection: suspend it until something was committed, or until due_us. False:
 * the hub has ended, and nothing was suspended.
 */
bool hub_wait(struct hub *hub, struct waiter *waiter, struct MHD_Connection *connection,
	      int64_t due_us);

#endif

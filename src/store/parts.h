/* SPDX-License-Identifier: Apache-2.0 */
/** What the files of struct store share; nobody outside of store/ includes this. */
#ifndef DSS_STORE_PARTS_H
#define DSS_STORE_PARTS_H

#include "store/backend.h"
#include "store/condition.h"

enum {
	STORE_READERS = 8,
	STORE_WAIT_S = 60 /**< for a reader, or for the threads that write before */
};

/** Closures that wait to be committed, oldest first (group.c). */
struct write_queue {
	pthread_mutex_t mutex;
	struct write_request *first, *last;
	size_t count;
	bool is_led;      /**< a thread is committing, or was told to */
	int64_t group_us; /**< how long a group takes more in */
};

/** Reading connections, opened when they are first needed (read.c). */
struct read_pool {
	pthread_mutex_t mutex;
	pthread_cond_t returned;
	struct store_connection *idle[STORE_READERS];
	size_t idle_count, open_count;
};

struct store {
	const struct store_backend *backend;
	struct store_place *place;
	unsigned flags;
	int64_t (*now_us)(void *context);
	void *clock_context;
	struct store_connection *writer; /**< used by the thread that leads */
	struct write_queue writes;
	struct read_pool reads;
};

int write_queue_init(struct write_queue *writes) MUST_USE;
void write_queue_release(struct write_queue *writes);
int read_pool_init(struct read_pool *reads) MUST_USE;
void read_pool_release(struct store *store);

/** A connection with its arena. */
int connection_open(struct store *store, bool is_writer, struct store_connection **ret,
		    struct err *err) MUST_USE;
void connection_close(struct store_connection *c);

/** Run a closure on a connection whose transaction has begun. A spoilt transaction fails whatever
 * the closure says. */
int closure_run(struct store *store, struct store_connection *c, store_work *work, void *context,
		struct err *err) MUST_USE;
/** -EDEADLK inside of a closure of this thread. */
int closure_check(struct err *err) MUST_USE;

#endif

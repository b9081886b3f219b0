/* SPDX-License-Identifier: Apache-2.0 */
/* How do threads share the connections that read? */
#include "store/parts.h"

int read_pool_init(struct read_pool *reads)
{
	pthread_mutex_init(&reads->mutex, NULL);
	return condition_init(&reads->returned);
}

void read_pool_release(struct store *store)
{
	struct read_pool *reads = &store->reads;

	while (reads->idle_count)
		connection_close(reads->idle[--reads->idle_count]);
	pthread_mutex_destroy(&reads->mutex);
	pthread_cond_destroy(&reads->returned);
}

/* An idle one, or NULL: the caller may open one more. */
static int take_reader(struct read_pool *reads, struct store_connection **ret)
{
	struct timespec deadline = condition_deadline(STORE_WAIT_S);
	int code = 0;

	pthread_mutex_lock(&reads->mutex);
	while (!reads->idle_count && reads->open_count == STORE_READERS && !code)
		code = pthread_cond_timedwait(&reads->returned, &reads->mutex, &deadline);
	*ret = NULL;
	if (reads->idle_count) {
		*ret = reads->idle[--reads->idle_count];
		code = 0;
	} else if (reads->open_count < STORE_READERS) {
		reads->open_count++;
		code = 0;
	}
	pthread_mutex_unlock(&reads->mutex);
	return -code;
}

/* NULL: it could not be opened. */
static void return_reader(struct read_pool *reads, struct store_connection *c)
{
	pthread_mutex_lock(&reads->mutex);
	if (c)
		reads->idle[reads->idle_count++] = c;
	else
		reads->open_count--;
	pthread_cond_signal(&reads->returned);
	pthread_mutex_unlock(&reads->mutex);
}

int store_read(struct store *store, store_work *work, void *context, struct err *err)
{
	struct store_connection *c;
	int code;

	TRY(closure_check(err));
	if (take_reader(&store->reads, &c) < 0)
		return err_set(
			err, -EBUSY,
			"all %d readers of the store have been busy for %d s: try again later",
			STORE_READERS, STORE_WAIT_S);
	code = c ? 0 : connection_open(store, false, &c, err);
	if (code < 0) {
		return_reader(&store->reads, NULL);
		return code;
	}
	code = store->backend->begin(c, err);
	if (code == 0) {
		code = closure_run(store, c, work, context, err);
		if (code == -EAGAIN && c->spoilt)
			code = -EBUSY; /* the connection was lost: the caller may ask again */
		store->backend->roll_back(c);
	}
	return_reader(&store->reads, c);
	return code;
}

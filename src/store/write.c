/* SPDX-License-Identifier: Apache-2.0 */
/* How do the closures of several threads share one commit? */
#include "base/clock.h"
#include "store/parts.h"

/* A group takes what has come while it ran, within bounds: its first closure waits for all. */
enum { GROUP_REQUESTS = 1024, GROUP_US = 20000, ALONE_TRIES = 5 };

enum request_state {
	REQUEST_WAITS,
	REQUEST_LEADS, /* first in the queue, and nobody commits: its thread does */
	REQUEST_RUNS,  /* in a group: its closure and context belong to the leader */
	REQUEST_IS_DONE
};

struct write_request {
	store_work *work;
	void *context;
	struct err *err;
	int code;
	enum request_state state;
	struct write_request *next;
	pthread_cond_t changed;
};

int write_queue_init(struct write_queue *writes)
{
	writes->group_us = GROUP_US;
	return -pthread_mutex_init(&writes->mutex, NULL);
}

void write_queue_release(struct write_queue *writes)
{
	pthread_mutex_destroy(&writes->mutex);
}

/* ---- the queue; its mutex is held ---- */

static void queue_append(struct write_queue *writes, struct write_request *request)
{
	if (writes->last)
		writes->last->next = request;
	else
		writes->first = request;
	writes->last = request;
	writes->count++;
}

static struct write_request *queue_take(struct write_queue *writes)
{
	struct write_request *request = writes->first;

	if (!request)
		return NULL;
	writes->first = request->next;
	if (!writes->first)
		writes->last = NULL;
	request->next = NULL;
	request->state = REQUEST_RUNS;
	writes->count--;
	return request;
}

static void queue_withdraw(struct write_queue *writes, struct write_request *request)
{
	struct write_request **at = &writes->first, *before = NULL;

	while (*at != request) {
		before = *at;
		at = &before->next;
	}
	*at = request->next;
	if (writes->last == request)
		writes->last = before;
	writes->count--;
}

/* ---- leading ---- */

static struct write_request *group_next(struct write_queue *writes)
{
	struct write_request *request;

	pthread_mutex_lock(&writes->mutex);
	request = queue_take(writes);
	pthread_mutex_unlock(&writes->mutex);
	return request;
}

/* Its code if the closure was undone alone; negative if the whole transaction is worthless. */
static int run_one(struct store *store, struct write_request *request)
{
	const struct store_backend *backend = store->backend;
	struct store_connection *c = store->writer;
	struct err why;
	int code = backend->savepoint_set(c, &why);

	if (code < 0)
		return store_spoil(c, code, &why);
	request->code = closure_run(store, c, request->work, request->context, request->err);
	if (c->spoilt)
		return c->spoilt;
	code = request->code < 0 ? backend->savepoint_undo(c, &why)
				 : backend->savepoint_keep(c, &why);
	return code < 0 ? store_spoil(c, code, &why) : 0;
}

/* The first request, and those that come while the group runs. Returns 0 when all is committed. */
static int run_group(struct store *store, struct write_request *first, size_t *ret_count,
		     struct err *why)
{
	const struct store_backend *backend = store->backend;
	struct write_request *last = first, *next;
	int64_t until_us;
	int code = backend->begin(store->writer, why);

	*ret_count = 1;
	if (code < 0)
		return code;
	until_us = clock_monotonic_us() + store->writes.group_us;
	/* Nothing was written before it: to undo the transaction is to undo it alone. Without a
	 * savepoint SQLite keeps no copies of pages, which cost a closure of many statements most. */
	first->code = closure_run(store, store->writer, first->work, first->context, first->err);
	code = store->writer->spoilt;
	if (code == 0 && first->code < 0) {
		backend->roll_back(store->writer);
		return 0;
	}
	while (code == 0 && *ret_count < GROUP_REQUESTS && clock_monotonic_us() < until_us) {
		next = group_next(&store->writes);
		if (!next)
			break;
		last = last->next = next;
		++*ret_count;
		code = run_one(store, next);
	}
	if (code < 0) {
		*why = store->writer->why;
		backend->roll_back(store->writer);
		return code;
	}
	return backend->commit(store->writer, why);
}

static void fail(struct write_request *request, int code, const struct err *why)
{
	request->code = err_set(request->err, code, "%s", why->text);
}

static void try_alone(struct store *store, struct write_request *request)
{
	const struct store_backend *backend = store->backend;
	struct err why = { 0 };
	int code = backend->begin(store->writer, &why);

	if (code == 0) {
		request->code = closure_run(store, store->writer, request->work, request->context,
					    request->err);
		if (request->code < 0) {
			backend->roll_back(store->writer);
			return;
		}
		code = backend->commit(store->writer, &why);
	}
	if (code < 0)
		fail(request, code, &why);
}

/* After a shared transaction failed: each for itself, so that only who is to blame fails. */
static void run_alone(struct store *store, struct write_request *request)
{
	for (int tries = 0; tries < ALONE_TRIES; tries++) {
		try_alone(store, request);
		if (request->code != -EAGAIN)
			return;
	}
	request->code = -EBUSY; /* with the words of the last try */
}

/* Whoever waits behind one that got no turn would wait as long, one after another. */
static void take_waiting(struct store *store, struct write_request *last)
{
	while (last && (last->next = group_next(&store->writes)))
		last = last->next;
}

static void run(struct store *store, struct write_request *first)
{
	struct err why = { 0 };
	size_t count;
	int code = run_group(store, first, &count, &why);

	if (code == 0)
		return;
	if (code == -EBUSY && count == 1)
		take_waiting(store, first);
	if ((count == 1 && code != -EAGAIN) ||
	    code == -ETIMEDOUT) { /* it may be stored: not twice */
		for (struct write_request *request = first; request; request = request->next)
			fail(request, code, &why);
		return;
	}
	for (struct write_request *request = first; request; request = request->next)
		run_alone(store, request);
}

/* The mutex is held on entry and on return. */
static void lead(struct store *store, struct write_request *own)
{
	struct write_queue *writes = &store->writes;
	struct write_request *first = queue_take(writes), *next;

	pthread_mutex_unlock(&writes->mutex);
	run(store, first);
	pthread_mutex_lock(&writes->mutex);
	for (struct write_request *request = first; request; request = next) {
		next = request->next; /* when it is done, its thread may be gone with it */
		request->state = REQUEST_IS_DONE;
		if (request != own)
			pthread_cond_signal(&request->changed);
	}
	if (writes->first) {
		writes->first->state = REQUEST_LEADS;
		pthread_cond_signal(&writes->first->changed);
	} else {
		writes->is_led = false;
	}
}

/* Until a leader has done it, or until this thread is to lead. The mutex is held. */
static void follow(struct write_queue *writes, struct write_request *own)
{
	struct timespec deadline = condition_deadline(STORE_WAIT_S);
	int code = 0;

	while (own->state == REQUEST_WAITS && !code)
		code = pthread_cond_timedwait(&own->changed, &writes->mutex, &deadline);
	if (own->state == REQUEST_WAITS) {
		queue_withdraw(writes, own);
		own->code =
			err_set(own->err, -EBUSY,
				"the store has not come to this write for %d s: try again later",
				STORE_WAIT_S);
		return;
	}
	while (own->state == REQUEST_RUNS) /* not for long: the leader's waits end */
		pthread_cond_wait(&own->changed, &writes->mutex);
}

int store_write(struct store *store, store_work *work, void *context, struct err *err)
{
	struct write_queue *writes = &store->writes;
	struct write_request own = { .work = work, .context = context, .err = err };
	int code;

	TRY(closure_check(err));
	if (!store->writer)
		return err_set(err, -EROFS, "the store was opened for reading only");
	code = condition_init(&own.changed);
	if (code < 0)
		return err_set(err, code, "store: %s", strerror(-code));
	pthread_mutex_lock(&writes->mutex);
	queue_append(writes, &own);
	if (writes->is_led) {
		follow(writes, &own);
	} else {
		writes->is_led = true;
		own.state = REQUEST_LEADS;
	}
	if (own.state == REQUEST_LEADS)
		lead(store, &own);
	pthread_mutex_unlock(&writes->mutex);
	pthread_cond_destroy(&own.changed);
	return own.code;
}

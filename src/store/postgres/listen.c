/* SPDX-License-Identifier: Apache-2.0 */
/* How does a process hear that another has committed? */
#include "base/clock.h"
#include "store/condition.h"
#include "store/postgres/parts.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EARS_MOST = 64, LOOK_MS = 1000, READY_S = 15, PAUSE_MS = 500 };

/* A thread with a connection of its own; each who wants to hear has one end of a socket pair. */
struct listener {
	struct store_place *place;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int ears[EARS_MOST];
	size_t count;
	int stop[2];       /* to the thread: its end */
	bool is_listening; /* what is committed from now on is heard */
	bool is_stopped;
};

/* ---- those who hear ---- */

static void wake_all(struct listener *listener)
{
	size_t kept = 0;

	pthread_mutex_lock(&listener->mutex);
	for (size_t i = 0; i < listener->count; i++) {
		int fd = listener->ears[i];
		/* full: it has been told already */
		bool is_there = send(fd, "w", 1, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 ||
				errno == EAGAIN || errno == EWOULDBLOCK;

		if (is_there)
			listener->ears[kept++] = fd;
		else
			close(fd);
	}
	listener->count = kept;
	pthread_mutex_unlock(&listener->mutex);
}

static void say_listening(struct listener *listener, bool is_listening)
{
	pthread_mutex_lock(&listener->mutex);
	listener->is_listening = is_listening;
	pthread_cond_broadcast(&listener->changed);
	pthread_mutex_unlock(&listener->mutex);
}

/* ---- the thread ---- */

/* False: it is to end. */
static bool wait_for_words(struct listener *listener, int fd, int limit_ms)
{
	struct pollfd fds[2] = { { .fd = listener->stop[1], .events = POLLIN },
				 { .fd = fd, .events = POLLIN } };

	(void)!poll(fds, fd < 0 ? 1 : 2, limit_ms);
	return !fds[0].revents;
}

static bool hear(PGconn *db, bool *ret_has_heard)
{
	PGnotify *word;

	*ret_has_heard = false;
	if (!PQconsumeInput(db))
		return false;
	while ((word = PQnotifies(db))) {
		*ret_has_heard = true;
		PQfreemem(word);
	}
	return PQstatus(db) == CONNECTION_OK;
}

/* Until the connection is lost (true), or the listener ends (false). */
static bool listen_on(struct listener *listener, PGconn *db)
{
	struct err ignored;
	bool has_heard;

	if (session_ask(listener->place, db, "LISTEN " POSTGRES_CHANNEL, POSTGRES_ANSWER_MS, NULL,
			&ignored) < 0)
		return true;
	wake_all(listener); /* what was committed while nobody listened */
	say_listening(listener, true);
	while (wait_for_words(listener, PQsocket(db), LOOK_MS)) {
		if (!hear(db, &has_heard))
			return true;
		if (has_heard)
			wake_all(listener);
	}
	return false;
}

static void *run(void *context)
{
	struct listener *listener = context;
	bool goes_on = true;

	while (goes_on) {
		struct err ignored;
		PGconn *db;

		if (session_connect(listener->place, POSTGRES_STATEMENT_MS, &db, &ignored) == 0) {
			goes_on = listen_on(listener, db);
			PQfinish(db);
		}
		say_listening(listener, false);
		wake_all(listener);
		goes_on = goes_on && wait_for_words(listener, -1, PAUSE_MS);
	}
	return NULL;
}

/* ---- opening, closing ---- */

static void release(struct listener *listener)
{
	for (size_t i = 0; i < listener->count; i++)
		close(listener->ears[i]);
	close(listener->stop[0]);
	close(listener->stop[1]);
	pthread_mutex_destroy(&listener->mutex);
	pthread_cond_destroy(&listener->changed);
	memory_free(listener);
}

static int listener_open(struct store_place *place, struct listener **ret, struct err *err)
{
	struct listener *listener = memory_alloc(sizeof *listener);
	int code;

	*listener = (struct listener){ .place = place };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, listener->stop) < 0) {
		code = -errno;
		memory_free(listener);
		return err_set(err, code, "a pair of sockets: %s", strerror(-code));
	}
	pthread_mutex_init(&listener->mutex, NULL);
	code = condition_init(&listener->changed);
	if (code == 0)
		code = -pthread_create(&listener->thread, NULL, run, listener);
	if (code < 0) {
		release(listener);
		return err_set(err, code, "a thread: %s", strerror(-code));
	}
	*ret = listener;
	return 0;
}

void listener_close(struct listener *listener)
{
	if (!listener)
		return;
	(void)!send(listener->stop[0], "s", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	pthread_join(listener->thread, NULL);
	release(listener);
}

static int add_ear(struct listener *listener, int fd)
{
	struct timespec deadline = condition_deadline(READY_S);
	int code = 0;

	pthread_mutex_lock(&listener->mutex);
	if (listener->count == EARS_MOST)
		code = -EMFILE;
	else
		listener->ears[listener->count++] = fd;
	/* When the server cannot be reached now, the second that callers look besides is enough. */
	while (code == 0 && !listener->is_listening)
		if (pthread_cond_timedwait(&listener->changed, &listener->mutex, &deadline))
			break;
	pthread_mutex_unlock(&listener->mutex);
	return code;
}

int postgres_wake_fd(struct store_place *place, int *ret, struct err *err)
{
	int pair[2], code = 0;

	pthread_mutex_lock(&place->mutex);
	if (!place->listener)
		code = listener_open(place, &place->listener, err);
	pthread_mutex_unlock(&place->mutex);
	TRY(code);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return err_set(err, -errno, "a pair of sockets: %s", strerror(errno));
	code = add_ear(place->listener, pair[1]);
	if (code < 0) {
		close(pair[0]);
		close(pair[1]);
		return err_set(err, code, "too many wait for the store");
	}
	store_wake_clear(pair[0]);
	*ret = pair[0];
	return 0;
}

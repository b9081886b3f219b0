/* SPDX-License-Identifier: Apache-2.0 */
/* How do processes take turns at writing? */
#include "store/sqlite/turn.h"

#include "base/clock.h"
#include "store/condition.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* Locks of open file descriptions wait without a limit: a thread of its own does that, so that who
 * wants the turn can give up. It is started when the turn is first another process's. */
enum wait_state {
	WAIT_NONE,
	WAIT_WANTED, /* the thread waits in the kernel, or is about to */
	WAIT_OVER    /* with what it came to in wait_code */
};

struct turn {
	char folder[PATH_MAX];
	int queue_fd, turn_fd;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	enum wait_state state;
	bool is_given_up; /* nobody waits for the thread any more */
	int wait_code;
	int64_t since_us; /* the thread waits */
	bool has_thread, is_closing;
	pthread_t thread;
};

static int open_file(const char *folder, const char *name, int *ret, struct err *err)
{
	char path[PATH_MAX + 8];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	*ret = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*ret < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	return 0;
}

/* ---- locks ---- */

/* F_OFD_SETLK, or F_OFD_SETLKW: until it is ours. */
static int lock(int fd, int how)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int code;

	do
		code = fcntl(fd, how, &whole) < 0 ? -errno : 0;
	while (code == -EINTR);
	return code == -EACCES ? -EAGAIN : code;
}

static void unlock(int fd)
{
	struct flock whole = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	fcntl(fd, F_OFD_SETLK, &whole);
}

static int lock_both(struct turn *turn, int how)
{
	int code = lock(turn->queue_fd, how);

	if (code < 0)
		return code;
	code = lock(turn->turn_fd, how);
	if (code != -EAGAIN) /* else it stays ours: the thread goes on from here */
		unlock(turn->queue_fd);
	return code;
}

/* ---- waiting ---- */

/* Cancellation reaches the thread in the kernel only. */
static int lock_in_thread(struct turn *turn)
{
	int code, before;

	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
	code = lock_both(turn, F_OFD_SETLKW);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	return code;
}

static void *wait_for_turns(void *arg)
{
	struct turn *turn = arg;
	int code, before;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	pthread_mutex_lock(&turn->mutex);
	while (!turn->is_closing) {
		if (turn->state != WAIT_WANTED) {
			pthread_cond_wait(&turn->changed, &turn->mutex);
			continue;
		}
		pthread_mutex_unlock(&turn->mutex);
		code = lock_in_thread(turn);
		pthread_mutex_lock(&turn->mutex);
		if (turn->is_given_up && code == 0)
			unlock(turn->turn_fd);
		turn->wait_code = code;
		turn->state = turn->is_given_up ? WAIT_NONE : WAIT_OVER;
		turn->is_given_up = false;
		pthread_cond_broadcast(&turn->changed);
	}
	pthread_mutex_unlock(&turn->mutex);
	return NULL;
}

static int start_thread(struct turn *turn)
{
	int code;

	if (turn->has_thread)
		return 0;
	code = -pthread_create(&turn->thread, NULL, wait_for_turns, turn);
	turn->has_thread = code == 0;
	return code;
}

static void stop_thread(struct turn *turn)
{
	if (!turn->has_thread)
		return;
	pthread_mutex_lock(&turn->mutex);
	turn->is_closing = true;
	pthread_cond_broadcast(&turn->changed);
	pthread_mutex_unlock(&turn->mutex);
	pthread_cancel(turn->thread);
	pthread_join(turn->thread, NULL);
}

/* What the thread comes to, or -ETIMEDOUT. The mutex is held. */
static int await_thread(struct turn *turn, int seconds)
{
	struct timespec until = condition_deadline(seconds);
	int code = start_thread(turn);

	if (code < 0) {
		unlock(turn->queue_fd);
		return code;
	}
	if (turn->state == WAIT_NONE)
		turn->since_us = clock_monotonic_us();
	turn->state = WAIT_WANTED;
	turn->is_given_up = false;
	pthread_cond_broadcast(&turn->changed);
	while (turn->state == WAIT_WANTED && !code)
		code = pthread_cond_timedwait(&turn->changed, &turn->mutex, &until);
	if (turn->state == WAIT_WANTED) {
		turn->is_given_up = true;
		return -ETIMEDOUT;
	}
	turn->state = WAIT_NONE;
	return turn->wait_code;
}

/* ---- the turn ---- */

/* What others read who wait in vain. */
static void say_who(struct turn *turn)
{
	char said[24];
	int len = snprintf(said, sizeof said, "%-20ld\n", (long)getpid());

	(void)!pwrite(turn->turn_fd, said, (size_t)len, 0);
}

static int refuse(struct turn *turn, int code, struct err *err)
{
	char said[24];
	ssize_t got = pread(turn->turn_fd, said, sizeof said, 0);
	struct str who = str_trim((struct str){ said, got > 0 ? (size_t)got : 0 });

	if (code != -ETIMEDOUT)
		return err_set(err, code, "data folder %s: no turn at writing: %s", turn->folder,
			       strerror(-code));
	return err_set(
		err, -EBUSY,
		"data folder %s: process %.*s has not finished writing for %lld s: see what it "
		"waits for, or end it",
		turn->folder, STR(who),
		(long long)(clock_monotonic_us() - turn->since_us) / 1000000);
}

int turn_take(struct turn *turn, int seconds, struct err *err)
{
	int code = -EAGAIN;

	pthread_mutex_lock(&turn->mutex);
	if (turn->state == WAIT_NONE)
		code = lock_both(turn, F_OFD_SETLK);
	else /* since somebody gave up nobody has let go */
		seconds = MIN(seconds, TURN_AGAIN_S);
	if (code == -EAGAIN)
		code = await_thread(turn, seconds);
	pthread_mutex_unlock(&turn->mutex);
	if (code < 0)
		return refuse(turn, code, err);
	say_who(turn);
	return 0;
}

void turn_give(struct turn *turn)
{
	unlock(turn->turn_fd);
}

/* ---- opening ---- */

int turn_open(const char *folder, struct turn **ret, struct err *err)
{
	struct turn *turn = memory_alloc(sizeof *turn);
	int code;

	*turn = (struct turn){ .queue_fd = -1, .turn_fd = -1 };
	snprintf(turn->folder, sizeof turn->folder, "%s", folder);
	pthread_mutex_init(&turn->mutex, NULL);
	code = condition_init(&turn->changed);
	if (code < 0) {
		pthread_mutex_destroy(&turn->mutex);
		memory_free(turn);
		return err_set(err, code, "data folder %s: %s", folder, strerror(-code));
	}
	code = open_file(folder, "queue", &turn->queue_fd, err);
	if (code == 0)
		code = open_file(folder, "turn", &turn->turn_fd, err);
	if (code < 0) {
		turn_close(turn);
		return code;
	}
	*ret = turn;
	return 0;
}

void turn_close(struct turn *turn)
{
	if (!turn)
		return;
	stop_thread(turn);
	if (turn->queue_fd >= 0)
		close(turn->queue_fd);
	if (turn->turn_fd >= 0)
		close(turn->turn_fd);
	pthread_cond_destroy(&turn->changed);
	pthread_mutex_destroy(&turn->mutex);
	memory_free(turn);
}

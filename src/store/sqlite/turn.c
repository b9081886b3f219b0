/* SPDX-License-Identifier: Apache-2.0 */
/* How do processes take turns at writing? */
#include "store/sqlite/turn.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

struct turn {
	char folder[PATH_MAX];
	int queue_fd, turn_fd;
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

int turn_open(const char *folder, struct turn **ret, struct err *err)
{
	struct turn *turn = memory_alloc(sizeof *turn);
	int code;

	*turn = (struct turn){ .queue_fd = -1, .turn_fd = -1 };
	snprintf(turn->folder, sizeof turn->folder, "%s", folder);
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
	if (turn->queue_fd >= 0)
		close(turn->queue_fd);
	if (turn->turn_fd >= 0)
		close(turn->turn_fd);
	memory_free(turn);
}

static int lock_wait(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int code;

	do
		code = fcntl(fd, F_OFD_SETLKW, &lock) < 0 ? -errno : 0;
	while (code == -EINTR);
	return code;
}

static void unlock(int fd)
{
	struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	fcntl(fd, F_OFD_SETLK, &lock);
}

int turn_take(struct turn *turn, int seconds, struct err *err)
{
	int code = lock_wait(turn->queue_fd);

	if (code == 0) {
		code = lock_wait(turn->turn_fd);
		unlock(turn->queue_fd);
	}
	if (code < 0)
		return err_set(err, code, "data folder %s: no turn at writing: %s", turn->folder,
			       strerror(-code));
	return 0;
}

void turn_give(struct turn *turn)
{
	unlock(turn->turn_fd);
}

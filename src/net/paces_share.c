/* SPDX-License-Identifier: Apache-2.0 */
/* Which process has the map of paces already? */
#include "net/paces.h"

#include "base/arena.h"

#include <fcntl.h>
#include <unistd.h>

enum { FILE_BYTES = 16384, LOCK_TRIES = 200, LOCK_REST_US = 10000 };

/* What /proc shows of a memfd; the seals say that it is whole. */
static const char memfd[] = "/memfd:dss-paces";

static int fail(struct err *err, const char *file, const char *what)
{
	return err_set(err, -errno, "%s: %s: %s", file, what, strerror(errno));
}

static int open_locked(const char *file, int *ret, struct err *err)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fail(err, file, "cannot be opened");
	for (int i = 0; i < LOCK_TRIES; i++) { /* who has it reads and writes a few lines */
		if (fcntl(fd, F_OFD_SETLK, &whole) == 0) {
			*ret = fd;
			return 0;
		}
		if (errno != EAGAIN && errno != EACCES)
			break;
		usleep(LOCK_REST_US);
	}
	fail(err, file, "cannot be locked");
	close(fd);
	return err->code;
}

/* The map of another process; -1: it has ended, or that is none. */
static int open_of(uint64_t pid, uint64_t number)
{
	char path[64], target[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof path, "/proc/%llu/fd/%llu", (unsigned long long)pid,
		 (unsigned long long)number);
	length = readlink(path, target, sizeof target - 1);
	if (length < 0)
		return -1;
	target[length] = 0;
	if (strncmp(target, memfd, sizeof memfd - 1) != 0)
		return -1;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && (fcntl(fd, F_GET_SEALS) & (F_SEAL_SHRINK | F_SEAL_GROW)) !=
			       (F_SEAL_SHRINK | F_SEAL_GROW)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The first that is there is it; lines of processes that are there are kept. */
static int look_up(struct str lines, struct buf *kept)
{
	int found = -1;

	while (lines.len) {
		ptrdiff_t end = str_find_char(lines, '\n');
		struct str line = str_first(lines, end < 0 ? lines.len : (size_t)end);
		struct str rest = line, words[2];
		uint64_t pid, number;
		int fd;

		lines = str_from(lines, MIN(line.len + 1, lines.len));
		if (!str_word(&rest, &words[0]) || !str_word(&rest, &words[1]) ||
		    str_to_uint(words[0], INT32_MAX, &pid) < 0 ||
		    str_to_uint(words[1], INT32_MAX, &number) < 0 ||
		    (fd = open_of(pid, number)) < 0)
			continue;
		buf_printf(kept, "%.*s\n", STR(line));
		if (found < 0)
			found = fd;
		else
			close(fd);
	}
	return found;
}

static int share(int file_fd, const char *file, int *ret_fd, struct err *err)
{
	char text[FILE_BYTES];
	struct buf lines;
	ssize_t length = pread(file_fd, text, sizeof text, 0);
	int fd, code = 0;

	if (length < 0)
		return fail(err, file, "cannot be read");
	buf_init(&lines, NULL);
	fd = look_up(str_bytes(text, (size_t)length), &lines);
	if (fd < 0)
		code = paces_create(&fd, err);
	if (code == 0) {
		buf_printf(&lines, "%d %d\n", (int)getpid(), fd);
		if (ftruncate(file_fd, 0) < 0 ||
		    pwrite(file_fd, lines.data, lines.len, 0) != (ssize_t)lines.len) {
			code = fail(err, file, "cannot be written");
			close(fd);
		}
	}
	buf_release(&lines);
	if (code == 0)
		*ret_fd = fd;
	return code;
}

int paces_share(const char *file, int *ret_fd, struct err *err)
{
	int file_fd = -1, code;

	TRY(open_locked(file, &file_fd, err));
	code = share(file_fd, file, ret_fd, err);
	close(file_fd);
	return code;
}

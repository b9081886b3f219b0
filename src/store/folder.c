/* SPDX-License-Identifier: Apache-2.0 */
/* Whose is the data folder, and who lives in it? */
#include "store/folder.h"

#include "base/clock.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAID_BYTES = 512 };

int folder_of_store(struct str url, struct str *ret, struct err *err)
{
	static const struct str scheme = STR_INIT("sqlite:"), server = STR_INIT("postgresql:");

	if (str_starts(url, server)) {
		*ret = STR_NONE;
		return 0;
	}
	if (!str_starts(url, scheme) || url.len == scheme.len)
		return err_set(err, -EPROTONOSUPPORT,
			       "store \"%.*s\": only sqlite:FOLDER has a data folder",
			       STR(str_first(url, 100)));
	*ret = str_from(url, scheme.len);
	return 0;
}

/* ---- the folder ---- */

static int make_folders(char *path, struct err *err)
{
	for (char *at = path + 1;; at++) {
		char kept = *at;

		if (kept && kept != '/')
			continue;
		*at = 0;
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return err_set(err, -errno, "data folder %s: cannot be made: %s", path,
				       strerror(errno));
		*at = kept;
		if (!kept)
			return 0;
	}
}

int folder_open(const char *folder, bool is_wanted, struct err *err)
{
	char path[PATH_MAX];
	struct stat stat_of;
	size_t len = strlen(folder);

	if (!len || len >= sizeof path)
		return err_set(err, -EINVAL, "data folder: its name has %zu octets", len);
	memcpy(path, folder, len + 1);
	if (stat(path, &stat_of) < 0 && errno == ENOENT && is_wanted) {
		TRY(make_folders(path, err));
		if (stat(path, &stat_of) < 0)
			return err_set(err, -errno, "data folder %s: %s", folder, strerror(errno));
	} else if (stat(path, &stat_of) < 0) {
		return err_set(err, -errno, "data folder %s: %s", folder, strerror(errno));
	}
	if (!S_ISDIR(stat_of.st_mode))
		return err_set(err, -ENOTDIR, "data folder %s: is no folder", folder);
	if (stat_of.st_mode & S_IWOTH)
		return err_set(err, -EPERM,
			       "data folder %s: everybody may write to it; run chmod 700 %s",
			       folder, folder);
	return 0;
}

/* ---- locks ---- */

static int path_of(char out[static PATH_MAX], const char *folder, const char *name, struct err *err)
{
	int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);

	if (len < 0 || len >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "data folder %s: its name is too long", folder);
	return 0;
}

static void worker_name(char out[static 64], struct uuid worker)
{
	char id[ID_TEXT_BYTES];

	snprintf(out, 64, "workers/%s.lock", id_format(id, "wrk", worker));
}

/* Who only asks opens for reading: others watch for writers that close. */
static int open_lock(const char *path, int flags, int *ret_fd, struct err *err)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	*ret_fd = fd;
	return 0;
}

static struct flock whole_file(void)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

/* -EAGAIN: it is another's. */
static int lock_try(int fd, const char *path, struct err *err)
{
	struct flock lock = whole_file();
	int code;

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	code = errno == EACCES ? -EAGAIN : -errno;
	return err_set(err, code, "%s: cannot be locked: %s", path, strerror(-code));
}

/* 1: by another; asking does not disturb who takes it at the same time. */
static int lock_is_held(int fd, const char *path, struct err *err)
{
	struct flock lock = whole_file();

	if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return err_set(err, -errno, "%s: its lock cannot be seen: %s", path,
			       strerror(errno));
	return lock.l_type != F_UNLCK;
}

static struct str read_holder(int fd, char out[static SAID_BYTES])
{
	ssize_t got = pread(fd, out, SAID_BYTES, 0);

	return str_trim((struct str){ out, got > 0 ? (size_t)got : 0 });
}

static int say_holder(int fd, const char *path, struct str address, int64_t now_us, struct err *err)
{
	char said[SAID_BYTES], since[TIME_TEXT_BYTES];
	int len = snprintf(said, sizeof said, "pid %ld since %s%s%.*s\n", (long)getpid(),
			   clock_text(now_us, since), address.len ? " at " : "",
			   STR(str_first(address, SAID_BYTES / 2)));

	if (ftruncate(fd, 0) == 0 && pwrite(fd, said, (size_t)len, 0) == len)
		return 0;
	return err_set(err, errno ? -errno : -EIO, "%s: cannot be written: %s", path,
		       strerror(errno));
}

int serve_lock_take(const char *folder, struct str address, int64_t now_us, int *ret_fd,
		    struct err *err)
{
	char path[PATH_MAX], said[SAID_BYTES];
	int fd = -1, code;

	TRY(path_of(path, folder, "serve.lock", err));
	TRY(open_lock(path, O_RDWR | O_CREAT, &fd, err));
	code = lock_try(fd, path, err);
	if (code == -EAGAIN)
		code = err_set(err, -EBUSY, "data folder %s is served already: %.*s", folder,
			       STR(read_holder(fd, said)));
	if (code == 0)
		code = say_holder(fd, path, address, now_us, err);
	if (code < 0) {
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return 0;
}

int serve_lock_holder(struct arena *a, const char *folder, struct str *ret, struct err *err)
{
	char path[PATH_MAX], said[SAID_BYTES];
	int fd = -1, code;

	TRY(path_of(path, folder, "serve.lock", err));
	code = open_lock(path, O_RDONLY, &fd, err);
	if (code < 0)
		return code == -ENOENT ? 0 : code;
	code = lock_is_held(fd, path, err);
	if (code > 0)
		*ret = str_copy(a, read_holder(fd, said));
	close(fd);
	return code;
}

static int use(const char *folder, int fd, short how, const char *why, struct err *err)
{
	struct flock lock = { .l_type = how, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return err_set(err, -EBUSY, "data folder %s: %s", folder, why);
	return err_set(err, -errno, "data folder %s: cannot be locked: %s", folder,
		       strerror(errno));
}

int folder_use(const char *folder, int wake_fd, struct err *err)
{
	return use(folder, wake_fd, F_RDLCK,
		   "its store is being replaced (dss db restore): try again after it", err);
}

int folder_use_alone(const char *folder, int *ret_fd, struct err *err)
{
	char path[PATH_MAX];
	int fd = -1, code;

	TRY(path_of(path, folder, "wake", err));
	TRY(open_lock(path, O_RDWR | O_CREAT, &fd, err));
	code = use(folder, fd, F_WRLCK,
		   "a process uses its store: end dss serve, api, worker and scheduler, and "
		   "commands over it, first",
		   err);
	if (code < 0) {
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return 0;
}

static int is_held(const char *folder, const char *name, struct err *err)
{
	char path[PATH_MAX];
	int fd = -1, code;

	TRY(path_of(path, folder, name, err));
	code = open_lock(path, O_RDONLY, &fd, err);
	if (code < 0)
		return code == -ENOENT ? 0 : code;
	code = lock_is_held(fd, path, err);
	close(fd);
	return code;
}

int folder_writer(const char *folder, struct folder_writer *ret, struct err *err)
{
	struct folder_writer writer = { 0 };
	char path[PATH_MAX], said[SAID_BYTES];
	struct stat status = { 0 };
	uint64_t pid = 0;
	int fd = -1, turn, queue;

	turn = is_held(folder, "turn", err);
	TRY(turn);
	queue = is_held(folder, "queue", err);
	TRY(queue);
	TRY(path_of(path, folder, "turn", err));
	if (open_lock(path, O_RDONLY, &fd, err) == 0) {
		if (fstat(fd, &status) == 0)
			writer.since_us = status.st_mtim.tv_sec * INT64_C(1000000) +
					  status.st_mtim.tv_nsec / 1000;
		(void)!str_to_uint(read_holder(fd, said), INT32_MAX, &pid);
		close(fd);
	}
	writer.is_writing = turn || queue;
	writer.pid = (pid_t)pid;
	*ret = writer;
	return 0;
}

int worker_lock_take(const char *folder, struct uuid worker, int *ret_fd, struct err *err)
{
	char path[PATH_MAX], name[64];
	int fd = -1, code;

	TRY(path_of(path, folder, "workers", err));
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_set(err, -errno, "%s: cannot be made: %s", path, strerror(errno));
	worker_name(name, worker);
	TRY(path_of(path, folder, name, err));
	TRY(open_lock(path, O_RDWR | O_CREAT | O_EXCL, &fd, err));
	code = lock_try(fd, path, err);
	if (code < 0) {
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return 0;
}

void worker_lock_release(const char *folder, struct uuid worker, int fd)
{
	char path[PATH_MAX], name[64];

	worker_name(name, worker);
	if (path_of(path, folder, name, NULL) == 0)
		unlink(path);
	close(fd);
}

int worker_is_alive(const char *folder, struct uuid worker, struct err *err)
{
	char path[PATH_MAX], name[64];
	int fd = -1, code;

	worker_name(name, worker);
	TRY(path_of(path, folder, name, err));
	code = open_lock(path, O_RDONLY, &fd, err);
	if (code < 0)
		return code == -ENOENT ? 0 : code;
	code = lock_is_held(fd, path, err);
	if (code == 0)
		unlink(path); /* an id is used once: nobody makes it again */
	close(fd);
	return code;
}

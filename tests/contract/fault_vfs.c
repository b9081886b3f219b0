/* SPDX-License-Identifier: Apache-2.0 */
/* How does SQLite's file system fail, and what does a power cut take away? */
#include "base/arena.h"
#include "tests/contract/fault_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static sqlite3_vfs *real;

struct file {
	sqlite3_file base; /* first */
	char *path;
	sqlite3_file real[]; /* real->szOsFile octets */
};

static sqlite3_file *under(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

/* ---- what was written and not synced ---- */

enum { UNSYNCED = 4096 };

static struct unsynced {
	char *path;
	off_t at, size_before;
	size_t len, old_len;
	char *old; /* old_len octets: less than len at the file's end then */
} unsynced[UNSYNCED];
static size_t unsynced_count;

void fault_unsynced_forget(void)
{
	for (size_t i = 0; i < unsynced_count; i++) {
		memory_free(unsynced[i].old);
		memory_free(unsynced[i].path);
	}
	unsynced_count = 0;
}

static char *copy_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(memory_alloc(size), text, size);
}

static void remember(const char *path, off_t at, size_t len)
{
	struct unsynced *entry = &unsynced[unsynced_count];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat there;
	ssize_t got;

	if (fd < 0 || fstat(fd, &there) < 0 || unsynced_count == UNSYNCED)
		abort();
	*entry = (struct unsynced){ .path = copy_text(path),
				    .at = at,
				    .len = len,
				    .size_before = there.st_size,
				    .old = memory_alloc(len) };
	got = pread(fd, entry->old, len, at);
	entry->old_len = got > 0 ? (size_t)got : 0;
	close(fd);
	unsynced_count++;
}

static void synced(const char *path)
{
	size_t kept = 0;

	for (size_t i = 0; i < unsynced_count; i++) {
		if (strcmp(unsynced[i].path, path)) {
			unsynced[kept++] = unsynced[i];
			continue;
		}
		memory_free(unsynced[i].old);
		memory_free(unsynced[i].path);
	}
	unsynced_count = kept;
}

static void undo(const struct unsynced *entry)
{
	int fd = open(entry->path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* it was deleted */
	(void)!pwrite(fd, entry->old, entry->old_len, entry->at);
	if (entry->old_len < entry->len)
		(void)!ftruncate(fd, MAX(entry->size_before, entry->at + (off_t)entry->old_len));
	close(fd);
}

void fault_unsynced_lose(unsigned seed)
{
	for (size_t i = unsynced_count; i-- > 0;) {
		seed = seed ? seed * 1103515245u + 12345u : 0;
		if (!seed || seed >> 16 & 1)
			undo(&unsynced[i]);
	}
}

/* ---- files ---- */

/* As the system says it: the store asks for errno. */
static int fail_code(enum fault_call call, int code)
{
	if (fault_at(call) == FAULT_NOT_NOW)
		return SQLITE_OK;
	errno = call == FAULT_OPEN ? EMFILE : EIO;
	return code;
}

#define TRY_FAULT(call, code)                                                                      \
	do {                                                                                       \
		int fault_code_ = fail_code((call), (code));                                       \
		if (fault_code_)                                                                   \
			return fault_code_;                                                        \
	} while (0)

static int file_close(sqlite3_file *file)
{
	int code = under(file)->pMethods->xClose(under(file));

	memory_free(((struct file *)file)->path);
	return code;
}

static int file_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	TRY_FAULT(FAULT_READ, SQLITE_IOERR_READ);
	return under(file)->pMethods->xRead(under(file), out, len, at);
}

static int write_half(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	return under(file)->pMethods->xWrite(under(file), data, len / 2, at);
}

static int file_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 at)
{
	const char *path = ((struct file *)file)->path;

	if (fault_is_watched() && path) {
		fault_leave_out(true);
		remember(path, at, (size_t)len);
		fault_leave_out(false);
	}
	switch (fault_at(FAULT_WRITE)) {
	case FAULT_FAIL:
		errno = EIO;
		return SQLITE_IOERR_WRITE;
	case FAULT_FAIL_HALF:
		(void)write_half(file, data, len, at);
		errno = ENOSPC;
		return SQLITE_FULL;
	case FAULT_DIE_HALF:
		(void)write_half(file, data, len, at);
		fault_die();
	case FAULT_NOT_NOW:
		break;
	}
	return under(file)->pMethods->xWrite(under(file), data, len, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	TRY_FAULT(FAULT_TRUNCATE, SQLITE_IOERR_TRUNCATE);
	return under(file)->pMethods->xTruncate(under(file), size);
}

/* It does not really sync: the tests' machine does not lose power, and they are many. */
static int file_sync(sqlite3_file *file, int flags)
{
	const char *path = ((struct file *)file)->path;

	TRY_FAULT(FAULT_SYNC, SQLITE_IOERR_FSYNC);
	if (path && !fault_are_syncs_lies())
		synced(path);
	return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	TRY_FAULT(FAULT_READ, SQLITE_IOERR_FSTAT);
	return under(file)->pMethods->xFileSize(under(file), ret);
}

static int file_lock(sqlite3_file *file, int how)
{
	TRY_FAULT(FAULT_LOCK, SQLITE_IOERR_LOCK);
	return under(file)->pMethods->xLock(under(file), how);
}

static int file_unlock(sqlite3_file *file, int how)
{
	return under(file)->pMethods->xUnlock(under(file), how);
}

static int file_check_lock(sqlite3_file *file, int *ret)
{
	return under(file)->pMethods->xCheckReservedLock(under(file), ret);
}

static int file_control(sqlite3_file *file, int what, void *arg)
{
	return under(file)->pMethods->xFileControl(under(file), what, arg);
}

static int file_sector(sqlite3_file *file)
{
	return under(file)->pMethods->xSectorSize(under(file));
}

static int file_features(sqlite3_file *file)
{
	return under(file)->pMethods->xDeviceCharacteristics(under(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extends, void volatile **ret)
{
	TRY_FAULT(FAULT_LOCK, SQLITE_IOERR_SHMMAP);
	return under(file)->pMethods->xShmMap(under(file), page, size, extends, ret);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	if (!(flags & SQLITE_SHM_UNLOCK))
		TRY_FAULT(FAULT_LOCK, SQLITE_IOERR_SHMLOCK);
	return under(file)->pMethods->xShmLock(under(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
	under(file)->pMethods->xShmBarrier(under(file));
}

static int file_shm_unmap(sqlite3_file *file, int deletes)
{
	return under(file)->pMethods->xShmUnmap(under(file), deletes);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_features,
	.xShmMap = file_shm_map,
	.xShmLock = file_shm_lock,
	.xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

/* ---- the file system ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *ret)
{
	struct file *file = (struct file *)out;
	int code;

	file->base.pMethods = NULL;
	TRY_FAULT(FAULT_OPEN, SQLITE_CANTOPEN);
	code = real->xOpen(real, name, file->real, flags, ret);
	if (code != SQLITE_OK)
		return code;
	file->path = name ? copy_text(name) : NULL;
	file->base.pMethods = &methods;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int syncs)
{
	TRY_FAULT(FAULT_DELETE, SQLITE_IOERR_DELETE);
	return real->xDelete(real, name, 0);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	TRY_FAULT(FAULT_READ, SQLITE_IOERR_ACCESS);
	return real->xAccess(real, name, flags, ret);
}

/* Nobody else is there: what waits here would wait for the fault to pass. */
static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	return us;
}

__attribute__((constructor)) static void stand_between(void)
{
	static sqlite3_vfs ours;

	sqlite3_initialize();
	real = sqlite3_vfs_find(NULL);
	ours = *real;
	ours.zName = "faulty";
	ours.szOsFile = (int)sizeof(struct file) + real->szOsFile;
	ours.xOpen = vfs_open;
	ours.xDelete = vfs_delete;
	ours.xAccess = vfs_access;
	ours.xSleep = vfs_sleep;
	ours.pNext = NULL;
	sqlite3_vfs_register(&ours, 1);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How do memory, and the store's own calls on files, fail? */
#include "tests/contract/fault_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- SQLite's memory ---- */

static sqlite3_mem_methods memory;

static void *memory_take(int size)
{
	return fault_at(FAULT_MEMORY) ? NULL : memory.xMalloc(size);
}

static void *memory_more(void *old, int size)
{
	return fault_at(FAULT_MEMORY) ? NULL : memory.xRealloc(old, size);
}

__attribute__((constructor(101))) static void stand_under(void) /* before the VFS starts SQLite */
{
	sqlite3_mem_methods ours;

	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK)
		abort();
	ours = memory;
	ours.xMalloc = memory_take;
	ours.xRealloc = memory_more;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK)
		abort();
}

/* ---- our own calls: meson.build lists them for the linker's --wrap ---- */

static bool fails(int code)
{
	if (!fault_at(FAULT_OWN))
		return false;
	errno = code;
	return true;
}

/* Files are opened with 64-bit offsets: that is its name. */
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
	unsigned mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, unsigned);
	va_end(args);
	return fails(EMFILE) ? -1 : __real_open64(path, flags, mode);
}

int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
	return fails(EIO) ? -1 : 0; /* as in fault_vfs.c */
}

#define WRAP(name, code, parameters, arguments)                                                    \
	int __real_##name parameters;                                                              \
	int __wrap_##name parameters;                                                              \
	int __wrap_##name parameters                                                               \
	{                                                                                          \
		return fails(code) ? -1 : __real_##name arguments;                                 \
	}

WRAP(rename, EIO, (const char *from, const char *to), (from, to))
WRAP(link, ENOSPC, (const char *from, const char *to), (from, to))
WRAP(mkdir, ENOSPC, (const char *path, mode_t mode), (path, mode))
WRAP(futimens, EIO, (int fd, const struct timespec times[2]), (fd, times))

/* SPDX-License-Identifier: Apache-2.0 */
/* Which call of a role fails? Preloaded into `dss`: the k-th allocation, or the k-th change of a file, of the
 * role that the shared file $DSS_FAULT_CALLS names fails, once. failing.py writes that file. */
#undef _FILE_OFFSET_BITS /* both names of each call are ours */
#define _LARGEFILE64_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { NOTHING, MEMORY, FILES };

/* As failing.py packs it. */
struct plan {
	_Atomic int64_t left;   /* calls up to the one that fails; 0: none does */
	_Atomic int64_t seen;   /* calls of that kind and role */
	_Atomic int64_t struck; /* 1: it has failed */
	_Atomic int32_t kind;
	char role[20];
};

static struct plan *plan;
static char role[20];

static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("DSS_FAULT_CALLS");
	char line[256] = "";
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, line, sizeof line - 1) : 0;
	const char *first = got > 0 ? memchr(line, 0, (size_t)got) : NULL;
	void *map;

	if (fd >= 0)
		close(fd);
	if (!path || !first)
		return;
	strncpy(role, first + 1, sizeof role - 1);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	map = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	plan = map == MAP_FAILED ? NULL : map;
}

static bool fails(enum kind kind)
{
	if (!plan || plan->kind != (int32_t)kind || strcmp(plan->role, role))
		return false;
	plan->seen++;
	if (plan->left <= 0 || atomic_fetch_sub(&plan->left, 1) != 1)
		return false;
	plan->struck = 1;
	return true;
}

static bool fails_on(int fd)
{
	struct stat status;

	return plan && plan->kind == FILES && !fstat(fd, &status) && S_ISREG(status.st_mode) &&
	       fails(FILES);
}

/* Pipes, sockets and event descriptors are left alone. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define CHANGE(result, name, parameters, arguments)                                                \
	result name parameters;                                                                    \
	result name parameters                                                                     \
	{                                                                                          \
		static __typeof__(&name) real;                                                     \
                                                                                                   \
		if (!real)                                                                         \
			real = REAL(name);                                                         \
		if (fails_on(fd)) {                                                                \
			errno = EIO;                                                               \
			return -1;                                                                 \
		}                                                                                  \
		return real arguments;                                                             \
	}

CHANGE(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
CHANGE(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
CHANGE(ssize_t, pwrite64, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
CHANGE(int, fsync, (int fd), (fd))
CHANGE(int, fdatasync, (int fd), (fd))
CHANGE(int, ftruncate, (int fd, off_t size), (fd, size))
CHANGE(int, ftruncate64, (int fd, off_t size), (fd, size))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

/* Beneath may be a sanitizer's allocator, which is looked for at the first call. */
static void *(*real_malloc)(size_t) = __libc_malloc;
static void *(*real_calloc)(size_t, size_t) = __libc_calloc;
static void *(*real_realloc)(void *, size_t) = __libc_realloc;
static bool is_looked_for;

static void find_allocator(void)
{
	void *found[3];

	is_looked_for = true; /* what dlsym wants meanwhile comes from libc */
	found[0] = dlsym(RTLD_NEXT, "malloc");
	found[1] = dlsym(RTLD_NEXT, "calloc");
	found[2] = dlsym(RTLD_NEXT, "realloc");
	memcpy(&real_malloc, &found[0], sizeof real_malloc);
	memcpy(&real_calloc, &found[1], sizeof real_calloc);
	memcpy(&real_realloc, &found[2], sizeof real_realloc);
}

static bool is_out(void)
{
	if (!is_looked_for)
		find_allocator();
	if (!fails(MEMORY))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_out() ? NULL : real_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_out() ? NULL : real_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return is_out() ? NULL : real_realloc(old, size);
}

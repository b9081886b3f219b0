/* SPDX-License-Identifier: Apache-2.0 */
/* How do several processes keep one pace? */
#include "net/paces.h"

#include "base/arena.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct bucket {
	_Atomic uint64_t key; /* 0: free */
	_Atomic int64_t arrival_us;
};

struct map {
	struct bucket buckets[PACES_BUCKETS];
	_Atomic int64_t machines; /* 0: not said */
};

struct paces {
	struct map *map;
	struct bucket *buckets;
};

enum { MAP_BYTES = sizeof(struct map) };

int paces_create(int *ret_fd, struct err *err)
{
	int fd = memfd_create("dss-paces", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_set(err, -errno, "no shared memory for paces: %s", strerror(errno));
	/* Whoever shrank it would end the others with a bus error. */
	if (ftruncate(fd, MAP_BYTES) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		int code = -errno;

		close(fd);
		return err_set(err, code, "no shared memory for paces: %s", strerror(-code));
	}
	*ret_fd = fd;
	return 0;
}

int paces_open(int fd, struct paces **ret, struct err *err)
{
	struct paces *paces;
	struct stat stat;
	void *map;

	if (fstat(fd, &stat) < 0)
		return err_set(err, -errno, "the map of paces is not there: %s", strerror(errno));
	if (stat.st_size != MAP_BYTES)
		return err_set(err, -EINVAL, "the map of paces is of another size");
	map = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return err_set(err, -errno, "the map of paces cannot be used: %s", strerror(errno));
	paces = memory_alloc(sizeof *paces);
	paces->map = map;
	paces->buckets = paces->map->buckets;
	*ret = paces;
	return 0;
}

void paces_close(struct paces *paces)
{
	if (!paces)
		return;
	munmap(paces->map, MAP_BYTES);
	memory_free(paces);
}

void paces_divide(struct paces *paces, int64_t machines)
{
	atomic_store_explicit(&paces->map->machines, machines, memory_order_relaxed);
}

int64_t paces_divisor(const struct paces *paces)
{
	int64_t machines = atomic_load_explicit(&paces->map->machines, memory_order_relaxed);

	return MIN(MAX(machines, INT64_C(1)), (int64_t)PACES_MACHINES);
}

static uint64_t mix(uint64_t word)
{
	word = (word ^ word >> 32) * 0xd6e8feb86659fd93u;
	word = (word ^ word >> 32) * 0xd6e8feb86659fd93u;
	return word ^ word >> 32;
}

uint64_t paces_key(const struct address *address, uint16_t port)
{
	uint64_t words[2], key;

	memcpy(words, address->bytes, sizeof words);
	key = mix(mix(mix(words[0]) ^ words[1]) ^ (uint64_t)address->family << 16 ^ port);
	return key ? key : 1;
}

static bool is_over(int64_t arrival_us, int64_t now_us)
{
	return arrival_us <= now_us || arrival_us - now_us > PACES_FARTHEST_US;
}

/* The key's bucket, or one that is over, taken for it. */
static struct bucket *find(struct paces *paces, uint64_t key, int64_t now_us)
{
	struct bucket *ways = &paces->buckets[key & (PACES_BUCKETS - PACES_WAYS)];

	for (size_t i = 0; i < PACES_WAYS; i++)
		if (atomic_load_explicit(&ways[i].key, memory_order_acquire) == key)
			return &ways[i];
	for (size_t i = 0; i < PACES_WAYS; i++) {
		uint64_t old = atomic_load_explicit(&ways[i].key, memory_order_acquire);

		if (old && !is_over(atomic_load(&ways[i].arrival_us), now_us))
			continue;
		if (atomic_compare_exchange_strong(&ways[i].key, &old, key) || old == key)
			return &ways[i];
	}
	return NULL;
}

bool paces_take(struct paces *paces, uint64_t key, int64_t now_us, int64_t interval_us,
		int64_t *ret_arrival_us)
{
	struct bucket *bucket = find(paces, key, now_us);
	int64_t old, next;

	if (!bucket)
		return false;
	old = atomic_load(&bucket->arrival_us);
	do
		next = (is_over(old, now_us) ? now_us : old) + interval_us;
	while (!atomic_compare_exchange_weak(&bucket->arrival_us, &old, next));
	*ret_arrival_us = next;
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Memory that goes all at once. One arena belongs to one scan, one request, one message; the arena
 * is the first parameter of whatever returns memory. Nothing in it is freed alone.
 *
 * Out of memory ends the process with one line on standard error (memory_exhausted): whoever held
 * the work gives it to another, and no partial record is left. Sizes that come from outside are
 * bounded by the caller before they are allocated.
 */
#ifndef DSS_BASE_ARENA_H
#define DSS_BASE_ARENA_H

#include "base/attr.h"

struct arena_block;

/** Storage is the caller's; all zero is a valid empty arena. */
struct arena {
	struct arena_block *head; /**< newest block, linked to older ones */
	size_t next_size;         /**< bytes of the next block; 0 means the default */
	size_t held_bytes;        /**< bytes of all blocks, for budgets */
};

/** A point to go back to; valid until the arena is rewound further or released. */
struct arena_mark {
	struct arena_block *block;
	size_t used;
};

/** @first_bytes expected size, 0 for the default of 1 KiB; nothing is allocated before first use.
 */
void arena_init(struct arena *a, size_t first_bytes);
void arena_release(struct arena *a);

/** Never NULL; aligned for any type; contents undefined. A size of 0 gives a unique pointer. */
void *arena_alloc(struct arena *a, size_t size) MUST_USE __attribute__((malloc, alloc_size(2)));
/** The same, zeroed. */
void *arena_zalloc(struct arena *a, size_t size) MUST_USE __attribute__((malloc, alloc_size(2)));
/** count × size, zeroed; ends the process when the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size) MUST_USE;
/** Grow the newest allocation in place if possible, else copy; old bytes are kept. */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size) MUST_USE;

#define ARENA_NEW(arena, type) ((type *)arena_zalloc((arena), sizeof(type)))

struct arena_mark arena_mark(const struct arena *a);
/** Give back everything allocated since the mark. */
void arena_rewind(struct arena *a, struct arena_mark mark);

static inline size_t arena_held(const struct arena *a)
{
	return a->held_bytes;
}

/**
 * malloc for what outlives every arena (tables, caches); never NULL. base/ and loop/ may call
 * malloc and free themselves; other layers use these.
 */
void *memory_alloc(size_t size) MUST_USE;
void *memory_resize(void *old, size_t size) MUST_USE;
void memory_free(void *p);
/** Print "dss: out of memory" and leave with exit code 5. */
void memory_exhausted(void) NORETURN;

#endif

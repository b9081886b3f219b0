/* SPDX-License-Identifier: Apache-2.0 */
/* Where does memory come from, and when does it go? */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALIGN = 16, FIRST_BYTES = 1024, SMALLEST_STEP = 256, LARGEST_STEP = 4 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t size, used; /* of data */
	_Alignas(ALIGN) unsigned char data[];
};

void memory_exhausted(void)
{
	static const char line[] = "dss: out of memory\n";

	(void)!write(STDERR_FILENO, line, sizeof line - 1);
	_exit(5);
}

void *memory_alloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		memory_exhausted();
	return p;
}

void *memory_resize(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		memory_exhausted();
	return p;
}

void memory_free(void *p)
{
	free(p);
}

void arena_init(struct arena *a, size_t first_bytes)
{
	*a = (struct arena){ .next_size = first_bytes };
}

void arena_release(struct arena *a)
{
	while (a->head) {
		struct arena_block *older = a->head->older;

		free(a->head);
		a->head = older;
	}
	*a = (struct arena){ 0 };
}

static void arena_add_block(struct arena *a, size_t wanted)
{
	size_t size = a->next_size ? a->next_size : FIRST_BYTES;
	struct arena_block *block;

	if (size < wanted)
		size = wanted;
	if (size > SIZE_MAX / 2)
		memory_exhausted();
	block = memory_alloc(sizeof *block + size);
	*block = (struct arena_block){ .older = a->head, .size = size };
	a->head = block;
	a->held_bytes += sizeof *block + size;
	/* Gently: thousands of arenas each waste a part of their newest block. What was sized small by its
	 * owner and overflows needs little more. */
	a->next_size = size < FIRST_BYTES ? MAX(size / 2, (size_t)SMALLEST_STEP)
					  : MIN(size * 2, (size_t)LARGEST_STEP);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *block = a->head;
	void *p;

	if (size > SIZE_MAX / 2)
		memory_exhausted();
	size = (MAX(size, (size_t)1) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!block || block->size - block->used < size) {
		arena_add_block(a, size);
		block = a->head;
	}
	p = block->data + block->used;
	block->used += size;
	return p;
}

void *arena_zalloc(struct arena *a, size_t size)
{
	return memset(arena_alloc(a, size), 0, size);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		memory_exhausted();
	return arena_zalloc(a, total);
}

void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size)
{
	struct arena_block *block = a->head;
	size_t rounded = (MAX(old_size, (size_t)1) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	void *p;

	if (new_size <= old_size)
		return old;
	if (old && block && (unsigned char *)old + rounded == block->data + block->used) {
		size_t start = block->used - rounded;

		if (new_size <= block->size - start) {
			block->used = start + ((new_size + ALIGN - 1) & ~(size_t)(ALIGN - 1));
			block->used = MIN(block->used, block->size);
			return old;
		}
	}
	p = arena_alloc(a, new_size);
	if (old && old_size)
		memcpy(p, old, old_size);
	return p;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ .block = a->head, .used = a->head ? a->head->used : 0 };
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	while (a->head != mark.block) {
		struct arena_block *older = a->head->older;

		a->held_bytes -= sizeof *a->head + a->head->size;
		a->next_size = a->head->size;
		free(a->head);
		a->head = older;
	}
	if (a->head)
		a->head->used = mark.used;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Does arena memory stay, grow and go as arena.h says? */
#include "tests/test.h"

TEST(an_arena_rewinds_to_its_mark)
{
	struct arena a = { 0 };
	struct arena_mark mark;
	char *kept = arena_alloc(&a, 10), *gone;
	size_t held;

	memset(kept, 'k', 10);
	mark = arena_mark(&a);
	held = arena_held(&a);
	gone = arena_alloc(&a, 100000);
	memset(gone, 'g', 100000);
	CHECK(arena_held(&a) >= 100000);
	arena_rewind(&a, mark);
	CHECK_INT(arena_held(&a), held);
	CHECK(kept[9] == 'k');
	arena_release(&a);
}

TEST(a_buf_grows_in_its_arena_and_keeps_its_bytes)
{
	struct arena a = { 0 };
	struct buf b;

	buf_init(&b, &a);
	for (unsigned i = 0; i < 5000; i++) {
		buf_put_char(&b, (char)('a' + i % 26));
		if (i % 100 == 0)
			memset(arena_alloc(&a, 8), 0xff, 8);
	}
	for (unsigned i = 0; i < 5000; i++)
		CHECK(b.data[i] == (char)('a' + i % 26));
	arena_release(&a);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Does a reader see whole transactions only, one state at a time, and does a commit wake? */
#include "store/parts.h"
#include "store/sqlite/parts.h"
#include "tests/contract/child.h"
#include "tests/contract/fixture.h"

#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- never half a transaction ---- */

enum { TOTAL = 1000, MOVES = 400, WATCHERS = 3 };

static int make_pair(struct store_tx *tx, void *context, struct err *err)
{
	struct item first = { 1, "first", TOTAL }, second = { 2, "second", 0 };

	TRY(item_insert(tx, &first, err));
	return item_insert(tx, &second, err);
}

static int move(struct store_tx *tx, void *context, struct err *err)
{
	int64_t by = *(int64_t *)context;

	TRY(sql_change(tx, err, ITEM_RAISE, SQL_INT(1), SQL_INT(-by)));
	return sql_change(tx, err, ITEM_RAISE, SQL_INT(2), SQL_INT(by));
}

struct watcher {
	struct store *store;
	int reads, wrong;
	pthread_t thread;
};

static int moves_done;

static int look_twice(struct store_tx *tx, void *context, struct err *err)
{
	int64_t first = 0, second = 0;
	struct sql q SQL_CLOSED = sql_query(tx, err, ITEM_GET, SQL_INT(1));

	TRY(sql_one(&q));
	first = sql_int(&q, 2);
	TRY(sql_end(&q));
	sched_yield(); /* others write meanwhile */
	q = sql_query(tx, err, ITEM_GET, SQL_INT(2));
	TRY(sql_one(&q));
	second = sql_int(&q, 2);
	*(bool *)context = first + second == TOTAL;
	return sql_end(&q);
}

static void *watch(void *arg)
{
	struct watcher *w = arg;

	while (__atomic_load_n(&moves_done, __ATOMIC_RELAXED) < MOVES) {
		bool is_right = false;

		if (store_read(w->store, look_twice, &is_right, NULL) < 0 || !is_right)
			w->wrong++;
		w->reads++;
	}
	return NULL;
}

TEST(a_reader_never_sees_half_a_transaction)
{
	struct watcher watchers[WATCHERS];
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	store = fixture_store(&f);
	moves_done = 0;
	CHECK_INT(store_write(store, make_pair, NULL, &f.err), 0);
	for (int i = 0; i < WATCHERS; i++) {
		watchers[i] = (struct watcher){ .store = store };
		CHECK_INT(pthread_create(&watchers[i].thread, NULL, watch, &watchers[i]), 0);
	}
	for (int i = 0; i < MOVES; i++) {
		int64_t by = i % 2 ? -7 : 7;

		CHECK_INT(store_write(store, move, &by, &f.err), 0);
		__atomic_add_fetch(&moves_done, 1, __ATOMIC_RELAXED);
	}
	for (int i = 0; i < WATCHERS; i++) {
		CHECK_INT(pthread_join(watchers[i].thread, NULL), 0);
		CHECK(watchers[i].reads > 0);
		CHECK_INT(watchers[i].wrong, 0);
	}
	store_close(store);
	fixture_close(&f);
}

/* ---- one state from first to last ---- */

struct pause {
	struct store *store;
	int64_t before, after;
	bool is_inside, may_go;
	pthread_t thread;
};

static int count_around_a_pause(struct store_tx *tx, void *context, struct err *err)
{
	struct pause *p = context;

	TRY(sql_number(tx, err, &p->before, ITEM_COUNT));
	__atomic_store_n(&p->is_inside, true, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&p->may_go, __ATOMIC_SEQ_CST))
		sched_yield();
	return sql_number(tx, err, &p->after, ITEM_COUNT);
}

static void *pause_reading(void *arg)
{
	struct pause *p = arg;

	if (store_read(p->store, count_around_a_pause, p, NULL) < 0)
		p->after = -1;
	return NULL;
}

static void start_pauses(struct pause *pauses, size_t count, struct store *store)
{
	for (size_t i = 0; i < count; i++) {
		pauses[i] = (struct pause){ .store = store };
		CHECK_INT(pthread_create(&pauses[i].thread, NULL, pause_reading, &pauses[i]), 0);
		while (!__atomic_load_n(&pauses[i].is_inside, __ATOMIC_SEQ_CST))
			sched_yield();
	}
}

static void end_pauses(struct pause *pauses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		__atomic_store_n(&pauses[i].may_go, true, __ATOMIC_SEQ_CST);
		CHECK_INT(pthread_join(pauses[i].thread, NULL), 0);
		CHECK_INT(pauses[i].before, 0);
		CHECK_INT(pauses[i].after, 0);
	}
}

TEST(all_readers_keep_their_state_while_others_write_and_one_more_waits)
{
	struct pause pauses[STORE_READERS], late = { 0 };
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	store = fixture_store(&f);
	start_pauses(pauses, STORE_READERS, store);
	CHECK_INT(store_write(store, item_insert, &(struct item){ 1, "one", 1 }, &f.err), 0);
	late = (struct pause){ .store = store, .may_go = true };
	CHECK_INT(pthread_create(&late.thread, NULL, pause_reading, &late), 0);
	for (int i = 0; i < 100; i++)
		sched_yield();
	CHECK(!__atomic_load_n(&late.is_inside, __ATOMIC_SEQ_CST));
	end_pauses(pauses, STORE_READERS);
	CHECK_INT(pthread_join(late.thread, NULL), 0);
	CHECK_INT(late.after, 1);
	store_close(store);
	fixture_close(&f);
}

TEST(a_reader_cannot_write)
{
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK_INT(store_read(store, item_insert, &(struct item){ 1, "one", 1 }, &f.err), -EROFS);
	CHECK_INT(fixture_count(store), 0);
	store_close(store);
	CHECK_INT(store_open(str_of(f.url), STORE_READ_ONLY, &store, &f.err), 0);
	CHECK_INT(fixture_count(store), 0);
	CHECK_INT(store_write(store, item_insert, &(struct item){ 1, "one", 1 }, &f.err), -EROFS);
	store_close(store);
	fixture_close(&f);
}

/* ---- waking ---- */

static bool is_awake(int fd, int patience_ms)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return poll(&ready, 1, patience_ms) == 1;
}

static int write_when_told(int hears, int says, void *context)
{
	struct fixture *f = context;
	struct item item = { 50, "of another process", 1 };
	struct store *store;
	char what;

	if (store_open(str_of(f->url), STORE_CREATE, &store, NULL) < 0 || write(says, "o", 1) != 1)
		return 1;
	if (read(hears, &what, 1) != 1 || store_write(store, item_insert, &item, NULL) < 0)
		return 2;
	store_close(store);
	return 0;
}

TEST(a_commit_that_changed_something_wakes_and_no_other)
{
	enum { LONG_MS = 60000, NO_MS = 0 };
	struct test_child child;
	struct fixture f;
	struct store *store;
	int64_t count;
	int fd = -1;
	char heard;

	fixture_open(&f);
	test_child_start(&child, write_when_told, &f);
	CHECK(test_child_hear(&child, &heard, 1));
	store = fixture_store(&f);
	CHECK_INT(store_wake_fd(store, &fd, &f.err), 0);
	CHECK(!is_awake(fd, NO_MS));
	CHECK_INT(store_write(store, item_insert, &(struct item){ 1, "one", 1 }, &f.err), 0);
	CHECK(is_awake(fd, LONG_MS));
	store_wake_clear(fd);
	CHECK(!is_awake(fd, NO_MS));
	CHECK_INT(store_write(store, item_count, &count, &f.err), 0); /* looks only */
	CHECK_INT(store_read(store, item_count, &count, &f.err), 0);
	CHECK(!is_awake(fd, NO_MS));
	test_child_tell(&child, 'w');
	CHECK(is_awake(fd, LONG_MS));
	CHECK_INT(test_child_end(&child), 0);
	CHECK_INT(fixture_count(store), 2);
	close(fd);
	store_close(store);
	fixture_close(&f);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Do processes take turns, and does nobody wait for ever? */
#include "store/sqlite/turn.h"

#include "base/clock.h"
#include "store/sqlite/parts.h"
#include "store/store.h"
#include "tests/contract/child.h"
#include "tests/contract/fixture.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* ---- the lock files ---- */

static int hold_turn(int hears, int says, void *context)
{
	struct turn *turn;
	char what;

	if (turn_open(context, &turn, NULL) < 0 || turn_take(turn, 60, NULL) < 0)
		return 1;
	if (write(says, "t", 1) != 1 || read(hears, &what, 1) != 1)
		return 2;
	turn_give(turn);
	if (write(says, "g", 1) != 1 || read(hears, &what, 1) != 1)
		return 3;
	turn_close(turn);
	return 0;
}

TEST(a_turn_that_another_process_keeps_is_given_up_for_with_its_name)
{
	struct test_child child;
	struct fixture f;
	struct turn *turn;
	char heard, named[64];

	fixture_open(&f);
	test_child_start(&child, hold_turn, f.folder);
	CHECK(test_child_hear(&child, &heard, 1));
	CHECK_INT(turn_open(f.folder, &turn, NULL), 0);
	CHECK_INT(turn_take(turn, 0, &f.err), -EBUSY);
	snprintf(named, sizeof named, "process %d has not finished writing", (int)child.pid);
	CHECK(strstr(f.err.text, named));
	CHECK_INT(turn_take(turn, 0, &f.err), -EBUSY); /* again, while the first wait goes on */
	test_child_tell(&child, 'g');
	CHECK(test_child_hear(&child, &heard, 1));
	CHECK_INT(turn_take(turn, 60, &f.err), 0);
	turn_give(turn);
	CHECK_INT(turn_take(turn, 60, &f.err), 0);
	turn_give(turn);
	test_child_tell(&child, 'e');
	CHECK_INT(test_child_end(&child), 0);
	turn_close(turn);
	fixture_close(&f);
}

TEST(a_wait_in_vain_does_not_keep_the_turn_when_it_comes)
{
	struct test_child child;
	struct fixture f;
	struct turn *turn, *other;
	char heard;

	fixture_open(&f);
	test_child_start(&child, hold_turn, f.folder);
	CHECK(test_child_hear(&child, &heard, 1));
	CHECK_INT(turn_open(f.folder, &turn, NULL), 0);
	CHECK_INT(turn_open(f.folder, &other, NULL), 0);
	CHECK_INT(turn_take(turn, 0, &f.err), -EBUSY);
	test_child_tell(&child, 'g');
	CHECK(test_child_hear(&child, &heard, 1));
	CHECK_INT(turn_take(other, 60, &f.err), 0); /* though the first had waited before */
	turn_give(other);
	test_child_kill(&child);
	turn_close(other);
	turn_close(turn);
	fixture_close(&f);
}

TEST(closing_does_not_wait_for_a_turn_that_never_comes)
{
	struct test_child child;
	struct fixture f;
	struct turn *turn;
	char heard;

	fixture_open(&f);
	test_child_start(&child, hold_turn, f.folder);
	CHECK(test_child_hear(&child, &heard, 1));
	CHECK_INT(turn_open(f.folder, &turn, NULL), 0);
	CHECK_INT(turn_take(turn, 0, &f.err), -EBUSY);
	turn_close(turn);
	test_child_kill(&child);
	CHECK_INT(turn_open(f.folder, &turn, NULL), 0);
	CHECK_INT(turn_take(turn, 60, &f.err), 0); /* a killed process has no turn */
	turn_give(turn);
	turn_close(turn);
	fixture_close(&f);
}

/* ---- a writer that does not let go ---- */

enum { WAITING = 4 };
static const char *const names[WAITING] = { "a", "b", "c", "d" };

struct writer {
	pthread_t thread;
	struct store *store;
	struct item item;
	int code;
	struct err err;
};

static void *write_one(void *context)
{
	struct writer *writer = context;

	writer->code = store_write(writer->store, item_insert, &writer->item, &writer->err);
	return NULL;
}

/* Their waits end together: they do not wait one after another. */
TEST(all_who_wait_for_a_writer_that_hangs_are_told_so_and_can_write_after_it)
{
	struct writer writers[WAITING];
	struct test_child child;
	struct store *store;
	struct fixture f;
	int64_t begun_us;
	char heard;

	fixture_open(&f);
	store = fixture_store(&f);
	test_child_start(&child, hold_turn, f.folder);
	CHECK(test_child_hear(&child, &heard, 1));
	CHECK(kill(child.pid, SIGSTOP) == 0);
	begun_us = clock_monotonic_us();
	for (int i = 0; i < WAITING; i++) {
		writers[i] = (struct writer){ .store = store, .item = { i + 1, names[i], 1 } };
		CHECK_INT(pthread_create(&writers[i].thread, NULL, write_one, &writers[i]), 0);
	}
	for (int i = 0; i < WAITING; i++) {
		test_row("writer %d", i);
		CHECK_INT(pthread_join(writers[i].thread, NULL), 0);
		CHECK_INT(writers[i].code, -EBUSY);
		CHECK(strstr(writers[i].err.text, "has not finished writing"));
	}
	CHECK(clock_monotonic_us() - begun_us < 2 * SQLITE_TURN_S * INT64_C(1000000));
	CHECK_INT(fixture_count(store), 0);
	CHECK(kill(child.pid, SIGCONT) == 0);
	test_child_kill(&child);
	for (int i = 0; i < WAITING; i++) {
		write_one(&writers[i]);
		CHECK_INT(writers[i].code, 0);
	}
	CHECK_INT(fixture_count(store), WAITING);
	store_close(store);
	fixture_close(&f);
}

/* ---- fairness: counted, not timed ---- */

enum { COMMITS = 60, BATCH_ROWS = 300, HEAVY = 2 };

static int insert_batch(struct store_tx *tx, void *context, struct err *err)
{
	int64_t id;

	for (int i = 0; i < BATCH_ROWS; i++) {
		char name[48];

		snprintf(name, sizeof name, "%d.%lld", (int)getpid(),
			 (long long)++*(int64_t *)context);
		TRY(sql_number(tx, err, &id, ITEM_ADD, SQL_TEXT(str_of(name)), SQL_INT(1)));
	}
	return 0;
}

/* Batches without a pause until told to stop; says each. */
static int write_heavily(int hears, int says, void *context)
{
	struct fixture *f = context;
	struct store *store;
	int64_t rows = 0;

	if (store_open(str_of(f->url), STORE_CREATE, &store, NULL) < 0)
		return 1;
	for (;;) {
		if (store_write(store, insert_batch, &rows, NULL) < 0)
			return 2;
		if (write(says, "b", 1) != 1)
			break;
	}
	store_close(store);
	return 0;
}

TEST(a_writer_of_single_rows_gets_its_turns_beside_two_of_batches)
{
	struct test_child heavy[HEAVY];
	struct fixture f;
	struct store *store;
	size_t batches = 0;
	char said[4096];

	signal(SIGPIPE, SIG_IGN);
	fixture_open(&f);
	store = fixture_store(&f);
	store_close(store);
	for (int i = 0; i < HEAVY; i++)
		test_child_start(&heavy[i], write_heavily, &f);
	for (int i = 0; i < HEAVY; i++)
		CHECK(test_child_hear(&heavy[i], said, 1)); /* all are at it */
	store = fixture_store(&f);
	for (int64_t i = 0; i < COMMITS; i++) {
		char name[16];
		struct item item = { -1 - i, name, 1 };

		snprintf(name, sizeof name, "light %d", (int)i);
		CHECK_INT(store_write(store, item_insert, &item, &f.err), 0);
	}
	for (int i = 0; i < HEAVY; i++) {
		ssize_t got = read(heavy[i].says, said, sizeof said);

		CHECK(got >= 0 && got < (ssize_t)sizeof said);
		batches += (size_t)got;
		test_child_kill(&heavy[i]);
	}
	/* Turn by turn: about one batch of each for one commit of ours. SQLite's own waiting gives
	 * them dozens. */
	if (batches > COMMITS * HEAVY * 4)
		fail_msg("%zu batches of others beside %d commits", batches, COMMITS);
	fixture_check(store);
	store_close(store);
	fixture_close(&f);
}

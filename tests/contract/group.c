/* SPDX-License-Identifier: Apache-2.0 */
/* Do the closures of several threads share commits without sharing their failures? */
#include "store/parts.h"
#include "tests/contract/fixture.h"

#include <sched.h>

/* ---- a backend that counts commits, and fails those that a test names ---- */

static struct store_backend counting;
static const struct store_backend *real;
static int commits, commits_that_fail;

static int count_commit(struct store_connection *c, struct err *err)
{
	if (commits++ < commits_that_fail) {
		real->roll_back(c);
		return err_set(err, -EIO, "planted");
	}
	return real->commit(c, err);
}

static void count_commits(struct store *store, int failing)
{
	real = store->backend;
	counting = *real;
	counting.commit = count_commit;
	store->backend = &counting;
	commits = 0;
	commits_that_fail = failing;
}

/* ---- a group on purpose: the first closure waits until all others are in the queue ---- */

enum { MEMBERS = 16 };

struct member {
	struct store *store;
	struct item item;
	char name[16];
	int wants;  /* what its closure returns */
	int spoils; /* runs after which it does no longer spoil its transaction */
	int runs, code;
	int64_t rows; /* that were there before its own */
	struct err err;
	pthread_t thread;
};

static struct member members[MEMBERS];

static size_t queued(struct store *store)
{
	size_t count;

	pthread_mutex_lock(&store->writes.mutex);
	count = store->writes.count;
	pthread_mutex_unlock(&store->writes.mutex);
	return count;
}

static int run_member(struct store_tx *tx, void *context, struct err *err)
{
	struct member *m = context;

	__atomic_add_fetch(&m->runs, 1, __ATOMIC_RELAXED);
	while (m == &members[0] && m->runs == 1 && queued(m->store) < MEMBERS - 1)
		sched_yield();
	TRY(sql_foresee(tx, err, ITEM_COUNT));
	TRY(item_count(tx, &m->rows, err));
	TRY(item_insert(tx, &m->item, err));
	if (m->runs <= m->spoils)
		return sql_run(tx, err, ITEM_BROKEN);
	return m->wants ? err_set(err, m->wants, "member %d", (int)m->item.id) : 0;
}

static void *write_member(void *arg)
{
	struct member *m = arg;

	m->code = store_write(m->store, run_member, m, &m->err);
	return NULL;
}

static void set_up(struct fixture *f, struct store **store, int failing_commits)
{
	fixture_open(f);
	*store = fixture_store(f);
	count_commits(*store, failing_commits);
	(*store)->writes.group_us = 60 * 1000000;
	for (int i = 0; i < MEMBERS; i++) {
		members[i] = (struct member){ .store = *store, .item = { i + 1, NULL, i + 1 } };
		snprintf(members[i].name, sizeof members[i].name, "member %d", i + 1);
		members[i].item.name = members[i].name;
	}
}

static void run_members(void)
{
	for (int i = 0; i < MEMBERS; i++) {
		CHECK_INT(pthread_create(&members[i].thread, NULL, write_member, &members[i]), 0);
		while (i == 0 && !__atomic_load_n(&members[0].runs, __ATOMIC_RELAXED))
			sched_yield(); /* so that it is the one that leads */
	}
	for (int i = 0; i < MEMBERS; i++)
		CHECK_INT(pthread_join(members[i].thread, NULL), 0);
}

static void tear_down(struct fixture *f, struct store *store)
{
	fixture_check(store);
	store_close(store);
	fixture_close(f);
}

static int look_for(struct store_tx *tx, void *context, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, ITEM_GET, SQL_INT(*(int64_t *)context));

	return sql_one(&q);
}

static bool has_row(struct store *store, int64_t id)
{
	int code = store_read(store, look_for, &id, NULL);

	CHECK(code == 0 || code == -ENOENT);
	return code == 0;
}

TEST(threads_share_a_commit_and_a_failing_closure_is_undone_alone)
{
	struct fixture f;
	struct store *store;

	set_up(&f, &store, 0);
	for (int i = 2; i < MEMBERS; i += 3)
		members[i].wants = -ECANCELED;
	members[5].item.id = 1; /* breaks a rule: the first's row is there before it */
	members[5].wants = 0;
	run_members();
	CHECK_INT(commits, 1);
	for (int i = 0; i < MEMBERS; i++) {
		struct member *m = &members[i];
		int code = i == 5 ? -EEXIST : m->wants;

		test_row("%d", i);
		CHECK_INT(m->runs, 1);
		CHECK_INT(m->code, code);
		CHECK(!code || m->err.code == code);
		CHECK(i == 5 || has_row(store, m->item.id) == (code == 0));
	}
	tear_down(&f, store);
}

/* What is foreseen is of one closure: each counts what those before it have written. */
TEST(a_closure_sees_what_those_before_it_in_the_group_have_written)
{
	bool has_seen[MEMBERS] = { false };
	struct store *store;
	struct fixture f;

	set_up(&f, &store, 0);
	run_members();
	CHECK_INT(commits, 1);
	for (int i = 0; i < MEMBERS; i++) {
		test_row("member %d saw %d rows", i, (int)members[i].rows);
		CHECK(members[i].code == 0 && members[i].runs == 1);
		CHECK(members[i].rows >= 0 && members[i].rows < MEMBERS);
		CHECK(!has_seen[members[i].rows]);
		has_seen[members[i].rows] = true;
	}
	tear_down(&f, store);
}

TEST(when_a_shared_commit_fails_each_is_committed_by_itself)
{
	struct fixture f;
	struct store *store;

	set_up(&f, &store, 1);
	members[7].wants = -ECANCELED;
	run_members();
	CHECK_INT(commits, 1 + MEMBERS - 1);
	for (int i = 0; i < MEMBERS; i++) {
		test_row("%d", i);
		CHECK_INT(members[i].runs, 2);
		CHECK_INT(members[i].code, i == 7 ? -ECANCELED : 0);
		CHECK(has_row(store, i + 1) == (i != 7));
	}
	tear_down(&f, store);
}

TEST(when_no_commit_succeeds_everyone_is_told_and_nothing_stays)
{
	struct fixture f;
	struct store *store;

	set_up(&f, &store, 1 + MEMBERS);
	run_members();
	CHECK_INT(commits, 1 + MEMBERS);
	for (int i = 0; i < MEMBERS; i++) {
		CHECK_INT(members[i].code, -EIO);
		CHECK_STR(str_of(members[i].err.text), "planted");
	}
	CHECK_INT(fixture_count(store), 0);
	members[0].runs = 1; /* it goes on when the disk does */
	commits_that_fail = 0;
	CHECK_INT(store_write(store, run_member, &members[0], NULL), 0);
	tear_down(&f, store);
}

TEST(only_the_closure_that_spoils_the_transaction_pays_for_it)
{
	struct fixture f;
	struct store *store;

	set_up(&f, &store, 0);
	members[9].spoils = 2;
	run_members();
	for (int i = 0; i < MEMBERS; i++) {
		test_row("%d", i);
		CHECK_INT(members[i].code, i == 9 ? -EINVAL : 0);
		CHECK(has_row(store, i + 1) == (i != 9));
	}
	tear_down(&f, store);
}

TEST(nobody_is_refused_because_of_a_row_that_was_undone)
{
	struct fixture f;
	struct store *store;
	int good = 0;

	/* The first's row stands in the way of the last's; then the first is undone for good. */
	set_up(&f, &store, 0);
	members[0].spoils = 2;
	for (int i = 1; i < MEMBERS; i++)
		members[i].item.id = 1;
	run_members();
	CHECK_INT(members[0].code, -EINVAL);
	for (int i = 1; i < MEMBERS; i++) {
		CHECK(members[i].code == 0 || members[i].code == -EEXIST);
		good += members[i].code == 0;
	}
	CHECK_INT(good, 1);
	tear_down(&f, store);
}

/* ---- many threads, many groups ---- */

enum { WRITERS = 8, EACH = 200 };

struct writer {
	struct store *store;
	int number, done;
	pthread_t thread;
};

struct step {
	struct item item;
	int fails;
};

static int run_step(struct store_tx *tx, void *context, struct err *err)
{
	const struct step *step = context;

	TRY(item_insert(tx, context, err));
	return step->fails == 1 ? -ECANCELED : step->fails == 2 ? sql_run(tx, err, ITEM_TWO) : 0;
}

static void *write_steps(void *arg)
{
	struct writer *w = arg;

	for (int i = 0; i < EACH; i++) {
		char name[32];
		struct step step = { .item = { w->number * EACH + i + 1, name, 1 },
				     .fails = i % 5 == 3    ? 1
					      : i % 17 == 8 ? 2
							    : 0 };
		int wanted = step.fails == 1 ? -ECANCELED : step.fails ? -EINVAL : 0;

		snprintf(name, sizeof name, "%d.%d", w->number, i);
		if (store_write(w->store, run_step, &step, NULL) != wanted)
			return NULL;
		w->done += wanted == 0;
	}
	w->number = -1; /* all as wanted */
	return NULL;
}

TEST(what_was_acknowledged_is_there_and_nothing_else)
{
	struct writer writers[WRITERS];
	struct fixture f;
	struct store *store;
	int64_t done = 0;

	fixture_open(&f);
	store = fixture_store(&f);
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .store = store, .number = i };
		CHECK_INT(pthread_create(&writers[i].thread, NULL, write_steps, &writers[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		CHECK_INT(pthread_join(writers[i].thread, NULL), 0);
		CHECK_INT(writers[i].number, -1);
		done += writers[i].done;
	}
	CHECK_INT(fixture_count(store), done);
	tear_down(&f, store);
}

/* ---- the door's own rules ---- */

static int call_again(struct store_tx *tx, void *context, struct err *err)
{
	struct store_check check;

	CHECK_INT(store_write(context, item_count, NULL, err), -EDEADLK);
	CHECK_INT(store_read(context, item_count, NULL, err), -EDEADLK);
	CHECK_INT(store_backup(context, "/", NULL, NULL, err), -EDEADLK);
	CHECK_INT(store_check(context, tx->a, &check, err), -EDEADLK);
	return 0;
}

TEST(a_closure_may_not_call_the_store)
{
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK_INT(store_write(store, call_again, store, NULL), 0);
	CHECK_INT(store_read(store, call_again, store, NULL), 0);
	tear_down(&f, store);
}

static int64_t planted_clock(void *context)
{
	return ++*(int64_t *)context;
}

static int tell_time(struct store_tx *tx, void *context, struct err *err)
{
	*(int64_t *)context = tx->now_us;
	return 0;
}

TEST(a_transaction_has_one_time_which_tests_may_set)
{
	struct fixture f;
	struct store *store;
	int64_t clock = 41, told = 0;

	fixture_open(&f);
	store = fixture_store(&f);
	store_set_clock(store, planted_clock, &clock);
	CHECK_INT(store_write(store, tell_time, &told, NULL), 0);
	CHECK_INT(told, 42);
	CHECK_INT(store_read(store, tell_time, &told, NULL), 0);
	CHECK_INT(told, 43);
	store_set_clock(store, NULL, NULL);
	CHECK_INT(store_write(store, tell_time, &told, NULL), 0);
	CHECK(told > 1700000000000000);
	tear_down(&f, store);
}

struct kept {
	struct arena *arena;
	struct str name;
};

static int keep(struct store_tx *tx, void *context, struct err *err)
{
	struct kept *kept = context;
	struct sql q SQL_CLOSED = sql_query(tx, err, ITEM_GET, SQL_INT(1));

	store_keep(tx, kept->arena);
	TRY(sql_one(&q));
	kept->name = sql_text(&q, 1);
	return sql_end(&q);
}

TEST(results_can_be_kept_in_the_callers_arena)
{
	struct arena a = { 0 };
	struct kept kept = { .arena = &a };
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	store = fixture_store(&f);
	CHECK_INT(store_write(store, item_insert, &(struct item){ 1, "kept", 1 }, NULL), 0);
	CHECK_INT(store_read(store, keep, &kept, NULL), 0);
	CHECK_INT(fixture_count(store), 1);
	tear_down(&f, store);
	CHECK_STR(kept.name, "kept");
	arena_release(&a);
}

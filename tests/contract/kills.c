/* SPDX-License-Identifier: Apache-2.0 */
/* When the process or the machine dies at any point: is what was acknowledged there, and all whole? */
#include "tests/contract/child.h"
#include "tests/contract/fault.h"
#include "tests/contract/life.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* ---- a life that ends at a planned point ---- */

struct planned {
	struct fixture f;
	struct fault_plan plan;
};

static int live_and_die(int hears, int says, void *context)
{
	struct planned *planned = context;
	struct ledger ledger = { .fd = says };

	fault_arm(&planned->plan);
	life_run(&planned->f, &ledger);
	return 0;
}

/* What the dead one said in time; whether the others came to be, nobody knows. */
static void hear_ledger(struct test_child *child, struct ledger *ledger)
{
	char number;

	for (int i = 0; i < LIFE_WRITES; i++)
		ledger->fate[i] = FATE_OPEN;
	while (test_child_hear(child, &number, 1))
		ledger->fate[(int)number] = FATE_STAYS;
}

/* False when the point was not reached. *ret_wrong: NULL, or what the death has broken. */
static bool live_until(const struct fault_plan *plan, enum life_start start, const char **ret_wrong)
{
	struct planned planned = { .plan = *plan };
	struct ledger ledger = { 0 };
	struct test_child child;
	int code;

	life_prepare(&planned.f, start);
	test_child_start(&child, live_and_die, &planned);
	hear_ledger(&child, &ledger);
	code = test_child_end(&child);
	CHECK(code == 0 || code == 128 + SIGKILL);
	*ret_wrong = life_judge(&planned.f, start, &ledger);
	fixture_close(&planned.f);
	return code != 0;
}

/* At each usual_step-th point; a power cut keeps other writes each time. Returns in how many lives something
 * was broken. */
static int die_everywhere(struct fault_plan plan, int usual_step, bool is_control)
{
	int lives = 0, broken = 0, step = fault_step(usual_step);

	for (int start = 0; start < LIFE_STARTS; start++) {
		const char *wrong = NULL;

		for (plan.point = 1;; plan.point += step, lives++) {
			plan.seed = (unsigned)plan.point % 4;
			test_row("start %d, point %d, seed %u", start, plan.point, plan.seed);
			if (!live_until(&plan, (enum life_start)start, &wrong))
				break;
			if (wrong && !is_control)
				fail_msg("%s", wrong);
			broken += wrong != NULL;
		}
		CHECK(plan.point > 10);
		CHECK(!wrong || is_control);
	}
	print_message("%d deaths, %d broken\n", lives, broken);
	return broken;
}

TEST(a_process_killed_before_any_change_of_a_file)
{
	die_everywhere((struct fault_plan){ .calls = FAULT_CHANGES, .effect = FAULT_KILL }, 5,
		       false);
}

TEST(a_process_killed_in_the_middle_of_any_write)
{
	die_everywhere((struct fault_plan){ .calls = FAULT_WRITE, .effect = FAULT_HALF_KILL }, 5,
		       false);
}

TEST(a_machine_that_stops_at_any_point_and_loses_what_was_not_synced)
{
	die_everywhere((struct fault_plan){ .calls = FAULT_CHANGES, .effect = FAULT_POWER }, 5,
		       false);
}

TEST(a_disk_that_lies_about_syncs_is_found_out)
{
	struct fault_plan plan = { .calls = FAULT_CHANGES,
				   .effect = FAULT_POWER,
				   .are_syncs_lies = true };

	CHECK(die_everywhere(plan, 9, true) > 10);
}

/* ---- many threads, killed from outside ---- */

enum { ROUNDS = 25, THREADS = 6, NOTE = 20000 };

struct writer {
	struct store *store;
	int says, number;
};

static int insert_note(struct store_tx *tx, void *context, struct err *err)
{
	char name[32], note[NOTE];
	int64_t id = *(int64_t *)context;

	memset(note, 'n', sizeof note);
	snprintf(name, sizeof name, "%lld", (long long)id);
	return sql_run(tx, err, ITEM_INSERT, SQL_INT(id), SQL_TEXT(str_of(name)), SQL_INT(1),
		       SQL_NULL, SQL_BLOB(str_bytes(note, sizeof note)));
}

static void *write_for_ever(void *arg)
{
	struct writer *w = arg;
	static _Atomic int64_t next;

	for (;;) {
		int64_t id = w->number * (int64_t)1000000 + ++next;

		if (store_write(w->store, insert_note, &id, NULL) == 0 &&
		    write(w->says, &id, sizeof id) != sizeof id)
			return NULL;
	}
}

static int write_until_killed(int hears, int says, void *context)
{
	struct fixture *f = context;
	struct writer writers[THREADS];
	struct store *store;
	pthread_t thread;

	if (store_open(str_of(f->url), STORE_CREATE, &store, NULL) < 0)
		return 1;
	for (int i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){ store, says, (int)getpid() };
		if (pthread_create(&thread, NULL, write_for_ever, &writers[i]) != 0)
			return 2;
	}
	pause();
	return 3;
}

static int find(struct store_tx *tx, void *context, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, ITEM_GET, SQL_INT(*(int64_t *)context));

	return sql_one(&q);
}

TEST(whatever_was_acknowledged_before_a_kill_is_there)
{
	static int64_t acknowledged[200000];
	size_t count = 0;
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	for (int round = 0; round < ROUNDS; round++) {
		struct test_child child;
		size_t until = count + 1 + (size_t)round * 7 % 60; /* with others in hand */

		test_row("round %d", round);
		test_child_start(&child, write_until_killed, &f);
		while (count < until)
			CHECK(test_child_hear(&child, &acknowledged[count++], sizeof(int64_t)));
		CHECK_INT(kill(child.pid, SIGKILL), 0);
		while (test_child_hear(&child, &acknowledged[count], sizeof(int64_t)))
			CHECK(++count < ARRAY_COUNT(acknowledged));
		CHECK_INT(test_child_end(&child), 128 + SIGKILL);
		store = fixture_store(&f);
		fixture_check(store);
		for (size_t i = 0; i < count; i++)
			if (store_read(store, find, &acknowledged[i], &f.err) < 0)
				fail_msg("row %lld of %zu: %s", (long long)acknowledged[i], count,
					 f.err.text);
		store_close(store);
	}
	print_message("%d kills, %zu rows acknowledged, none lost\n", ROUNDS, count);
	fixture_close(&f);
}

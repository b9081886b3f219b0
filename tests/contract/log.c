/* SPDX-License-Identifier: Apache-2.0 */
/* Does SQLite's log stay small, whatever is read meanwhile? */
#include "store/sqlite/parts.h"
#include "tests/contract/fixture.h"

#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

static int rounds_done;

enum { LOG_ROUNDS = 400, LIMIT_PAGES = 40 };

struct relay {
	struct store *store;
	int *begun; /* readers that have begun: one does not end before the next has */
	int number, failures;
	pthread_t thread;
};

static int overlap(struct store_tx *tx, void *context, struct err *err)
{
	struct relay *relay = context;
	int64_t count;
	int own;

	TRY(sql_number(tx, err, &count, ITEM_COUNT));
	own = __atomic_add_fetch(relay->begun, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(relay->begun, __ATOMIC_SEQ_CST) == own &&
	       __atomic_load_n(&rounds_done, __ATOMIC_SEQ_CST) < LOG_ROUNDS)
		sched_yield();
	return 0;
}

static void *read_in_relay(void *arg)
{
	struct relay *relay = arg;

	while (__atomic_load_n(&rounds_done, __ATOMIC_SEQ_CST) < LOG_ROUNDS)
		if (store_read(relay->store, overlap, relay, NULL) < 0)
			relay->failures++;
	return NULL;
}

static int write_a_page(struct store_tx *tx, void *context, struct err *err)
{
	char name[32], note[3500];
	int64_t id = *(int64_t *)context;

	memset(note, 'n', sizeof note);
	snprintf(name, sizeof name, "page %d", (int)id);
	return sql_run(tx, err, ITEM_INSERT, SQL_INT(id), SQL_TEXT(str_of(name)), SQL_INT(id),
		       SQL_NULL, SQL_BLOB(str_bytes(note, sizeof note)));
}

/* What a log has room for in pages, after LOG_ROUNDS writes beside readers of whom one is always there. */
static int longest_log(struct sqlite_log_limits limits)
{
	const struct sqlite_log_limits usual = sqlite_log_limits;
	struct relay relays[2];
	struct fixture f;
	struct store *store;
	struct stat log;
	int begun = 0;

	sqlite_log_limits = limits;
	fixture_open(&f);
	store = fixture_store(&f);
	rounds_done = 0;
	for (int i = 0; i < 2; i++) {
		relays[i] = (struct relay){ store, &begun, i, 0, 0 };
		CHECK_INT(pthread_create(&relays[i].thread, NULL, read_in_relay, &relays[i]), 0);
	}
	for (int64_t i = 0; i < LOG_ROUNDS; i++) {
		CHECK_INT(store_write(store, write_a_page, &(int64_t){ i }, &f.err), 0);
		__atomic_add_fetch(&rounds_done, 1, __ATOMIC_SEQ_CST);
	}
	for (int i = 0; i < 2; i++) {
		CHECK_INT(pthread_join(relays[i].thread, NULL), 0);
		CHECK_INT(relays[i].failures, 0);
	}
	CHECK(begun > 2);
	CHECK_INT(stat(fixture_path(&f, "dss.db-wal"), &log), 0);
	store_close(store);
	sqlite_log_limits = usual;
	fixture_close(&f);
	return (int)(log.st_size / 4096);
}

/* Each round writes at least three pages; without the restart all of them stay. */
TEST(readers_without_a_gap_do_not_let_the_log_grow_for_ever)
{
	static const struct sqlite_log_limits limits[] = { { LIMIT_PAGES / 2, LIMIT_PAGES },
							   { LIMIT_PAGES / 2, 32000 } };

	for (size_t i = 0; i < ARRAY_COUNT(limits); i++) {
		int pages;

		test_row("%d and %d pages", limits[i].checkpoint_pages, limits[i].restart_pages);
		pages = longest_log(limits[i]);
		print_message("%d pages\n", pages);
		if (pages > LOG_ROUNDS) /* a third of what is written */
			fail_msg("the log has %d pages", pages);
	}
}

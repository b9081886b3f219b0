/* SPDX-License-Identifier: Apache-2.0 */
/* Does a reader of events meet each once, in the order of their numbers, whoever commits first? */
#include "store/event.h"
#include "store/workspace.h"
#include "tests/contract/rows.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { SEEN_MOST = 1000 };

/* As the stream, the notifier and a page of /events read: after the last that was met. */
struct reader {
	struct store *store;
	int64_t workspace; /* 0: all, as the notifier */
	int64_t seen[SEEN_MOST];
	size_t count;
};

static int read_after(struct store_tx *tx, void *context, struct err *err)
{
	struct reader *reader = context;
	int64_t last = reader->count ? reader->seen[reader->count - 1] : 0;
	struct event_row *rows;
	size_t count;

	TRY(event_after(tx, reader->workspace, last, 100, &rows, &count, err));
	for (size_t i = 0; i < count && reader->count < SEEN_MOST; i++)
		reader->seen[reader->count++] = rows[i].sequence;
	return 0;
}

/* How many it has met by now. */
static size_t look(struct reader *reader)
{
	struct err err;

	if (store_read(reader->store, read_after, reader, &err) < 0)
		fail_msg("%s", err.text);
	return reader->count;
}

static int one_event(struct store_tx *tx, void *ret_sequence, struct err *err)
{
	struct event_row row = { .workspace = WORKSPACE_DEFAULT,
				 .type = EVENT_DOMAIN_CREATED,
				 .severity = -1 };

	TRY(event_insert(tx, &row, err));
	*(int64_t *)ret_sequence = row.sequence;
	return 0;
}

/* ---- two, of which the second is done first ---- */

struct crossing {
	struct rows rows;
	struct store *other;
	struct reader stream, notifier;
	int64_t first, second;
	bool takes_turn; /* the second; else it writes past the store */
	pthread_t thread;
	int code;
};

static void *write_second(void *context)
{
	struct crossing *c = context;

	c->code = store_write(c->other, one_event, &c->second, NULL);
	return NULL;
}

static void *look_twice(void *context)
{
	struct crossing *c = context;

	look(&c->stream);
	look(&c->notifier);
	return NULL;
}

/* The first has its number; now the second comes, and goes as far as it can. */
static int write_first(struct store_tx *tx, void *context, struct err *err)
{
	struct crossing *c = context;
	pthread_t readers;

	TRY(one_event(tx, &c->first, err));
	if (!c->takes_turn) {
		c->second = fixture_ask(&c->rows.fixture,
					"INSERT INTO event (workspace, type, at) VALUES (1, 1, 1) "
					"RETURNING sequence");
	} else {
		CHECK_INT(pthread_create(&c->thread, NULL, write_second, c), 0);
		while (!fixture_ask(&c->rows.fixture, "SELECT count(*) FROM pg_locks WHERE "
						      "locktype = 'advisory' AND NOT granted"))
			;
	}
	CHECK_INT(pthread_create(&readers, NULL, look_twice, c), 0);
	pthread_join(readers, NULL);
	return 0;
}

static void cross(struct crossing *c, bool takes_turn)
{
	*c = (struct crossing){ .takes_turn = takes_turn, .code = 1 };
	rows_open(&c->rows);
	c->other = fixture_store(&c->rows.fixture);
	c->stream = (struct reader){ .store = c->other, .workspace = WORKSPACE_DEFAULT };
	c->notifier = (struct reader){ .store = c->other };
	rows_write(&c->rows, write_first, c, 0);
	if (takes_turn) {
		pthread_join(c->thread, NULL);
		CHECK_INT(c->code, 0);
	}
	CHECK(c->first > 0 && c->second > c->first);
	look_twice(c);
	CHECK_INT(fixture_ask(&c->rows.fixture, "SELECT count(*) FROM event"), 2);
}

static void cross_end(struct crossing *c)
{
	store_close(c->other);
	rows_close(&c->rows);
}

TEST(an_event_is_not_seen_before_one_of_a_smaller_number_is)
{
	struct crossing c;

	cross(&c, true);
	CHECK(c.stream.count == 2 && c.notifier.count == 2);
	CHECK(c.stream.seen[0] == c.first && c.stream.seen[1] == c.second);
	CHECK(c.notifier.seen[0] == c.first && c.notifier.seen[1] == c.second);
	cross_end(&c);
}

/* The control: it is the turn that does this. */
TEST(who_writes_events_without_the_turn_lets_readers_miss_one)
{
	struct crossing c;

	cross(&c, false);
	CHECK(c.stream.count == 1 && c.notifier.count == 1);
	CHECK(c.stream.seen[0] == c.second && c.notifier.seen[0] == c.second);
	cross_end(&c);
}

/* ---- many ---- */

enum { WRITERS = 4, STORES = 2, ROUNDS = 40, EVENTS_MOST = 3 };

struct writer {
	struct store *store;
	unsigned round, number;
	int64_t made[ROUNDS * EVENTS_MOST];
	size_t count;
	pthread_t thread;
};

/* Some events, a moment, and now and then all of it undone: numbers have gaps. */
static int write_some(struct store_tx *tx, void *context, struct err *err)
{
	struct writer *w = context;
	unsigned events = 1 + (w->round + w->number) % EVENTS_MOST;

	for (unsigned i = 0; i < events; i++)
		TRY(one_event(tx, &w->made[w->count + i], err));
	usleep(w->round * 37 % 5 * 200);
	return w->round % 7 == w->number ? -ECANCELED : (int)events;
}

static void *write_rounds(void *context)
{
	struct writer *w = context;

	for (w->round = 0; w->round < ROUNDS; w->round++) {
		unsigned events = 1 + (w->round + w->number) % EVENTS_MOST;

		if (store_write(w->store, write_some, w, NULL) == 0)
			w->count += events;
	}
	return NULL;
}

static bool has_seen(const struct reader *reader, int64_t sequence)
{
	for (size_t i = 0; i < reader->count; i++)
		if (reader->seen[i] == sequence)
			return true;
	return false;
}

TEST(a_reader_meets_every_event_of_many_writers_once)
{
	static struct writer writers[WRITERS];
	struct reader reader = { .workspace = WORKSPACE_DEFAULT };
	struct store *stores[STORES];
	struct rows rows;
	size_t made = 0;

	rows_open(&rows);
	for (size_t i = 0; i < STORES; i++)
		stores[i] = fixture_store(&rows.fixture);
	reader.store = rows.store;
	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .store = stores[i % STORES], .number = i };
		CHECK_INT(pthread_create(&writers[i].thread, NULL, write_rounds, &writers[i]), 0);
	}
	for (size_t i = 0; i < WRITERS; i++)
		while (pthread_tryjoin_np(writers[i].thread, NULL) != 0)
			look(&reader);
	look(&reader);
	for (size_t i = 0; i < WRITERS; i++) {
		made += writers[i].count;
		for (size_t k = 0; k < writers[i].count; k++)
			CHECK(has_seen(&reader, writers[i].made[k]));
	}
	CHECK(made > WRITERS * ROUNDS / 2);
	CHECK_INT(reader.count, made);
	for (size_t i = 1; i < reader.count; i++)
		CHECK(reader.seen[i] > reader.seen[i - 1]);
	for (size_t i = 0; i < STORES; i++)
		store_close(stores[i]);
	rows_close(&rows);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a write whose server goes away, answers too late, or not at all? */
#include "base/clock.h"
#include "store/parts.h"
#include "store/postgres/parts.h"
#include "tests/contract/fixture.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- between the store and its server: somebody who passes on, or does not ---- */

enum passing {
	PASSES_ALL,
	PASSES_QUESTIONS, /* the server hears, its answers are thrown away; then it ends */
	PASSES_NOTHING,   /* both are thrown away; then it ends */
	KEEPS_SILENT      /* both are thrown away for good */
};

enum { PAIRS_MOST = 64, LEFT_OPEN_MS = 500 };

struct between {
	char folder[64];
	int listens, stop[2];
	struct {
		int client, server;
		enum passing
			passing; /* as it was when something came while it was not PASSES_ALL */
		int64_t until_us;
	} pair[PAIRS_MOST];
	size_t count;
	enum passing passing;
	pthread_t thread;
};

static int dial(const char *folder)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", folder);
	CHECK_INT(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void pass_on(struct between *b, size_t i, bool is_question)
{
	int from = is_question ? b->pair[i].client : b->pair[i].server;
	int to = is_question ? b->pair[i].server : b->pair[i].client;
	enum passing passing = __atomic_load_n(&b->passing, __ATOMIC_SEQ_CST);
	char octets[65536];
	ssize_t got = read(from, octets, sizeof octets);

	if (b->pair[i].passing == PASSES_ALL && passing != PASSES_ALL) {
		b->pair[i].passing =
			passing; /* this connection is the one; the next is fine again */
		b->pair[i].until_us = passing == KEEPS_SILENT
					      ? INT64_MAX
					      : clock_monotonic_us() + LEFT_OPEN_MS * 1000;
		__atomic_store_n(&b->passing, PASSES_ALL, __ATOMIC_SEQ_CST);
	}
	passing = b->pair[i].passing;
	if (got <= 0) {
		b->pair[i].until_us = 0;
		return;
	}
	if (passing == PASSES_ALL || (passing == PASSES_QUESTIONS && is_question))
		(void)!write(to, octets, (size_t)got);
}

static void let_go(struct between *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->count; i++) {
		if (b->pair[i].until_us < clock_monotonic_us()) {
			close(b->pair[i].client);
			close(b->pair[i].server);
		} else {
			b->pair[kept++] = b->pair[i];
		}
	}
	b->count = kept;
}

static const char *server_folder(void)
{
	const char *host = strstr(fixture_server(), "host=");

	return host + strlen("host=");
}

static void *stand_between(void *context)
{
	struct between *b = context;

	for (;;) {
		struct pollfd fds[2 + 2 * PAIRS_MOST] = { { b->stop[1], POLLIN, 0 },
							  { b->listens, POLLIN, 0 } };
		size_t count = b->count;

		for (size_t i = 0; i < count; i++) {
			fds[2 + 2 * i] = (struct pollfd){ b->pair[i].client, POLLIN, 0 };
			fds[3 + 2 * i] = (struct pollfd){ b->pair[i].server, POLLIN, 0 };
		}
		(void)!poll(fds, 2 + 2 * count, 50);
		if (fds[0].revents)
			return NULL;
		for (size_t i = 0; i < count; i++) {
			if (fds[2 + 2 * i].revents)
				pass_on(b, i, true);
			if (fds[3 + 2 * i].revents)
				pass_on(b, i, false);
		}
		let_go(b);
		if (fds[1].revents && b->count < PAIRS_MOST) {
			b->pair[b->count].client = accept(b->listens, NULL, NULL);
			b->pair[b->count].server = dial(server_folder());
			b->pair[b->count].passing = PASSES_ALL;
			b->pair[b->count++].until_us = INT64_MAX;
		}
	}
}

static void between_open(struct between *b)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	*b = (struct between){ .folder = "/tmp/dss-between-XXXXXX" };
	CHECK(mkdtemp(b->folder));
	snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", b->folder);
	b->listens = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_INT(bind(b->listens, (struct sockaddr *)&address, sizeof address), 0);
	CHECK_INT(listen(b->listens, 64), 0);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, b->stop), 0);
	CHECK_INT(pthread_create(&b->thread, NULL, stand_between, b), 0);
}

static void between_close(struct between *b)
{
	char path[128];

	close(b->stop[0]);
	pthread_join(b->thread, NULL);
	close(b->stop[1]);
	close(b->listens);
	for (size_t i = 0; i < b->count; i++) {
		close(b->pair[i].client);
		close(b->pair[i].server);
	}
	snprintf(path, sizeof path, "%s/.s.PGSQL.5432", b->folder);
	unlink(path);
	rmdir(b->folder);
}

/* ---- one write, disturbed at its end ---- */

struct disturbed {
	struct between *between;
	enum passing passing;
	int runs;
};

static int insert_and_disturb(struct store_tx *tx, void *context, struct err *err)
{
	struct disturbed *d = context;

	TRY(item_insert(tx, &(struct item){ 7, "seven", 7 }, err));
	if (++d->runs == 1)
		__atomic_store_n(&d->between->passing, d->passing, __ATOMIC_SEQ_CST);
	return 0;
}

TEST(a_commit_whose_answer_was_lost_is_neither_lost_nor_done_twice)
{
	static const struct {
		const char *what;
		enum passing passing;
		int runs;
	} rows[] = {
		{ "the answer is lost", PASSES_QUESTIONS, 1 },
		{ "the commit is lost", PASSES_NOTHING, 2 },
		{ "silence", KEEPS_SILENT, 2 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct disturbed d = { .passing = rows[i].passing };
		int64_t before_us = clock_monotonic_us();
		struct between between;
		struct fixture f;
		struct store *store;

		test_row("%s", rows[i].what);
		between_open(&between);
		d.between = &between;
		fixture_open(&f);
		snprintf(f.url, sizeof f.url,
			 "postgresql://dss@/dss?host=%s&options=-csearch_path%%3D%s",
			 between.folder, f.schema);
		store = fixture_store(&f);
		CHECK_INT(store_write(store, item_insert, &(struct item){ 1, "one", 1 }, &f.err),
			  0);
		if (store_write(store, insert_and_disturb, &d, &f.err) < 0)
			fail_msg("%s", f.err.text);
		CHECK_INT(d.runs, rows[i].runs);
		CHECK_INT(fixture_ask(&f, "SELECT count(*) FROM item WHERE id = 7"), 1);
		CHECK(rows[i].passing != KEEPS_SILENT ||
		      clock_monotonic_us() - before_us < 3 * POSTGRES_ANSWER_MS * INT64_C(1000));
		store_close(store);
		fixture_close(&f);
		between_close(&between);
	}
}

/* ---- a backend that is ended inside of a closure ---- */

struct ended {
	const struct fixture *f;
	int runs, ends;
};

static int insert_and_end(struct store_tx *tx, void *context, struct err *err)
{
	struct ended *ended = context;

	TRY(item_insert(tx, &(struct item){ 9, "nine", 9 }, err));
	if (ended->runs++ < ended->ends)
		fixture_ask(ended->f,
			    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
			    "WHERE application_name = 'dss' AND backend_xid IS NOT NULL");
	return item_insert(tx, &(struct item){ 10, "ten", 10 }, err);
}

TEST(a_closure_whose_connection_was_lost_is_run_again_and_not_for_ever)
{
	struct ended once = { .ends = 1 }, always = { .ends = 1000 };
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	store = fixture_store(&f);
	once.f = always.f = &f;
	if (store_write(store, insert_and_end, &once, &f.err) < 0)
		fail_msg("%s", f.err.text);
	CHECK_INT(once.runs, 2);
	CHECK_INT(fixture_count(store), 2);
	CHECK_INT(fixture_ask(&f, "DELETE FROM item"), 0);
	CHECK_INT(store_write(store, insert_and_end, &always, &f.err), -EBUSY);
	CHECK(strstr(f.err.text, "connection was lost"));
	CHECK(always.runs > 1 && always.runs < 10);
	CHECK_INT(fixture_count(store), 0);
	store_close(store);
	fixture_close(&f);
}

/* ---- order ---- */

struct late {
	struct store *other;
	struct fixture *f;
	pthread_t thread;
	int code;
};

static void *write_meanwhile(void *arg)
{
	struct late *late = arg;

	late->code = store_write(late->other, item_insert, &(struct item){ 2, "second", 1 }, NULL);
	return NULL;
}

/* While it has written and not committed, another process comes: it is not to be seen before. */
static int let_another_come(struct store_tx *tx, void *context, struct err *err)
{
	struct late *late = context;

	TRY(item_insert(tx, &(struct item){ 1, "first", 1 }, err));
	CHECK_INT(pthread_create(&late->thread, NULL, write_meanwhile, late), 0);
	while (!fixture_ask(late->f, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
				     "AND NOT granted"))
		;
	CHECK_INT(fixture_ask(late->f, "SELECT count(*) FROM item"), 0);
	return item_insert(tx, &(struct item){ 3, "third", 1 }, err);
}

TEST(who_comes_second_commits_second_in_whatever_process)
{
	struct late late = { .code = 1 };
	struct fixture f;
	struct store *store;

	fixture_open(&f);
	store = fixture_store(&f);
	late.other = fixture_store(&f);
	late.f = &f;
	CHECK_INT(store_write(store, let_another_come, &late, &f.err), 0);
	pthread_join(late.thread, NULL);
	CHECK_INT(late.code, 0);
	CHECK_INT(fixture_count(store), 3);
	store_close(late.other);
	store_close(store);
	fixture_close(&f);
}

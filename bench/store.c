/* SPDX-License-Identifier: Apache-2.0 */
/* How many rows a second does the store bring to disk, and how soon do others know? Each row is a
 * transaction of its own to its thread, durable when store_write returns. Lines as tools/bench.py
 * wants them; the folder is made under the build folder, so the disk is the build's. */
#include "base/clock.h"
#include "store/sql.h"
#include "store/sqlite/schema.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 4, THREADS_MAX = 64, NOTE_BYTES = 100, BULK_ROWS = 1000, WAKES = 500 };

enum { ROW_INSERT, ROW_COUNT, ROW_GET, ROW_STATEMENTS };

static const struct sqlite_migration migrations[] = {
	{ 1, "first", "bench",
	  "CREATE TABLE row (id BLOB PRIMARY KEY, at INTEGER NOT NULL, note TEXT NOT NULL)"
	  " STRICT, WITHOUT ROWID;" },
};
static const struct sqlite_statement statements[ROW_STATEMENTS] = {
	[ROW_INSERT] = { "ROW_INSERT", "INSERT INTO row VALUES (?1, ?2, ?3)" },
	[ROW_COUNT] = { "ROW_COUNT", "SELECT count(*) FROM row" },
	[ROW_GET] = { "ROW_GET", "SELECT at, note FROM row WHERE id = ?1" },
};
static const struct sqlite_schema schema = { migrations, 1, statements, ROW_STATEMENTS };

static char folder[256], url[280];

static NORETURN void stop(const char *what, const struct err *err)
{
	fprintf(stderr, "bench store: %s: %s\n", what, err ? err->text : strerror(errno));
	exit(1);
}

static int64_t cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
	       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void show(const char *what, int64_t ops, int64_t since_us, int64_t cpu)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("%s %lld %.6f %.7f %ld\n", what, (long long)ops,
	       (double)(clock_monotonic_us() - since_us) / 1e6, (double)cpu / 1e3 / (double)ops,
	       usage.ru_maxrss);
	fflush(stdout);
}

/* ---- a fresh folder for each line ---- */

static void remove_folder(void)
{
	static const char *const names[] = { "dss.db", "dss.db-wal", "dss.db-shm",
					     "queue",  "turn",       "wake" };
	char path[300];

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static struct store *open_store(void)
{
	struct store *store;
	struct err err;

	sqlite_schema_replace(&schema);
	if (store_open(str_of(url), STORE_CREATE, &store, &err) < 0)
		stop("open", &err);
	return store;
}

static void close_store(struct store *store)
{
	store_close(store);
	remove_folder();
}

/* ---- writing ---- */

struct writer {
	struct store *store;
	int64_t until_us, rows;
	int rows_each;
	pthread_t thread;
};

static int insert(struct store_tx *tx, void *context, struct err *err)
{
	char note[NOTE_BYTES];

	memset(note, 'n', sizeof note);
	for (int i = 0; i < *(int *)context; i++)
		TRY(sql_run(tx, err, ROW_INSERT, SQL_ID(uuid_new(tx->now_us)), SQL_INT(tx->now_us),
			    SQL_TEXT(str_bytes(note, sizeof note))));
	return 0;
}

static void *write_rows(void *arg)
{
	struct writer *w = arg;
	struct err err;

	while (clock_monotonic_us() < w->until_us) {
		if (store_write(w->store, insert, &w->rows_each, &err) < 0)
			stop("write", &err);
		w->rows += w->rows_each;
	}
	return NULL;
}

static int64_t write_with(struct store *store, int threads, int rows_each)
{
	static struct writer writers[THREADS_MAX];
	int64_t rows = 0, until_us = clock_monotonic_us() + SECONDS * (int64_t)1000000;

	for (int i = 0; i < threads; i++) {
		writers[i] = (struct writer){ store, until_us, 0, rows_each };
		if (pthread_create(&writers[i].thread, NULL, write_rows, &writers[i]) != 0)
			stop("thread", NULL);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(writers[i].thread, NULL);
		rows += writers[i].rows;
	}
	return rows;
}

static void bench_write(const char *what, int threads, int rows_each)
{
	struct store *store = open_store();
	int64_t start = clock_monotonic_us(), cpu = cpu_us();
	int64_t rows = write_with(store, threads, rows_each);

	show(what, rows, start, cpu_us() - cpu);
	close_store(store);
}

/* ---- other processes: told to begin, say how much they did ---- */

struct other {
	pid_t pid;
	int hears, says;
};

static void fork_other(struct other *other, int64_t (*work)(struct store *store, int hears))
{
	int up[2], down[2];

	if (pipe(up) < 0 || pipe(down) < 0)
		stop("pipe", NULL);
	fflush(stdout);
	*other = (struct other){ fork(), down[1], up[0] };
	if (other->pid == 0) {
		struct store *store;
		int64_t said[2] = { 0 };
		char go;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		store = open_store();
		if (write(up[1], "r", 1) != 1 || read(down[0], &go, 1) != 1)
			_exit(1);
		said[0] = work(store, down[0]);
		said[1] = cpu_us();
		store_close(store);
		_exit(write(up[1], said, sizeof said) == sizeof said ? 0 : 1);
	}
	close(up[1]);
	close(down[0]);
}

static void await_other(struct other *other)
{
	char ready;

	if (read(other->says, &ready, 1) != 1)
		stop("another process did not start", NULL);
}

static void tell_other(struct other *other)
{
	if (write(other->hears, "g", 1) != 1)
		stop("pipe", NULL);
}

static void end_other(struct other *other, int64_t *ops, int64_t *cpu)
{
	int64_t said[2];

	if (read(other->says, said, sizeof said) != sizeof said)
		stop("another process died", NULL);
	*ops += said[0];
	*cpu += said[1];
	waitpid(other->pid, NULL, 0);
	close(other->hears);
	close(other->says);
}

static int64_t write_singly(struct store *store, int hears)
{
	return write_with(store, 1, 1);
}

static int64_t write_in_batches(struct store *store, int hears)
{
	return write_with(store, 1, BULK_ROWS);
}

static int64_t write_by_eight(struct store *store, int hears)
{
	return write_with(store, 8, 1);
}

/* The first is the one that is shown, the others run beside it. */
static void bench_processes(const char *what, int64_t (*const works[])(struct store *, int),
			    size_t count, size_t shown)
{
	struct other others[4];
	int64_t ops = 0, cpu = 0, ignored = 0, start;

	for (size_t i = 0; i < count; i++) {
		fork_other(&others[i], works[i]);
		await_other(&others[i]);
	}
	start = clock_monotonic_us();
	for (size_t i = 0; i < count; i++)
		tell_other(&others[i]);
	for (size_t i = 0; i < count; i++)
		end_other(&others[i], i < shown ? &ops : &ignored, i < shown ? &cpu : &ignored);
	show(what, ops, start, cpu);
	remove_folder();
}

/* ---- waking: from the start of the write, and from its return, to poll's ---- */

static int64_t write_when_told(struct store *store, int hears)
{
	int one = 1;
	struct err err;
	char go;

	for (int i = 0; i < WAKES; i++) {
		if (i && read(hears, &go, 1) != 1)
			break;
		if (store_write(store, insert, &one, &err) < 0)
			stop("write", &err);
	}
	return WAKES;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t seen_after(int fd, int64_t from_us)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int64_t at;

	if (poll(&ready, 1, 10000) != 1)
		stop("no wake within 10 s", NULL);
	at = clock_monotonic_us();
	store_wake_clear(fd);
	return at - from_us;
}

static void bench_wake(void)
{
	static int64_t late_us[WAKES];
	int64_t ops = 0, cpu = 0, start, total = 0, own_cpu;
	struct other other;
	struct store *store;
	struct err err;
	int fd;

	fork_other(&other, write_when_told);
	await_other(&other);
	store = open_store();
	if (store_wake_fd(store, &fd, &err) < 0)
		stop("wake", &err);
	start = clock_monotonic_us();
	own_cpu = cpu_us();
	for (int i = 0; i < WAKES; i++) {
		int64_t told_us = clock_monotonic_us();

		tell_other(&other);
		late_us[i] = seen_after(fd, told_us);
		total += late_us[i];
	}
	end_other(&other, &ops, &cpu);
	show("store-write-told-to-seen", WAKES, start, cpu + cpu_us() - own_cpu);
	qsort(late_us, WAKES, sizeof late_us[0], by_number);
	printf("# told to write, committed, seen by another process: mean %.0f, median %lld, "
	       "p99 %lld us, commit to disk included\n",
	       (double)total / WAKES, (long long)late_us[WAKES / 2],
	       (long long)late_us[WAKES * 99 / 100]);
	close(fd);
	close_store(store);
}

/* The same in one thread: what of it comes after the commit. */
static void bench_wake_alone(void)
{
	static int64_t late_us[WAKES];
	struct store *store = open_store();
	int64_t start = clock_monotonic_us(), cpu = cpu_us();
	int one = 1, fd;
	struct err err;

	if (store_wake_fd(store, &fd, &err) < 0)
		stop("wake", &err);
	for (int i = 0; i < WAKES; i++) {
		if (store_write(store, insert, &one, &err) < 0)
			stop("write", &err);
		late_us[i] = seen_after(fd, clock_monotonic_us());
	}
	show("store-write-and-wake", WAKES, start, cpu_us() - cpu);
	qsort(late_us, WAKES, sizeof late_us[0], by_number);
	printf("# write returned to inotify read: median %lld, p99 %lld us\n",
	       (long long)late_us[WAKES / 2], (long long)late_us[WAKES * 99 / 100]);
	close(fd);
	close_store(store);
}

/* ---- reading ---- */

static int count_rows(struct store_tx *tx, void *context, struct err *err)
{
	return sql_number(tx, err, context, ROW_COUNT);
}

struct id_context {
	struct uuid id;
	int64_t at;
};

static int insert_one(struct store_tx *tx, void *context, struct err *err)
{
	struct id_context *row = context;

	row->id = uuid_new(tx->now_us);
	return sql_run(tx, err, ROW_INSERT, SQL_ID(row->id), SQL_INT(1), SQL_TEXT(STR_LIT("n")));
}

static int get_one(struct store_tx *tx, void *context, struct err *err)
{
	struct id_context *row = context;
	struct sql q SQL_CLOSED = sql_query(tx, err, ROW_GET, SQL_ID(row->id));

	TRY(sql_one(&q));
	row->at = sql_int(&q, 0);
	return sql_end(&q);
}

static void bench_read(void)
{
	enum { READS = 200000 };
	struct store *store = open_store();
	struct id_context row;
	int64_t start, cpu, count = 0;
	struct err err;

	if (store_write(store, insert_one, &row, &err) < 0 ||
	    store_read(store, count_rows, &count, &err) < 0)
		stop("write", &err);
	start = clock_monotonic_us();
	cpu = cpu_us();
	for (int i = 0; i < READS; i++)
		if (store_read(store, get_one, &row, &err) < 0)
			stop("read", &err);
	show("store-read-by-id", READS, start, cpu_us() - cpu);
	close_store(store);
}

int main(int argc, char **argv)
{
	static int64_t (*const eights[])(struct store *, int) = { write_by_eight, write_by_eight };
	static int64_t (*const fair[])(struct store *, int) = { write_singly, write_in_batches,
								write_in_batches };

	signal(SIGPIPE, SIG_IGN);
	snprintf(folder, sizeof folder, "%s/bench-store-%d", argc > 1 ? argv[1] : ".",
		 (int)getpid());
	snprintf(url, sizeof url, "sqlite:%s", folder);
	bench_write("store-write-1-thread", 1, 1);
	bench_write("store-write-8-threads", 8, 1);
	bench_write("store-write-64-threads", 64, 1);
	bench_write("store-write-by-1000", 1, BULK_ROWS);
	bench_processes("store-write-2-processes-by-8", eights, 2, 2);
	bench_processes("store-write-1-beside-2-of-1000", fair, 3, 1);
	bench_wake();
	bench_wake_alone();
	bench_read();
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How many jobs a second go through the bus, synced, and how soon is one taken elsewhere? With a URL and a
 * password's file as further arguments: through RabbitMQ, each publish confirmed. */
#include "base/clock.h"
#include "bench/answerd.h"
#include "bus/bus.h"
#include "loop/loop.h"
#include "store/store.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 20000, AHEAD = 512, PREFETCH = 512, LATENCIES = 300, GAP_MS = 15 };

static char folder[64], url[80], password[64];
static const char *bus_url = "embedded";

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "bus: %s: %s\n", what, err ? err->text : "");
	exit(1);
}

static struct store *open_store(void)
{
	struct store *store;
	struct err err = { 0 };

	if (store_open(str_of(url), STORE_CREATE, &store, &err) < 0)
		die("store", &err);
	return store;
}

static struct bus *open_bus(uv_loop_t *loop, struct store *store, struct uuid consumer,
			    void (*on_message)(void *context, const struct bus_message *message),
			    void *context)
{
	struct bus_settings settings = { .url = str_of(bus_url),
					 .password = str_of(password),
					 .store = store,
					 .folder = str_of(folder),
					 .loop = loop,
					 .consumer = consumer };
	struct bus_handlers handlers = { .context = context, .on_message = on_message };
	struct bus *bus;
	struct err err = { 0 };

	if (bus_open(&settings, &handlers, &bus, &err) < 0)
		die("bus", &err);
	return bus;
}

/* ---- through: published and acked by one process ---- */

struct through {
	struct bus *from, *to;
	uint64_t jobs, asked, taken;
	bool is_over;
};

static void on_published(void *context, int code);

static void publish_more(struct through *t)
{
	if (t->asked == t->jobs)
		return;
	t->asked++;
	bus_publish(t->from, BUS_SCAN_NORMAL,
		    STR_LIT("{\"v\":1,\"scan\":\"scn_01h455vb4pex5vsknk084sn02q\"}"), on_published,
		    t);
}

static void on_published(void *context, int code)
{
	struct err err = { 0 };

	if (code < 0) {
		err_set(&err, code, "code %d", code);
		die("publish", &err);
	}
	publish_more(context);
}

static void on_taken(void *context, const struct bus_message *message)
{
	struct through *t = context;

	bus_ack(t->to, message->tag);
	t->is_over = ++t->taken >= t->jobs; /* one may be left of the consumer that was killed */
}

static void run_through(uint64_t jobs)
{
	struct through t = { .jobs = jobs };
	struct store *store = open_store();
	struct bench_clock begun;
	uv_loop_t loop;
	struct err err = { 0 };

	uv_loop_init(&loop);
	t.from = open_bus(&loop, store, UUID_NIL, NULL, NULL);
	t.to = open_bus(&loop, store, uuid_new(clock_utc_us()), on_taken, &t);
	bench_begin(&begun);
	bus_consume(t.to, PREFETCH);
	for (unsigned i = 0; i < AHEAD; i++)
		publish_more(&t);
	if (loop_run_until(&loop, &t.is_over, clock_monotonic_us() + 600000000) < 0)
		die("not all came", NULL);
	if (bus_flush(t.to, &err) < 0)
		die("flush", &err);
	bench_end(&begun, "jobs", jobs);
	bus_close(t.from);
	bus_close(t.to);
	loop_run_closing(&loop);
	loop_close(&loop);
	store_close(store);
}

/* ---- latency: published by one process, taken by another that was idle ---- */

static int taken_fd;

static void on_taken_elsewhere(void *context, const struct bus_message *message)
{
	int64_t now_us = clock_monotonic_us();

	if (write(taken_fd, &now_us, sizeof now_us) != sizeof now_us)
		exit(1);
	bus_ack(*(struct bus **)context, message->tag);
}

static pid_t start_consumer(void)
{
	struct bus *bus;
	int ends[2];
	pid_t pid;
	uv_loop_t loop;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		die("fork", NULL);
	taken_fd = pid ? ends[0] : ends[1];
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	uv_loop_init(&loop);
	bus = open_bus(&loop, open_store(), uuid_new(clock_utc_us()), on_taken_elsewhere, &bus);
	bus_consume(bus, 8);
	uv_run(&loop, UV_RUN_DEFAULT);
	exit(0);
}

static void on_time(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

static void rest(uv_loop_t *loop, uint64_t ms)
{
	bool is_over = false;
	uv_timer_t timer;

	uv_timer_init(loop, &timer);
	timer.data = &is_over;
	uv_timer_start(&timer, on_time, ms, 0);
	if (loop_run_until(loop, &is_over, clock_monotonic_us() + 60000000) < 0)
		die("rest", NULL);
	uv_close((uv_handle_t *)&timer, NULL);
	loop_run_closing(loop);
}

static int by_value(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static void run_latency(void)
{
	static int64_t taken_us[LATENCIES];
	pid_t pid = start_consumer();
	struct store *store;
	struct bus *bus;
	uv_loop_t loop;

	uv_loop_init(&loop);
	store = open_store();
	bus = open_bus(&loop, store, UUID_NIL, NULL, NULL);
	rest(&loop, 300);
	for (size_t i = 0; i < LATENCIES; i++) {
		int64_t begun_us = clock_monotonic_us(), at_us;

		bus_publish(bus, BUS_SCAN_HIGH, STR_LIT("{}"), NULL, NULL);
		rest(&loop, GAP_MS);
		if (read(taken_fd, &at_us, sizeof at_us) != sizeof at_us)
			die("the consumer is gone", NULL);
		taken_us[i] = at_us - begun_us;
	}
	qsort(taken_us, LATENCIES, sizeof *taken_us, by_value);
	printf("# published to taken by another process, both commits synced, ms: p50 %.2f, "
	       "p99 %.2f\n",
	       (double)taken_us[LATENCIES / 2] / 1e3, (double)taken_us[LATENCIES * 99 / 100] / 1e3);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	bus_close(bus);
	loop_run_closing(&loop);
	loop_close(&loop);
	store_close(store);
}

static void password_read(const char *path)
{
	FILE *file = fopen(path, "r");

	if (!file || !fgets(password, sizeof password, file))
		die("password file", NULL);
	password[strcspn(password, "\n")] = '\0';
	fclose(file);
}

static void remove_folder(const char *path)
{
	DIR *files = opendir(path);
	char name[512];

	if (!files)
		return;
	for (struct dirent *file; (file = readdir(files));) {
		if (!strcmp(file->d_name, ".") || !strcmp(file->d_name, ".."))
			continue;
		snprintf(name, sizeof name, "%s/%s", path, file->d_name);
		if (file->d_type == DT_DIR)
			remove_folder(name);
		else
			unlink(name);
	}
	closedir(files);
	rmdir(path);
}

int main(int argc, char **argv)
{
	uint64_t jobs = bench_number(argc, argv, 1, JOBS);

	if (argc > 3) {
		bus_url = argv[2];
		password_read(argv[3]);
	}
	snprintf(folder, sizeof folder, "/tmp/dss-bench-bus-XXXXXX");
	if (!mkdtemp(folder))
		die("folder", NULL);
	snprintf(url, sizeof url, "sqlite:%s", folder);
	run_latency();
	run_through(jobs);
	remove_folder(folder);
	return 0;
}

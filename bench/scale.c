/* SPDX-License-Identifier: Apache-2.0 */
/* Do store and queue keep their rate as the rows grow? One process expands a batch of all domains and
 * relays it, another takes the scans from the queue, stores what they found, and acks: as scheduler
 * and worker do, without the scanning between. bench/scale.sh says how much and where. */
#include "app/expand.h"
#include "app/relay.h"
#include "base/clock.h"
#include "bench/answerd.h"
#include "bench/portfolio.h"
#include "bus/bus.h"
#include "bus/message.h"
#include "loop/loop.h"
#include "store/folder.h"
#include "store/worker.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DOMAINS = 20000, PASSES = 2, FREE_GB = 10, CAPACITY = 2000, NAP_MS = 50, SHOWN = 10 };

static char folder[200];
static const char *store_url, *queue_url;

static NORETURN void die(const char *what, const struct err *err)
{
	fprintf(stderr, "scale: %s: %s\n", what, err->text);
	exit(1);
}

static uint64_t setting(const char *name, uint64_t usual)
{
	const char *text = getenv(name);
	uint64_t value;

	return text && str_to_uint(str_of(text), UINT32_MAX, &value) == 0 && value ? value : usual;
}

/* ---- what the scheduler does: in a process of its own ---- */

struct round {
	struct relay before, relay;
	size_t count;
};

struct look {
	bool is_waiting;
	unsigned room;
};

static int hand_over(struct store_tx *tx, void *context, struct err *err)
{
	struct round *round = context;
	struct scan_waiting *scans;
	unsigned room;

	round->relay = round->before;
	round->count = 0;
	TRY(relay_room(tx, &room, err));
	TRY(relay_choose(tx, &round->relay, room, &scans, &round->count, err));
	return round->count ? relay_hand_over(tx, scans, round->count, err) : 0;
}

/* As the scheduler does it: most looks end here. */
static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct look *look = context;

	TRY(scan_backlog_reaches(tx, 1, &look->is_waiting, err));
	return look->is_waiting ? relay_room(tx, &look->room, err) : 0;
}

struct order {
	struct uuid batch;
	const char *name; /* of what is measured; literals are where they were after fork */
	uint64_t scans;
};

/* Until the next order can be read. */
static void relay_on(struct store *store, struct round *round, bool is_over)
{
	struct look looked = { 0 };
	struct err err = { 0 };

	if (store_read(store, look, &looked, &err) < 0)
		die("look", &err);
	round->count = 0;
	while (looked.room) {
		if (store_write(store, hand_over, round, &err) < 0)
			die("relay", &err);
		round->before = round->relay;
		if (round->count < RELAY_STEP)
			break;
	}
	if (is_over)
		usleep(NAP_MS * 1000);
}

static void schedule(const struct order *order, int orders)
{
	struct pollfd next = { .fd = orders, .events = POLLIN };
	struct expand_outcome outcome = { 0 };
	struct round round = { 0 };
	struct bench_clock begun;
	struct store *store;
	struct err err = { 0 };

	if (store_open(str_of(store_url), 0, &store, &err) < 0)
		die("store of the scheduler", &err);
	bench_begin(&begun);
	while (poll(&next, 1, 0) == 0) {
		if (!outcome.is_over &&
		    expand_step(store, NULL, order->batch, 0, &outcome, &err) < 0)
			die("expand", &err);
		relay_on(store, &round, outcome.is_over);
	}
	bench_end(&begun, order->name, order->scans);
	store_close(store);
}

/* Forked before anything is opened; *ret: where it takes orders. */
static pid_t start_scheduler(int *ret)
{
	struct order order;
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		exit(1);
	if (pid) {
		close(ends[0]);
		*ret = ends[1];
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(ends[1]);
	while (read(ends[0], &order, sizeof order) == sizeof order)
		schedule(&order, ends[0]);
	exit(0);
}

/* ---- what a worker does ---- */

struct held {
	uint64_t tag;
	struct uuid scan;
};

struct worker {
	struct portfolio portfolio;
	struct bus *bus;
	uv_loop_t loop;
	struct held held[CAPACITY];
	size_t held_count;
	uint64_t done, shown;
	bool is_over;
	struct bench_clock begun;
	int64_t free_bytes, beaten_us;
	int orders; /* of the scheduler */
};

static int register_worker(struct store_tx *tx, void *context, struct err *err)
{
	struct worker_row row = { .id = ((struct worker *)context)->portfolio.worker,
				  .host = STR_LIT("bench"),
				  .pid = getpid(),
				  .capacity = CAPACITY };

	return worker_register(tx, &row, err);
}

static int beat(struct store_tx *tx, void *context, struct err *err)
{
	struct worker *w = context;

	return worker_beat(tx, w->portfolio.worker, (int64_t)w->held_count, false, err);
}

static void on_message(void *context, const struct bus_message *message)
{
	struct worker *w = context;
	struct scan_message scan;
	struct arena a = { 0 };
	struct err err = { 0 };

	if (scan_message_read(&a, message->body, &scan, &err) < 0 || w->held_count == CAPACITY)
		die("message", &err);
	w->held[w->held_count++] = (struct held){ message->tag, scan.scan };
	arena_release(&a);
}

static int64_t bytes_of(struct worker *w)
{
	int64_t bytes = 0;
	struct err err = { 0 };

	if (folder[0] && portfolio_bytes(&w->portfolio, &bytes, &err) < 0)
		die("size", &err);
	return bytes;
}

static void show(struct worker *w)
{
	struct statvfs disk;
	double wall_s = bench_wall_s(&w->begun);

	if (w->done * SHOWN / w->portfolio.domains == w->shown)
		return;
	w->shown = w->done * SHOWN / w->portfolio.domains;
	printf("# %llu scans, %.0f a second so far, %.2f GB\n", (unsigned long long)w->done,
	       (double)w->done / wall_s, (double)bytes_of(w) / 1e9);
	fflush(stdout);
	if (folder[0] && statvfs(folder, &disk) == 0 &&
	    (int64_t)(disk.f_bavail * disk.f_frsize) < w->free_bytes) {
		printf("# the disk is nearly full: it ends here\n");
		w->is_over = true;
	}
}

/* What has come, one commit; the messages are acked after it. */
static void work(struct worker *w)
{
	struct scan_taking takings[PORTFOLIO_GROUP];
	size_t count = MIN(w->held_count, (size_t)PORTFOLIO_GROUP);
	struct err err = { 0 };

	for (size_t i = 0; i < count; i++)
		takings[i] = (struct scan_taking){ .scan = w->held[i].scan };
	if (portfolio_scan(&w->portfolio, takings, count, &err) < 0)
		die("results", &err);
	for (size_t i = 0; i < count; i++) {
		if (takings[i].code < 0)
			err_set(&err, takings[i].code, "code %d", takings[i].code),
				die("take", &err);
		bus_ack(w->bus, w->held[i].tag);
	}
	w->held_count -= count;
	memmove(w->held, w->held + count, w->held_count * sizeof *w->held);
	w->done += count;
}

static void beat_sometimes(struct worker *w)
{
	struct err err = { 0 };

	if (clock_monotonic_us() - w->beaten_us < WORKER_BEAT_MS * 1000)
		return;
	w->beaten_us = clock_monotonic_us();
	if (store_write(w->portfolio.store, beat, w, &err) < 0)
		die("beat", &err);
}

static void pass(struct worker *w, const char *name, const char *scheduler)
{
	struct order order = { .name = scheduler, .scans = w->portfolio.domains };
	int64_t before = bytes_of(w);
	struct err err = { 0 };

	w->done = w->shown = 0;
	if (portfolio_add_batch(&w->portfolio, &order.batch, &err) < 0)
		die("batch", &err);
	bench_begin(&w->begun);
	if (write(w->orders, &order, sizeof order) != sizeof order)
		die("the scheduler is gone", &err);
	while (w->done < w->portfolio.domains && !w->is_over) {
		uv_run(&w->loop, w->held_count ? UV_RUN_NOWAIT : UV_RUN_ONCE);
		if (w->held_count)
			work(w);
		beat_sometimes(w);
		show(w);
	}
	if (bus_flush(w->bus, &err) < 0)
		die("flush", &err);
	bench_end(&w->begun, name, w->done);
	if (folder[0])
		printf("# octets a scan: %.0f\n", (double)(bytes_of(w) - before) / (double)w->done);
}

static void open_all(struct worker *w)
{
	struct bus_settings settings = { .url = str_of(queue_url),
					 .folder = str_of(folder),
					 .loop = &w->loop };
	struct bus_handlers handlers = { .context = w, .on_message = on_message };
	struct portfolio *p = &w->portfolio;
	struct err err = { 0 };

	portfolio_init(p, (unsigned)setting("BENCH_DOMAINS", DOMAINS));
	snprintf(p->folder, sizeof p->folder, "%s", folder);
	p->facts =
		(unsigned)MIN(setting("BENCH_FACTS", PORTFOLIO_FACTS), (uint64_t)PORTFOLIO_FACTS);
	p->worker = settings.consumer = uuid_new(clock_utc_us());
	w->free_bytes = (int64_t)setting("BENCH_FREE_GB", FREE_GB) << 30;
	if (store_open(str_of(store_url), STORE_CREATE, &p->store, &err) < 0)
		die("store", &err);
	app_init(&p->app, p->store);
	settings.store = p->store;
	uv_loop_init(&w->loop);
	if (bus_open(&settings, &handlers, &w->bus, &err) < 0 ||
	    store_write(p->store, register_worker, w, &err) < 0)
		die("queue", &err);
	printf("# %u domains, %u facts and %d findings each; store %s, queue %s\n", p->domains,
	       p->facts, PORTFOLIO_FINDINGS, store_url, queue_url);
}

static void run(struct worker *w)
{
	uint64_t passes = setting("BENCH_PASSES", PASSES);
	struct bench_clock begun;
	struct err err = { 0 };

	bench_begin(&begun);
	if (portfolio_add_domains(&w->portfolio, &err) < 0)
		die("domains", &err);
	bench_end(&begun, "scale_domains", w->portfolio.domains);
	bus_consume(w->bus, CAPACITY);
	for (uint64_t i = 0; i < passes && !w->is_over; i++)
		pass(w, i ? "scale_unchanged" : "scale_first",
		     i ? "scale_unchanged_scheduler" : "scale_first_scheduler");
}

static void close_all(struct worker *w, pid_t scheduler)
{
	close(w->orders);
	waitpid(scheduler, NULL, 0);
	bus_close(w->bus);
	loop_run_closing(&w->loop);
	loop_close(&w->loop);
	store_close(w->portfolio.store);
}

int main(void)
{
	static struct worker w;
	struct str named;
	struct err err = { 0 };
	pid_t scheduler;

	store_url = getenv("BENCH_STORE");
	queue_url = getenv("BENCH_QUEUE");
	if (!store_url || !queue_url) {
		fprintf(stderr, "scale: BENCH_STORE and BENCH_QUEUE say where (bench/scale.sh)\n");
		return 2;
	}
	if (folder_of_store(str_of(store_url), &named, &err) == 0)
		snprintf(folder, sizeof folder, "%.*s", STR(named));
	scheduler = start_scheduler(&w.orders);
	open_all(&w);
	run(&w);
	close_all(&w, scheduler);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How does a worker live, hold what it has, and end? */
#include "roles/worker/worker.h"

#include "base/clock.h"
#include "base/fault.h"
#include "loop/loop.h"
#include "net/paces.h"
#include "roles/worker/parts.h"
#include "store/folder.h"
#include "store/worker.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

enum {
	AGAIN_LEAST_MS = 200, /**< between attempts while the store is down */
	AGAIN_MOST_MS = 5000
};

int64_t worker_in_ms(int64_t ms)
{
	return clock_monotonic_us() + ms * 1000;
}

struct log_ids worker_ids(const struct held *held)
{
	return (struct log_ids){ .scan_id = str_of(held->id_text),
				 .trace_id = str_of(held->trace_id) };
}

void held_free(struct held *held)
{
	struct worker *worker = held->worker;

	*held->link = held->next;
	if (held->next)
		held->next->link = held->link;
	worker->held_count--;
	arena_release(&held->scan.arena);
	memory_free(held);
}

void worker_end(struct worker *worker, int exit_code, const struct err *err)
{
	if (worker->is_over)
		return;
	worker->is_over = true;
	worker->exit_code = exit_code;
	if (err)
		*worker->err = *err;
	uv_stop(&worker->loop);
}

/* ---- the store comes and goes ---- */

bool is_store_trouble(int code)
{
	static const int codes[] = { -ENOSPC, -EIO,          -EBUSY,     -EROFS,
				     -EACCES, -EMFILE,       -ENOMEM,    -ENFILE,
				     -EDQUOT, -ECONNREFUSED, -ETIMEDOUT, ERR_CORRUPT };

	for (size_t i = 0; i < ARRAY_COUNT(codes); i++)
		if (code == codes[i])
			return true;
	return false;
}

void worker_consume(struct worker *worker)
{
	bool is_taking = !worker->is_draining && !worker->store_failures &&
			 !worker->is_resolver_gone && worker->pool && pool_ready(worker->pool);
	unsigned wanted = is_taking ? (unsigned)pool_capacity(worker->pool) : 0;

	if (!worker->bus || wanted == worker->wanted)
		return;
	worker->wanted = wanted;
	bus_consume(worker->bus, wanted);
}

void worker_store_failed(struct worker *worker, const struct err *err)
{
	int64_t delay_ms = AGAIN_LEAST_MS;

	if (!worker->store_failures++)
		log_event(worker->options->log, LEVEL_ERROR, "store.down", NULL,
			  LOG_TEXT("reason", err->text), LOG_UINT("held", worker->held_count));
	for (unsigned i = 1; i < worker->store_failures && delay_ms < AGAIN_MOST_MS; i++)
		delay_ms *= 2;
	worker_consume(worker);
	if (!timer_is_running(&worker->again))
		timer_start(&worker->timers, &worker->again,
			    worker_in_ms(MIN(delay_ms, (int64_t)AGAIN_MOST_MS)));
}

void worker_store_works(struct worker *worker)
{
	if (!worker->store_failures)
		return;
	log_event(worker->options->log, LEVEL_INFO, "store.up", NULL,
		  LOG_UINT("failures", worker->store_failures));
	worker->store_failures = 0;
	timer_stop(&worker->timers, &worker->again);
	worker_consume(worker);
	taking_go(worker);
	ending_go(worker);
}

/* One attempt: whatever waits shows whether the store is there again. */
static void on_again(struct timer *timer)
{
	struct worker *worker = OF_TIMER(timer, again);
	unsigned failures = worker->store_failures;

	worker->store_failures = 0;
	ending_go(worker);
	taking_go(worker);
	if (worker->ending.errand.is_busy || worker->taking.errand.is_busy) {
		worker->store_failures = failures;
		return;
	}
	worker->store_failures = failures;
	if (failures)
		worker_store_works(worker);
}

/* ---- the pool and the bus ---- */

static void on_end(void *data, struct pool_scan *scan)
{
	FAULT_POINT("worker.result");
	fresh_ended(scan->context);
	ending_put(scan->context);
}

struct death {
	struct errand errand;
	struct uuid id;
	int64_t token;
};

static void death_run(struct errand *errand)
{
	struct death *death = (struct death *)errand;
	int deaths;

	errand->code = app_scan_count_death(&errand->worker->app, death->id, death->token, &deaths,
					    &errand->err);
}

static void death_over(struct errand *errand)
{
	memory_free(errand); /* not counted, it counts here all the same */
}

static void on_death(void *data, struct pool_scan *scan, const char *why)
{
	struct worker *worker = data;
	struct held *held = scan->context;
	struct log_ids ids = worker_ids(held);
	struct death *death = memory_alloc(sizeof *death);

	log_event(worker->options->log, LEVEL_WARNING, "scan.scanner-died", &ids,
		  LOG_STR("domain", held->row.name), LOG_UINT("deaths", scan->deaths),
		  LOG_TEXT("reason", why));
	*death = (struct death){
		.errand = { .worker = worker, .run = death_run, .over = death_over },
		.id = held->id,
		.token = held->row.token
	};
	errand_start(&death->errand);
}

static void on_log(void *data, enum scanner_log_level level, struct str text)
{
	static const enum log_level levels[] = { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARNING };
	struct worker *worker = data;

	log_event(worker->options->log, levels[level], "scanner.said", NULL, LOG_STR("text", text));
}

static void on_room(void *data)
{
	worker_consume(data);
}

static void on_progress(void *data, struct pool_scan *scan, const struct scan_progress *progress)
{
	telling_heard(scan->context, progress);
}

const struct pool_events worker_pool_events = { .on_end = on_end,
						.on_death = on_death,
						.on_progress = on_progress,
						.on_room = on_room,
						.on_log = on_log };

static void on_message(void *context, const struct bus_message *message)
{
	taking_message(context, message);
}

/* Who has it now finds out by the token whose it is: what we do goes on, and may come first. */
static void on_lost(void *context, uint64_t tag)
{
	struct worker *worker = context;

	for (struct held *held = worker->held; held; held = held->next)
		if (held->tag == tag)
			held->tag = 0;
}

static void on_state(void *context, struct str text)
{
	struct worker *worker = context;

	log_event(worker->options->log, text.len ? LEVEL_ERROR : LEVEL_INFO,
		  text.len ? "bus.down" : "bus.up", NULL, LOG_STR("reason", text));
}

/* ---- the beginning ---- */

static unsigned cores(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : (unsigned)CPU_COUNT(&set);
}

int worker_count_machines(struct store_tx *tx, void *context, struct err *err)
{
	struct worker *worker = context;

	if (!worker->own_paces)
		return 0; /* all that are counted use this map */
	TRY(worker_count(tx, &worker->machines, err));
	return 0;
}

void worker_divide(struct worker *worker)
{
	if (worker->own_paces && !FAULT_IS_OFF("shared-pace"))
		paces_divide(worker->own_paces, worker->machines);
}

static int register_work(struct store_tx *tx, void *context, struct err *err)
{
	struct worker *worker = context;
	char host[256] = "";
	struct worker_row row = { .id = worker->id,
				  .pid = getpid(),
				  .capacity = (int64_t)pool_capacity(worker->pool) };

	gethostname(host, sizeof host - 1);
	row.host = str_of(host);
	TRY(worker_register(tx, &row, err));
	return worker_count_machines(tx, worker, err);
}

/* With the other workers of this data folder; alone rather than not at all: then each worker that lives
 * takes its part of the rates. */
static int paces_start(struct worker *worker, struct err *err)
{
	struct arena a = { 0 };
	struct str folder;
	int code = folder_of_store(worker->options->store, &folder, err);

	if (code == 0 && folder.len && !FAULT_IS_OFF("shared-pace"))
		code = paces_share(str_printf(&a, "%.*s/paces", STR(folder)).data,
				   &worker->paces_fd, err);
	arena_release(&a);
	if (code == 0 && worker->paces_fd >= 0)
		return 0;
	if (code < 0)
		log_event(worker->options->log, LEVEL_WARNING, "paces.alone", NULL,
			  LOG_TEXT("reason", err->text));
	TRY(paces_create(&worker->paces_fd, err));
	return paces_open(worker->paces_fd, &worker->own_paces, err);
}

static int pool_start(struct worker *worker, struct err *err)
{
	const struct worker_options *options = worker->options;
	struct pool_settings settings = {
		.loop = &worker->loop,
		.scanner = options->scanner,
		.scanners = options->scanners ? options->scanners : cores(),
		.in_flight = options->in_flight ? options->in_flight : WORKER_IN_FLIGHT,
	};

	settings.scanners = MIN(settings.scanners, (unsigned)WORKER_SCANNERS_MAX);
	TRY(paces_start(worker, err));
	settings.paces_fd = worker->paces_fd;
	if (worker->unbound) {
		settings.scanner.resolvers = &worker->resolver_text;
		settings.scanner.resolver_count = 1;
	}
	running_open(worker);
	settings.runner = worker->runner;
	return pool_open(&settings, &worker_pool_events, worker, &worker->pool, err);
}

static int bus_start(struct worker *worker, struct err *err)
{
	struct bus_settings settings = { .url = worker->options->bus.url,
					 .password = worker->options->bus.password,
					 .ca_file = worker->options->bus.ca_file,
					 .store = worker->store,
					 .loop = &worker->loop,
					 .consumer = worker->id };
	const struct bus_handlers handlers = { .context = worker,
					       .on_message = on_message,
					       .on_lost = on_lost,
					       .on_state = on_state };

	TRY(folder_of_store(worker->options->store, &settings.folder, err));
	return bus_open(&settings, &handlers, &worker->bus, err);
}

/* The lock that says that it lives comes before the row that others look it up by. */
static int worker_begin(struct worker *worker, struct err *err)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, 0 };

	TRY(signals_open(&worker->loop, signals, drain_signal, worker, &worker->signals, err));
	TRY(store_open(worker->options->store, STORE_CREATE, &worker->store, err));
	app_init(&worker->app, worker->store);
	worker->check_count = outcome_known(&worker->arena, &worker->check_ids);
	TRY(resolver_open(worker, err));
	TRY(pool_start(worker, err));
	if (worker->is_draining) { /* told to end before it began */
		worker_end(worker, 0, NULL);
		return 0;
	}
	TRY(bus_start(worker, err));
	TRY(store_write(worker->store, register_work, worker, err));
	worker_divide(worker);
	TRY(vigil_open(worker, err));
	worker_consume(worker);
	log_event(worker->options->log, LEVEL_INFO, "worker.ready", NULL,
		  LOG_TEXT("worker", worker->id_text),
		  LOG_UINT("capacity", pool_capacity(worker->pool)));
	if (worker->options->ready_fd)
		(void)!write(worker->options->ready_fd, "\n", 1);
	return 0;
}

/* No thread of ours may be under way when what it uses goes; what they end with starts nothing. */
static void errands_finish(struct worker *worker)
{
	const struct errand *all[] = { &worker->taking.errand,  &worker->ending.errand,
				       &worker->telling.errand, &worker->beating,
				       &worker->looking,        &worker->parting };

	for (size_t i = 0; i < ARRAY_COUNT(all); i++)
		while (all[i]->is_busy)
			uv_run(&worker->loop, UV_RUN_ONCE);
}

static void worker_close(struct worker *worker)
{
	worker->is_over = worker->is_parting = true;
	errands_finish(worker);
	fresh_close(worker);
	pool_close(worker->pool);
	runner_close(worker->runner);
	bus_close(worker->bus);
	resolver_close(worker);
	timers_close(&worker->timers);
	signals_close(worker->signals);
	vigil_close(worker);
	while (worker->held)
		held_free(worker->held);
	arena_release(&worker->taking.arena);
	arena_release(&worker->ending.arena);
	arena_release(&worker->arena);
	paces_close(worker->own_paces);
	if (worker->paces_fd >= 0)
		close(worker->paces_fd);
	loop_close(&worker->loop);
	store_close(worker->store);
}

int worker_main(const struct worker_options *options, struct err *err)
{
	struct worker *worker = memory_alloc(sizeof *worker);
	int code;

	*worker = (struct worker){ .options = options, .err = err, .paces_fd = -1 };
	worker->id = uuid_new(clock_utc_us());
	id_format(worker->id_text, "wrk", worker->id);
	worker->again.on_due = on_again;
	taking_init(worker);
	ending_init(worker);
	telling_init(worker);
	drain_init(worker);
	if (uv_loop_init(&worker->loop) < 0)
		memory_exhausted();
	timers_open(&worker->timers, &worker->loop);
	signal(SIGPIPE, SIG_IGN);
	code = worker_begin(worker, err);
	if (code < 0)
		worker->exit_code = 5;
	while (code == 0 && !worker->is_over)
		uv_run(&worker->loop, UV_RUN_DEFAULT);
	worker_close(worker);
	code = worker->exit_code;
	memory_free(worker);
	return code;
}

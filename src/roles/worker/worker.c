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
	LOOK_MS = 1000,       /**< for scans to be cancelled, when the store wakes nobody */
	LOOK_SOON_MS = 100,   /**< after the store woke us */
	AGAIN_LEAST_MS = 200, /**< between attempts while the store is down */
	AGAIN_MOST_MS = 5000,
	PART_MS = 3000 /**< before the end of a drain: time to hand back what is left */
};

#define OF_TIMER(timer, member) ((struct worker *)((char *)(timer)-offsetof(struct worker, member)))

static int64_t in_ms(int64_t ms)
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
	static const int codes[] = { -ENOSPC, -EIO,    -EBUSY,  -EROFS,  -EACCES,
				     -EMFILE, -ENOMEM, -ENFILE, -EDQUOT, ERR_CORRUPT };

	for (size_t i = 0; i < ARRAY_COUNT(codes); i++)
		if (code == codes[i])
			return true;
	return false;
}

void worker_consume(struct worker *worker)
{
	bool is_taking =
		!worker->is_draining && !worker->store_failures && pool_ready(worker->pool);
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
			    in_ms(MIN(delay_ms, (int64_t)AGAIN_MOST_MS)));
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

/* ---- signs of life ---- */

static int beat_work(struct store_tx *tx, void *context, struct err *err)
{
	const struct worker *worker = context;

	return worker_beat(tx, worker->id, (int64_t)worker->held_count, worker->is_draining, err);
}

static void beat_run(struct errand *errand)
{
	errand->code = store_write(errand->worker->store, beat_work, errand->worker, &errand->err);
}

static void beat_over(struct errand *errand)
{
	struct worker *worker = errand->worker;

	if (worker->is_parting)
		return;
	timer_start(&worker->timers, &worker->beat, in_ms(WORKER_BEAT_MS));
	if (errand->code == -ENOENT) {
		log_event(worker->options->log, LEVEL_ERROR, "worker.lost", NULL,
			  LOG_TEXT("reason", "it was given up while it did not beat"));
		err_set(&errand->err, -ENOENT, "this worker was given up by the others");
		worker_end(worker, 5, &errand->err);
	} else if (errand->code < 0) {
		worker_store_failed(worker, &errand->err);
	} else {
		worker_store_works(worker);
	}
}

static void on_beat(struct timer *timer)
{
	struct worker *worker = OF_TIMER(timer, beat);

	errand_start(&worker->beating);
}

/* ---- scans that are to stop ---- */

static void look_run(struct errand *errand)
{
	struct worker *worker = errand->worker;

	worker->cancelled_count = 0;
	errand->code =
		app_scan_cancel_asked(&worker->app, &worker->look_arena, worker->id,
				      &worker->cancelled, &worker->cancelled_count, &errand->err);
}

static void cancel(struct worker *worker, struct uuid id)
{
	for (struct held *held = worker->held; held; held = held->next) {
		if (!uuid_eq(held->id, id) || held->is_to_cancel)
			continue;
		held->is_to_cancel = true;
		if (held->phase == HELD_SCANNING && held->pool) {
			pool_cancel(held->pool, &held->scan);
		} else if (held->phase == HELD_SCANNING) {
			fresh_drop(held);
			outcome_fail(held, SCAN_IS_CANCELLED, clock_utc_us(), STR_NONE);
			ending_put(held);
		}
		return;
	}
}

static void look_over(struct errand *errand)
{
	struct worker *worker = errand->worker;

	if (worker->is_parting)
		return;
	for (size_t i = 0; errand->code == 0 && i < worker->cancelled_count; i++)
		cancel(worker, worker->cancelled[i]);
	arena_release(&worker->look_arena);
	timer_start(&worker->timers, &worker->look, in_ms(LOOK_MS));
}

static void on_look(struct timer *timer)
{
	struct worker *worker = OF_TIMER(timer, look);

	if (worker->held_count)
		errand_start(&worker->looking);
	else
		timer_start(&worker->timers, &worker->look, in_ms(LOOK_MS));
}

static void on_wake(uv_poll_t *poll, int status, int events)
{
	struct worker *worker = poll->data;

	store_wake_clear(worker->wake_fd);
	if (worker->held_count && !worker->looking.is_busy &&
	    worker->look.due_us > in_ms(LOOK_SOON_MS))
		timer_start(&worker->timers, &worker->look, in_ms(LOOK_SOON_MS));
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

const struct pool_events worker_pool_events = {
	.on_end = on_end, .on_death = on_death, .on_room = on_room, .on_log = on_log
};

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

/* ---- the end ---- */

struct parting {
	struct worker *worker;
	struct uuid *ids;
	int64_t *tokens;
	size_t count;
};

static int part_work(struct store_tx *tx, void *context, struct err *err)
{
	const struct parting *parting = context;

	for (size_t i = 0; i < parting->count; i++) {
		int code = scan_release(tx, parting->ids[i], parting->tokens[i], false, err);

		if (code < 0 && code != -ESTALE)
			return code;
	}
	return worker_remove(tx, parting->worker->id, err);
}

/* What runs is ours by its token; what waits was not taken yet. */
static void part_run(struct errand *errand)
{
	struct worker *worker = errand->worker;
	struct arena a = { 0 };
	struct parting parting = { .worker = worker };

	parting.ids = arena_array(&a, worker->held_count, sizeof *parting.ids);
	parting.tokens = arena_array(&a, worker->held_count, sizeof *parting.tokens);
	for (const struct held *held = worker->held; held; held = held->next)
		if (held->phase != HELD_TO_TAKE) {
			parting.ids[parting.count] = held->id;
			parting.tokens[parting.count++] = held->row.token;
		}
	errand->code = store_write(worker->store, part_work, &parting, &errand->err);
	arena_release(&a);
}

static void part_over(struct errand *errand)
{
	struct worker *worker = errand->worker;

	if (errand->code < 0)
		log_event(worker->options->log, LEVEL_ERROR, "worker.handback-failed", NULL,
			  LOG_TEXT("reason", errand->err.text));
	for (struct held *held = worker->held; held && errand->code == 0; held = held->next)
		if (held->tag)
			bus_give_back(worker->bus, held->tag);
	log_event(worker->options->log, LEVEL_INFO, "worker.ended", NULL,
		  LOG_UINT("handed_back", worker->held_count));
	worker_end(worker, 0, NULL);
}

/* Nothing runs in a thread that could write of what is handed back. */
static void part(struct worker *worker)
{
	if (worker->is_parting || worker->taking.errand.is_busy || worker->ending.errand.is_busy)
		return;
	worker->is_parting = true;
	for (struct held *held = worker->held; held; held = held->next)
		if (held->phase == HELD_SCANNING && held->pool)
			pool_forget(held->pool, &held->scan);
	errand_start(&worker->parting);
}

void worker_check_drain(struct worker *worker)
{
	if (worker->is_draining && (!worker->held_count || !timer_is_running(&worker->drain_over)))
		part(worker);
}

static void on_drain_over(struct timer *timer)
{
	worker_check_drain(OF_TIMER(timer, drain_over));
}

/* What was not begun goes back now: others may begin it. */
static void hand_back_waiting(struct worker *worker)
{
	struct held *held;

	while ((held = held_take(&worker->to_take))) {
		if (held->tag)
			bus_give_back(worker->bus, held->tag);
		held_free(held);
	}
}

static void on_signal(int number, void *data)
{
	struct worker *worker = data;

	if (number == SIGHUP)
		return; /* a new configuration is a new process */
	log_event(worker->options->log, LEVEL_INFO, "worker.draining", NULL,
		  LOG_INT("signal", number), LOG_UINT("held", worker->held_count));
	if (worker->is_draining) {
		timer_stop(&worker->timers, &worker->drain_over);
	} else {
		worker->is_draining = true;
		timer_start(&worker->timers, &worker->drain_over, in_ms(DRAIN_MS - PART_MS));
		worker_consume(worker);
		hand_back_waiting(worker);
	}
	worker_check_drain(worker);
}

/* ---- the beginning ---- */

static unsigned cores(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	return sched_getaffinity(0, sizeof set, &set) < 0 ? 1 : (unsigned)CPU_COUNT(&set);
}

static int register_work(struct store_tx *tx, void *context, struct err *err)
{
	const struct worker *worker = context;
	char host[256] = "";
	struct worker_row row = { .id = worker->id,
				  .pid = getpid(),
				  .capacity = (int64_t)pool_capacity(worker->pool) };

	gethostname(host, sizeof host - 1);
	row.host = str_of(host);
	return worker_register(tx, &row, err);
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
	TRY(paces_create(&worker->paces_fd, err));
	settings.paces_fd = worker->paces_fd;
	if (worker->unbound) {
		settings.scanner.resolvers = &worker->resolver_text;
		settings.scanner.resolver_count = 1;
	}
	return pool_open(&settings, &worker_pool_events, worker, &worker->pool, err);
}

static int wake_watch(struct worker *worker, struct err *err)
{
	TRY(store_wake_fd(worker->store, &worker->wake_fd, err));
	worker->wake = memory_alloc(sizeof *worker->wake);
	if (uv_poll_init(&worker->loop, worker->wake, worker->wake_fd) < 0)
		memory_exhausted();
	worker->wake->data = worker;
	uv_poll_start(worker->wake, UV_READABLE, on_wake);
	return 0;
}

static int bus_start(struct worker *worker, struct err *err)
{
	struct bus_settings settings = { .url = worker->options->bus,
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

	TRY(signals_open(&worker->loop, signals, on_signal, worker, &worker->signals, err));
	TRY(store_open(worker->options->store, STORE_CREATE, &worker->store, err));
	app_init(&worker->app, worker->store);
	worker->check_count = outcome_known(&worker->arena, &worker->check_ids);
	TRY(resolver_open(worker, err));
	TRY(pool_start(worker, err));
	TRY(bus_start(worker, err));
	TRY(store_write(worker->store, register_work, worker, err));
	TRY(wake_watch(worker, err));
	timer_start(&worker->timers, &worker->beat, in_ms(WORKER_BEAT_MS));
	timer_start(&worker->timers, &worker->look, in_ms(LOOK_MS));
	worker_consume(worker);
	log_event(worker->options->log, LEVEL_INFO, "worker.ready", NULL,
		  LOG_TEXT("worker", worker->id_text),
		  LOG_UINT("capacity", pool_capacity(worker->pool)));
	return 0;
}

/* No thread of ours may be under way when what it uses goes; what they end with starts nothing. */
static void errands_finish(struct worker *worker)
{
	const struct errand *all[] = { &worker->taking.errand, &worker->ending.errand,
				       &worker->beating, &worker->looking, &worker->parting };

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
	bus_close(worker->bus);
	resolver_close(worker);
	timers_close(&worker->timers);
	signals_close(worker->signals);
	if (worker->wake) {
		uv_close((uv_handle_t *)worker->wake, (uv_close_cb)memory_free);
		loop_run_closing(&worker->loop);
		close(worker->wake_fd);
	}
	while (worker->held)
		held_free(worker->held);
	arena_release(&worker->taking.arena);
	arena_release(&worker->ending.arena);
	arena_release(&worker->look_arena);
	arena_release(&worker->arena);
	if (worker->paces_fd >= 0)
		close(worker->paces_fd);
	loop_close(&worker->loop);
	store_close(worker->store);
}

static void errands_init(struct worker *worker)
{
	worker->beating = (struct errand){ .worker = worker, .run = beat_run, .over = beat_over };
	worker->looking = (struct errand){ .worker = worker, .run = look_run, .over = look_over };
	worker->parting = (struct errand){ .worker = worker, .run = part_run, .over = part_over };
	worker->beat.on_due = on_beat;
	worker->look.on_due = on_look;
	worker->again.on_due = on_again;
	worker->drain_over.on_due = on_drain_over;
	taking_init(worker);
	ending_init(worker);
}

int worker_main(const struct worker_options *options, struct err *err)
{
	struct worker *worker = memory_alloc(sizeof *worker);
	int code;

	*worker = (struct worker){ .options = options, .err = err, .paces_fd = -1 };
	worker->id = uuid_new(clock_utc_us());
	id_format(worker->id_text, "wrk", worker->id);
	errands_init(worker);
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

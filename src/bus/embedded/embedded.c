/* SPDX-License-Identifier: Apache-2.0 */
/* How does the embedded bus pass jobs of the store through a loop, without blocking or polling it? */
#include "bus/embedded/held.h"
#include "bus/embedded/round.h"
#include "bus/embedded/watch.h"
#include "store/folder.h"

#include <sys/random.h>
#include <unistd.h>

enum {
	LOOK_MS = 1000, /* a wake may be missed: look at least so often */
	REST_FIRST_MS = 100,
	REST_LAST_MS = 5000, /* between attempts while the store fails */
};

struct embedded {
	struct bus bus;
	struct bus_handlers on;
	struct store *store;
	struct uuid consumer;
	const char *folder; /* in arena; NULL: none */
	struct arena arena;
	int lock_fd, wake_fd;
	struct watch *watch;
	/* rounds */
	struct round *asked;   /* what was asked for since the last one began */
	struct round *running; /* the thread's */
	struct round *flushed; /* done by bus_flush, the latest first: their callbacks are due */
	uv_work_t thread;
	uv_mutex_t mutex;
	uv_cond_t over;
	bool is_over; /* under the mutex: the thread is done with the running round */
	/* when to begin one */
	uv_prepare_t prepare;
	uv_timer_t look, beat;
	uv_poll_t wake;
	bool is_looking; /* there may be something to take */
	bool is_beat_due;
	bool is_resting;
	unsigned rest_ms;
	/* what is held */
	unsigned prefetch;
	struct held held;
	struct turns turns;
	bool is_closed;
	unsigned open_handles;
};

static struct embedded *embedded_of(struct bus *bus)
{
	return (struct embedded *)bus;
}

static struct round *round_new(void)
{
	struct round *round = memory_alloc(sizeof *round);

	round_init(round);
	return round;
}

static void round_free(struct round *round)
{
	if (!round)
		return;
	round_release(round);
	memory_free(round);
}

static void on_prepare(uv_prepare_t *prepare);

/* Begin a round when all callbacks of this turn of the loop have said what they want. */
static void kick(struct embedded *e)
{
	if (!e->is_closed)
		uv_prepare_start(&e->prepare, on_prepare);
}

/* ---- a round on the thread ---- */

static void on_thread(uv_work_t *thread)
{
	struct embedded *e = thread->data;

	round_run(e->running, e->store);
	uv_mutex_lock(&e->mutex);
	e->is_over = true;
	uv_cond_signal(&e->over);
	uv_mutex_unlock(&e->mutex);
}

static void on_thread_over(uv_work_t *thread, int status);

static unsigned room_of(const struct embedded *e)
{
	return e->prefetch > e->held.count ? (unsigned)(e->prefetch - e->held.count) : 0;
}

static void begin(struct embedded *e)
{
	struct round *round = e->asked;

	if (e->running || e->is_resting)
		return;
	round->is_renewing = e->is_beat_due && e->held.count;
	round->room = room_of(e);
	if (!round_has_work(round) && !(round->room && e->is_looking))
		return;
	e->is_looking = e->is_beat_due = false;
	round->consumer = e->consumer;
	round->turns = e->turns;
	e->running = round;
	e->asked = round_new();
	e->is_over = false;
	uv_queue_work(e->prepare.loop, &e->thread, on_thread, on_thread_over);
}

static void wait_for_thread(struct embedded *e)
{
	uv_mutex_lock(&e->mutex);
	while (!e->is_over)
		uv_cond_wait(&e->over, &e->mutex);
	uv_mutex_unlock(&e->mutex);
}

/* ---- what came of it ---- */

/* What a failed round had to settle is asked for again; publishers are told. */
static void ask_again(struct embedded *e, struct round *round)
{
	size_t kept = 0;

	for (size_t i = 0; i < round->order_count; i++) {
		struct order *order = &round->order[i];

		if (order->kind == ORDER_PUBLISH) {
			round->order[kept++] = *order;
		} else {
			struct order *again = round_order(e->asked, order->kind, order->text);
			struct str text = again->text;

			*again = *order;
			again->text = text;
		}
	}
	round->order_count = kept;
	for (size_t i = 0; i < round->dead_count; i++)
		round_dead(e->asked, round->dead[i]);
	round->dead_count = 0;
	e->is_beat_due |= round->is_renewing;
	e->is_looking |= round->room > 0;
}

static void say_state(struct embedded *e, struct str text)
{
	if (e->on.on_state)
		e->on.on_state(e->on.context, text);
}

static void on_look(uv_timer_t *timer)
{
	struct embedded *e = timer->data;

	e->is_resting = false;
	e->is_looking = true;
	kick(e);
}

static void rest(struct embedded *e, const struct err *err)
{
	if (!e->rest_ms)
		say_state(e, str_of(err->text));
	e->rest_ms = MIN(MAX(e->rest_ms * 2, (unsigned)REST_FIRST_MS), (unsigned)REST_LAST_MS);
	e->is_resting = true;
	uv_timer_start(&e->look, on_look, e->rest_ms, 0);
}

static void tell_lost(struct embedded *e, uint64_t tag)
{
	if (e->on.on_lost)
		e->on.on_lost(e->on.context, tag);
}

static void tell_orders(struct embedded *e, const struct round *round)
{
	for (size_t i = 0; i < round->order_count; i++) {
		const struct order *order = &round->order[i];

		if (order->kind != ORDER_PUBLISH) {
			if (order->code < 0)
				tell_lost(e, order->tag);
		} else if (order->done) {
			order->done(order->context, round->code < 0 ? round->code : order->code);
		}
	}
}

static bool is_held(const struct round *round, const struct held_job *job)
{
	for (size_t i = 0; i < round->held_count; i++)
		if (round->held[i].no == job->no && round->held[i].token == job->token)
			return true;
	return false;
}

/* Jobs that were rescued while this process was stopped or cut off. */
static void drop_lost(struct embedded *e, const struct round *round)
{
	for (size_t i = 0; i < e->held.places; i++) {
		struct held_job job = e->held.job[i];

		if (!job.tag || is_held(round, &job))
			continue;
		held_remove(&e->held, job.tag, &job);
		tell_lost(e, job.tag);
	}
}

static void deliver(struct embedded *e, const struct round *round)
{
	for (size_t i = 0; i < round->taken_count; i++) {
		const struct job_row *job = &round->taken[i];
		struct bus_message message = {
			.tag = held_add(&e->held, job),
			.queue = (enum bus_queue)job->queue,
			.attempt = job->attempt,
			.body = job->message,
		};

		e->on.on_message(e->on.context, &message);
	}
}

static void plan_look(struct embedded *e, const struct round *round)
{
	int64_t ms = LOOK_MS;

	if (!e->prefetch || !round->room)
		return;
	if (round->taken_count == round->room)
		e->is_looking = true; /* there may be more */
	if (round->due_in_us >= 0)
		ms = MIN(ms, round->due_in_us / 1000 + 1);
	uv_timer_start(&e->look, on_look, (uint64_t)ms, 0);
}

static void settle_round(struct embedded *e, struct round *round)
{
	if (round->code < 0) {
		ask_again(e, round);
		tell_orders(e, round);
		rest(e, &round->err);
		return;
	}
	if (e->rest_ms) {
		e->rest_ms = 0;
		say_state(e, STR_NONE);
	}
	e->turns = round->turns;
	tell_orders(e, round);
	if (round->is_renewing)
		drop_lost(e, round);
	deliver(e, round);
	plan_look(e, round);
}

static void on_closed(uv_handle_t *handle);

static void on_thread_over(uv_work_t *thread, int status)
{
	struct embedded *e = thread->data;
	struct round *round = e->running;

	if (e->is_closed) {
		on_closed((uv_handle_t *)&e->prepare);
		return;
	}
	e->running = NULL;
	settle_round(e, round);
	round_free(round);
	kick(e);
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct embedded *e = prepare->data;
	struct round *flushed = e->flushed;

	uv_prepare_stop(prepare);
	e->flushed = NULL;
	for (struct round *next; flushed; flushed = next) {
		next = flushed->next;
		tell_orders(e, flushed);
		round_free(flushed);
	}
	begin(e);
}

static void on_wake(uv_poll_t *poll, int status, int events)
{
	struct embedded *e = poll->data;

	store_wake_clear(e->wake_fd);
	e->is_looking = true;
	kick(e);
}

static void on_beat(uv_timer_t *timer)
{
	struct embedded *e = timer->data;

	e->is_beat_due = true;
	kick(e);
}

static void on_dead(void *context, struct uuid worker)
{
	struct embedded *e = context;

	round_dead(e->asked, worker);
	kick(e);
}

/* ---- the interface ---- */

static void publish(struct bus *bus, enum bus_queue queue, struct str body,
		    void (*done)(void *context, int code), void *context)
{
	struct embedded *e = embedded_of(bus);
	struct order *order;

	order = round_order(e->asked, ORDER_PUBLISH, str_first(body, BUS_BODY_BYTES + 1));
	order->queue = (int)queue;
	order->done = done;
	order->context = context;
	kick(e);
}

static void consume(struct bus *bus, unsigned prefetch)
{
	struct embedded *e = embedded_of(bus);

	e->prefetch = uuid_is_nil(e->consumer) ? 0 : prefetch;
	e->is_looking = true;
	if (e->prefetch)
		kick(e);
	else if (!e->is_resting)
		uv_timer_stop(&e->look);
}

static int64_t retry_delay_us(const struct held_job *job, unsigned delay_ms)
{
	uint32_t random = 0;

	if (delay_ms)
		return (int64_t)delay_ms * 1000;
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		random = (uint32_t)job->no * 2654435761u; /* only jitter */
	return bus_backoff_us(job->attempt, random);
}

static void settle(struct bus *bus, uint64_t tag, enum bus_settling how, unsigned delay_ms,
		   struct str reason)
{
	static const enum order_kind kinds[] = {
		[BUS_ACK] = ORDER_ACK,
		[BUS_RETRY] = ORDER_RETRY,
		[BUS_BURY] = ORDER_BURY,
		[BUS_GIVE_BACK] = ORDER_GIVE_BACK,
	};
	struct embedded *e = embedded_of(bus);
	struct held_job job;
	struct order *order;

	if (!held_remove(&e->held, tag, &job))
		return;
	if (how == BUS_RETRY && job.attempt >= BUS_ATTEMPTS)
		how = BUS_BURY;
	order = round_order(e->asked, kinds[how], reason);
	order->tag = tag;
	order->no = job.no;
	order->token = job.token;
	if (how == BUS_RETRY)
		order->delay_us = retry_delay_us(&job, delay_ms);
	kick(e);
}

static int flush(struct bus *bus, struct err *err)
{
	struct embedded *e = embedded_of(bus);
	struct round *round;

	if (e->running) {
		wait_for_thread(e);
		if (e->running->code < 0)
			ask_again(e, e->running);
	}
	round = e->asked;
	if (!round_has_work(round))
		return 0;
	round->room = 0;
	round->is_renewing = false;
	round_run(round, e->store);
	if (round->code < 0)
		return err_set(err, round->code, "%s", round->err.text);
	e->asked = round_new();
	round->next = e->flushed;
	e->flushed = round;
	kick(e);
	return 0;
}

/* ---- opening, closing ---- */

static void embedded_free(struct embedded *e)
{
	round_free(e->asked);
	round_free(e->running);
	for (struct round *next; e->flushed; e->flushed = next) {
		next = e->flushed->next;
		round_free(e->flushed);
	}
	held_release(&e->held);
	uv_mutex_destroy(&e->mutex);
	uv_cond_destroy(&e->over);
	if (e->wake_fd >= 0)
		close(e->wake_fd);
	arena_release(&e->arena);
	memory_free(e);
}

static void on_closed(uv_handle_t *handle)
{
	struct embedded *e = handle->data;

	if (!--e->open_handles)
		embedded_free(e);
}

static void close_handles(struct embedded *e)
{
	uv_handle_t *const handles[] = { (uv_handle_t *)&e->prepare, (uv_handle_t *)&e->look,
					 (uv_handle_t *)&e->beat, (uv_handle_t *)&e->wake };
	size_t count = e->wake_fd >= 0 ? 4 : 3;

	e->open_handles = (unsigned)count + (e->running ? 1 : 0);
	for (size_t i = 0; i < count; i++)
		uv_close(handles[i], on_closed);
}

static void give_back(struct embedded *e, int64_t no, int64_t token)
{
	struct order *order = round_order(e->asked, ORDER_GIVE_BACK, STR_NONE);

	order->no = no;
	order->token = token;
}

static void embedded_close(struct bus *bus)
{
	struct embedded *e = embedded_of(bus);

	e->is_closed = true;
	if (e->running) {
		wait_for_thread(e);
		for (size_t i = 0; i < e->running->taken_count; i++)
			give_back(e, e->running->taken[i].no, e->running->taken[i].token);
	}
	for (size_t i = 0; i < e->held.places; i++)
		if (e->held.job[i].tag)
			give_back(e, e->held.job[i].no, e->held.job[i].token);
	(void)!flush(bus, NULL); /* when the store fails, the leases run out */
	watch_close(e->watch);
	if (e->lock_fd >= 0)
		worker_lock_release(e->folder, e->consumer, e->lock_fd);
	close_handles(e);
}

/* What can fail. */
static int open_files(struct embedded *e, const struct bus_settings *settings, struct err *err)
{
	if (e->folder && !uuid_is_nil(e->consumer))
		TRY(worker_lock_take(e->folder, e->consumer, &e->lock_fd, err));
	if (!uuid_is_nil(e->consumer))
		TRY(store_wake_fd(e->store, &e->wake_fd, err));
	if (e->folder)
		TRY(watch_open(settings->loop, settings->folder, on_dead, e, &e->watch, err));
	return 0;
}

static void open_handles(struct embedded *e, uv_loop_t *loop)
{
	uv_prepare_init(loop, &e->prepare);
	uv_timer_init(loop, &e->look);
	uv_timer_init(loop, &e->beat);
	e->prepare.data = e->look.data = e->beat.data = e->thread.data = e->wake.data = e;
	if (e->wake_fd < 0)
		return;
	uv_poll_init(loop, &e->wake, e->wake_fd);
	uv_poll_start(&e->wake, UV_READABLE, on_wake);
	uv_timer_start(&e->beat, on_beat, BUS_BEAT_MS, BUS_BEAT_MS);
}

static int embedded_open(const struct bus_settings *settings, const struct bus_handlers *handlers,
			 struct bus **ret, struct err *err)
{
	struct embedded *e = memory_alloc(sizeof *e);
	int code;

	*e = (struct embedded){ .bus.backend = &bus_embedded,
				.on = *handlers,
				.store = settings->store,
				.consumer = settings->consumer,
				.lock_fd = -1,
				.wake_fd = -1 };
	if (settings->folder.len)
		e->folder = str_cstring(&e->arena, settings->folder);
	uv_mutex_init(&e->mutex);
	uv_cond_init(&e->over);
	e->asked = round_new();
	code = open_files(e, settings, err);
	if (code < 0) {
		if (e->lock_fd >= 0)
			worker_lock_release(e->folder, e->consumer, e->lock_fd);
		embedded_free(e);
		return code;
	}
	open_handles(e, settings->loop);
	*ret = &e->bus;
	return 0;
}

const struct bus_backend bus_embedded = {
	.scheme = STR_INIT("embedded"),
	.open = embedded_open,
	.close = embedded_close,
	.publish = publish,
	.consume = consume,
	.settle = settle,
	.flush = flush,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* When does the notifier look, and what does it do then? */
#include "roles/notifier/notifier.h"

#include "app/route.h"
#include "base/clock.h"
#include "base/fault.h"
#include "loop/loop.h"
#include "roles/notifier/outbox.h"
#include "store/folder.h"

#include <signal.h>
#include <unistd.h>

enum {
	LOOK_US = 1000000,   /* safety net under the wake descriptor */
	APART_US = 5000,     /* from round to round at least, however often we are woken */
	REST_US = 1000000,   /* after a failure */
	RESCUE_US = 2000000, /* dead notifiers are looked for */
	SWEEP_US = 60000000,
	STEPS = 20, /* of events, in one round */
	DRAIN_US = 20000000
};

struct notifier {
	struct timer timer; /* first: it is what a due timer is of */
	const struct notifier_options *options;
	struct store *store;
	struct arena arena; /* of the process */
	struct arena round; /* of what one round takes */
	uv_loop_t loop;
	struct signals *signals;
	struct timers timers;
	uv_poll_t wake;
	int wake_fd, lock_fd;
	struct str folder;
	struct uuid id;
	struct route route;
	struct outbox outbox;
	int64_t round_us, renew_us, rescue_us, sweep_us; /* monotonic */
	bool was_ready, is_failing, is_ending;
};

static const struct log *log_of(const struct notifier *notifier)
{
	return notifier->options->log;
}

/* ---- a round ---- */

static int round_route(struct notifier *notifier, struct err *err)
{
	struct routed routed = { .has_more = true };

	for (int i = 0; i < STEPS && routed.has_more; i++) {
		TRY(route_events(notifier->store, &notifier->route, &routed, err));
		if (routed.wanted)
			log_event(log_of(notifier), LEVEL_INFO, "events.routed", NULL,
				  LOG_UINT("events", routed.events),
				  LOG_UINT("wanted", routed.wanted),
				  LOG_UINT("messages", routed.messages),
				  LOG_UINT("gathered", routed.gathered));
		if (routed.broken_rule[0])
			log_event(log_of(notifier), LEVEL_WARNING, "rule.broken", NULL,
				  LOG_TEXT("rule", routed.broken_rule));
	}
	return routed.has_more;
}

static int round_send(struct notifier *notifier, int64_t *ret_wait_us, struct err *err)
{
	struct dispatch_take take = { .holder = notifier->id,
				      .room = outbox_room(&notifier->outbox) };

	*ret_wait_us = LOOK_US;
	if (!take.room)
		return 0; /* on_room wakes us */
	TRY(dispatch_take(notifier->store, &notifier->round, &take, err));
	if (take.count)
		FAULT_POINT("notifier.before-send");
	for (size_t i = 0; i < take.count; i++)
		outbox_send(&notifier->outbox, &take.items[i]);
	if (take.reclaimed)
		log_event(log_of(notifier), LEVEL_WARNING, "delivery.reclaimed", NULL,
			  LOG_INT("deliveries", take.reclaimed));
	if (take.count)
		*ret_wait_us = 0; /* there may be more */
	else if (take.wait_us >= 0)
		*ret_wait_us = MIN(take.wait_us, (int64_t)LOOK_US);
	return 0;
}

static bool is_dead(void *context, struct uuid holder)
{
	struct notifier *notifier = context;

	return !uuid_eq(holder, notifier->id) &&
	       worker_is_alive(notifier->folder.data, holder, NULL) == 0;
}

static int round_care(struct notifier *notifier, int64_t now_us, struct err *err)
{
	int64_t freed = 0, given_up = 0, beats = 0;

	if (now_us >= notifier->renew_us) {
		if (!outbox_is_empty(&notifier->outbox))
			TRY(dispatch_renew(notifier->store, notifier->id, err));
		notifier->renew_us = now_us + DISPATCH_RENEW_S * INT64_C(1000000);
	}
	if (notifier->folder.len && now_us >= notifier->rescue_us) {
		TRY(dispatch_rescue(notifier->store, is_dead, notifier, &freed, err));
		notifier->rescue_us = now_us + RESCUE_US;
	}
	if (freed)
		log_event(log_of(notifier), LEVEL_WARNING, "delivery.rescued", NULL,
			  LOG_INT("deliveries", freed));
	if (now_us < notifier->sweep_us)
		return 0;
	TRY(dispatch_sweep(notifier->store, &given_up, &beats, err));
	notifier->sweep_us = now_us + SWEEP_US;
	if (given_up)
		log_event(log_of(notifier), LEVEL_WARNING, "delivery.given_up", NULL,
			  LOG_INT("deliveries", given_up));
	return 0;
}

static int round_run(struct notifier *notifier, int64_t *ret_wait_us, struct err *err)
{
	int more;

	TRY(round_care(notifier, clock_monotonic_us(), err));
	TRY(more = round_route(notifier, err));
	TRY(round_send(notifier, ret_wait_us, err));
	if (more)
		*ret_wait_us = 0;
	return 0;
}

static void on_due(struct timer *timer)
{
	struct notifier *notifier = (struct notifier *)timer;
	struct err err = { 0 };
	int64_t wait_us = LOOK_US;

	if (notifier->is_ending)
		return;
	if (round_run(notifier, &wait_us, &err) < 0) {
		if (!notifier->is_failing)
			log_event(log_of(notifier), LEVEL_ERROR, "notifier.failing", NULL,
				  LOG_TEXT("error", err.text));
		notifier->is_failing = true;
		wait_us = REST_US;
	} else if (notifier->is_failing) {
		notifier->is_failing = false;
		log_event(log_of(notifier), LEVEL_INFO, "notifier.recovered", NULL,
			  LOG_TEXT("store", "answers"));
	}
	arena_release(&notifier->round);
	notifier->round_us = clock_monotonic_us();
	timer_start(&notifier->timers, &notifier->timer,
		    notifier->round_us + MAX(wait_us, (int64_t)APART_US));
}

static void look_soon(struct notifier *notifier)
{
	int64_t due_us = notifier->round_us + APART_US;

	if (notifier->is_failing || notifier->is_ending)
		return;
	if (!timer_is_running(&notifier->timer) || notifier->timer.due_us > due_us)
		timer_start(&notifier->timers, &notifier->timer, due_us);
}

/* ---- what wakes it ---- */

static void on_room(void *context)
{
	struct notifier *notifier = context;

	if (!notifier->was_ready && notifier->outbox.is_ready) {
		notifier->was_ready = true;
		log_event(log_of(notifier), LEVEL_INFO, "notifier.ready", NULL,
			  LOG_STR("store", notifier->options->store));
		if (notifier->options->ready_fd)
			(void)!write(notifier->options->ready_fd, "\n", 1);
	}
	look_soon(notifier);
}

static void on_wake(uv_poll_t *handle, int status, int events)
{
	struct notifier *notifier = handle->data;

	store_wake_clear(notifier->wake_fd);
	look_soon(notifier);
}

static void on_signal(int number, void *data)
{
	struct notifier *notifier = data;

	notifier->is_ending = number != SIGHUP; /* a new configuration is a new process */
}

/* ---- life ---- */

static int open_parts(struct notifier *notifier, struct err *err)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, 0 };
	struct str folder;
	int code;

	TRY(store_open(notifier->options->store, STORE_CREATE, &notifier->store, err));
	TRY(folder_of_store(notifier->options->store, &folder, err));
	notifier->folder = str_copy(&notifier->arena, folder);
	if (folder.len)
		TRY(worker_lock_take(notifier->folder.data, notifier->id, &notifier->lock_fd, err));
	TRY(store_wake_fd(notifier->store, &notifier->wake_fd, err));
	TRY(signals_open(&notifier->loop, numbers, on_signal, notifier, &notifier->signals, err));
	notifier->outbox.options = notifier->options;
	notifier->outbox.store = notifier->store;
	notifier->outbox.loop = &notifier->loop;
	notifier->outbox.timers = &notifier->timers;
	notifier->outbox.on_room = on_room;
	notifier->outbox.context = notifier;
	TRY(outbox_open(&notifier->outbox, err));
	code = uv_poll_init(&notifier->loop, &notifier->wake, notifier->wake_fd);
	if (code == 0)
		code = uv_poll_start(&notifier->wake, UV_READABLE, on_wake);
	return code < 0 ? err_set(err, code, "waiting for the store: %s", uv_strerror(code)) : 0;
}

static void close_parts(struct notifier *notifier)
{
	if (notifier->outbox.options)
		outbox_close(&notifier->outbox);
	if (notifier->lock_fd >= 0)
		worker_lock_release(notifier->folder.data, notifier->id, notifier->lock_fd);
	signals_close(notifier->signals);
	timers_close(&notifier->timers);
	(void)loop_close(&notifier->loop);
	if (notifier->wake_fd >= 0)
		close(notifier->wake_fd);
	store_close(notifier->store);
	arena_release(&notifier->round);
	arena_release(&notifier->arena);
}

/* What is being sent may end: it would be sent twice otherwise. */
static void drain(struct notifier *notifier)
{
	int64_t until_us = clock_monotonic_us() + DRAIN_US;

	outbox_finish(&notifier->outbox);
	while (!outbox_is_empty(&notifier->outbox) && clock_monotonic_us() < until_us) {
		bool is_over = false;

		(void)!loop_run_until(&notifier->loop, &is_over, clock_monotonic_us() + 50000);
	}
}

int notifier_main(const struct notifier_options *options, struct err *err)
{
	struct notifier *notifier = memory_alloc(sizeof *notifier);
	int code;

	*notifier = (struct notifier){ .options = options, .wake_fd = -1, .lock_fd = -1 };
	notifier->id = uuid_new(clock_utc_us());
	notifier->timer.on_due = on_due;
	notifier->wake.data = notifier;
	if (uv_loop_init(&notifier->loop) < 0)
		memory_exhausted();
	timers_open(&notifier->timers, &notifier->loop);
	code = open_parts(notifier, err);
	if (code == 0) {
		timer_start(&notifier->timers, &notifier->timer, clock_monotonic_us());
		while (!notifier->is_ending)
			uv_run(&notifier->loop, UV_RUN_ONCE);
		drain(notifier);
		log_event(options->log, LEVEL_INFO, "notifier.ended", NULL,
			  LOG_STR("store", options->store));
	}
	close_parts(notifier);
	memory_free(notifier);
	return code;
}

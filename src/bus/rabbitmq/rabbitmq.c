/* SPDX-License-Identifier: Apache-2.0 */
/* How does RabbitMQ do what bus/bus.h promises? */
#include "bus/rabbitmq/parts.h"

#include "base/clock.h"
#include "bus/rabbitmq/topology.h"
#include "store/folder.h"

#include <poll.h>

enum { FLUSH_MS = 10000, CLOSE_MS = 5000, GOODBYE_MS = 500, SECOND_MS = 1000, DEPTHS_S = 5 };

static struct rabbit *rabbit_of(struct bus *bus)
{
	return (struct rabbit *)bus;
}

/* ---- what is told ---- */

static struct event *event_new(struct rabbit *rabbit)
{
	if (rabbit->event_count == rabbit->event_room) {
		rabbit->event_room = MAX(2 * rabbit->event_room, (size_t)64);
		rabbit->event =
			memory_resize(rabbit->event, rabbit->event_room * sizeof *rabbit->event);
	}
	rabbit_soon(rabbit);
	rabbit->event[rabbit->event_count] = (struct event){ 0 };
	return &rabbit->event[rabbit->event_count++];
}

void rabbit_tell_done(struct rabbit *rabbit, void (*done)(void *context, int code), void *context,
		      int code)
{
	struct event *event = event_new(rabbit);

	event->done = done;
	event->context = context;
	event->code = code;
}

void rabbit_tell_lost(struct rabbit *rabbit, uint64_t tag)
{
	event_new(rabbit)->lost = tag;
}

static void tell_state(struct rabbit *rabbit, struct str text)
{
	char *copy = memory_alloc(text.len + 1);

	if (text.len)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	event_new(rabbit)->state = copy;
}

/* Each reason once, until all is well again. */
static void state_look(struct rabbit *rabbit)
{
	const char *texts[] = { rabbit->publisher_text, rabbit->consumer_text,
				rabbit->blocked_text };
	struct str text = STR_NONE;
	uint64_t hash;

	for (size_t i = 0; i < ARRAY_COUNT(texts) && !text.len; i++)
		text = str_of(texts[i]);
	if (!text.len) {
		if (rabbit->is_told)
			tell_state(rabbit, STR_NONE);
		rabbit->is_told = false;
		rabbit->told_count = 0;
		return;
	}
	hash = str_hash(text);
	for (size_t i = 0; i < rabbit->told_count; i++)
		if (rabbit->told[i] == hash)
			return;
	if (rabbit->told_count == TOLD_TEXTS)
		return;
	rabbit->told[rabbit->told_count++] = hash;
	rabbit->is_told = true;
	tell_state(rabbit, text);
}

void rabbit_state(struct rabbit *rabbit, char which[static STATE_BYTES], struct str text)
{
	snprintf(which, STATE_BYTES, "%.*s", STR(text));
	state_look(rabbit);
}

static void tell(struct rabbit *rabbit, struct event *event)
{
	if (event->done)
		event->done(event->context, event->code);
	else if (event->lost && rabbit->on.on_lost)
		rabbit->on.on_lost(rabbit->on.context, event->lost);
	else if (event->state && rabbit->on.on_state)
		rabbit->on.on_state(rabbit->on.context, str_of(event->state));
	memory_free(event->state);
}

/* Those that come meanwhile have their turn next time. */
static void tell_all(struct rabbit *rabbit)
{
	struct event *events = rabbit->event;
	size_t count = rabbit->event_count;

	rabbit->event = NULL;
	rabbit->event_count = rabbit->event_room = 0;
	for (size_t i = 0; i < count; i++)
		tell(rabbit, &events[i]);
	memory_free(events);
}

/* ---- the turns of the loop ---- */

static void on_soon(uv_timer_t *timer)
{
	struct rabbit *rabbit = timer->data;

	rabbit->is_soon = false;
	tell_all(rabbit);
	consumer_go(rabbit);
	publisher_go(rabbit);
}

void rabbit_soon(struct rabbit *rabbit)
{
	if (rabbit->is_soon || rabbit->is_closed)
		return;
	rabbit->is_soon = true;
	uv_timer_start(rabbit->soon, on_soon, 0, 0);
}

static void on_later(uv_timer_t *timer)
{
	rabbit_soon(timer->data);
}

void rabbit_later(struct rabbit *rabbit, unsigned ms)
{
	if (!uv_is_active((uv_handle_t *)rabbit->later))
		uv_timer_start(rabbit->later, on_later, ms, 0);
}

static void on_second(uv_timer_t *timer)
{
	struct rabbit *rabbit = timer->data;

	publisher_look(rabbit);
	consumer_look(rabbit);
	if (++rabbit->seconds % DEPTHS_S == 0)
		publisher_ask_depths(rabbit);
}

/* ---- the interface ---- */

static void publish(struct bus *bus, enum bus_queue queue, struct str body,
		    void (*done)(void *context, int code), void *context)
{
	publisher_put(rabbit_of(bus), &(struct letter){ .queue = queue,
							.first_us = clock_utc_us(),
							.body = body,
							.done = done,
							.context = context });
}

static void consume(struct bus *bus, unsigned prefetch)
{
	struct rabbit *rabbit = rabbit_of(bus);

	rabbit->consumer.prefetch = uuid_is_nil(rabbit->id) ? 0 : prefetch;
	rabbit_soon(rabbit);
}

static void collect(struct bus *bus, unsigned prefetch)
{
	struct rabbit *rabbit = rabbit_of(bus);

	rabbit->consumer.letters = rabbit->on.on_letter ? prefetch : 0;
	rabbit_soon(rabbit);
}

static void settle(struct bus *bus, uint64_t tag, enum bus_settling how, unsigned delay_ms,
		   struct str reason)
{
	consumer_settle(rabbit_of(bus), tag, how, delay_ms, reason);
}

/* ---- without the loop ---- */

static bool is_done(const struct rabbit *rabbit, bool is_asked)
{
	const struct consumer *consumer = &rabbit->consumer;
	bool has_published = publisher_is_idle(&rabbit->publisher),
	     has_settled =
		     !consumer->session || !session_is_open(consumer->session) ||
		     (is_asked && !consumer->limits_awaited && !session_queued(consumer->session));

	return has_published && has_settled;
}

static void wait_and_step(struct rabbit *rabbit, int64_t until_us)
{
	struct session *sessions[] = { rabbit->publisher.session, rabbit->consumer.session };
	struct pollfd fds[ARRAY_COUNT(sessions)];
	nfds_t count = 0;
	int64_t wait_ms = MIN((until_us - clock_monotonic_us()) / 1000 + 1, 100);

	for (size_t i = 0; i < ARRAY_COUNT(sessions); i++) {
		int fd = sessions[i] ? session_descriptor(sessions[i], &fds[count].events) : -1;

		if (fd >= 0)
			fds[count++].fd = fd;
	}
	(void)poll(fds, count, (int)MAX(wait_ms, 0));
	for (size_t i = 0; i < ARRAY_COUNT(sessions); i++)
		if (sessions[i])
			session_step(sessions[i]);
}

static int flush_for(struct rabbit *rabbit, int64_t ms, struct err *err)
{
	struct consumer *consumer = &rabbit->consumer;
	int64_t until_us = clock_monotonic_us() + ms * 1000;
	bool is_asked = false;

	for (;;) {
		publisher_go(rabbit);
		if (!is_asked && publisher_is_idle(&rabbit->publisher) && consumer->session &&
		    session_is_open(consumer->session)) {
			taps_limit(consumer, 1);
			is_asked = true;
		}
		if (consumer->session)
			session_send(consumer->session);
		if (is_done(rabbit, is_asked))
			return 0;
		if (session_is_resting(rabbit->publisher.session))
			return err_set(err, -ENOTCONN, "%s", rabbit->publisher_text);
		if (clock_monotonic_us() > until_us)
			return err_set(err, -ETIMEDOUT, "%s",
				       rabbit->blocked_text[0]
					       ? rabbit->blocked_text
					       : "the broker did not answer in time");
		wait_and_step(rabbit, until_us);
	}
}

static int flush(struct bus *bus, struct err *err)
{
	return flush_for(rabbit_of(bus), FLUSH_MS, err);
}

static int probe(struct bus *bus, struct err *err)
{
	struct rabbit *rabbit = rabbit_of(bus);
	struct publisher *publisher = &rabbit->publisher;
	int64_t until_us = clock_monotonic_us() + FLUSH_MS * 1000ll;

	while (!publisher->is_ready && !session_is_resting(publisher->session) &&
	       clock_monotonic_us() < until_us)
		wait_and_step(rabbit, until_us);
	if (publisher->is_ready)
		return 0;
	return err_set(err, -ENOTCONN, "%s",
		       rabbit->publisher_text[0] ? rabbit->publisher_text
						 : "the broker did not answer in time");
}

static void goodbye(struct rabbit *rabbit)
{
	struct session *sessions[] = { rabbit->publisher.session, rabbit->consumer.session };
	int64_t until_us = clock_monotonic_us() + GOODBYE_MS * 1000;
	bool is_open = true;

	for (size_t i = 0; i < ARRAY_COUNT(sessions); i++)
		if (sessions[i])
			session_goodbye(sessions[i]);
	while (is_open && clock_monotonic_us() < until_us) {
		is_open = false;
		for (size_t i = 0; i < ARRAY_COUNT(sessions); i++)
			is_open |= sessions[i] && session_is_open(sessions[i]);
		if (is_open)
			wait_and_step(rabbit, until_us);
	}
}

static void timer_close(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, (uv_close_cb)memory_free);
}

static void rabbit_free(struct rabbit *rabbit)
{
	if (rabbit->lock_fd >= 0)
		worker_lock_release(rabbit->folder, rabbit->id, rabbit->lock_fd);
	for (size_t i = 0; i < rabbit->event_count; i++)
		memory_free(rabbit->event[i].state);
	memory_free(rabbit->event);
	link_tls_close(rabbit->tls);
	if (rabbit->settings.password.len)
		explicit_bzero((char *)rabbit->settings.password.data,
			       rabbit->settings.password.len);
	arena_release(&rabbit->arena);
	memory_free(rabbit);
}

/* What cannot be given back in time comes back by itself when the connection ends, and counts. */
static void rabbit_close(struct bus *bus)
{
	struct rabbit *rabbit = rabbit_of(bus);

	rabbit->is_closed = true;
	consumer_give_all_back(rabbit);
	(void)!flush_for(rabbit, CLOSE_MS, NULL);
	goodbye(rabbit);
	consumer_close(rabbit);
	publisher_close(rabbit);
	timer_close(rabbit->soon);
	timer_close(rabbit->later);
	timer_close(rabbit->second);
	rabbit_free(rabbit);
}

static uv_timer_t *timer_open(struct rabbit *rabbit, uv_loop_t *loop)
{
	uv_timer_t *timer = memory_alloc(sizeof *timer);

	uv_timer_init(loop, timer);
	timer->data = rabbit;
	return timer;
}

static int settings_take(struct rabbit *rabbit, const struct bus_settings *settings,
			 struct err *err)
{
	const char *ca_file =
		settings->ca_file.len ? str_cstring(&rabbit->arena, settings->ca_file) : NULL;

	TRY(broker_url_parse(&rabbit->arena, str_copy(&rabbit->arena, settings->url), &rabbit->url,
			     err));
	if (!settings->password.len)
		return err_set(err, -EINVAL,
			       "bus: no password for \"%.*s\"; name its file in bus.password_file",
			       STR(rabbit->url.user));
	if (rabbit->url.has_tls)
		TRY(link_tls_open(ca_file, &rabbit->tls, err));
	if (!settings->folder.len || uuid_is_nil(rabbit->id))
		return 0;
	rabbit->folder = str_cstring(&rabbit->arena, settings->folder);
	return worker_lock_take(rabbit->folder, rabbit->id, &rabbit->lock_fd, err);
}

static int rabbit_open(const struct bus_settings *settings, const struct bus_handlers *handlers,
		       struct bus **ret, struct err *err)
{
	struct rabbit *rabbit = memory_alloc(sizeof *rabbit);
	int code;

	*rabbit = (struct rabbit){ .bus.backend = &bus_rabbitmq,
				   .on = *handlers,
				   .id = settings->consumer,
				   .lock_fd = -1,
				   .hold_ms = settings->hold_ms ? settings->hold_ms : HOLD_MS };
	code = settings_take(rabbit, settings, err);
	if (code < 0) {
		rabbit_free(rabbit);
		return code;
	}
	rabbit->settings = (struct session_settings){ .loop = settings->loop,
						      .url = &rabbit->url,
						      .tls = rabbit->tls,
						      .password = str_copy(&rabbit->arena,
									   settings->password) };
	rabbit->soon = timer_open(rabbit, settings->loop);
	rabbit->later = timer_open(rabbit, settings->loop);
	rabbit->second = timer_open(rabbit, settings->loop);
	uv_timer_start(rabbit->second, on_second, SECOND_MS, SECOND_MS);
	publisher_open(rabbit);
	*ret = &rabbit->bus;
	return 0;
}

const struct bus_backend bus_rabbitmq = {
	.scheme = STR_INIT("amqp"),
	.open = rabbit_open,
	.close = rabbit_close,
	.publish = publish,
	.consume = consume,
	.collect = collect,
	.settle = settle,
	.flush = flush,
	.probe = probe,
};

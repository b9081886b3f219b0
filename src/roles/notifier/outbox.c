/* SPDX-License-Identifier: Apache-2.0 */
/* Who has what is being sent, and what came of it? */
#include "roles/notifier/outbox.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/terminal.h"
#include "roles/notifier/direct.h"
#include "roles/notifier/message.h"

enum { GATHER_US = 4000, REST_US = 1000000, ERROR_BYTES = 500, TRANSCRIPT_BYTES = 8192 };

static void timer_soon(struct outbox *outbox, int64_t in_us)
{
	int64_t due_us = clock_monotonic_us() + in_us;

	if (!timer_is_running(&outbox->timer) || outbox->timer.due_us > due_us)
		timer_start(outbox->timers, &outbox->timer, due_us);
}

static struct flight *flight_of(struct outbox *outbox, uint64_t number)
{
	for (size_t i = 0; i < OUTBOX_ROOM; i++)
		if (outbox->flights[i].number == number)
			return &outbox->flights[i];
	return NULL;
}

static void flight_free(struct outbox *outbox, struct flight *flight)
{
	arena_release(&flight->arena);
	*flight = (struct flight){ .number = 0 };
	outbox->used--;
	outbox->ended--;
}

static void flight_end(struct outbox *outbox, struct flight *flight)
{
	flight->has_ended = true;
	outbox->ended++;
	timer_soon(outbox, outbox->ended == OUTBOX_ROOM ? 0 : GATHER_US);
}

/* ---- what came of it ---- */

static struct str lines_join(struct arena *a, const struct str *lines, size_t count)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < count && out.len < TRANSCRIPT_BYTES; i++) {
		buf_put_str(&out, lines[i]);
		buf_put_char(&out, '\n');
	}
	return str_first(buf_str(&out), TRANSCRIPT_BYTES);
}

/* The store keeps text: what is none is written in escapes, line by line. */
static struct str text_kept(struct arena *a, struct str foreign)
{
	struct str line;
	struct buf out;

	buf_init(&out, a);
	while (str_split(&foreign, '\n', &line)) {
		if (out.len)
			buf_put_char(&out, '\n');
		terminal_put(&out, str_trim(line));
	}
	return buf_str(&out);
}

/* A mail server's 5xx is its last word on this message, unless it is about our login. */
static bool is_last_word(const struct sender_delivered *delivered, bool is_mail)
{
	return delivered->outcome == SENDER_REFUSED ||
	       (is_mail && delivered->status >= 550 && delivered->status < 560);
}

void outbox_ended(struct flight *flight, struct attempt_outcome outcome)
{
	struct arena *a = &flight->arena;

	outcome.reply = text_kept(a, outcome.reply);
	outcome.error = text_kept(a, str_first(outcome.error, ERROR_BYTES));
	outcome.transcript = text_kept(a, outcome.transcript);
	flight->result.last = outcome;
	flight_end(flight->outbox, flight);
}

static void on_delivered(void *data, const struct sender_delivered *delivered)
{
	struct outbox *outbox = data;
	struct flight *flight = flight_of(outbox, delivered->number);

	if (!flight || flight->has_ended)
		return;
	flight->result.is_delivered = delivered->outcome == SENDER_DELIVERED_OK;
	flight->result.is_final = is_last_word(delivered, flight->result.is_mail);
	flight->result.retry_after_s = delivered->retry_after_s;
	outbox_ended(flight, (struct attempt_outcome){
				     .status = delivered->status,
				     .elapsed_us = delivered->elapsed_us,
				     .reply = delivered->reply,
				     .error = delivered->error,
				     .transcript = lines_join(&flight->arena, delivered->transcript,
							      delivered->transcript_count) });
}

static void say_settled(struct outbox *outbox, const struct dispatch_result *result)
{
	const struct log *log = outbox->options->log;

	if (result->is_stale)
		log_event(log, LEVEL_WARNING, "delivery.lost", NULL,
			  LOG_INT("delivery", result->no));
	else if (result->state == DELIVERY_DELIVERED)
		log_event(log, LEVEL_DEBUG, "delivery.delivered", NULL,
			  LOG_INT("delivery", result->no), LOG_INT("channel", result->channel),
			  LOG_INT("ms", result->last.elapsed_us / 1000));
	else
		log_event(log, LEVEL_WARNING,
			  result->state == DELIVERY_FAILED ? "delivery.failed" : "delivery.retries",
			  NULL, LOG_INT("delivery", result->no),
			  LOG_INT("channel", result->channel), LOG_INT("attempt", result->attempt),
			  LOG_INT("status", result->last.status),
			  LOG_STR("error", result->last.error));
	if (result->has_disabled)
		log_event(log, LEVEL_WARNING, "channel.disabled", NULL,
			  LOG_INT("channel", result->channel));
}

static void settle(struct outbox *outbox)
{
	struct dispatch_result results[OUTBOX_ROOM];
	struct flight *ended[OUTBOX_ROOM];
	struct err err = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < OUTBOX_ROOM; i++) {
		if (!outbox->flights[i].has_ended)
			continue;
		ended[count] = &outbox->flights[i];
		results[count++] = outbox->flights[i].result;
	}
	if (!count)
		return;
	FAULT_POINT("notifier.before-settle");
	if (dispatch_settle(outbox->store, results, count, &err) < 0) {
		if (!outbox->is_failing)
			log_event(outbox->options->log, LEVEL_ERROR, "notifier.failing", NULL,
				  LOG_TEXT("error", err.text));
		outbox->is_failing = true;
		timer_soon(outbox, REST_US);
		return;
	}
	outbox->is_failing = false;
	for (size_t i = 0; i < count; i++) {
		say_settled(outbox, &results[i]);
		flight_free(outbox, ended[i]);
	}
	outbox->on_room(outbox->context);
}

/* ---- the sender ---- */

static void on_ready(void *data)
{
	struct outbox *outbox = data;

	outbox->is_ready = true;
	outbox->on_room(outbox->context);
}

static void on_log(void *data, const struct sender_log *log)
{
	struct outbox *outbox = data;

	log_event(outbox->options->log,
		  log->level == SENDER_LOG_WARNING ? LEVEL_WARNING : LEVEL_INFO, "sender.says",
		  NULL, LOG_STR("text", log->text));
}

/* What it had may or may not have arrived: it is tried again, with the same id. */
static void on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	struct outbox *outbox = data;

	if (!outbox->is_closing)
		log_event(outbox->options->log, LEVEL_ERROR, "sender.gone", NULL,
			  LOG_TEXT("why", why));
	sender_process_close(outbox->sender);
	outbox->sender = NULL;
	outbox->is_ready = false;
	for (size_t i = 0; i < OUTBOX_ROOM; i++) {
		struct flight *flight = &outbox->flights[i];

		if (!flight->number || flight->has_ended || flight->is_direct)
			continue;
		flight->result.is_ours = true;
		flight->result.last.error = STR_LIT("the sender ended before it was answered");
		flight_end(outbox, flight);
	}
	outbox->restart_us = clock_monotonic_us() + REST_US;
	timer_soon(outbox, REST_US);
}

static const struct sender_process_events sender_events = {
	.on_ready = on_ready, .on_delivered = on_delivered, .on_log = on_log, .on_gone = on_gone
};

static int sender_start(struct outbox *outbox, struct err *err)
{
	return sender_process_start(outbox->loop, &outbox->options->sender, &sender_events, outbox,
				    &outbox->sender, err);
}

static void on_due(struct timer *timer)
{
	struct outbox *outbox = (struct outbox *)timer;
	struct err err = { 0 };

	settle(outbox);
	if (outbox->sender || outbox->is_closing)
		return;
	if (clock_monotonic_us() >= outbox->restart_us && sender_start(outbox, &err) < 0) {
		log_event(outbox->options->log, LEVEL_ERROR, "sender.missing", NULL,
			  LOG_TEXT("error", err.text));
		outbox->restart_us = clock_monotonic_us() + REST_US;
	}
	if (!outbox->sender)
		timer_soon(outbox, REST_US);
}

/* ---- the rest ---- */

static void on_broker(void *context, struct str text)
{
	struct outbox *outbox = context;

	log_event(outbox->options->log, text.len ? LEVEL_ERROR : LEVEL_INFO,
		  text.len ? "bus.down" : "bus.up", NULL, LOG_STR("reason", text));
}

int outbox_open(struct outbox *outbox, struct err *err)
{
	const struct bus_address *bus = &outbox->options->bus;

	outbox->timer.on_due = on_due;
	if (bus->url.len && !bus_is_embedded(bus->url))
		TRY(exchange_open(outbox->loop, bus, on_broker, outbox, &outbox->exchange, err));
	return sender_start(outbox, err);
}

unsigned outbox_room(const struct outbox *outbox)
{
	if (!outbox->is_ready || outbox->is_closing || outbox->is_failing ||
	    sender_process_is_full(outbox->sender))
		return 0;
	return (unsigned)(OUTBOX_ROOM - outbox->used);
}

/* What a drill's control does wrong: it says so before it has sent anything. */
static int settle_early(struct outbox *outbox, struct flight *flight)
{
	struct dispatch_result early = flight->result;

	early.is_delivered = true;
	return dispatch_settle(outbox->store, &early, 1, NULL);
}

static int flight_send(struct flight *flight, const struct dispatch_item *item, struct err *err)
{
	struct outbox *outbox = flight->outbox;
	struct sender_delivery delivery;
	int64_t now_us = clock_utc_us();

	flight->is_direct =
		item->channel.kind == CHANNEL_SCRIPT || item->channel.kind == CHANNEL_AMQP;
	if (flight->is_direct)
		return direct_send(flight, item, now_us, err);
	TRY(message_make(&flight->arena, outbox->options, item, now_us, &delivery, err));
	delivery.number = flight->number;
	return sender_process_deliver(outbox->sender, &delivery, err);
}

void outbox_send(struct outbox *outbox, const struct dispatch_item *item)
{
	struct flight *flight = flight_of(outbox, 0);
	struct err err = { 0 };
	int code;

	if (!flight) /* no room: its lease brings it back */
		return;
	*flight = (struct flight){
		.outbox = outbox,
		.number = ++outbox->last_number,
		.result = { .no = item->delivery.no,
			    .token = item->delivery.token,
			    .attempt = item->delivery.attempt,
			    .channel = item->channel.no,
			    .is_mail = item->channel.kind == CHANNEL_MAIL },
	};
	outbox->used++;
	if (FAULT_IS_OFF("settle-after") && settle_early(outbox, flight) < 0)
		return;
	code = flight_send(flight, item, &err);
	if (code < 0) {
		flight->result.is_final = code != -EBUSY && code != -ENOTSUP;
		flight->result.is_ours = code == -EBUSY;
		flight->result.last.error = str_copy(&flight->arena, str_of(err.text));
		flight_end(outbox, flight);
	}
}

bool outbox_is_empty(const struct outbox *outbox)
{
	return !outbox->used;
}

void outbox_finish(struct outbox *outbox)
{
	outbox->is_closing = true;
	if (outbox->sender)
		sender_process_finish(outbox->sender);
}

void outbox_close(struct outbox *outbox)
{
	timer_stop(outbox->timers, &outbox->timer);
	settle(outbox);
	sender_process_close(outbox->sender);
	exchange_close(outbox->exchange);
	for (size_t i = 0; i < OUTBOX_ROOM; i++) {
		if (outbox->flights[i].run)
			script_cancel(outbox->flights[i].run);
		arena_release(&outbox->flights[i].arena);
	}
}

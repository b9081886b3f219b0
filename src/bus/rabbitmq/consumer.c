/* SPDX-License-Identifier: Apache-2.0 */
/* How do messages come, and how do they go? */
#include "bus/rabbitmq/parts.h"

#include "base/clock.h"
#include "bus/rabbitmq/topology.h"

#include <sys/random.h>

enum { ATTEMPTS_BELIEVED = 1000 };

static void waiting_put(struct consumer *consumer, const struct delivery *delivery)
{
	buf_put(&consumer->waiting[delivery->queue], &delivery->tag, sizeof delivery->tag);
}

/* The longest waiting delivery of a queue; NULL: none. */
static struct delivery *waiting_first(struct consumer *consumer, int queue)
{
	struct buf *tags = &consumer->waiting[queue];
	size_t *at = &consumer->waiting_at[queue];

	while (*at < tags->len) {
		uint64_t tag;
		struct delivery *delivery;

		memcpy(&tag, tags->data + *at, sizeof tag);
		delivery = deliveries_find(&consumer->held, tag);
		if (delivery && delivery->state == DELIVERY_WAITING)
			return delivery;
		*at += sizeof tag;
	}
	tags->len = *at = 0;
	return NULL;
}

/* ---- what came ---- */

static struct delivery delivery_of(const struct session_content *content, const struct tap *tap)
{
	static const amqp_table_t none;
	const amqp_basic_deliver_t *deliver = content->method.decoded;
	const amqp_basic_properties_t *properties = content->properties;
	const amqp_table_t *headers =
		properties->_flags & AMQP_BASIC_HEADERS_FLAG ? &properties->headers : &none;
	int64_t now_us = clock_utc_us();
	struct delivery delivery = {
		.state = DELIVERY_WAITING,
		.broker_tag = deliver->delivery_tag,
		.consumer = tap->number,
		.queue = tap->queue,
		.from = topology_queue(wire_str(deliver->routing_key)),
		.first_us = wire_find_number(headers, "dss-first-us", INT64_MAX, now_us),
		.dead_us = wire_find_number(headers, "dss-dead-us", INT64_MAX, now_us),
		.since_us = clock_monotonic_us(),
		.body = content->body,
		.reason = str_first(wire_find_text(headers, "dss-reason"), BUS_REASON_BYTES),
	};
	int64_t counted = wire_find_number(headers, "dss-attempts", ATTEMPTS_BELIEVED, 0),
		again = wire_find_number(headers, "x-delivery-count", ATTEMPTS_BELIEVED, 0);

	delivery.attempt = (int)(counted + again + (tap->queue != DEAD_QUEUE));
	if (tap->queue == DEAD_QUEUE && !delivery.dead_us)
		delivery.dead_us = now_us;
	if (tap->queue == DEAD_QUEUE && !wire_find(headers, "dss-dead-us"))
		delivery.reason = wire_find_text(headers, "x-first-death-reason");
	if (delivery.from == BUS_QUEUES)
		delivery.from = BUS_SCAN_NORMAL;
	return delivery;
}

static void tap_used(struct rabbit *rabbit, const struct delivery *delivery)
{
	struct tap *tap = tap_numbered(&rabbit->consumer, delivery->consumer);

	if (tap && tap->out)
		tap->out--;
	rabbit_soon(rabbit);
}

static void broker_ack(struct rabbit *rabbit, const struct delivery *delivery)
{
	amqp_basic_ack_t ack = { .delivery_tag = delivery->broker_tag };

	if (!delivery->broker_tag)
		return;
	session_put(rabbit->consumer.session, AMQP_BASIC_ACK_METHOD, &ack);
	tap_used(rabbit, delivery);
}

static void broker_nack(struct rabbit *rabbit, const struct delivery *delivery, bool is_back)
{
	amqp_basic_nack_t nack = { .delivery_tag = delivery->broker_tag, .requeue = is_back };

	session_put(rabbit->consumer.session, AMQP_BASIC_NACK_METHOD, &nack);
	tap_used(rabbit, delivery);
}

static void letter_of(struct rabbit *rabbit, const struct delivery *delivery,
		      const struct letter *shape)
{
	struct letter letter = *shape;

	letter.queue = (enum bus_queue)delivery->queue;
	letter.first_us = delivery->first_us;
	letter.body = delivery->body;
	letter.tag = delivery->tag;
	publisher_put(rabbit, &letter);
}

static void bury(struct rabbit *rabbit, struct delivery *delivery, struct str reason)
{
	delivery->state = DELIVERY_SETTLING;
	letter_of(rabbit, delivery,
		  &(struct letter){
			  .is_dead = true, .attempts = delivery->attempt, .reason = reason });
}

static void give_back(struct rabbit *rabbit, struct delivery *delivery)
{
	delivery->state = DELIVERY_SETTLING;
	letter_of(
		rabbit, delivery,
		&(struct letter){ .attempts = delivery->attempt - 1, .reason = delivery->reason });
}

static int on_content(void *context, const struct session_content *content, struct err *err)
{
	struct rabbit *rabbit = context;
	struct consumer *consumer = &rabbit->consumer;
	const amqp_basic_deliver_t *deliver = content->method.decoded;
	struct delivery delivery, *row;
	struct tap *tap;

	if (content->method.number != AMQP_BASIC_DELIVER_METHOD)
		return 0;
	tap = tap_find(consumer, wire_str(deliver->consumer_tag));
	if (!tap || !deliver->delivery_tag)
		return err_set(err, ERR_SYNTAX, "a delivery to a consumer that is not ours");
	tap->out++;
	delivery = delivery_of(content, tap);
	rabbit_soon(rabbit);
	if (content->is_cut) {
		broker_nack(rabbit, &delivery, false);
		return 0;
	}
	row = deliveries_add(&consumer->held, &delivery);
	if (consumer->is_closing && row->queue != DEAD_QUEUE)
		give_back(rabbit, row);
	else if (row->queue != DEAD_QUEUE && row->attempt > BUS_ATTEMPTS)
		bury(rabbit, row,
		     row->reason.len ? row->reason
				     : STR_LIT("it was delivered too often, and nobody ended it"));
	else
		waiting_put(consumer, row);
	return 0;
}

/* ---- what the user gets ---- */

static void give(struct rabbit *rabbit, struct delivery *delivery)
{
	struct bus_message message = { .tag = delivery->tag,
				       .queue = (enum bus_queue)delivery->queue,
				       .attempt = delivery->attempt,
				       .body = delivery->body };

	delivery->state = DELIVERY_GIVEN;
	delivery->since_us = clock_monotonic_us();
	rabbit->consumer.given++;
	rabbit->on.on_message(rabbit->on.context, &message);
}

static void give_letter(struct rabbit *rabbit, struct delivery *delivery)
{
	struct bus_letter letter = { .tag = delivery->tag,
				     .queue = delivery->from,
				     .attempt = delivery->attempt,
				     .body = delivery->body,
				     .reason = delivery->reason,
				     .first_us = delivery->first_us,
				     .dead_us = delivery->dead_us };

	delivery->state = DELIVERY_GIVEN;
	rabbit->on.on_letter(rabbit->on.context, &letter);
}

static bool give_next(struct rabbit *rabbit)
{
	struct consumer *consumer = &rabbit->consumer;
	unsigned ready = 0;

	if (consumer->is_closing || consumer->given >= consumer->prefetch)
		return false;
	for (int queue = 0; queue < BUS_QUEUES; queue++)
		if (waiting_first(consumer, queue))
			ready |= 1u << queue;
	if (!ready)
		return false;
	give(rabbit, waiting_first(consumer, (int)turns_next(&consumer->turns, ready)));
	return true;
}

void consumer_go(struct rabbit *rabbit)
{
	struct consumer *consumer = &rabbit->consumer;
	struct delivery *letter;

	if (!consumer->session && (consumer->prefetch || consumer->letters))
		consumer_open(rabbit);
	if (!consumer->session)
		return;
	while (give_next(rabbit) && !rabbit->is_closed)
		;
	while (!consumer->is_closing && (letter = waiting_first(consumer, DEAD_QUEUE)))
		give_letter(rabbit, letter);
	taps_go(rabbit);
	session_send(consumer->session);
}

/* What waits for a place that does not come is for others; what is held for long is handed to the
 * broker's clock anew: a copy that comes when ours would have been taken away. */
static void look_at(struct rabbit *rabbit, struct delivery *delivery, int64_t now_us)
{
	int64_t for_ms = (now_us - delivery->since_us) / 1000;

	if (delivery->state == DELIVERY_WAITING && for_ms > AHEAD_MS) {
		give_back(rabbit, delivery);
	} else if (delivery->state == DELIVERY_GIVEN && delivery->broker_tag &&
		   delivery->queue != DEAD_QUEUE && for_ms > rabbit->hold_ms) {
		delivery->state = DELIVERY_RENEWING;
		letter_of(rabbit, delivery,
			  &(struct letter){ .attempts = delivery->attempt - 1,
					    .delay_ms = rabbit->hold_ms,
					    .reason = delivery->reason });
	}
}

void consumer_look(struct rabbit *rabbit)
{
	struct deliveries *held = &rabbit->consumer.held;
	int64_t now_us = clock_monotonic_us();

	for (size_t i = 0; i < held->places; i++)
		if (held->row[i].tag)
			look_at(rabbit, &held->row[i], now_us);
}

/* ---- what the user settles ---- */

static unsigned delay_of(const struct delivery *delivery, unsigned delay_ms)
{
	uint32_t random = 0;

	if (delay_ms)
		return delay_ms;
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		random = (uint32_t)delivery->tag * 2654435761u; /* only jitter */
	return (unsigned)(bus_backoff_us(delivery->attempt, random) / 1000);
}

static void letter_settle(struct rabbit *rabbit, struct delivery *delivery, enum bus_settling how)
{
	if (how == BUS_ACK)
		broker_ack(rabbit, delivery);
	else
		broker_nack(rabbit, delivery, true);
	deliveries_remove(&rabbit->consumer.held, delivery);
}

void consumer_settle(struct rabbit *rabbit, uint64_t tag, enum bus_settling how, unsigned delay_ms,
		     struct str reason)
{
	struct consumer *consumer = &rabbit->consumer;
	struct delivery *delivery = deliveries_find(&consumer->held, tag);

	if (!delivery ||
	    (delivery->state != DELIVERY_GIVEN && delivery->state != DELIVERY_RENEWING))
		return;
	rabbit_soon(rabbit);
	if (delivery->queue == DEAD_QUEUE) {
		letter_settle(rabbit, delivery, how);
		return;
	}
	consumer->given--;
	if (how == BUS_RETRY && delivery->attempt >= BUS_ATTEMPTS)
		how = BUS_BURY;
	if (how == BUS_ACK) {
		broker_ack(rabbit, delivery);
		deliveries_remove(&consumer->held, delivery);
	} else if (how == BUS_BURY) {
		bury(rabbit, delivery, reason);
	} else if (how == BUS_GIVE_BACK) {
		give_back(rabbit, delivery);
	} else {
		delivery->state = DELIVERY_SETTLING;
		letter_of(rabbit, delivery,
			  &(struct letter){ .attempts = delivery->attempt,
					    .delay_ms = delay_of(delivery, delay_ms),
					    .reason = reason });
	}
}

bool consumer_needs(struct rabbit *rabbit, uint64_t tag)
{
	struct delivery *delivery = deliveries_find(&rabbit->consumer.held, tag);

	return delivery &&
	       (delivery->state == DELIVERY_SETTLING || delivery->state == DELIVERY_RENEWING);
}

void consumer_settled(struct rabbit *rabbit, uint64_t tag)
{
	struct delivery *delivery = deliveries_find(&rabbit->consumer.held, tag);

	if (!delivery || !consumer_needs(rabbit, tag))
		return;
	broker_ack(rabbit, delivery);
	delivery->broker_tag = 0;
	if (delivery->state == DELIVERY_SETTLING)
		deliveries_remove(&rabbit->consumer.held, delivery);
	else
		delivery->state = DELIVERY_GIVEN;
}

void consumer_give_all_back(struct rabbit *rabbit)
{
	struct deliveries *held = &rabbit->consumer.held;

	rabbit->consumer.is_closing = true;
	if (!rabbit->consumer.session)
		return;
	taps_cancel_all(rabbit);
	for (size_t i = 0; i < held->places; i++) {
		struct delivery *delivery = &held->row[i];

		if (!delivery->tag || delivery->state == DELIVERY_SETTLING)
			continue;
		if (delivery->queue == DEAD_QUEUE)
			letter_settle(rabbit, delivery, BUS_GIVE_BACK);
		else if (delivery->broker_tag)
			give_back(rabbit, delivery);
	}
}

/* ---- the connection ---- */

static void on_open(void *context)
{
	struct rabbit *rabbit = context;

	rabbit->consumer.awaited = topology_put(rabbit->consumer.session);
}

static int on_method(void *context, const struct wire_method *method, struct err *err)
{
	struct rabbit *rabbit = context;
	struct consumer *consumer = &rabbit->consumer;
	const amqp_basic_cancel_ok_t *ok = method->decoded;
	struct tap *tap;

	if (method->number == AMQP_BASIC_CANCEL_METHOD)
		return err_set(err, -ECONNRESET,
			       "it has cancelled a consumer: a queue of ours was deleted");
	if (method->number == AMQP_BASIC_QOS_OK_METHOD && consumer->limits_awaited)
		consumer->limits_awaited--;
	if (method->number == AMQP_BASIC_CANCEL_OK_METHOD) {
		tap = tap_find(consumer, wire_str(ok->consumer_tag));
		if (tap)
			tap->is_gone = true;
	}
	if (topology_is_answer(method->number) && consumer->awaited && !--consumer->awaited) {
		consumer->is_ready = true;
		session_proven(consumer->session);
		rabbit_state(rabbit, rabbit->consumer_text, STR_NONE);
		rabbit_soon(rabbit);
	}
	return 0;
}

/* What we held is others' now. */
static void on_lost(void *context, struct str text, bool was_open)
{
	struct rabbit *rabbit = context;
	struct consumer *consumer = &rabbit->consumer;
	struct deliveries *held = &consumer->held;

	consumer->is_ready = false;
	consumer->awaited = consumer->limits_awaited = 0;
	consumer->planned = consumer->letters_planned = 0;
	memset(consumer->tap, 0, sizeof consumer->tap);
	for (size_t i = 0; i < held->places; i++) {
		struct delivery *delivery = &held->row[i];

		if (!delivery->tag || !delivery->broker_tag)
			continue;
		if (delivery->state != DELIVERY_WAITING && delivery->queue != DEAD_QUEUE)
			rabbit_tell_lost(rabbit, delivery->tag);
		if (delivery->queue != DEAD_QUEUE &&
		    (delivery->state == DELIVERY_GIVEN || delivery->state == DELIVERY_RENEWING))
			consumer->given--;
		deliveries_remove(held, delivery);
	}
	rabbit_state(rabbit, rabbit->consumer_text, text);
}

static void on_blocked(void *context, struct str reason)
{
	/* It is blocked for those that publish. */
}

void consumer_open(struct rabbit *rabbit)
{
	struct consumer *consumer = &rabbit->consumer;
	struct session_settings settings = rabbit->settings;

	settings.name = "dss consumer";
	consumer->events = (struct session_events){ .context = rabbit,
						    .on_open = on_open,
						    .on_method = on_method,
						    .on_content = on_content,
						    .on_lost = on_lost,
						    .on_blocked = on_blocked };
	consumer->session = session_open(&settings, &consumer->events);
}

void consumer_close(struct rabbit *rabbit)
{
	struct consumer *consumer = &rabbit->consumer;

	session_close(consumer->session);
	deliveries_release(&consumer->held);
	for (size_t i = 0; i < ARRAY_COUNT(consumer->waiting); i++)
		buf_release(&consumer->waiting[i]);
}

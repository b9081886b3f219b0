/* SPDX-License-Identifier: Apache-2.0 */
/* How is a message published, and when does it count? */
#include "bus/rabbitmq/parts.h"

#include "base/clock.h"
#include "bus/rabbitmq/topology.h"

static void letter_free(struct letter *letter)
{
	memory_free((char *)letter->body.data);
	memory_free((char *)letter->reason.data);
	memory_free(letter);
}

static struct str keep(struct str s)
{
	char *data = s.len ? memory_alloc(s.len) : NULL;

	if (s.len)
		memcpy(data, s.data, s.len);
	return str_bytes(data, s.len);
}

/* ---- what waits ---- */

static void wait_last(struct publisher *publisher, struct letter *letter)
{
	letter->next = NULL;
	*publisher->last = letter;
	publisher->last = &letter->next;
	publisher->waiting++;
}

static struct letter *wait_take(struct publisher *publisher)
{
	struct letter *letter = publisher->first;

	publisher->first = letter->next;
	if (!publisher->first)
		publisher->last = &publisher->first;
	publisher->waiting--;
	return letter;
}

static void letter_end(struct rabbit *rabbit, struct letter *letter, int code)
{
	if (letter->tag && code == 0)
		consumer_settled(rabbit, letter->tag);
	else if (!letter->tag && letter->done)
		rabbit_tell_done(rabbit, letter->done, letter->context, code);
	letter_free(letter);
}

/* A publisher is told and decides; what settles a delivery is tried again as long as we have that. */
static void letter_failed(struct rabbit *rabbit, struct letter *letter, int code)
{
	if (!letter->tag || !consumer_needs(rabbit, letter->tag))
		letter_end(rabbit, letter, code);
	else
		wait_last(&rabbit->publisher, letter);
}

void publisher_put(struct rabbit *rabbit, const struct letter *given)
{
	struct letter *letter = memory_alloc(sizeof *letter);

	*letter = *given;
	letter->body = keep(given->body);
	letter->reason = keep(given->reason);
	letter->deadline_us = clock_monotonic_us() + PUBLISH_WAIT_MS * 1000ll;
	rabbit_soon(rabbit);
	if (given->body.len > BUS_BODY_BYTES)
		letter_end(rabbit, letter, -EMSGSIZE);
	else if (!letter->tag && rabbit->publisher.waiting >= PUBLISH_QUEUED)
		letter_end(rabbit, letter, -ENOBUFS);
	else
		wait_last(&rabbit->publisher, letter);
}

void publisher_look(struct rabbit *rabbit)
{
	struct publisher *publisher = &rabbit->publisher;
	int64_t now_us = clock_monotonic_us();

	for (size_t i = publisher->waiting; i; i--) {
		struct letter *letter = wait_take(publisher);

		if (!letter->tag && now_us > letter->deadline_us)
			letter_end(rabbit, letter, -ETIMEDOUT);
		else if (letter->tag && !consumer_needs(rabbit, letter->tag))
			letter_end(rabbit, letter, -ESTALE);
		else
			wait_last(publisher, letter);
	}
}

bool publisher_is_idle(const struct publisher *publisher)
{
	return !publisher->first && publisher->oldest_number == publisher->next_number;
}

/* ---- what goes out ---- */

static int letter_send(struct session *session, const struct letter *letter, struct err *err)
{
	char key[40], number[24], limit[16];
	amqp_table_entry_t header[5];
	amqp_basic_publish_t publish = { .mandatory = 1 };
	amqp_basic_properties_t properties = {
		._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
			  AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG |
			  AMQP_BASIC_HEADERS_FLAG,
		.content_type = amqp_cstring_bytes("application/json"),
		.delivery_mode = AMQP_DELIVERY_PERSISTENT,
		.timestamp = (uint64_t)(letter->first_us / 1000000),
	};
	int count = 0;

	publish.exchange = wire_bytes(letter->is_dead ? TOPOLOGY_DEAD : TOPOLOGY_JOBS);
	publish.routing_key = amqp_cstring_bytes(
		letter->delay_ms ? topology_delayed_key(letter->queue, letter->delay_ms, key)
				 : topology_key(letter->queue));
	snprintf(number, sizeof number, "%llu", (unsigned long long)letter->number);
	properties.message_id = amqp_cstring_bytes(number); /* by which a return is known */
	if (letter->delay_ms) {
		snprintf(limit, sizeof limit, "%u", letter->delay_ms);
		properties._flags |= AMQP_BASIC_EXPIRATION_FLAG;
		properties.expiration = amqp_cstring_bytes(limit);
	}
	header[count++] = entry_number("dss-first-us", letter->first_us);
	header[count++] = entry_number("dss-attempts", letter->attempts);
	if (letter->reason.len)
		header[count++] = entry_text("dss-reason", letter->reason);
	if (letter->is_dead)
		header[count++] = entry_number("dss-dead-us", clock_utc_us());
	properties.headers = (amqp_table_t){ count, header };
	return session_publish(session, &publish, &properties, letter->body, err);
}

void publisher_go(struct rabbit *rabbit)
{
	struct publisher *publisher = &rabbit->publisher;
	struct err err;

	if (!publisher->is_ready || rabbit->blocked_text[0])
		return;
	while (publisher->first &&
	       publisher->next_number - publisher->oldest_number < PUBLISH_WINDOW) {
		struct letter *letter = wait_take(publisher);

		letter->number = publisher->next_number;
		letter->is_returned = false;
		if (letter_send(publisher->session, letter, &err) < 0) {
			letter_end(rabbit, letter, ERR_LIMIT);
			continue;
		}
		publisher->sent[publisher->next_number++ % PUBLISH_WINDOW] = letter;
	}
	session_send(publisher->session);
}

/* ---- what the broker says of it ---- */

static void settle_one(struct rabbit *rabbit, uint64_t number, bool is_acked)
{
	struct publisher *publisher = &rabbit->publisher;
	struct letter *letter = publisher->sent[number % PUBLISH_WINDOW];

	if (!letter)
		return;
	publisher->sent[number % PUBLISH_WINDOW] = NULL;
	if (is_acked && !letter->is_returned)
		letter_end(rabbit, letter, 0);
	else
		letter_failed(rabbit, letter, is_acked ? -ENOENT : -EIO);
}

static int confirmed(struct rabbit *rabbit, uint64_t number, bool is_multiple, bool is_acked,
		     struct err *err)
{
	struct publisher *publisher = &rabbit->publisher;
	uint64_t from = is_multiple ? publisher->oldest_number : number;

	if (is_multiple && number == 0) /* all so far */
		number = publisher->next_number - 1;
	if (number < publisher->oldest_number || number >= publisher->next_number)
		return err_set(err, ERR_SYNTAX, "a confirm of a message that was not sent");
	for (; from <= number; from++)
		settle_one(rabbit, from, is_acked);
	while (publisher->oldest_number < publisher->next_number &&
	       !publisher->sent[publisher->oldest_number % PUBLISH_WINDOW])
		publisher->oldest_number++;
	rabbit_soon(rabbit);
	return 0;
}

static void topology_answered(struct rabbit *rabbit)
{
	struct publisher *publisher = &rabbit->publisher;

	if (publisher->awaited && !--publisher->awaited) {
		publisher->is_ready = true;
		session_proven(publisher->session);
		rabbit_state(rabbit, rabbit->publisher_text, STR_NONE);
		rabbit_soon(rabbit);
	}
}

/* Answers come in the order of what was asked: those about depths when all of the topology are in. */
static bool publisher_depth(struct rabbit *rabbit, const struct wire_method *method)
{
	struct publisher *publisher = &rabbit->publisher;
	const amqp_queue_declare_ok_t *queue = method->decoded;

	if (method->number != AMQP_QUEUE_DECLARE_OK_METHOD || !publisher->depths)
		return false;
	rabbit->on.on_depth(rabbit->on.context, (int)(BUS_QUEUES + 1 - publisher->depths--),
			    queue->message_count);
	return true;
}

void publisher_ask_depths(struct rabbit *rabbit)
{
	struct publisher *publisher = &rabbit->publisher;

	if (!publisher->is_ready || publisher->depths || !rabbit->on.on_depth)
		return;
	publisher->depths = topology_put_depths(publisher->session);
	session_send(publisher->session);
}

static int on_method(void *context, const struct wire_method *method, struct err *err)
{
	struct rabbit *rabbit = context;
	const amqp_basic_ack_t *ack = method->decoded;
	const amqp_basic_nack_t *nack = method->decoded;

	if (method->number == AMQP_BASIC_ACK_METHOD)
		return confirmed(rabbit, ack->delivery_tag, ack->multiple, true, err);
	if (method->number == AMQP_BASIC_NACK_METHOD)
		return confirmed(rabbit, nack->delivery_tag, nack->multiple, false, err);
	if (publisher_depth(rabbit, method))
		return 0;
	if (topology_is_answer(method->number))
		topology_answered(rabbit);
	return 0;
}

/* No queue takes it: somebody has deleted one. What was sent is refused, and all is declared again. */
static int on_content(void *context, const struct session_content *content, struct err *err)
{
	struct rabbit *rabbit = context;
	struct publisher *publisher = &rabbit->publisher;
	struct letter *letter;
	uint64_t number;

	if (content->method.number != AMQP_BASIC_RETURN_METHOD ||
	    !(content->properties->_flags & AMQP_BASIC_MESSAGE_ID_FLAG) ||
	    str_to_uint(wire_str(content->properties->message_id), UINT64_MAX, &number) < 0)
		return 0;
	letter = publisher->sent[number % PUBLISH_WINDOW];
	if (!letter || letter->number != number)
		return 0;
	letter->is_returned = true;
	if (publisher->is_ready && !publisher->depths) {
		publisher->is_ready = false;
		publisher->awaited = topology_put(publisher->session);
	}
	return 0;
}

static void on_open(void *context)
{
	struct rabbit *rabbit = context;
	struct publisher *publisher = &rabbit->publisher;
	amqp_confirm_select_t select = { 0 };

	publisher->next_number = publisher->oldest_number = 1;
	session_put(publisher->session, AMQP_CONFIRM_SELECT_METHOD, &select);
	publisher->awaited = topology_put(publisher->session);
}

/* Nobody knows what became of what was sent. */
static void on_lost(void *context, struct str text, bool was_open)
{
	struct rabbit *rabbit = context;
	struct publisher *publisher = &rabbit->publisher;

	publisher->is_ready = false;
	publisher->awaited = publisher->depths = 0;
	for (; publisher->oldest_number < publisher->next_number; publisher->oldest_number++) {
		struct letter **sent = &publisher->sent[publisher->oldest_number % PUBLISH_WINDOW];

		if (*sent)
			letter_failed(rabbit, *sent, -ECONNRESET);
		*sent = NULL;
	}
	rabbit_state(rabbit, rabbit->blocked_text, STR_NONE);
	rabbit_state(rabbit, rabbit->publisher_text, text);
}

static void on_blocked(void *context, struct str reason)
{
	struct rabbit *rabbit = context;
	char text[200] = "";

	if (reason.len)
		snprintf(text, sizeof text, "the broker takes no messages for now: %.*s",
			 STR(str_first(reason, 100)));
	rabbit_state(rabbit, rabbit->blocked_text, str_of(text));
	rabbit_soon(rabbit);
}

void publisher_open(struct rabbit *rabbit)
{
	struct publisher *publisher = &rabbit->publisher;
	struct session_settings settings = rabbit->settings;

	settings.name = "dss publisher";
	publisher->last = &publisher->first;
	publisher->next_number = publisher->oldest_number = 1;
	publisher->events = (struct session_events){ .context = rabbit,
						     .on_open = on_open,
						     .on_method = on_method,
						     .on_content = on_content,
						     .on_lost = on_lost,
						     .on_blocked = on_blocked };
	publisher->session = session_open(&settings, &publisher->events);
}

void publisher_close(struct rabbit *rabbit)
{
	struct publisher *publisher = &rabbit->publisher;

	session_close(publisher->session);
	while (publisher->first)
		letter_free(wait_take(publisher));
	for (size_t i = 0; i < PUBLISH_WINDOW; i++)
		if (publisher->sent[i])
			letter_free(publisher->sent[i]);
}

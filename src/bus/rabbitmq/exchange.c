/* SPDX-License-Identifier: Apache-2.0 */
/* How are events told to whoever binds a queue to them? */
#include "bus/exchange.h"

#include "base/clock.h"
#include "bus/rabbitmq/session.h"

enum { LOOK_MS = 500, KEY_BYTES = 255, STATE_BYTES = 400 };

static const char exchange_name[] = "dss.events";

struct notice_letter {
	bool is_used, is_sent;
	uint64_t number; /* its delivery tag, from 1 in each channel */
	uint64_t order;
	int64_t deadline_us; /* monotonic */
	struct arena arena;
	struct exchange_message message;
	void (*done)(void *context, int code);
	void *context;
};

struct exchange {
	struct arena arena;
	struct broker_url url;
	struct link_tls *tls;
	struct session_settings settings;
	struct session_events events;
	struct session *session;
	void (*on_state)(void *context, struct str text);
	void *context;
	uv_timer_t *soon, *look;
	struct notice_letter letter[EXCHANGE_WINDOW];
	uint64_t next_number, next_order;
	bool is_ready, is_blocked;
	char state[STATE_BYTES];
};

static void state_tell(struct exchange *exchange, struct str text)
{
	char now[STATE_BYTES];

	snprintf(now, sizeof now, "%.*s", STR(str_first(text, STATE_BYTES - 1)));
	if (!strcmp(now, exchange->state))
		return;
	memcpy(exchange->state, now, sizeof now);
	if (exchange->on_state)
		exchange->on_state(exchange->context, str_of(exchange->state));
}

static void letter_end(struct notice_letter *letter, int code)
{
	void (*done)(void *context, int code) = letter->done;
	void *context = letter->context;

	arena_release(&letter->arena);
	*letter = (struct notice_letter){ 0 };
	done(context, code);
}

/* ---- what goes out ---- */

static int letter_send(struct exchange *exchange, struct notice_letter *letter, struct err *err)
{
	const struct exchange_message *message = &letter->message;
	amqp_table_entry_t headers[EXCHANGE_HEADERS];
	amqp_basic_publish_t publish = { .exchange = amqp_cstring_bytes(exchange_name),
					 .routing_key = wire_bytes(message->key) };
	amqp_basic_properties_t properties = {
		._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
			  AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TIMESTAMP_FLAG |
			  AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_APP_ID_FLAG,
		.content_type = amqp_cstring_bytes("application/json"),
		.delivery_mode = AMQP_DELIVERY_PERSISTENT,
		.message_id = wire_bytes(message->id),
		.timestamp = (uint64_t)(message->at_us / 1000000),
		.app_id = amqp_cstring_bytes("dss"),
	};

	for (size_t i = 0; i < message->header_count; i++)
		headers[i] = entry_text(message->headers[i].name, message->headers[i].value);
	properties.headers = (amqp_table_t){ (int)message->header_count, headers };
	return session_publish(exchange->session, &publish, &properties, message->body, err);
}

/* The oldest that was not sent. */
static struct notice_letter *next_letter(struct exchange *exchange)
{
	struct notice_letter *found = NULL;

	for (size_t i = 0; i < EXCHANGE_WINDOW; i++) {
		struct notice_letter *letter = &exchange->letter[i];

		if (letter->is_used && !letter->is_sent && (!found || letter->order < found->order))
			found = letter;
	}
	return found;
}

static void on_soon(uv_timer_t *timer)
{
	struct exchange *exchange = timer->data;
	struct notice_letter *letter;

	if (!exchange->is_ready || exchange->is_blocked)
		return;
	while (exchange->is_ready && (letter = next_letter(exchange))) {
		if (letter_send(exchange, letter, NULL) < 0) {
			letter_end(letter, ERR_LIMIT);
			continue;
		}
		letter->is_sent = true;
		letter->number = exchange->next_number++;
	}
	session_send(exchange->session);
}

static void go_soon(struct exchange *exchange)
{
	uv_timer_start(exchange->soon, on_soon, 0, 0);
}

static void on_look(uv_timer_t *timer)
{
	struct exchange *exchange = timer->data;
	int64_t now_us = clock_monotonic_us();

	for (size_t i = 0; i < EXCHANGE_WINDOW; i++) {
		struct notice_letter *letter = &exchange->letter[i];

		if (letter->is_used && now_us > letter->deadline_us)
			letter_end(letter, letter->is_sent ? -ECONNRESET : -ETIMEDOUT);
	}
}

/* ---- what the broker says of it ---- */

static void confirmed(struct exchange *exchange, uint64_t number, bool is_multiple, int code)
{
	for (size_t i = 0; i < EXCHANGE_WINDOW; i++) {
		struct notice_letter *letter = &exchange->letter[i];
		bool is_meant = is_multiple ? letter->number <= number || !number
					    : letter->number == number;

		if (letter->is_sent && is_meant)
			letter_end(letter, code);
	}
}

static int on_method(void *context, const struct wire_method *method, struct err *err)
{
	struct exchange *exchange = context;
	const amqp_basic_ack_t *ack = method->decoded;
	const amqp_basic_nack_t *nack = method->decoded;

	(void)err;
	if (method->number == AMQP_BASIC_ACK_METHOD)
		confirmed(exchange, ack->delivery_tag, ack->multiple, 0);
	else if (method->number == AMQP_BASIC_NACK_METHOD)
		confirmed(exchange, nack->delivery_tag, nack->multiple, -EIO);
	else if (method->number == AMQP_EXCHANGE_DECLARE_OK_METHOD) {
		exchange->is_ready = true;
		session_proven(exchange->session);
		state_tell(exchange, STR_NONE);
	}
	go_soon(exchange);
	return 0;
}

static int on_content(void *context, const struct session_content *content, struct err *err)
{
	(void)context;
	(void)content;
	(void)err;
	return 0; /* nothing is consumed, and nothing is mandatory */
}

static void on_open(void *context)
{
	struct exchange *exchange = context;
	amqp_confirm_select_t select = { 0 };
	amqp_exchange_declare_t declare = { .exchange = amqp_cstring_bytes(exchange_name),
					    .type = amqp_cstring_bytes("topic"),
					    .durable = 1 };

	exchange->next_number = 1;
	session_put(exchange->session, AMQP_CONFIRM_SELECT_METHOD, &select);
	session_put(exchange->session, AMQP_EXCHANGE_DECLARE_METHOD, &declare);
}

/* Nobody knows what became of what was sent; what was not, waits on. */
static void on_lost(void *context, struct str text, bool was_open)
{
	struct exchange *exchange = context;

	(void)was_open;
	exchange->is_ready = exchange->is_blocked = false;
	state_tell(exchange, text);
	for (size_t i = 0; i < EXCHANGE_WINDOW; i++)
		if (exchange->letter[i].is_sent)
			letter_end(&exchange->letter[i], -ECONNRESET);
}

static void on_blocked(void *context, struct str reason)
{
	struct exchange *exchange = context;
	char text[STATE_BYTES] = "";

	exchange->is_blocked = reason.len > 0;
	if (reason.len)
		snprintf(text, sizeof text, "the broker takes no messages for now: %.*s",
			 STR(str_first(reason, 100)));
	state_tell(exchange, str_of(text));
	go_soon(exchange);
}

/* ---- the interface ---- */

static int settings_take(struct exchange *exchange, const struct bus_address *address,
			 struct err *err)
{
	struct arena *a = &exchange->arena;

	if (bus_is_embedded(address->url))
		return err_set(err, -EPROTONOSUPPORT,
			       "there is no broker: with the embedded bus events are read from the "
			       "API (GET /events)");
	TRY(broker_url_parse(a, str_copy(a, address->url), &exchange->url, err));
	if (!address->password.len)
		return err_set(err, -EINVAL, "bus: no password for \"%.*s\"",
			       STR(exchange->url.user));
	if (exchange->url.has_tls)
		TRY(link_tls_open(address->ca_file.len ? str_cstring(a, address->ca_file) : NULL,
				  &exchange->tls, err));
	exchange->settings.url = &exchange->url;
	exchange->settings.tls = exchange->tls;
	exchange->settings.password = str_copy(a, address->password);
	exchange->settings.name = "dss events";
	return 0;
}

static void exchange_free(struct exchange *exchange)
{
	struct str password = exchange->settings.password;

	link_tls_close(exchange->tls);
	if (password.len)
		explicit_bzero((char *)password.data, password.len);
	arena_release(&exchange->arena);
	memory_free(exchange);
}

static uv_timer_t *timer_open(struct exchange *exchange, uv_loop_t *loop)
{
	uv_timer_t *timer = memory_alloc(sizeof *timer);

	uv_timer_init(loop, timer);
	timer->data = exchange;
	return timer;
}

int exchange_open(uv_loop_t *loop, const struct bus_address *address,
		  void (*on_state)(void *context, struct str text), void *context,
		  struct exchange **ret, struct err *err)
{
	struct exchange *exchange = memory_alloc(sizeof *exchange);
	int code;

	*exchange = (struct exchange){ .on_state = on_state, .context = context };
	code = settings_take(exchange, address, err);
	if (code < 0) {
		exchange_free(exchange);
		return code;
	}
	exchange->settings.loop = loop;
	exchange->soon = timer_open(exchange, loop);
	exchange->look = timer_open(exchange, loop);
	uv_timer_start(exchange->look, on_look, LOOK_MS, LOOK_MS);
	exchange->events = (struct session_events){ .context = exchange,
						    .on_open = on_open,
						    .on_method = on_method,
						    .on_content = on_content,
						    .on_lost = on_lost,
						    .on_blocked = on_blocked };
	exchange->session = session_open(&exchange->settings, &exchange->events);
	*ret = exchange;
	return 0;
}

void exchange_close(struct exchange *exchange)
{
	if (!exchange)
		return;
	session_close(exchange->session);
	for (size_t i = 0; i < EXCHANGE_WINDOW; i++)
		arena_release(&exchange->letter[i].arena);
	uv_close((uv_handle_t *)exchange->soon, (uv_close_cb)memory_free);
	uv_close((uv_handle_t *)exchange->look, (uv_close_cb)memory_free);
	exchange_free(exchange);
}

static void message_copy(struct notice_letter *letter, const struct exchange_message *message)
{
	struct arena *a = &letter->arena;
	struct exchange_header *headers =
		arena_array(a, MAX(message->header_count, (size_t)1), sizeof *headers);

	letter->message = *message;
	letter->message.key = str_copy(a, message->key);
	letter->message.id = str_copy(a, message->id);
	letter->message.body = str_copy(a, message->body);
	for (size_t i = 0; i < message->header_count; i++) {
		headers[i].name = str_cstring(a, str_of(message->headers[i].name));
		headers[i].value = str_copy(a, message->headers[i].value);
	}
	letter->message.headers = headers;
}

int exchange_publish(struct exchange *exchange, const struct exchange_message *message,
		     void (*done)(void *context, int code), void *context, struct err *err)
{
	struct notice_letter *letter = NULL;

	if (message->key.len > KEY_BYTES || message->header_count > EXCHANGE_HEADERS ||
	    message->body.len > EXCHANGE_BODY_BYTES)
		return err_set(err, ERR_LIMIT, "the event is too large for a message");
	for (size_t i = 0; i < EXCHANGE_WINDOW && !letter; i++)
		if (!exchange->letter[i].is_used)
			letter = &exchange->letter[i];
	if (!letter)
		return err_set(err, -EBUSY, "%d events wait for the broker", EXCHANGE_WINDOW);
	letter->is_used = true;
	letter->order = exchange->next_order++;
	letter->deadline_us = clock_monotonic_us() + EXCHANGE_WAIT_MS * 1000ll;
	letter->done = done;
	letter->context = context;
	message_copy(letter, message);
	go_soon(exchange);
	return 0;
}

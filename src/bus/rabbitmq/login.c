/* SPDX-License-Identifier: Apache-2.0 */
/* What is said between us and the broker about the connection itself? */
#include "bus/rabbitmq/session_parts.h"

#include "base/clock.h"

enum {
	REPLY_ACCESS_REFUSED = 403,
	REPLY_NOT_ALLOWED = 530,
	VERSION_LEAST = 310 /* RabbitMQ 3.10: quorum queues with time limits of messages */
};

void login_begin(struct session *session)
{
	session->state = SESSION_LOGGING_IN;
	session->received_us = session->sent_us = clock_monotonic_us();
	wire_put_hello(&session->out);
}

static int put(struct session *session, amqp_method_number_t method, void *decoded, struct err *err)
{
	return wire_put_method(&session->out, 0, method, decoded, err);
}

static bool has_word(struct str words, struct str wanted)
{
	struct str word;

	while (str_word(&words, &word))
		if (str_eq(word, wanted))
			return true;
	return false;
}

/* "3.10.8" is 310, "4.1.0" is 401. */
static unsigned version_number(struct str text)
{
	uint64_t major = 0, minor = 0;
	struct str part;

	if (!str_split(&text, '.', &part) || str_to_uint(part, 99, &major) < 0 ||
	    !str_split(&text, '.', &part) || str_to_uint(part, 99, &minor) < 0)
		return 0;
	return (unsigned)(major * 100 + minor);
}

static int broker_check(const amqp_connection_start_t *start, struct err *err)
{
	struct str product = wire_find_text(&start->server_properties, "product"),
		   version = wire_find_text(&start->server_properties, "version");

	if (!has_word(wire_str(start->mechanisms), STR_LIT("PLAIN")))
		return err_set(
			err, -EPROTONOSUPPORT,
			"it does not offer SASL PLAIN (auth_mechanisms of its configuration)");
	if (!str_eq(product, STR_LIT("RabbitMQ")) || version_number(version) < VERSION_LEAST)
		return err_set(err, -EPROTONOSUPPORT,
			       "it is %.*s %.*s; RabbitMQ 3.10 or later is needed, for its quorum "
			       "queues",
			       STR(str_first(product, 40)), STR(str_first(version, 20)));
	return 0;
}

static int start(struct session *session, const amqp_connection_start_t *start, struct err *err)
{
	amqp_table_entry_t able[] = {
		entry_switch("publisher_confirms", true),
		entry_switch("basic.nack", true),
		entry_switch("consumer_cancel_notify", true),
		entry_switch("connection.blocked", true),
		entry_switch("authentication_failure_close", true),
	};
	amqp_table_entry_t about[] = {
		entry_text("product", STR_LIT("DSS")),
		entry_text("version", STR_LIT(DSS_VERSION)),
		entry_text("connection_name", str_of(session->settings.name)),
		{ .key = amqp_cstring_bytes("capabilities") },
	};
	amqp_connection_start_ok_t ok = { .client_properties = { ARRAY_COUNT(about), about },
					  .mechanism = amqp_cstring_bytes("PLAIN"),
					  .locale = amqp_cstring_bytes("en_US") };
	struct buf response; /* RFC 4616 section 2 */
	int code;

	TRY(broker_check(start, err));
	about[3].value.kind = AMQP_FIELD_KIND_TABLE;
	about[3].value.value.table = (amqp_table_t){ ARRAY_COUNT(able), able };
	buf_init(&response, NULL);
	buf_put_char(&response, '\0');
	buf_put_str(&response, session->settings.url->user);
	buf_put_char(&response, '\0');
	buf_put_str(&response, session->settings.password);
	ok.response = wire_bytes(buf_str(&response));
	code = put(session, AMQP_CONNECTION_START_OK_METHOD, &ok, err);
	explicit_bzero(response.data, response.len);
	buf_release(&response);
	return code;
}

static int tune(struct session *session, const amqp_connection_tune_t *tune, struct err *err)
{
	amqp_connection_tune_ok_t ok = { .channel_max = SESSION_CHANNEL,
					 .frame_max = WIRE_FRAME_MAX,
					 .heartbeat = SESSION_HEARTBEAT_S };
	amqp_connection_open_t open = { .virtual_host = wire_bytes(session->settings.url->vhost) };

	if (tune->frame_max && tune->frame_max < WIRE_FRAME_MAX)
		return err_set(err, -EPROTONOSUPPORT, "its frame_max is %u; %d or more is needed",
			       tune->frame_max, WIRE_FRAME_MAX);
	TRY(put(session, AMQP_CONNECTION_TUNE_OK_METHOD, &ok, err));
	return put(session, AMQP_CONNECTION_OPEN_METHOD, &open, err);
}

static int closed(struct session *session, unsigned reply, struct str text, struct err *err)
{
	const struct broker_url *url = session->settings.url;

	text = str_first(text, 160);
	if (session->state != SESSION_OPEN && reply == REPLY_ACCESS_REFUSED)
		return err_set(err, -EACCES,
			       "it refuses user \"%.*s\" with the password of "
			       "bus.password_file: %.*s",
			       STR(str_first(url->user, 64)), STR(text));
	if (session->state != SESSION_OPEN && reply == REPLY_NOT_ALLOWED)
		return err_set(err, -EACCES, "vhost \"%.*s\" is not to be had: %.*s",
			       STR(str_first(url->vhost, 64)), STR(text));
	return err_set(err, -ECONNRESET, "%u %.*s", reply, STR(text));
}

static void blocked(struct session *session, struct str reason)
{
	session->is_blocked = reason.len > 0;
	session->events.on_blocked(session->events.context, reason);
}

static int connection_method(struct session *session, const struct wire_method *method,
			     struct err *err)
{
	const amqp_connection_close_t *close = method->decoded;
	const amqp_connection_blocked_t *reason = method->decoded;
	amqp_connection_close_ok_t ok = { 0 };
	amqp_channel_open_t open = { 0 };
	bool is_logging_in = session->state == SESSION_LOGGING_IN;

	switch (method->number) {
	case AMQP_CONNECTION_CLOSE_METHOD:
		if (put(session, AMQP_CONNECTION_CLOSE_OK_METHOD, &ok, err) == 0)
			(void)!link_send(session->link,
					 str_from(buf_str(&session->out), session->sent), err);
		return closed(session, close->reply_code, wire_str(close->reply_text), err);
	case AMQP_CONNECTION_CLOSE_OK_METHOD:
		return err_set(err, -EPIPE, "it said goodbye");
	case AMQP_CONNECTION_BLOCKED_METHOD:
		blocked(session, reason->reason.len ? str_first(wire_str(reason->reason), 100)
						    : STR_LIT("no reason"));
		return 0;
	case AMQP_CONNECTION_UNBLOCKED_METHOD:
		blocked(session, STR_NONE);
		return 0;
	case AMQP_CONNECTION_START_METHOD:
		if (is_logging_in)
			return start(session, method->decoded, err);
		break;
	case AMQP_CONNECTION_TUNE_METHOD:
		if (is_logging_in)
			return tune(session, method->decoded, err);
		break;
	case AMQP_CONNECTION_OPEN_OK_METHOD:
		if (is_logging_in)
			return wire_put_method(&session->out, SESSION_CHANNEL,
					       AMQP_CHANNEL_OPEN_METHOD, &open, err);
		break;
	default:
		break;
	}
	return err_set(err, ERR_SYNTAX, "%s is not its turn now", amqp_method_name(method->number));
}

static int channel_method(struct session *session, const struct wire_method *method,
			  struct err *err)
{
	const amqp_channel_close_t *close = method->decoded;
	const amqp_channel_flow_t *flow = method->decoded;

	if (method->number == AMQP_CHANNEL_CLOSE_METHOD)
		return err_set(err, -ECONNRESET, "%u %.*s", close->reply_code,
			       STR(str_first(wire_str(close->reply_text), 200)));
	if (method->number == AMQP_CHANNEL_OPEN_OK_METHOD && session->state == SESSION_LOGGING_IN) {
		session->state = SESSION_OPEN;
		session->events.on_open(session->events.context);
		return 0;
	}
	if (session->state != SESSION_OPEN)
		return err_set(err, ERR_SYNTAX, "a channel that is not open");
	if (method->number == AMQP_CHANNEL_FLOW_METHOD) {
		amqp_channel_flow_ok_t ok = { .active = flow->active };

		return wire_put_method(&session->out, SESSION_CHANNEL, AMQP_CHANNEL_FLOW_OK_METHOD,
				       &ok, err);
	}
	return session->events.on_method(session->events.context, method, err);
}

int login_item(struct session *session, const struct inbox_item *item, struct err *err)
{
	struct session_content content = { .method = item->method,
					   .properties = item->properties,
					   .body = item->body,
					   .is_cut = item->is_cut };

	if (item->kind == INBOX_HEARTBEAT)
		return 0;
	if (item->channel > SESSION_CHANNEL)
		return err_set(err, ERR_SYNTAX, "channel %u was never opened", item->channel);
	if (item->kind == INBOX_METHOD)
		return item->channel ? channel_method(session, &item->method, err)
				     : connection_method(session, &item->method, err);
	if (session->state != SESSION_OPEN || !item->channel)
		return err_set(err, ERR_SYNTAX, "a message before the channel is open");
	return session->events.on_content(session->events.context, &content, err);
}

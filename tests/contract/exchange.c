/* SPDX-License-Identifier: Apache-2.0 */
/* Do events reach queues that are bound to dss.events, as CloudEvents in binary mode? Read by librabbitmq's own
 * client. */
#include "bus/exchange.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "report/notice.h"
#include "tests/contract/broker.h"
#include "tests/test.h"

enum { PATIENCE_US = 30000000, MANY = 200 };

struct outcome {
	size_t count;
	int code;
	bool is_all;
	size_t wanted;
};

static void on_done(void *context, int code)
{
	struct outcome *outcome = context;

	outcome->count++;
	outcome->code = code ? code : outcome->code;
	outcome->is_all = outcome->count == outcome->wanted;
}

/* Somebody else's connection, with a queue of theirs. */
static amqp_connection_state_t reader_open(const char *queue, const char *key)
{
	const struct broker *broker = broker_of_test();
	amqp_connection_state_t reader = amqp_new_connection();
	amqp_socket_t *socket = amqp_tcp_socket_new(reader);

	CHECK(amqp_socket_open(socket, "127.0.0.1", (int)broker->port) == AMQP_STATUS_OK);
	CHECK(amqp_login(reader, "dss", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "dss",
			 broker->password)
		      .reply_type == AMQP_RESPONSE_NORMAL);
	amqp_channel_open(reader, 1);
	amqp_exchange_declare(reader, 1, amqp_cstring_bytes("dss.events"),
			      amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
	amqp_queue_declare(reader, 1, amqp_cstring_bytes(queue), 0, 0, 0, 1, amqp_empty_table);
	amqp_queue_bind(reader, 1, amqp_cstring_bytes(queue), amqp_cstring_bytes("dss.events"),
			amqp_cstring_bytes(key), amqp_empty_table);
	CHECK(amqp_get_rpc_reply(reader).reply_type == AMQP_RESPONSE_NORMAL);
	return reader;
}

static void reader_close(amqp_connection_state_t reader)
{
	amqp_connection_close(reader, AMQP_REPLY_SUCCESS);
	amqp_destroy_connection(reader);
}

/* False: the queue is empty. */
static bool reader_get(amqp_connection_state_t reader, const char *queue, amqp_message_t *ret)
{
	amqp_rpc_reply_t reply = amqp_basic_get(reader, 1, amqp_cstring_bytes(queue), 1);

	CHECK(reply.reply_type == AMQP_RESPONSE_NORMAL);
	if (reply.reply.id == AMQP_BASIC_GET_EMPTY_METHOD)
		return false;
	CHECK(amqp_read_message(reader, 1, ret, 0).reply_type == AMQP_RESPONSE_NORMAL);
	return true;
}

static struct str header_of(const amqp_message_t *message, const char *name)
{
	for (int i = 0; i < message->properties.headers.num_entries; i++) {
		const amqp_table_entry_t *entry = &message->properties.headers.entries[i];

		if (str_eq(str_bytes(entry->key.bytes, entry->key.len), str_of(name)))
			return str_bytes(entry->value.value.bytes.bytes,
					 entry->value.value.bytes.len);
	}
	return STR_NONE;
}

static struct exchange *exchange_of(uv_loop_t *loop)
{
	const struct broker *broker = broker_of_test();
	const struct bus_address address = { .url = str_of(broker->url),
					     .password = str_of(broker->password) };
	struct exchange *exchange = NULL;
	struct err err = { 0 };

	CHECK(exchange_open(loop, &address, NULL, NULL, &exchange, &err) == 0);
	return exchange;
}

static void event_publish(struct exchange *exchange, const struct notice_event *event,
			  struct outcome *outcome)
{
	const struct notice notice = { .id = STR_LIT("dlv_1"), .at_us = event->at_us };
	struct exchange_header headers[ARRAY_COUNT(((struct notice_cloud_event *)0)->headers)];
	struct notice_cloud_event cloud;
	struct exchange_message message = { .id = event->id, .at_us = event->at_us };
	struct arena a = { 0 };
	struct err err = { 0 };

	notice_cloud_event(&a, &notice, event, &cloud);
	for (size_t i = 0; i < cloud.header_count; i++)
		headers[i] =
			(struct exchange_header){ cloud.headers[i].name, cloud.headers[i].value };
	message.key = cloud.key;
	message.body = cloud.body;
	message.headers = headers;
	message.header_count = cloud.header_count;
	CHECK(exchange_publish(exchange, &message, on_done, outcome, &err) == 0);
	arena_release(&a);
}

static const struct notice_event opened = { .id = STR_INIT("evt_1"),
					    .sequence = 7,
					    .type = STR_INIT("finding.opened"),
					    .at_us = 1795000000ll * 1000000 + 42,
					    .domain = STR_INIT("example.com"),
					    .severity = SEVERITY_CRITICAL,
					    .text = STR_INIT("gone") };

TEST(an_event_reaches_who_bound_its_key_and_nobody_else)
{
	amqp_connection_state_t wants = reader_open("wants", "finding.opened.critical");
	amqp_connection_state_t other = reader_open("other", "takeover.#");
	struct outcome outcome = { .wanted = 1 };
	struct exchange *exchange;
	amqp_message_t message;
	uv_loop_t loop;

	uv_loop_init(&loop);
	exchange = exchange_of(&loop);
	event_publish(exchange, &opened, &outcome);
	CHECK(loop_run_until(&loop, &outcome.is_all, clock_monotonic_us() + PATIENCE_US) == 0);
	CHECK_INT(outcome.code, 0);
	CHECK(reader_get(wants, "wants", &message));
	CHECK_STR(header_of(&message, "cloudEvents:specversion"), "1.0");
	CHECK_STR(header_of(&message, "cloudEvents:id"), "evt_1");
	CHECK_STR(header_of(&message, "cloudEvents:type"), "dev.dss.finding.opened.v1");
	CHECK_STR(header_of(&message, "cloudEvents:subject"), "example.com");
	CHECK_STR(header_of(&message, "cloudEvents:source"), "/dss");
	CHECK_STR(header_of(&message, "cloudEvents:time"), "2026-11-18T11:06:40.000042Z");
	CHECK_STR(header_of(&message, "cloudEvents:sequence"), "7");
	CHECK_STR(str_bytes(message.properties.message_id.bytes, message.properties.message_id.len),
		  "evt_1");
	CHECK_STR(str_bytes(message.properties.content_type.bytes,
			    message.properties.content_type.len),
		  "application/json");
	CHECK_INT(message.properties.delivery_mode, 2);
	CHECK(str_find(str_bytes(message.body.bytes, message.body.len),
		       STR_LIT("\"text\":\"gone\"")) >= 0);
	amqp_destroy_message(&message);
	CHECK(!reader_get(wants, "wants", &message));
	CHECK(!reader_get(other, "other", &message));
	exchange_close(exchange);
	loop_run_closing(&loop);
	CHECK_INT(loop_close(&loop), 0);
	reader_close(wants);
	reader_close(other);
}

TEST(many_events_arrive_in_order_over_a_broker_that_dies)
{
	amqp_connection_state_t reader = reader_open("in-order", "#");
	struct outcome outcome = { .wanted = MANY };
	struct exchange *exchange;
	amqp_message_t message;
	uv_loop_t loop;
	size_t count = 0;

	uv_loop_init(&loop);
	exchange = exchange_of(&loop);
	for (size_t i = 0; i < MANY; i++) {
		struct notice_event event = opened;

		event.sequence = (int64_t)i + 1;
		event_publish(exchange, &event, &outcome);
	}
	CHECK(loop_run_until(&loop, &outcome.is_all, clock_monotonic_us() + PATIENCE_US) == 0);
	CHECK_INT(outcome.code, 0);
	while (reader_get(reader, "in-order", &message)) {
		char wanted[24];

		snprintf(wanted, sizeof wanted, "%zu", ++count);
		CHECK_STR(header_of(&message, "cloudEvents:sequence"), wanted);
		amqp_destroy_message(&message);
	}
	CHECK_INT(count, MANY);
	reader_close(reader);
	/* A broker that is away: told as such within the bound, and it works again afterwards. */
	broker_do("kill");
	outcome = (struct outcome){ .wanted = 1 };
	event_publish(exchange, &opened, &outcome);
	CHECK(loop_run_until(&loop, &outcome.is_all, clock_monotonic_us() + PATIENCE_US) == 0);
	CHECK(outcome.code == -ETIMEDOUT || outcome.code == -ECONNRESET);
	broker_do("start");
	for (outcome.code = -1; outcome.code;) {
		outcome = (struct outcome){ .wanted = 1 };
		event_publish(exchange, &opened, &outcome);
		CHECK(loop_run_until(&loop, &outcome.is_all, clock_monotonic_us() + PATIENCE_US) ==
		      0);
	}
	exchange_close(exchange);
	loop_run_closing(&loop);
	CHECK_INT(loop_close(&loop), 0);
}

TEST(without_a_broker_there_is_nothing_to_publish_to)
{
	const struct bus_address address = { .url = STR_LIT("embedded") };
	struct exchange *exchange = NULL;
	struct err err = { 0 };
	uv_loop_t loop;

	uv_loop_init(&loop);
	CHECK_INT(exchange_open(&loop, &address, NULL, NULL, &exchange, &err), -EPROTONOSUPPORT);
	CHECK(strstr(err.text, "/events"));
	CHECK_INT(loop_close(&loop), 0);
}

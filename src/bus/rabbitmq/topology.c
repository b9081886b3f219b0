/* SPDX-License-Identifier: Apache-2.0 */
/* Which exchanges, queues and bindings are ours? */
#include "bus/rabbitmq/topology.h"

static const char *const exchanges[] = { "dss.jobs", "dss.events", "dss.back", "dss.dead" };
static const unsigned retry_s[TOPOLOGY_RETRIES] = { 1, 4, 16, 64, 300, 1800 };

static const char *const keys[BUS_QUEUES] = {
	[BUS_SCAN_HIGH] = "scan.high",
	[BUS_SCAN_NORMAL] = "scan.normal",
	[BUS_SCAN_BULK] = "scan.bulk",
};

static void exchange_put(struct session *session, const char *name)
{
	amqp_exchange_declare_t declare = { .exchange = amqp_cstring_bytes(name),
					    .type = amqp_cstring_bytes("topic"),
					    .durable = 1 };

	session_put(session, AMQP_EXCHANGE_DECLARE_METHOD, &declare);
}

/* @dead  the exchange of what it gives up, empty: none; @limit  deliveries, 0: none */
static void queue_put(struct session *session, const char *name, struct str dead, int limit)
{
	amqp_table_entry_t entry[5];
	amqp_queue_declare_t declare = { .queue = amqp_cstring_bytes(name), .durable = 1 };
	int count = 0;

	entry[count++] = entry_text("x-queue-type", STR_LIT("quorum"));
	if (dead.len) {
		entry[count++] = entry_text("x-dead-letter-exchange", dead);
		entry[count++] = entry_text("x-dead-letter-strategy", STR_LIT("at-least-once"));
		entry[count++] = entry_text("x-overflow", STR_LIT("reject-publish"));
	}
	if (limit)
		entry[count++] = entry_number("x-delivery-limit", limit);
	declare.arguments = (amqp_table_t){ count, entry };
	session_put(session, AMQP_QUEUE_DECLARE_METHOD, &declare);
}

static void bind_put(struct session *session, const char *queue, const char *exchange,
		     const char *key)
{
	amqp_queue_bind_t bind = { .queue = amqp_cstring_bytes(queue),
				   .exchange = amqp_cstring_bytes(exchange),
				   .routing_key = amqp_cstring_bytes(key) };

	session_put(session, AMQP_QUEUE_BIND_METHOD, &bind);
}

unsigned topology_put(struct session *session)
{
	char name[40], key[40];

	for (size_t i = 0; i < ARRAY_COUNT(exchanges); i++)
		exchange_put(session, exchanges[i]);
	queue_put(session, "dss.dead", STR_NONE, 0);
	bind_put(session, "dss.dead", "dss.dead", "#");
	for (int i = 0; i < BUS_QUEUES; i++) {
		queue_put(session, bus_queue_names[i], TOPOLOGY_DEAD, TOPOLOGY_DELIVERIES);
		bind_put(session, bus_queue_names[i], "dss.jobs", keys[i]);
		snprintf(key, sizeof key, "#.%s", keys[i]);
		bind_put(session, bus_queue_names[i], "dss.back", key);
	}
	for (size_t i = 0; i < TOPOLOGY_RETRIES; i++) {
		snprintf(name, sizeof name, "dss.retry.%u", retry_s[i]);
		queue_put(session, name, STR_LIT("dss.back"), 0);
		snprintf(key, sizeof key, "retry.%u.#", retry_s[i]);
		bind_put(session, name, "dss.jobs", key);
	}
	return ARRAY_COUNT(exchanges) + 2 + 3 * BUS_QUEUES + 2 * TOPOLOGY_RETRIES;
}

unsigned topology_put_depths(struct session *session)
{
	for (int i = 0; i <= BUS_QUEUES; i++) {
		amqp_queue_declare_t declare = {
			.queue = i < BUS_QUEUES ? amqp_cstring_bytes(bus_queue_names[i])
						: wire_bytes(TOPOLOGY_DEAD),
			.passive = 1
		};

		session_put(session, AMQP_QUEUE_DECLARE_METHOD, &declare);
	}
	return BUS_QUEUES + 1;
}

bool topology_is_answer(amqp_method_number_t method)
{
	return method == AMQP_EXCHANGE_DECLARE_OK_METHOD ||
	       method == AMQP_QUEUE_DECLARE_OK_METHOD || method == AMQP_QUEUE_BIND_OK_METHOD;
}

const char *topology_key(enum bus_queue queue)
{
	return keys[queue];
}

const char *topology_delayed_key(enum bus_queue queue, unsigned delay_ms, char out[static 40])
{
	size_t i = 0;

	while (i + 1 < TOPOLOGY_RETRIES && delay_ms > retry_s[i] * 1000)
		i++;
	snprintf(out, 40, "retry.%u.%s", retry_s[i], keys[queue]);
	return out;
}

enum bus_queue topology_queue(struct str name)
{
	for (int i = 0; i < BUS_QUEUES; i++)
		if (str_ends(name, str_of(keys[i])))
			return (enum bus_queue)i;
	return BUS_QUEUES;
}

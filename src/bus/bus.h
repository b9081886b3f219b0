/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The message queue: scan requests, handed over at least once. Which bus it is says one line of
 * configuration: "embedded" is jobs in the store, amqp:// and amqps:// are RabbitMQ (bus/rabbitmq).
 * bus/backend.h is what another one has to bring.
 *
 * All of it runs on one libuv loop and never blocks it, bus_flush and bus_close excepted; callbacks
 * are called from the loop, never from inside the call that starts something. Bodies are UTF-8 JSON
 * (bus/message.h).
 *
 * A consumer holds what it was given until it acks, retries, buries or gives it back. While it lives
 * the bus keeps the lease. When it dies, its messages go to others: at once on the same host, after
 * the lease otherwise. A message is delivered at most BUS_ATTEMPTS times; then it is a dead letter
 * with the last reason. Nothing is in order.
 *
 * Where RabbitMQ differs, and nothing else does:
 * - A lease is the connection: the broker gives messages to others at once when it ends, on any
 *   host, and after two heartbeats (12 s) when it is half open. on_lost is told then.
 * - An ack has no confirm in AMQP: after bus_flush the broker has it, and a broker that dies in that
 *   moment may deliver the message again.
 * - Giving back counts as a delivery when it is the connection that ends.
 * - A delay may be longer, behind another message of the same order of size.
 * - Up to BUS_QUEUES - 1 messages beyond the prefetch may wait in this process, for 2 s.
 * - What is held for 25 min is published again, to come 25 min later: the broker would take it back
 *   after 30. Who still holds it then sees it delivered twice.
 */
#ifndef DSS_BUS_BUS_H
#define DSS_BUS_BUS_H

#include <uv.h>

#include "base/err.h"
#include "base/uuid.h"
#include "bus/address.h"

struct store;
struct bus;

enum bus_queue { BUS_SCAN_HIGH, BUS_SCAN_NORMAL, BUS_SCAN_BULK, BUS_QUEUES };
/** "dss.scan.high" …; ends with NULL. */
extern const char *const bus_queue_names[];

enum {
	BUS_ATTEMPTS = 5,
	BUS_LEASE_MS = 15000,
	BUS_BEAT_MS = 5000, /**< how often leases are renewed */
	BUS_BODY_BYTES = 64 << 10,
	BUS_REASON_BYTES = 1000 /**< longer reasons are cut */
};

struct bus_message {
	uint64_t tag; /**< names it in ack, retry, bury, give_back; never 0 */
	enum bus_queue queue;
	int attempt;     /**< from 1 */
	struct str body; /**< valid during the callback */
};

/** What was given up. */
struct bus_letter {
	uint64_t tag; /**< for bus_ack, when it is kept elsewhere */
	enum bus_queue queue;
	int attempt;             /**< deliveries */
	struct str body, reason; /**< valid during the callback */
	int64_t first_us, dead_us;
};

struct bus_settings {
	struct str url;      /**< "embedded", or as bus/rabbitmq/url.h has it */
	struct str password; /**< of the URL's user */
	struct str ca_file;  /**< PEM, for amqps; empty: the system's roots */
	unsigned hold_ms;    /**< how long RabbitMQ lets us hold a message; 0: HOLD_MS */
	struct store *store; /**< of the embedded bus */
	struct str folder; /**< the data folder (store/folder.h), for the consumer's lock, by which
			       * others see that it lives; empty: none. On the embedded bus dead
			       * consumers show then only when their leases run out */
	uv_loop_t *loop;
	struct uuid consumer; /**< an id of its own, the worker's; nil: publishes only */
};

struct bus_handlers {
	void *context;
	void (*on_message)(void *context, const struct bus_message *message);
	/** Others have it now (the lease was lost): what is done for it counts no more. */
	void (*on_lost)(void *context, uint64_t tag);
	/** The bus cannot be reached or takes nothing (text says why), or again (text is empty). It
	 * keeps trying. */
	void (*on_state)(void *context, struct str text);
	/** A dead letter (bus_collect). */
	void (*on_letter)(void *context, const struct bus_letter *letter);
	/** How many messages the broker has ready in a queue, every few seconds for each of them, BUS_QUEUES
	 * being the dead letters. Those that consumers hold are not among them. RabbitMQ only. */
	void (*on_depth)(void *context, int queue, int64_t ready);
};

/** on_message may be NULL for who only publishes, the others for who does not care.
 * -EPROTONOSUPPORT: no such bus; -EEXIST: the consumer's id is in use. */
int bus_open(const struct bus_settings *settings, const struct bus_handlers *handlers,
	     struct bus **ret, struct err *err) MUST_USE;
/** Messages held go back to the queue first. No handler is called any more; the loop runs on until
 * its handles are closed (loop_run_closing). Not from inside a handler. NULL is allowed. */
void bus_close(struct bus *bus);

/** done is called with 0 once the message is durable and routed, else with a negative code: publish
 * it again. A body over BUS_BODY_BYTES is -EMSGSIZE. RabbitMQ: -ETIMEDOUT, it waited 10 s for a broker
 * that is away or takes nothing; -ECONNRESET, nobody knows whether it arrived. */
void bus_publish(struct bus *bus, enum bus_queue queue, struct str body,
		 void (*done)(void *context, int code), void *context);

/** From now on up to `prefetch` messages are held at once, taken from the queues by turns 8 : 3 : 1.
 * 0: take no more. */
void bus_consume(struct bus *bus, unsigned prefetch);

/** From now on up to `prefetch` dead letters are handed to on_letter, to be kept elsewhere and then
 * acked. The embedded bus has none to give: its dead letters are rows of the store. */
void bus_collect(struct bus *bus, unsigned prefetch);

/* What is held is settled by one of these, each durable within one commit; all that were called from
 * the callbacks of one turn of the loop share it. on_lost is called when it was too late. Unknown
 * tags are ignored. */

void bus_ack(struct bus *bus, uint64_t tag);
/** Deliver it again after about so long, by whomever. 0: 1 s, doubling with each attempt up to 5 min;
 * half of it is jitter. After the last attempt it is buried. */
void bus_retry(struct bus *bus, uint64_t tag, unsigned delay_ms, struct str reason);
/** To the dead letters. */
void bus_bury(struct bus *bus, uint64_t tag, struct str reason);
/** Back to the queue at once; this delivery is not counted (drain). */
void bus_give_back(struct bus *bus, uint64_t tag);

/** What the calls above only queued so far is done and durable on return; blocks. Their callbacks come
 * from the loop. */
int bus_flush(struct bus *bus, struct err *err) MUST_USE;

/** Right after bus_open: blocks until the bus can be used, or -ENOTCONN with the reason why it cannot. */
int bus_probe(struct bus *bus, struct err *err) MUST_USE;

#endif

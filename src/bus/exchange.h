/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Telling others through the broker: messages to the topic exchange `dss.events`, which whoever wants them
 * binds a queue of their own to. RabbitMQ only; with the embedded bus, events are read from the API.
 *
 * A message counts as published when the broker has confirmed it: it is persistent, and lies in all queues
 * that were bound. That none was bound is no failure. All of it runs on one libuv loop and never blocks it;
 * callbacks are called from the loop, never from inside the call that starts something.
 */
#ifndef DSS_BUS_EXCHANGE_H
#define DSS_BUS_EXCHANGE_H

#include <uv.h>

#include "base/err.h"
#include "bus/address.h"

enum {
	EXCHANGE_WINDOW = 256, /**< messages that wait or are without a confirm */
	EXCHANGE_HEADERS = 16,
	EXCHANGE_BODY_BYTES = 1 << 20,
	EXCHANGE_WAIT_MS =
		10000 /**< how long one waits for a broker that is away or takes nothing */
};

struct exchange;

struct exchange_header {
	const char *name;
	struct str value;
};

/** Copied. */
struct exchange_message {
	struct str key; /**< "finding.opened.high"; 255 octets at most */
	struct str id;  /**< message-id, by which receivers drop repeats */
	struct str body;
	const struct exchange_header *headers;
	size_t header_count;
	int64_t at_us; /**< UTC */
};

/**
 * Begins to connect; the broker may come later. on_state may be NULL: the broker cannot be reached or takes
 * nothing (text says why), or again (text is empty).
 * -EPROTONOSUPPORT: the embedded bus has none; ERR_SYNTAX, -EINVAL: of the address.
 */
int exchange_open(uv_loop_t *loop, const struct bus_address *address,
		  void (*on_state)(void *context, struct str text), void *context,
		  struct exchange **ret, struct err *err) MUST_USE;
/** No callback any more; what had no confirm may have arrived. Not from inside a callback. NULL is fine. */
void exchange_close(struct exchange *exchange);

/**
 * done is called once: 0; -ETIMEDOUT: it waited EXCHANGE_WAIT_MS; -ECONNRESET: nobody knows whether it
 * arrived; -EIO: the broker refused it.
 * -EBUSY: EXCHANGE_WINDOW are under way; ERR_LIMIT: it is too large. done is not called then.
 */
int exchange_publish(struct exchange *exchange, const struct exchange_message *message,
		     void (*done)(void *context, int code), void *context,
		     struct err *err) MUST_USE;

#endif

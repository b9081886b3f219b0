/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The child `dss-net sender` as the notifier sees it: deliveries in, what became of them out
 * (children/sender_protocol.h), on the notifier's loop. What it sends is checked: it may speak of
 * deliveries that it has, once each, within the sizes of the protocol; else it is ended, and on_gone says
 * why. Texts stay foreign bytes.
 *
 *	sender_process_start(loop, &configuration, &events, notifier, &sender, &err);
 *	on_ready:      while (!sender_process_is_full(sender)) sender_process_deliver(sender, &delivery);
 *	on_delivered:  settle delivered->number, then give it the next one
 *	on_gone:       sender_process_flights() may or may not have arrived; start another
 */
#ifndef DSS_CHILDREN_SENDER_H
#define DSS_CHILDREN_SENDER_H

#include "children/process.h"
#include "children/sender_protocol.h"

struct sender_process;

/** Bodies are valid during the call. Members but on_delivered and on_gone may be NULL. */
struct sender_process_events {
	void (*on_ready)(void *data);
	void (*on_delivered)(void *data, const struct sender_delivered *delivered);
	void (*on_log)(void *data, const struct sender_log *log);
	/** As process_events.on_gone: exit_code 0 after sender_process_finish. Close it here or later. */
	void (*on_gone)(void *data, int exit_code, bool is_crash, const char *why);
};

/** @events  must outlive *ret */
int sender_process_start(uv_loop_t *loop, const struct sender_configuration *configuration,
			 const struct sender_process_events *events, void *data,
			 struct sender_process **ret, struct err *err) MUST_USE;
/** Kills it if it runs. No event after this. NULL is fine. */
void sender_process_close(struct sender_process *sender);

/**
 * Send a message; what became of it is told by on_delivered. Before on_ready it is queued.
 * 0; -EBUSY: it is full; -EINVAL, ERR_LIMIT: it breaks a bound of the protocol, err says
 * which; nothing was sent then.
 */
int sender_process_deliver(struct sender_process *sender, const struct sender_delivery *delivery,
			   struct err *err) MUST_USE;
/** Are SENDER_IN_FLIGHT out, or does the sender not read? */
bool sender_process_is_full(const struct sender_process *sender);
/** No more deliveries: it leaves when the last has ended. */
void sender_process_finish(struct sender_process *sender);
/** Numbers of the deliveries that are out, in no order. Valid until the next call. */
const uint64_t *sender_process_flights(const struct sender_process *sender, size_t *ret_count);
/** 0 after it has left. */
pid_t sender_process_pid(const struct sender_process *sender);

#endif

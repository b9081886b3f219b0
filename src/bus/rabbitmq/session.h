/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One connection to the broker with one channel, kept up: it resolves, connects, logs in (SASL PLAIN),
 * opens vhost and channel 1, keeps heartbeats, and when it is lost comes again, to the next of the
 * hosts, after a rest that doubles to SESSION_REST_MOST_MS; half of it is jitter.
 *
 * A broker that says nothing for two heartbeats is lost: a half-open connection shows within 13 s, and
 * so does a broker that hangs. Connecting and logging in have SESSION_OPEN_MS.
 *
 * Events are called from session_io, that is from the loop or from session_step. A session that is lost
 * forgets what it was to send.
 */
#ifndef DSS_BUS_RABBITMQ_SESSION_H
#define DSS_BUS_RABBITMQ_SESSION_H

#include <uv.h>

#include "bus/rabbitmq/link.h"
#include "bus/rabbitmq/url.h"
#include "bus/rabbitmq/wire.h"

enum {
	SESSION_HEARTBEAT_S = 6,
	SESSION_OPEN_MS = 10000,
	SESSION_REST_FIRST_MS = 250,
	SESSION_REST_MOST_MS = 10000,
	SESSION_CHANNEL = 1
};

struct session;

struct session_settings {
	uv_loop_t *loop;
	const struct broker_url *url;
	const struct link_tls *tls; /**< NULL: none */
	struct str password;
	const char *name; /**< what the broker's operators see: "dss publisher" */
};

/** A message as it came: of basic.deliver or basic.return. Valid during the call. */
struct session_content {
	struct wire_method method;
	const amqp_basic_properties_t *properties;
	struct str body;
	bool is_cut; /**< longer than INBOX_BODY_MOST: the body is empty */
};

struct session_events {
	void *context;
	/** The channel is open; nothing was put on it yet. */
	void (*on_open)(void *context);
	/** A method of the channel that carries no content. Negative: the session is lost. */
	int (*on_method)(void *context, const struct wire_method *method, struct err *err);
	int (*on_content)(void *context, const struct session_content *content, struct err *err);
	/** It is lost (text says why, and where), or an attempt to connect has failed. */
	void (*on_lost)(void *context, struct str text, bool was_open);
	/** The broker takes no messages for now (reason), or again (empty). */
	void (*on_blocked)(void *context, struct str reason);
};

/** Begins at once, on the loop. All of settings and events must outlive it. */
struct session *session_open(const struct session_settings *settings,
			     const struct session_events *events);
/** No event any more. The loop runs on until its handles are closed. NULL is fine. */
void session_close(struct session *session);

/** What it is for works: the rest after the next loss is short again. */
void session_proven(struct session *session);

bool session_is_open(const struct session *session);
/** Does it rest before the next attempt? */
bool session_is_resting(const struct session *session);

/** Puts a method on the channel; it leaves with session_send. */
void session_put(struct session *session, amqp_method_number_t method, void *decoded);
/** basic.publish and its content; ERR_LIMIT: its properties are too large. */
int session_publish(struct session *session, amqp_basic_publish_t *method,
		    amqp_basic_properties_t *properties, struct str body, struct err *err) MUST_USE;
/** Sends what was put, as far as the socket takes it; the rest follows by itself. */
void session_send(struct session *session);
/** Bytes that the socket has not taken. */
size_t session_queued(const struct session *session);

/** Without the loop: for bus_flush. The descriptor to wait on and its events, or -1: none now. */
int session_descriptor(struct session *session, short *ret_events);
/** Does what is to be done; begins to connect where nobody did, and then resolves names blocking. */
void session_step(struct session *session);
/** Says goodbye to the broker; send it. */
void session_goodbye(struct session *session);

#endif

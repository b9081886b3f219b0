/* SPDX-License-Identifier: Apache-2.0 */
/** What session.c (keeping a connection) and login.c (what is said on channel 0) share. */
#ifndef DSS_BUS_RABBITMQ_SESSION_PARTS_H
#define DSS_BUS_RABBITMQ_SESSION_PARTS_H

#include <netdb.h>

#include "bus/rabbitmq/inbox.h"
#include "bus/rabbitmq/session.h"

enum session_state {
	SESSION_RESTING,
	SESSION_RESOLVING,
	SESSION_CONNECTING, /**< TCP and TLS */
	SESSION_LOGGING_IN, /**< the broker's turn: start, tune, open-ok, channel.open-ok */
	SESSION_OPEN
};

struct session {
	struct session_settings settings;
	struct session_events events;
	enum session_state state;
	size_t host, first_host; /**< of the URL; where this round of attempts began */
	struct lookup *lookup;
	struct addrinfo *addresses, *address;
	struct link *link;
	uv_poll_t *poll;
	int polled;
	uv_timer_t *timer;
	struct inbox inbox;
	struct buf out;
	size_t sent;
	int64_t deadline_us, received_us, sent_us; /**< monotonic */
	unsigned rest_ms;
	bool is_blocked;
};

/** It is over: it comes again after a rest, and its user is told. */
void session_lost(struct session *session, const struct err *err);

/** The stream is there. */
void login_begin(struct session *session);
/** Whatever came: what is not for the channel is done here. */
int login_item(struct session *session, const struct inbox_item *item, struct err *err) MUST_USE;

#endif

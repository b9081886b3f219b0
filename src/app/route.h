/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Events to deliveries: what the rules of all workspaces want becomes a message of its own or joins the
 * open window of its channel. For notifiers; several may call this at once.
 *
 * How far the events were read stands in the store, in the transaction that made deliveries of them; so an
 * event is looked at again by nobody, whoever is killed when. What no rule wants is only read past: each
 * notifier keeps that in memory.
 */
#ifndef DSS_APP_ROUTE_H
#define DSS_APP_ROUTE_H

#include "app/match.h"

/** A notifier's place in the events; all zero at the beginning. */
struct route {
	int64_t read; /**< event.sequence up to which it looked */
	int64_t kept; /**< as far as it knows what the store says */
};

struct routed {
	size_t events;   /**< that were read */
	size_t wanted;   /**< of these, by some rule */
	size_t messages; /**< of their own */
	size_t gathered; /**< joined a window; an event that goes to two channels counts twice */
	bool has_more;   /**< call again */
	char broken_rule
		[128]; /**< a rule whose selector cannot be read, so that it takes all; or "" */
};

/** One step: at most a thousand events. */
int route_events(struct store *store, struct route *route, struct routed *ret,
		 struct err *err) MUST_USE;
/** Before a rule or a channel is taken up: when there was none for anybody, what happened meanwhile is
 * nobody's news. */
int route_begin(struct store_tx *tx, struct err *err) MUST_USE;

#endif

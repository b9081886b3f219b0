/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How this process sees the broker, for /readyz and the queue's view: a connection of its own on a thread
 * of its own, over which nothing is published. The API needs the store alone; that it tells of the
 * broker is for people.
 */
#ifndef DSS_ROLES_API_BROKER_H
#define DSS_ROLES_API_BROKER_H

#include "bus/address.h"
#include "bus/bus.h"

struct broker_watch;

/** *ret is NULL for the embedded bus. */
int broker_watch_open(const struct bus_address *address, struct broker_watch **ret,
		      struct err *err) MUST_USE;
/** NULL is fine. */
void broker_watch_close(struct broker_watch *watch);
/** How many messages it has ready in each queue, the dead letters last; false: not known (yet, or any
 * more). NULL is fine. */
bool broker_watch_depths(struct broker_watch *watch, int64_t ret[BUS_QUEUES + 1]);
/** Why it cannot be reached, or takes nothing; empty: all is well, or watch is NULL. In the arena. */
struct str broker_watch_text(struct broker_watch *watch, struct arena *a);

#endif

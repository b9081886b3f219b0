/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The scheduler's end of a bus outside of the store. The relay publishes a handful of scans, waits until
 * the bus has answered for each of them, notes those that it confirmed, and goes on. While the broker is
 * away or takes nothing, nothing is chosen: the store is the backlog. Dead letters come the other way,
 * into the store, as long as this scheduler leads.
 */
#ifndef DSS_ROLES_SCHEDULER_OUTSIDE_H
#define DSS_ROLES_SCHEDULER_OUTSIDE_H

#include <uv.h>

#include "app/handover.h"
#include "base/log.h"

enum { OUTSIDE_LETTERS = 100 };

struct outside {
	struct bus *bus; /**< NULL: the bus is the embedded one */
	const struct log *log;
	void (*on_news)(void *context); /**< a duty has something to do */
	void *context;
	bool is_away;
	/* what is being published; texts in the arena */
	struct arena arena;
	struct handing *handings;
	size_t count, answered;
	int64_t rest_us; /**< monotonic; after a failure */
	/* dead letters that came and are not kept yet */
	struct bus_letter letters[OUTSIDE_LETTERS];
	struct arena letter_arena;
	size_t letter_count;
	int64_t again_us; /**< monotonic; when lost ones are looked for */
};

/** An empty URL or "embedded" opens nothing. */
int outside_open(struct outside *outside, const struct bus_address *address, uv_loop_t *loop,
		 struct err *err) MUST_USE;
/** The loop runs on until its handles are closed. */
void outside_close(struct outside *outside);
/** Whoever leads collects the dead letters. */
void outside_lead(struct outside *outside, bool is_leading);

#endif

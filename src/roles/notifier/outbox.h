/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the sender has, and what came of it. Deliveries that ended are settled together, in one commit a few
 * milliseconds later; while the store is down they are held, and nothing more is taken.
 */
#ifndef DSS_ROLES_NOTIFIER_OUTBOX_H
#define DSS_ROLES_NOTIFIER_OUTBOX_H

#include "app/dispatch.h"
#include "bus/exchange.h"
#include "children/script.h"
#include "children/sender.h"
#include "loop/timers.h"
#include "roles/notifier/notifier.h"

enum { OUTBOX_ROOM = 64 };

/** A delivery that is being sent, or has ended and is not settled. */
struct outbox;

struct flight {
	struct outbox *outbox;
	struct script_run *run; /**< of a script that runs */
	uint64_t number;        /**< of the sender; 0: the place is free */
	bool has_ended;
	bool is_direct; /**< without the sender */
	struct dispatch_result result;
	struct arena arena; /**< of its texts */
};

struct outbox {
	struct timer timer; /* first: settles, and starts the sender again */
	const struct notifier_options *options;
	struct store *store;
	uv_loop_t *loop;
	struct timers *timers;
	struct sender_process *sender;
	struct exchange *exchange; /**< NULL: there is no broker */
	bool is_ready, is_closing;
	uint64_t last_number;
	struct flight flights[OUTBOX_ROOM];
	size_t used, ended;
	bool is_failing; /**< the store does not take what came of it */
	int64_t restart_us;
	void (*on_room)(void *context); /**< something was settled, or the sender is ready */
	void *context;
};

/** The storage is the caller's; options, store, loop, timers, on_room, context are set. */
int outbox_open(struct outbox *outbox, struct err *err) MUST_USE;
/** How many more it takes now. */
unsigned outbox_room(const struct outbox *outbox);
/** Sends it; what cannot be sent has ended at once. The item may go afterwards. */
void outbox_send(struct outbox *outbox, const struct dispatch_item *item);
/** What came of a flight; texts are foreign bytes, and copied. result.is_delivered … are set. */
void outbox_ended(struct flight *flight, struct attempt_outcome outcome);
/** Nothing is sent and nothing waits to be settled. */
bool outbox_is_empty(const struct outbox *outbox);
/** No more is sent; what is under way stays until outbox_close. */
void outbox_finish(struct outbox *outbox);
void outbox_close(struct outbox *outbox);

#endif

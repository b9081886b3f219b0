/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A round of the embedded bus: all that was asked of it since the last one, done in one transaction,
 * then messages taken for what room there is. It runs on another thread than the loop, which leaves
 * it alone meanwhile. Of its own it looks only (round_run): nothing to do costs no write.
 */
#ifndef DSS_BUS_EMBEDDED_ROUND_H
#define DSS_BUS_EMBEDDED_ROUND_H

#include "bus/backend.h"
#include "bus/turns.h"
#include "store/job.h"

enum order_kind { ORDER_PUBLISH, ORDER_ACK, ORDER_RETRY, ORDER_BURY, ORDER_GIVE_BACK };

/** Something asked for by the bus's user. */
struct order {
	enum order_kind kind;
	int queue;       /**< publish */
	struct str text; /**< body or reason */
	void (*done)(void *context, int code);
	void *context;
	/* of what is held */
	uint64_t tag;
	int64_t no, token, delay_us;
	/* how it went */
	int code;
};

struct round {
	struct round *next;
	/* what is to be done */
	struct arena a; /**< holds texts of orders, and what was taken */
	struct order *order;
	size_t order_count, order_room;
	struct uuid *dead; /**< consumers that died: their jobs are freed */
	size_t dead_count;
	bool is_renewing;
	struct uuid consumer;
	unsigned room; /**< how many messages may be taken */
	struct turns turns;
	/* what came of it */
	int code; /**< negative: nothing was done */
	struct err err;
	struct job_row *taken;
	size_t taken_count;
	struct job_row *held; /**< after renewing, before taking */
	size_t held_count;
	int64_t due_in_us; /**< until a delayed job or a lease comes due; -1: none waits */
};

void round_init(struct round *round);
void round_release(struct round *round);
static inline bool round_has_work(const struct round *round)
{
	return round->order_count || round->dead_count || round->is_renewing;
}
/** The order is zeroed, its place stays until the next call. */
struct order *round_order(struct round *round, enum order_kind kind, struct str text);
void round_dead(struct round *round, struct uuid consumer);
/** Blocks; sets what came of it. */
void round_run(struct round *round, struct store *store);

#endif

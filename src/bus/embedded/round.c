/* SPDX-License-Identifier: Apache-2.0 */
/* What does one transaction of the embedded bus do? */
#include "bus/embedded/round.h"

#include "base/fault.h"
#include "store/worker.h"

enum { ALL_QUEUES = (1u << BUS_QUEUES) - 1, LEASE_US = BUS_LEASE_MS * 1000 };

void round_init(struct round *round)
{
	*round = (struct round){ .due_in_us = -1 };
}

void round_release(struct round *round)
{
	arena_release(&round->a);
	memory_free(round->order);
	memory_free(round->dead);
}

struct order *round_order(struct round *round, enum order_kind kind, struct str text)
{
	struct order *order;

	if (round->order_count == round->order_room) {
		round->order_room = MAX((size_t)64, round->order_room * 2);
		round->order =
			memory_resize(round->order, round->order_room * sizeof *round->order);
	}
	order = &round->order[round->order_count++];
	*order = (struct order){ .kind = kind, .text = str_copy(&round->a, text) };
	return order;
}

void round_dead(struct round *round, struct uuid consumer)
{
	round->dead = memory_resize(round->dead, (round->dead_count + 1) * sizeof *round->dead);
	round->dead[round->dead_count++] = consumer;
}

static int order_run(struct store_tx *tx, struct order *order, struct err *err)
{
	int64_t no;

	switch (order->kind) {
	case ORDER_PUBLISH:
		if (order->text.len > BUS_BODY_BYTES)
			return -EMSGSIZE;
		return job_insert(tx, order->queue, order->text, tx->now_us, &no, err);
	case ORDER_ACK:
		return job_ack(tx, order->no, order->token, err);
	case ORDER_RETRY:
		return job_retry(tx, order->no, order->token, tx->now_us + order->delay_us,
				 order->text, err);
	case ORDER_BURY:
		return job_bury(tx, order->no, order->token, order->text, err);
	case ORDER_GIVE_BACK:
		return job_give_back(tx, order->no, order->token, err);
	}
	return -EINVAL;
}

static int rescue(struct store_tx *tx, struct uuid consumer, struct err *err)
{
	int64_t freed, dead;

	if (FAULT_IS_OFF("rescue"))
		return 0;
	return job_rescue(tx, consumer, BUS_ATTEMPTS, &freed, &dead, err);
}

/* How many of so many turns fall to each queue. */
static void share(struct turns *turns, unsigned ready, unsigned room, unsigned shares[BUS_QUEUES])
{
	memset(shares, 0, BUS_QUEUES * sizeof *shares);
	while (room--)
		shares[turns_next(turns, ready)]++;
}

/* One wait for all queues, and for what is looked at after them. */
static int foresee_take(struct store_tx *tx, const struct round *round,
			const unsigned shares[BUS_QUEUES], struct err *err)
{
	for (int queue = 0; queue < BUS_QUEUES; queue++)
		if (shares[queue])
			TRY(job_foresee_take(tx, queue, round->consumer, shares[queue], LEASE_US,
					     err));
	return job_foresee_due(tx, BUS_QUEUES, err);
}

static int take(struct store_tx *tx, struct round *round, struct buf *taken, struct err *err)
{
	unsigned ready = ALL_QUEUES, room = round->room, shares[BUS_QUEUES];

	while (room && ready) { /* what a queue does not have falls to the others */
		share(&round->turns, ready, room, shares);
		TRY(foresee_take(tx, round, shares, err));
		for (int queue = 0; queue < BUS_QUEUES; queue++) {
			struct job_row *jobs;
			size_t count;

			if (!shares[queue])
				continue;
			TRY(job_take(tx, queue, round->consumer, shares[queue], LEASE_US, &jobs,
				     &count, err));
			buf_put(taken, jobs, count * sizeof *jobs);
			room -= (unsigned)count;
			if (count < shares[queue])
				ready &= ~(1u << queue);
		}
	}
	return 0;
}

static int find_due(struct store_tx *tx, struct round *round, struct err *err)
{
	int64_t due;

	TRY(job_next_due(tx, BUS_QUEUES, &due, err));
	round->due_in_us = due ? MAX(due - tx->now_us, 0) : -1;
	return 0;
}

/* May run again: turns go back to what they were. */
struct attempt {
	struct round *round;
	struct turns turns;
};

static int work(struct store_tx *tx, void *context, struct err *err)
{
	struct attempt *attempt = context;
	struct round *round = attempt->round;
	struct buf taken;

	store_keep(tx, &round->a);
	round->turns = attempt->turns;
	for (size_t i = 0; i < round->order_count; i++)
		if (round->order[i].kind == ORDER_ACK)
			TRY(job_foresee_ack(tx, round->order[i].no, round->order[i].token, err));
	for (size_t i = 0; i < round->order_count; i++) {
		struct order *order = &round->order[i];

		order->code = order_run(tx, order, err);
		if (order->code < 0 && order->code != -ESTALE && order->code != -EMSGSIZE)
			return order->code;
	}
	for (size_t i = 0; i < round->dead_count; i++) {
		TRY(rescue(tx, round->dead[i], err));
		TRY(worker_expire(tx, round->dead[i], err));
	}
	if (round->is_renewing) {
		TRY(job_renew(tx, round->consumer, LEASE_US, err));
		TRY(job_held(tx, round->consumer, &round->held, &round->held_count, err));
	}
	if (!round->room)
		return 0;
	TRY(rescue(tx, UUID_NIL, err));
	buf_init(&taken, &round->a);
	TRY(take(tx, round, &taken, err));
	round->taken = (struct job_row *)taken.data;
	round->taken_count = taken.len / sizeof *round->taken;
	return find_due(tx, round, err);
}

struct look {
	struct round *round;
	bool is_ready;
};

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct look *look = context;

	for (int queue = 0; queue < BUS_QUEUES && !look->is_ready; queue++)
		TRY(job_is_ready(tx, queue, &look->is_ready, err));
	return find_due(tx, look->round, err);
}

void round_run(struct round *round, struct store *store)
{
	struct attempt attempt = { .round = round, .turns = round->turns };
	struct look looked = { .round = round };

	round->code = 0;
	if (!round_has_work(round)) {
		round->code = store_read(store, look, &looked, &round->err);
		if (round->code < 0 || !looked.is_ready)
			return;
	}
	round->code = store_write(store, work, &attempt, &round->err);
}

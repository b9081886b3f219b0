/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Deliveries on their way, for notifiers: which may go now, and what becomes of them. `sending` is
 * committed when dispatch_take returns; the message goes out after that; dispatch_settle writes what came
 * of it. Who dies in between leaves a delivery that another takes when the lease is over (or its lock file
 * is free), with the same id: the receiver can tell.
 *
 * A failed attempt is tried again after the times of Standard Webhooks: at once, 5 s, 5 min, 30 min, 2 h,
 * 5 h, 10 h, 14 h, 20 h, 24 h, each a tenth longer or shorter: 75 hours in all. 410 disables the channel.
 * 429 and 503 with Retry-After are no attempt: the whole channel rests for that time, in order. After
 * DISPATCH_BREAK failures in a row the channel rests a minute, two, four … an hour at most, and then tries
 * one message alone.
 */
#ifndef DSS_APP_DISPATCH_H
#define DSS_APP_DISPATCH_H

#include "store/channel.h"
#include "store/delivery.h"

enum {
	DISPATCH_LEASE_S = 30,
	DISPATCH_RENEW_S = 10, /**< a notifier that lives renews what it has */
	DISPATCH_BREAK = 5,
	DISPATCH_ATTEMPTS = 10
};

/** All that is needed to write the message and to send it. */
struct dispatch_item {
	struct delivery_row delivery;
	struct channel_row channel;
	struct channel_secrets secrets;
	struct str workspace; /**< its name */
	struct event_row *events;
	size_t event_count;
};

struct dispatch_take {
	struct uuid holder;
	unsigned room; /**< deliveries at most */
	/* set by the call */
	struct dispatch_item *items; /**< in the arena */
	size_t count;
	int64_t closed;    /**< windows */
	int64_t reclaimed; /**< of notifiers that are gone */
	int64_t wait_us;   /**< until something is due; -1: nothing waits */
};
/** One step. holder is this notifier. */
int dispatch_take(struct store *store, struct arena *a, struct dispatch_take *take,
		  struct err *err) MUST_USE;

/** What this notifier has stays its own for DISPATCH_LEASE_S from now. */
int dispatch_renew(struct store *store, struct uuid holder, struct err *err) MUST_USE;

/** What came of an attempt. */
struct dispatch_result {
	int64_t no, token, attempt; /**< of the delivery */
	int64_t channel;
	bool is_delivered;
	bool is_final; /**< it failed, and trying again would not help */
	bool is_ours;  /**< it failed on our side: the channel has no part in it */
	bool is_mail;
	int64_t retry_after_s; /**< 0: not said */
	struct attempt_outcome last;
	/* set by dispatch_settle */
	enum delivery_state state;
	bool is_stale;     /**< another notifier has it: nothing was written */
	bool has_disabled; /**< the channel */
	int64_t due_at;
};
/** In one transaction, with events about what failed for good. */
int dispatch_settle(struct store *store, struct dispatch_result *results, size_t count,
		    struct err *err) MUST_USE;
/** How long after attempt n (from 1) the next one is; without jitter, microseconds; 0: there is none. */
int64_t dispatch_delay_us(int64_t attempt);

/** Deliveries of holders that are dead, by `is_dead`, wait again. */
int dispatch_rescue(struct store *store, bool (*is_dead)(void *context, struct uuid holder),
		    void *context, int64_t *ret_count, struct err *err) MUST_USE;

/** Now and then: what waited for longer than all retries (its channel is disabled) has failed; channels
 * that were quiet for their heartbeat get one. */
int dispatch_sweep(struct store *store, int64_t *ret_given_up, int64_t *ret_beats,
		   struct err *err) MUST_USE;

#endif

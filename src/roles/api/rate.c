/* SPDX-License-Identifier: Apache-2.0 */
/* May this client ask again already? */
#include "roles/api/rate.h"

enum { SECOND = 1000000 };

void rates_open(struct rates *rates)
{
	pthread_mutex_init(&rates->lock, NULL);
	rates->buckets = memory_alloc(sizeof *rates->buckets * RATE_SETS * RATE_WAYS);
	memset(rates->buckets, 0, sizeof *rates->buckets * RATE_SETS * RATE_WAYS);
}

void rates_close(struct rates *rates)
{
	memory_free(rates->buckets);
	pthread_mutex_destroy(&rates->lock);
}

/* The client's bucket; else the one of its set that was used longest ago, made full. */
static struct rate_bucket *bucket_of(struct rates *rates, uint64_t who, int64_t full_us,
				     int64_t now_us)
{
	struct rate_bucket *set = rates->buckets + who % RATE_SETS * RATE_WAYS, *oldest = set;

	for (size_t i = 0; i < RATE_WAYS; i++) {
		if (set[i].who == who)
			return &set[i];
		if (set[i].at_us < oldest->at_us)
			oldest = &set[i];
	}
	*oldest = (struct rate_bucket){ .who = who, .at_us = now_us, .tokens_us = full_us };
	return oldest;
}

struct rate_state rate_take(struct rates *rates, struct str who, struct rate_limit limit,
			    int64_t now_us)
{
	struct rate_state state = { .is_allowed = true };
	int64_t cost_us, full_us;
	struct rate_bucket *bucket;

	if (!limit.quota)
		return state;
	cost_us = MAX((int64_t)SECOND * limit.seconds / limit.quota, 1);
	full_us = cost_us * MAX(limit.burst, 1u);
	pthread_mutex_lock(&rates->lock);
	bucket = bucket_of(rates, str_hash(who) | 1, full_us, now_us);
	bucket->tokens_us = MIN(full_us, bucket->tokens_us + MAX(now_us - bucket->at_us, 0));
	bucket->at_us = now_us;
	state.is_allowed = bucket->tokens_us >= cost_us;
	if (state.is_allowed)
		bucket->tokens_us -= cost_us;
	state.left = (unsigned)(bucket->tokens_us / cost_us);
	state.reset_s =
		(unsigned)(((state.left ? full_us : cost_us) - bucket->tokens_us + SECOND - 1) /
			   SECOND);
	pthread_mutex_unlock(&rates->lock);
	return state;
}

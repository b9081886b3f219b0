/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Rate limits: a bucket of tokens for each key or address, in a table of fixed size whose oldest
 * entries are forgotten when full: a forgotten one starts with a full bucket.
 */
#ifndef DSS_ROLES_API_RATE_H
#define DSS_ROLES_API_RATE_H

#include <pthread.h>

#include "base/str.h"

enum { RATE_SETS = 1024, RATE_WAYS = 8 };

struct rate_bucket {
	uint64_t who; /**< hash; 0: free */
	int64_t at_us;
	int64_t tokens_us; /**< microseconds' worth: a token costs its share of the seconds */
};

struct rates {
	pthread_mutex_t lock;
	struct rate_bucket *buckets;
};

struct rate_state {
	bool is_allowed;
	unsigned left;    /**< requests that may follow at once */
	unsigned reset_s; /**< seconds until there is one again, or until the bucket is full */
};

void rates_open(struct rates *rates);
void rates_close(struct rates *rates);
/** So many requests in so many seconds, and so many at once. A quota of 0 allows all. */
struct rate_limit {
	unsigned quota, seconds, burst;
};

/** Take one token. */
struct rate_state rate_take(struct rates *rates, struct str who, struct rate_limit limit,
			    int64_t now_us);

#endif

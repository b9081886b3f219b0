/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Answers that count a whole workspace are kept for a while: KEPT_COSTS times as long as they took to
 * make, so that however often they are asked for, they take a twentieth of a thread. Of a small portfolio
 * they are as good as new; of a million domains some seconds old.
 */
#ifndef DSS_ROLES_API_KEPT_H
#define DSS_ROLES_API_KEPT_H

#include <pthread.h>
#include <stdint.h>

#include "base/str.h"

struct request;
struct route;

enum { KEPT_ENTRIES = 64, KEPT_COSTS = 20, KEPT_BYTES = 256 * 1024 };

struct kept_answers {
	pthread_mutex_t lock;
	struct kept_answer {
		const struct route *route;
		int64_t workspace;
		int variant;
		int64_t until_us; /**< monotonic; 0: empty */
		struct str body;  /**< on the heap */
	} entries[KEPT_ENTRIES];
};

void kept_answers_init(struct kept_answers *kept);
void kept_answers_release(struct kept_answers *kept);
/** The answer of this route for the caller's workspace; variant: whatever else it depends on. make is
 * the handler that makes it anew. */
int kept_answer(struct request *r, int variant, int (*make)(struct request *r));

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Who asked us to wait: servers that answered "too many requests" are left alone until the time that
 * they named. A few at a time are remembered; the one that is due first makes room. */
#ifndef DSS_ASK_HOLDS_H
#define DSS_ASK_HOLDS_H

#include "base/str.h"

enum { HOLDS = 64 };

/** All zero: nobody. Times are monotonic. */
struct holds {
	struct hold {
		uint64_t host; /**< str_hash */
		int64_t until_us;
	} hold[HOLDS];
};

void holds_add(struct holds *holds, struct str host, int64_t until_us);
bool holds_has(const struct holds *holds, struct str host, int64_t now_us);

#endif

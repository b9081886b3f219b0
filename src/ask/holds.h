/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How fast is a web server asked, and who asked us to wait? Each host gets so many requests a second after a
 * burst, counted with the other scanners of the machine when they share a map (net/paces.h); servers that
 * answered "too many requests" are left alone until the time that they named. A few hosts at a time are
 * remembered; the one that is due first makes room.
 */
#ifndef DSS_ASK_HOLDS_H
#define DSS_ASK_HOLDS_H

#include "base/str.h"

struct paces;

enum { HOLDS = 64, HOST_RATE = 20 /**< requests a second, and at first */ };

/** All zero: nobody. Times are monotonic. */
struct holds {
	struct hold {
		uint64_t host; /**< str_hash */
		int64_t until_us;
	} hold[HOLDS], arrival[HOLDS];
};

void holds_add(struct holds *holds, struct str host, int64_t until_us);
/** Until when the host wants to be left alone; 0: it does not. */
int64_t holds_until(const struct holds *holds, struct str host, int64_t now_us);
/** One request more: how long it has to wait for its turn. rate 0: HOST_RATE; paces: may be NULL. */
int64_t holds_pace(struct holds *holds, struct paces *paces, uint32_t rate, struct str host,
		   int64_t now_us);

#endif

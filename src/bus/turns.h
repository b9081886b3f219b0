/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Turns 8 : 3 : 1 of the queues (or priorities): smooth weighted round robin, so that none of them
 * waits longer than its share, and an empty one's turns go to the others.
 */
#ifndef DSS_BUS_TURNS_H
#define DSS_BUS_TURNS_H

#include "bus/bus.h"

/** All zero: nobody had a turn yet. */
struct turns {
	int credit[BUS_QUEUES];
};

/** Whose turn it is among those with a bit in `ready`, which is not 0. */
enum bus_queue turns_next(struct turns *turns, unsigned ready);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Whose turn is it? */
#include "bus/turns.h"

enum bus_queue turns_next(struct turns *turns, unsigned ready)
{
	static const int weight[BUS_QUEUES] = { 8, 3, 1 };
	int best = -1, sum = 0;

	for (int queue = 0; queue < BUS_QUEUES; queue++) {
		if (!(ready & 1u << queue)) {
			turns->credit[queue] = 0; /* who had nothing saves no turns up */
			continue;
		}
		turns->credit[queue] += weight[queue];
		sum += weight[queue];
		if (best < 0 || turns->credit[queue] > turns->credit[best])
			best = queue;
	}
	turns->credit[best] -= sum;
	return (enum bus_queue)best;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Who may have how many messages? */
#include "bus/rabbitmq/credit.h"

void credit_plan(const struct credit credits[BUS_QUEUES], unsigned prefetch,
		 unsigned ret_target[BUS_QUEUES])
{
	struct turns turns = { 0 };
	unsigned busy = 0, left = prefetch;

	for (int i = 0; i < BUS_QUEUES; i++) {
		ret_target[i] = 0;
		if (credit_is_used_up(&credits[i]))
			busy |= 1u << i;
	}
	if (!busy)
		busy = (1u << BUS_QUEUES) - 1;
	for (int i = 0; i < BUS_QUEUES && prefetch; i++) {
		unsigned out = credits[i].live_out + credits[i].old_out;

		if (busy & 1u << i)
			continue;
		ret_target[i] = MIN(2 * out + 1, prefetch);
		left -= MIN(left, out);
	}
	for (; left; left--)
		ret_target[turns_next(&turns, busy)]++;
	for (int i = 0; i < BUS_QUEUES && prefetch; i++)
		ret_target[i] = MAX(ret_target[i], 1u);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be told of before it expires? */
#include "app/remind.h"
#include "roles/scheduler/duty.h"

enum { STEP = 200 };
static const int64_t pause_us = INT64_C(60000000);

int duty_remind(struct duties *duties, bool *ret_again, struct err *err)
{
	size_t count, told;

	if (duties->now_us < duties->reminding_us)
		return 0;
	TRY(remind_expiring(duties->store, duties->leader, STEP, &count, &told, err));
	*ret_again |= count == STEP;
	if (count < STEP)
		duties->reminding_us = duties->now_us + pause_us;
	if (told)
		duty_log(duties, "expiry.reminded", LOG_UINT("events", told));
	return 0;
}

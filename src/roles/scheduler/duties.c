/* SPDX-License-Identifier: Apache-2.0 */
/* What does the leader do, and in which order? */
#include "roles/scheduler/duty.h"

/* What gives back and hands over goes first: others wait for it. */
static duty_run *const table[] = {
	duty_rescue, duty_relay,  duty_plan,   duty_fire,
	duty_expand, duty_remind, duty_expire, duty_collect,
};

int duties_run(struct duties *duties, bool *ret_again, struct err *err)
{
	bool again = false;

	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		bool more = false;

		TRY(table[i](duties, &more, err));
		again |= more;
	}
	*ret_again = again;
	return 0;
}

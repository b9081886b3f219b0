/* SPDX-License-Identifier: Apache-2.0 */
/* What does nobody name any more? */
#include "roles/scheduler/duty.h"

/* Walks are long and nobody waits for them: they take a part of the leader's time. */
static const int64_t step_us = INT64_C(50000), round_us = INT64_C(3600000000);

static void say(const struct duties *duties)
{
	const int64_t *gone = duties->collect.gone;

	if (gone[CONTENT_FACT_SET] || gone[CONTENT_DOCUMENT] || gone[CONTENT_FACT])
		duty_log(duties, "store.collected", LOG_INT("fact_sets", gone[CONTENT_FACT_SET]),
			 LOG_INT("documents", gone[CONTENT_DOCUMENT]),
			 LOG_INT("facts", gone[CONTENT_FACT]));
}

int duty_collect(struct duties *duties, bool *ret_again, struct err *err)
{
	bool is_end;

	if (duties->now_us < duties->collecting_us)
		return 0;
	TRY(collect_step(duties->store, duties->leader, &duties->collect, &is_end, err));
	duties->collecting_us = duties->now_us + (is_end ? round_us : step_us);
	if (is_end) {
		say(duties);
		collect_release(&duties->collect);
	}
	if (!is_end)
		duties->due_us = duties->due_us < 0 ? step_us : MIN(duties->due_us, step_us);
	return 0;
}

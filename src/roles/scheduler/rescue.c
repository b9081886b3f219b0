/* SPDX-License-Identifier: Apache-2.0 */
/* Whose worker is dead, and what did it hold? */
#include "app/rescue.h"
#include "roles/scheduler/duty.h"

static int letters(struct duties *duties, struct err *err)
{
	size_t failed;

	TRY(rescue_letters(duties->store, duties->leader, &duties->dead_seen, &failed, err));
	if (failed)
		log_event(duties->options->log, LEVEL_WARNING, "queue.dead_lettered", NULL,
			  LOG_UINT("scans", failed));
	return 0;
}

int duty_rescue(struct duties *duties, bool *ret_again, struct err *err)
{
	struct arena a = { 0 };
	struct worker_row *dead;
	size_t count = 0;
	char id[ID_TEXT_BYTES];
	const struct lookout_view view = { .folder = duties->folder,
					   .now_us = duties->now_us,
					   .wrote_us = duties->leader->renewed_us };
	int code = lookout_look(&duties->lookout, duties->store, &a, &view, &dead, &count, err);

	for (size_t i = 0; i < count && code == 0; i++) {
		struct rescued rescued;

		code = rescue_worker(duties->store, duties->leader, &dead[i],
				     duties->outside->bus != NULL, &rescued, err);
		if (code == 0)
			log_event(duties->options->log, LEVEL_WARNING, "worker.lost", NULL,
				  LOG_TEXT("worker", id_format(id, "wrk", dead[i].id)),
				  LOG_UINT("scans", rescued.scans),
				  LOG_INT("messages", rescued.messages),
				  LOG_INT("dead_letters", rescued.dead));
		if (code == -ENOENT) /* another has given it up, or it beats again */
			code = 0;
	}
	arena_release(&a);
	if (code == 0 && duties->outside->bus)
		code = duty_letters(duties, ret_again, err);
	return code < 0 ? code : letters(duties, err);
}

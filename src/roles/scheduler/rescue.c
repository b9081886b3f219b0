/* SPDX-License-Identifier: Apache-2.0 */
/* Whose worker is dead, and what did it hold? */
#include "base/fault.h"
#include "app/rescue.h"
#include "base/fault.h"
#include "roles/scheduler/duty.h"
#include "store/folder.h"
#include "store/worker.h"

struct look {
	struct arena *a;
	struct worker_row *rows;
	size_t count;
};

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct look *look = context;

	store_keep(tx, look->a);
	return worker_list(tx, &look->rows, &look->count, err);
}

static struct watched *watched_find(struct duties *duties, const struct worker_row *row)
{
	struct watched *watched = duties->watched, *end = watched + duties->watched_count;

	while (watched < end && !uuid_eq(watched->worker, row->id))
		watched++;
	if (watched < end)
		return watched;
	if (duties->watched_count == WATCHED_WORKERS)
		return NULL;
	duties->watched_count++;
	*watched = (struct watched){ row->id, row->lease_until, duties->now_us };
	return watched;
}

static void watched_forget(struct duties *duties, const struct look *looked)
{
	size_t kept = 0;

	for (size_t i = 0; i < duties->watched_count; i++) {
		bool is_there = false;

		for (size_t k = 0; k < looked->count && !is_there; k++)
			is_there = uuid_eq(looked->rows[k].id, duties->watched[i].worker);
		if (is_there)
			duties->watched[kept++] = duties->watched[i];
	}
	duties->watched_count = kept;
}

/*
 * Its lock is released: it is dead, and that at once. It has not renewed its row for a lease by our
 * own monotonic clock: it hangs, or is somewhere else and gone. The clock on the wall is not asked:
 * it may have been set.
 */
static bool is_dead(struct duties *duties, const struct worker_row *row)
{
	struct watched *watched = watched_find(duties, row);
	struct err ignored;

	if (duties->folder.len && worker_is_alive(duties->folder.data, row->id, &ignored) == 0)
		return true;
	if (!watched)
		return false;
	if (watched->lease_until != row->lease_until) {
		watched->lease_until = row->lease_until;
		watched->since_us = duties->now_us;
	}
	return duties->now_us - watched->since_us > WORKER_LEASE_US;
}

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
	struct look looked = { .a = &a };
	char id[ID_TEXT_BYTES];
	int code = FAULT_IS_OFF("rescue") ? 0 : store_read(duties->store, look, &looked, err);

	for (size_t i = 0; i < looked.count && code == 0; i++) {
		struct uuid worker = looked.rows[i].id;
		struct rescued rescued;

		if (!is_dead(duties, &looked.rows[i]))
			continue;
		code = rescue_worker(duties->store, duties->leader, worker, &rescued, err);
		if (code == 0)
			log_event(duties->options->log, LEVEL_WARNING, "worker.lost", NULL,
				  LOG_TEXT("worker", id_format(id, "wrk", worker)),
				  LOG_UINT("scans", rescued.scans),
				  LOG_INT("messages", rescued.messages),
				  LOG_INT("dead_letters", rescued.dead));
	}
	watched_forget(duties, &looked);
	arena_release(&a);
	return code < 0 ? code : letters(duties, err);
}

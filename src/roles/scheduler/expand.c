/* SPDX-License-Identifier: Apache-2.0 */
/* Which batches expand? */
#include "app/expand.h"
#include "roles/scheduler/duty.h"

enum { QUOTA_REST_US = 60000000, BROKEN_REST_US = 600000000 };

struct look {
	struct arena *a;
	struct batch_row *rows;
	size_t count;
};

static int look(struct store_tx *tx, void *context, struct err *err)
{
	struct look *look = context;

	store_keep(tx, look->a);
	return batch_expanding(tx, RESTING_BATCHES, &look->rows, &look->count, err);
}

static bool is_resting(struct duties *duties, struct uuid batch)
{
	size_t kept = 0;
	bool is_there = false;

	for (size_t i = 0; i < duties->resting_count; i++) {
		if (duties->resting[i].until_us <= duties->now_us)
			continue;
		is_there |= uuid_eq(duties->resting[i].batch, batch);
		duties->resting[kept++] = duties->resting[i];
	}
	duties->resting_count = kept;
	return is_there;
}

static void rest(struct duties *duties, struct uuid batch, int64_t for_us)
{
	if (duties->resting_count < RESTING_BATCHES)
		duties->resting[duties->resting_count++] =
			(struct resting){ batch, duties->now_us + for_us };
}

static int expand_one(struct duties *duties, const struct batch_row *row, bool *again,
		      struct err *err)
{
	struct expand_outcome outcome;
	char id[ID_TEXT_BYTES];
	int code = expand_step(duties->store, duties->leader, row->id,
			       duties->options->default_profile, &outcome, err);

	id_format(id, "bat", row->id);
	if (code == -EDQUOT || code == ERR_SYNTAX || code == ERR_LIMIT) {
		log_event(duties->options->log, LEVEL_WARNING, "batch.waits", NULL,
			  LOG_TEXT("batch", id), LOG_TEXT("error", err->text));
		rest(duties, row->id, code == -EDQUOT ? QUOTA_REST_US : BROKEN_REST_US);
		return 0;
	}
	TRY(code);
	*again |= !outcome.is_over;
	if (outcome.is_over)
		duty_log(duties, "batch.expanded", LOG_TEXT("batch", id),
			 LOG_INT("scans", row->total + outcome.made));
	return 0;
}

/* One step of each, so that a large one does not stand before a small one. */
int duty_expand(struct duties *duties, bool *ret_again, struct err *err)
{
	struct arena a = { 0 };
	struct look looked = { .a = &a };
	int code = store_read(duties->store, look, &looked, err);

	for (size_t i = 0; i < looked.count && code == 0; i++)
		if (!is_resting(duties, looked.rows[i].id))
			code = expand_one(duties, &looked.rows[i], ret_again, err);
	arena_release(&a);
	return code;
}

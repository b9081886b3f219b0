/* SPDX-License-Identifier: Apache-2.0 */
/* In which steps is content collected that nobody names? */
#include "app/collect.h"

struct step {
	const struct leader *leader;
	struct collect *collect;
	enum content kind; /* that is listed or swept */
	garbage_mark *mark;
	int64_t cursor, gone; /* after the step; one that ran again starts over */
	struct garbage listed;
	bool is_end;
};

typedef int step_run(struct store *store, struct step *step, struct err *err);

/* ---- the sorts of steps ---- */

static int list_rows(struct store_tx *tx, void *context, struct err *err)
{
	struct step *step = context;

	store_keep(tx, &step->collect->arena);
	return garbage_list(tx, step->kind, COLLECT_ROWS, &step->listed, err);
}

static int list(struct store *store, struct step *step, struct err *err)
{
	TRY(store_read(store, list_rows, step, err));
	step->collect->of[step->kind] = step->listed;
	step->is_end = true;
	return 0;
}

static int walk_rows(struct store_tx *tx, void *context, struct err *err)
{
	struct step *step = context;

	step->cursor = step->collect->cursor;
	return step->mark(tx, step->collect->of, COLLECT_WALK, &step->cursor, &step->is_end, err);
}

static bool is_nothing_listed(const struct collect *collect)
{
	for (size_t i = 0; i < CONTENTS; i++)
		if (collect->of[i].count)
			return false;
	return true;
}

static int walk(struct store *store, struct step *step, struct err *err)
{
	step->is_end = is_nothing_listed(step->collect);
	return step->is_end ? 0 : store_read(store, walk_rows, step, err);
}

static int sweep_rows(struct store_tx *tx, void *context, struct err *err)
{
	struct step *step = context;
	const struct garbage *garbage = &step->collect->of[step->kind];
	size_t swept = (size_t)step->collect->cursor,
	       count = MIN(garbage->count - swept, COLLECT_SWEEP);

	if (step->leader)
		TRY(leader_check(tx, step->leader, err));
	TRY(garbage_sweep(tx, step->kind, garbage->rows + swept, count, &step->gone, err));
	step->cursor = (int64_t)(swept + count);
	step->is_end = swept + count == garbage->count;
	return 0;
}

static int sweep(struct store *store, struct step *step, struct err *err)
{
	struct garbage *garbage = &step->collect->of[step->kind];

	step->is_end = garbage->count == 0;
	if (!step->is_end)
		TRY(store_write(store, sweep_rows, step, err));
	step->collect->gone[step->kind] += step->gone;
	if (step->is_end)
		*garbage = (struct garbage){ 0 };
	return 0;
}

/* ---- a round ---- */

static const struct {
	step_run *run;
	enum content kind;
	garbage_mark *mark;
} phases[] = {
	{ list, CONTENT_FACT_SET, NULL },       { list, CONTENT_DOCUMENT, NULL },
	{ walk, CONTENTS, garbage_mark_scans }, { walk, CONTENTS, garbage_mark_domains },
	{ sweep, CONTENT_FACT_SET, NULL },      { sweep, CONTENT_DOCUMENT, NULL },
	{ list, CONTENT_FACT, NULL },           { walk, CONTENTS, garbage_mark_sets },
	{ sweep, CONTENT_FACT, NULL },
};

void collect_release(struct collect *collect)
{
	arena_release(&collect->arena);
	*collect = (struct collect){ 0 };
}

int collect_step(struct store *store, const struct leader *leader, struct collect *collect,
		 bool *ret_is_end, struct err *err)
{
	unsigned phase = collect->phase;
	struct step step = { .leader = leader,
			     .collect = collect,
			     .kind = phases[phase].kind,
			     .mark = phases[phase].mark };

	if (phase == 0)
		collect_release(collect);
	TRY(phases[phase].run(store, &step, err));
	collect->cursor = step.is_end ? 0 : step.cursor;
	collect->phase = (phase + step.is_end) % ARRAY_COUNT(phases);
	*ret_is_end = step.is_end && collect->phase == 0;
	return 0;
}

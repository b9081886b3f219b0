/* SPDX-License-Identifier: Apache-2.0 */
/* How do scans come out of a batch? */
#include "app/expand.h"

#include "app/selector.h"
#include "base/fault.h"
#include "model/profile.h"
#include "store/event.h"
#include "store/scan.h"
#include "store/workspace.h"

enum { SMALLER = 10 };

struct step {
	const struct leader *leader;
	struct uuid id;
	int default_profile;
	unsigned limit;
	struct expand_outcome outcome;
};

/* What a step goes over: domains, and where the cursor is behind them. */
struct span {
	struct domain_row *domains;
	size_t count;
	int64_t cursor;
	bool is_last;
};

static int domains_of_selector(struct store_tx *tx, const struct batch_row *batch, unsigned limit,
			       struct span *ret, struct err *err)
{
	struct domain_filter filter = { .workspace = batch->workspace };

	TRY(selector_read(tx->a, batch->selector, &filter, err));
	TRY(domain_walk(tx, &filter, batch->cursor, limit, &ret->domains, &ret->count, err));
	ret->is_last = ret->count < limit;
	ret->cursor = ret->count ? ret->domains[ret->count - 1].no : batch->cursor;
	return 0;
}

static int domain_make(struct store_tx *tx, const struct batch_row *batch, struct str name,
		       struct domain_row *ret, struct err *err)
{
	struct event_row event = { .workspace = batch->workspace,
				   .type = EVENT_DOMAIN_CREATED,
				   .severity = -1,
				   .trace = batch->trace };

	*ret = (struct domain_row){ .workspace = batch->workspace,
				    .name = name,
				    .profile = DOMAIN_NO_PROFILE };
	TRY(workspace_use_domains(tx, batch->workspace, 1, err));
	TRY(domain_insert(tx, ret, err));
	event.domain = ret->no;
	event.object = ret->id;
	return event_insert(tx, &event, err);
}

static int domains_of_names(struct store_tx *tx, const struct batch_row *batch, unsigned limit,
			    struct span *ret, struct err *err)
{
	struct str *names;

	TRY(batch_names(tx, batch->id, batch->cursor, limit, &names, &ret->count, &ret->cursor,
			err));
	ret->is_last = ret->count < limit;
	if (!ret->count)
		ret->cursor = batch->cursor;
	ret->domains = arena_array(tx->a, ret->count, sizeof *ret->domains);
	for (size_t i = 0; i < ret->count; i++)
		TRY(domain_foresee_name(tx, batch->workspace, names[i], err));
	for (size_t i = 0; i < ret->count; i++) {
		int code = domain_find(tx, batch->workspace, names[i], &ret->domains[i], err);

		if (code == -ENOENT)
			code = domain_make(tx, batch, names[i], &ret->domains[i], err);
		TRY(code);
	}
	return 0;
}

/* Nobody is there to consent: the proof of control is the consent to what the profile deep asks. */
static struct scan_row scan_of(const struct step *step, const struct batch_row *batch,
			       const struct domain_row *domain)
{
	int profile = batch->profile != BATCH_NO_PROFILE     ? batch->profile
		      : domain->profile != DOMAIN_NO_PROFILE ? domain->profile
							     : step->default_profile;

	return (struct scan_row){ .workspace = batch->workspace,
				  .domain = domain->no,
				  .profile = profile,
				  .priority = batch->priority,
				  .flags = profile == PROFILE_DEEP && domain->proven_at
						   ? SCAN_IS_ACTIVE_FLAG
						   : 0u,
				  .batch = batch->id,
				  .created_by = batch->created_by,
				  .score = -1 };
}

/* A domain that is named twice gets one. */
static int scans_make(struct store_tx *tx, const struct step *step, const struct batch_row *batch,
		      const struct span *span, int64_t *ret_made, struct err *err)
{
	struct scan_row *rows = arena_array(tx->a, span->count + 1, sizeof *rows);

	for (size_t i = 0; i < span->count; i++)
		rows[i] = scan_of(step, batch, &span->domains[i]);
	return scan_insert_new(tx, rows, span->count, ret_made, err);
}

static int tell_done(struct store_tx *tx, const struct batch_row *batch, struct err *err)
{
	struct event_row event = { .workspace = batch->workspace,
				   .type = EVENT_BATCH_COMPLETED,
				   .object = batch->id,
				   .severity = -1,
				   .trace = batch->trace };

	return event_insert(tx, &event, err);
}

static int step_run(struct store_tx *tx, void *context, struct err *err)
{
	struct step *step = context;
	struct batch_row batch;
	struct span span = { 0 };
	int64_t made = 0;
	bool is_done;

	step->outcome = (struct expand_outcome){ .is_over = true };
	if (step->leader)
		TRY(leader_check(tx, step->leader, err));
	TRY(batch_get(tx, step->id, &batch, err));
	if (batch.state != BATCH_EXPANDING)
		return 0;
	TRY(batch.selector.len ? domains_of_selector(tx, &batch, step->limit, &span, err)
			       : domains_of_names(tx, &batch, step->limit, &span, err));
	TRY(scans_make(tx, step, &batch, &span, &made, err));
	if (made)
		TRY(workspace_use_scans(tx, batch.workspace, made, err));
	TRY(batch_advance(tx, batch.id, batch.cursor, span.cursor, made, span.is_last, &is_done,
			  err));
	if (is_done)
		TRY(tell_done(tx, &batch, err));
	FAULT_POINT("scheduler.expanding");
	step->outcome = (struct expand_outcome){ .made = made, .is_over = span.is_last };
	return 0;
}

int expand_step(struct store *store, const struct leader *leader, struct uuid batch,
		int default_profile, struct expand_outcome *ret, struct err *err)
{
	struct step step = { .leader = leader,
			     .id = batch,
			     .default_profile = default_profile,
			     .limit = EXPAND_STEP };
	int code = store_write(store, step_run, &step, err);

	while (code == -EDQUOT && step.limit > 1) {
		step.limit /= SMALLER;
		code = store_write(store, step_run, &step, err);
	}
	if (code == 0) {
		FAULT_POINT("scheduler.expanded");
		*ret = step.outcome;
	}
	return code;
}

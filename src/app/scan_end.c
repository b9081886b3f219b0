/* SPDX-License-Identifier: Apache-2.0 */
/* How does what a scan found come into the store, all of it or nothing? */
#include "app/ending.h"
#include "app/proof.h"
#include "app/scan_finish.h"
#include "base/fault.h"
#include "base/json.h"
#include "model/grade.h"
#include "store/fact.h"
#include "store/finding.h"
#include "store/history.h"

enum { AT_ONCE = 64 };

int ending_event(struct ending *e, enum event_type type, struct uuid object, int severity,
		 struct str data, struct err *err)
{
	return event_insert(e->tx,
			    &(struct event_row){ .workspace = e->scan.workspace,
						 .type = (int)type,
						 .domain = e->scan.domain,
						 .scan = e->scan.id,
						 .object = object,
						 .severity = severity,
						 .data = data },
			    err);
}

/* Is the scan still this worker's? */
static int find_scan(struct ending *e, struct err *err)
{
	const struct scan_outcome *outcome = e->outcome;
	int code = scan_get(e->tx, outcome->scan, &e->scan, err);

	if (code < 0 && code != -ENOENT)
		return code;
	e->stored->is_stale =
		!FAULT_IS_OFF("fencing") &&
		(code < 0 || e->scan.status != SCAN_IS_RUNNING || e->scan.token != outcome->token);
	return 0;
}

static bool has_judged(const struct scan_outcome *outcome)
{
	return outcome->status == SCAN_IS_DONE || outcome->status == SCAN_IS_INCOMPLETE;
}

static void fill_scan(struct ending *e)
{
	const struct scan_outcome *outcome = e->outcome;

	e->scan.status = outcome->status;
	e->scan.error = outcome->error;
	e->scan.started_at = outcome->started_at ? outcome->started_at : e->scan.started_at;
	e->scan.ended_at = outcome->ended_at;
	e->scan.score = -1;
	if (!has_judged(outcome))
		return;
	e->scan.grade = outcome->grade;
	e->scan.score = outcome->score;
	e->scan.gaps = outcome->gaps;
	e->scan.algorithm = outcome->algorithm;
	memcpy(e->scan.areas, outcome->areas, sizeof e->scan.areas);
}

static int store_evidence(struct ending *e, struct err *err)
{
	const struct scan_outcome *outcome = e->outcome;

	TRY(fact_set_put_key(e->tx, &e->key, &e->scan.fact_set, &e->scan.is_first_of_set, err));
	if (outcome->verdicts.len)
		TRY(document_put(e->tx, outcome->verdicts, &e->scan.verdicts, err));
	e->stored->is_new_set = e->scan.fact_set != e->domain.fact_set;
	return 0;
}

static int tell_grade(struct ending *e, struct err *err)
{
	struct buf out;
	struct json w;

	if (uuid_is_nil(e->domain.scan) || e->domain.grade == e->outcome->grade)
		return 0;
	buf_init(&out, e->tx->a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "before");
	json_text(&w, grade_word((enum grade)e->domain.grade));
	json_key(&w, "after");
	json_text(&w, grade_word((enum grade)e->outcome->grade));
	json_end(&w);
	return ending_event(e, EVENT_GRADE_CHANGED, UUID_NIL, -1, buf_str(&out), err);
}

static int64_t soonest(const struct expiry_row *rows, size_t count)
{
	int64_t at = 0;

	for (size_t i = 0; i < count; i++)
		if (!at || rows[i].at < at)
			at = rows[i].at;
	return at;
}

/* An incomplete scan that saw no change did not see everything: later ones are compared with what was
 * seen before it. */
static bool is_new_baseline(const struct ending *e)
{
	return !e->domain.fact_set || e->outcome->status == SCAN_IS_DONE || e->stored->changed;
}

static int summarise(struct ending *e, struct err *err)
{
	const struct scan_outcome *outcome = e->outcome;

	TRY(tell_grade(e, err));
	TRY(expiry_replace(e->tx, e->scan.workspace, e->scan.domain, outcome->expiries,
			   outcome->expiry_count, err));
	e->domain.scan = e->scan.id;
	e->domain.scanned_at = outcome->ended_at;
	e->domain.grade = outcome->grade;
	e->domain.score = outcome->score;
	e->domain.expires_at = soonest(outcome->expiries, outcome->expiry_count);
	if (is_new_baseline(e))
		e->domain.fact_set = e->scan.fact_set;
	return domain_summarise(e->tx, &e->domain, err);
}

/* One that was deleted meanwhile stays as it is. */
static int settle_proof(struct ending *e, struct err *err)
{
	const struct scan_outcome *outcome = e->outcome;
	struct actor worker = actor_of_machine(ACTOR_SYSTEM, e->scan.workspace, STR_LIT("scan"));
	bool is_proven;

	if (!outcome->has_proof || !e->domain.proof_token.len || e->domain.deleted_at)
		return 0;
	return proof_judge(e->tx, &worker, &e->domain, outcome->proofs, outcome->proof_count,
			   &is_proven, err);
}

static int store_judged(struct ending *e, struct err *err)
{
	bool is_recheck = e->scan.recheck.len > 0;

	TRY(domain_get(e->tx, e->scan.domain, &e->domain, err));
	TRY(store_evidence(e, err));
	TRY(ending_findings(e, err));
	if (is_recheck)
		return domain_summarise(e->tx, &e->domain, err);
	if (e->domain.fact_set && e->stored->is_new_set)
		TRY(ending_changes(e, err));
	TRY(settle_proof(e, err));
	return summarise(e, err);
}

/* For the scan's event: nothing when there is nothing new. */
static struct str news(struct ending *e)
{
	struct buf out;
	struct json w;

	buf_init(&out, e->tx->a);
	if (!e->stored->opened && !e->stored->closed && !e->stored->changed)
		return STR_NONE;
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "opened");
	json_uint(&w, e->stored->opened);
	json_key(&w, "closed");
	json_uint(&w, e->stored->closed);
	json_key(&w, "changed");
	json_uint(&w, e->stored->changed);
	json_end(&w);
	return buf_str(&out);
}

static int end_one(struct ending *e, struct batch_tally *tally, struct err *err)
{
	bool judged = has_judged(e->outcome);

	if (e->stored->is_stale)
		return 0;
	if (judged)
		TRY(store_judged(e, err));
	return scan_finish_held(e->tx, &e->scan, judged ? e->outcome->volatile_blob : STR_NONE,
				news(e), tally, err);
}

/* ---- many: what they will ask is asked for all of them at once ---- */

static int begin_one(struct ending *e, struct err *err)
{
	const struct scan_outcome *outcome = e->outcome;

	TRY(find_scan(e, err));
	if (e->stored->is_stale)
		return 0;
	fill_scan(e);
	if (!has_judged(outcome))
		return 0;
	TRY(fact_set_key(e->tx->a, outcome->facts, outcome->fact_count, &e->key, err));
	TRY(fact_set_foresee(e->tx, &e->key, err));
	if (outcome->verdicts.len)
		TRY(document_foresee(e->tx, outcome->verdicts, err));
	TRY(scan_foresee_end(e->tx, &e->scan, err));
	TRY(domain_foresee(e->tx, e->scan.domain, err));
	TRY(finding_foresee(e->tx, e->scan.domain, err));
	return expiry_foresee(e->tx, e->scan.domain, err);
}

static int end_some(struct store_tx *tx, const struct scan_outcome *outcomes, size_t count,
		    struct scan_stored *stored, struct batch_tally *tally, struct err *err)
{
	struct ending *endings = arena_array(tx->a, count, sizeof *endings);

	for (size_t i = 0; i < count; i++)
		TRY(scan_foresee(tx, outcomes[i].scan, err));
	for (size_t i = 0; i < count; i++) {
		endings[i] =
			(struct ending){ .tx = tx, .outcome = &outcomes[i], .stored = &stored[i] };
		stored[i] = (struct scan_stored){ 0 };
		TRY(begin_one(&endings[i], err));
	}
	for (size_t i = 0; i < count; i++)
		if (!stored[i].is_stale && has_judged(&outcomes[i]))
			TRY(fact_set_foresee_rest(tx, &endings[i].key, err));
	for (size_t i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(tx->a);

		TRY(end_one(&endings[i], tally, err));
		arena_rewind(tx->a, mark);
	}
	return 0;
}

/* So many that no scan is among them twice: the second is to see what became of the first. */
static size_t distinct(const struct scan_outcome *outcomes, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (uuid_eq(outcomes[i].scan, outcomes[k].scan))
				return i;
	return count;
}

struct ends {
	const struct scan_outcome *outcomes;
	size_t count;
	struct scan_stored *stored;
};

static int end_all(struct store_tx *tx, void *context, struct err *err)
{
	struct ends *ends = context;
	struct batch_tally tally = { 0 };

	for (size_t i = 0, some; i < ends->count; i += some) {
		struct arena_mark mark = arena_mark(tx->a);

		some = distinct(&ends->outcomes[i], MIN(ends->count - i, (size_t)AT_ONCE));
		TRY(end_some(tx, &ends->outcomes[i], some, &ends->stored[i], &tally, err));
		arena_rewind(tx->a, mark);
	}
	return batch_tally_tell(tx, &tally, err);
}

int app_scan_end(struct app *app, const struct scan_outcome *outcomes, size_t count,
		 struct scan_stored *ret, struct err *err)
{
	struct ends ends = { outcomes, count, ret };

	for (size_t i = 0; i < count; i++)
		if (!scan_status_is_final(outcomes[i].status))
			return err_set(err, -EINVAL, "a scan does not end as %s",
				       scan_status_words[outcomes[i].status]);
	return store_write(app->store, end_all, &ends, err);
}

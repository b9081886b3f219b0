/* SPDX-License-Identifier: Apache-2.0 */
/* What did a scan find? */
#include "app/scan.h"

#include "base/clock.h"
#include "facts/fact.h"
#include "model/judgement.h"
#include "roles/api/listing.h"

enum { FOLLOW_S = 300 };

struct scan_results {
	struct listing_input page;
	struct str id;
	int verdict;
	bool follow;
};

static const struct field results_fields[] = {
	FIELD_PATH(FIELD_WORD, struct scan_results, id, "the scan's id", .least = 1, .most = 64,
		   .example = "scn_01h455vb4pex5vsknk084sn02q"),
	LISTING_FIELDS(struct scan_results),
	FIELD_QUERY(FIELD_CHOICE, struct scan_results, verdict, "checks with this verdict",
		    .words = verdict_words),
	FIELD_QUERY(FIELD_BOOL, struct scan_results, follow,
		    "wait for the end of the scan, at most five minutes", .fallback = "false"),
	FIELD_END,
};

struct found_view {
	int severity;
	struct str subject, text;
	struct str *evidence;
	size_t evidence_count;
	int64_t since;
};

static const struct desc_field found_fields[] = {
	DESC_FIELD(1, DESC_ENUM, struct found_view, severity, .names = severity_words),
	DESC_FIELD(2, DESC_STR, struct found_view, subject),
	DESC_FIELD(3, DESC_STR, struct found_view, text),
	DESC_ARRAY(4, DESC_STR, struct found_view, evidence, evidence_count,
		   .flags = DESC_OPTIONAL),
	DESC_FIELD(5, DESC_TIME, struct found_view, since, .flags = DESC_OPTIONAL),
};
static const struct desc found_desc = DESC_CALLED("found", found_view, found_fields);

struct result_view {
	struct str check;
	int verdict;
	bool is_incomplete;
	struct str reason;
	struct found_view *findings;
	size_t finding_count;
};

static const struct desc_field result_fields[] = {
	DESC_FIELD(1, DESC_STR, struct result_view, check),
	DESC_FIELD(2, DESC_ENUM, struct result_view, verdict, .names = verdict_words),
	DESC_NAMED(3, DESC_BOOL, struct result_view, is_incomplete, "incomplete",
		   .flags = DESC_OPTIONAL),
	DESC_FIELD(4, DESC_STR, struct result_view, reason),
	DESC_ARRAY(5, DESC_STRUCT, struct result_view, findings, finding_count, .of = &found_desc,
		   .flags = DESC_OPTIONAL),
};
static const struct desc result_desc = DESC_CALLED("result", result_view, result_fields);

/* Keys of questions become what people read; one of a kind that is gone is left out. */
static void evidence_put(struct arena *a, const struct judged_finding *finding,
			 struct found_view *view)
{
	view->evidence = arena_array(a, finding->evidence_count + 1, sizeof *view->evidence);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		struct question question;
		struct buf text;

		if (question_from_key(a, finding->evidence[i], &question) < 0)
			continue;
		buf_init(&text, a);
		question_text(&text, &question);
		view->evidence[view->evidence_count++] = buf_str(&text);
	}
}

static void found_put(struct arena *a, const struct judgement *judgement, struct result_view *view)
{
	view->findings = arena_array(a, judgement->finding_count + 1, sizeof *view->findings);
	for (size_t i = 0; i < judgement->finding_count; i++) {
		const struct judged_finding *finding = &judgement->findings[i];

		struct found_view *found = &view->findings[view->finding_count];

		if (!str_eq(finding->check, view->check))
			continue;
		*found = (struct found_view){ .severity = finding->severity,
					      .subject = finding->subject,
					      .text = finding->text,
					      .since = finding->since_us };
		evidence_put(a, finding, found);
		view->finding_count++;
	}
}

/* Where a page ended: the id of its last check. */
static int results_page(struct request *r, struct listing *list)
{
	const struct scan_results *in = r->input.values;
	bool has_verdict = input_given(&r->input, "verdict"), is_after = !list->after.len;
	struct judgement judgement = { 0 };
	struct result_view *views;
	struct scan_row row;
	struct str verdicts;

	TRY_APP(r, app_scan_verdicts(r->app, &r->actor, list->arena, in->id, &row, &verdicts,
				     &r->problem));
	if (verdicts.len && verdicts_decode(list->arena, verdicts, &judgement) < 0)
		return err_set(&r->err, ERR_SYNTAX, "the scan's verdicts cannot be read");
	views = arena_array(list->arena, list->limit, sizeof *views);
	list->items = views;
	for (size_t i = 0; i < judgement.check_count; i++) {
		const struct judged_check *check = &judgement.checks[i];
		struct result_view *view = &views[list->count];

		if (!is_after) {
			is_after = str_eq(check->id, list->after);
			continue;
		}
		if (has_verdict && check->verdict != in->verdict)
			continue;
		if (list->count == list->limit) {
			list->next = views[list->count - 1].check;
			return 0;
		}
		*view = (struct result_view){ .check = check->id,
					      .verdict = check->verdict,
					      .is_incomplete = check->is_incomplete,
					      .reason = check->reason };
		if (check->verdict == VERDICT_FAIL)
			found_put(list->arena, &judgement, view);
		list->count++;
	}
	return 0;
}

static int results_look(struct request *r)
{
	const struct scan_results *in = r->input.values;
	struct scan_row row;

	TRY_APP(r, app_scan_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	if (!scan_status_is_final(row.status) && clock_monotonic_us() < r->again_us)
		return 0;
	return listing_answer(r);
}

static int results_answer(struct request *r)
{
	const struct scan_results *in = r->input.values;

	if (!in->follow)
		return listing_answer(r);
	r->again = results_look;
	r->again_us = r->begun_us + FOLLOW_S * 1000000ll;
	return results_look(r);
}

const struct operation operation_scans_results = {
	.handle = results_answer,
	.page = results_page,
	.fields = results_fields,
	.input_size = sizeof(struct scan_results),
	.shape = &result_desc,
	.flags = OPERATION_LIST,
	.codes = { 404 },
	.help = "Checks in the order of the catalogue, with their findings; nothing while it runs.",
};

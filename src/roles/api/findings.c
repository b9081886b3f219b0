/* SPDX-License-Identifier: Apache-2.0 */
/* Findings: list, group, decide, check again. */
#include "app/finding.h"

#include "roles/api/listing.h"
#include "roles/api/scan_view.h"
#include "roles/api/server.h"
#include "roles/api/wire.h"

struct finding_view {
	struct uuid id, opened_by, closed_by;
	struct str domain, check, subject, text, evidence, reason, decided_by;
	int severity, status;
	int64_t first_seen, last_seen, closed_at, until, version;
};

static const struct desc_field finding_fields[] = {
	DESC_FIELD(1, DESC_CUSTOM, struct finding_view, id, .custom = &wire_id_fnd),
	DESC_FIELD(2, DESC_STR, struct finding_view, domain),
	DESC_FIELD(3, DESC_STR, struct finding_view, check),
	DESC_FIELD(4, DESC_STR, struct finding_view, subject),
	DESC_FIELD(5, DESC_ENUM, struct finding_view, severity, .names = severity_words),
	DESC_FIELD(6, DESC_ENUM, struct finding_view, status, .names = finding_status_words),
	DESC_FIELD(7, DESC_STR, struct finding_view, text),
	DESC_FIELD(8, DESC_CUSTOM, struct finding_view, evidence, .custom = &wire_any),
	DESC_FIELD(9, DESC_TIME, struct finding_view, first_seen),
	DESC_FIELD(10, DESC_TIME, struct finding_view, last_seen),
	DESC_FIELD(11, DESC_TIME, struct finding_view, closed_at, .flags = DESC_OPTIONAL),
	DESC_FIELD(12, DESC_CUSTOM, struct finding_view, opened_by, .custom = &wire_id_scn),
	DESC_FIELD(13, DESC_CUSTOM, struct finding_view, closed_by, .custom = &wire_id_scn),
	DESC_FIELD(14, DESC_STR, struct finding_view, reason),
	DESC_FIELD(15, DESC_STR, struct finding_view, decided_by),
	DESC_FIELD(16, DESC_TIME, struct finding_view, until, .flags = DESC_OPTIONAL),
	DESC_FIELD(17, DESC_INT, struct finding_view, version),
};
static const struct desc finding_desc = DESC_CALLED("finding", finding_view, finding_fields);

static struct finding_view view_of(struct arena *a, const struct finding_row *row)
{
	return (struct finding_view){
		.id = row->id,
		.opened_by = row->opened_by,
		.closed_by = row->closed_by,
		.domain = row->name,
		.check = row->check_id,
		.subject = row->subject,
		.text = row->text,
		.evidence = row->evidence,
		.reason = row->reason,
		.decided_by = row->decided_by,
		.severity = row->severity,
		.status = row->status,
		.first_seen = row->first_seen,
		.last_seen = row->last_seen,
		.closed_at = row->closed_at,
		.until = row->until,
		.version = row->version,
	};
}

static int finding_answer(struct request *r, const struct finding_row *row)
{
	struct finding_view view = view_of(&r->arena, row);

	r->version = row->version;
	return answer_struct(r, &view);
}

struct list_findings {
	struct listing_input page;
	struct str domain, check, tag;
	int status, min_severity;
};

static const struct field list_fields[] = {
	LISTING_FIELDS(struct list_findings),
	FIELD_QUERY(FIELD_NAME, struct list_findings, domain, "of this domain"),
	FIELD_QUERY(FIELD_WORD, struct list_findings, check, "of this check, or of all below",
		    .example = "mail."),
	FIELD_QUERY(FIELD_TEXT, struct list_findings, tag, "of domains with this tag", .most = 64),
	FIELD_QUERY(FIELD_CHOICE, struct list_findings, status, "with this status",
		    .words = finding_status_words),
	FIELD_QUERY(FIELD_CHOICE, struct list_findings, min_severity, "this severity or worse",
		    .words = severity_words),
	FIELD_END,
};

/* The word of a choice that was given; else empty: any. */
static struct str chosen(const struct request *r, const char *name, const char *const *words,
			 int number)
{
	return input_given(&r->input, name) ? str_of(words[number]) : STR_NONE;
}

static int findings_page(struct request *r, struct listing *list)
{
	const struct list_findings *in = r->input.values;
	struct finding_choice choice = {
		.domain = in->domain,
		.check = in->check,
		.tag = in->tag,
		.status = chosen(r, "status", finding_status_words, in->status),
		.min_severity = chosen(r, "min_severity", severity_words, in->min_severity),
	};
	struct page page = listing_page(list);
	struct finding_row *rows;

	TRY_APP(r, app_finding_list(r->app, &r->actor, list->arena, &choice, &page, &rows,
				    &list->count, &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

const struct operation operation_findings_list = {
	.page = findings_page,
	.fields = list_fields,
	.input_size = sizeof(struct list_findings),
	.shape = &finding_desc,
	.flags = OPERATION_LIST,
	.codes = { 404 },
	.help = "Worst first. A page may hold fewer than its limit and still have a next one.",
};

/* ---- by check ---- */

struct group_findings {
	int status;
};

static const struct field group_fields[] = {
	FIELD_QUERY(FIELD_CHOICE, struct group_findings, status, "with this status",
		    .words = finding_status_words, .fallback = "open"),
	FIELD_END,
};

struct group_view {
	struct str check;
	int severity;
	int64_t domains, findings;
};

static const struct desc_field group_view_fields[] = {
	DESC_FIELD(1, DESC_STR, struct group_view, check),
	DESC_FIELD(2, DESC_ENUM, struct group_view, severity, .names = severity_words),
	DESC_FIELD(3, DESC_INT, struct group_view, domains),
	DESC_FIELD(4, DESC_INT, struct group_view, findings),
};
static const struct desc group_desc = DESC_CALLED("finding_group", group_view, group_view_fields);

struct groups_view {
	struct group_view *items;
	size_t item_count;
};

static const struct desc_field groups_fields[] = {
	DESC_ARRAY(1, DESC_STRUCT, struct groups_view, items, item_count, .of = &group_desc),
};
static const struct desc groups_desc = DESC_CALLED("finding_groups", groups_view, groups_fields);

static int groups_make(struct request *r)
{
	const struct group_findings *in = r->input.values;
	struct groups_view view = { 0 };
	struct finding_group *groups;

	TRY_APP(r, app_finding_groups(r->app, &r->actor, &r->arena,
				      str_of(finding_status_words[in->status]), &groups,
				      &view.item_count, &r->problem));
	view.items = arena_array(&r->arena, view.item_count + 1, sizeof *view.items);
	for (size_t i = 0; i < view.item_count; i++)
		view.items[i] = (struct group_view){ groups[i].check_id, groups[i].severity,
						     groups[i].domains, groups[i].findings };
	return answer_struct(r, &view);
}

static int groups_answer(struct request *r)
{
	const struct group_findings *in = r->input.values;

	return kept_answer(r, in->status, groups_make);
}

const struct operation operation_findings_groups = {
	.handle = groups_answer,
	.fields = group_fields,
	.input_size = sizeof(struct group_findings),
	.shape = &groups_desc,
	.help = "What to mend first: the worst, then what most domains have.",
};

/* ---- one ---- */

struct decide_finding {
	struct str id, reason;
	int status;
	int64_t until;
};

/* By enum finding_status, as far as people decide. */
static const char *const decisions[] = { "open", "accepted", "false-positive", NULL };

#define FINDING_ID                                                                                 \
	FIELD_PATH(FIELD_WORD, struct decide_finding, id, "its id", .least = 1, .most = 64,        \
		   .example = "fnd_01h455vb4pex5vsknk084sn02q")

static const struct field id_fields[] = { FINDING_ID, FIELD_END };
static const struct field decide_fields[] = {
	FINDING_ID,
	FIELD_BODY(FIELD_CHOICE, struct decide_finding, status, "open takes a decision back",
		   .words = decisions, .flags = FIELD_REQUIRED),
	FIELD_BODY(FIELD_LINES, struct decide_finding, reason, "for those who ask later",
		   .most = REASON_BYTES),
	FIELD_BODY(FIELD_DATE_OR_TIME, struct decide_finding, until,
		   "of accepted: when it opens again; not given: never"),
	FIELD_END,
};

static int get_answer(struct request *r)
{
	const struct decide_finding *in = r->input.values;
	struct finding_row row;

	TRY_APP(r, app_finding_get(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	return finding_answer(r, &row);
}

const struct operation operation_findings_get = {
	.handle = get_answer,
	.fields = id_fields,
	.input_size = sizeof(struct decide_finding),
	.shape = &finding_desc,
	.codes = { 404 },
};

static int decide_answer(struct request *r)
{
	const struct decide_finding *in = r->input.values;
	struct finding_decision decision = { .status = str_of(decisions[in->status]),
					     .reason = in->reason,
					     .until = in->until };
	struct finding_row row;
	int64_t version = 0;

	if (if_match_read_optional(r, &version) < 0)
		return 0;
	TRY_APP(r, app_finding_decide(r->app, &r->actor, &r->arena, in->id, version, &decision,
				      &row, &r->problem));
	return finding_answer(r, &row);
}

const struct operation operation_findings_decide = {
	.handle = decide_answer,
	.fields = decide_fields,
	.input_size = sizeof(struct decide_finding),
	.shape = &finding_desc,
	.flags = OPERATION_PATCH,
	.codes = { 404, 409, 412, 422 },
	.help = "If-Match is taken, and not needed.",
};

static int recheck_answer(struct request *r)
{
	const struct decide_finding *in = r->input.values;
	struct scan_view view;
	struct scan_row row;

	TRY_APP(r, app_finding_recheck(r->app, &r->actor, &r->arena, in->id, &row, &r->problem));
	answer_location(r, "scans", wire_id(&r->arena, "scn", row.id));
	answer_header(r, "Retry-After", "2");
	view = scan_view_of(&r->arena, &row);
	return answer_struct(r, &view);
}

const struct operation operation_findings_recheck = {
	.handle = recheck_answer,
	.fields = id_fields,
	.input_size = sizeof(struct decide_finding),
	.shape = &scan_desc,
	.codes = { 404, 429 },
	.help = "A scan of its check alone, past the caches.",
};

/* SPDX-License-Identifier: Apache-2.0 */
/* What may one do with findings? */
#include "app/finding.h"

#include "app/domain.h"
#include "app/named.h"
#include "app/record.h"
#include "app/scan.h"
#include "app/text.h"
#include "base/json.h"

struct call {
	struct app *app;
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct uuid id;
	struct str name; /* of a domain */
	int64_t version;
	struct finding_row row, decision;
	unsigned limit;
	/* of lists */
	struct finding_filter filter;
	const struct page *page;
	struct finding_row *rows;
	struct finding_group *groups;
	size_t count;
	struct str next;
};

/* ---- reading ---- */

static int id_read(struct str text, struct call *call)
{
	if (id_parse(text, "fnd", &call->id, NULL) < 0)
		return err_set(&call->problem->err, -ENOENT, "there is no finding \"%.*s\"",
			       STR(str_first(text, 60)));
	return 0;
}

static int choice_read(struct call *call, const struct finding_choice *choice,
		       struct problem *problem)
{
	struct field_error error;
	struct str note;

	call->filter = (struct finding_filter){ .workspace = call->actor->workspace,
						.check_prefix = str_trim(choice->check),
						.tag = str_lower(call->a, str_trim(choice->tag)),
						.status = -1 };
	if (choice->domain.len && domain_name_read(call->a, choice->domain, STR_LIT("/domain"),
						   &call->name, &note, &error))
		(void)!problem_add(problem, error.pointer, error.code.data, "%.*s",
				   STR(error.detail));
	if (choice->status.len)
		(void)!word_read(choice->status, finding_status_words, STR_LIT("/status"),
				 &call->filter.status, problem);
	if (choice->min_severity.len)
		(void)!word_read(choice->min_severity, severity_words, STR_LIT("/min_severity"),
				 &call->filter.min_severity, problem);
	return problem_code(problem);
}

static int list_findings(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct domain_row domain;

	store_keep(tx, call->a);
	if (call->name.len) {
		TRY(domain_find(tx, call->actor->workspace, call->name, &domain, err));
		call->filter.domain = domain.no;
	}
	return finding_list(tx, &call->filter, call->page, &call->rows, &call->count, &call->next,
			    err);
}

int app_finding_list(struct app *app, const struct actor *actor, struct arena *a,
		     const struct finding_choice *choice, const struct page *page,
		     struct finding_row **ret, size_t *ret_count, struct str *ret_next,
		     struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .page = page, .problem = problem };

	TRY(actor_may(actor, SCOPE_FINDINGS_READ, problem));
	TRY(page_check(page, problem));
	TRY(choice_read(&call, choice, problem));
	TRY(page_code(store_read(app->store, list_findings, &call, &problem->err), problem));
	*ret = call.rows;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

static int own_finding(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	char id[ID_TEXT_BYTES];
	int code;

	store_keep(tx, call->a);
	code = finding_get(tx, call->actor->workspace, call->id, &call->row, err);
	if (code == -ENOENT)
		return err_set(err, -ENOENT, "there is no finding %s",
			       id_format(id, "fnd", call->id));
	return code;
}

int app_finding_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		    struct finding_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	TRY(actor_may(actor, SCOPE_FINDINGS_READ, problem));
	TRY(id_read(id, &call));
	TRY(store_read(app->store, own_finding, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int group_findings(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return finding_groups(tx, &call->filter, &call->groups, &call->count, err);
}

int app_finding_groups(struct app *app, const struct actor *actor, struct arena *a,
		       struct str status, struct finding_group **ret, size_t *ret_count,
		       struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = a,
			     .filter = { .workspace = actor->workspace, .status = FINDING_OPEN } };

	TRY(actor_may(actor, SCOPE_FINDINGS_READ, problem));
	if (status.len)
		TRY(word_read(status, finding_status_words, STR_LIT("/status"), &call.filter.status,
			      problem));
	TRY(store_read(app->store, group_findings, &call, &problem->err));
	*ret = call.groups;
	*ret_count = call.count;
	return 0;
}

/* ---- deciding ---- */

static int decision_read(struct call *call, const struct finding_decision *decision,
			 struct problem *problem)
{
	struct finding_row *row = &call->decision;
	int status = FINDING_OPEN;

	if (word_read(decision->status, finding_status_words, STR_LIT("/status"), &status, problem))
		return -EINVAL;
	row->status = (enum finding_status)status;
	if (row->status == FINDING_FIXED || row->status == FINDING_RETIRED)
		return problem_add(problem, STR_LIT("/status"), "enum",
				   "only a scan says so; have it checked again");
	if (decision->until && row->status != FINDING_ACCEPTED)
		(void)!problem_add(problem, STR_LIT("/until"), "not-allowed",
				   "only what is accepted has an end");
	row->until = decision->until;
	(void)!text_read(decision->reason, REASON_BYTES, TEXT_LINES, STR_LIT("/reason"),
			 &row->reason, problem);
	if (row->status != FINDING_OPEN && !str_trim(decision->reason).len)
		(void)!problem_add(problem, STR_LIT("/reason"), "required",
				   "say why, for those who ask later");
	return problem_code(problem);
}

static struct str decision_json(struct arena *a, const struct finding_row *row)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "status");
	json_text(&w, finding_status_words[row->status]);
	if (row->reason.len) {
		json_key(&w, "reason");
		json_str(&w, row->reason);
	}
	if (row->until) {
		json_key(&w, "until");
		json_int(&w, row->until);
	}
	json_end(&w);
	return buf_str(&out);
}

/* The domain's count of open ones follows. */
static int count_open(struct store_tx *tx, const struct finding_row *row, int64_t by,
		      struct err *err)
{
	struct domain_row domain;

	TRY(domain_get(tx, row->domain, &domain, err));
	domain.open[row->severity] = MAX(domain.open[row->severity] + by, INT64_C(0));
	return domain_summarise(tx, &domain, err);
}

static int change_status(struct store_tx *tx, struct finding_row *row,
			 const struct finding_row *decision, struct str decided_by, struct err *err)
{
	int64_t by = (decision->status == FINDING_OPEN) - (row->status == FINDING_OPEN);

	row->status = decision->status;
	row->reason = decision->status == FINDING_OPEN ? STR_NONE : decision->reason;
	row->until = decision->until;
	row->decided_by = decision->status == FINDING_OPEN ? STR_NONE : decided_by;
	TRY(finding_update(tx, row, err));
	return by ? count_open(tx, row, by, err) : 0;
}

static int check_state(struct call *call, struct store_tx *tx, struct err *err)
{
	const struct finding_row *row = &call->row;

	call->problem->count = 0; /* of a run before */
	TRY(version_check(call->version, row->version, row->check_id, call->problem, err));
	if (row->status == FINDING_FIXED || row->status == FINDING_RETIRED)
		return err_set(err, -EALREADY, "the finding is %s: nothing is left to decide",
			       finding_status_words[row->status]);
	if (call->decision.until && call->decision.until <= tx->now_us)
		return problem_add(call->problem, STR_LIT("/until"), "range",
				   "it lies in the past");
	return 0;
}

static int decide(struct store_tx *tx, void *context, struct err *err)
{
	static const enum event_type events[] = {
		[FINDING_OPEN] = EVENT_FINDING_REOPENED,
		[FINDING_ACCEPTED] = EVENT_FINDING_ACCEPTED,
		[FINDING_FALSE_POSITIVE] = EVENT_FINDING_FALSE_POSITIVE,
	};
	struct call *call = context;
	struct str before, after;

	TRY(own_finding(tx, call, err));
	TRY(check_state(call, tx, err));
	before = decision_json(tx->a, &call->row);
	after = decision_json(tx->a, &call->decision);
	if (str_eq(before, after))
		return 0;
	TRY(change_status(tx, &call->row, &call->decision, actor_text(tx->a, call->actor), err));
	TRY(record_event(tx, call->actor,
			 (struct event_row){ .type = (int)events[call->row.status],
					     .domain = call->row.domain,
					     .object = call->id,
					     .severity = (int)call->row.severity,
					     .data = after },
			 err));
	return record_audit(tx, call->actor, "finding.decide", id_text(tx->a, "fnd", call->id),
			    before, after, err);
}

int app_finding_decide(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		       int64_t version, const struct finding_decision *decision,
		       struct finding_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem, .version = version };

	TRY(actor_may(actor, SCOPE_FINDINGS_WRITE, problem));
	TRY(id_read(id, &call));
	TRY(decision_read(&call, decision, problem));
	TRY(store_write(app->store, decide, &call, &problem->err));
	*ret = call.row;
	return 0;
}

int app_finding_recheck(struct app *app, const struct actor *actor, struct arena *a, struct str id,
			struct scan_row *ret, struct problem *problem)
{
	struct scan_input input = { .is_fresh = true };
	struct finding_row row;

	TRY(app_finding_get(app, actor, a, id, &row, problem));
	input.name = row.name;
	input.recheck = row.check_id;
	return app_scan_start(app, actor, a, &input, ret, problem);
}

/* ---- acceptances that are over ---- */

static int lapse(struct store_tx *tx, void *context, struct err *err)
{
	static const struct finding_row open = { .status = FINDING_OPEN };
	struct call *call = context;

	TRY(finding_lapsed(tx, tx->now_us - call->app->finding_grace_us, call->limit, &call->rows,
			   &call->count, err));
	for (size_t i = 0; i < call->count; i++) {
		struct finding_row *row = &call->rows[i];

		TRY(change_status(tx, row, &open, STR_NONE, err));
		TRY(event_insert(tx,
				 &(struct event_row){ .workspace = row->workspace,
						      .type = EVENT_ACCEPTANCE_EXPIRED,
						      .domain = row->domain,
						      .object = row->id,
						      .severity = (int)row->severity },
				 err));
	}
	return 0;
}

int app_finding_lapse(struct app *app, unsigned limit, size_t *ret_count, struct err *err)
{
	struct call call = { .app = app, .limit = limit };

	TRY(store_write(app->store, lapse, &call, err));
	*ret_count = call.count;
	return 0;
}

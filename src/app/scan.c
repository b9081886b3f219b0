/* SPDX-License-Identifier: Apache-2.0 */
/* How does one ask for a scan, watch it, and stop it? */
#include "app/scan.h"

#include "app/backlog.h"
#include "app/domain.h"
#include "app/idempotency.h"
#include "app/record.h"
#include "app/scan_finish.h"
#include "app/text.h"
#include "base/fault.h"
#include "model/profile.h"
#include "store/audit.h"
#include "store/domain.h"
#include "store/fact.h"
#include "store/workspace.h"

enum { RECHECK_BYTES = 100 };

/* One call: what goes in and what comes out, for the closures. */
struct call {
	struct app *app;
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct str name, recheck;
	int profile, priority; /* profile -1: the domain's */
	bool is_active, is_fresh, was_open;
	struct uuid id;
	struct scan_row row;
	struct str verdicts;
	/* of lists */
	struct scan_filter filter;
	const struct page *page;
	struct scan_row *rows;
	size_t count;
	struct str next;
};

/* ---- asking ---- */

static int recheck_read(struct str text, struct str *ret, struct problem *problem)
{
	struct str trimmed = str_trim(text);

	if (trimmed.len > RECHECK_BYTES)
		return problem_add(problem, STR_LIT("/recheck"), "too-long",
				   "a check's id has at most %d characters", RECHECK_BYTES);
	for (size_t i = 0; i < trimmed.len; i++) {
		char c = trimmed.data[i];

		if (!char_is_digit(c) && !(c >= 'a' && c <= 'z') && c != '.' && c != '-')
			return problem_add(problem, STR_LIT("/recheck"), "check",
					   "character %zu is not one of a check's id, such as "
					   "\"mail.spf.present\"",
					   i + 1);
	}
	*ret = trimmed;
	return 0;
}

static int input_read(struct call *call, const struct scan_input *input, struct problem *problem)
{
	struct field_error error;
	struct str note;

	call->profile = -1;
	call->priority = PRIORITY_HIGH;
	call->is_active = input->is_active;
	call->is_fresh = input->is_fresh;
	if (domain_name_read(call->a, input->name, STR_LIT("/name"), &call->name, &note, &error))
		(void)!problem_add(problem, error.pointer, error.code.data, "%.*s",
				   STR(error.detail));
	if (input->profile.len)
		(void)!word_read(input->profile, profile_words, STR_LIT("/profile"), &call->profile,
				 problem);
	if (input->priority.len)
		(void)!word_read(input->priority, scan_priority_words, STR_LIT("/priority"),
				 &call->priority, problem);
	(void)!recheck_read(input->recheck, &call->recheck, problem);
	return problem_code(problem);
}

/* What start_scan will read, in two ways to a server. */
static int foresee_start(struct store_tx *tx, const struct call *call, struct err *err)
{
	int64_t workspace = call->actor->workspace, no;

	TRY(workspace_foresee(tx, workspace, err));
	TRY(audit_foresee(tx, err));
	TRY(domain_foresee_name(tx, workspace, call->name, err));
	TRY(domain_foresee_rest(tx, workspace, call->name, &no, err));
	return no ? scan_foresee_open(tx, no, err) : 0;
}

/* The domain of this name, which is added when it is none yet. */
static int domain_for_scan(struct store_tx *tx, struct call *call, struct domain_row *ret,
			   bool *ret_is_added, struct err *err)
{
	const struct actor *actor = call->actor;
	int code = domain_find(tx, actor->workspace, call->name, ret, err);

	*ret_is_added = code == -ENOENT;
	if (code != -ENOENT)
		return code;
	if (actor_may(actor, SCOPE_DOMAINS_WRITE, call->problem) < 0)
		return err_set(err, -EACCES,
			       "%.*s is no domain of the workspace, and the scope domains:write is "
			       "missing to add it",
			       STR(call->name));
	*ret = (struct domain_row){ .workspace = actor->workspace,
				    .name = call->name,
				    .profile = DOMAIN_NO_PROFILE };
	TRY(domain_insert(tx, ret, err));
	TRY(record_event(tx, actor,
			 (struct event_row){ .type = EVENT_DOMAIN_CREATED,
					     .domain = ret->no,
					     .object = ret->id,
					     .severity = -1 },
			 err));
	return record_audit(tx, actor, "domain.create", call->name, STR_NONE, STR_NONE, err);
}

static int check_consent(const struct call *call, const struct domain_row *domain, struct err *err)
{
	if (!call->is_active || domain->proven_at || call->actor->kind == ACTOR_COMMAND)
		return 0;
	return err_set(err, -EPERM,
		       "active questions to %.*s need the proof that you control it first",
		       STR(domain->name));
}

/* One that waits or runs already is told instead of a second; a name that was never here has none. */
static int find_open(struct store_tx *tx, struct call *call, const struct domain_row *domain,
		     bool is_new, struct err *err)
{
	int code;

	if (call->recheck.len || is_new)
		return 0;
	code = scan_open_of(tx, domain->no, &call->row, err);
	call->was_open = code == 0;
	return code == -ENOENT ? 0 : code;
}

static int start_scan(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	const struct actor *actor = call->actor;
	struct domain_row domain;
	bool is_added;

	store_keep(tx, call->a);
	call->was_open = false;
	TRY(foresee_start(tx, call, err));
	TRY(domain_for_scan(tx, call, &domain, &is_added, err));
	TRY(check_consent(call, &domain, err));
	TRY(find_open(tx, call, &domain, is_added && domain.version == 1, err));
	TRY(workspace_use(tx, actor->workspace, is_added, !call->was_open, err));
	if (call->was_open)
		return claim_keep(tx, call->app, actor, &call->row, false, err);
	call->row = (struct scan_row){
		.workspace = actor->workspace,
		.domain = domain.no,
		.name = domain.name,
		.profile = call->profile >= 0                    ? call->profile
			   : domain.profile != DOMAIN_NO_PROFILE ? domain.profile
								 : call->app->default_profile,
		.priority = call->priority,
		.flags = (call->is_active ? SCAN_IS_ACTIVE_FLAG : 0u) |
			 (call->is_fresh ? SCAN_IS_FRESH_FLAG : 0u),
		.created_by = actor->id,
		.recheck = call->recheck,
		.trace = actor->trace,
	};
	TRY(scan_insert_sure(tx, &call->row, err));
	TRY(event_insert(tx,
			 &(struct event_row){ .workspace = actor->workspace,
					      .type = EVENT_SCAN_REQUESTED,
					      .domain = domain.no,
					      .scan = call->row.id,
					      .severity = -1 },
			 err));
	if (call->is_active)
		TRY(record_audit(tx, actor, "scan.active", domain.name, STR_NONE, STR_NONE, err));
	return claim_keep(tx, call->app, actor, &call->row, true, err);
}

int app_scan_start(struct app *app, const struct actor *actor, struct arena *a,
		   const struct scan_input *input, struct scan_row *ret, struct problem *problem)
{
	struct call call = { .app = app, .actor = actor, .a = a, .problem = problem };
	int code;

	TRY(actor_may(actor, SCOPE_SCANS_WRITE, problem));
	TRY(input_read(&call, input, problem));
	TRY(backlog_check(app, problem));
	FAULT_POINT("api.before-commit");
	code = store_write(app->store, start_scan, &call, &problem->err);
	if (code < 0 && !((code == -ENOSPC || code == -EIO) && FAULT_IS_OFF("refusal")))
		return code;
	FAULT_POINT("api.after-commit");
	*ret = call.row;
	return call.was_open ? 1 : 0;
}

/* ---- watching ---- */

static int id_read(struct str text, struct call *call)
{
	struct err *err = &call->problem->err;

	if (id_parse(text, "scn", &call->id, NULL) < 0)
		return err_set(err, -ENOENT, "there is no scan \"%.*s\"", STR(str_first(text, 60)));
	return 0;
}

static int own_scan(struct store_tx *tx, struct call *call, struct err *err)
{
	char id[ID_TEXT_BYTES];
	int code;

	store_keep(tx, call->a);
	code = scan_get(tx, call->id, &call->row, err);
	if (code < 0 && code != -ENOENT)
		return code;
	if (code < 0 || call->row.workspace != call->actor->workspace)
		return err_set(err, -ENOENT, "there is no scan %s", id_format(id, "scn", call->id));
	return 0;
}

static int get_scan(struct store_tx *tx, void *context, struct err *err)
{
	return own_scan(tx, context, err);
}

int app_scan_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		 struct scan_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	TRY(actor_may(actor, SCOPE_SCANS_READ, problem));
	TRY(id_read(id, &call));
	TRY(store_read(app->store, get_scan, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int get_verdicts(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(own_scan(tx, call, err));
	call->verdicts = STR_NONE;
	return call->row.verdicts ? document_get(tx, call->row.verdicts, &call->verdicts, err) : 0;
}

int app_scan_verdicts(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		      struct scan_row *ret, struct str *ret_verdicts, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	TRY(actor_may(actor, SCOPE_SCANS_READ, problem));
	TRY(id_read(id, &call));
	TRY(store_read(app->store, get_verdicts, &call, &problem->err));
	*ret = call.row;
	*ret_verdicts = call.verdicts;
	return 0;
}

/* What the choice says by itself; the domain's number is the store's. */
static int choice_read(struct call *call, const struct scan_choice *choice, struct problem *problem)
{
	struct field_error error;
	struct str note;

	call->filter = (struct scan_filter){ .workspace = call->actor->workspace, .status = -1 };
	if (choice->domain.len && domain_name_read(call->a, choice->domain, STR_LIT("/domain"),
						   &call->name, &note, &error))
		(void)!problem_add(problem, error.pointer, error.code.data, "%.*s",
				   STR(error.detail));
	if (choice->batch.len && id_parse(choice->batch, "bat", &call->filter.batch, NULL) < 0)
		(void)!problem_add(problem, STR_LIT("/batch"), "id", "a batch's id is \"bat_…\"");
	if (str_eq(choice->status, STR_LIT("open")))
		call->filter.is_open = true;
	else if (choice->status.len)
		(void)!word_read(choice->status, scan_status_words, STR_LIT("/status"),
				 &call->filter.status, problem);
	return problem_code(problem);
}

static int list_scans(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct domain_row domain;

	store_keep(tx, call->a);
	if (call->name.len) {
		TRY(domain_find(tx, call->actor->workspace, call->name, &domain, err));
		call->filter.domain = domain.no;
	}
	return scan_list(tx, &call->filter, call->page, &call->rows, &call->count, &call->next,
			 err);
}

int app_scan_list(struct app *app, const struct actor *actor, struct arena *a,
		  const struct scan_choice *choice, const struct page *page, struct scan_row **ret,
		  size_t *ret_count, struct str *ret_next, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .page = page, .problem = problem };

	TRY(actor_may(actor, SCOPE_SCANS_READ, problem));
	TRY(page_check(page, problem));
	TRY(choice_read(&call, choice, problem));
	TRY(page_code(store_read(app->store, list_scans, &call, &problem->err), problem));
	*ret = call.rows;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

/* ---- stopping ---- */

static int cancel_scan(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(own_scan(tx, call, err));
	TRY(scan_cancel(tx, call->id, &call->row, err));
	if (call->row.status == SCAN_IS_CANCELLED)
		TRY(scan_tell_end(tx, &call->row, STR_NONE, err));
	return record_audit(tx, call->actor, "scan.cancel", id_text(tx->a, "scn", call->id),
			    STR_NONE, STR_NONE, err);
}

int app_scan_cancel(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		    struct scan_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	TRY(actor_may(actor, SCOPE_SCANS_WRITE, problem));
	TRY(id_read(id, &call));
	TRY(store_write(app->store, cancel_scan, &call, &problem->err));
	*ret = call.row;
	return 0;
}

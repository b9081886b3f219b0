/* SPDX-License-Identifier: Apache-2.0 */
/* What was, what changed, what expires? */
#include "app/history.h"

#include "app/domain.h"
#include "app/scan.h"
#include "facts/volatile.h"
#include "store/fact.h"

struct call {
	const struct actor *actor;
	struct arena *a;
	struct str name;
	struct change_filter filter;
	int64_t before;
	const struct page *page;
	struct change_row *changes;
	struct expiry_row *expiries;
	struct scan_row *scans;
	size_t count;
	struct str next;
	struct stored_facts facts;
	struct observations seen;
};

static int name_read(struct call *call, struct str typed, struct problem *problem)
{
	struct field_error error;
	struct str note;

	if (!domain_name_read(call->a, typed, STR_LIT("/domain"), &call->name, &note, &error))
		return 0;
	return problem_add(problem, error.pointer, error.code.data, "%.*s", STR(error.detail));
}

static int list_changes(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct domain_row domain;

	store_keep(tx, call->a);
	if (call->name.len) {
		TRY(domain_find(tx, call->actor->workspace, call->name, &domain, err));
		call->filter.domain = domain.no;
	}
	return change_list(tx, &call->filter, call->page, &call->changes, &call->count, &call->next,
			   err);
}

int app_change_list(struct app *app, const struct actor *actor, struct arena *a,
		    const struct change_choice *choice, const struct page *page,
		    struct change_row **ret, size_t *ret_count, struct str *ret_next,
		    struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .page = page };

	TRY(actor_may(actor, SCOPE_DOMAINS_READ, problem));
	TRY(page_check(page, problem));
	if (choice->domain.len)
		TRY(name_read(&call, choice->domain, problem));
	call.filter = (struct change_filter){ .workspace = actor->workspace,
					      .from = choice->from,
					      .to = choice->to };
	TRY(page_code(store_read(app->store, list_changes, &call, &problem->err), problem));
	*ret = call.changes;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

static int list_expiries(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return expiry_list(tx, call->actor->workspace, call->before, call->page, &call->expiries,
			   &call->count, &call->next, err);
}

int app_expiry_list(struct app *app, const struct actor *actor, struct arena *a, int64_t before,
		    const struct page *page, struct expiry_row **ret, size_t *ret_count,
		    struct str *ret_next, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .before = before, .page = page };

	TRY(actor_may(actor, SCOPE_DOMAINS_READ, problem));
	TRY(page_check(page, problem));
	TRY(page_code(store_read(app->store, list_expiries, &call, &problem->err), problem));
	*ret = call.expiries;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

/* ---- scores ---- */

static bool has_judged_all(const struct scan_row *row)
{
	return !row->recheck.len &&
	       (row->status == SCAN_IS_DONE || row->status == SCAN_IS_INCOMPLETE);
}

static int list_scores(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct scan_filter filter = { .workspace = call->actor->workspace, .status = -1 };
	struct domain_row domain;
	size_t all;

	store_keep(tx, call->a);
	TRY(domain_find(tx, call->actor->workspace, call->name, &domain, err));
	filter.domain = domain.no;
	TRY(scan_list(tx, &filter, call->page, &call->scans, &all, &call->next, err));
	call->count = 0;
	for (size_t i = 0; i < all; i++)
		if (has_judged_all(&call->scans[i]))
			call->scans[call->count++] = call->scans[i];
	return 0;
}

int app_score_list(struct app *app, const struct actor *actor, struct arena *a, struct str domain,
		   const struct page *page, struct scan_row **ret, size_t *ret_count,
		   struct str *ret_next, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .page = page };

	TRY(actor_may(actor, SCOPE_SCANS_READ, problem));
	TRY(page_check(page, problem));
	TRY(name_read(&call, domain, problem));
	TRY(page_code(store_read(app->store, list_scores, &call, &problem->err), problem));
	*ret = call.scans;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

/* ---- observations ---- */

static int read_facts(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct stored_facts *facts = &call->facts;

	store_keep(tx, call->a);
	TRY(fact_set_get(tx, call->seen.scan.fact_set, &facts->stable, &facts->count, err));
	return scan_volatile(tx, call->seen.scan.id, &facts->volatile_blob, err);
}

int app_scan_facts(struct app *app, const struct actor *actor, struct arena *a,
		   const struct scan_row *scan, struct stored_facts *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .seen.scan = *scan };

	TRY(actor_may(actor, SCOPE_SCANS_READ, problem));
	if (scan->workspace != actor->workspace)
		return err_set(&problem->err, -ENOENT, "no such scan");
	if (scan->fact_set)
		TRY(store_read(app->store, read_facts, &call, &problem->err));
	*ret = call.facts;
	return 0;
}

static int facts_read(struct call *call, struct err *err)
{
	const struct stored_facts *facts = &call->facts;
	struct observations *seen = &call->seen;
	struct fact **views = arena_array(call->a, facts->count, sizeof *views);

	seen->count = facts->count;
	seen->fact = arena_array(call->a, seen->count, sizeof *seen->fact);
	for (size_t i = 0; i < seen->count; i++) {
		if (fact_decode(call->a, facts->stable[i], &seen->fact[i]) < 0)
			return err_set(err, ERR_CORRUPT, "fact %zu of the scan is damaged", i);
		views[i] = &seen->fact[i];
	}
	if (facts->volatile_blob.len &&
	    facts_apply_volatile(facts->volatile_blob, views, seen->count) < 0)
		return err_set(err, ERR_CORRUPT, "the times of the scan's facts are damaged");
	return 0;
}

int app_observations(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		     struct observations *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a };

	TRY(app_scan_get(app, actor, a, id, &call.seen.scan, problem));
	TRY(app_scan_facts(app, actor, a, &call.seen.scan, &call.facts, problem));
	TRY(facts_read(&call, &problem->err));
	*ret = call.seen;
	return 0;
}

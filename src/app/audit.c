/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what here, and is the record of it whole? */
#include "app/audit.h"

enum { VERIFY_STEP = 5000 };

struct call {
	const struct actor *actor;
	struct arena *a;
	const struct page *page;
	struct audit_row *rows;
	size_t count;
	struct str next;
	struct audit_walk walk;
	bool is_end;
};

static int list_rows(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return audit_list(tx, call->actor->workspace, call->page, &call->rows, &call->count,
			  &call->next, err);
}

int app_audit_list(struct app *app, const struct actor *actor, struct arena *a,
		   const struct page *page, struct audit_row **ret, size_t *ret_count,
		   struct str *ret_next, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .page = page };

	TRY(actor_may(actor, SCOPE_AUDIT_READ, problem));
	TRY(page_check(page, problem));
	TRY(page_code(store_read(app->store, list_rows, &call, &problem->err), problem));
	*ret = call.rows;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

static int verify_step(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct audit_walk walk = call->walk;

	TRY(audit_verify(tx, &walk, VERIFY_STEP, &call->is_end, err));
	call->walk = walk;
	return 0;
}

int app_audit_verify(struct app *app, const struct actor *actor, struct audit_walk *ret,
		     struct problem *problem)
{
	struct call call = { .actor = actor };

	TRY(actor_may(actor, SCOPE_AUDIT_READ, problem));
	while (!call.is_end)
		TRY(store_read(app->store, verify_step, &call, &problem->err));
	*ret = call.walk;
	return 0;
}

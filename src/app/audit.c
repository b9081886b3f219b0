/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what here, and is the record of it whole? */
#include "app/audit.h"

#include "app/named.h"

enum { VERIFY_STEP = 5000 };

struct call {
	const struct actor *actor;
	struct audit_walk walk;
	bool is_end;
};

APP_LIST(app_audit_list, SCOPE_AUDIT_READ, struct audit_row, audit_list);

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

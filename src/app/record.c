/* SPDX-License-Identifier: Apache-2.0 */
/* What does a write leave behind? */
#include "app/record.h"

#include "store/audit.h"

int record_audit(struct store_tx *tx, const struct actor *actor, const char *action,
		 struct str subject, struct str before, struct str after, struct err *err)
{
	struct audit_row row = {
		.workspace = actor->workspace,
		.actor = actor_text(tx->a, actor),
		.action = str_of(action),
		.subject = subject,
		.before = before,
		.after = after,
	};

	return audit_insert(tx, &row, err);
}

int record_made(struct store_tx *tx, const struct actor *actor, enum applied_kind kind,
		struct uuid object, struct err *err)
{
	return actor->is_applying ? applied_add(tx, actor->workspace, kind, object, err) : 0;
}

int record_removed(struct store_tx *tx, const struct actor *actor, enum applied_kind kind,
		   struct uuid object, struct err *err)
{
	return applied_remove(tx, actor->workspace, kind, object, err);
}

int record_event(struct store_tx *tx, const struct actor *actor, struct event_row row,
		 struct err *err)
{
	row.workspace = actor->workspace;
	row.trace = actor->trace;
	return event_insert(tx, &row, err);
}

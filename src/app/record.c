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

int record_event(struct store_tx *tx, const struct actor *actor, struct event_row row,
		 struct err *err)
{
	row.workspace = actor->workspace;
	row.trace = actor->trace;
	return event_insert(tx, &row, err);
}

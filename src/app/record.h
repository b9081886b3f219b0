/* SPDX-License-Identifier: Apache-2.0 */
/** What every write leaves behind: an audit row, and events. Inside of the write's transaction. */
#ifndef DSS_APP_RECORD_H
#define DSS_APP_RECORD_H

#include "app/app.h"
#include "store/event.h"
#include "store/policy.h"

/**
 * One row of the audit trail. before and after are JSON objects without secrets; empty: none.
 * @action   "domain.update"
 * @subject  name or id of what it was done to
 */
int record_audit(struct store_tx *tx, const struct actor *actor, const char *action,
		 struct str subject, struct str before, struct str after, struct err *err) MUST_USE;
/** It was made, or removed: what a portfolio made is marked as that, in the transaction that makes it, until
 * it is removed by whomever. */
int record_made(struct store_tx *tx, const struct actor *actor, enum applied_kind kind,
		struct uuid object, struct err *err) MUST_USE;
int record_removed(struct store_tx *tx, const struct actor *actor, enum applied_kind kind,
		   struct uuid object, struct err *err) MUST_USE;
/** row->workspace and row->trace are the actor's. */
int record_event(struct store_tx *tx, const struct actor *actor, struct event_row row,
		 struct err *err) MUST_USE;

#endif

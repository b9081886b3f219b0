/* SPDX-License-Identifier: Apache-2.0 */
/** Reminders of what expires: events when a fraction of its lifetime is left (store/history.h), and when it
 * is over. What was seen for the first time when that was past is not told: only what comes. */
#ifndef DSS_APP_REMIND_H
#define DSS_APP_REMIND_H

#include "app/leader.h"

/** One transaction of at most `limit`. *ret_count: how many were due; *ret_told: events. -ESTALE: another
 * leads by now. */
int remind_expiring(struct store *store, const struct leader *leader, unsigned limit,
		    size_t *ret_count, size_t *ret_told, struct err *err) MUST_USE;

#endif

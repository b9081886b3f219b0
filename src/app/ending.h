/* SPDX-License-Identifier: Apache-2.0 */
/** One scan that ended, on its way into the store: parts of app/scan_end.c, inside of its transaction. */
#ifndef DSS_APP_ENDING_H
#define DSS_APP_ENDING_H

#include "app/scan.h"
#include "store/domain.h"
#include "store/event.h"
#include "store/fact.h"

struct ending {
	struct store_tx *tx;
	const struct scan_outcome *outcome;
	struct scan_row scan;
	struct fact_set_key key;  /**< of what it saw, when it has judged */
	struct domain_row domain; /**< as it was; its summary is changed step by step */
	struct scan_stored *stored;
};

/** An event about the scan's domain. */
int ending_event(struct ending *e, enum event_type type, struct uuid object, int severity,
		 struct str data, struct err *err) MUST_USE;
/** Findings opened, kept, reopened, fixed, retired; counts the open ones into the summary. */
int ending_findings(struct ending *e, struct err *err) MUST_USE;
/** What differs from the domain's last facts: changes and their events. */
int ending_changes(struct ending *e, struct err *err) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** What stands in an event's data, by name, whatever the sort of event: what is not there is empty. */
#ifndef DSS_APP_EVENT_FIELDS_H
#define DSS_APP_EVENT_FIELDS_H

#include "store/event.h"

struct event_fields {
	struct str check, subject, text; /**< of a finding, and of what has a text */
	struct str question, kind;       /**< of a change: "dns example.com MX", "changed" */
	size_t changes;                  /**< of the question */
	struct str before, after;        /**< of a grade, or of the first change */
	struct str name;                 /**< of a channel */
};

/** Texts are in the arena. */
void event_fields_read(struct arena *a, const struct event_row *event, struct event_fields *ret);

#endif

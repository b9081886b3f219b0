/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Events as others read them: CloudEvents 1.0 JSON.
 *
 *	{"specversion":"1.0","id":"evt_…","source":"/dss","type":"dev.dss.finding.opened.v1",
 *	 "subject":"example.com","time":"2026-11-22T12:00:00.000001Z","sequence":"42",
 *	 "traceparent":"00-…","datacontenttype":"application/json","data":{…}}
 *
 * data has what the event's own columns say (scan, finding, schedule, batch, severity) and the fields
 * of its row. `sequence` grows with time; readers go on after the last one that they have seen.
 */
#ifndef DSS_APP_EVENT_H
#define DSS_APP_EVENT_H

#include "app/app.h"
#include "base/json.h"
#include "store/event.h"

#define EVENT_TYPE_PREFIX "dev.dss."

/** Those of the actor's workspace after `sequence` (0: from the oldest), at most limit (1 to 1000).
 * -ERANGE: what came after it is kept no longer (410). */
int app_event_after(struct app *app, const struct actor *actor, struct arena *a, int64_t sequence,
		    unsigned limit, struct event_row **ret, size_t *ret_count,
		    struct problem *problem) MUST_USE;
/** The sequence of the newest event: where a reader begins who wants only news. */
int app_event_newest(struct app *app, const struct actor *actor, int64_t *ret,
		     struct problem *problem) MUST_USE;
/** Its data, an object. */
void event_data_json(struct json *w, const struct event_row *row);
/** One event as JSON. */
void event_json(struct json *w, const struct event_row *row);

#endif

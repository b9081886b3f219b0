/* SPDX-License-Identifier: Apache-2.0 */
/* What has happened in a workspace, as CloudEvents? */
#include "app/event.h"

#include "base/clock.h"

#include <inttypes.h>

enum { EVENTS_LISTED = 1000 };

struct call {
	const struct actor *actor;
	struct arena *a;
	int64_t sequence;
	unsigned limit;
	struct event_row *rows;
	size_t count;
};

static int read_after(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int64_t oldest, newest;

	store_keep(tx, call->a);
	TRY(event_bounds(tx, &oldest, &newest, err));
	if (!oldest)
		oldest = newest + 1; /* none is kept: all up to the newest are gone */
	if (call->sequence && call->sequence + 1 < oldest)
		return err_set(err, -ERANGE,
			       "events up to %" PRId64 " are kept no longer: read the lists again, "
			       "then go on after %" PRId64,
			       oldest - 1, newest);
	return event_after(tx, call->actor->workspace, call->sequence, call->limit, &call->rows,
			   &call->count, err);
}

int app_event_after(struct app *app, const struct actor *actor, struct arena *a, int64_t sequence,
		    unsigned limit, struct event_row **ret, size_t *ret_count,
		    struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .sequence = sequence, .limit = limit };

	TRY(actor_may(actor, SCOPE_EVENTS_READ, problem));
	if (limit < 1 || limit > EVENTS_LISTED)
		return problem_add(problem, STR_LIT("/limit"), "range", "1 to %d events",
				   EVENTS_LISTED);
	if (sequence < 0)
		return problem_add(problem, STR_LIT("/after"), "range",
				   "a sequence is not negative");
	TRY(store_read(app->store, read_after, &call, &problem->err));
	*ret = call.rows;
	*ret_count = call.count;
	return 0;
}

static int read_newest(struct store_tx *tx, void *context, struct err *err)
{
	int64_t oldest;

	return event_bounds(tx, &oldest, context, err);
}

int app_event_newest(struct app *app, const struct actor *actor, int64_t *ret,
		     struct problem *problem)
{
	TRY(actor_may(actor, SCOPE_EVENTS_READ, problem));
	return store_read(app->store, read_newest, ret, &problem->err);
}

/* What the object of an event of this noun is. */
static const struct {
	const char *noun, *prefix, *member;
} objects[] = {
	{ "domain", "dom", "domain" },     { "batch", "bat", "batch" },
	{ "scan", "scn", "scan" },         { "finding", "fnd", "finding" },
	{ "schedule", "sch", "schedule" }, { "worker", "wrk", "worker" },
	{ "queue", "scn", "scan" },        { "delivery", "chn", "channel" },
};

static void put_id(struct json *w, const char *member, const char *prefix, struct uuid id)
{
	char text[ID_TEXT_BYTES];

	json_key(w, member);
	json_text(w, id_format(text, prefix, id));
}

void event_data_json(struct json *w, const struct event_row *row)
{
	struct str fields = str_trim(row->data), word = str_of(event_word(row->type));
	struct str noun = str_first(word, (size_t)MAX(str_find_char(word, '.'), 0));

	json_object(w);
	if (!uuid_is_nil(row->scan))
		put_id(w, "scan", "scn", row->scan);
	for (size_t i = 0; i < ARRAY_COUNT(objects) && !uuid_is_nil(row->object); i++)
		if (str_eq(str_of(objects[i].noun), noun) &&
		    (uuid_is_nil(row->scan) || !str_eq(noun, STR_LIT("scan"))))
			put_id(w, objects[i].member, objects[i].prefix, row->object);
	if (row->severity >= SEVERITY_INFO && row->severity <= SEVERITY_CRITICAL) {
		json_key(w, "severity");
		json_text(w, severity_word((enum severity)row->severity));
	}
	if (fields.len > 2 && fields.data[0] == '{') { /* its members join ours */
		if (w->needs_comma)
			buf_put_char(w->out, ',');
		buf_put(w->out, fields.data + 1, fields.len - 2);
		w->needs_comma = true;
	}
	json_end(w);
}

static void put_time(struct json *w, const char *key, int64_t at_us)
{
	char text[TIME_TEXT_BYTES];

	json_key(w, key);
	clock_text(at_us, text); /* "2026-11-22T19:40:02Z" */
	text[strlen(text) - 1] = 0;
	buf_printf(json_quoted(w), "%s.%06dZ\"", text, (int)(at_us % 1000000));
}

void event_json(struct json *w, const struct event_row *row)
{
	const char *word = event_word(row->type);
	char text[ID_TEXT_BYTES];

	json_object(w);
	json_key(w, "specversion");
	json_text(w, "1.0");
	json_key(w, "id");
	json_text(w, id_format(text, "evt", row->id));
	json_key(w, "source");
	json_text(w, "/dss");
	json_key(w, "type");
	buf_printf(json_quoted(w), EVENT_TYPE_PREFIX "%s.v1\"", word ? word : "unknown");
	if (row->name.len) {
		json_key(w, "subject");
		json_str(w, row->name);
	}
	put_time(w, "time", row->at);
	json_key(w, "sequence");
	buf_printf(json_quoted(w), "%" PRId64 "\"", row->sequence);
	if (row->trace.len) {
		json_key(w, "traceparent");
		json_str(w, row->trace);
	}
	json_key(w, "datacontenttype");
	json_text(w, "application/json");
	json_key(w, "data");
	event_data_json(w, row);
	json_end(w);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What happened: a page of events, or a stream of them. */
#include "app/event.h"

#include "base/clock.h"
#include "roles/api/server.h"

enum { EVENTS_A_PART = 200, KEEP_ALIVE_S = 15, STREAM_S = 300 };

static const char stream_type[] = "text/event-stream";
static const char *const media[] = { "application/json", stream_type, NULL };

struct list_events {
	struct str after, type;
	uint32_t limit;
};

static const struct field list_fields[] = {
	FIELD_QUERY(FIELD_WORD, struct list_events, after,
		    "events behind this sequence; a stream begins with the next one that happens",
		    .most = 18),
	FIELD_QUERY(FIELD_WORD, struct list_events, type, "types that begin so",
		    .example = "scan."),
	FIELD_QUERY(FIELD_UINT, struct list_events, limit, "events of a page", .least = 1,
		    .most = 1000, .fallback = "100"),
	FIELD_END,
};

static void row_json(struct json *w, const void *value)
{
	event_json(w, value);
}

static const struct desc_custom event_custom = { .json = row_json, .schema = "object" };

struct events_view {
	struct event_row *items;
	size_t item_count;
	struct str last;
};

static const struct desc_field events_fields[] = {
	DESC_ARRAY(1, DESC_CUSTOM, struct events_view, items, item_count, .custom = &event_custom),
	DESC_FIELD(2, DESC_STR, struct events_view, last),
};
static const struct desc events_desc = DESC_CALLED("events", events_view, events_fields);

static bool is_wanted(const struct list_events *in, const struct event_row *row)
{
	const char *word = event_word(row->type);

	return str_starts(str_of(word), in->type);
}

/* Where to begin: Last-Event-ID, which a browser sends when it comes back, else the query. */
static int after_read(struct request *r, bool *ret_is_given, int64_t *ret)
{
	const struct list_events *in = r->input.values;
	struct str header = request_header(r, "Last-Event-ID");
	struct str text = header.len ? header : in->after;
	uint64_t sequence = 0;

	*ret_is_given = text.len > 0;
	*ret = 0;
	if (!text.len)
		return 0;
	if (text.len > 18 || str_to_uint(text, INT64_MAX, &sequence) < 0) {
		complain(&r->complaints, header.len ? PLACE_HEADER : PLACE_QUERY,
			 header.len ? STR_LIT("Last-Event-ID") : STR_LIT("after"), "type",
			 "wanted is the sequence of an event");
		return answer_complaints(r);
	}
	*ret = (int64_t)sequence;
	return 0;
}

/* ---- a page ---- */

static int page_answer(struct request *r, int64_t after)
{
	const struct list_events *in = r->input.values;
	struct events_view view = { 0 };
	struct event_row *rows;
	size_t count;

	TRY_APP(r, app_event_after(r->app, &r->actor, &r->arena, after, in->limit, &rows, &count,
				   &r->problem));
	view.items = arena_array(&r->arena, count + 1, sizeof *view.items);
	for (size_t i = 0; i < count; i++)
		if (is_wanted(in, &rows[i]))
			view.items[view.item_count++] = rows[i];
	view.last = str_printf(&r->arena, "%lld",
			       (long long)(count ? rows[count - 1].sequence : after));
	return answer_struct(r, &view);
}

/* ---- a stream ---- */

struct event_stream {
	struct arena arena;
	int64_t after, ends_us, spoke_us;
};

static void stream_close(struct request *r)
{
	struct event_stream *stream = r->stream.state;

	arena_release(&stream->arena);
}

static void event_put(struct buf *out, const struct event_row *row)
{
	struct json w;

	buf_printf(out, "id: %lld\nevent: %s\ndata: ", (long long)row->sequence,
		   event_word(row->type));
	json_init(&w, out);
	event_json(&w, row);
	buf_put_lit(out, "\n\n");
}

/* Ends after STREAM_S, so that a key that was revoked does not listen for ever: clients come back by
 * themselves and go on behind Last-Event-ID. */
static int stream_next(struct request *r, struct buf *out)
{
	struct event_stream *stream = r->stream.state;
	int64_t now_us = clock_monotonic_us();
	struct event_row *rows;
	size_t count;
	int code = app_event_after(r->app, &r->actor, &stream->arena, stream->after, EVENTS_A_PART,
				   &rows, &count, &r->problem);

	if (code < 0 || r->api->is_draining || now_us >= stream->ends_us)
		return MIN(code, 0);
	for (size_t i = 0; i < count; i++) {
		if (is_wanted(r->input.values, &rows[i]))
			event_put(out, &rows[i]);
		stream->after = rows[i].sequence;
	}
	arena_rewind(&stream->arena, (struct arena_mark){ 0 });
	if (!out->len && !count && now_us - stream->spoke_us >= KEEP_ALIVE_S * 1000000ll)
		buf_put_lit(out, ": still here\n\n");
	if (out->len)
		stream->spoke_us = now_us;
	r->stream.due_us = stream->spoke_us + KEEP_ALIVE_S * 1000000ll;
	return out->len || count ? STREAM_MORE : STREAM_WAITS;
}

static int stream_answer(struct request *r, bool is_given, int64_t after)
{
	struct event_stream *stream = ARENA_NEW(&r->arena, struct event_stream);
	struct event_row *rows;
	size_t count;

	if (is_given) /* so that what is kept no longer is told before the stream begins */
		TRY_APP(r, app_event_after(r->app, &r->actor, &r->arena, after, 1, &rows, &count,
					   &r->problem));
	else
		TRY_APP(r, app_event_newest(r->app, &r->actor, &after, &r->problem));
	*stream = (struct event_stream){ .after = after,
					 .ends_us = r->begun_us + STREAM_S * 1000000ll,
					 .spoke_us = r->begun_us };
	buf_put_lit(&r->out, "retry: 2000\n\n");
	answer_header(r, "X-Accel-Buffering", "no");
	return answer_stream(r, stream_type,
			     (struct stream){ .next = stream_next,
					      .close = stream_close,
					      .state = stream,
					      .is_live = true });
}

static int events_answer(struct request *r)
{
	bool is_given;
	int64_t after;

	TRY(after_read(r, &is_given, &after));
	if (r->status)
		return 0;
	if (r->content_type == stream_type)
		return stream_answer(r, is_given, after);
	return page_answer(r, after);
}

const struct operation operation_events_list = {
	.handle = events_answer,
	.fields = list_fields,
	.input_size = sizeof(struct list_events),
	.shape = &events_desc,
	.more_media = media,
	.flags = OPERATION_EVENTS,
	.codes = { 410, 422 },
	.help = "Events are CloudEvents 1.0. Accept: text/event-stream gives them as they happen; "
		"a "
		"stream ends after five minutes, and Last-Event-ID goes on behind the last one.",
};

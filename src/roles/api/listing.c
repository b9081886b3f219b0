/* SPDX-License-Identifier: Apache-2.0 */
/* How does a list become pages, lines or a table? */
#include "roles/api/listing.h"

#include "base/encode.h"
#include "roles/api/csv.h"
#include "roles/api/server.h"

enum { STREAM_LIMIT = 500 };

/* What is kept between the parts of a stream: the arena of a page goes with it. */
struct lines {
	struct arena arena;
	struct buf after;
	bool is_begun;
};

const struct field listing_fields[] = { LISTING_FIELDS(struct listing_only), FIELD_END };

/* All parameters but those that say which page. */
static struct str scope_of(struct request *r)
{
	struct str rest = r->query, part;
	struct buf scope;

	buf_init(&scope, &r->arena);
	buf_put_str(&scope, r->path);
	while (rest.len && str_split(&rest, '&', &part)) {
		if (!part.len || str_starts(part, STR_LIT("cursor=")) ||
		    str_starts(part, STR_LIT("limit=")))
			continue;
		buf_put_char(&scope, '&');
		buf_put_str(&scope, part);
	}
	return buf_str(&scope);
}

static int page_read(struct request *r, struct listing *list)
{
	list->items = NULL;
	list->count = 0;
	list->next = STR_NONE;
	return r->route->operation->page(r, list);
}

/* What a client sent unescaped may not end the brackets of Link. */
static struct str uri_safe(struct arena *a, struct str text)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c > 0x20 && c < 0x7f && !strchr("<>\"\\^`{|}", c))
			buf_put_char(&out, (char)c);
		else
			buf_put(&out, (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
	return buf_str(&out);
}

/* RFC 8288: the page after this one, with the same filters. */
static void link_add(struct request *r, struct str cursor)
{
	struct str filters = uri_safe(&r->arena, str_from(scope_of(r), r->path.len));
	const struct listing_input *in = r->input.values;

	answer_header(r, "Link",
		      str_printf(&r->arena, "<%.*s?cursor=%.*s&limit=%u%.*s>; rel=\"next\"",
				 STR(r->path), STR(cursor), in->limit, STR(filters))
			      .data);
}

static int page_answer(struct request *r, struct listing *list)
{
	const struct desc *shape = r->route->operation->shape;
	struct json w;

	TRY(page_read(r, list));
	if (r->status)
		return 0;
	w = answer_json(r, 200);
	json_object(&w);
	json_key(&w, "items");
	json_array(&w);
	for (size_t i = 0; i < list->count; i++)
		desc_json(&w, shape, (const char *)list->items + i * shape->size);
	json_end(&w);
	if (list->next.len) {
		struct str cursor =
			cursor_sign(&r->arena, api_cursor_key(r->api), scope_of(r), list->next);

		json_key(&w, "next_cursor");
		json_str(&w, cursor);
		link_add(r, cursor);
	}
	json_end(&w);
	return 0;
}

static void lines_close(struct request *r)
{
	struct lines *lines = r->stream.state;

	arena_release(&lines->arena);
	buf_release(&lines->after);
}

static int lines_next(struct request *r, struct buf *out)
{
	const struct desc *shape = r->route->operation->shape;
	struct lines *lines = r->stream.state;
	struct listing list = { .arena = &lines->arena,
				.after = buf_str(&lines->after),
				.limit = STREAM_LIMIT };
	struct json w;

	TRY(page_read(r, &list));
	if (!lines->is_begun && r->media == MEDIA_CSV)
		csv_put_head(out, shape);
	lines->is_begun = true;
	for (size_t i = 0; i < list.count; i++) {
		const void *item = (const char *)list.items + i * shape->size;

		if (r->media == MEDIA_CSV) {
			csv_put_row(out, shape, item);
			continue;
		}
		json_init(&w, out);
		desc_json(&w, shape, item);
		buf_put_char(out, '\n');
	}
	lines->after.len = 0;
	buf_put_str(&lines->after, list.next);
	arena_rewind(&lines->arena, (struct arena_mark){ 0 });
	return lines->after.len > 0;
}

int listing_answer(struct request *r)
{
	const struct listing_input *in = r->input.values;
	struct listing list = { .arena = &r->arena, .limit = in->limit };
	struct lines *lines;
	int code;

	if (in->cursor.len && cursor_verify(&r->arena, api_cursor_key(r->api), scope_of(r),
					    in->cursor, &list.after) < 0) {
		complain(&r->complaints, PLACE_QUERY, STR_LIT("cursor"), "cursor",
			 "no cursor of this list with these filters");
		return answer_complaints(r);
	}
	if (r->media == MEDIA_JSON)
		return page_answer(r, &list);
	lines = ARENA_NEW(&r->arena, struct lines);
	buf_put_str(&lines->after, list.after);
	r->stream = (struct stream){ .close = lines_close, .state = lines };
	r->out.len = 0;
	code = lines_next(r, &r->out); /* so that a problem may still be the answer */
	if (code < 0 || r->status)
		return MIN(code, 0);
	r->is_at_end = !code;
	return answer_stream(
		r, r->content_type,
		(struct stream){ .next = lines_next, .close = lines_close, .state = lines });
}

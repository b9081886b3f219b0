/* SPDX-License-Identifier: Apache-2.0 */
/* How is a problem told? */
#include "roles/api/problem.h"

#include "base/json.h"

#include <stdarg.h>

const struct problem_row problem_rows[PROBLEM_KINDS] = {
#define X(NAME, status_, slug_, title_, advice_)                                                   \
	[PROBLEM_##NAME] = { (status_), (slug_), (title_), (advice_) },
	PROBLEMS(X)
#undef X
};

const char *const complaint_places[] = { "body", "query", "path", "header", NULL };

void complaints_init(struct complaints *c, struct arena *a)
{
	*c = (struct complaints){ .arena = a };
	c->last = &c->first;
}

void complain(struct complaints *c, enum complaint_place place, struct str where, const char *code,
	      const char *format, ...)
{
	struct complaint *new;
	char text[512];
	va_list args;

	if (c->count++ >= COMPLAINTS_MOST)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	new = ARENA_NEW(c->arena, struct complaint);
	*new = (struct complaint){ .place = (uint8_t)place,
				   .where = str_copy(c->arena, where),
				   .code = code,
				   .detail = str_copy(c->arena, str_of(text)) };
	*c->last = new;
	c->last = &new->next;
}

/* RFC 6901 section 6: the pointer as a URI fragment; only what URIs cannot hold is escaped. */
static void put_fragment(struct json *w, struct str pointer)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf *out = json_quoted(w);

	buf_put_char(out, '#');
	for (size_t i = 0; i < pointer.len; i++) {
		unsigned char c = (unsigned char)pointer.data[i];

		if (char_is_alpha((char)c) || char_is_digit((char)c) ||
		    (c && strchr("/-._~!$&'()*+,;=:@?", c)))
			buf_put_char(out, (char)c);
		else
			buf_put(out, (char[]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
	buf_put_char(out, '"');
}

static void put_complaint(struct json *w, const struct complaint *one)
{
	json_object(w);
	if (one->place == PLACE_BODY) {
		json_key(w, "pointer");
		put_fragment(w, one->where);
	} else {
		json_key(w, "parameter");
		json_str(w, one->where);
		json_key(w, "in");
		json_text(w, complaint_places[one->place]);
	}
	json_key(w, "code");
	json_text(w, one->code);
	json_key(w, "detail");
	json_str(w, one->detail);
	json_end(w);
}

void problem_put(struct buf *out, enum problem_kind kind, struct str detail,
		 const struct complaints *c, struct str request_id)
{
	const struct problem_row *row = &problem_rows[kind];
	struct json w;

	json_init(&w, out);
	json_object(&w);
	json_key(&w, "type");
	buf_printf(json_quoted(&w), "/docs#problem-%s\"", row->slug);
	json_key(&w, "title");
	json_text(&w, row->title);
	json_key(&w, "status");
	json_uint(&w, row->status);
	if (detail.len) {
		json_key(&w, "detail");
		json_str(&w, detail);
	}
	if (c && c->first) {
		json_key(&w, "errors");
		json_array(&w);
		for (const struct complaint *one = c->first; one; one = one->next)
			put_complaint(&w, one);
		json_end(&w);
	}
	json_key(&w, "request_id");
	json_str(&w, request_id);
	json_end(&w);
}

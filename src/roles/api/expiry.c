/* SPDX-License-Identifier: Apache-2.0 */
/* What expires, soonest first; also as a calendar (RFC 5545). */
#include "app/history.h"

#include "base/clock.h"
#include "roles/api/listing.h"

enum { CALENDAR_ITEMS = 1000, LINE_BYTES = 75 };

static const char calendar_type[] = "text/calendar";
static const char *const media[] = { "application/json", "application/x-ndjson", "text/csv",
				     calendar_type, NULL };

struct expiry_view {
	int64_t at;
	struct str domain, subject;
	int kind;
};

static const struct desc_field expiry_fields[] = {
	DESC_FIELD(1, DESC_TIME, struct expiry_view, at),
	DESC_FIELD(2, DESC_STR, struct expiry_view, domain),
	DESC_FIELD(3, DESC_ENUM, struct expiry_view, kind, .names = expiry_kind_words),
	DESC_FIELD(4, DESC_STR, struct expiry_view, subject),
};
static const struct desc expiry_desc = DESC_CALLED("expiry", expiry_view, expiry_fields);

struct list_expiry {
	struct listing_input page;
	int64_t before;
};

static const struct field list_fields[] = {
	LISTING_FIELDS(struct list_expiry),
	FIELD_QUERY(FIELD_DATE_OR_TIME, struct list_expiry, before, "what expires before"),
	FIELD_END,
};

static struct expiry_view view_of(struct arena *a, const struct expiry_row *row)
{
	return (struct expiry_view){ row->at, row->name, row->subject, row->kind };
}

static int expiry_page(struct request *r, struct listing *list)
{
	const struct list_expiry *in = r->input.values;
	struct page page = listing_page(list);
	struct expiry_row *rows;

	TRY_APP(r, app_expiry_list(r->app, &r->actor, list->arena, in->before, &page, &rows,
				   &list->count, &list->next, &r->problem));
	LISTING_SHOW(list, view_of, rows);
	return 0;
}

/* One content line, folded at 75 octets but never inside a character (RFC 5545 section 3.1); commas,
 * semicolons and backslashes of text are escaped (section 3.3.11), line breaks left out. */
static void line_put(struct buf *out, const char *name, struct str text)
{
	size_t start = out->len;

	buf_put_str(out, str_of(name));
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < 0x20 || c == 0x7f)
			continue;
		if (out->len - start >= LINE_BYTES - 4 && (c & 0xc0) != 0x80) {
			buf_put_lit(out, "\r\n ");
			start = out->len - 1;
		}
		if (c == ',' || c == ';' || c == '\\')
			buf_put_char(out, '\\');
		buf_put_char(out, (char)c);
	}
	buf_put_lit(out, "\r\n");
}

/* "20261204T000000Z" of "2026-12-04T00:00:00Z". */
static struct str compact_time(struct arena *a, int64_t at_us)
{
	char text[TIME_TEXT_BYTES];
	struct buf out;

	buf_init(&out, a);
	for (const char *c = clock_text(at_us, text); *c; c++)
		if (*c != '-' && *c != ':')
			buf_put_char(&out, *c);
	return buf_str(&out);
}

static void event_put(struct request *r, const struct expiry_view *view)
{
	struct buf *out = &r->out;
	struct arena *a = &r->arena;
	struct str at = compact_time(a, view->at);
	const char *kind = expiry_kind_words[view->kind];

	buf_put_lit(out, "BEGIN:VEVENT\r\n");
	line_put(out, "UID:",
		 str_printf(a, "%s-%.*s-%.*s-%.*s@dss", kind, STR(view->domain), STR(view->subject),
			    STR(at)));
	line_put(out, "DTSTAMP:", at);
	line_put(out, "DTSTART:", at);
	line_put(out, "SUMMARY:",
		 str_printf(a, "%.*s: %s expires%s%.*s", STR(view->domain), kind,
			    view->subject.len ? ": " : "", STR(view->subject)));
	buf_put_lit(out, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
}

static int calendar_answer(struct request *r)
{
	struct listing list = { .arena = &r->arena, .limit = CALENDAR_ITEMS };
	const struct expiry_view *views;

	TRY(expiry_page(r, &list));
	if (r->status)
		return 0;
	views = list.items;
	buf_put_lit(&r->out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//DSS//expiry//EN\r\n"
			     "X-WR-CALNAME:Expiring domains and certificates\r\n");
	for (size_t i = 0; i < list.count; i++)
		event_put(r, &views[i]);
	buf_put_lit(&r->out, "END:VCALENDAR\r\n");
	return answer_text(r, 200, "text/calendar; charset=utf-8");
}

static int expiry_answer(struct request *r)
{
	return r->content_type == calendar_type ? calendar_answer(r) : listing_answer(r);
}

const struct operation operation_expiry_list = {
	.handle = expiry_answer,
	.page = expiry_page,
	.fields = list_fields,
	.input_size = sizeof(struct list_expiry),
	.shape = &expiry_desc,
	.more_media = media,
	.flags = OPERATION_LIST,
	.help = "Soonest first. text/calendar has the 1,000 soonest, for calendars that subscribe.",
};

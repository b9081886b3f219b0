/* SPDX-License-Identifier: Apache-2.0 */
/* What does a channel owner's own template make of a notice? mustache(5), of which this is a part. */
#include "report/notice_parts.h"

#include "base/clock.h"
#include "base/html.h"
#include "formats/json_read.h"

enum { TEMPLATE_BYTES = 16 << 10, OUTPUT_BYTES = 1 << 20, SECTION_DEPTH = 8 };

enum encoding { ENCODING_TEXT, ENCODING_JSON, ENCODING_FORM, ENCODING_HTML };

/* Where the template is read: which event, if any. */
struct scope {
	const struct notice_event *event;
	bool is_last;
};

struct rendering {
	struct arena *a;
	struct buf *out;
	size_t before; /* of out */
	const struct notice *notice;
	struct str text; /* of the template */
	enum encoding encoding;
	struct err *err;
};

static int complain(struct rendering *r, size_t at, const char *what, struct str name)
{
	return err_set(r->err, ERR_SYNTAX, "octet %zu of the template: %s%s%.*s%s", at + 1, what,
		       name.len ? " \"" : "", STR(str_first(name, 60)), name.len ? "\"" : "");
}

/* ---- values ---- */

static struct str time_of(struct rendering *r, int64_t at_us)
{
	char text[TIME_TEXT_BYTES];

	return at_us ? str_copy(r->a, str_of(clock_text(at_us, text))) : STR_NONE;
}

static struct str one_line(struct arena *a, struct str lines)
{
	struct str line = str_copy(a, lines);
	char *octets = (char *)line.data;

	for (size_t i = 0; i < line.len; i++)
		octets[i] = octets[i] == '\n' ? ' ' : octets[i];
	return line;
}

static bool of_event(struct rendering *r, const struct scope *scope, struct str name,
		     struct str *ret)
{
	const struct notice_event *event = scope->event;
	const struct {
		const char *name;
		struct str value;
	} values[] = {
		{ "id", event->id },
		{ "domain", event->domain },
		{ "type", event->type },
		{ "check", event->check },
		{ "subject", event->subject },
		{ "text", event->text },
		{ "before", event->before },
		{ "after", event->after },
		{ "fix", one_line(r->a, event->fix) },
		{ "link", notice_link(event->link) },
	};

	for (size_t i = 0; i < ARRAY_COUNT(values); i++)
		if (str_eq(name, str_of(values[i].name)))
			return *ret = values[i].value, true;
	if (str_eq(name, STR_LIT("time")))
		return *ret = time_of(r, event->at_us), true;
	if (str_eq(name, STR_LIT("severity")))
		return *ret = str_of(notice_severity(event->severity)), true;
	if (str_eq(name, STR_LIT("last")))
		return *ret = scope->is_last ? STR_LIT("last") : STR_NONE, true;
	return false;
}

static bool of_notice(struct rendering *r, struct str name, struct str *ret)
{
	const struct notice *notice = r->notice;
	const struct {
		const char *name;
		struct str value;
	} values[] = {
		{ "id", notice->id },
		{ "kind", notice_type(notice) },
		{ "link", notice_link(notice->link) },
		{ "channel", notice->channel },
		{ "workspace", notice->workspace },
		{ "rule", notice->rule },
		{ "severity", str_of(notice_severity(notice_worst(notice))) },
	};

	for (size_t i = 0; i < ARRAY_COUNT(values); i++)
		if (str_eq(name, str_of(values[i].name)))
			return *ret = values[i].value, true;
	if (str_eq(name, STR_LIT("title")))
		return *ret = notice_title(r->a, notice), true;
	if (str_eq(name, STR_LIT("time")))
		return *ret = time_of(r, notice->at_us), true;
	if (str_eq(name, STR_LIT("count")))
		return *ret = str_printf(r->a, "%zu", notice->event_count + notice->omitted), true;
	return false;
}

static bool value_of(struct rendering *r, const struct scope *scope, struct str name,
		     struct str *ret)
{
	return (scope->event && of_event(r, scope, name, ret)) || of_notice(r, name, ret);
}

static void form_put(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (char_is_alpha(c) || char_is_digit(c) || (c && strchr("-._~", c)))
			buf_put_char(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

static void value_put(struct rendering *r, struct str value)
{
	struct str text = notice_plain(r->a, value, NOTICE_TEXT_BYTES);
	struct buf quoted;
	struct json w;

	switch (r->encoding) {
	case ENCODING_JSON: /* the inside of a string */
		buf_init(&quoted, r->a);
		json_init(&w, &quoted);
		json_str(&w, text);
		buf_put(r->out, quoted.data + 1, quoted.len - 2);
		break;
	case ENCODING_FORM:
		form_put(r->out, text);
		break;
	case ENCODING_HTML:
		html_put(r->out, text);
		break;
	case ENCODING_TEXT:
		buf_put_str(r->out, text);
		break;
	}
}

/* ---- reading ---- */

enum tag_kind { TAG_NONE, TAG_VALUE, TAG_SECTION, TAG_INVERTED, TAG_END };

struct tag {
	enum tag_kind kind;
	struct str name;
	size_t start, end; /* of the braces, in the template */
};

static int tag_find(struct rendering *r, size_t from, struct tag *ret)
{
	struct str rest = str_from(r->text, from), inside;
	ptrdiff_t open = str_find(rest, STR_LIT("{{")), close;

	*ret = (struct tag){ .start = r->text.len, .end = r->text.len };
	if (open < 0)
		return 0;
	ret->start = from + (size_t)open;
	inside = str_from(rest, (size_t)open + 2);
	close = str_find(inside, STR_LIT("}}"));
	if (close < 0)
		return complain(r, ret->start, "\"{{\" without \"}}\"", STR_LIT(""));
	ret->end = ret->start + 2 + (size_t)close + 2;
	inside = str_trim(str_first(inside, (size_t)close));
	if (!inside.len || strchr("{&!>=", inside.data[0]))
		return complain(r, ret->start, "this tag is not known here:", inside);
	ret->kind = inside.data[0] == '#'   ? TAG_SECTION
		    : inside.data[0] == '^' ? TAG_INVERTED
		    : inside.data[0] == '/' ? TAG_END
					    : TAG_VALUE;
	ret->name = ret->kind == TAG_VALUE ? inside : str_trim(str_from(inside, 1));
	return 0;
}

/* Where the section that begins at *at ends: its end tag. */
static int section_end(struct rendering *r, const struct tag *open, struct tag *ret)
{
	unsigned depth = 1;

	*ret = *open;
	while (depth) {
		TRY(tag_find(r, ret->end, ret));
		if (ret->kind == TAG_NONE)
			return complain(r, open->start, "this section has no end:", open->name);
		depth += ret->kind == TAG_SECTION || ret->kind == TAG_INVERTED;
		depth -= ret->kind == TAG_END;
		if (depth > SECTION_DEPTH)
			return complain(r, ret->start, "sections are nested too deep", STR_LIT(""));
	}
	if (!str_eq(ret->name, open->name))
		return complain(r, ret->start, "another section is open than", ret->name);
	return 0;
}

static int render(struct rendering *r, const struct scope *scope, size_t from, size_t until);

static int events_render(struct rendering *r, size_t from, size_t until)
{
	const struct notice *notice = r->notice;

	for (size_t i = 0; i < notice->event_count; i++) {
		const struct scope scope = { &notice->events[i], i + 1 == notice->event_count };

		TRY(render(r, &scope, from, until));
	}
	return 0;
}

static int section_render(struct rendering *r, const struct scope *scope, const struct tag *open,
			  const struct tag *close)
{
	bool is_events = str_eq(open->name, STR_LIT("events"));
	struct str value = STR_NONE;
	bool is_filled;

	if (is_events && scope->event)
		return complain(r, open->start, "events have no events", STR_LIT(""));
	if (!is_events && !value_of(r, scope, open->name, &value))
		return complain(r, open->start, "no value is called", open->name);
	if (is_events && open->kind == TAG_SECTION)
		return events_render(r, open->end, close->start);
	is_filled = is_events ? r->notice->event_count > 0 : value.len > 0;
	if (is_filled != (open->kind == TAG_SECTION))
		return 0;
	return render(r, scope, open->end, close->start);
}

static int render(struct rendering *r, const struct scope *scope, size_t from, size_t until)
{
	while (from < until) {
		struct tag tag, close;
		struct str value;

		TRY(tag_find(r, from, &tag));
		buf_put(r->out, r->text.data + from, MIN(tag.start, until) - from);
		if (r->out->len - r->before > OUTPUT_BYTES)
			return err_set(r->err, ERR_LIMIT, "the template makes more than %d octets",
				       OUTPUT_BYTES);
		if (tag.start >= until)
			return 0;
		from = tag.end;
		if (tag.kind == TAG_END)
			return complain(r, tag.start, "no section is open that is called",
					tag.name);
		if (tag.kind == TAG_VALUE) {
			if (!value_of(r, scope, tag.name, &value))
				return complain(r, tag.start, "no value is called", tag.name);
			value_put(r, value);
			continue;
		}
		TRY(section_end(r, &tag, &close));
		TRY(section_render(r, scope, &tag, &close));
		from = close.end;
	}
	return 0;
}

static enum encoding encoding_of(struct str media_type)
{
	ptrdiff_t end = str_find_char(media_type, ';');
	struct str type = str_trim(end < 0 ? media_type : str_first(media_type, (size_t)end));

	if (!type.len || str_ends_nocase(type, STR_LIT("json")))
		return ENCODING_JSON;
	if (str_eq_nocase(type, STR_LIT("application/x-www-form-urlencoded")))
		return ENCODING_FORM;
	return str_eq_nocase(type, STR_LIT("text/html")) ? ENCODING_HTML : ENCODING_TEXT;
}

int notice_template(struct buf *out, const struct notice *notice, struct str template,
		    struct str media_type, struct err *err)
{
	struct arena scratch = { 0 };
	const struct scope scope = { 0 };
	struct rendering r = { .a = &scratch,
			       .out = out,
			       .before = out->len,
			       .notice = notice,
			       .text = template,
			       .encoding = encoding_of(media_type),
			       .err = err };
	int code = template.len > TEMPLATE_BYTES
			   ? err_set(err, ERR_LIMIT, "a template has %d octets at most",
				     TEMPLATE_BYTES)
			   : render(&r, &scope, 0, template.len);

	if (code < 0)
		out->len = r.before;
	arena_release(&scratch);
	return code;
}

/* ---- trying it ---- */

static int try_with(struct arena *a, struct str template, struct str media_type, size_t count,
		    struct err *err)
{
	struct notice_event events[2];
	const struct json_value *value;
	struct notice notice = { .id = STR_LIT("dlv_1"),
				 .kind = NOTICE_DIGEST,
				 .at_us = 1,
				 .channel = STR_LIT("ops"),
				 .events = events,
				 .event_count = count };
	struct err why = { 0 };
	struct buf out;

	for (size_t i = 0; i < ARRAY_COUNT(events); i++)
		events[i] = (struct notice_event){ .id = STR_LIT("evt_1"),
						   .type = STR_LIT("finding.opened"),
						   .domain = STR_LIT("example.com"),
						   .severity = SEVERITY_HIGH,
						   .text = STR_LIT("\"quoted\" \\ <b>"),
						   .fix = STR_LIT("one\ntwo") };
	buf_init(&out, a);
	TRY(notice_template(&out, &notice, template, media_type, err));
	if (encoding_of(media_type) == ENCODING_JSON &&
	    json_read(a, buf_str(&out), &value, &why) < 0)
		return err_set(err, ERR_SYNTAX, "with %zu events the template makes no JSON: %s",
			       count, why.text);
	return 0;
}

int notice_template_check(struct arena *a, struct str template, struct str media_type,
			  struct err *err)
{
	for (size_t count = 0; count <= 2; count++)
		TRY(try_with(a, template, media_type, count, err));
	return 0;
}

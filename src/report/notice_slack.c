/* SPDX-License-Identifier: Apache-2.0 */
/* How is a notice written for Slack's incoming webhooks? Block Kit. */
#include "report/notice_parts.h"

#include "base/clock.h"

/* Slack's bounds are 50 blocks, 150 characters of a header and 3,000 of a text; an octet is never more than
 * a character. */
enum {
	DOMAINS_SHOWN = 40,
	EVENTS_SHOWN = 5, /* of a group */
	HEADER_BYTES = 140,
	SECTION_BYTES = 2600, /* as many lines as begin before */
	TEXT_BYTES = 2990,
	LINE_BYTES = 300
};

/* Where Slack reads markup, these three are its only escapes: no mention and no link can be written. What
 * does not fit is cut between characters. */
static struct str escaped(struct arena *a, struct str text, size_t most)
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (out.len + 8 > most && ((unsigned char)c & 0xc0) != 0x80) {
			buf_put_lit(&out, "…");
			break;
		}
		if (c == '&')
			buf_put_lit(&out, "&amp;");
		else if (c == '<')
			buf_put_lit(&out, "&lt;");
		else if (c == '>')
			buf_put_lit(&out, "&gt;");
		else
			buf_put_char(&out, c);
	}
	return buf_str(&out);
}

/* Plain text is no markup: stars, tildes and backquotes are themselves. */
static void put_text(struct json *w, struct arena *a, const char *key, struct str text, size_t most)
{
	json_key(w, key);
	json_object(w);
	json_key(w, "type");
	json_text(w, "plain_text");
	json_key(w, "text");
	json_str(w, escaped(a, text, most));
	json_key(w, "emoji");
	json_bool(w, false);
	json_end(w);
}

static void put_block(struct json *w, struct arena *a, const char *type, struct str text,
		      size_t most)
{
	json_object(w);
	json_key(w, "type");
	json_text(w, type);
	put_text(w, a, "text", text, most);
	json_end(w);
}

static void group_lines(struct buf *out, struct arena *a, const struct notice_group *group)
{
	const char *severity = notice_severity(group->first->severity);
	struct str what = notice_plain(
		a, group->first->check.len ? group->first->check : group->first->type, LINE_BYTES);

	for (size_t i = 0; i < MIN(group->count, (size_t)EVENTS_SHOWN); i++) {
		const struct notice_event *event = group->events[i];
		bool has_subject = event->subject.len && !str_eq(event->subject, event->domain);

		buf_printf(out, "\n%s%s%.*s", severity, severity[0] ? "  " : "", STR(what));
		if (has_subject)
			buf_printf(out, "  %.*s", STR(notice_plain(a, event->subject, LINE_BYTES)));
		if (event->text.len)
			buf_printf(out, ": %.*s", STR(notice_plain(a, event->text, LINE_BYTES)));
		if (event->before.len || event->after.len)
			buf_printf(out, " (%.*s → %.*s)",
				   STR(notice_plain(a, event->before, LINE_BYTES)),
				   STR(notice_plain(a, event->after, LINE_BYTES)));
	}
	if (group->count > EVENTS_SHOWN)
		buf_printf(out, "\n… and %zu more of it", group->count - EVENTS_SHOWN);
	for (struct str fix = group->first->fix, line; fix.len && str_split(&fix, '\n', &line);)
		buf_printf(out, "\nfix: %.*s", STR(notice_plain(a, line, LINE_BYTES)));
}

static void put_domain(struct json *w, struct arena *a, const struct notice_domain *domain)
{
	struct buf text;
	size_t shown = 0;

	buf_init(&text, a);
	buf_put_str(&text, domain->name.len ? notice_plain(a, domain->name, LINE_BYTES)
					    : STR_LIT("DSS itself"));
	for (size_t i = 0; i < domain->group_count; i++) {
		size_t before = text.len;

		group_lines(&text, a, &domain->groups[i]);
		if (text.len > SECTION_BYTES && i) {
			text.len = before;
			break;
		}
		shown += domain->groups[i].count;
	}
	if (shown < domain->event_count)
		buf_printf(&text, "\n… and %zu more", domain->event_count - shown);
	put_block(w, a, "section", buf_str(&text), TEXT_BYTES);
}

static void put_link(struct json *w, struct arena *a, struct str link)
{
	if (!notice_link(link).len)
		return;
	json_object(w);
	json_key(w, "type");
	json_text(w, "actions");
	json_key(w, "elements");
	json_array(w);
	json_object(w);
	json_key(w, "type");
	json_text(w, "button");
	put_text(w, a, "text", STR_LIT("See it"), HEADER_BYTES);
	json_key(w, "url");
	json_str(w, link);
	json_end(w);
	json_end(w);
	json_end(w);
}

static struct str closing(struct arena *a, const struct notice *notice,
			  const struct notice_domain *domains, size_t count)
{
	size_t more = notice->omitted;

	for (size_t i = DOMAINS_SHOWN; i < count; i++)
		more += domains[i].event_count;
	if (!more)
		return STR_NONE;
	return str_printf(a, "And %zu more events, which are not shown here.", more);
}

void notice_slack(struct buf *out, const struct notice *notice)
{
	struct arena scratch = { 0 };
	size_t count;
	struct notice_domain *domains = notice_by_domain(&scratch, notice, &count);
	struct str title = notice_title(&scratch, notice), more;
	struct json w;

	json_init(&w, out);
	json_object(&w);
	json_key(&w, "text"); /* what a notification on a telephone shows */
	json_str(&w, escaped(&scratch, title, TEXT_BYTES));
	json_key(&w, "mrkdwn");
	json_bool(&w, false);
	json_key(&w, "unfurl_links");
	json_bool(&w, false);
	json_key(&w, "unfurl_media");
	json_bool(&w, false);
	json_key(&w, "blocks");
	json_array(&w);
	put_block(&w, &scratch, "header", title, HEADER_BYTES);
	for (size_t i = 0; i < MIN(count, (size_t)DOMAINS_SHOWN); i++)
		put_domain(&w, &scratch, &domains[i]);
	more = closing(&scratch, notice, domains, count);
	if (more.len)
		put_block(&w, &scratch, "section", more, TEXT_BYTES);
	put_link(&w, &scratch,
		 notice->link.len || notice->event_count != 1 ? notice->link
							      : notice->events[0].link);
	json_end(&w);
	json_end(&w);
	arena_release(&scratch);
}

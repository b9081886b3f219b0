/* SPDX-License-Identifier: Apache-2.0 */
/* How is a notice written as a mail? RFC 5322, RFC 2046 section 5.1.4. */
#include "report/notice_parts.h"

#include "base/clock.h"
#include "base/html.h"
#include "formats/dns/name.h"
#include "formats/mail/address.h"
#include "formats/mail/mime.h"

enum { MAIL_EVENTS = 300, MAIL_TEXT_BYTES = 500, TIME_DIGITS = 16 };

/* What the two parts have in common, walked once for each. */
struct mail {
	struct arena *a;
	const struct notice *notice;
	struct notice_domain *domains;
	size_t domain_count;
	size_t left; /* events that may still be shown */
};

static struct str plain(struct mail *mail, struct str foreign)
{
	return notice_plain(mail->a, foreign, MAIL_TEXT_BYTES);
}

/* "2026-11-22 12:00": what people read. */
static struct str minute(struct mail *mail, int64_t at_us)
{
	char text[TIME_TEXT_BYTES];

	clock_text(at_us, text);
	text[10] = ' ';
	return str_copy(mail->a, str_bytes(text, TIME_DIGITS));
}

static struct str title_of_domain(const struct notice_domain *domain)
{
	return domain->name.len ? domain->name : STR_LIT("of DSS itself");
}

static struct str heading(struct mail *mail, const struct notice_event *event)
{
	const char *severity = notice_severity(event->severity);
	struct str what = event->check.len ? event->check : event->type;

	return severity[0] ? str_printf(mail->a, "%s: %.*s", severity, STR(what))
			   : str_copy(mail->a, what);
}

static size_t shown_of(const struct mail *mail)
{
	return MIN(mail->notice->event_count, (size_t)MAIL_EVENTS);
}

static struct str closing(struct mail *mail)
{
	const struct notice *notice = mail->notice;
	size_t more = notice->omitted + notice->event_count - shown_of(mail);
	struct buf out;

	buf_init(&out, mail->a);
	if (more)
		buf_printf(&out, "And %zu more, which are not shown here.\n", more);
	if (notice->kind == NOTICE_DIGEST && notice->from_us)
		buf_printf(&out, "What happened from %.*s to %.*s UTC.\n",
			   STR(minute(mail, notice->from_us)), STR(minute(mail, notice->until_us)));
	if (notice->channel.len)
		buf_printf(&out, "Sent by DSS, channel %.*s%s%.*s.\n",
			   STR(plain(mail, notice->channel)), notice->rule.len ? ", rule " : "",
			   STR(plain(mail, notice->rule)));
	return buf_str(&out);
}

static bool has_subject(const struct notice_event *event)
{
	return event->subject.len && !str_eq(event->subject, event->domain);
}

/* ---- text ---- */

static void text_event(struct buf *out, struct mail *mail, const struct notice_event *event)
{
	buf_printf(out, "    %.*s UTC", STR(minute(mail, event->at_us)));
	if (has_subject(event))
		buf_printf(out, "  %.*s", STR(plain(mail, event->subject)));
	if (event->check.len)
		buf_printf(out, "  (%.*s)", STR(plain(mail, event->type)));
	buf_put_char(out, '\n');
	if (event->text.len)
		buf_printf(out, "    %.*s\n", STR(plain(mail, event->text)));
	if (event->before.len || event->after.len)
		buf_printf(out, "      before  %.*s\n      after   %.*s\n",
			   STR(plain(mail, event->before)), STR(plain(mail, event->after)));
	if (notice_link(event->link).len)
		buf_printf(out, "    %.*s\n", STR(event->link));
}

static void text_lines(struct buf *out, struct mail *mail, const char *indent, struct str text)
{
	struct str line;

	while (str_split(&text, '\n', &line))
		buf_printf(out, "%s%.*s\n", indent, STR(plain(mail, line)));
}

static void text_group(struct buf *out, struct mail *mail, const struct notice_group *group)
{
	buf_printf(out, "\n  %.*s\n", STR(plain(mail, heading(mail, group->first))));
	for (size_t i = 0; i < group->count && mail->left; i++, mail->left--)
		text_event(out, mail, group->events[i]);
	if (group->first->fix.len) {
		buf_put_lit(out, "    fix:\n");
		text_lines(out, mail, "      ", group->first->fix);
	}
}

static void text_put(struct buf *out, struct mail *mail)
{
	mail->left = shown_of(mail);
	buf_printf(out, "%.*s\n", STR(notice_title(mail->a, mail->notice)));
	for (size_t i = 0; i < mail->domain_count && mail->left; i++) {
		const struct notice_domain *domain = &mail->domains[i];

		buf_printf(out, "\n%.*s\n", STR(plain(mail, title_of_domain(domain))));
		for (size_t k = 0; k < domain->group_count && mail->left; k++)
			text_group(out, mail, &domain->groups[k]);
	}
	if (notice_link(mail->notice->link).len)
		buf_printf(out, "\n%.*s\n", STR(mail->notice->link));
	/* "-- " begins a signature; mail programs fold it away. */
	buf_printf(out, "\n-- \n%.*s", STR(closing(mail)));
}

/* ---- HTML ---- */

static void html_of(struct buf *out, struct mail *mail, struct str foreign)
{
	html_put(out, plain(mail, foreign));
}

static void html_link(struct buf *out, struct str link, const char *words)
{
	if (!notice_link(link).len)
		return;
	buf_put_lit(out, "<p><a href=\"");
	html_put(out, link);
	buf_printf(out, "\">%s</a></p>\n", words);
}

static void html_event(struct buf *out, struct mail *mail, const struct notice_event *event)
{
	buf_put_lit(out, "<li>");
	if (has_subject(event)) {
		buf_put_lit(out, "<b>");
		html_of(out, mail, event->subject);
		buf_put_lit(out, "</b> ");
	}
	html_of(out, mail, event->text.len ? event->text : event->type);
	buf_printf(out, " <small>%.*s UTC</small>", STR(minute(mail, event->at_us)));
	if (event->before.len || event->after.len) {
		buf_put_lit(out, "<br>before <code>");
		html_of(out, mail, event->before);
		buf_put_lit(out, "</code><br>after <code>");
		html_of(out, mail, event->after);
		buf_put_lit(out, "</code>");
	}
	html_link(out, event->link, "See it");
	buf_put_lit(out, "</li>\n");
}

static void html_group(struct buf *out, struct mail *mail, const struct notice_group *group)
{
	buf_put_lit(out, "<h3>");
	html_of(out, mail, heading(mail, group->first));
	buf_put_lit(out, "</h3>\n<ul>\n");
	for (size_t i = 0; i < group->count && mail->left; i++, mail->left--)
		html_event(out, mail, group->events[i]);
	buf_put_lit(out, "</ul>\n");
	if (group->first->fix.len) {
		struct buf fix;

		buf_init(&fix, mail->a);
		text_lines(&fix, mail, "", group->first->fix);
		buf_put_lit(out, "<p>fix:</p>\n<pre>");
		html_put(out, buf_str(&fix));
		buf_put_lit(out, "</pre>\n");
	}
}

/* No picture, no script, no style of elsewhere: a mail program has nothing to fetch. */
static void html_put_mail(struct buf *out, struct mail *mail)
{
	struct str lines = closing(mail), line;

	mail->left = shown_of(mail);
	buf_put_lit(out,
		    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
	html_put(out, notice_title(mail->a, mail->notice));
	buf_put_lit(out, "</title></head>\n<body style=\"font-family:sans-serif\">\n<h1 "
			 "style=\"font-size:1.2em\">");
	html_put(out, notice_title(mail->a, mail->notice));
	buf_put_lit(out, "</h1>\n");
	for (size_t i = 0; i < mail->domain_count && mail->left; i++) {
		const struct notice_domain *domain = &mail->domains[i];

		buf_put_lit(out, "<h2>");
		html_of(out, mail, title_of_domain(domain));
		buf_put_lit(out, "</h2>\n");
		for (size_t k = 0; k < domain->group_count && mail->left; k++)
			html_group(out, mail, &domain->groups[k]);
	}
	html_link(out, mail->notice->link, "See all of it");
	buf_put_lit(out, "<hr>\n");
	while (str_split(&lines, '\n', &line)) {
		buf_put_lit(out, "<p><small>");
		html_put(out, line);
		buf_put_lit(out, "</small></p>\n");
	}
	buf_put_lit(out, "</body></html>\n");
}

/* ---- the whole ---- */

static bool is_id(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!char_is_alpha(id.data[i]) && !char_is_digit(id.data[i]) && id.data[i] != '_' &&
		    id.data[i] != '-')
			return false;
	return id.len > 0 && id.len <= 100;
}

static int addresses_check(const struct notice *notice, const struct notice_mail *to,
			   struct err *err)
{
	if (!mail_address_is_plain(to->from))
		return err_set(err, ERR_SYNTAX, "\"%.*s\" is no mail address",
			       STR(str_first(to->from, 100)));
	for (size_t i = 0; i < to->to_count; i++)
		if (!mail_address_is_plain(to->to[i]))
			return err_set(err, ERR_SYNTAX, "\"%.*s\" is no mail address",
				       STR(str_first(to->to[i], 100)));
	if (!to->to_count)
		return err_set(err, ERR_SYNTAX, "a mail needs a recipient");
	if (!dns_name_is_hostname(to->host))
		return err_set(err, ERR_SYNTAX, "\"%.*s\" is no host name",
			       STR(str_first(to->host, 100)));
	if (!is_id(notice->id))
		return err_set(err, ERR_SYNTAX, "a mail needs an id of letters and digits");
	return 0;
}

static void headers_put(struct buf *out, struct mail *mail, const struct notice_mail *to)
{
	const struct notice *notice = mail->notice;

	mime_field_mailbox(out, "From", to->from_name.len ? to->from_name : STR_LIT("DSS"),
			   to->from);
	mime_field_addresses(out, "To", to->to, to->to_count);
	mime_field_text(out, "Subject",
			str_printf(mail->a, "[DSS] %.*s", STR(notice_title(mail->a, notice))));
	mime_field_date(out, notice->at_us);
	buf_printf(out, "Message-ID: <%.*s@%.*s>\r\n", STR(notice->id), STR(to->host));
	buf_printf(out, "List-Id: <notices.%.*s>\r\n", STR(to->host)); /* RFC 2919 */
	buf_put_lit(out, "Auto-Submitted: auto-generated\r\n"); /* RFC 3834: nobody answers it */
	buf_put_lit(out, "MIME-Version: 1.0\r\n");
	/* "=_" is in no quoted-printable text. */
	buf_printf(out, "Content-Type: multipart/alternative;\r\n boundary=\"=_%.*s\"\r\n\r\n",
		   STR(str_first(notice->id, 60)));
}

static void part_put(struct buf *out, struct mail *mail, const char *type,
		     void (*put)(struct buf *out, struct mail *mail))
{
	struct buf text;

	buf_init(&text, mail->a);
	put(&text, mail);
	buf_printf(out,
		   "--=_%.*s\r\nContent-Type: %s; charset=utf-8\r\n"
		   "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
		   STR(str_first(mail->notice->id, 60)), type);
	mime_quoted_printable(out, buf_str(&text));
}

int notice_mail(struct buf *out, const struct notice *notice, const struct notice_mail *to,
		struct err *err)
{
	struct arena scratch = { 0 };
	struct mail mail = { .a = &scratch, .notice = notice };

	TRY(addresses_check(notice, to, err));
	mail.domains = notice_by_domain(&scratch, notice, &mail.domain_count);
	headers_put(out, &mail, to);
	part_put(out, &mail, "text/plain", text_put);
	part_put(out, &mail, "text/html", html_put_mail);
	buf_printf(out, "--=_%.*s--\r\n", STR(str_first(notice->id, 60)));
	arena_release(&scratch);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What does a message say, and how does it go? */
#include "roles/notifier/message.h"

#include "roles/notifier/words.h"

static struct str link_to(struct arena *a, const struct notifier_options *options, const char *path,
			  struct str name)
{
	if (!options->public_url.len || !name.len)
		return STR_NONE;
	return str_printf(a, "%.*s/api/v1/%s%.*s", STR(options->public_url), path, STR(name));
}

static const uint8_t kinds[DELIVERY_KINDS] = { [DELIVERY_EVENT] = NOTICE_EVENT,
					       [DELIVERY_DIGEST] = NOTICE_DIGEST,
					       [DELIVERY_TEST] = NOTICE_TEST,
					       [DELIVERY_HEARTBEAT] = NOTICE_HEARTBEAT };

void message_notice(struct arena *a, const struct notifier_options *options,
		    const struct dispatch_item *item, int64_t now_us, struct notice *ret)
{
	struct notice_event *events = arena_array(a, item->event_count + 1, sizeof *events);
	struct str id = id_text(a, "dlv", item->delivery.id);
	int64_t told = item->delivery.events;

	for (size_t i = 0; i < item->event_count; i++) {
		words_of_event(a, &item->events[i], &events[i]);
		events[i].link =
			link_to(a, options, "domains/",
				item->events[i].name.len
					? str_printf(a, "%.*s/report", STR(item->events[i].name))
					: STR_NONE);
	}
	*ret = (struct notice){
		.id = id,
		.kind = kinds[item->delivery.kind],
		.at_us = now_us,
		.workspace = item->workspace,
		.channel = item->channel.name,
		.from_us = item->delivery.created_at,
		.until_us = item->delivery.due_at,
		.link = link_to(a, options, "deliveries/", id),
		.events = events,
		.event_count = item->event_count,
		.omitted = told > (int64_t)item->event_count
				   ? (size_t)(told - (int64_t)item->event_count)
				   : 0,
	};
}

/* ---- one kind each ---- */

struct making {
	struct arena *a;
	const struct notifier_options *options;
	const struct dispatch_item *item;
	struct notice notice;
	struct buf body;
	int64_t now_us;
};

static int make_webhook(struct making *m, struct sender_delivery *ret, struct err *err)
{
	const struct channel_settings *settings = &m->item->channel.settings;
	const struct channel_secrets *secrets = &m->item->secrets;
	struct str *keys = arena_array(m->a, 2, sizeof *keys);

	if (settings->template_text.len)
		TRY(notice_template(&m->body, &m->notice, settings->template_text,
				    settings->media_type, err));
	else
		notice_json(&m->body, &m->notice);
	ret->url = secrets->url;
	ret->media_type =
		settings->template_text.len ? settings->media_type : STR_LIT("application/json");
	ret->message_id = m->notice.id;
	keys[ret->secret_count++] = secrets->signing;
	if (secrets->previous.len && secrets->previous_until > m->now_us)
		keys[ret->secret_count++] = secrets->previous;
	ret->secrets = keys;
	return 0;
}

static int make_slack(struct making *m, struct sender_delivery *ret, struct err *err)
{
	notice_slack(&m->body, &m->notice);
	ret->url = m->item->secrets.url;
	ret->media_type = STR_LIT("application/json");
	return 0;
}

static int make_mail(struct making *m, struct sender_delivery *ret, struct err *err)
{
	const struct channel_settings *settings = &m->item->channel.settings;
	const struct notifier_options *options = m->options;
	struct str *owner = arena_array(m->a, 1, sizeof *owner);
	struct notice_mail mail = { .from = options->mail_from };
	ptrdiff_t at = str_find_char(options->mail_from, '@');

	if (!options->smtp_host.len || at < 0)
		return err_set(err, -ENOTSUP,
			       "no mail server is set: notify.smtp and notify.mail_from");
	owner[0] = m->item->delivery.recipient;
	mail.host = str_from(options->mail_from, (size_t)at + 1);
	mail.to = owner[0].len ? owner : settings->to;
	mail.to_count = owner[0].len ? 1 : settings->to_count;
	if (!mail.to_count)
		return err_set(err, -ENOTSUP, "this mail has nobody to go to");
	TRY(notice_mail(&m->body, &m->notice, &mail, err));
	ret->transport = SENDER_SMTP;
	ret->host = options->smtp_host;
	ret->port = options->smtp_port;
	ret->tls = (uint8_t)options->smtp_tls;
	ret->user = options->smtp_user;
	ret->password = options->smtp_password;
	ret->mail_from = options->mail_from;
	ret->mail_to = (struct str *)mail.to;
	ret->mail_to_count = mail.to_count;
	return 0;
}

static int (*const makers[CHANNEL_KINDS])(struct making *m, struct sender_delivery *ret,
					  struct err *err) = {
	[CHANNEL_WEBHOOK] = make_webhook,
	[CHANNEL_SLACK] = make_slack,
	[CHANNEL_MAIL] = make_mail,
};

int message_make(struct arena *a, const struct notifier_options *options,
		 const struct dispatch_item *item, int64_t now_us, struct sender_delivery *ret,
		 struct err *err)
{
	struct making m = { .a = a, .options = options, .item = item, .now_us = now_us };

	if (!makers[item->channel.kind])
		return err_set(err, -ENOTSUP, "this program sends nothing of kind %s",
			       channel_kind_words[item->channel.kind]);
	if (!item->event_count && item->delivery.events)
		return err_set(err, -ENOENT, "its events are kept no longer");
	buf_init(&m.body, a);
	message_notice(a, options, item, now_us, &m.notice);
	*ret = (struct sender_delivery){ .transport = SENDER_HTTP };
	TRY(makers[item->channel.kind](&m, ret, err));
	ret->body = buf_str(&m.body);
	return 0;
}

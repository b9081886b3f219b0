/* SPDX-License-Identifier: Apache-2.0 */
/* What goes without the sender: scripts of the operator, and the operator's broker. */
#include "roles/notifier/direct.h"

#include "roles/notifier/message.h"

static struct str type_of(const struct dispatch_item *item, const struct notice *notice)
{
	return item->delivery.kind == DELIVERY_EVENT && notice->event_count
		       ? notice->events[0].type
		       : str_of(delivery_kind_words[item->delivery.kind]);
}

/* ---- scripts ---- */

static void on_script(void *context, const struct script_result *result)
{
	struct flight *flight = context;

	flight->run = NULL;
	flight->result.is_delivered = result->is_delivered;
	outbox_ended(flight, (struct attempt_outcome){ .status = result->code,
						       .elapsed_us = result->elapsed_us,
						       .reply = result->reply,
						       .error = result->error });
}

static int script_send(struct flight *flight, const struct dispatch_item *item,
		       const struct notice *notice, struct err *err)
{
	struct outbox *outbox = flight->outbox;
	struct buf input;

	if (!outbox->options->scripts.len)
		return err_set(err, -ENOTSUP, "no folder of scripts is set: notify.scripts");
	buf_init(&input, &flight->arena);
	notice_json(&input, notice);

	const struct script_order order = { .folder = outbox->options->scripts,
					    .name = item->channel.settings.script,
					    .id = notice->id,
					    .type = type_of(item, notice),
					    .input = buf_str(&input) };

	return script_start(outbox->loop, &order, on_script, flight, &flight->run, err);
}

/* ---- the broker ---- */

static void on_published(void *context, int code)
{
	struct flight *flight = context;
	struct attempt_outcome outcome = { .status = 0 };

	flight->result.is_delivered = code == 0;
	if (code == -ECONNRESET)
		outcome.error = STR_LIT("the connection broke before the broker had confirmed it");
	else if (code < 0)
		outcome.error = code == -ETIMEDOUT ? STR_LIT("the broker takes nothing")
						   : STR_LIT("the broker refused it");
	outbox_ended(flight, outcome);
}

/* One message of the exchange an event: who wants a digest reads another channel. */
static int broker_send(struct flight *flight, const struct dispatch_item *item,
		       const struct notice *notice, struct err *err)
{
	struct outbox *outbox = flight->outbox;
	struct notice_event event = { .id = notice->id,
				      .type = type_of(item, notice),
				      .at_us = notice->at_us,
				      .severity = NOTICE_NO_SEVERITY };
	struct exchange_header headers[EXCHANGE_HEADERS];
	struct notice_cloud_event cloud;
	struct exchange_message message;

	if (!outbox->exchange)
		return err_set(err, -ENOTSUP,
			       "there is no broker: bus.url is embedded; events are read at "
			       "/api/v1/events");
	if (notice->event_count) {
		event = notice->events[0];
		/* Who binds a key wants the event's own, not what its sort is worth. */
		event.severity = (int8_t)item->events[0].severity;
	}
	notice_cloud_event(&flight->arena, notice, &event, &cloud);
	for (size_t i = 0; i < cloud.header_count; i++)
		headers[i] =
			(struct exchange_header){ cloud.headers[i].name, cloud.headers[i].value };
	message = (struct exchange_message){ .key = cloud.key,
					     .id = notice->id,
					     .body = cloud.body,
					     .headers = headers,
					     .header_count = cloud.header_count,
					     .at_us = notice->at_us };
	return exchange_publish(outbox->exchange, &message, on_published, flight, err);
}

int direct_send(struct flight *flight, const struct dispatch_item *item, int64_t now_us,
		struct err *err)
{
	struct notice notice;

	if (!item->event_count && item->delivery.events)
		return err_set(err, -ENOENT, "its events are kept no longer");
	message_notice(&flight->arena, flight->outbox->options, item, now_us, &notice);
	return item->channel.kind == CHANNEL_SCRIPT ? script_send(flight, item, &notice, err)
						    : broker_send(flight, item, &notice, err);
}

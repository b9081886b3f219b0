/* SPDX-License-Identifier: Apache-2.0 */
/* What has every delivery to go through, whatever its transport? */
#include "base/clock.h"
#include "formats/special.h"
#include "roles/sender/sender.h"

#include <stdarg.h>

void delivery_note(struct delivery *delivery, const char *format, ...)
{
	struct sender_delivered *result = &delivery->result;
	char line[SENDER_LINE_BYTES + 1];
	va_list args;
	int len;

	if (result->transcript_count == SENDER_LINES)
		return;
	va_start(args, format);
	len = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	delivery->transcript[result->transcript_count++] = str_copy(
		&delivery->arena, str_bytes(line, (size_t)MIN(MAX(len, 0), SENDER_LINE_BYTES)));
}

/* ---- its end ---- */

static void delivery_free(struct delivery *delivery)
{
	struct sender *sender = delivery->sender;
	struct delivery **link = &sender->deliveries;

	while (*link != delivery)
		link = &(*link)->next;
	*link = delivery->next;
	sender->count--;
	targets_remove(delivery);
	if (delivery->resolving)
		resolving_cancel(delivery->resolving);
	if (delivery->exchange)
		delivery->transport->cancel(delivery);
	arena_release(&delivery->arena);
	memory_free(delivery);
}

void delivery_drop(struct delivery *delivery)
{
	delivery_free(delivery);
}

void delivery_end(struct delivery *delivery, enum sender_outcome outcome)
{
	struct sender *sender = delivery->sender;
	struct sender_delivered *result = &delivery->result;

	result->number = delivery->request.number;
	result->outcome = (uint8_t)outcome;
	result->transcript = delivery->transcript;
	result->elapsed_us = delivery->began_us ? clock_monotonic_us() - delivery->began_us : 0;
	sender_send(sender, SENDER_DELIVERED, result->number, &sender_delivered_desc, result);
	delivery_free(delivery);
	targets_turn(sender);
	sender_ended(sender);
}

void delivery_fail(struct delivery *delivery, enum sender_outcome outcome, const char *format, ...)
{
	char text[SENDER_LINE_BYTES + 1];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	delivery->result.error = str_copy(&delivery->arena, str_of(text));
	delivery_end(delivery, outcome);
}

/* ---- its addresses ---- */

static void end_denied(struct delivery *delivery)
{
	const struct special_block *block = special_block_of(&delivery->addresses[0]);

	delivery_fail(delivery, SENDER_REFUSED,
		      "%.*s leads inside (%s): the configuration does not allow it "
		      "(notify.allow_networks)",
		      STR(str_first(delivery->host, 100)), block ? block->name : "no address");
}

static uint32_t time_left_ms(const struct delivery *delivery)
{
	int64_t whole_ms =
		delivery->request.timeout_ms ? delivery->request.timeout_ms : SENDER_TIMEOUT_MS;
	int64_t left_ms = whole_ms - (clock_monotonic_us() - delivery->began_us) / 1000;

	return (uint32_t)MAX(left_ms, 0);
}

void delivery_next(struct delivery *delivery, const char *why)
{
	char text[ADDRESS_TEXT_BYTES];
	uint32_t left_ms = time_left_ms(delivery);
	int code = ERR_DENIED;

	while (code == ERR_DENIED && delivery->tried < delivery->address_count && left_ms) {
		const struct address *to = &delivery->addresses[delivery->tried++];

		code = delivery->transport->start(delivery, left_ms);
		delivery->denied += code == ERR_DENIED;
		if (code == 0)
			delivery_note(delivery, "connecting to %s port %u", address_text(to, text),
				      delivery->port);
	}
	if (code == 0)
		return;
	if (code != ERR_DENIED)
		delivery_fail(delivery, SENDER_FAILED, "no connection can be made");
	else if (delivery->denied == delivery->address_count)
		end_denied(delivery);
	else if (!left_ms)
		delivery_fail(delivery, SENDER_FAILED, "time is up: %s",
			      why ? why : "the name was not resolved in time");
	else
		delivery_fail(delivery, SENDER_FAILED, "%s", why ? why : "no connection");
}

static void on_resolved(void *context, const struct address *addresses, size_t count,
			enum dns_failure failure)
{
	struct delivery *delivery = context;

	delivery->resolving = NULL;
	if (!count) {
		delivery_fail(delivery, SENDER_FAILED,
			      failure ? "the name %.*s cannot be resolved: the resolver fails"
				      : "the name %.*s has no address",
			      STR(str_first(delivery->host, 100)));
		return;
	}
	memcpy(delivery->addresses, addresses, count * sizeof *addresses);
	delivery->address_count = count;
	delivery_next(delivery, NULL);
}

void delivery_start(struct delivery *delivery)
{
	struct sender *sender = delivery->sender;

	delivery->began_us = clock_monotonic_us();
	if (address_is_set(&delivery->address)) {
		delivery->addresses[delivery->address_count++] = delivery->address;
		delivery_next(delivery, NULL);
	} else if (resolve_start(&sender->resolve, &sender->loop, delivery->host, on_resolved,
				 delivery, &delivery->resolving) < 0) {
		delivery_fail(delivery, SENDER_FAILED, "the name cannot be asked for");
	}
}

/* ---- its beginning ---- */

static void append(struct sender *sender, struct delivery *delivery)
{
	struct delivery **link = &sender->deliveries;

	while (*link)
		link = &(*link)->next;
	*link = delivery;
	sender->count++;
}

int delivery_take(struct sender *sender, const struct frame *frame)
{
	static const struct transport *const transports[] = {
		[SENDER_HTTP] = &webhook_transport, [SENDER_SMTP] = &mail_transport
	};
	struct delivery *delivery;
	struct err err = { 0 };

	if (sender->count == SENDER_IN_FLIGHT || frame->body.len > 2 * SENDER_BODY_BYTES)
		return -EINVAL;
	delivery = memory_alloc(sizeof *delivery);
	*delivery = (struct delivery){ .sender = sender };
	append(sender, delivery);
	if (desc_decode(&delivery->arena, &sender_delivery_desc,
			str_copy(&delivery->arena, frame->body), &delivery->request) < 0 ||
	    delivery->request.transport >= ARRAY_COUNT(transports)) {
		delivery_free(delivery);
		return -EINVAL;
	}
	delivery->transport = transports[delivery->request.transport];
	if (delivery->transport->read(delivery, &err) < 0) {
		delivery_fail(delivery, SENDER_REFUSED, "%s", err.text);
	} else {
		targets_add(delivery);
		targets_turn(sender);
	}
	return 0;
}

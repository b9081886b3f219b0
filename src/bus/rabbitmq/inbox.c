/* SPDX-License-Identifier: Apache-2.0 */
/* What do the broker's frames say together? */
#include "bus/rabbitmq/inbox.h"

enum { POOL_BYTES = 4096 };

void inbox_init(struct inbox *inbox)
{
	*inbox = (struct inbox){ 0 };
	init_amqp_pool(&inbox->pool, POOL_BYTES);
	buf_init(&inbox->body, NULL);
}

void inbox_release(struct inbox *inbox)
{
	wire_reader_release(&inbox->reader);
	empty_amqp_pool(&inbox->pool);
	arena_release(&inbox->a);
	buf_release(&inbox->body);
}

static void content_forget(struct inbox *inbox)
{
	inbox->is_content = inbox->has_header = false;
	inbox->body_bytes = inbox->body_there = 0;
	inbox->body.len = 0;
	arena_release(&inbox->a);
}

void inbox_reset(struct inbox *inbox)
{
	inbox->reader.start = inbox->reader.end = 0;
	content_forget(inbox);
}

static int method_take(struct inbox *inbox, const struct wire_frame *frame, struct inbox_item *ret,
		       struct err *err)
{
	struct wire_method method;

	TRY(wire_method(frame->payload, &inbox->pool, &method, err));
	if (!amqp_method_has_content(method.number)) {
		*ret = (struct inbox_item){ .kind = INBOX_METHOD,
					    .channel = frame->channel,
					    .method = method };
		return 1;
	}
	if (inbox->is_content)
		return err_set(err, ERR_SYNTAX, "a message inside another");
	inbox->is_content = true;
	inbox->channel = frame->channel;
	inbox->method = str_copy(&inbox->a, frame->payload);
	return 0;
}

static int content_take(struct inbox *inbox, struct inbox_item *ret, struct err *err)
{
	struct wire_header header;
	struct inbox_item item = { .kind = INBOX_CONTENT,
				   .channel = inbox->channel,
				   .is_cut = inbox->body_bytes > INBOX_BODY_MOST,
				   .body = buf_str(&inbox->body) };

	TRY(wire_method(inbox->method, &inbox->pool, &item.method, err));
	TRY(wire_header(inbox->header, &inbox->pool, &header, err));
	item.properties = header.properties;
	*ret = item;
	return 1;
}

static int header_take(struct inbox *inbox, const struct wire_frame *frame, struct err *err)
{
	struct wire_header header;

	if (!inbox->is_content || inbox->has_header || frame->channel != inbox->channel)
		return err_set(err, ERR_SYNTAX, "a content header without its method");
	TRY(wire_header(frame->payload, &inbox->pool, &header, err));
	inbox->has_header = true;
	inbox->header = str_copy(&inbox->a, frame->payload);
	inbox->body_bytes = header.body_bytes;
	return 0;
}

static int body_take(struct inbox *inbox, const struct wire_frame *frame, struct err *err)
{
	if (!inbox->has_header || frame->channel != inbox->channel ||
	    frame->payload.len > inbox->body_bytes - inbox->body_there)
		return err_set(err, ERR_SYNTAX, "a body that no header announced");
	inbox->body_there += frame->payload.len;
	if (inbox->body_bytes <= INBOX_BODY_MOST)
		buf_put_str(&inbox->body, frame->payload);
	return 0;
}

static int frame_take(struct inbox *inbox, const struct wire_frame *frame, struct inbox_item *ret,
		      struct err *err)
{
	switch (frame->type) {
	case AMQP_FRAME_HEARTBEAT:
		*ret = (struct inbox_item){ .kind = INBOX_HEARTBEAT };
		return 1;
	case AMQP_FRAME_METHOD:
		return method_take(inbox, frame, ret, err);
	case AMQP_FRAME_HEADER:
		TRY(header_take(inbox, frame, err));
		break;
	default:
		TRY(body_take(inbox, frame, err));
	}
	return inbox->body_there == inbox->body_bytes ? content_take(inbox, ret, err) : 0;
}

int inbox_next(struct inbox *inbox, struct inbox_item *ret, struct err *err)
{
	struct wire_frame frame;
	int code;

	if (inbox->has_header && inbox->body_there == inbox->body_bytes)
		content_forget(inbox);
	for (;;) {
		recycle_amqp_pool(&inbox->pool);
		code = wire_next(&inbox->reader, &frame, err);
		if (code <= 0)
			return code;
		code = frame_take(inbox, &frame, ret, err);
		if (code)
			return code;
	}
}

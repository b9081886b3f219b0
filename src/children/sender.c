/* SPDX-License-Identifier: Apache-2.0 */
/* What does the sender say, and may it? */
#include "children/sender.h"

struct sender_process {
	struct process *process;
	const struct sender_process_events *events;
	void *data;
	bool is_ready;
	uint64_t flights[SENDER_IN_FLIGHT];
	size_t flight_count;
};

static const struct process_role role = { .name = "sender", .version = SENDER_PROTOCOL };

static int delivered_check(struct sender_process *sender, const struct sender_delivered *delivered,
			   struct err *err)
{
	bool is_long = delivered->reply.len > SENDER_REPLY_BYTES ||
		       delivered->error.len > SENDER_LINE_BYTES ||
		       delivered->transcript_count > SENDER_LINES;

	for (size_t i = 0; i < delivered->transcript_count && !is_long; i++)
		is_long = delivered->transcript[i].len > SENDER_LINE_BYTES;
	if (is_long || delivered->outcome > SENDER_REFUSED || delivered->status > 999 ||
	    delivered->retry_after_s > 86400 || delivered->elapsed_us < 0)
		return err_set(err, ERR_LIMIT, "what became of a delivery breaks a bound");
	for (size_t i = 0; i < sender->flight_count; i++) {
		if (sender->flights[i] != delivered->number)
			continue;
		sender->flights[i] = sender->flights[--sender->flight_count];
		return 0;
	}
	return err_set(err, ERR_REFERENCE, "it speaks of a delivery that it does not have");
}

static int on_delivered(struct sender_process *sender, struct arena *a, struct str body,
			struct err *err)
{
	struct sender_delivered delivered;

	if (desc_decode(a, &sender_delivered_desc, body, &delivered) < 0)
		return err_set(err, ERR_SYNTAX, "what became of a delivery cannot be read");
	TRY(delivered_check(sender, &delivered, err));
	sender->events->on_delivered(sender->data, &delivered);
	return 0; /* and nothing of sender: it may have been closed */
}

static int on_log(struct sender_process *sender, struct arena *a, struct str body, struct err *err)
{
	struct sender_log log;

	if (desc_decode(a, &sender_log_desc, body, &log) < 0 || log.text.len > 1024)
		return err_set(err, ERR_SYNTAX, "a log line cannot be read");
	if (sender->events->on_log)
		sender->events->on_log(sender->data, &log);
	return 0;
}

static int on_fatal(struct sender_process *sender, struct arena *a, struct str body,
		    struct err *err)
{
	struct sender_fatal fatal;

	if (desc_decode(a, &sender_fatal_desc, body, &fatal) < 0)
		return err_set(err, ERR_SYNTAX, "its last words cannot be read");
	process_note_fatal(sender->process, fatal.exit_code, fatal.text);
	return 0;
}

static int frame_take(struct sender_process *sender, struct arena *a, const struct frame *frame,
		      struct err *err)
{
	if (frame->version != SENDER_PROTOCOL)
		return err_set(err, ERR_VERSION, "dss and dss-net are of different versions");
	if (frame->type == SENDER_FATAL)
		return on_fatal(sender, a, frame->body, err);
	if (frame->type == SENDER_READY && !sender->is_ready) {
		sender->is_ready = true;
		if (sender->events->on_ready)
			sender->events->on_ready(sender->data);
		return 0;
	}
	if (frame->type == SENDER_LOG)
		return on_log(sender, a, frame->body, err);
	if (frame->type == SENDER_DELIVERED && sender->is_ready)
		return on_delivered(sender, a, frame->body, err);
	return err_set(err, ERR_SYNTAX, "a frame of type %u came out of turn", frame->type);
}

static int on_frame(void *data, const struct frame *frame, struct err *err)
{
	struct arena arena = { 0 };
	int code = frame_take(data, &arena, frame, err);

	arena_release(&arena);
	return code;
}

static void on_gone(void *data, int exit_code, bool is_crash, const char *why)
{
	struct sender_process *sender = data;

	sender->events->on_gone(sender->data, exit_code, is_crash, why);
}

static const struct process_events process_events = { .on_frame = on_frame, .on_gone = on_gone };

int sender_process_start(uv_loop_t *loop, const struct sender_configuration *configuration,
			 const struct sender_process_events *events, void *data,
			 struct sender_process **ret, struct err *err)
{
	struct sender_process *sender = memory_alloc(sizeof *sender);
	int code;

	*sender = (struct sender_process){ .events = events, .data = data };
	code = process_start(loop, &role, -1, &process_events, sender, &sender->process, err);
	if (code < 0) {
		memory_free(sender);
		return code;
	}
	process_send(sender->process, SENDER_CONFIGURE, 0, &sender_configuration_desc,
		     configuration);
	*ret = sender;
	return 0;
}

void sender_process_close(struct sender_process *sender)
{
	if (!sender)
		return;
	process_close(sender->process);
	memory_free(sender);
}

static int delivery_check(const struct sender_delivery *delivery, struct err *err)
{
	if (delivery->body.len > SENDER_BODY_BYTES)
		return err_set(err, ERR_LIMIT, "the message has more than %d octets",
			       SENDER_BODY_BYTES);
	if (delivery->header_count > SENDER_HEADERS)
		return err_set(err, ERR_LIMIT, "more than %d headers", SENDER_HEADERS);
	if (delivery->mail_to_count > SENDER_RECIPIENTS)
		return err_set(err, ERR_LIMIT, "more than %d recipients", SENDER_RECIPIENTS);
	if (delivery->secret_count > SENDER_SECRETS)
		return err_set(err, ERR_LIMIT, "more than %d secrets", SENDER_SECRETS);
	if (!delivery->number || delivery->transport > SENDER_SMTP)
		return err_set(err, -EINVAL, "the delivery has no number or no transport");
	return 0;
}

int sender_process_deliver(struct sender_process *sender, const struct sender_delivery *delivery,
			   struct err *err)
{
	TRY(delivery_check(delivery, err));
	if (sender_process_is_full(sender))
		return err_set(err, -EBUSY, "the sender has enough to do");
	sender->flights[sender->flight_count++] = delivery->number;
	process_send(sender->process, SENDER_DELIVER, delivery->number, &sender_delivery_desc,
		     delivery);
	return 0;
}

bool sender_process_is_full(const struct sender_process *sender)
{
	return sender->flight_count == SENDER_IN_FLIGHT || process_is_full(sender->process);
}

void sender_process_finish(struct sender_process *sender)
{
	process_expect_end(sender->process);
	process_send(sender->process, SENDER_FINISH, 0, NULL, NULL);
}

const uint64_t *sender_process_flights(const struct sender_process *sender, size_t *ret_count)
{
	*ret_count = sender->flight_count;
	return sender->flights;
}

pid_t sender_process_pid(const struct sender_process *sender)
{
	return process_pid(sender->process);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How is a message handed to a mail server? */
#include "net/mail.h"

#include "formats/dns/name.h"
#include "formats/mail/address.h"
#include "roles/sender/sender.h"

enum { PORT_SUBMISSION = 587, PORT_SUBMISSIONS = 465, PORT_RELAY = 25, USER_BYTES = 255 };

static const uint16_t ports[] = { [SENDER_TLS_REQUIRED] = PORT_SUBMISSION,
				  [SENDER_TLS_IMPLICIT] = PORT_SUBMISSIONS,
				  [SENDER_TLS_NONE] = PORT_RELAY };
static const enum mail_tls modes[] = { [SENDER_TLS_REQUIRED] = MAIL_STARTTLS,
				       [SENDER_TLS_IMPLICIT] = MAIL_TLS,
				       [SENDER_TLS_NONE] = MAIL_CLEAR };

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return true;
	return false;
}

static int addresses_check(const struct sender_delivery *request, struct err *err)
{
	if (request->mail_from.len && !mail_address_is_plain(request->mail_from))
		return err_set(err, -EINVAL, "the mail's sender is no plain address");
	if (!request->mail_to_count)
		return err_set(err, -EINVAL, "the mail has no recipient");
	for (size_t i = 0; i < request->mail_to_count; i++)
		if (!mail_address_is_plain(request->mail_to[i]))
			return err_set(err, -EINVAL, "recipient %zu is no plain address", i + 1);
	return 0;
}

static int mail_read(struct delivery *delivery, struct err *err)
{
	const struct sender_delivery *request = &delivery->request;
	struct err why = { 0 };

	if (request->tls >= ARRAY_COUNT(ports))
		return err_set(err, -EINVAL, "there is no such use of TLS");
	if (request->tls == SENDER_TLS_NONE && (request->user.len || request->password.len))
		return err_set(err, -EINVAL, "a password is not sent in clear: use TLS");
	if (has_control(request->user) || has_control(request->password) ||
	    request->user.len > USER_BYTES || request->password.len > USER_BYTES)
		return err_set(err, -EINVAL,
			       "user and password have up to %d octets without controls",
			       USER_BYTES);
	TRY(addresses_check(request, err));
	delivery->port = request->port ? request->port : ports[request->tls];
	if (address_parse(request->host, &delivery->address) == 0)
		delivery->host = address_str(&delivery->arena, &delivery->address);
	else if (dns_name_parse(&delivery->arena, request->host, &delivery->host, &why) < 0 ||
		 !dns_name_is_hostname(delivery->host))
		return err_set(err, -EINVAL, "the mail server's name is no host name");
	return 0;
}

/* ---- what comes of it ---- */

static void on_line(void *context, bool is_ours, struct str line)
{
	delivery_note(context, "%c %.*s", is_ours ? '>' : '<',
		      STR(str_first(line, SENDER_LINE_BYTES - 2)));
}

static const char *const failures[] = {
	[MAIL_FAILURE_UNREACHABLE] = "the mail server cannot be reached",
	[MAIL_FAILURE_TIMEOUT] = "the mail server did not answer in time",
	[MAIL_FAILURE_TLS] = "TLS with the mail server fails, or it offers none",
	[MAIL_FAILURE_AUTH] = "the mail server does not take user and password",
	[MAIL_FAILURE_REFUSED] = "the mail server refuses",
	[MAIL_FAILURE_BROKEN] = "the conversation with the mail server broke",
	[MAIL_FAILURE_POLICY] = "the address is not allowed",
};

static void on_sent(void *context, const struct mail_result *mail)
{
	struct delivery *delivery = context;
	struct sender_delivered *result = &delivery->result;
	const char *why = failures[mail->failure];
	bool is_word = !mail->failure || mail->code >= 400; /* the last one is about it */

	delivery->exchange = NULL;
	if (mail->failure == MAIL_FAILURE_UNREACHABLE) {
		delivery_note(delivery, "%s", why);
		delivery_next(delivery, why);
		return;
	}
	result->status = is_word ? mail->code : 0;
	result->reply = str_copy(&delivery->arena, is_word ? mail->last : STR_NONE);
	result->refused_recipients = mail->refused_recipients;
	if (!mail->failure)
		delivery_end(delivery, SENDER_DELIVERED_OK);
	else
		delivery_fail(delivery,
			      mail->failure == MAIL_FAILURE_POLICY ? SENDER_REFUSED : SENDER_FAILED,
			      is_word ? "%s: %.*s" : "%s", why, STR(str_first(mail->last, 150)));
}

static struct str helo_of(const struct delivery *delivery)
{
	struct str own = delivery->request.helo.len ? delivery->request.helo
						    : str_of(delivery->sender->helo);

	return dns_name_is_hostname(own) ? own : STR_LIT("localhost");
}

static int mail_start(struct delivery *delivery, uint32_t timeout_ms)
{
	const struct sender_delivery *request = &delivery->request;
	const struct mail_order order = {
		.server = delivery->addresses[delivery->tried - 1],
		.port = delivery->port,
		.host = delivery->host,
		.name = delivery->address,
		.tls = modes[request->tls],
		.user = request->user,
		.password = request->password,
		.helo = helo_of(delivery),
		.from = request->mail_from,
		.to = request->mail_to,
		.to_count = request->mail_to_count,
		.text = request->body,
		.timeout_ms = timeout_ms,
	};
	struct mail_sending *sending;

	TRY(mail_send(delivery->sender->transfers, &order, on_sent, on_line, delivery, &sending));
	delivery->exchange = sending;
	return 0;
}

static void mail_drop(struct delivery *delivery)
{
	mail_cancel(delivery->exchange);
	delivery->exchange = NULL;
}

const struct transport mail_transport = { mail_read, mail_start, mail_drop };

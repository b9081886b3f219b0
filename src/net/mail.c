/* SPDX-License-Identifier: Apache-2.0 */
/* How is one mail handed to one server? RFC 5321. */
#include "net/mail.h"

#include "formats/dns/name.h"
#include "formats/mail/address.h"

#include <sys/socket.h>

enum { LINE_BYTES = 512, CODE_DIGITS = 3 };

struct mail_sending {
	struct transfer transfer; /* first: what libcurl's side knows it by */
	struct curl_slist *recipients;
	mail_callback *callback;
	mail_line *line;
	void *context;
	struct str text;
	size_t sent; /* of the text */
	struct mail_result result;
	bool is_authenticating, was_authenticating, has_begun, is_recipient, is_over;
	char last[LINE_BYTES];
};

static void sending_free(struct mail_sending *sending)
{
	struct curl_slist *recipients = sending->recipients;

	transfer_release(&sending->transfer);
	curl_slist_free_all(recipients);
	memory_free(sending);
}

/* ---- the conversation ---- */

static unsigned code_of(struct str line)
{
	unsigned code = 0;

	if (line.len < CODE_DIGITS)
		return 0;
	for (size_t i = 0; i < CODE_DIGITS; i++) {
		if (!char_is_digit(line.data[i]))
			return 0;
		code = code * 10 + (unsigned)(line.data[i] - '0');
	}
	return code;
}

/* From AUTH until the server has said yes or no, what we say is a secret (RFC 4954 section 4). */
static void note_ours(struct mail_sending *sending, struct str line)
{
	if (str_starts_nocase(line, STR_LIT("AUTH ")))
		sending->is_authenticating = sending->was_authenticating = true;
	else if (str_starts_nocase(line, STR_LIT("MAIL FROM")))
		sending->has_begun = true;
	sending->is_recipient = str_starts_nocase(line, STR_LIT("RCPT TO"));
	/* libcurl would wait for the answer, and all others with it. */
	if (str_eq_nocase(line, STR_LIT("QUIT"))) {
		sending->is_over = true;
		shutdown(sending->transfer.fd, SHUT_RD);
	}
	sending->line(sending->context, true,
		      sending->is_authenticating ? STR_LIT("AUTH (not shown)") : line);
}

static void note_theirs(struct mail_sending *sending, struct str line)
{
	unsigned code = sending->is_over ? 0 : code_of(line);
	size_t len = MIN(line.len, sizeof sending->last);

	if (code && code / 100 != 3)
		sending->is_authenticating = false;
	if (sending->is_recipient && code >= 400)
		sending->result.refused_recipients++;
	if (code) {
		sending->result.code = code;
		memcpy(sending->last, line.data, len);
		sending->result.last = str_bytes(sending->last, len);
	}
	/* A challenge may hold what we sent. */
	sending->line(sending->context, false,
		      sending->is_authenticating ? str_first(line, CODE_DIGITS) : line);
}

static int on_debug(CURL *easy, curl_infotype type, char *data, size_t size, void *context)
{
	struct mail_sending *sending = context;
	struct str rest = str_bytes(data, size), line;

	(void)easy;
	if (type != CURLINFO_HEADER_OUT && type != CURLINFO_HEADER_IN)
		return 0;
	while (str_split(&rest, '\n', &line)) {
		line = str_trim(line);
		if (!line.len)
			continue;
		if (type == CURLINFO_HEADER_OUT)
			note_ours(sending, line);
		else
			note_theirs(sending, line);
	}
	return 0;
}

static size_t on_read(char *out, size_t size, size_t count, void *context)
{
	struct mail_sending *sending = context;
	struct str rest = str_from(sending->text, sending->sent);
	size_t len = MIN(rest.len, size * count);

	if (len)
		memcpy(out, rest.data, len);
	sending->sent += len;
	return len;
}

static size_t on_write(char *data, size_t size, size_t count, void *context)
{
	(void)data;
	(void)context;
	return size * count;
}

/* ---- its end ---- */

static enum mail_failure failure_of(struct mail_sending *sending, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return MAIL_FAILURE_NONE;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return sending->transfer.is_denied ? MAIL_FAILURE_POLICY : MAIL_FAILURE_UNREACHABLE;
	case CURLE_OPERATION_TIMEDOUT:
		return sending->result.code ? MAIL_FAILURE_TIMEOUT : MAIL_FAILURE_UNREACHABLE;
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CIPHER:
		return MAIL_FAILURE_TLS;
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		return MAIL_FAILURE_AUTH;
	default:
		if (sending->was_authenticating && !sending->has_begun)
			return MAIL_FAILURE_AUTH;
		return sending->result.code >= 400 ? MAIL_FAILURE_REFUSED : MAIL_FAILURE_BROKEN;
	}
}

static void sending_end(struct transfer *transfer, CURLcode code)
{
	struct mail_sending *sending = (struct mail_sending *)transfer;

	sending->result.failure = failure_of(sending, code);
	sending->callback(sending->context, &sending->result);
	sending_free(sending);
}

static void sending_drop(struct transfer *transfer)
{
	sending_free((struct mail_sending *)transfer);
}

/* ---- its beginning ---- */

static int order_check(const struct mail_order *order)
{
	bool is_fine = dns_name_is_hostname(order->helo) &&
		       (!order->from.len || mail_address_is_plain(order->from)) &&
		       order->to_count > 0;

	for (size_t i = 0; i < order->to_count; i++)
		is_fine &= mail_address_is_plain(order->to[i]);
	if (order->tls == MAIL_CLEAR && (order->user.len || order->password.len))
		return -EINVAL;
	return is_fine ? 0 : -EINVAL;
}

static int add_recipients(struct mail_sending *sending, const struct mail_order *order)
{
	for (size_t i = 0; i < order->to_count; i++) {
		struct curl_slist *longer = curl_slist_append(
			sending->recipients, str_cstring(&sending->transfer.arena, order->to[i]));

		if (!longer)
			return -ENOMEM;
		sending->recipients = longer;
	}
	return 0;
}

static struct str url_of(struct arena *a, const struct mail_order *order)
{
	bool is_ipv6 = order->name.family == ADDRESS_IPV6;

	return str_printf(a, "%s://%s%.*s%s:%u/%.*s", order->tls == MAIL_TLS ? "smtps" : "smtp",
			  is_ipv6 ? "[" : "", STR(order->host), is_ipv6 ? "]" : "", order->port,
			  STR(order->helo));
}

#define SET(option, value) failed |= curl_easy_setopt(easy, CURLOPT_##option, value) != CURLE_OK

static int set_order(struct mail_sending *sending, const struct mail_order *order)
{
	CURL *easy = sending->transfer.easy;
	struct arena *a = &sending->transfer.arena;
	int failed = 0;

	SET(PROTOCOLS_STR, "smtp,smtps");
	SET(URL, str_cstring(a, url_of(a, order)));
	SET(USE_SSL, (long)(order->tls == MAIL_CLEAR ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	SET(MAIL_FROM, str_cstring(a, order->from));
	SET(MAIL_RCPT, sending->recipients);
	SET(MAIL_RCPT_ALLLOWFAILS,
	    1L); /* one address that is gone keeps the mail from nobody else */
	if (order->user.len) {
		SET(USERNAME, str_cstring(a, order->user));
		SET(PASSWORD, str_cstring(a, order->password));
	}
	/* A conversation of its own: no mail rides on what another one authenticated. */
	SET(FRESH_CONNECT, 1L);
	SET(FORBID_REUSE, 1L);
	SET(UPLOAD, 1L);
	SET(INFILESIZE_LARGE, (curl_off_t)order->text.len);
	SET(READFUNCTION, on_read);
	SET(READDATA, sending);
	SET(WRITEFUNCTION, on_write);
	SET(VERBOSE, 1L);
	SET(DEBUGFUNCTION, on_debug);
	SET(DEBUGDATA, sending);
	return failed ? -ENOMEM : 0;
}
#undef SET

int mail_send(struct transfers *transfers, const struct mail_order *order, mail_callback *callback,
	      mail_line *line, void *context, struct mail_sending **ret)
{
	struct mail_sending *sending;
	struct transfer_order transfer = { .server = order->server,
					   .port = order->port,
					   .address = order->name,
					   .is_strict = true,
					   .timeout_ms = order->timeout_ms };
	int code;

	TRY(order_check(order));
	sending = memory_alloc(sizeof *sending);
	*sending = (struct mail_sending){ .transfer = { .on_end = sending_end,
							.on_drop = sending_drop },
					  .callback = callback,
					  .line = line,
					  .context = context };
	transfer.host = str_copy(&sending->transfer.arena, order->host);
	sending->text = str_copy(&sending->transfer.arena, order->text);
	code = transfer_init(&sending->transfer, transfers, &transfer);
	if (code == 0)
		code = add_recipients(sending, order);
	if (code == 0)
		code = set_order(sending, order);
	if (code == 0)
		code = transfer_start(&sending->transfer);
	if (code < 0) {
		sending_free(sending);
		return code;
	}
	*ret = sending;
	return 0;
}

void mail_cancel(struct mail_sending *sending)
{
	sending_free(sending);
}

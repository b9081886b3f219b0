/* SPDX-License-Identifier: Apache-2.0 */
/* How is one mail handed to one server? RFC 5321.
 *
 * libcurl connects, says EHLO, STARTTLS and AUTH, and hands the connection over: its own way of sending a mail
 * blocks while it waits for the last reply. */
#include "net/mail.h"

#include "base/clock.h"
#include "formats/dns/name.h"
#include "formats/mail/address.h"

#include <fcntl.h>
#include <unistd.h>

enum { LINE_BYTES = 512, CODE_DIGITS = 3, READ_BYTES = 4096, REPLY_LINES = 100 };

enum stage { STAGE_LOGIN, STAGE_MAIL, STAGE_RECIPIENT, STAGE_DATA, STAGE_TEXT };

struct mail_sending {
	struct transfer transfer; /* first: what libcurl's side knows it by */
	mail_callback *callback;
	mail_line *line;
	void *context;
	struct str from, text, *to;
	size_t to_count, asked, accepted; /* recipients */
	uv_loop_t *loop;
	uv_poll_t *poll;
	uv_timer_t *timer;
	int fd; /* for poll alone: libcurl knows the other one */
	int64_t deadline_us;
	enum stage stage;
	struct buf out;
	size_t sent;
	char in[READ_BYTES];
	size_t in_len, lines;
	struct mail_result result;
	bool is_authenticating, was_authenticating;
	char last[LINE_BYTES];
};

static void sending_free(struct mail_sending *sending)
{
	if (sending->poll)
		uv_close((uv_handle_t *)sending->poll, (uv_close_cb)memory_free);
	if (sending->timer)
		uv_close((uv_handle_t *)sending->timer, (uv_close_cb)memory_free);
	if (sending->fd >= 0)
		close(sending->fd);
	transfer_release(&sending->transfer);
	memory_free(sending);
}

static void sending_end(struct mail_sending *sending, enum mail_failure failure)
{
	sending->result.failure = failure;
	sending->callback(sending->context, &sending->result);
	sending_free(sending);
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
	sending->line(sending->context, true,
		      sending->is_authenticating ? STR_LIT("AUTH (not shown)") : line);
}

static void note_theirs(struct mail_sending *sending, struct str line)
{
	unsigned code = code_of(line);
	size_t len = MIN(line.len, sizeof sending->last);

	if (code && code / 100 != 3)
		sending->is_authenticating = false;
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

/* ---- connecting and logging in: libcurl's ---- */

static enum mail_failure login_failure(struct mail_sending *sending, CURLcode code)
{
	switch (code) {
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
		return sending->was_authenticating ? MAIL_FAILURE_AUTH : MAIL_FAILURE_REFUSED;
	default:
		if (sending->was_authenticating)
			return MAIL_FAILURE_AUTH;
		return sending->result.code >= 400 ? MAIL_FAILURE_REFUSED : MAIL_FAILURE_BROKEN;
	}
}

static void dialogue_begin(struct mail_sending *sending);

static void on_login(struct transfer *transfer, CURLcode code)
{
	struct mail_sending *sending = (struct mail_sending *)transfer;

	if (code != CURLE_OK)
		sending_end(sending, login_failure(sending, code));
	else
		dialogue_begin(sending);
}

static void sending_drop(struct transfer *transfer)
{
	sending_free((struct mail_sending *)transfer);
}

/* ---- the mail: ours ---- */

static void say(struct mail_sending *sending, const char *word, struct str path, const char *end)
{
	struct str line = str_printf(&sending->transfer.arena, "%s%.*s%s", word, STR(path), end);

	note_ours(sending, line);
	buf_put_str(&sending->out, line);
	buf_put_lit(&sending->out, "\r\n");
}

/* A line that begins with a dot gets another one (section 4.5.2). */
static void text_put(struct mail_sending *sending)
{
	struct str rest = sending->text, line;

	while (rest.len && str_split(&rest, '\n', &line)) {
		if (line.len && line.data[0] == '.')
			buf_put_char(&sending->out, '.');
		if (line.len && line.data[line.len - 1] == '\r')
			line.len--;
		buf_put_str(&sending->out, line);
		buf_put_lit(&sending->out, "\r\n");
	}
	buf_put_lit(&sending->out, ".\r\n");
}

static void next_recipient(struct mail_sending *sending)
{
	sending->stage = STAGE_RECIPIENT;
	say(sending, "RCPT TO:<", sending->to[sending->asked++], ">");
}

/* One address that is gone keeps the mail from nobody else. True: it is over, and sending is no more. */
static bool on_recipient(struct mail_sending *sending, unsigned code)
{
	sending->accepted += code < 300;
	sending->result.refused_recipients += code >= 300;
	if (sending->asked < sending->to_count) {
		next_recipient(sending);
		return false;
	}
	if (!sending->accepted) {
		sending_end(sending, MAIL_FAILURE_REFUSED);
		return true;
	}
	sending->stage = STAGE_DATA;
	say(sending, "DATA", STR_NONE, "");
	return false;
}

static bool on_reply(struct mail_sending *sending, unsigned code)
{
	bool is_taken = sending->stage == STAGE_DATA ? code == 354 : code < 300;
	size_t sent;

	if (sending->stage == STAGE_RECIPIENT)
		return on_recipient(sending, code);
	if (!is_taken) {
		sending_end(sending, code >= 400 ? MAIL_FAILURE_REFUSED : MAIL_FAILURE_BROKEN);
		return true;
	}
	if (sending->stage == STAGE_MAIL) {
		next_recipient(sending);
	} else if (sending->stage == STAGE_DATA) {
		sending->stage = STAGE_TEXT;
		text_put(sending);
	} else { /* nobody waits for the answer to this */
		(void)!curl_easy_send(sending->transfer.easy, "QUIT\r\n", 6, &sent);
		note_ours(sending, STR_LIT("QUIT"));
		sending_end(sending, MAIL_FAILURE_NONE);
		return true;
	}
	return false;
}

/* True: it is over, and sending is no more. */
static bool lines_take(struct mail_sending *sending)
{
	struct str rest = str_bytes(sending->in, sending->in_len), line;
	ptrdiff_t end;

	while ((end = str_find_char(rest, '\n')) >= 0) {
		line = str_trim(str_first(rest, (size_t)end));
		rest = str_from(rest, (size_t)end + 1);
		note_theirs(sending, line);
		if (!code_of(line) || ++sending->lines > REPLY_LINES) {
			sending_end(sending, MAIL_FAILURE_BROKEN);
			return true;
		}
		if (line.len > CODE_DIGITS && line.data[CODE_DIGITS] == '-')
			continue;
		sending->lines = 0;
		if (on_reply(sending, code_of(line)))
			return true;
	}
	memmove(sending->in, rest.data, rest.len);
	sending->in_len = rest.len;
	if (rest.len < READ_BYTES)
		return false;
	sending_end(sending, MAIL_FAILURE_BROKEN);
	return true;
}

static int out_send(struct mail_sending *sending)
{
	while (sending->sent < sending->out.len) {
		size_t sent = 0;
		CURLcode code =
			curl_easy_send(sending->transfer.easy, sending->out.data + sending->sent,
				       sending->out.len - sending->sent, &sent);

		if (code == CURLE_AGAIN)
			return 0;
		if (code != CURLE_OK)
			return -EPIPE;
		sending->sent += sent;
	}
	sending->out.len = sending->sent = 0;
	return 0;
}

static void on_ready(uv_poll_t *poll, int status, int events);

/* As far as it goes without waiting. */
static void pump(struct mail_sending *sending)
{
	size_t got = 0;
	CURLcode code;

	for (;;) {
		if (out_send(sending) < 0) {
			sending_end(sending, MAIL_FAILURE_BROKEN);
			return;
		}
		code = curl_easy_recv(sending->transfer.easy, sending->in + sending->in_len,
				      READ_BYTES - sending->in_len, &got);
		if (code == CURLE_AGAIN)
			break;
		if (code != CURLE_OK || !got) {
			sending_end(sending, MAIL_FAILURE_BROKEN);
			return;
		}
		sending->in_len += got;
		if (lines_take(sending))
			return;
	}
	uv_poll_start(sending->poll, UV_READABLE | (sending->out.len ? UV_WRITABLE : 0), on_ready);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	pump(poll->data);
}

static void on_deadline(uv_timer_t *timer)
{
	sending_end(timer->data, MAIL_FAILURE_TIMEOUT);
}

static void dialogue_begin(struct mail_sending *sending)
{
	int64_t left_ms = (sending->deadline_us - clock_monotonic_us()) / 1000;
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(sending->transfer.easy, CURLINFO_ACTIVESOCKET, &fd);
	sending->fd = fd == CURL_SOCKET_BAD ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
	sending->poll = memory_alloc(sizeof *sending->poll);
	if (sending->fd < 0 || uv_poll_init(sending->loop, sending->poll, sending->fd) < 0) {
		memory_free(sending->poll);
		sending->poll = NULL;
		sending_end(sending, MAIL_FAILURE_BROKEN);
		return;
	}
	sending->poll->data = sending;
	sending->timer = memory_alloc(sizeof *sending->timer);
	uv_timer_init(sending->loop, sending->timer);
	sending->timer->data = sending;
	uv_timer_start(sending->timer, on_deadline, (uint64_t)MAX(left_ms, 1), 0);
	sending->stage = STAGE_MAIL;
	say(sending, "MAIL FROM:<", sending->from, ">");
	pump(sending);
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
	if (order->user.len) {
		SET(USERNAME, str_cstring(a, order->user));
		SET(PASSWORD, str_cstring(a, order->password));
	}
	/* A conversation of its own: no mail rides on what another one authenticated. */
	SET(FRESH_CONNECT, 1L);
	SET(FORBID_REUSE, 0L);
	SET(CONNECT_ONLY, 1L);
	SET(VERBOSE, 1L);
	SET(DEBUGFUNCTION, on_debug);
	SET(DEBUGDATA, sending);
	return failed ? -ENOMEM : 0;
}
#undef SET

static struct mail_sending *sending_new(struct transfers *transfers, const struct mail_order *order)
{
	struct mail_sending *sending = memory_alloc(sizeof *sending);
	struct arena *a = &sending->transfer.arena;

	*sending =
		(struct mail_sending){ .transfer = { .on_end = on_login, .on_drop = sending_drop },
				       .fd = -1,
				       .loop = transfers_loop(transfers),
				       .to_count = order->to_count };
	sending->deadline_us =
		clock_monotonic_us() +
		(order->timeout_ms ? order->timeout_ms : TRANSFER_TIMEOUT_MS) * INT64_C(1000);
	sending->from = str_copy(a, order->from);
	sending->text = str_copy(a, order->text);
	sending->to = arena_array(a, order->to_count, sizeof *sending->to);
	for (size_t i = 0; i < order->to_count; i++)
		sending->to[i] = str_copy(a, order->to[i]);
	buf_init(&sending->out, a);
	return sending;
}

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
	sending = sending_new(transfers, order);
	sending->callback = callback;
	sending->line = line;
	sending->context = context;
	transfer.host = str_copy(&sending->transfer.arena, order->host);
	code = transfer_init(&sending->transfer, transfers, &transfer);
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

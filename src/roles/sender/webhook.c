/* SPDX-License-Identifier: Apache-2.0 */
/* How is a message posted to a URL? Standard Webhooks 1.0.0; RFC 9110. */
#include "base/clock.h"
#include "formats/web/webhook.h"
#include "roles/sender/sender.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { RETRY_AFTER_MOST_S = 86400, HEADERS_SHOWN = 16 };

/* Ours alone: set by libcurl, or by this file. */
static const char *const own_headers[] = { "host",
					   "content-length",
					   "content-type",
					   "transfer-encoding",
					   "connection",
					   "expect",
					   "te",
					   "trailer",
					   "upgrade",
					   "webhook-id",
					   "webhook-signature",
					   "webhook-timestamp" };
/* What a response's transcript keeps to itself. */
static const char *const unshown[] = { "location", "set-cookie", "link" };

static bool is_among(struct str name, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(name, str_of(words[i])))
			return true;
	return false;
}

static bool is_one_line(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	return true;
}

static int headers_check(const struct sender_delivery *request, struct err *err)
{
	struct web_header header;

	if (!is_one_line(request->media_type) || !is_one_line(request->message_id))
		return err_set(err, -EINVAL, "the media type or the id has control characters");
	for (size_t i = 0; i < request->header_count; i++) {
		struct str line = request->headers[i];

		if (line.len > SENDER_HEADER_BYTES || !is_one_line(line) ||
		    web_header_read(line, &header) < 0)
			return err_set(err, -EINVAL, "header %zu is none", i + 1);
		if (is_among(header.name, own_headers, ARRAY_COUNT(own_headers)))
			return err_set(err, -EINVAL, "the header %.*s is ours to set",
				       STR(str_first(header.name, 40)));
	}
	return 0;
}

static int webhook_read(struct delivery *delivery, struct err *err)
{
	const struct sender_delivery *request = &delivery->request;
	struct err why = { 0 };
	struct buf key;

	if (web_url_parse(&delivery->arena, request->url, &delivery->url, &why) < 0)
		return err_set(err, -EINVAL, "the URL cannot be used: %s", why.text);
	buf_init(&key, &delivery->arena);
	for (size_t i = 0; i < request->secret_count; i++)
		TRY(webhook_secret_read(&key, request->secrets[i], err));
	delivery->host = delivery->url.host;
	delivery->address = delivery->url.address;
	delivery->port = delivery->url.port;
	return headers_check(request, err);
}

/* ---- what is sent ---- */

static struct str signatures_of(struct arena *a, const struct sender_delivery *request,
				int64_t timestamp_s)
{
	struct buf content, key, text;
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	buf_init(&content, a);
	buf_init(&text, a);
	webhook_content_put(&content, request->message_id, timestamp_s, request->body);
	for (size_t i = 0; i < request->secret_count; i++) {
		buf_init(&key, a);
		if (webhook_secret_read(&key, request->secrets[i], NULL) < 0 ||
		    !HMAC(EVP_sha256(), key.data, (int)key.len, (const unsigned char *)content.data,
			  content.len, mac, &len))
			continue;
		if (text.len)
			buf_put_char(&text, ' ');
		webhook_signature_put(&text, str_bytes(mac, len));
	}
	return buf_str(&text);
}

static size_t headers_of(struct delivery *delivery, struct str *headers)
{
	const struct sender_delivery *request = &delivery->request;
	struct arena *a = &delivery->arena;
	int64_t now_s = clock_utc_us() / 1000000;
	size_t count = 0;

	headers[count++] = str_printf(
		a, "Content-Type: %.*s",
		STR(request->media_type.len ? request->media_type : STR_LIT("application/json")));
	if (request->message_id.len && request->secret_count) {
		struct str signatures = signatures_of(a, request, now_s);

		headers[count++] = str_printf(a, "webhook-id: %.*s", STR(request->message_id));
		headers[count++] = str_printf(a, "webhook-timestamp: %" PRId64, now_s);
		headers[count++] = str_printf(a, "webhook-signature: %.*s", STR(signatures));
	}
	for (size_t i = 0; i < request->header_count; i++)
		headers[count++] = request->headers[i];
	return count;
}

/* ---- what comes back ---- */

static void response_note(struct delivery *delivery, const struct http_result *http)
{
	size_t shown = 0;

	if (http->peer)
		delivery_note(delivery, "%.*s with %.*s, certificate of %.*s",
			      STR(http->tls_version), STR(str_first(delivery->host, 100)),
			      STR(str_first(http->peer->issuer, 60)));
	if (!http->status)
		return;
	delivery_note(delivery, "> POST, %zu octets", delivery->request.body.len);
	delivery_note(delivery, "< HTTP %u", http->status);
	for (size_t i = 0; i < http->header_count && shown < HEADERS_SHOWN; i++) {
		const struct web_header *header = &http->headers[i];

		if (is_among(header->name, unshown, ARRAY_COUNT(unshown)))
			continue;
		delivery_note(delivery, "< %.*s: %.*s", STR(str_first(header->name, 60)),
			      STR(str_first(header->value, 160)));
		shown++;
	}
}

static uint32_t retry_after_of(const struct http_result *http)
{
	for (size_t i = 0; i < http->header_count; i++) {
		int64_t wait_us;

		if (!str_eq_nocase(http->headers[i].name, STR_LIT("retry-after")))
			continue;
		wait_us = web_retry_after_us(http->headers[i].value, clock_utc_us());
		if (wait_us < 0)
			return 0;
		return (uint32_t)MIN((wait_us + 999999) / 1000000, (int64_t)RETRY_AFTER_MOST_S);
	}
	return 0;
}

static const char *const failures[] = {
	[HTTP_FAILURE_TIMEOUT] = "the receiver did not answer in time",
	[HTTP_FAILURE_REFUSED] = "the receiver refuses the connection",
	[HTTP_FAILURE_RESET] = "the receiver closed the connection before it had answered",
	[HTTP_FAILURE_GARBAGE] = "what the receiver answered is not HTTP",
	[HTTP_FAILURE_TLS] = "TLS with the receiver fails",
	[HTTP_FAILURE_NO_ROUTE] = "there is no route to the receiver",
	[HTTP_FAILURE_POLICY] = "the address is not allowed",
	[HTTP_FAILURE_WAITED] = "no connection was free in time",
};

static bool is_unreachable(const struct http_result *http)
{
	return !http->status &&
	       (http->failure == HTTP_FAILURE_REFUSED || http->failure == HTTP_FAILURE_TIMEOUT ||
		http->failure == HTTP_FAILURE_NO_ROUTE);
}

static void on_response(void *context, const struct http_result *http)
{
	struct delivery *delivery = context;
	struct sender_delivered *result = &delivery->result;

	delivery->exchange = NULL;
	response_note(delivery, http);
	if (is_unreachable(http)) {
		delivery_note(delivery, "%s", failures[http->failure]);
		delivery_next(delivery, failures[http->failure]);
		return;
	}
	result->status = http->status;
	result->reply = str_copy(&delivery->arena, str_first(http->body, SENDER_REPLY_BYTES));
	result->retry_after_s = retry_after_of(http);
	if (http->failure)
		delivery_fail(delivery,
			      http->failure == HTTP_FAILURE_POLICY ? SENDER_REFUSED : SENDER_FAILED,
			      http->detail.len ? "%s: %.*s" : "%s", failures[http->failure],
			      STR(str_first(http->detail, 120)));
	else if (http->status >= 200 && http->status < 300)
		delivery_end(delivery, SENDER_DELIVERED_OK);
	else
		delivery_fail(delivery, SENDER_FAILED,
			      http->status >= 300 && http->status < 400
				      ? "the receiver answered %u: redirects are not followed"
				      : "the receiver answered %u",
			      http->status);
}

static int webhook_start(struct delivery *delivery, uint32_t timeout_ms)
{
	struct str headers[SENDER_HEADERS + 4];
	struct http_request request = {
		.url = &delivery->url,
		.server = delivery->addresses[delivery->tried - 1],
		.body_bytes = SENDER_REPLY_BYTES,
		.is_strict = true,
		.timeout_ms = timeout_ms,
		.is_post = true,
		.body = delivery->request.body,
		.headers = headers,
	};
	struct http_fetch *fetch;

	request.header_count = headers_of(delivery, headers);
	TRY(http_client_fetch(delivery->sender->http, &request, on_response, delivery, &fetch));
	delivery->exchange = fetch;
	return 0;
}

static void webhook_cancel(struct delivery *delivery)
{
	http_fetch_cancel(delivery->exchange);
	delivery->exchange = NULL;
}

const struct transport webhook_transport = { webhook_read, webhook_start, webhook_cancel };

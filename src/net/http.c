/* SPDX-License-Identifier: Apache-2.0 */
/* How is one HTTP request made, within bounds? RFC 9110, RFC 9112. */
#include "net/http.h"

#include "net/transfer.h"

struct http_client {
	struct transfers *transfers;
	const char *agent;
};

struct http_fetch {
	struct transfer transfer; /* first: what libcurl's side knows it by */
	struct curl_slist *request_headers;
	struct web_url url;
	http_callback *callback;
	void *context;
	struct web_header *headers;
	size_t header_count, head_bytes, line_count;
	struct buf body;
	size_t body_limit;
	struct http_result result;
	const char *complaint; /* why we ended it */
	bool has_status;
};

static size_t end_with(struct http_fetch *fetch, const char *complaint)
{
	fetch->complaint = complaint;
	return 0;
}

static void note_version(struct http_fetch *fetch)
{
	const char *version;

	if (fetch->result.tls_version.len || !fetch->url.is_https)
		return;
	version = transfer_tls_version(&fetch->transfer);
	if (version)
		fetch->result.tls_version = str_copy(&fetch->transfer.arena, str_of(version));
}

static size_t on_header(char *data, size_t size, size_t count, void *context)
{
	struct http_fetch *fetch = context;
	struct str line = str_bytes(data, size * count);
	struct web_header header;

	note_version(fetch);
	fetch->head_bytes += line.len;
	if (fetch->head_bytes > HTTP_HEAD_LIMIT || ++fetch->line_count > HTTP_LINE_LIMIT)
		return end_with(fetch, "more than 32 KiB or 128 lines of headers");
	if (str_starts(line, STR_LIT("HTTP/"))) {
		if (web_status_read(line, &fetch->result.status) < 0)
			return end_with(fetch, "the status line is none");
		fetch->has_status = fetch->result.status >= 200;
		fetch->header_count = 0; /* those of an informational response count for nothing */
		return line.len;
	}
	if (!str_trim(line).len)
		return line.len;
	if (web_header_read(line, &header) < 0)
		return end_with(fetch, "a header line is none");
	fetch->headers[fetch->header_count++] =
		(struct web_header){ str_copy(&fetch->transfer.arena, header.name),
				     str_copy(&fetch->transfer.arena, header.value) };
	return line.len;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct http_fetch *fetch = context;
	size_t len = size * count, room = fetch->body_limit - fetch->body.len;

	buf_put(&fetch->body, data, MIN(len, room));
	if (len <= room)
		return len;
	fetch->result.is_cut = true; /* the rest is not for us */
	return 0;
}

/* ---- one request ---- */

static void fetch_free(struct http_fetch *fetch)
{
	struct curl_slist *headers = fetch->request_headers;

	transfer_release(&fetch->transfer);
	curl_slist_free_all(headers);
	memory_free(fetch);
}

static enum http_failure connect_failure(struct http_fetch *fetch)
{
	long error = transfer_connect_error(&fetch->transfer);

	if (fetch->transfer.is_denied)
		return HTTP_FAILURE_POLICY;
	return error == ECONNREFUSED  ? HTTP_FAILURE_REFUSED
	       : error == ETIMEDOUT   ? HTTP_FAILURE_TIMEOUT
	       : error == ECONNRESET  ? HTTP_FAILURE_RESET
	       : error == ENETUNREACH ? HTTP_FAILURE_NO_ROUTE
				      : HTTP_FAILURE_REFUSED;
}

/* On a connection of its own, or on one that was kept. */
static bool was_asked(const struct http_fetch *fetch)
{
	curl_off_t sent_us = 0;

	(void)curl_easy_getinfo(fetch->transfer.easy, CURLINFO_PRETRANSFER_TIME_T, &sent_us);
	return fetch->transfer.has_begun || sent_us > 0;
}

static enum http_failure failure_of(struct http_fetch *fetch, CURLcode code)
{
	if (fetch->complaint)
		return HTTP_FAILURE_GARBAGE;
	switch (code) {
	case CURLE_OK:
		return fetch->has_status ? HTTP_FAILURE_NONE : HTTP_FAILURE_GARBAGE;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return connect_failure(fetch);
	case CURLE_OPERATION_TIMEDOUT:
		return was_asked(fetch) ? HTTP_FAILURE_TIMEOUT : HTTP_FAILURE_WAITED;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CIPHER:
		return HTTP_FAILURE_TLS;
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_PARTIAL_FILE:
		return HTTP_FAILURE_RESET;
	default:
		return HTTP_FAILURE_GARBAGE;
	}
}

static struct str detail_of(struct http_fetch *fetch, CURLcode code)
{
	struct str text =
		str_of(fetch->transfer.error[0] ? fetch->transfer.error : curl_easy_strerror(code));

	if (fetch->complaint)
		return str_of(fetch->complaint);
	if (fetch->transfer.peer.is_strict && fetch->transfer.peer.faults)
		return STR_LIT("the certificate is not accepted");
	if (code == CURLE_OUT_OF_MEMORY) /* what libcurl says of a header line beyond its limit */
		return STR_LIT("a header line of more than 100 KiB");
	switch (fetch->result.failure) {
	case HTTP_FAILURE_TLS: /* "OpenSSL/3.0.1: error:0A00010B:SSL routines::wrong version number" */
		return str_trim(str_first(
			str_from(text, (size_t)(str_find_last_char(text, ':') + 1)), 160));
	case HTTP_FAILURE_GARBAGE:
		return str_first(text, 160);
	default: /* the others tell times and counts, which differ from scan to scan */
		return STR_NONE;
	}
}

static void fetch_end(struct transfer *transfer, CURLcode code)
{
	struct http_fetch *fetch = (struct http_fetch *)transfer;
	struct http_result *result = &fetch->result;

	if (code == CURLE_WRITE_ERROR && result->is_cut && !fetch->complaint)
		code = CURLE_OK; /* we had enough */
	result->failure = failure_of(fetch, code);
	if (result->failure)
		result->detail = detail_of(fetch, code);
	result->headers = fetch->headers;
	result->header_count = fetch->header_count;
	result->body = buf_str(&fetch->body);
	result->peer = transfer->peer.is_seen ? &transfer->peer : NULL;
	fetch->callback(fetch->context, result);
	fetch_free(fetch);
}

static void fetch_drop(struct transfer *transfer)
{
	fetch_free((struct http_fetch *)transfer);
}

#define SET(option, value) failed |= curl_easy_setopt(easy, CURLOPT_##option, value) != CURLE_OK

static int set_protocol(struct http_fetch *fetch)
{
	CURL *easy = fetch->transfer.easy;
	int failed = 0;

	SET(PROTOCOLS_STR, "http,https");
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(HTTP09_ALLOWED, 0L);
	SET(PATH_AS_IS, 1L);
	SET(ACCEPT_ENCODING, "gzip");
	SET(HEADERFUNCTION, on_header);
	SET(HEADERDATA, fetch);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, fetch);
	return failed ? -ENOMEM : 0;
}

/* libcurl's own names for a header without a value, "Expect:", and with an empty one, "Name;". */
static int add_header(struct http_fetch *fetch, struct str line)
{
	struct curl_slist *longer = curl_slist_append(fetch->request_headers,
						      str_cstring(&fetch->transfer.arena, line));

	if (!longer)
		return -ENOMEM;
	fetch->request_headers = longer;
	return 0;
}

static int set_headers(struct http_fetch *fetch, const struct http_request *request)
{
	if (request->accept)
		TRY(add_header(fetch,
			       str_printf(&fetch->transfer.arena, "Accept: %s", request->accept)));
	for (size_t i = 0; i < request->header_count; i++) {
		struct web_header header;

		TRY(web_header_read(request->headers[i], &header));
		TRY(add_header(fetch, request->headers[i]));
	}
	return request->is_post ? add_header(fetch, STR_LIT("Expect:")) : 0;
}

static int set_request(struct http_fetch *fetch, const struct http_request *request,
		       const char *agent)
{
	CURL *easy = fetch->transfer.easy;
	int failed = 0;

	TRY(set_headers(fetch, request));
	SET(URL, str_cstring(&fetch->transfer.arena, fetch->url.text));
	SET(USERAGENT, agent);
	SET(HTTPHEADER, fetch->request_headers);
	if (request->is_post) {
		struct str body = str_copy(&fetch->transfer.arena, request->body);

		SET(POST, 1L);
		SET(POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
		SET(POSTFIELDS, body.data);
	}
	return failed ? -ENOMEM : 0;
}
#undef SET

static struct http_fetch *fetch_new(const struct http_request *request)
{
	struct http_fetch *fetch = memory_alloc(sizeof *fetch);
	struct arena *a = &fetch->transfer.arena;
	struct err err = { 0 };

	*fetch = (struct http_fetch){ .transfer = { .on_end = fetch_end, .on_drop = fetch_drop } };
	/* What was read once is read again in memory of our own. */
	(void)!web_url_parse(a, str_copy(a, request->url->text), &fetch->url, &err);
	fetch->headers = arena_array(a, HTTP_LINE_LIMIT, sizeof *fetch->headers);
	buf_init(&fetch->body, a);
	fetch->body_limit = request->body_bytes;
	return fetch;
}

int http_client_fetch(struct http_client *client, const struct http_request *request,
		      http_callback *callback, void *context, struct http_fetch **ret)
{
	struct http_fetch *fetch = fetch_new(request);
	const struct transfer_order order = { .server = request->server,
					      .port = request->url->port,
					      .host = fetch->url.host,
					      .address = fetch->url.address,
					      .is_strict = request->is_strict,
					      .timeout_ms = request->timeout_ms };
	int code = transfer_init(&fetch->transfer, client->transfers, &order);

	fetch->callback = callback;
	fetch->context = context;
	if (code == 0)
		code = set_protocol(fetch);
	if (code == 0)
		code = set_request(fetch, request, client->agent);
	if (code == 0)
		code = transfer_start(&fetch->transfer);
	if (code < 0) {
		fetch_free(fetch);
		return code;
	}
	*ret = fetch;
	return 0;
}

void http_fetch_cancel(struct http_fetch *fetch)
{
	fetch_free(fetch);
}

int http_prepare(struct err *err)
{
	return transfers_prepare(err);
}

int http_client_open(uv_loop_t *loop, const struct egress *egress, struct trust *trust,
		     const char *agent, struct http_client **ret)
{
	const struct transfers_settings settings = { .egress = egress,
						     .trust = trust,
						     .connections = HTTP_CONNECTIONS,
						     .connections_of_host =
							     HTTP_CONNECTIONS_OF_HOST };
	struct transfers *transfers;

	TRY(transfers_open(loop, &settings, &transfers));
	*ret = http_client_on(transfers, agent);
	return 0;
}

struct http_client *http_client_on(struct transfers *transfers, const char *agent)
{
	struct http_client *client = memory_alloc(sizeof *client);

	*client = (struct http_client){ .transfers = transfers, .agent = agent };
	return client;
}

void http_client_close(struct http_client *client)
{
	if (!client)
		return;
	transfers_close(client->transfers);
	memory_free(client);
}

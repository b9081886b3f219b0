/* SPDX-License-Identifier: Apache-2.0 */
/* How is one HTTP request made, within bounds? RFC 9110, RFC 9112. */
#include "net/http.h"

#include <curl/curl.h>

enum { TIMEOUT_MS = 10000, CONNECT_MS = 5000, SLACK_BYTES = 16 << 10 };

struct http_client {
	uv_loop_t *loop;
	const struct egress *egress;
	struct trust *trust;
	const char *agent;
	CURLM *multi;
	uv_timer_t *timer;
	struct http_fetch *fetches;
};

struct http_fetch {
	struct http_client *client;
	struct http_fetch *next, **link;
	CURL *easy;
	struct curl_slist *connect_to, *request_headers;
	struct arena arena;
	struct web_url url;
	struct address server;
	http_callback *callback;
	void *context;
	struct trust_peer peer;
	struct web_header *headers;
	size_t header_count, head_bytes, line_count;
	struct buf body;
	size_t body_limit;
	struct http_result result;
	const char *complaint; /* why we ended it */
	bool is_denied, has_status;
	char error[CURL_ERROR_SIZE];
};

/* A socket that libcurl wants watched. */
struct watch {
	uv_poll_t poll;
	struct http_client *client;
	curl_socket_t fd;
};

/* ---- the loop ---- */

static void take_finished(struct http_client *client);

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct http_client *client = watch->client;
	int running, flags = status < 0 ? CURL_CSELECT_ERR : 0;

	flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
	flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
	curl_multi_socket_action(client->multi, watch->fd, flags, &running);
	take_finished(client);
}

static void watch_closed(uv_handle_t *handle)
{
	memory_free(handle->data);
}

static struct watch *watch_new(struct http_client *client, curl_socket_t fd)
{
	struct watch *watch = memory_alloc(sizeof *watch);

	*watch = (struct watch){ .client = client, .fd = fd };
	if (uv_poll_init_socket(client->loop, &watch->poll, fd) < 0) {
		memory_free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	curl_multi_assign(client->multi, fd, watch);
	return watch;
}

static int watch_change(CURL *easy, curl_socket_t fd, int what, void *context, void *of_socket)
{
	struct watch *watch = of_socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch)
			uv_close((uv_handle_t *)&watch->poll, watch_closed);
		return 0;
	}
	if (!watch)
		watch = watch_new(context, fd);
	if (!watch)
		return -1;
	uv_poll_start(&watch->poll,
		      (what & CURL_POLL_IN ? UV_READABLE : 0) |
			      (what & CURL_POLL_OUT ? UV_WRITABLE : 0),
		      on_socket);
	return 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct http_client *client = timer->data;
	int running;

	curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_finished(client);
}

static int timer_change(CURLM *multi, long wait_ms, void *context)
{
	struct http_client *client = context;

	(void)multi;
	if (wait_ms < 0)
		uv_timer_stop(client->timer);
	else
		uv_timer_start(client->timer, on_timer, (uint64_t)wait_ms, 0);
	return 0;
}

/* ---- what libcurl asks for ---- */

/* The address is asked for by value, at the moment of connecting; and it is the one that was named. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http_fetch *fetch = context;
	struct destination destination;
	uint16_t port = 0;
	struct address address = address_from_sockaddr(&to->addr, &port);
	int fd;

	if (purpose != CURLSOCKTYPE_IPCXN || !address_eq(&address, &fetch->server) ||
	    port != fetch->url.port ||
	    destination_approve(fetch->client->egress, &address, port, &destination) < 0) {
		fetch->is_denied = true;
		return CURL_SOCKET_BAD;
	}
	fd = socket_open_tcp(&destination);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static CURLcode make_context(CURL *easy, void *ssl_context, void *context)
{
	struct http_fetch *fetch = context;

	(void)easy;
	return trust_watch(fetch->client->trust, ssl_context, &fetch->peer) < 0
		       ? CURLE_SSL_CONNECT_ERROR
		       : CURLE_OK;
}

static size_t end_with(struct http_fetch *fetch, const char *complaint)
{
	fetch->complaint = complaint;
	return 0;
}

static void note_version(struct http_fetch *fetch)
{
	const struct curl_tlssessioninfo *info = NULL;

	if (fetch->result.tls_version.len || !fetch->url.is_https)
		return;
	if (curl_easy_getinfo(fetch->easy, CURLINFO_TLS_SSL_PTR, &info) == CURLE_OK && info &&
	    info->internals)
		fetch->result.tls_version =
			str_copy(&fetch->arena, str_of(SSL_get_version(info->internals)));
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
		(struct web_header){ str_copy(&fetch->arena, header.name),
				     str_copy(&fetch->arena, header.value) };
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
	if (fetch->link) {
		*fetch->link = fetch->next;
		if (fetch->next)
			fetch->next->link = fetch->link;
	}
	if (fetch->easy) {
		curl_multi_remove_handle(fetch->client->multi, fetch->easy);
		curl_easy_cleanup(fetch->easy);
	}
	curl_slist_free_all(fetch->connect_to);
	curl_slist_free_all(fetch->request_headers);
	arena_release(&fetch->arena);
	memory_free(fetch);
}

static enum http_failure connect_failure(struct http_fetch *fetch)
{
	long error = 0;

	if (fetch->is_denied)
		return HTTP_FAILURE_POLICY;
	curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &error);
	return error == ECONNREFUSED  ? HTTP_FAILURE_REFUSED
	       : error == ETIMEDOUT   ? HTTP_FAILURE_TIMEOUT
	       : error == ECONNRESET  ? HTTP_FAILURE_RESET
	       : error == ENETUNREACH ? HTTP_FAILURE_NO_ROUTE
				      : HTTP_FAILURE_REFUSED;
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
		return HTTP_FAILURE_TIMEOUT;
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
	struct str text = str_of(fetch->error[0] ? fetch->error : curl_easy_strerror(code));

	if (fetch->complaint)
		return str_of(fetch->complaint);
	if (fetch->peer.is_strict && fetch->peer.faults)
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

static void fetch_end(struct http_fetch *fetch, CURLcode code)
{
	struct http_result *result = &fetch->result;

	if (code == CURLE_WRITE_ERROR && result->is_cut && !fetch->complaint)
		code = CURLE_OK; /* we had enough */
	result->failure = failure_of(fetch, code);
	if (result->failure)
		result->detail = detail_of(fetch, code);
	result->headers = fetch->headers;
	result->header_count = fetch->header_count;
	result->body = buf_str(&fetch->body);
	result->peer = fetch->peer.is_seen ? &fetch->peer : NULL;
	fetch->callback(fetch->context, result);
	fetch_free(fetch);
}

/* Callbacks run with no call into libcurl around them, so they may start and cancel requests. */
static void take_finished(struct http_client *client)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left))) {
		struct http_fetch *fetch = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &fetch);
		fetch_end(fetch, code);
	}
}

static int set_limits(struct http_fetch *fetch, const struct http_request *request)
{
	CURL *easy = fetch->easy;
	long timeout_ms = request->timeout_ms ? (long)request->timeout_ms : TIMEOUT_MS;
	int failed = 0;

#define SET(option, value) failed |= curl_easy_setopt(easy, CURLOPT_##option, value) != CURLE_OK
	SET(TIMEOUT_MS, timeout_ms);
	SET(CONNECTTIMEOUT_MS, MIN(timeout_ms, (long)CONNECT_MS));
	SET(NOSIGNAL, 1L);
	SET(PROTOCOLS_STR, "http,https");
	SET(FOLLOWLOCATION, 0L);
	SET(PROXY, "");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(HTTP09_ALLOWED, 0L);
	SET(PATH_AS_IS, 1L);
	SET(FRESH_CONNECT, 1L);
	SET(FORBID_REUSE, 1L);
	SET(ACCEPT_ENCODING, "gzip");
	SET(BUFFERSIZE, (long)SLACK_BYTES);
	/* Verified in trust.c, so that what is wrong is known; no file is read. */
	SET(SSL_VERIFYPEER, 0L);
	SET(SSL_VERIFYHOST, 0L);
	SET(SSL_SESSIONID_CACHE, 0L);
	SET(CAINFO, NULL);
	SET(CAPATH, NULL);
	return failed ? -ENOMEM : 0;
}

static int set_request(struct http_fetch *fetch, const struct http_request *request)
{
	CURL *easy = fetch->easy;
	int failed = 0;

	if (request->accept)
		fetch->request_headers = curl_slist_append(
			NULL, str_cstring(&fetch->arena, str_printf(&fetch->arena, "Accept: %s",
								    request->accept)));
	SET(URL, str_cstring(&fetch->arena, fetch->url.text));
	SET(USERAGENT, fetch->client->agent);
	SET(HTTPHEADER, fetch->request_headers);
	SET(CONNECT_TO, fetch->connect_to);
	SET(OPENSOCKETFUNCTION, open_socket);
	SET(OPENSOCKETDATA, fetch);
	SET(HEADERFUNCTION, on_header);
	SET(HEADERDATA, fetch);
	SET(WRITEFUNCTION, on_body);
	SET(WRITEDATA, fetch);
	SET(SSL_CTX_FUNCTION, make_context);
	SET(SSL_CTX_DATA, fetch);
	SET(ERRORBUFFER, fetch->error);
	SET(PRIVATE, fetch);
#undef SET
	return failed ? -ENOMEM : 0;
}

/* "::port:address:port" would do for any host; libcurl needs no name then. */
static int pin(struct http_fetch *fetch)
{
	bool is_ipv6 = fetch->server.family == ADDRESS_IPV6;
	char text[ADDRESS_TEXT_BYTES];

	fetch->connect_to = curl_slist_append(
		NULL, str_cstring(&fetch->arena,
				  str_printf(&fetch->arena, "::%s%s%s:%u", is_ipv6 ? "[" : "",
					     address_text(&fetch->server, text), is_ipv6 ? "]" : "",
					     fetch->url.port)));
	return fetch->connect_to ? 0 : -ENOMEM;
}

static struct http_fetch *fetch_new(struct http_client *client, const struct http_request *request)
{
	struct http_fetch *fetch = memory_alloc(sizeof *fetch);
	struct err err = { 0 };

	*fetch = (struct http_fetch){ .client = client, .server = request->server };
	/* What was read once is read again in memory of our own. */
	(void)!web_url_parse(&fetch->arena, str_copy(&fetch->arena, request->url->text),
			     &fetch->url, &err);
	fetch->peer = (struct trust_peer){ .arena = &fetch->arena,
					   .host = fetch->url.host,
					   .address = fetch->url.address,
					   .is_strict = request->is_strict };
	fetch->headers = arena_array(&fetch->arena, HTTP_LINE_LIMIT, sizeof *fetch->headers);
	buf_init(&fetch->body, &fetch->arena);
	fetch->body_limit = request->body_bytes;
	fetch->easy = curl_easy_init();
	return fetch;
}

int http_client_fetch(struct http_client *client, const struct http_request *request,
		      http_callback *callback, void *context, struct http_fetch **ret)
{
	struct destination destination;
	struct http_fetch *fetch;
	int code;

	TRY(destination_approve(client->egress, &request->server, request->url->port,
				&destination));
	fetch = fetch_new(client, request);
	fetch->callback = callback;
	fetch->context = context;
	code = fetch->easy ? pin(fetch) : -ENOMEM;
	if (code == 0)
		code = set_limits(fetch, request);
	if (code == 0)
		code = set_request(fetch, request);
	if (code == 0 && curl_multi_add_handle(client->multi, fetch->easy) != CURLM_OK)
		code = -ENOMEM;
	if (code < 0) {
		fetch_free(fetch);
		return code;
	}
	fetch->next = client->fetches;
	fetch->link = &client->fetches;
	if (fetch->next)
		fetch->next->link = &fetch->next;
	client->fetches = fetch;
	*ret = fetch;
	return 0;
}

void http_fetch_cancel(struct http_fetch *fetch)
{
	fetch_free(fetch);
}

int http_prepare(struct err *err)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

	return code ? err_set(err, -EIO, "libcurl: %s", curl_easy_strerror(code)) : 0;
}

int http_client_open(uv_loop_t *loop, const struct egress *egress, struct trust *trust,
		     const char *agent, struct http_client **ret)
{
	struct http_client *client = memory_alloc(sizeof *client);

	*client = (struct http_client){
		.loop = loop, .egress = egress, .trust = trust, .agent = agent
	};
	client->multi = curl_multi_init();
	if (!client->multi) {
		memory_free(client);
		return -ENOMEM;
	}
	client->timer = memory_alloc(sizeof *client->timer);
	uv_timer_init(loop, client->timer);
	client->timer->data = client;
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, watch_change);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, timer_change);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)HTTP_CONNECTIONS);
	curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
			  (long)HTTP_CONNECTIONS_OF_HOST);
	curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	*ret = client;
	return 0;
}

static void timer_closed(uv_handle_t *handle)
{
	memory_free(handle);
}

void http_client_close(struct http_client *client)
{
	if (!client)
		return;
	while (client->fetches)
		fetch_free(client->fetches);
	curl_multi_cleanup(client->multi);
	uv_close((uv_handle_t *)client->timer, timer_closed);
	memory_free(client);
}

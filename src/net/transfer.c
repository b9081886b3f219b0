/* SPDX-License-Identifier: Apache-2.0 */
/* How does libcurl connect from our loop, to where it may and nowhere else? */
#include "net/transfer.h"

enum { BUFFER_BYTES = 16 << 10, KEPT_S = 60 };

struct transfers {
	uv_loop_t *loop;
	struct transfers_settings settings;
	CURLM *multi;
	uv_timer_t *timer;
	struct transfer *started;
};

/* A socket that libcurl wants watched. */
struct watch {
	uv_poll_t poll;
	struct transfers *transfers;
	curl_socket_t fd;
};

/* ---- the loop ---- */

static void take_finished(struct transfers *transfers);

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct transfers *transfers = watch->transfers;
	int running, flags = status < 0 ? CURL_CSELECT_ERR : 0;

	flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
	flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
	curl_multi_socket_action(transfers->multi, watch->fd, flags, &running);
	take_finished(transfers);
}

static void watch_closed(uv_handle_t *handle)
{
	memory_free(handle->data);
}

static struct watch *watch_new(struct transfers *transfers, curl_socket_t fd)
{
	struct watch *watch = memory_alloc(sizeof *watch);

	*watch = (struct watch){ .transfers = transfers, .fd = fd };
	if (uv_poll_init_socket(transfers->loop, &watch->poll, fd) < 0) {
		memory_free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	curl_multi_assign(transfers->multi, fd, watch);
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
	struct transfers *transfers = timer->data;
	int running;

	curl_multi_socket_action(transfers->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	take_finished(transfers);
}

static int timer_change(CURLM *multi, long wait_ms, void *context)
{
	struct transfers *transfers = context;

	(void)multi;
	if (wait_ms < 0)
		uv_timer_stop(transfers->timer);
	else
		uv_timer_start(transfers->timer, on_timer, (uint64_t)wait_ms, 0);
	return 0;
}

/* ---- what libcurl asks for ---- */

/* The address is asked for by value, at the moment of connecting; and it is the one that was named. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *transfer = context;
	struct destination destination;
	uint16_t port = 0;
	struct address address = address_from_sockaddr(&to->addr, &port);
	int fd;

	transfer->has_begun = true;
	if (purpose != CURLSOCKTYPE_IPCXN || !address_eq(&address, &transfer->server) ||
	    port != transfer->port ||
	    destination_approve(transfer->transfers->settings.egress, &address, port,
				&destination) < 0) {
		transfer->is_denied = true;
		return CURL_SOCKET_BAD;
	}
	fd = socket_open_tcp(&destination);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static CURLcode make_context(CURL *easy, void *ssl_context, void *context)
{
	struct transfer *transfer = context;

	(void)easy;
	return trust_watch(transfer->transfers->settings.trust, ssl_context, &transfer->peer) < 0
		       ? CURLE_SSL_CONNECT_ERROR
		       : CURLE_OK;
}

const char *transfer_tls_version(struct transfer *transfer)
{
	const struct curl_tlssessioninfo *info = NULL;

	if (curl_easy_getinfo(transfer->easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info ||
	    !info->internals)
		return NULL;
	return SSL_get_version(info->internals);
}

long transfer_connect_error(struct transfer *transfer)
{
	long error = 0;

	curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
	return error;
}

/* ---- one transfer ---- */

/* Callbacks run with no call into libcurl around them, so they may start and release transfers. */
static void take_finished(struct transfers *transfers)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(transfers->multi, &left))) {
		struct transfer *transfer = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		transfer->on_end(transfer, code);
	}
}

void transfer_release(struct transfer *transfer)
{
	if (transfer->link) {
		*transfer->link = transfer->next;
		if (transfer->next)
			transfer->next->link = transfer->link;
		transfer->link = NULL;
	}
	if (transfer->easy) {
		curl_multi_remove_handle(transfer->transfers->multi, transfer->easy);
		curl_easy_cleanup(transfer->easy);
		transfer->easy = NULL;
	}
	curl_slist_free_all(transfer->connect_to);
	transfer->connect_to = NULL;
	arena_release(&transfer->arena);
}

/* "::address:port" would do for any host; libcurl needs no name then. */
static int pin(struct transfer *transfer)
{
	bool is_ipv6 = transfer->server.family == ADDRESS_IPV6;
	char text[ADDRESS_TEXT_BYTES];

	transfer->connect_to = curl_slist_append(
		NULL, str_cstring(&transfer->arena,
				  str_printf(&transfer->arena, "::%s%s%s:%u", is_ipv6 ? "[" : "",
					     address_text(&transfer->server, text),
					     is_ipv6 ? "]" : "", transfer->port)));
	return transfer->connect_to ? 0 : -ENOMEM;
}

static int set_common(struct transfer *transfer, const struct transfer_order *order)
{
	CURL *easy = transfer->easy;
	long timeout_ms = order->timeout_ms ? (long)order->timeout_ms : TRANSFER_TIMEOUT_MS;
	long is_fresh = !transfer->transfers->settings.keeps_connections;
	int failed = 0;

#define SET(option, value) failed |= curl_easy_setopt(easy, CURLOPT_##option, value) != CURLE_OK
	SET(TIMEOUT_MS, timeout_ms);
	SET(CONNECTTIMEOUT_MS, MIN(timeout_ms, (long)TRANSFER_CONNECT_MS));
	SET(NOSIGNAL, 1L);
	SET(FOLLOWLOCATION, 0L);
	SET(PROXY, "");
	SET(NETRC, (long)CURL_NETRC_IGNORED);
	SET(FRESH_CONNECT, is_fresh);
	SET(FORBID_REUSE, is_fresh);
	SET(MAXAGE_CONN, (long)KEPT_S);
	SET(BUFFERSIZE, (long)BUFFER_BYTES);
	SET(CONNECT_TO, transfer->connect_to);
	SET(OPENSOCKETFUNCTION, open_socket);
	SET(OPENSOCKETDATA, transfer);
	/* Verified in trust.c, so that what is wrong is known; no file is read. */
	SET(SSL_VERIFYPEER, 0L);
	SET(SSL_VERIFYHOST, 0L);
	SET(SSL_SESSIONID_CACHE, 0L);
	SET(CAINFO, NULL);
	SET(CAPATH, NULL);
	SET(SSL_CTX_FUNCTION, make_context);
	SET(SSL_CTX_DATA, transfer);
	SET(ERRORBUFFER, transfer->error);
	SET(PRIVATE, transfer);
#undef SET
	return failed ? -ENOMEM : 0;
}

int transfer_init(struct transfer *transfer, struct transfers *transfers,
		  const struct transfer_order *order)
{
	struct destination destination;
	int code;

	TRY(destination_approve(transfers->settings.egress, &order->server, order->port,
				&destination));
	transfer->transfers = transfers;
	transfer->server = order->server;
	transfer->port = order->port;
	transfer->peer = (struct trust_peer){ .arena = &transfer->arena,
					      .host = order->host,
					      .address = order->address,
					      .is_strict = order->is_strict };
	transfer->easy = curl_easy_init();
	code = transfer->easy ? pin(transfer) : -ENOMEM;
	return code < 0 ? code : set_common(transfer, order);
}

int transfer_start(struct transfer *transfer)
{
	struct transfers *transfers = transfer->transfers;

	if (curl_multi_add_handle(transfers->multi, transfer->easy) != CURLM_OK)
		return -ENOMEM;
	transfer->next = transfers->started;
	transfer->link = &transfers->started;
	if (transfer->next)
		transfer->next->link = &transfer->next;
	transfers->started = transfer;
	return 0;
}

int transfers_prepare(struct err *err)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);

	return code ? err_set(err, -EIO, "libcurl: %s", curl_easy_strerror(code)) : 0;
}

int transfers_open(uv_loop_t *loop, const struct transfers_settings *settings,
		   struct transfers **ret)
{
	struct transfers *transfers = memory_alloc(sizeof *transfers);
	CURLM *multi = curl_multi_init();

	*transfers = (struct transfers){ .loop = loop, .settings = *settings, .multi = multi };
	if (!multi) {
		memory_free(transfers);
		return -ENOMEM;
	}
	transfers->timer = memory_alloc(sizeof *transfers->timer);
	uv_timer_init(loop, transfers->timer);
	transfers->timer->data = transfers;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_change);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, transfers);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer_change);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, transfers);
	curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)settings->connections);
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
			  (long)settings->connections_of_host);
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	*ret = transfers;
	return 0;
}

uv_loop_t *transfers_loop(const struct transfers *transfers)
{
	return transfers->loop;
}

static void timer_closed(uv_handle_t *handle)
{
	memory_free(handle);
}

void transfers_close(struct transfers *transfers)
{
	if (!transfers)
		return;
	while (transfers->started)
		transfers->started->on_drop(transfers->started);
	curl_multi_cleanup(transfers->multi);
	uv_close((uv_handle_t *)transfers->timer, timer_closed);
	memory_free(transfers);
}

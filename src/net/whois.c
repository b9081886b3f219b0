/* SPDX-License-Identifier: Apache-2.0 */
/* What does a WHOIS server say to one line? RFC 3912. */
#include "net/whois.h"

#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT_US = 10000000, READ_BYTES = 8192 };

struct whois_exchange {
	uv_poll_t poll;
	uv_timer_t timer;
	whois_callback *callback;
	void *context;
	int fd;
	unsigned handles;
	bool is_connected, is_over;
	struct buf reply; /* heap */
	size_t out_len, out_sent;
	char out[WHOIS_QUERY_BYTES + 2];
};

static void handle_closed(uv_handle_t *handle)
{
	struct whois_exchange *exchange = handle->data;

	if (--exchange->handles)
		return;
	buf_release(&exchange->reply);
	memory_free(exchange);
}

static void exchange_close(struct whois_exchange *exchange)
{
	exchange->is_over = true;
	uv_close((uv_handle_t *)&exchange->timer, handle_closed);
	if (exchange->fd < 0)
		return;
	uv_close((uv_handle_t *)&exchange->poll, handle_closed);
	close(exchange->fd);
}

void whois_cancel(struct whois_exchange *exchange)
{
	if (!exchange->is_over)
		exchange_close(exchange);
}

static void exchange_end(struct whois_exchange *exchange, enum dns_failure failure)
{
	if (exchange->is_over)
		return;
	exchange_close(exchange);
	exchange->callback(exchange->context, failure, buf_str(&exchange->reply));
}

static void exchange_read(struct whois_exchange *exchange)
{
	struct buf *reply = &exchange->reply;
	ssize_t got = recv(exchange->fd, buf_reserve(reply, READ_BYTES), READ_BYTES, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	reply->len += got > 0 ? (size_t)got : 0;
	if (reply->len > WHOIS_REPLY_BYTES)
		reply->len = WHOIS_REPLY_BYTES;
	if (got <= 0 || reply->len == WHOIS_REPLY_BYTES)
		exchange_end(exchange, reply->len ? DNS_FAILURE_NONE : DNS_FAILURE_RESET);
}

static void exchange_write(struct whois_exchange *exchange)
{
	ssize_t sent = send(exchange->fd, exchange->out + exchange->out_sent,
			    exchange->out_len - exchange->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	exchange->out_sent += sent > 0 ? (size_t)sent : 0;
}

static void exchange_ready(uv_poll_t *poll, int status, int events)
{
	struct whois_exchange *exchange = poll->data;

	if (!exchange->is_connected) {
		int error = socket_error(exchange->fd);

		if (error < 0) {
			exchange_end(exchange, error == -ECONNREFUSED ? DNS_FAILURE_REFUSED
								      : DNS_FAILURE_TIMEOUT);
			return;
		}
		exchange->is_connected = true;
	}
	if (exchange->out_sent < exchange->out_len)
		exchange_write(exchange);
	if (status < 0 || (events & UV_READABLE))
		exchange_read(exchange);
	if (!exchange->is_over)
		uv_poll_start(&exchange->poll,
			      UV_READABLE |
				      (exchange->out_sent < exchange->out_len ? UV_WRITABLE : 0),
			      exchange_ready);
}

/* Its time is up, or (without a connection) there is no route. */
static void exchange_due(uv_timer_t *timer)
{
	struct whois_exchange *exchange = timer->data;

	exchange_end(exchange, exchange->fd < 0 ? DNS_FAILURE_NO_ROUTE : DNS_FAILURE_TIMEOUT);
}

static void exchange_connect(struct whois_exchange *exchange, uv_loop_t *loop,
			     const struct destination *to)
{
	exchange->fd = socket_connect_tcp(to);
	if (exchange->fd < 0)
		return;
	if (uv_poll_init(loop, &exchange->poll, exchange->fd) < 0) {
		close(exchange->fd);
		exchange->fd = -1;
		return;
	}
	exchange->poll.data = exchange;
	exchange->handles++;
	uv_poll_start(&exchange->poll, UV_WRITABLE, exchange_ready);
}

int whois_start(uv_loop_t *loop, const struct egress *egress, const struct whois_request *request,
		whois_callback *callback, void *context, struct whois_exchange **ret)
{
	struct whois_exchange *exchange;
	struct destination to;

	if (!request->query.len || request->query.len > WHOIS_QUERY_BYTES ||
	    str_find_char(request->query, '\r') >= 0 || str_find_char(request->query, '\n') >= 0)
		return -EINVAL;
	TRY(destination_approve(egress, &request->server, WHOIS_PORT, &to));
	exchange = memory_alloc(sizeof *exchange);
	*exchange = (struct whois_exchange){ .callback = callback, .context = context };
	buf_init(&exchange->reply, NULL);
	memcpy(exchange->out, request->query.data, request->query.len);
	memcpy(exchange->out + request->query.len, "\r\n", 2);
	exchange->out_len = request->query.len + 2;
	uv_timer_init(loop, &exchange->timer);
	exchange->timer.data = exchange;
	exchange->handles = 1;
	exchange_connect(exchange, loop, &to);
	uv_timer_start(&exchange->timer, exchange_due,
		       exchange->fd < 0
			       ? 0
			       : (request->timeout_us ? request->timeout_us : TIMEOUT_US) / 1000,
		       0);
	*ret = exchange;
	return 0;
}

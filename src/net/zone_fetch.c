/* SPDX-License-Identifier: Apache-2.0 */
/* How does a zone come from a server that gives it? RFC 5936, RFC 7766. */
#include "net/zone_fetch.h"

#include "base/clock.h"
#include "net/dns_client.h"
#include "net/random.h"

#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_BYTES = 2 + DNS_MESSAGE_BYTES, TURN_READS = 8, WHY_BYTES = 300 };

struct zone_fetch {
	uv_poll_t poll;
	uv_timer_t whole, silence;
	uv_loop_t *loop;
	const struct zone_fetch_events *events;
	void *context;
	struct zone_stream stream;
	struct tsig_stream *tsig;
	unsigned handles;
	int fd;
	uint32_t silence_ms;
	bool is_connected, is_over, is_closed, is_paused;
	struct buf out; /* with its length in front */
	size_t out_sent, in_len;
	uint64_t bytes;
	uint8_t in[IN_BYTES];
};

static void fetch_ready(uv_poll_t *poll, int status, int events);

static void handle_closed(uv_handle_t *handle)
{
	struct zone_fetch *fetch = handle->data;

	if (--fetch->handles)
		return;
	tsig_stream_close(fetch->tsig);
	buf_release(&fetch->out);
	memory_free(fetch);
}

static void fetch_stop(struct zone_fetch *fetch)
{
	fetch->is_over = true;
	uv_timer_stop(&fetch->whole);
	uv_timer_stop(&fetch->silence);
	uv_poll_stop(&fetch->poll);
}

void zone_fetch_close(struct zone_fetch *fetch)
{
	if (!fetch || fetch->is_closed)
		return;
	fetch_stop(fetch);
	fetch->is_closed = true;
	uv_close((uv_handle_t *)&fetch->poll, handle_closed);
	uv_close((uv_handle_t *)&fetch->whole, handle_closed);
	uv_close((uv_handle_t *)&fetch->silence, handle_closed);
	close(fetch->fd);
}

static void fetch_fail(struct zone_fetch *fetch, const char *format, ...) PRINTF(2, 3);

static void fetch_fail(struct zone_fetch *fetch, const char *format, ...)
{
	char why[WHY_BYTES];
	va_list args;

	if (fetch->is_over)
		return;
	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	fetch_stop(fetch);
	fetch->events->on_end(fetch->context, NULL, why);
}

/* ---- what comes ---- */

static void silence_restart(struct zone_fetch *fetch);

/* False: nothing more is to be read. */
static bool message_take(struct zone_fetch *fetch, struct str message)
{
	struct err err = { 0 };
	struct buf names;
	int code = 0;

	if (fetch->tsig)
		code = tsig_stream_take(fetch->tsig, message, clock_utc_us() / 1000000, &err);
	buf_init(&names, NULL);
	if (code == 0)
		code = zone_stream_take(&fetch->stream, message, &names, &err);
	if (code == 1 && fetch->tsig && !tsig_stream_is_settled(fetch->tsig))
		code = err_set(&err, -EBADMSG,
			       "the last message of the transfer is not signed; nothing of it is "
			       "believed");
	if (code >= 0 && names.len)
		fetch->events->on_names(fetch->context, buf_str(&names));
	buf_release(&names);
	if (fetch->is_over)
		return false;
	if (code < 0) {
		fetch_fail(fetch, "%s", err.text);
	} else if (code == 1) {
		fetch_stop(fetch);
		fetch->events->on_end(fetch->context, &fetch->stream, NULL);
	}
	return code == 0;
}

static void messages_take(struct zone_fetch *fetch)
{
	struct str rest = str_bytes(fetch->in, fetch->in_len), message;
	int taken;

	while ((taken = dns_frame_take(&rest, &message)) == 1)
		if (!message_take(fetch, message))
			return;
	if (taken < 0) {
		fetch_fail(fetch, "the server sends no DNS over TCP");
		return;
	}
	memmove(fetch->in, rest.data, rest.len);
	fetch->in_len = rest.len;
}

static void fetch_read(struct zone_fetch *fetch)
{
	for (int i = 0; i < TURN_READS && !fetch->is_over && !fetch->is_paused; i++) {
		ssize_t got = recv(fetch->fd, fetch->in + fetch->in_len, IN_BYTES - fetch->in_len,
				   MSG_DONTWAIT);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			fetch_fail(fetch,
				   "the server closes the connection before the zone's end, after "
				   "%llu records",
				   (unsigned long long)fetch->stream.records);
			return;
		}
		silence_restart(fetch);
		fetch->in_len += (size_t)got;
		fetch->bytes += (uint64_t)got;
		if (fetch->bytes > ZONE_FETCH_BYTES)
			fetch_fail(fetch, "the transfer has more than %d MiB",
				   ZONE_FETCH_BYTES >> 20);
		else
			messages_take(fetch);
	}
}

/* ---- the connection ---- */

static void fetch_listen(struct zone_fetch *fetch)
{
	bool writes = !fetch->is_connected || fetch->out_sent < fetch->out.len;

	uv_poll_start(&fetch->poll,
		      (fetch->is_paused ? 0 : UV_READABLE) | (writes ? UV_WRITABLE : 0),
		      fetch_ready);
}

static void fetch_write(struct zone_fetch *fetch)
{
	ssize_t sent = send(fetch->fd, fetch->out.data + fetch->out_sent,
			    fetch->out.len - fetch->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	fetch->out_sent += sent > 0 ? (size_t)sent : 0;
}

static void fetch_ready(uv_poll_t *poll, int status, int events)
{
	struct zone_fetch *fetch = poll->data;
	int error;

	if (!fetch->is_connected) {
		error = socket_error(fetch->fd);
		if (error < 0) {
			fetch_fail(fetch, "the server cannot be reached: %s", strerror(-error));
			return;
		}
		fetch->is_connected = true;
	}
	if (fetch->out_sent < fetch->out.len)
		fetch_write(fetch);
	if (status < 0 || (events & UV_READABLE))
		fetch_read(fetch);
	if (!fetch->is_over && !fetch->is_paused)
		fetch_listen(fetch);
}

static void on_silence(uv_timer_t *timer)
{
	struct zone_fetch *fetch = timer->data;

	if (!fetch->is_connected)
		fetch_fail(fetch, "the server does not take the connection within %u s",
			   fetch->silence_ms / 1000);
	else
		fetch_fail(fetch, "the server says nothing for %u s, after %llu records",
			   fetch->silence_ms / 1000, (unsigned long long)fetch->stream.records);
}

static void silence_restart(struct zone_fetch *fetch)
{
	uv_timer_start(&fetch->silence, on_silence, fetch->silence_ms, 0);
}

static void on_whole(uv_timer_t *timer)
{
	struct zone_fetch *fetch = timer->data;

	fetch_fail(fetch, "the transfer did not end in time, after %llu records",
		   (unsigned long long)fetch->stream.records);
}

void zone_fetch_pause(struct zone_fetch *fetch)
{
	if (fetch->is_over)
		return;
	fetch->is_paused = true;
	uv_timer_stop(&fetch->silence);
	uv_poll_stop(&fetch->poll);
}

void zone_fetch_resume(struct zone_fetch *fetch)
{
	if (fetch->is_over || !fetch->is_paused)
		return;
	fetch->is_paused = false;
	silence_restart(fetch);
	fetch_listen(fetch);
}

/* ---- its beginning ---- */

static int question_write(struct zone_fetch *fetch, const struct zone_fetch_order *order,
			  struct err *err)
{
	struct dns_query query = { .name = order->zone,
				   .type = DNS_AXFR,
				   .flags = DNS_QUERY_NO_EDNS };
	uint8_t wire[DNS_QUERY_BYTES];
	struct random random = { 0 };
	struct buf message;
	int len = dns_query_write(&query, wire), code = 0;

	if (len < 0)
		return err_set(err, len, "the zone's name is no domain name");
	random_bytes(&random, wire, 2);
	fetch->stream.id = (uint16_t)(wire[0] << 8 | wire[1]);
	buf_init(&message, NULL);
	buf_put(&message, wire, (size_t)len);
	if (order->key)
		code = tsig_stream_open(order->key, &fetch->tsig, err);
	if (code == 0 && order->key)
		code = tsig_stream_sign(fetch->tsig, &message, clock_utc_us() / 1000000);
	if (code == 0)
		code = dns_frame_put(&fetch->out, buf_str(&message));
	buf_release(&message);
	return code;
}

static int fetch_connect(struct zone_fetch *fetch, const struct destination *to, struct err *err)
{
	fetch->fd = socket_connect_tcp(to);
	if (fetch->fd < 0)
		return err_set(err, fetch->fd, "the server cannot be reached: %s",
			       strerror(-fetch->fd));
	if (uv_poll_init(fetch->loop, &fetch->poll, fetch->fd) < 0) {
		close(fetch->fd);
		return err_set(err, -EMFILE, "no socket can be watched");
	}
	uv_timer_init(fetch->loop, &fetch->whole);
	uv_timer_init(fetch->loop, &fetch->silence);
	fetch->poll.data = fetch->whole.data = fetch->silence.data = fetch;
	fetch->handles = 3;
	return 0;
}

int zone_fetch_start(uv_loop_t *loop, const struct egress *egress,
		     const struct zone_fetch_order *order, const struct zone_fetch_events *events,
		     void *context, struct zone_fetch **ret, struct err *err)
{
	struct zone_fetch *fetch;
	struct destination to;
	int code;

	TRY(destination_approve(egress, &order->server, order->port ? order->port : DNS_PORT, &to));
	fetch = memory_alloc(sizeof *fetch);
	memset(fetch, 0, offsetof(struct zone_fetch, in));
	fetch->loop = loop;
	fetch->events = events;
	fetch->context = context;
	fetch->stream.zone = order->zone;
	fetch->stream.takes_all = order->takes_all;
	fetch->silence_ms = order->silence_ms ? order->silence_ms : ZONE_FETCH_SILENCE_MS;
	buf_init(&fetch->out, NULL);
	code = question_write(fetch, order, err);
	if (code == 0)
		code = fetch_connect(fetch, &to, err);
	if (code < 0) {
		tsig_stream_close(fetch->tsig);
		buf_release(&fetch->out);
		memory_free(fetch);
		return code;
	}
	uv_timer_start(&fetch->whole, on_whole,
		       order->timeout_ms ? order->timeout_ms : ZONE_FETCH_MS, 0);
	silence_restart(fetch);
	fetch_listen(fetch);
	*ret = fetch;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Does a server hand out a whole zone? RFC 5936. */
#include "net/axfr.h"

#include "net/random.h"

#include <sys/socket.h>
#include <unistd.h>

enum { DEFAULT_TIMEOUT_US = 10000000, IN_BYTES = 2 + DNS_MESSAGE_BYTES, RECORD_BYTES = 10 };

struct axfr {
	uv_poll_t poll;
	uv_timer_t timer;
	uv_loop_t *loop;
	axfr_callback *callback;
	void *context;
	int fd;
	unsigned handles;
	bool is_connected, is_over;
	size_t out_len, out_sent, in_len, total_bytes;
	size_t first_len;
	uint16_t last_type;
	struct axfr_result result;
	struct random random;
	uint8_t out[2 + DNS_QUERY_BYTES];
	uint8_t in[IN_BYTES];
	uint8_t first[DNS_MESSAGE_BYTES];
};

static void handle_closed(uv_handle_t *handle)
{
	struct axfr *axfr = handle->data;

	if (!--axfr->handles)
		memory_free(axfr);
}

static void axfr_close(struct axfr *axfr)
{
	axfr->is_over = true;
	uv_close((uv_handle_t *)&axfr->timer, handle_closed);
	if (axfr->fd < 0)
		return;
	uv_close((uv_handle_t *)&axfr->poll, handle_closed);
	close(axfr->fd);
}

void axfr_cancel(struct axfr *axfr)
{
	if (!axfr->is_over)
		axfr_close(axfr);
}

static void axfr_end(struct axfr *axfr, enum dns_failure failure)
{
	if (axfr->is_over)
		return;
	axfr->result.failure = axfr->first_len ? DNS_FAILURE_NONE : failure;
	axfr->result.first = str_bytes(axfr->first, axfr->first_len);
	axfr_close(axfr);
	axfr->callback(axfr->context, &axfr->result);
}

static uint16_t u16(const uint8_t *octets)
{
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

/* Behind the name at offset; 0 when it runs out of the message. */
static size_t name_end(const uint8_t *octets, size_t len, size_t at)
{
	while (at < len && octets[at] && octets[at] <= DNS_LABEL_BYTES)
		at += octets[at] + 1u;
	if (at >= len)
		return 0;
	if (!octets[at])
		return at + 1;
	return octets[at] >= 0xc0 && len - at >= 2 ? at + 2 : 0;
}

/* False when the message is broken. */
static bool records_count(struct axfr *axfr, const uint8_t *octets, size_t len)
{
	unsigned questions = u16(octets + 4), answers = u16(octets + 6);
	size_t at = DNS_HEADER_BYTES;

	for (; questions; questions--) {
		at = name_end(octets, len, at);
		if (!at || len - at < 4)
			return false;
		at += 4;
	}
	for (; answers && axfr->result.record_count < AXFR_RECORDS; answers--) {
		at = name_end(octets, len, at);
		if (!at || len - at < RECORD_BYTES ||
		    len - at - RECORD_BYTES < u16(octets + at + 8))
			return false;
		axfr->last_type = u16(octets + at);
		axfr->result.soa_count += axfr->last_type == DNS_SOA;
		axfr->result.record_count++;
		at += RECORD_BYTES + u16(octets + at + 8);
	}
	return true;
}

/* True when there is nothing more to wait for. */
static bool message_take(struct axfr *axfr, struct str message)
{
	const uint8_t *octets = (const uint8_t *)message.data;
	struct dns_header header;
	struct axfr_result *result = &axfr->result;

	if (dns_header_read(message, &header) < 0 || !header.is_response ||
	    u16(octets) != u16(axfr->out + 2) || !records_count(axfr, octets, message.len)) {
		axfr_end(axfr, DNS_FAILURE_GARBAGE);
		return true;
	}
	if (!axfr->first_len) {
		axfr->first_len = message.len;
		memcpy(axfr->first, message.data, message.len);
		result->rcode = header.rcode;
	}
	result->is_complete = result->soa_count >= 2 && axfr->last_type == DNS_SOA;
	if (!result->is_complete && !header.rcode && result->record_count &&
	    result->record_count < AXFR_RECORDS)
		return false;
	axfr_end(axfr, DNS_FAILURE_NONE);
	return true;
}

static void axfr_read(struct axfr *axfr)
{
	ssize_t got =
		recv(axfr->fd, axfr->in + axfr->in_len, IN_BYTES - axfr->in_len, MSG_DONTWAIT);
	struct str rest, message;
	int taken;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		axfr_end(axfr, DNS_FAILURE_RESET);
		return;
	}
	axfr->in_len += (size_t)got;
	axfr->total_bytes += (size_t)got;
	rest = str_bytes(axfr->in, axfr->in_len);
	while ((taken = dns_frame_take(&rest, &message)) == 1)
		if (message_take(axfr, message))
			return;
	if (taken < 0 || axfr->total_bytes >= AXFR_BYTES) {
		axfr_end(axfr, DNS_FAILURE_GARBAGE);
		return;
	}
	memmove(axfr->in, rest.data, rest.len);
	axfr->in_len = rest.len;
}

static void axfr_write(struct axfr *axfr)
{
	ssize_t sent = send(axfr->fd, axfr->out + axfr->out_sent, axfr->out_len - axfr->out_sent,
			    MSG_NOSIGNAL | MSG_DONTWAIT);

	axfr->out_sent += sent > 0 ? (size_t)sent : 0;
}

static void axfr_ready(uv_poll_t *poll, int status, int events)
{
	struct axfr *axfr = poll->data;
	int error;

	if (!axfr->is_connected) {
		error = socket_error(axfr->fd);
		if (error < 0) {
			axfr_end(axfr, error == -ECONNREFUSED ? DNS_FAILURE_REFUSED
							      : DNS_FAILURE_TIMEOUT);
			return;
		}
		axfr->is_connected = true;
	}
	if (axfr->out_sent < axfr->out_len)
		axfr_write(axfr);
	if (status < 0 || (events & UV_READABLE))
		axfr_read(axfr);
	if (!axfr->is_over)
		uv_poll_start(&axfr->poll,
			      UV_READABLE | (axfr->out_sent < axfr->out_len ? UV_WRITABLE : 0),
			      axfr_ready);
}

/* Its time is up, or (without a connection) there is no route. */
static void axfr_due(uv_timer_t *timer)
{
	struct axfr *axfr = timer->data;

	axfr_end(axfr, axfr->fd < 0 ? DNS_FAILURE_NO_ROUTE : DNS_FAILURE_TIMEOUT);
}

static void axfr_connect(struct axfr *axfr, const struct destination *to)
{
	axfr->fd = socket_connect_tcp(to);
	if (axfr->fd < 0)
		return;
	if (uv_poll_init(axfr->loop, &axfr->poll, axfr->fd) < 0) {
		close(axfr->fd);
		axfr->fd = -1;
		return;
	}
	axfr->poll.data = axfr;
	axfr->handles++;
	uv_poll_start(&axfr->poll, UV_WRITABLE, axfr_ready);
}

int axfr_start(uv_loop_t *loop, const struct egress *egress, const struct axfr_request *request,
	       axfr_callback *callback, void *context, struct axfr **ret)
{
	struct dns_query query = { .name = request->zone,
				   .type = DNS_AXFR,
				   .flags = DNS_QUERY_NO_EDNS };
	uint8_t wire[DNS_QUERY_BYTES];
	struct destination to;
	struct axfr *axfr;
	int len;

	TRY(destination_approve(egress, &request->server, request->port ? request->port : DNS_PORT,
				&to));
	len = dns_query_write(&query, wire);
	if (len < 0)
		return len;
	axfr = memory_alloc(sizeof *axfr);
	memset(axfr, 0, offsetof(struct axfr, in));
	axfr->loop = loop;
	axfr->callback = callback;
	axfr->context = context;
	random_bytes(&axfr->random, wire, 2);
	axfr->out[0] = (uint8_t)(len >> 8);
	axfr->out[1] = (uint8_t)len;
	memcpy(axfr->out + 2, wire, (size_t)len);
	axfr->out_len = 2 + (size_t)len;
	uv_timer_init(loop, &axfr->timer);
	axfr->timer.data = axfr;
	axfr->handles = 1;
	axfr_connect(axfr, &to);
	uv_timer_start(&axfr->timer, axfr_due,
		       axfr->fd < 0
			       ? 0
			       : (request->timeout_us ? request->timeout_us : DEFAULT_TIMEOUT_US) /
					 1000,
		       0);
	if (ret)
		*ret = axfr;
	return 0;
}

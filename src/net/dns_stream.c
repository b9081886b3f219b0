/* SPDX-License-Identifier: Apache-2.0 */
/* How do queries and answers go over one TCP connection? RFC 1035 section 4.2.2, RFC 7766. */
#include "net/dns_table.h"

#include <sys/socket.h>

enum { STREAM_GARBAGE = 64, STREAM_READS = 4 };

static enum dns_failure failure_of(int error)
{
	switch (error) {
	case -ECONNREFUSED:
		return DNS_FAILURE_REFUSED;
	case -ECONNRESET:
	case -EPIPE:
		return DNS_FAILURE_RESET;
	default:
		return DNS_FAILURE_TIMEOUT; /* unreachable, silent */
	}
}

/* Errors of sending show when reading. */
static void stream_flush(struct dns_connection *connection)
{
	size_t left = connection->out_len - connection->out_sent;
	ssize_t sent = 0;

	if (left)
		sent = send(connection->fd, connection->out + connection->out_sent, left,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent > 0)
		connection->out_sent += (size_t)sent;
	if (connection->out_sent == connection->out_len)
		connection->out_sent = connection->out_len = 0;
	uv_poll_start(&connection->poll, UV_READABLE | (connection->out_len ? UV_WRITABLE : 0),
		      stream_ready);
}

static struct dns_row *row_with(const struct dns_connection *connection, uint16_t id)
{
	struct dns_row *row = connection->rows.first;

	while (row && row->id != id)
		row = row->next;
	return row;
}

void stream_put(struct dns_connection *connection, struct dns_row *row)
{
	struct dns_client *client = connection->client;
	uint8_t *out = connection->out + connection->out_len;

	do
		ids_draw(client, row);
	while (row_with(connection, row->id));
	out[0] = (uint8_t)(row->query_len >> 8);
	out[1] = (uint8_t)row->query_len;
	memcpy(out + 2, row->query, row->query_len);
	connection->out_len += 2u + row->query_len;
	row_list_put(&connection->rows, row);
	row->connection = connection;
	row->state = ROW_STREAM;
	row->tries_made++;
	row->sent_us = client->now_us;
	client->counts.sent++;
	row_start_timer(client, row);
	if (connection->state == CONNECTION_OPEN)
		stream_flush(connection);
}

static void message_read(struct dns_connection *connection, struct str packet)
{
	struct dns_client *client = connection->client;
	const uint8_t *octets = (const uint8_t *)packet.data;
	struct dns_row *row = NULL;
	int match = 0;

	client->counts.received++;
	if (packet.len >= DNS_HEADER_BYTES)
		row = row_with(connection, (uint16_t)(octets[0] << 8 | octets[1]));
	if (!row) {
		client->counts.unmatched++;
		if (++connection->garbage > STREAM_GARBAGE)
			tcp_drop(client, connection, DNS_FAILURE_GARBAGE);
		return;
	}
	if (row_judge(row, packet, &match) == ANSWER_GARBAGE) {
		client->counts.garbage++;
		row->garbage++;
		return;
	}
	connection->answered++;
	row_answer(client, row, packet, match, &client->servers[connection->server], true);
}

/* All whole messages in the buffer. */
static void messages_read(struct dns_connection *connection)
{
	struct str rest = str_bytes(connection->in, connection->in_len), message;
	int taken;

	while ((taken = dns_frame_take(&rest, &message)) == 1) {
		message_read(connection, message);
		if (connection->state != CONNECTION_OPEN)
			return;
	}
	if (taken < 0) {
		tcp_drop(connection->client, connection, DNS_FAILURE_GARBAGE);
		return;
	}
	memmove(connection->in, rest.data, rest.len);
	connection->in_len = rest.len;
}

static void stream_read(struct dns_connection *connection)
{
	for (int i = 0; i < STREAM_READS && connection->state == CONNECTION_OPEN; i++) {
		ssize_t got = recv(connection->fd, connection->in + connection->in_len,
				   DNS_STREAM_IN_BYTES - connection->in_len, MSG_DONTWAIT);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			tcp_drop(connection->client, connection,
				 got < 0 ? failure_of(-errno) : DNS_FAILURE_RESET);
			return;
		}
		connection->in_len += (size_t)got;
		messages_read(connection);
	}
}

void stream_ready(uv_poll_t *poll, int status, int events)
{
	struct dns_connection *connection = poll->data;
	int error;

	client_read_clock(connection->client);
	if (connection->state == CONNECTION_OPENING) {
		error = socket_error(connection->fd);
		if (error < 0) {
			tcp_drop(connection->client, connection, failure_of(error));
			return;
		}
		connection->state = CONNECTION_OPEN;
		stream_flush(connection);
		return;
	}
	if (status < 0 || (events & UV_READABLE))
		stream_read(connection);
	if (connection->state == CONNECTION_OPEN && connection->out_len)
		stream_flush(connection);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Through which sockets do queries leave, and what comes back as complaints? */
#include "net/dns_table.h"

#include <unistd.h>

static void socket_closed(uv_handle_t *handle)
{
	struct dns_socket *socket = handle->data;

	socket->state = SOCKET_CLOSED;
	client_handle_closed(socket->client);
}

static void socket_close(struct dns_socket *socket)
{
	socket->state = SOCKET_CLOSING;
	uv_close((uv_handle_t *)&socket->poll, socket_closed);
	close(socket->fd);
	socket->fd = -1;
}

/* Only the port that a row's own query found dead counts; other ICMP errors are left to time. */
static void complaint_apply(struct dns_client *client, const struct dns_socket *socket,
			    const struct socket_complaint *complaint)
{
	const struct dns_server *server;
	struct dns_row *row;

	if (complaint->error != ECONNREFUSED || complaint->len < 2)
		return;
	/* From now on one by one, so that each query hears of it. */
	if (socket->lane == LANE_RESOLVER)
		client->is_resolver_heard = false;
	row = ids_find(client, socket->index,
		       (uint16_t)(complaint->head[0] << 8 | complaint->head[1]));
	if (!row || row->state != ROW_SENT)
		return;
	server = row_server(client, row);
	if (server->port == complaint->port && address_eq(&server->address, &complaint->to))
		row_try_failed(client, row, DNS_FAILURE_REFUSED);
}

static bool read_complaints(struct dns_client *client, struct dns_socket *socket)
{
	struct socket_complaint complaint;
	bool found = false;

	for (int i = 0; i < DNS_BATCH && socket->fd >= 0; i++) {
		if (!socket_take_complaint(socket->fd, &complaint))
			break;
		found = true;
		complaint_apply(client, socket, &complaint);
	}
	return found;
}

static void socket_ready(uv_poll_t *poll, int status, int events);

static void socket_watch(struct dns_socket *socket)
{
	uv_poll_start(&socket->poll, UV_READABLE | UV_PRIORITIZED, socket_ready);
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
	struct dns_socket *socket = poll->data;
	struct dns_client *client = socket->client;

	client_read_clock(client);
	/* libuv stops watching when it sees an error without the flag that says "error queue". */
	if (status < 0)
		socket_watch(socket);
	if (status < 0 || (events & UV_PRIORITIZED))
		read_complaints(client, socket);
	if (socket->fd >= 0)
		inbox_read(client, socket);
}

static int socket_start(struct dns_client *client, struct dns_socket *socket, enum dns_lane lane)
{
	int bytes = (int)client->settings.receive_bytes, fd;
	uint16_t jitter;

	if (lane == LANE_RESOLVER)
		fd = socket_connect_udp(&client->servers[client->resolver - 1].to, bytes);
	else
		fd = socket_open_udp(lane == LANE_IPV6 ? ADDRESS_IPV6 : ADDRESS_IPV4, bytes);
	if (fd < 0)
		return fd;
	if (uv_poll_init(client->loop, &socket->poll, fd) < 0) {
		close(fd);
		return -EMFILE;
	}
	socket->poll.data = socket;
	socket->fd = fd;
	socket->state = SOCKET_OPEN;
	socket->lane = (uint8_t)lane;
	socket->pending = socket->used = 0;
	random_bytes(&client->random, &jitter, sizeof jitter);
	socket->renew_at = client->settings.renew_after * 3 / 4 +
			   client->settings.renew_after * (jitter & 0xff) / 512;
	client->handles++;
	socket_watch(socket);
	uv_unref((uv_handle_t *)&socket->poll);
	return 0;
}

/* Two slots a place: the socket in use, and the one that it replaces until its rows are gone. */
static struct dns_socket *socket_at(struct dns_client *client, int lane, uint8_t place)
{
	struct dns_socket *pair = &client->sockets[lane * DNS_LANE_SLOTS + place * 2];
	struct dns_socket *open = pair[0].state == SOCKET_OPEN   ? &pair[0]
				  : pair[1].state == SOCKET_OPEN ? &pair[1]
								 : NULL;
	struct dns_socket *spare = open == &pair[0] ? &pair[1] : &pair[0];

	if (open && open->used < open->renew_at)
		return open;
	if (spare->state != SOCKET_CLOSED || socket_start(client, spare, (enum dns_lane)lane) < 0)
		return open;
	if (open) {
		client->counts.sockets_renewed++;
		open->state = SOCKET_RETIRED;
	}
	return spare;
}

void udp_row_left(struct dns_client *client, uint8_t socket)
{
	client->sockets[socket].pending--;
}

/* A connected socket keeps its own address: when that is gone, only a new socket helps. */
void udp_row_silent(struct dns_client *client, uint8_t socket)
{
	if (client->sockets[socket].lane == LANE_RESOLVER)
		client->sockets[socket].used += client->settings.renew_after / 16;
}

static void close_retired(struct dns_client *client)
{
	for (size_t i = 0; i < ARRAY_COUNT(client->sockets); i++)
		if (client->sockets[i].state == SOCKET_RETIRED && !client->sockets[i].pending)
			socket_close(&client->sockets[i]);
}

struct batch {
	struct dns_socket *socket;
	size_t count;
	struct dns_row *rows[DNS_BATCH];
	struct socket_datagram datagrams[DNS_BATCH];
};

/* Neighbours of one length can leave as one packet. */
static void batch_order(struct batch *batch)
{
	uint8_t first[DNS_QUERY_BYTES + 1], next[DNS_BATCH];
	struct dns_row *rows[DNS_BATCH];
	size_t least = DNS_QUERY_BYTES, most = 0, count = 0;

	memset(first, DNS_BATCH, sizeof first);
	for (size_t i = batch->count; i-- > 0;) {
		uint16_t len = batch->rows[i]->query_len;

		rows[i] = batch->rows[i];
		next[i] = first[len];
		first[len] = (uint8_t)i;
		least = MIN(least, len);
		most = MAX(most, len);
	}
	for (size_t len = least; len <= most; len++)
		for (size_t i = first[len]; i < DNS_BATCH; i = next[i])
			batch->rows[count++] = rows[i];
}

/* The head of the queue, as far as it may leave through one socket. */
static void batch_fill(struct dns_client *client, int lane, struct batch *batch)
{
	struct dns_row *row = client->queue[lane].first;

	batch->count = 0;
	if (row->socket != DNS_NO_SOCKET) {
		batch->socket = &client->sockets[row->socket];
	} else {
		client->socket_at[lane] =
			(uint8_t)((client->socket_at[lane] + 1u) % client->settings.sockets);
		batch->socket = socket_at(client, lane, client->socket_at[lane]);
	}
	for (; batch->socket && row && batch->count < DNS_BATCH; row = row->next) {
		if (row->socket == DNS_NO_SOCKET && batch->socket->state == SOCKET_OPEN) {
			ids_register(client, row, batch->socket->index);
			batch->socket->pending++;
		}
		if (row->socket != batch->socket->index)
			break;
		batch->rows[batch->count++] = row;
	}
}

static int batch_send(struct dns_client *client, int lane, struct batch *batch)
{
	bool is_resolver = lane == LANE_RESOLVER;
	bool in_segments = is_resolver && client->is_resolver_heard && !client->lacks_segments;
	int sent;

	if (in_segments)
		batch_order(batch);
	for (size_t i = 0; i < batch->count; i++) {
		struct dns_row *row = batch->rows[i];

		batch->datagrams[i] =
			(struct socket_datagram){ is_resolver ? NULL : &row_server(client, row)->to,
						  row->query, row->query_len };
	}
	if (!in_segments)
		return socket_send_batch(batch->socket->fd, batch->datagrams, batch->count);
	sent = socket_send_segments(batch->socket->fd, batch->datagrams, batch->count);
	if (sent != -EIO && sent != -EINVAL && sent != -EOPNOTSUPP)
		return sent;
	client->lacks_segments = true;
	return socket_send_batch(batch->socket->fd, batch->datagrams, batch->count);
}

static void batch_left(struct dns_client *client, struct batch *batch, size_t sent)
{
	batch->socket->used += (uint32_t)sent;
	client->counts.sent += sent;
	for (size_t i = 0; i < sent && i < batch->count; i++) {
		struct dns_row *row = batch->rows[i];

		row_list_take(row_queue(client, row), row);
		row->state = ROW_SENT;
		row->tries_made++;
		row->sent_us = client->now_us;
		row_start_timer(client, row);
	}
}

/* The kernel takes no more now: what stays is tried again soon, until its deadline. */
static void queue_park(struct dns_client *client, struct dns_row_list *queue)
{
	for (struct dns_row *row = queue->first; row; row = row->next)
		if (!timer_is_running(&row->timer)) {
			row->is_deadline_next = true;
			timer_start(&client->timers, &row->timer, row->deadline_us);
		}
}

/* False when the kernel takes no more for now. */
static bool send_some(struct dns_client *client, int lane)
{
	struct dns_row_list *queue = &client->queue[lane];
	struct batch batch;
	int sent;

	batch_fill(client, lane, &batch);
	if (!batch.count) {
		row_try_failed(client, queue->first, DNS_FAILURE_NO_ROUTE);
		return true;
	}
	sent = batch_send(client, lane, &batch);
	if (sent > 0) {
		batch_left(client, &batch, (size_t)sent);
		return true;
	}
	if (sent == -EAGAIN || sent == -ENOBUFS) {
		queue_park(client, queue);
		return false;
	}
	/* A pending complaint about an earlier datagram fails a send that has nothing to do with it.
	 */
	if (socket_error(batch.socket->fd) < 0 || read_complaints(client, batch.socket))
		return true;
	row_try_failed(client, batch.rows[0], DNS_FAILURE_NO_ROUTE);
	return true;
}

void udp_flush(struct dns_client *client)
{
	close_retired(client);
	for (int lane = 0; lane < LANES; lane++) {
		struct dns_row_list *queue = &client->queue[lane];
		/* Callbacks may ask again at once: what they ask leaves in the next turn. */
		size_t turns = queue->count * 2;

		while (turns-- && queue->first && !client->is_closing)
			if (!send_some(client, lane))
				break;
		if (queue->first && !client->is_closing)
			timer_start(&client->timers, &client->again, client->now_us + AGAIN_US);
	}
}

void udp_close(struct dns_client *client)
{
	for (size_t i = 0; i < ARRAY_COUNT(client->sockets); i++)
		if (client->sockets[i].fd >= 0)
			socket_close(&client->sockets[i]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which connection carries a query over TCP, and when is it closed? RFC 7766. */
#include "net/dns_table.h"

#include <unistd.h>

enum { WAITING_LOOK = 64, STREAM_RESTARTS = 1 };

static void connection_closed(uv_handle_t *handle)
{
	struct dns_connection *connection = handle->data;
	struct dns_client *client = connection->client;

	memory_free(connection->in);
	memory_free(connection->out);
	connection->in = connection->out = NULL;
	connection->state = CONNECTION_FREE;
	client->connection_count--;
	client_handle_closed(client);
}

static void connection_close(struct dns_client *client, struct dns_connection *connection)
{
	struct dns_server *server = &client->servers[connection->server];

	timer_stop(&client->timers, &connection->timer);
	connection->state = CONNECTION_CLOSING;
	uv_close((uv_handle_t *)&connection->poll, connection_closed);
	close(connection->fd);
	for (int i = 0; i < DNS_SERVER_CONNECTIONS; i++)
		if (server->connection[i] == connection)
			server->connection[i] = NULL;
	server_release(client, connection->server);
}

void tcp_drop(struct dns_client *client, struct dns_connection *connection, enum dns_failure why)
{
	struct dns_row *row;

	connection_close(client, connection);
	while ((row = connection->rows.first) && !client->is_closing) {
		row_detach(client, row);
		/* A server may close an idle connection just when we use it again (section 6.2.4). */
		if (why == DNS_FAILURE_RESET && connection->answered &&
		    row->stream_restarts < STREAM_RESTARTS) {
			row->stream_restarts++;
			tcp_start(client, row);
		} else {
			row_try_failed(client, row, why);
		}
	}
}

void tcp_settle(struct dns_client *client, struct dns_connection *connection)
{
	if (connection->rows.count || connection->state == CONNECTION_CLOSING)
		return;
	if (connection->is_suspect || connection->state == CONNECTION_OPENING)
		connection_close(client, connection);
	else
		timer_start(&client->timers, &connection->timer,
			    client->now_us + client->settings.idle_us);
}

static void idle_timed_out(struct timer *timer)
{
	struct dns_connection *connection = (struct dns_connection *)timer;

	connection_close(connection->client, connection);
}

void tcp_detach(struct dns_client *client, struct dns_row *row)
{
	struct dns_connection *connection = row->connection;

	row_list_take(&connection->rows, row);
	row->connection = NULL;
	tcp_settle(client, connection);
}

static bool has_room(const struct dns_connection *connection)
{
	return !connection->is_suspect && connection->rows.count < DNS_PIPELINE &&
	       connection->out_len + 2 + DNS_QUERY_BYTES <= DNS_STREAM_OUT_BYTES;
}

static struct dns_connection *free_connection(struct dns_client *client)
{
	struct dns_connection *idle = NULL;

	for (size_t i = 0; i < client->settings.connections; i++) {
		struct dns_connection *connection = &client->connections[i];

		if (connection->state == CONNECTION_FREE)
			return connection;
		if (connection->state == CONNECTION_OPEN && !connection->rows.count)
			idle = connection;
	}
	if (idle) /* its place is free in the next turn */
		connection_close(client, idle);
	return NULL;
}

/* NULL: all places are taken. A failure to open gives a negative code in *ret_error. */
static struct dns_connection *connection_open(struct dns_client *client, uint32_t index, int place,
					      int *ret_error)
{
	struct dns_server *server = &client->servers[index];
	struct dns_connection *connection = free_connection(client);
	int fd;

	if (!connection)
		return NULL;
	fd = socket_connect_tcp(&server->to);
	if (fd < 0) {
		*ret_error = fd;
		return NULL;
	}
	*connection = (struct dns_connection){ .client = client,
					       .server = index,
					       .fd = fd,
					       .state = CONNECTION_OPENING,
					       .timer.on_due = idle_timed_out };
	if (uv_poll_init(client->loop, &connection->poll, fd) < 0) {
		close(fd);
		connection->state = CONNECTION_FREE;
		*ret_error = -EMFILE;
		return NULL;
	}
	connection->poll.data = connection;
	connection->in = memory_alloc(DNS_STREAM_IN_BYTES);
	connection->out = memory_alloc(DNS_STREAM_OUT_BYTES);
	client->handles++;
	client->connection_count++;
	client->counts.tcp_connections++;
	server->connection[place] = connection;
	server->refs++;
	uv_unref((uv_handle_t *)&connection->poll);
	uv_poll_start(&connection->poll, UV_WRITABLE, stream_ready);
	return connection;
}

static struct dns_connection *connection_for(struct dns_client *client, uint32_t index,
					     int *ret_error)
{
	struct dns_server *server = &client->servers[index];
	int place = -1;

	for (int i = 0; i < DNS_SERVER_CONNECTIONS; i++) {
		if (server->connection[i] && has_room(server->connection[i]))
			return server->connection[i];
		if (!server->connection[i])
			place = i;
	}
	return place < 0 ? NULL : connection_open(client, index, place, ret_error);
}

/* What connect says at once is about us; what it says later is the network's. */
static enum dns_failure failure_at_once(int error)
{
	return error == -ECONNREFUSED ? DNS_FAILURE_REFUSED : DNS_FAILURE_NO_ROUTE;
}

void tcp_start(struct dns_client *client, struct dns_row *row)
{
	int error = 0;
	struct dns_connection *connection =
		connection_for(client, row->server[row->server_at], &error);

	if (connection) {
		timer_stop(&client->timers, &connection->timer);
		client->counts.tcp_queries++;
		stream_put(connection, row);
	} else if (error) {
		row_try_failed(client, row, failure_at_once(error));
	} else {
		row->state = ROW_WAITING;
		row_list_put(&client->waiting, row);
		timer_start(&client->timers, &row->timer, row->deadline_us);
	}
}

/* Rows that find no place again go to the end of the list. */
void tcp_serve_waiting(struct dns_client *client)
{
	size_t looks = MIN(client->waiting.count, (size_t)WAITING_LOOK);

	while (looks-- && client->waiting.first && !client->is_closing) {
		struct dns_row *row = client->waiting.first;

		row_detach(client, row);
		tcp_start(client, row);
	}
}

void tcp_close(struct dns_client *client)
{
	for (size_t i = 0; i < client->settings.connections; i++) {
		struct dns_connection *connection = &client->connections[i];

		if (connection->state == CONNECTION_OPENING || connection->state == CONNECTION_OPEN)
			connection_close(client, connection);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How is a DNS query taken in, and what happens in each turn of the loop? */
#include "net/dns_table.h"

#include "base/clock.h"

enum {
	DEFAULT_ROWS = 4096,
	ROWS_MOST = 32768, /* ids stay easy to find on every socket */
	DEFAULT_TIMEOUT_US = 1000000,
	DEFAULT_TRIES = 3,
	DEFAULT_DEADLINE_US = 120000000
};

void client_read_clock(struct dns_client *client)
{
	client->now_us = clock_monotonic_us();
}

void client_handle_closed(struct dns_client *client)
{
	if (--client->handles || !client->is_closing)
		return;
	inbox_close(client);
	memory_free(client->connections);
	memory_free(client->servers);
	memory_free(client->server_heads);
	memory_free(client->ids);
	memory_free(client->rows);
	memory_free(client);
}

static void handle_closed(uv_handle_t *handle)
{
	client_handle_closed(handle->data);
}

/* Waking the loop is all: before_wait does the work. */
static void turn_again(struct timer *timer)
{
}

static void start_fresh(struct dns_client *client)
{
	for (size_t left = client->fresh.count; left && client->fresh.first; left--) {
		struct dns_row *row = client->fresh.first;

		row_detach(client, row);
		if (row->server_count)
			row_try(client, row);
		else
			row_fail(client, row, DNS_FAILURE_POLICY);
	}
}

static void before_wait(uv_prepare_t *prepare)
{
	struct dns_client *client = prepare->data;

	if (!client->pending && !client->was_full)
		return;
	client_read_clock(client);
	start_fresh(client);
	if (client->fresh.count && !client->is_closing)
		timer_start(&client->timers, &client->again, client->now_us);
	if (client->waiting.count)
		tcp_serve_waiting(client);
	if (client->was_full && client->free_rows) {
		client->was_full = false;
		if (!client->pending)
			uv_unref((uv_handle_t *)&client->prepare);
		if (client->settings.on_room)
			client->settings.on_room(client->settings.room_context);
	}
	if (!client->is_closing)
		udp_flush(client);
}

static uint32_t setting(uint32_t given, uint32_t usual, uint32_t most)
{
	return MIN(given ? given : usual, most);
}

static void settings_complete(struct dns_client_settings *s)
{
	s->rows = setting(s->rows, DEFAULT_ROWS, ROWS_MOST);
	s->sockets = setting(s->sockets, 8, DNS_SOCKETS);
	s->receive_bytes = setting(s->receive_bytes, 4 << 20, 1 << 30);
	s->renew_after = setting(s->renew_after, 10000, 1 << 30);
	s->rate = setting(s->rate, 50, 1000000);
	s->burst = setting(s->burst, s->rate, 1000000);
	s->connections = setting(s->connections, 256, 4096);
	s->idle_us = setting(s->idle_us, 2000000, 60000000);
}

static void *zeroed(size_t count, size_t size)
{
	return memset(memory_alloc(count * size), 0, count * size);
}

static uint32_t power_of_two(uint32_t least)
{
	uint32_t power = 1;

	while (power < least)
		power *= 2;
	return power;
}

static void tables_open(struct dns_client *client)
{
	uint32_t rows = client->settings.rows, ids = power_of_two(rows * 2);

	client->rows = memory_alloc(rows * sizeof *client->rows);
	for (uint32_t i = rows; i-- > 0;) {
		struct dns_row *row = &client->rows[i];

		memset(row, 0, offsetof(struct dns_row, query));
		row->generation = 1;
		row->socket = DNS_NO_SOCKET;
		row->next = client->free_rows;
		client->free_rows = row;
	}
	client->ids = zeroed(ids, sizeof *client->ids);
	client->ids_mask = ids - 1;
	client->server_cap = power_of_two(MAX(rows, 1024u) * 4); /* with their networks */
	client->server_mask = client->server_cap - 1;
	client->server_heads = zeroed(client->server_cap, sizeof *client->server_heads);
	client->servers = memory_alloc(client->server_cap * sizeof *client->servers);
	client->connections = zeroed(client->settings.connections, sizeof *client->connections);
	for (size_t i = 0; i < ARRAY_COUNT(client->sockets); i++)
		client->sockets[i] =
			(struct dns_socket){ .client = client, .index = (uint8_t)i, .fd = -1 };
}

int dns_client_open(uv_loop_t *loop, const struct dns_client_settings *settings,
		    struct dns_client **ret)
{
	struct dns_client *client;

	if (!settings->egress)
		return -EINVAL;
	client = zeroed(1, sizeof *client);
	client->loop = loop;
	client->settings = *settings;
	settings_complete(&client->settings);
	client_read_clock(client);
	timers_open(&client->timers, loop);
	client->again.on_due = turn_again;
	tables_open(client);
	inbox_open(client);
	client->prepare.data = client;
	uv_prepare_init(loop, &client->prepare);
	uv_prepare_start(&client->prepare, before_wait);
	uv_unref((uv_handle_t *)&client->prepare);
	client->handles = 1;
	*ret = client;
	return 0;
}

void dns_client_close(struct dns_client *client)
{
	if (!client || client->is_closing)
		return;
	client->is_closing = true;
	udp_close(client);
	tcp_close(client);
	timers_close(&client->timers);
	uv_close((uv_handle_t *)&client->prepare, handle_closed);
}

/* Denied destinations are passed over. 0 with the servers held, or -EAGAIN with none held. */
static int hold_servers(struct dns_client *client, struct dns_row *row,
			const struct dns_request *request)
{
	for (size_t i = 0; i < request->count; i++) {
		const struct dns_destination *to = &request->destinations[i];
		int code = server_hold(client, &to->address, to->port ? to->port : DNS_PORT,
				       &row->server[row->server_count]);

		if (!code) {
			row->server_count++;
		} else if (code == -EAGAIN) {
			while (row->server_count)
				server_release(client, row->server[--row->server_count]);
			return -EAGAIN;
		}
	}
	return 0;
}

static int write_query(struct dns_client *client, struct dns_row *row,
		       const struct dns_request *request)
{
	struct dns_query query = request->query;
	int len;

	query.id = 0;
	query.case_bits = 0;
	row->is_case_random = !request->keeps_case;
	if (row->is_case_random)
		random_bytes(&client->random, &query.case_bits, sizeof query.case_bits);
	len = dns_query_write(&query, row->query);
	if (len < 0)
		return len;
	row->query_len = (uint16_t)len;
	row->is_stream = query.flags & DNS_QUERY_TCP;
	row->no_tcp = query.flags & DNS_QUERY_NO_TCP;
	row->is_odd = query.flags & (DNS_QUERY_EDNS_VERSION_1 | DNS_QUERY_OPCODE_15);
	return 0;
}

static void row_reset(struct dns_client *client, struct dns_row *row,
		      const struct dns_request *request)
{
	uint32_t generation = row->generation;

	memset(row, 0, offsetof(struct dns_row, query));
	row->generation = generation;
	row->socket = DNS_NO_SOCKET;
	row->state = ROW_LOOSE;
	row->timer.on_due = row_timed_out;
	row->client = client;
	row->timeout_us = setting(request->timeout_us, DEFAULT_TIMEOUT_US, 60000000);
	row->tries_left = (uint8_t)(setting(request->tries, DEFAULT_TRIES, DNS_TRIES) - 1);
	row->deadline_us =
		request->deadline_us ? request->deadline_us : client->now_us + DEFAULT_DEADLINE_US;
}

int dns_client_ask(struct dns_client *client, const struct dns_request *request,
		   dns_callback *callback, void *context, struct dns_ticket *ret_ticket)
{
	struct dns_row *row = client->free_rows, *rest;

	if (!request->count || request->count > DNS_DESTINATIONS || client->is_closing)
		return -EINVAL;
	if (!row) {
		client->was_full = true;
		return -EAGAIN;
	}
	rest = row->next;
	row_reset(client, row, request);
	row->next = rest; /* still free, should one of these fail */
	TRY(write_query(client, row, request));
	if (hold_servers(client, row, request) < 0) {
		/* Places come free as buckets refill: nothing but time says so. */
		client->was_full = true;
		uv_ref((uv_handle_t *)&client->prepare);
		timer_start(&client->timers, &client->again, client->now_us + AGAIN_US);
		return -EAGAIN;
	}
	client->free_rows = rest;
	client->was_full |= !rest; /* who looks at the room before asking is never refused */
	row->next = NULL;
	row->callback = callback;
	row->context = context;
	if (!client->pending++)
		uv_ref((uv_handle_t *)&client->prepare);
	client->counts.asked++;
	if (row->server_count && !row->is_stream) {
		row_try(client, row);
	} else {
		row->state = ROW_FRESH;
		row_list_put(&client->fresh, row);
	}
	if (ret_ticket)
		*ret_ticket = (struct dns_ticket){ row_index(client, row), row->generation };
	return 0;
}

void dns_client_cancel(struct dns_client *client, struct dns_ticket ticket)
{
	struct dns_row *row;

	if (!ticket.generation || ticket.row >= client->settings.rows)
		return;
	row = &client->rows[ticket.row];
	if (row->generation != ticket.generation || row->state == ROW_FREE)
		return;
	row_detach(client, row);
	row_free(client, row);
}

size_t dns_client_pending(const struct dns_client *client)
{
	return client->pending;
}

size_t dns_client_room(const struct dns_client *client)
{
	return client->settings.rows - client->pending;
}

const struct dns_client_counts *dns_client_counts(const struct dns_client *client)
{
	return &client->counts;
}

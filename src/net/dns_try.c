/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a query between being asked and being answered? */
#include "net/dns_table.h"

enum { ROUND_DOUBLINGS = 3 };

void row_list_put(struct dns_row_list *list, struct dns_row *row)
{
	row->next = NULL;
	row->prev = list->last;
	*(list->last ? &list->last->next : &list->first) = row;
	list->last = row;
	list->count++;
}

void row_list_take(struct dns_row_list *list, struct dns_row *row)
{
	*(row->prev ? &row->prev->next : &list->first) = row->next;
	*(row->next ? &row->next->prev : &list->last) = row->prev;
	row->next = row->prev = NULL;
	list->count--;
}

void row_detach(struct dns_client *client, struct dns_row *row)
{
	timer_stop(&client->timers, &row->timer);
	if (row->state == ROW_FRESH)
		row_list_take(&client->fresh, row);
	else if (row->state == ROW_QUEUED)
		row_list_take(row_queue(client, row), row);
	else if (row->state == ROW_WAITING)
		row_list_take(&client->waiting, row);
	else if (row->state == ROW_STREAM)
		tcp_detach(client, row);
	row->state = ROW_LOOSE;
}

/* A datagram to this row will not be recognised any more. */
static void row_unregister(struct dns_client *client, struct dns_row *row)
{
	uint8_t socket = row->socket;

	if (socket == DNS_NO_SOCKET)
		return;
	ids_forget(client, row);
	udp_row_left(client, socket);
}

void row_free(struct dns_client *client, struct dns_row *row)
{
	row_unregister(client, row);
	for (size_t i = 0; i < row->server_count; i++)
		server_release(client, row->server[i]);
	row->state = ROW_FREE;
	row->generation++;
	row->next = client->free_rows;
	client->free_rows = row;
	if (!--client->pending && !client->was_full)
		uv_unref((uv_handle_t *)&client->prepare);
}

static void row_end(struct dns_client *client, struct dns_row *row, struct dns_result *result)
{
	dns_callback *callback = row->callback;
	void *context = row->context;
	uint8_t query[DNS_QUERY_BYTES];

	memcpy(query, row->query, row->query_len);
	result->query = str_bytes(query, row->query_len);
	result->was_truncated = row->was_truncated;
	result->saw_other_source = row->saw_other_source;
	result->other_source = row->other_source;
	result->tries = row->tries_made;
	result->garbage = row->garbage;
	result->paced_us = row->paced_us;
	row_detach(client, row);
	row_free(client, row); /* the callback may take it for its next question */
	callback(context, result);
}

void row_answer(struct dns_client *client, struct dns_row *row, struct str packet, int match,
		const struct dns_server *from, bool is_tcp)
{
	struct dns_result result = {
		.packet = packet,
		.from = from->address,
		.from_port = from->port,
		.is_tcp = is_tcp,
		.is_case_kept = match != 2 && !row->case_lost,
		.rtt_us = client->now_us - row->sent_us,
	};

	client->counts.answered++;
	row_end(client, row, &result);
}

void row_fail(struct dns_client *client, struct dns_row *row, enum dns_failure why)
{
	struct dns_result result = { .failure = why };
	const struct dns_server *server = row->server_count ? row_server(client, row) : NULL;

	if (server && server->to.len)
		result.from = server->address, result.from_port = server->port;
	client->counts.failed++;
	row_end(client, row, &result);
}

void row_start_timer(struct dns_client *client, struct dns_row *row)
{
	unsigned rounds = row->tries_made ? (row->tries_made - 1u) / row->server_count : 0;
	int64_t end = client->now_us +
		      ((int64_t)row->timeout_us << MIN(rounds, (unsigned)ROUND_DOUBLINGS));

	row->is_deadline_next = row->deadline_us < end;
	timer_start(&client->timers, &row->timer, MIN(end, row->deadline_us));
}

static void row_send(struct dns_client *client, struct dns_row *row)
{
	if (row->is_stream) {
		tcp_start(client, row);
		return;
	}
	if (row->socket != DNS_NO_SOCKET &&
	    client->sockets[row->socket].lane != row_server(client, row)->lane)
		row_unregister(client, row);
	row->state = ROW_QUEUED;
	row_list_put(row_queue(client, row), row);
}

void row_try(struct dns_client *client, struct dns_row *row)
{
	int64_t wait = server_pace(client, row_server(client, row));

	row->tried |= (uint8_t)(1u << row->server_at);
	if (!wait) {
		row_send(client, row);
		return;
	}
	row->state = ROW_PACED;
	row->paced_us += wait;
	row->deadline_us += wait;
	client->counts.paced++;
	client->counts.paced_us += wait;
	timer_start(&client->timers, &row->timer, client->now_us + wait);
	if (client->settings.on_paced)
		client->settings.on_paced(row->context, wait);
}

/* Evidence of the other party's doing weighs more than ours; REFUSED less than silence, because it
 * can be forged. */
static unsigned weight_of(enum dns_failure failure)
{
	static const uint8_t weights[] = {
		[DNS_FAILURE_NO_ROUTE] = 1, [DNS_FAILURE_REFUSED] = 2, [DNS_FAILURE_TIMEOUT] = 3,
		[DNS_FAILURE_RESET] = 4,    [DNS_FAILURE_GARBAGE] = 5, [DNS_FAILURE_DEADLINE] = 0,
	};

	return weights[failure];
}

static void row_give_up(struct dns_client *client, struct dns_row *row)
{
	row_fail(client, row, row->garbage ? DNS_FAILURE_GARBAGE : (enum dns_failure)row->worst);
}

void row_try_failed(struct dns_client *client, struct dns_row *row, enum dns_failure why)
{
	row_detach(client, row);
	if (weight_of(why) > weight_of((enum dns_failure)row->worst))
		row->worst = (uint8_t)why;
	if (why == DNS_FAILURE_REFUSED) {
		client->counts.refused++;
		if (++row->refused > row->server_count) {
			row_fail(client, row, DNS_FAILURE_REFUSED);
			return;
		}
		if (row->refused == 1 && !row->tries_left)
			row->tries_left = 1; /* one complaint alone may be forged */
	}
	if (!row->tries_left) {
		row_give_up(client, row);
		return;
	}
	if (client->now_us >= row->deadline_us) {
		row_fail(client, row, DNS_FAILURE_DEADLINE);
		return;
	}
	row->tries_left--;
	row->server_at = (uint8_t)((row->server_at + 1) % row->server_count);
	row_try(client, row);
}

void row_timed_out(struct timer *timer)
{
	struct dns_row *row = (struct dns_row *)timer;
	struct dns_client *client = row->client;

	client_read_clock(client);
	if (row->state == ROW_STREAM)
		row->connection->is_suspect = true;
	else if (row->state == ROW_SENT)
		udp_row_silent(client, row->socket);
	if (row->state == ROW_PACED)
		row_send(client, row);
	else if (row->state == ROW_WAITING || row->is_deadline_next)
		row_fail(client, row, DNS_FAILURE_DEADLINE);
	else
		row_try_failed(client, row, DNS_FAILURE_TIMEOUT);
}

/* Taking a token without waiting: what follows from the answer pays for it. */
void row_to_stream(struct dns_client *client, struct dns_row *row)
{
	row_detach(client, row);
	row_unregister(client, row);
	row->is_stream = true;
	(void)server_pace(client, row_server(client, row));
	tcp_start(client, row);
}

void row_retry_plain(struct dns_client *client, struct dns_row *row)
{
	uint8_t *at = row->query + DNS_HEADER_BYTES;

	row->case_lost = true;
	row_detach(client, row);
	row_unregister(client, row);
	for (; *at; at += *at + 1)
		for (unsigned i = 1; i <= *at; i++)
			at[i] = (uint8_t)char_lower((char)at[i]);
	row_send(client, row);
}

enum answer_kind row_judge(const struct dns_row *row, struct str packet, int *ret_match)
{
	struct dns_header header;
	int match;

	if (dns_header_read(packet, &header) < 0 || !header.is_response)
		return ANSWER_GARBAGE;
	match = dns_question_matches(packet, row->query, row->query_len);
	/* No question section: only errors may come so (BADVERS is one that shows in EDNS only). */
	if (!match || (match == 3 && header.rcode == DNS_NOERROR && !row->is_odd))
		return ANSWER_GARBAGE;
	*ret_match = match;
	if (match == 2 && row->is_case_random && !row->case_lost)
		return ANSWER_CASE_LOST;
	return header.is_truncated ? ANSWER_TRUNCATED : ANSWER_FINAL;
}

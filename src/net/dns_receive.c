/* SPDX-License-Identifier: Apache-2.0 */
/* What does an incoming datagram mean? */
#include "net/dns_table.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { INBOX_MESSAGES = 64, INBOX_ROUNDS = 8 };

struct dns_inbox {
	struct mmsghdr messages[INBOX_MESSAGES];
	struct mmsghdr nameless[INBOX_MESSAGES]; /* for connected sockets: the same buffers */
	struct iovec parts[INBOX_MESSAGES];
	struct sockaddr_in6 from[INBOX_MESSAGES]; /* holds IPv4 too */
	uint8_t bytes[INBOX_MESSAGES][DNS_RECEIVE_STRIDE];
};

void inbox_open(struct dns_client *client)
{
	struct dns_inbox *inbox = memory_alloc(sizeof *inbox);

	client->inbox = inbox;
	memset(inbox, 0, offsetof(struct dns_inbox, bytes));
	for (size_t i = 0; i < INBOX_MESSAGES; i++) {
		inbox->parts[i] = (struct iovec){ inbox->bytes[i], DNS_RECEIVE_BYTES };
		inbox->messages[i].msg_hdr = (struct msghdr){ .msg_name = &inbox->from[i],
							      .msg_namelen = sizeof inbox->from[i],
							      .msg_iov = &inbox->parts[i],
							      .msg_iovlen = 1 };
		inbox->nameless[i].msg_hdr =
			(struct msghdr){ .msg_iov = &inbox->parts[i], .msg_iovlen = 1 };
	}
}

void inbox_close(struct dns_client *client)
{
	memory_free(client->inbox);
}

static bool is_from(const struct dns_server *server, const struct sockaddr_in6 *from)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;

	if (from->sin6_family != server->to.any.sa_family || from->sin6_port != htons(server->port))
		return false; /* the port is at the same place in both families */
	if (from->sin6_family == AF_INET)
		return !memcmp(&four->sin_addr, server->address.bytes, 4);
	return !memcmp(&from->sin6_addr, server->address.bytes, 16);
}

/* Which of the servers asked so far sent it? -1: none. Without from it came on a connected socket.
 */
static int server_of(struct dns_client *client, const struct dns_row *row,
		     const struct sockaddr_in6 *from)
{
	for (int i = 0; i < row->server_count; i++)
		if ((row->tried >> i & 1) && (from ? is_from(&client->servers[row->server[i]], from)
						   : row->server[i] + 1 == client->resolver))
			return i;
	return -1;
}

/* RFC 2181 section 4.1: an answer must come from the address that was asked. */
static void note_stranger(struct dns_client *client, struct dns_row *row, struct str packet,
			  const struct sockaddr_in6 *from)
{
	uint16_t port;
	int match;

	client->counts.unmatched++;
	if (row->saw_other_source || row_judge(row, packet, &match) == ANSWER_GARBAGE)
		return;
	row->saw_other_source = true;
	row->other_source = address_from_sockaddr((const struct sockaddr *)from, &port);
}

static void datagram_read(struct dns_client *client, const struct dns_socket *socket,
			  struct str packet, const struct sockaddr_in6 *from, bool is_cut)
{
	const uint8_t *octets = (const uint8_t *)packet.data;
	struct dns_row *row = NULL;
	enum answer_kind kind;
	int at, match = 0;

	client->counts.received++;
	if (packet.len >= DNS_HEADER_BYTES)
		row = ids_find(client, socket->index, (uint16_t)(octets[0] << 8 | octets[1]));
	if (!row) {
		client->counts.unmatched++;
		return;
	}
	at = server_of(client, row, from);
	if (at < 0) {
		if (from)
			note_stranger(client, row, packet, from);
		return;
	}
	client->is_resolver_heard |= !from;
	kind = row_judge(row, packet, &match);
	if (kind == ANSWER_FINAL && is_cut)
		kind = ANSWER_TRUNCATED; /* larger than what we said we take */
	if (kind == ANSWER_TRUNCATED) {
		client->counts.truncated++;
		row->was_truncated = true;
		if (row->no_tcp)
			kind = ANSWER_FINAL;
	}
	if (kind == ANSWER_GARBAGE) {
		client->counts.garbage++;
		row->garbage++;
	} else if (kind == ANSWER_CASE_LOST) {
		client->counts.case_lost++;
		row_retry_plain(client, row);
	} else if (kind == ANSWER_FINAL) {
		row_answer(client, row, packet, match, &client->servers[row->server[at]], false);
	} else {
		row_detach(client, row);
		row->server_at = (uint8_t)at;
		row_to_stream(client, row);
	}
}

void inbox_read(struct dns_client *client, struct dns_socket *socket)
{
	struct dns_inbox *inbox = client->inbox;
	bool is_nameless = socket->lane == LANE_RESOLVER;
	struct mmsghdr *messages = is_nameless ? inbox->nameless : inbox->messages;

	for (int round = 0; round < INBOX_ROUNDS; round++) {
		int count = recvmmsg(socket->fd, messages, INBOX_MESSAGES, MSG_DONTWAIT, NULL);

		for (int i = 0; i < count && !client->is_closing; i++) {
			struct msghdr *header = &messages[i].msg_hdr;

			datagram_read(client, socket,
				      str_bytes(inbox->bytes[i], messages[i].msg_len),
				      is_nameless ? NULL : &inbox->from[i],
				      header->msg_flags & MSG_TRUNC);
			header->msg_namelen = is_nameless ? 0 : sizeof inbox->from[i];
			header->msg_flags = 0;
		}
		if (count < INBOX_MESSAGES || client->is_closing)
			return;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The insides of the DNS client, shared by its files only:
 *
 *	dns_client.c   opening, asking, cancelling, the turn of the loop
 *	dns_try.c      what happens to a row: tries, rounds, ends
 *	dns_ids.c      (socket, id) to row
 *	dns_servers.c  servers asked, with their pacing
 *	dns_udp.c      UDP sockets: when they are opened and renewed, sending, complaints
 *	dns_receive.c  what an incoming datagram means
 *	dns_tcp.c      connections; dns_stream.c what goes over them
 *
 * A row is in one state; what it holds by state:
 *
 *	LOOSE    on nothing, between two states
 *	FRESH    on the fresh list: starts (or fails) in the next turn, not within dns_client_ask
 *	PACED    timer: when it may be sent
 *	QUEUED   in the send queue of its lane
 *	SENT     timer: the try's end; registered under (socket, id)
 *	WAITING  on the list of those without a TCP connection; timer: its deadline
 *	STREAM   on its connection's list; timer: the try's end
 *
 * A row stays registered under (socket, id) through all UDP tries in one lane, so that a
 * late answer to an earlier try counts.
 */
#ifndef DSS_NET_DNS_TABLE_H
#define DSS_NET_DNS_TABLE_H

#include "loop/timers.h"
#include "net/dns_client.h"
#include "net/random.h"

enum {
	DNS_SOCKETS = 16,                 /**< per family, at most */
	DNS_LANE_SLOTS = DNS_SOCKETS * 2, /**< each socket and the one it replaces */
	DNS_BATCH = 240,                  /**< datagrams a call */
	DNS_RECEIVE_BYTES = 4096,
	DNS_RECEIVE_STRIDE = 4096 + 192, /**< no power of two: heads would share cache sets */
	DNS_TRIES = 16,
	DNS_PIPELINE = 32, /**< queries outstanding on one connection */
	DNS_SERVER_CONNECTIONS = 2,
	DNS_STREAM_IN_BYTES = 2 + DNS_MESSAGE_BYTES,
	DNS_STREAM_OUT_BYTES = DNS_PIPELINE * (2 + DNS_QUERY_BYTES),
	DNS_NO_SOCKET = 0xff,
	AGAIN_US = 2000
};

enum row_state {
	ROW_FREE,
	ROW_LOOSE,
	ROW_FRESH,
	ROW_PACED,
	ROW_QUEUED,
	ROW_SENT,
	ROW_WAITING,
	ROW_STREAM
};

/**
 * Queries that may leave through the same sockets. Most go to the resolver: sockets connected to it
 * cost a tenth less, and the kernel drops what comes from elsewhere.
 */
enum dns_lane { LANE_IPV4, LANE_IPV6, LANE_RESOLVER, LANES };

struct dns_connection;

/** A server, or (port 0) a network, which has a pace of its own and nothing else. */
struct dns_server {
	struct destination to;
	struct address address;
	uint16_t port;
	uint8_t lane;       /**< enum dns_lane */
	uint32_t refs;      /**< rows and connections; of a network: its servers */
	uint32_t network;   /**< index + 1; 0: none, of trusted servers */
	uint32_t next;      /**< in its hash chain or the free list: index + 1 */
	uint64_t pace_key;  /**< in the map that is shared */
	int64_t arrival_us; /**< theoretical arrival time of the next query (token bucket) */
	struct dns_connection *connection[DNS_SERVER_CONNECTIONS];
};

struct dns_row {
	struct timer timer; /**< first: the row is found by it */
	struct dns_client *client;
	dns_callback *callback;
	void *context;
	uint16_t id;
	uint16_t query_len;
	uint8_t state;  /**< enum row_state */
	uint8_t socket; /**< index, or DNS_NO_SOCKET: not registered */
	uint8_t server_count, server_at;
	uint8_t tried; /**< bit per server: may answer */
	uint8_t tries_left, tries_made;
	uint8_t refused;
	uint8_t worst; /**< enum dns_failure of the tries so far */
	uint8_t stream_restarts;
	bool is_stream, no_tcp, is_case_random, case_lost, was_truncated, saw_other_source;
	bool is_odd;           /**< an answer may come without its question */
	bool is_deadline_next; /**< the timer is the deadline, not the try's end */
	uint32_t server[DNS_DESTINATIONS];
	uint32_t generation;
	uint32_t timeout_us;
	uint32_t garbage;
	int64_t sent_us, deadline_us, paced_us;
	struct dns_connection *connection;
	struct dns_row *next, *prev; /**< of the list that its state names */
	struct address other_source;
	uint8_t query[DNS_QUERY_BYTES];
};

struct dns_row_list {
	struct dns_row *first, *last;
	size_t count;
};

enum socket_state { SOCKET_CLOSED, SOCKET_OPEN, SOCKET_RETIRED, SOCKET_CLOSING };

struct dns_socket {
	uv_poll_t poll;
	struct dns_client *client;
	int fd;
	uint8_t state;
	uint8_t index;
	uint8_t lane; /**< enum dns_lane */
	uint32_t pending, used, renew_at;
};

enum connection_state { CONNECTION_FREE, CONNECTION_OPENING, CONNECTION_OPEN, CONNECTION_CLOSING };

struct dns_connection {
	struct timer timer; /**< first; runs while idle */
	uv_poll_t poll;
	struct dns_client *client;
	uint32_t server;
	int fd;
	uint8_t state;
	bool is_suspect; /**< a query timed out on it: takes no more */
	struct dns_row_list rows;
	uint32_t answered, garbage;
	size_t in_len, out_len, out_sent;
	uint8_t *in, *out;
};

struct dns_inbox;

struct dns_client {
	uv_loop_t *loop;
	struct dns_client_settings settings;
	uv_prepare_t prepare;
	struct timers timers;
	struct timer again; /**< for what one turn leaves to the next */
	int64_t now_us;
	size_t handles; /**< open libuv handles; the memory goes with the last */
	bool is_closing, was_full;
	struct random random;

	struct dns_row *rows;
	struct dns_row *free_rows;
	size_t pending;
	struct dns_row_list fresh, waiting;
	struct dns_row_list queue[LANES]; /**< for the next batches */
	uint8_t socket_at[LANES];         /**< which socket sends next */
	uint32_t *ids;                    /**< open addressing: row index + 1 */
	uint32_t ids_mask;

	struct dns_server *servers;
	uint32_t *server_heads; /**< hash chains: index + 1 */
	uint32_t server_cap, server_mask, server_free, server_used, server_hand;
	uint32_t resolver;      /**< the first trusted server: index + 1 */
	bool is_resolver_heard; /**< it answered, and no complaint came since */
	bool lacks_segments;    /**< the kernel or interface cannot split datagrams for us */

	struct dns_socket sockets[LANES * DNS_LANE_SLOTS];
	struct dns_inbox *inbox;
	struct dns_connection *connections;
	size_t connection_count;
	struct dns_client_counts counts;
};

static inline uint32_t row_index(const struct dns_client *client, const struct dns_row *row)
{
	return (uint32_t)(row - client->rows);
}
static inline struct dns_server *row_server(struct dns_client *client, const struct dns_row *row)
{
	return &client->servers[row->server[row->server_at]];
}

/** The send queue for its current server. */
static inline struct dns_row_list *row_queue(struct dns_client *client, const struct dns_row *row)
{
	return &client->queue[row_server(client, row)->lane];
}

/* Lists of rows, through next and prev. */
void row_list_put(struct dns_row_list *list, struct dns_row *row);
void row_list_take(struct dns_row_list *list, struct dns_row *row);

/* dns_client.c */
void client_read_clock(struct dns_client *client);
/** Count a handle in, and out when libuv has closed it. */
void client_handle_closed(struct dns_client *client);

/* dns_try.c */
/** Start a try with the row's current server: pace, then queue or go to TCP. */
void row_try(struct dns_client *client, struct dns_row *row);
/** The try ended without an answer: the next one, or the end. */
void row_try_failed(struct dns_client *client, struct dns_row *row, enum dns_failure why);
/** The row's timer: its pacing, its try or its deadline is over. */
void row_timed_out(struct timer *timer);
/** Set the timer of the try that starts now. */
void row_start_timer(struct dns_client *client, struct dns_row *row);
/** Take the row off whatever its state holds. */
void row_detach(struct dns_client *client, struct dns_row *row);
/** A packet for the row: call back and free it. match is dns_question_matches's. */
void row_answer(struct dns_client *client, struct dns_row *row, struct str packet, int match,
		const struct dns_server *from, bool is_tcp);
void row_fail(struct dns_client *client, struct dns_row *row, enum dns_failure why);
void row_free(struct dns_client *client, struct dns_row *row);
/** Ask the current server again over TCP. */
void row_to_stream(struct dns_client *client, struct dns_row *row);
/** Ask again at once with the name in lower case and another id. */
void row_retry_plain(struct dns_client *client, struct dns_row *row);
enum answer_kind { ANSWER_GARBAGE, ANSWER_FINAL, ANSWER_TRUNCATED, ANSWER_CASE_LOST };
/** What a message from a server of the row is; *ret_match as dns_question_matches says. */
enum answer_kind row_judge(const struct dns_row *row, struct str packet, int *ret_match);

/* dns_ids.c */
/** Give the row an unpredictable id that is free on its socket. */
void ids_register(struct dns_client *client, struct dns_row *row, uint8_t socket);
void ids_forget(struct dns_client *client, struct dns_row *row);
struct dns_row *ids_find(struct dns_client *client, uint8_t socket, uint16_t id);
/** Write a fresh unpredictable id into the query without registering it (TCP). */
void ids_draw(struct dns_client *client, struct dns_row *row);

/* dns_servers.c */
/** Index of the server, with a reference taken; ERR_DENIED; -EAGAIN: the table is full. */
int server_hold(struct dns_client *client, const struct address *address, uint16_t port,
		uint32_t *ret) MUST_USE;
void server_release(struct dns_client *client, uint32_t server);
/** Take a token: how long to wait before sending, in microseconds. */
int64_t server_pace(struct dns_client *client, struct dns_server *server);

/* dns_udp.c */
void udp_flush(struct dns_client *client);
/** A registered row left this socket. */
void udp_row_left(struct dns_client *client, uint8_t socket);
/** A query through this socket timed out. */
void udp_row_silent(struct dns_client *client, uint8_t socket);
void udp_close(struct dns_client *client);

/* dns_receive.c */
void inbox_open(struct dns_client *client);
void inbox_close(struct dns_client *client);
void inbox_read(struct dns_client *client, struct dns_socket *socket);

/* dns_tcp.c */
void tcp_start(struct dns_client *client, struct dns_row *row);
void tcp_serve_waiting(struct dns_client *client);
void tcp_detach(struct dns_client *client, struct dns_row *row);
/** Close; rows on it go on as why says (RESET on a connection that answered before: once more). */
void tcp_drop(struct dns_client *client, struct dns_connection *connection, enum dns_failure why);
/** The connection may take rows again, or is idle. */
void tcp_settle(struct dns_client *client, struct dns_connection *connection);
void tcp_close(struct dns_client *client);

/* dns_stream.c */
void stream_put(struct dns_connection *connection, struct dns_row *row);
void stream_ready(uv_poll_t *poll, int status, int events);

#endif

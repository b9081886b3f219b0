/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The DNS client: one table of outstanding queries over a few UDP sockets on one loop.
 *
 * A query is a row: no fiber and no allocation each. Rows are keyed by (socket, id); ids, source
 * ports and letter case (0x20) are unpredictable, and an answer counts only when its id, question
 * and source match. Queries of one turn of the loop leave in one batch, answers are read in
 * batches. A truncated answer is asked again over TCP (RFC 7766), where queries to one server share
 * a connection and answers may come in any order.
 *
 * Tries. A request names one or more servers. A try that ends without an answer (its time-out, a
 * refused port, a broken connection, no route) goes on with the next server; each further round
 * doubles the time-out. A port counts as refused only when a try after the first complaint was
 * refused too, since anyone can forge one ICMP message.
 *
 * Pacing. Each server that is not trusted gets at most `rate` queries a second after a burst, and
 * the servers of one network (IPv4 /24, IPv6 /48) together four times that. A query over that waits in its row; the wait counts neither against its time-out nor against its
 * deadline, and settings.on_paced hears of it when it begins, so that other clocks can stop too.
 *
 * Back-pressure. dns_client_ask returns -EAGAIN when all rows are taken; settings.on_room is called
 * when there is room again, after a refusal or after the last row was taken.
 *
 * Not thread-safe; one client for one loop. Callbacks run from the loop, never from within
 * dns_client_ask; they may ask and cancel.
 */
#ifndef DSS_NET_DNS_CLIENT_H
#define DSS_NET_DNS_CLIENT_H

#include "formats/dns/message.h"
#include "net/paces.h"
#include "net/socket.h"

#include <uv.h>

enum { DNS_DESTINATIONS = 8, DNS_PORT = 53 };

/** How a question ended without an answer. */
enum dns_failure {
	DNS_FAILURE_NONE,
	DNS_FAILURE_TIMEOUT,  /**< theirs: nothing came */
	DNS_FAILURE_REFUSED,  /**< theirs: nobody listens there */
	DNS_FAILURE_RESET,    /**< theirs: the TCP connection was closed before the answer */
	DNS_FAILURE_GARBAGE,  /**< theirs: only unreadable or foreign messages came */
	DNS_FAILURE_NO_ROUTE, /**< ours */
	DNS_FAILURE_POLICY,   /**< ours: the address policy denies every destination */
	DNS_FAILURE_DEADLINE  /**< ours: the request's deadline came before its last try ended */
};

struct dns_client;

struct dns_client_settings {
	const struct egress *egress; /**< must outlive the client */
	uint32_t rows;               /**< outstanding queries; 0: 4096 */
	uint32_t sockets;            /**< per family; 0: 8, at most 16 */
	uint32_t receive_bytes; /**< receive buffer of a socket; 0: 4 MiB, the kernel may cap */
	uint32_t renew_after;   /**< queries after which a socket is replaced; 0: 10,000 */
	uint32_t rate;          /**< queries a second and server, not for trusted ones; 0: 50 */
	uint32_t burst;         /**< 0: rate */
	struct paces *paces;    /**< shared with other clients, of other processes too; or NULL */
	uint32_t connections;   /**< TCP connections at once; 0: 256 */
	uint32_t idle_us;       /**< how long an idle connection is kept; 0: 2 s */
	/** A query waits for pacing; context is the request's. May be NULL. */
	void (*on_paced)(void *context, int64_t wait_us);
	/** Rows are free again. May be NULL. */
	void (*on_room)(void *context);
	void *room_context;
};

struct dns_destination {
	struct address address;
	uint16_t port; /**< 0: 53 */
};

/** All of it is read during dns_client_ask only. */
struct dns_request {
	const struct dns_destination *destinations; /**< in the order they are tried */
	size_t count;                               /**< 1 to DNS_DESTINATIONS */
	struct dns_query query;                     /**< id and case_bits are ours: ignored */
	uint32_t timeout_us;                        /**< of a try in the first round; 0: 1 s */
	uint32_t tries;                             /**< 0: 3; at most 16 */
	int64_t deadline_us;                        /**< monotonic; 0: none, the tries end it */
	bool keeps_case;                            /**< send the name as it is, without 0x20 */
};

struct dns_result {
	enum dns_failure failure;
	struct str packet; /**< valid during the callback; empty on failure */
	struct str query;  /**< the octets that were answered, likewise */
	struct address from;
	uint16_t from_port;
	bool is_tcp;
	bool is_case_kept;     /**< the question came back octet for octet */
	bool was_truncated;    /**< over UDP; also told when TCP then failed */
	bool saw_other_source; /**< a matching answer came from other_source, which was not asked */
	struct address other_source;
	uint32_t tries;   /**< queries that were sent */
	uint32_t garbage; /**< packets from the server that were no answer to this */
	int64_t rtt_us;   /**< from the last sending to the answer */
	int64_t paced_us; /**< waited before sending, in all */
};

typedef void dns_callback(void *context, const struct dns_result *result);

/** Names an outstanding query; all zero names none. */
struct dns_ticket {
	uint32_t row, generation;
};

struct dns_client_counts {
	uint64_t asked, answered, failed, sent, received;
	uint64_t unmatched; /**< packets that belong to no row: late or spoofed */
	uint64_t garbage, case_lost, truncated, tcp_queries, tcp_connections, refused, paced;
	int64_t paced_us;
	uint64_t sockets_renewed;
};

/** *ret is on the heap, or untouched on failure. The loop must outlive the client. */
int dns_client_open(uv_loop_t *loop, const struct dns_client_settings *settings,
		    struct dns_client **ret) MUST_USE;
/** Outstanding queries are dropped without a callback. Memory goes when the loop has closed the
 * handles: run the loop once more. */
void dns_client_close(struct dns_client *client);

/**
 * Ask; callback is called exactly once, unless cancelled. Destinations that the policy denies are
 * passed over; when none is left the callback hears DNS_FAILURE_POLICY. ret_ticket may be NULL.
 * 0; -EAGAIN: no room; ERR_SYNTAX: the name is none; -EINVAL: no destination, or too many.
 */
int dns_client_ask(struct dns_client *client, const struct dns_request *request,
		   dns_callback *callback, void *context, struct dns_ticket *ret_ticket) MUST_USE;
/** The callback will not be called. A ticket that has ended is ignored. */
void dns_client_cancel(struct dns_client *client, struct dns_ticket ticket);

/** Outstanding queries, paced ones included. */
size_t dns_client_pending(const struct dns_client *client);
/** Rows that are free now. */
size_t dns_client_room(const struct dns_client *client);
const struct dns_client_counts *dns_client_counts(const struct dns_client *client);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Zone transfer, as far as it takes to know that a server gives one away (RFC 5936): over a TCP
 * connection of its own, records are counted as they stream in and not kept. It stops at the second
 * SOA, at AXFR_RECORDS records, at AXFR_BYTES octets, or at its deadline.
 */
#ifndef DSS_NET_AXFR_H
#define DSS_NET_AXFR_H

#include "net/dns_client.h"

enum { AXFR_RECORDS = 10000, AXFR_BYTES = 4 << 20 };

struct axfr_request {
	struct address server;
	uint16_t port; /**< 0: 53 */
	struct str zone;
	uint32_t timeout_us; /**< of the whole; 0: 10 s */
};

struct axfr_result {
	/** NONE as soon as one message came, whatever its rcode: what came then counts. */
	enum dns_failure failure;
	uint16_t rcode;        /**< of the first message */
	uint32_t record_count; /**< answer records, at most AXFR_RECORDS */
	uint32_t soa_count;
	bool is_complete; /**< began and ended with SOA */
	struct str first; /**< the first message; valid during the callback */
};

typedef void axfr_callback(void *context, const struct axfr_result *result);

struct axfr;

/** The callback is called once, from the loop. 0; ERR_DENIED; ERR_SYNTAX, ERR_LIMIT: the zone is no
 * name. ret may be NULL. */
int axfr_start(uv_loop_t *loop, const struct egress *egress, const struct axfr_request *request,
	       axfr_callback *callback, void *context, struct axfr **ret) MUST_USE;
/** The callback will not be called. Not after it was called. */
void axfr_cancel(struct axfr *axfr);

#endif

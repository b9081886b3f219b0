/* SPDX-License-Identifier: Apache-2.0 */
/** One WHOIS exchange (RFC 3912): connect, one line, and what comes until the server closes, up to
 * a bound and a deadline. */
#ifndef DSS_NET_WHOIS_H
#define DSS_NET_WHOIS_H

#include "net/dns_client.h"

enum { WHOIS_PORT = 43, WHOIS_QUERY_BYTES = 512, WHOIS_REPLY_BYTES = 128 << 10 };

struct whois_request {
	struct address server;
	struct str query;    /**< without CR LF; at most WHOIS_QUERY_BYTES */
	uint32_t timeout_us; /**< of the whole; 0: 10 s */
};

/** reply is valid during the callback; cut at WHOIS_REPLY_BYTES. A server that closes without a word has
 * reset. */
typedef void whois_callback(void *context, enum dns_failure failure, struct str reply);

struct whois_exchange;

/** The callback is called once, from the loop. 0; ERR_DENIED; -EINVAL: the query is no line. */
int whois_start(uv_loop_t *loop, const struct egress *egress, const struct whois_request *request,
		whois_callback *callback, void *context, struct whois_exchange **ret) MUST_USE;
/** The callback will not be called. Not after it was called. */
void whois_cancel(struct whois_exchange *exchange);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * HTTP requests of ours: GET and POST over HTTP/1.1, by libcurl's multi interface on the loop. The caller
 * names the address: nothing is resolved here, libcurl connects to that address only, and the address policy
 * is asked when the socket is opened (net/transfer.h). No redirect is followed, no proxy, cookie, credential
 * or file of the user is used, no connection is used twice unless the transfers say so, and no other scheme
 * exists.
 *
 * Bounds: time of the whole and of connecting, octets and lines of the head (informational responses
 * included), octets of the body, counted decoded (gzip only): the rest is not read.
 */
#ifndef DSS_NET_HTTP_H
#define DSS_NET_HTTP_H

#include "formats/web/header.h"
#include "formats/web/url.h"
#include "net/socket.h"
#include "net/trust.h"

#include <uv.h>

enum {
	HTTP_CONNECTIONS = 64, /**< at once; further requests wait, within their time */
	HTTP_CONNECTIONS_OF_HOST = 2,
	HTTP_HEAD_LIMIT = 32 << 10,
	HTTP_LINE_LIMIT = 128
};

enum http_failure {
	HTTP_FAILURE_NONE,
	HTTP_FAILURE_TIMEOUT,
	HTTP_FAILURE_REFUSED, /**< the connection */
	HTTP_FAILURE_RESET,
	HTTP_FAILURE_GARBAGE, /**< no HTTP, or more head than we read */
	HTTP_FAILURE_TLS,     /**< no handshake, or, when strict, a certificate with faults */
	HTTP_FAILURE_NO_ROUTE,
	HTTP_FAILURE_POLICY,
	HTTP_FAILURE_WAITED /**< its time was over before one of the connections was free: nothing was asked */
};

struct http_request {
	const struct web_url *url; /**< copied */
	struct address server;
	const char *accept;        /**< value of the header Accept; NULL: anything */
	uint32_t body_bytes;       /**< at most kept, decoded */
	bool is_strict;            /**< a certificate with faults ends it */
	uint32_t timeout_ms;       /**< of the whole; 0: 10 s */
	bool is_post;              /**< with the body; otherwise GET */
	struct str body;           /**< copied */
	const struct str *headers; /**< "Name: value", further ones */
	size_t header_count;
};

/** Valid during the callback. */
struct http_result {
	enum http_failure failure;
	struct str detail; /**< for people */
	unsigned status;
	const struct web_header *headers;
	size_t header_count;
	struct str body;
	bool is_cut;
	struct str tls_version; /**< empty: none */
	const struct trust_peer *peer;
};

typedef void http_callback(void *context, const struct http_result *result);

/** Before the sandbox closes: what libcurl does once a process. */
int http_prepare(struct err *err) MUST_USE;

struct http_client;
struct http_fetch;

/** trust outlives the client. agent is the value of User-Agent. */
int http_client_open(uv_loop_t *loop, const struct egress *egress, struct trust *trust,
		     const char *agent, struct http_client **ret) MUST_USE;
/** What is under way is dropped without a callback. */
void http_client_close(struct http_client *client);

/** For whoever shares its connections with other protocols, or keeps them (net/transfer.h); the client owns
 * transfers. */
struct transfers;
struct http_client *http_client_on(struct transfers *transfers, const char *agent);

/** The callback is called once, from the loop. 0; ERR_DENIED; ERR_SYNTAX: a header is none; -ENOMEM. */
int http_client_fetch(struct http_client *client, const struct http_request *request,
		      http_callback *callback, void *context, struct http_fetch **ret) MUST_USE;
/** The callback will not be called. Not after it was called. */
void http_fetch_cancel(struct http_fetch *fetch);

#endif

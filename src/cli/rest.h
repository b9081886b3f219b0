/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A client of the API: HTTP/1.1 over a unix socket or loopback, one connection a request, blocking.
 *
 * This program links no TLS library: https:// is refused, and so is http:// to another machine, where
 * keys would cross the network readable. The error names the way: a forwarded port of ssh.
 */
#ifndef DSS_CLI_REST_H
#define DSS_CLI_REST_H

#include "base/address.h"
#include "base/err.h"
#include "base/str.h"

enum {
	REST_SILENCE_MS = 60000,               /**< the server says nothing for so long: given up */
	REST_BODY_BYTES_MAX = 16 * 1024 * 1024 /**< of an answer or a line that is kept whole */
};

/** Where the API is. */
struct rest {
	struct str socket_path; /**< of a unix socket; empty: address and port */
	struct address address;
	uint16_t port;
	struct str host;  /**< for Host */
	struct str base;  /**< what the URL has before /api/v1; no slash at its end */
	struct str token; /**< API key; empty: none */
	/** Gives a connected, non-blocking descriptor, instead of what stands above; NULL: not. */
	int (*dial)(void *data, int *ret_fd, struct err *err);
	void *data;
};

struct rest_request {
	const char *method;
	struct str path; /**< with the query, encoded: "/api/v1/domains?tag=corp" */
	const char *accept, *content_type, *if_match, *prefer; /**< NULL: not sent */
	struct str body;
	int body_fd; /**< read to its end and sent in chunks, when has_body_fd */
	bool has_body_fd;
	unsigned silence_ms; /**< 0: REST_SILENCE_MS */
};

struct rest_response {
	unsigned status;
	struct str body; /**< whole, but what on_line was given */
	struct str etag, location;
	unsigned retry_after_s; /**< 0: not said */
};

/**
 * @url  "http://127.0.0.1:8053", "http://localhost:8053/dss", "unix:/run/dss.sock"
 * ERR_SYNTAX: no URL of these forms, or one that leaves the machine.
 */
int rest_parse(struct arena *a, struct str url, struct rest *ret, struct err *err) MUST_USE;

/**
 * Ask, and wait for the answer.
 *
 * @on_line  takes each line of a successful answer (NDJSON, text) without its line feed, as it comes;
 *           negative ends the call with that code. NULL: the body is kept whole.
 * 0, whatever the status; -errno or ERR_SYNTAX: there is no answer, err says where and why.
 */
int rest_call(const struct rest *rest, struct arena *a, const struct rest_request *request,
	      int (*on_line)(void *data, struct str line), void *data, struct rest_response *ret,
	      struct err *err) MUST_USE;

/** Append text as a part of a path or query: all but unreserved characters as %XX (RFC 3986). */
void rest_put_encoded(struct buf *out, struct str text);

#endif

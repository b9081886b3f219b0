/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What requests of ours by libcurl have in common, whatever the protocol: the multi interface on the loop,
 * one address that the caller names and the address policy approves at the moment of connecting, and
 * certificates that we verify ourselves. Nothing is resolved here; no redirect, proxy, cookie, credential
 * or file of the user is used. For net/http.c and net/mail.c.
 */
#ifndef DSS_NET_TRANSFER_H
#define DSS_NET_TRANSFER_H

#include "net/socket.h"
#include "net/trust.h"

#include <curl/curl.h>
#include <uv.h>

enum { TRANSFER_TIMEOUT_MS = 10000, TRANSFER_CONNECT_MS = 5000 };

struct transfers_settings {
	const struct egress *egress; /**< outlives the transfers, as trust does */
	struct trust *trust;
	unsigned connections;         /**< at once; further transfers wait, within their time */
	unsigned connections_of_host; /**< 0: as many */
	bool keeps_connections;       /**< one may serve again the transfers to the same address */
};

struct transfers;

struct transfer {
	struct transfers *transfers;
	struct transfer *next, **link; /* link is NULL while it is not started */
	CURL *easy;
	struct curl_slist *connect_to;
	struct arena arena;
	struct address server;
	uint16_t port;
	struct trust_peer peer;
	bool is_denied; /* by the policy, or an address that was not named */
	bool has_begun; /**< a socket was opened for it: before, it waits for its turn */
	char error[CURL_ERROR_SIZE];
	/** It has ended; called with no call into libcurl around it: it may start, end and release others,
	 * and releases this one. */
	void (*on_end)(struct transfer *transfer, CURLcode code);
	/** Releases it when the transfers are closed under it: no on_end follows. */
	void (*on_drop)(struct transfer *transfer);
};

/** Before the sandbox closes: what libcurl does once a process. */
int transfers_prepare(struct err *err) MUST_USE;
int transfers_open(uv_loop_t *loop, const struct transfers_settings *settings,
		   struct transfers **ret) MUST_USE;
void transfers_close(struct transfers *transfers);
uv_loop_t *transfers_loop(const struct transfers *transfers);

struct transfer_order {
	struct address server;
	uint16_t port;
	struct str host;        /**< the name that a certificate must have; outlives the transfer */
	struct address address; /**< or the address */
	bool is_strict;         /**< a certificate with faults ends it */
	uint32_t timeout_ms;    /**< of the whole; 0: TRANSFER_TIMEOUT_MS */
};

/**
 * Make transfer->easy, with all that is common set; the members on_end and on_drop are the caller's to set.
 * 0; ERR_DENIED; -ENOMEM: nothing was made.
 */
int transfer_init(struct transfer *transfer, struct transfers *transfers,
		  const struct transfer_order *order) MUST_USE;
int transfer_start(struct transfer *transfer) MUST_USE;
/** Ends it if it runs, without on_end. */
void transfer_release(struct transfer *transfer);
/** "TLSv1.3" while it is connected by TLS, or NULL. */
const char *transfer_tls_version(struct transfer *transfer);
/** errno of the connecting that failed, 0: none. */
long transfer_connect_error(struct transfer *transfer);

#endif

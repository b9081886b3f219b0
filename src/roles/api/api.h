/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The role `dss api`: REST over HTTP/1.1 on libmicrohttpd. Threads wait in epoll for their share of
 * the connections; a request is answered on the thread that its connection belongs to.
 *
 * It listens on loopback unless TLS or --behind-proxy says that others are meant to come. The store
 * is all that it speaks to.
 *
 * Limits on what a client may take: connections, header bytes (CONNECTION_BYTES a connection), body
 * bytes, seconds until a request is complete, a least rate of bodies and of reading answers
 * (roles/api/sweep.h), requests a second (roles/api/rate.h).
 */
#ifndef DSS_ROLES_API_API_H
#define DSS_ROLES_API_API_H

#include "base/address.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "bus/address.h"

#define API_BASE "/api/v1"

enum {
	CONNECTION_BYTES = 32 * 1024, /**< request line, headers and a part of the body */
	TARGET_BYTES = 8000,          /**< of the request line's target */
	REQUEST_SECONDS = 5,          /**< until a request without import is complete */
	IDLE_SECONDS = 60             /**< between two requests of a connection */
};

struct request;

struct api_options {
	struct str listen; /**< "IP:PORT" (port 0: any) or "unix:/PATH"; empty: only api_connect */
	int listen_fd;     /**< a socket that listens there already, the caller's; 0: none */
	struct str
		store; /**< as in store/store.h; empty: none: only what needs no store is served */
	struct str data; /**< a folder for what is too large for memory, where the store has none */
	struct bus_address bus; /**< without `listen` only its URL counts */
	bool is_behind_proxy;   /**< another server speaks TLS and sets X-Forwarded-For */
	struct str tls_certificate, tls_key; /**< PEM; empty: no TLS */
	unsigned threads;                    /**< 0: by the machine */
	unsigned connections;                /**< 0: 4096 */
	int64_t backlog;                     /**< scans that may wait; 0: no limit */
	unsigned rate, burst;  /**< requests a second of one key or address; 0: no limit */
	struct str own_name;   /**< who asks by api_connect, for the audit trail */
	const struct log *log; /**< NULL: none; its write is called by all threads */
};

struct api;

/** Opens, binds, starts the threads. err says what is wrong with listen, or who has the port. */
int api_open(const struct api_options *options, struct api **ret, struct err *err) MUST_USE;
/**
 * A connection from this process itself, non-blocking: the command line asks this way when it has no
 * server to ask. Only with an empty `listen`; who asks so may do all that the data folder allows
 * (ACTOR_COMMAND), in the first workspace.
 */
int api_connect(struct api *api, int *ret_fd, struct err *err) MUST_USE;
/** "http://127.0.0.1:8053" with the port that was given. */
struct str api_url(const struct api *api);
/**
 * Take no connection any more, answer what was begun, and who has just connected, for at most drain_ms; then end. Returns how many
 * requests were cut off. NULL is fine.
 */
size_t api_close(struct api *api, unsigned drain_ms);

#endif

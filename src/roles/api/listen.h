/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The listening socket. Loopback and unix sockets are always fine; any other address only with TLS or
 * behind a proxy, because keys and cookies would cross the network readable.
 */
#ifndef DSS_ROLES_API_LISTEN_H
#define DSS_ROLES_API_LISTEN_H

#include "base/address.h"

struct listen_at {
	struct str path; /**< of a unix socket; empty: address and port */
	struct address address;
	uint16_t port;
};

/** @is_guarded  TLS, or behind a proxy */
int listen_parse(struct str text, bool is_guarded, struct listen_at *ret, struct err *err) MUST_USE;
/**
 * A non-blocking socket that listens. An address in use is an error, also when another one of ours has
 * it; one that only lingers is not. A unix socket file that nobody listens on is replaced, its mode is
 * 0660. *at gets the port.
 */
int listen_open(struct listen_at *at, int *ret_fd, struct err *err) MUST_USE;

#endif

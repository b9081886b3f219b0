/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A stream to the broker: TCP, or TLS 1.2 and later over it. Never blocks: what would wait says -EAGAIN.
 * The broker's address is the operator's: the address policy is for strangers.
 *
 * TLS runs over memory, so that no write of the library's own touches the socket. The certificate is
 * verified against the system's roots or those of a file, and its name against the host's.
 */
#ifndef DSS_BUS_RABBITMQ_LINK_H
#define DSS_BUS_RABBITMQ_LINK_H

#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

/** What TLS connections share. */
struct link_tls;
/** @ca_file  PEM; NULL: the system's roots. -ENOENT …, ERR_SYNTAX: no certificate in it */
int link_tls_open(const char *ca_file, struct link_tls **ret, struct err *err) MUST_USE;
/** NULL is fine. */
void link_tls_close(struct link_tls *tls);

struct link;

/** Begins to connect. @tls  NULL: none; @host  whose name the certificate must have */
int link_open(const struct sockaddr *address, socklen_t size, const struct link_tls *tls,
	      const char *host, struct link **ret, struct err *err) MUST_USE;
/** NULL is fine. */
void link_close(struct link *link);

int link_descriptor(const struct link *link);
/** Does it wait until the descriptor can be written? Else only for bytes. */
bool link_wants_write(const struct link *link);
/** Goes on with connecting: 0: connected and, with TLS, verified; -EAGAIN: not yet; else it failed. */
int link_begin(struct link *link, struct err *err) MUST_USE;
/** How many bytes came; -EAGAIN: none now; -EPIPE: the other side has closed; else it failed. */
ptrdiff_t link_receive(struct link *link, char *to, size_t size, struct err *err) MUST_USE;
/** How many bytes were taken, maybe 0. */
ptrdiff_t link_send(struct link *link, struct str bytes, struct err *err) MUST_USE;

#endif

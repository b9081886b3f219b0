/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The TLS of one probe: bytes in, bytes out, no socket. Whose certificate it is does not matter: the
 * probe asks our own address on this machine whether it is answered, and says nothing worth hiding.
 */
#ifndef DSS_ROLES_SERVE_PROBE_TLS_H
#define DSS_ROLES_SERVE_PROBE_TLS_H

#include "base/str.h"

struct probe_tls;

struct probe_tls *probe_tls_open(struct str request);
void probe_tls_close(struct probe_tls *tls);
/** What the other side has sent: as much as was taken is read from it. */
void probe_tls_take(struct probe_tls *tls, struct str bytes);
/**
 * Go on with what was taken: handshake, then the request, then the answer, which is put after the *len
 * octets of `answer`.
 * @ret_out  to be sent; lives until the next call
 * 0; -EPROTO: that is no TLS that we could speak.
 */
int probe_tls_step(struct probe_tls *tls, char *answer, size_t size, size_t *len,
		   struct str *ret_out) MUST_USE;

#endif

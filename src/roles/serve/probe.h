/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Does the API say that it is ready? One GET /readyz to its own listening address, from the same
 * machine. A wildcard address is asked on loopback.
 */
#ifndef DSS_ROLES_SERVE_PROBE_H
#define DSS_ROLES_SERVE_PROBE_H

#include <uv.h>

#include "base/err.h"
#include "base/str.h"

enum { PROBE_MS = 2000 };

struct probe;

/**
 * @listen   as in server.listen: "127.0.0.1:8053", "unix:/run/dss.sock"
 * @has_tls  it speaks TLS: the handshake is made, whosever its certificate is (probe_tls.h)
 * @on_done  called once, on the loop, within PROBE_MS: is_ready when the status was 200
 */
int probe_start(uv_loop_t *loop, struct str listen, bool has_tls,
		void (*on_done)(bool is_ready, void *data), void *data, struct probe **ret,
		struct err *err) MUST_USE;
/** on_done is not called any more. Not after it was. */
void probe_cancel(struct probe *probe);

#endif

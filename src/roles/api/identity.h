/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How a request is found again: X-Request-Id and the trace (base/trace.h). What a client sends is taken
 * when it is well formed, else both are made; they go into the log, the answer, events and queue.
 */
#ifndef DSS_ROLES_API_IDENTITY_H
#define DSS_ROLES_API_IDENTITY_H

#include "base/trace.h"

enum { REQUEST_ID_MOST = 64 };

struct identity {
	char parent[TRACEPARENT_BYTES]; /**< our step, under the client's trace */
	char trace_id[TRACE_ID_TEXT_BYTES];
	char request_id[REQUEST_ID_MOST + 1]; /**< the client's, or the trace's id */
};

/**
 * @sent_id      X-Request-Id, or empty: 1 to 64 of letters, digits and . _ - is taken
 * @sent_parent  traceparent, or empty
 */
void identity_begin(struct identity *identity, struct str sent_id, struct str sent_parent);

#endif

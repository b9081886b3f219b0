/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A scan request on the bus: {"v":1,"scan":"scn_…","traceparent":"00-…"}. It names the scan; all else
 * is in the store. Version 1 readers ignore members that they do not know.
 */
#ifndef DSS_BUS_MESSAGE_H
#define DSS_BUS_MESSAGE_H

#include "base/err.h"
#include "base/uuid.h"

struct scan_message {
	struct uuid scan;
	struct str trace; /**< W3C traceparent; empty: none */
};

void scan_message_write(struct buf *out, const struct scan_message *message);
/** ERR_VERSION: another "v"; ERR_SYNTAX: no JSON object, no "v", no scan's id, a member twice. Bury
 * it with err's text: it will not get better. */
int scan_message_read(struct arena *a, struct str body, struct scan_message *ret,
		      struct err *err) MUST_USE;

#endif

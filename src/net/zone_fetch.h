/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A whole zone from a server that gives it (AXFR, RFC 5936), signed if there is a key (RFC 8945): one TCP
 * connection, its names as they come. Bounded by ZONE_FETCH_BYTES, ZONE_STREAM_RECORDS, a time for the
 * whole and one for silence. Names are good for nothing before the end: on a failure forget them.
 */
#ifndef DSS_NET_ZONE_FETCH_H
#define DSS_NET_ZONE_FETCH_H

#include "formats/dns/zone_stream.h"
#include "net/socket.h"
#include "net/tsig_stream.h"

#include <uv.h>

enum { ZONE_FETCH_BYTES = 512 << 20, ZONE_FETCH_MS = 600000, ZONE_FETCH_SILENCE_MS = 20000 };

struct zone_fetch_order {
	struct address server;
	uint16_t port; /**< 0: 53 */
	struct str zone;
	bool takes_all;             /**< zone_stream.takes_all */
	const struct tsig_key *key; /**< NULL: unsigned */
	uint32_t timeout_ms;        /**< of the whole; 0: ZONE_FETCH_MS */
	uint32_t silence_ms;        /**< 0: ZONE_FETCH_SILENCE_MS */
};

struct zone_fetch_events {
	/** Names, each with a line feed behind it. */
	void (*on_names)(void *context, struct str names);
	/** Once, at the end: stream NULL: it failed, and why is one line for people. */
	void (*on_end)(void *context, const struct zone_stream *stream, const char *why);
};

struct zone_fetch;

/** What the order points to, and events, must outlive *ret. ERR_DENIED; ERR_SYNTAX, ERR_LIMIT: no name;
 * -errno. No event from within. */
int zone_fetch_start(uv_loop_t *loop, const struct egress *egress,
		     const struct zone_fetch_order *order, const struct zone_fetch_events *events,
		     void *context, struct zone_fetch **ret, struct err *err) MUST_USE;
/** No event after this; its memory goes when the loop has closed the handles. NULL is fine; needed after
 * on_end, too, there or later. */
void zone_fetch_close(struct zone_fetch *fetch);
/** Read nothing for a while; silence does not count meanwhile. */
void zone_fetch_pause(struct zone_fetch *fetch);
void zone_fetch_resume(struct zone_fetch *fetch);

#endif

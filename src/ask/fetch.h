/* SPDX-License-Identifier: Apache-2.0 */
/**
 * One HTTP request of an asker: the host's addresses by our own DNS questions (ask/reach.h), then one
 * address after the other until one can be connected to. Ends the entry's question when there is no
 * response; redirects are the asker's own affair. Of one host SLOTS_OF_HOST are under way at once (ask/slots.h):
 * who gets no place within seconds ends as FAILURE_BUDGET. It gets so many requests a second (ask/holds.h): one
 * over that waits for its turn, and the scan's clocks stand meanwhile. So does one to a host that asked us to wait;
 * when it asked for more than LATER_LONGEST_US (ask/later.h), the question ends as FAILURE_RATE_LIMITED.
 */
#ifndef DSS_ASK_FETCH_H
#define DSS_ASK_FETCH_H

#include "ask/reach.h"
#include "net/http.h"

struct fetch_order {
	struct str url;        /**< canonical; views are copied */
	struct address server; /**< not set: found by the URL's host */
	const char *accept;
	uint32_t body_bytes;
	bool is_strict; /**< a certificate with faults is FAILURE_TLS */
};

struct fetch;

/** Called once with a response, entry->fact.from set; it may start the next fetch of the entry. */
typedef void fetch_callback(struct entry *entry, const struct http_result *result);

/** Start; entry->task is the fetch until it has ended. 0, or a negative code: nothing was started. */
int fetch_start(struct entry *entry, const struct fetch_order *order,
		fetch_callback *callback) MUST_USE;
/** Of an asker: what entry->task of a fetch is cancelled by. */
void fetch_cancel(struct entry *entry);

#endif

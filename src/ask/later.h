/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A server asks to wait: 429 (RFC 6585 section 4), or 503 with Retry-After (RFC 9110 section 10.2.3; RFC 7480
 * section 5.5). A time of at most LATER_LONGEST_US is waited, once a question; whatever it is, nobody asks
 * that host before it is over (ask/fetch.h).
 */
#ifndef DSS_ASK_LATER_H
#define DSS_ASK_LATER_H

#include "ask/asker.h"
#include "net/http.h"

enum { LATER_LONGEST_US = 10000000, LATER_WAITED = 0x80 /**< in asking->step: it has waited */ };

bool later_is_asked(const struct http_result *result);
/** Remember it of the host: before its place is given to another question. */
void later_note(struct entry *entry, struct str host, const struct http_result *result);
/** Wait as the server asks; `again` is called when it is time. False: it asks for too much, does not say how
 * long, or asks for a second time. */
bool later_wait(struct entry *entry, const struct http_result *result,
		void (*again)(struct entry *entry)) MUST_USE;
const struct web_header *later_header(const struct http_result *result, const char *name);

#endif

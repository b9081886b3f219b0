/* SPDX-License-Identifier: Apache-2.0 */
/** Times as RFC 3339 writes them, into microseconds since 1970-01-01 UTC. */
#ifndef DSS_FORMATS_RFC3339_H
#define DSS_FORMATS_RFC3339_H

#include "base/err.h"
#include "base/str.h"

/**
 * A date-time of section 5.6, with any offset and up to nine digits of a second; years 1970 to 9999. A
 * leap second is the second before it. 0 or ERR_SYNTAX.
 */
int rfc3339_parse(struct str text, int64_t *ret_utc_us) MUST_USE;
/** A full-date: its first moment in UTC. */
int rfc3339_parse_date(struct str text, int64_t *ret_utc_us) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** Lines of an HTTP response's head (RFC 9110 section 5, RFC 9112 sections 4 and 5). Pure. */
#ifndef DSS_FORMATS_WEB_HEADER_H
#define DSS_FORMATS_WEB_HEADER_H

#include "base/err.h"
#include "base/str.h"

struct web_header {
	struct str name;  /**< a token, as sent */
	struct str value; /**< without blanks around it; any octets but CR, LF and NUL */
};

/** One line, with or without its CR LF. 0, or ERR_SYNTAX: no token before the colon, a blank before it,
 * a folded line, a NUL (RFC 9112 sections 5.1 and 5.2). */
int web_header_read(struct str line, struct web_header *ret) MUST_USE;
/** "HTTP/1.1 200 OK": the status, 100 to 599; or ERR_SYNTAX. */
int web_status_read(struct str line, unsigned *ret) MUST_USE;
/** "Text/Plain; charset=utf-8" is "text/plain" (lower case in the arena); empty when it is none. */
struct str web_media_type(struct arena *a, struct str value);
/** Retry-After: seconds, or a date of RFC 9110 section 5.6.7; now_us says how far that is. Negative:
 * neither. A past date is 0. */
int64_t web_retry_after_us(struct str value, int64_t now_us);
/** "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate), or ERR_SYNTAX. */
int web_date_parse(struct str text, int64_t *ret_utc_us) MUST_USE;

#endif

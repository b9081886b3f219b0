/* SPDX-License-Identifier: Apache-2.0 */
/**
 * URLs of the schemes http and https (RFC 9110 section 4.2, RFC 3986), read once and strictly: whoever
 * connects uses the parts found here, so that no two readers can disagree about the host. Refused are user
 * information, other schemes, backslashes, blanks and controls, hosts that are neither a host name nor an
 * address in its one strict form (0x7f.1, 2130706433 and 127.1 are no hosts), and anything longer than
 * WEB_URL_BYTES. A fragment is dropped; octets beyond ASCII in the path are percent-encoded. Pure.
 */
#ifndef DSS_FORMATS_WEB_URL_H
#define DSS_FORMATS_WEB_URL_H

#include "base/address.h"

enum { WEB_URL_BYTES = 1024 };

struct web_url {
	struct str text; /**< canonical: lower case host, no default port, no fragment */
	bool is_https;
	struct str host; /**< a name in the form of formats/dns/name.h, or an address as text */
	struct address address; /**< set when the host is an address */
	uint16_t port;
	struct str path; /**< from its first "/", with the query */
};

/** 0; ERR_SYNTAX, ERR_LIMIT: err says what is wrong. Views are in the arena. */
int web_url_parse(struct arena *a, struct str text, struct web_url *ret, struct err *err) MUST_USE;
/** The target of a reference found at base (RFC 3986 section 5.2): of Location, of a link. */
int web_url_resolve(struct arena *a, const struct web_url *base, struct str reference,
		    struct web_url *ret, struct err *err) MUST_USE;

#endif

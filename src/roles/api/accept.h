/* SPDX-License-Identifier: Apache-2.0 */
/** Content negotiation (RFC 9110 section 12): Accept, Accept-Encoding, media types of bodies. */
#ifndef DSS_ROLES_API_ACCEPT_H
#define DSS_ROLES_API_ACCEPT_H

#include "base/str.h"

/**
 * The offer that the client wants most; the first of equals. NULL: none is acceptable.
 * @accept  the header; empty accepts all
 * @offers  media types, NULL-terminated, the best for us first; their parameters do not count
 */
const char *accept_media(struct str accept, const char *const *offers);
/** Does Accept-Encoding take gzip? Absent: no. */
bool accept_gzip(struct str accept_encoding);
/** "application/json" of "Application/JSON; charset=utf-8"; a charset other than UTF-8 gives "". */
struct str media_of(struct str content_type);
/** Seconds of "wait=N" in Prefer (RFC 7240 section 4.3); 0: none. */
unsigned prefer_wait(struct str prefer);

#endif

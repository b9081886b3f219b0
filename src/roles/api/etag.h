/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Entity tags and conditions (RFC 9110 sections 8.8.3 and 13.1). A tag is the version of a row, or a
 * hash of the answer. A gzipped answer is another representation, so its strong tag ends with "-gz";
 * both forms are taken back.
 */
#ifndef DSS_ROLES_API_ETAG_H
#define DSS_ROLES_API_ETAG_H

#include "base/str.h"

enum { ETAG_BYTES = 48 };

/** "\"v12-5f3a9c01\"": the version that If-Match compares, and a hash, because an answer also shows
 * what is outside of the version (a domain's grade). */
void etag_of_version(char out[static ETAG_BYTES], int64_t version, struct str bytes);
void etag_of_bytes(char out[static ETAG_BYTES], struct str bytes);
/** Put "-gz" before the closing quote. */
void etag_mark_gzip(char tag[static ETAG_BYTES]);
/** Does the list of If-Match or If-None-Match hold the tag, or is it "*"? Weak tags match only when
 * is_weak_fine (If-None-Match). */
bool etag_is_in(struct str list, struct str tag, bool is_weak_fine);
/** The version that If-Match names: 0 for "*"; ERR_SYNTAX when it is no tag of ours. */
int etag_version(struct str if_match, int64_t *ret) MUST_USE;

#endif

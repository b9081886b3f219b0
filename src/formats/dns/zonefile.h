/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which names own records in a zone file (RFC 1035 section 5; RFC 2308 section 4)? Line by line and in
 * constant memory; data of records is passed over, not read. Pure.
 */
#ifndef DSS_FORMATS_DNS_ZONEFILE_H
#define DSS_FORMATS_DNS_ZONEFILE_H

#include "base/err.h"
#include "base/str.h"

enum { ZONEFILE_NAME_BYTES = 1024 /**< of a name with all of its octets escaped */ };

/** All zero before the first line; or with origin filled, without its last dot. */
struct zonefile {
	char origin[ZONEFILE_NAME_BYTES], owner[ZONEFILE_NAME_BYTES];
	size_t origin_len, owner_len;
	bool has_origin; /**< it may be empty: the root */
	unsigned depth;  /**< of parentheses: a record goes on on the next line */
};

/**
 * The next line, without its end. *ret_owner: a name that owns records and is not that of the record
 * before, without its last dot, as it is written: any case, escapes kept; valid until the next call.
 * 1: there is one; 0: none on this line, or one that is no domain of anybody's: a wildcard, a name
 * with a label that begins with "_", the root; ERR_SYNTAX: err says why, and the next line can be read.
 */
int zonefile_owner(struct zonefile *zone, struct str line, struct str *ret_owner,
		   struct err *err) MUST_USE;

#endif

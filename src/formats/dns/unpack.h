/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Copying rdata out of a packet: names in it come out uncompressed and in lower case, all other
 * octets as they are. Types whose names may be compressed are those of RFC 1035 (RFC 3597 section
 * 4); for the later types with names compression is undone too, because some servers compress them
 * (RFC 3597 section 4 asks receivers to).
 */
#ifndef DSS_FORMATS_DNS_UNPACK_H
#define DSS_FORMATS_DNS_UNPACK_H

#include "base/err.h"
#include "base/str.h"

/**
 * @packet  ends where the rdata ends
 * @start   where the rdata begins
 * @ret     in the arena
 * Rdata that ends inside a name is copied as it is (a malformed record of a message that can still
 * be read); ERR_SYNTAX, ERR_LIMIT: a name in it breaks the rules of compression or of length.
 */
int dns_rdata_unpack(struct arena *a, struct str packet, size_t start, uint16_t type,
		     struct str *ret) MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Special-purpose addresses: those of the IANA IPv4 and IPv6 Special-Purpose Address Registries that are
 * not globally reachable, multicast, and retired blocks. Globally reachable special blocks outside
 * 192.0.0.0/24 and 2001::/23 (AS112, AMT relays) are ordinary addresses. The address policy denies
 * these blocks, and checks report public names that point into them.
 */
#ifndef DSS_FORMATS_SPECIAL_H
#define DSS_FORMATS_SPECIAL_H

#include "base/address.h"

struct special_block {
	struct network network;
	const char *text;   /**< "192.0.2.0/24" */
	const char *name;   /**< "documentation (TEST-NET-1)" */
	const char *source; /**< "RFC 5737" */
};

/** All blocks, each narrow block before the wider one that holds it. */
const struct special_block *special_blocks(size_t *ret_count);
/** The narrowest block that holds address, or NULL: an ordinary address. */
const struct special_block *special_block_of(const struct address *address);

#endif

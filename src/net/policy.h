/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The address policy: where DSS may connect because of what a stranger said. Addresses are judged
 * by value, after parsing, so no spelling passes; what embeds an IPv4 address (mapped, compatible,
 * translated, 6to4, Teredo, NAT64) is denied as a whole, since the packet would go where the inner
 * address says.
 *
 * The denied blocks are those of formats/special.h.
 */
#ifndef DSS_NET_POLICY_H
#define DSS_NET_POLICY_H

#include "formats/special.h"

/** All zero denies every block. */
struct policy {
	const struct network *allowed; /**< exceptions made by the operator; must outlive it */
	size_t allowed_count;
};

/**
 * May we send to address? When not, *ret_block (may be NULL) says which block denies it; an address
 * without family is denied with *ret_block NULL. An exception counts for its own spelling only:
 * allowing 10.0.0.0/8 does not allow ::ffff:10.0.0.1.
 */
bool policy_allows(const struct policy *policy, const struct address *address,
		   const struct special_block **ret_block) MUST_USE;

#endif

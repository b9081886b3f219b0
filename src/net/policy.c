/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses may a stranger's word not make us connect to? */
#include "net/policy.h"

bool policy_allows(const struct policy *policy, const struct address *address,
		   const struct special_block **ret_block)
{
	const struct special_block *found = special_block_of(address);

	if (address_is_set(address) && !found)
		return true;
	for (size_t i = 0; found && i < policy->allowed_count; i++)
		if (network_has(&policy->allowed[i], address))
			return true;
	if (ret_block)
		*ret_block = found;
	return false;
}

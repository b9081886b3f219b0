/* SPDX-License-Identifier: Apache-2.0 */
/* Could anybody register this domain? */
#include "checks/derived/registered.h"
#include "checks/derived/registration_of.h"

const void *derived_registered(struct judge *j)
{
	struct registered *ret = ARENA_NEW(j->arena, struct registered);
	const struct dns_answer *ns = ask_dns(j, j->domain, DNS_NS);
	const struct registration_of *of;

	if (!ns)
		return NULL;
	*ret = (struct registered){ .is_registered = true, .is_sure = true };
	if (ns->rcode != DNS_NXDOMAIN)
		return ret;
	of = derive_registration_of(j, j->domain);
	if (!of)
		return NULL;
	ret->is_sure = of->registration != NULL;
	ret->is_registered = of->registration && of->registration->is_found;
	return ret;
}

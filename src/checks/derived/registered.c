/* SPDX-License-Identifier: Apache-2.0 */
/* Could anybody register this domain? */
#include "checks/derived/registered.h"
#include "checks/derived/registration_of.h"
#include "formats/names/psl.h"

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

void judge_registered(struct judge *j, unsigned check, struct str name, bool resolves)
{
	struct str domain = registrable_domain(name);
	const struct registered *registered;

	about(j, check);
	if (resolves) {
		pass(j, check, name);
	} else if (domain.len) {
		registered = derive_registered(j, domain);
		if (registered && !registered->is_sure)
			unknown(j, check, "the registry has no server to ask");
		else if (registered)
			expect(j, check, name, registered->is_registered,
			       "%.*s is not registered: whoever registers it answers here",
			       STR(domain));
	}
	about_all(j);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What does the registry say of a domain? */
#include "checks/derived/registration_of.h"

const void *derived_registration_of(struct judge *j)
{
	struct registration_of *ret = ARENA_NEW(j->arena, struct registration_of);
	const struct fact *rdap = try_rdap(j, j->domain, 0), *whois;

	if (!rdap)
		return NULL;
	if (fact_is_answer(rdap)) {
		ret->registration = rdap->rdap;
		return ret;
	}
	whois = try_whois(j, j->domain);
	if (!whois)
		return NULL;
	if (fact_is_answer(whois)) {
		ret->registration = whois->whois;
		ret->is_by_whois = true;
		return ret;
	}
	if (rdap->failure == FAILURE_NO_SERVER && whois->failure == FAILURE_NO_SERVER)
		return ret;
	give_up(j, rdap->failure == FAILURE_NO_SERVER ? whois : rdap);
	return NULL;
}

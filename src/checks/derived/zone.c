/* SPDX-License-Identifier: Apache-2.0 */
/* Which zone holds a name, and which zone is above it? */
#include "checks/derived/zone.h"

#include "formats/names/psl.h"

enum { CLIMB = 12 };

/* The apex that an answer to (name, SOA) tells: its SOA's owner, at the name or in the authority section
 * (RFC 2308 section 2); no data when it tells none, as behind an alias. */
static struct str apex_told(struct str name, const struct dns_answer *answer)
{
	if (answer->count && !answer->chain_count)
		return answer->rr[0].owner;
	for (size_t i = 0; i < answer->authority_count; i++)
		if (answer->authority[i].type == DNS_SOA &&
		    dns_name_is_under(name, answer->authority[i].owner))
			return answer->authority[i].owner;
	return STR_NONE;
}

/* The apex of the nearest zone at or above name that answers; *ret_below is the name one label below
 * the last one asked. False: pending, or a gap that was noted. */
static bool climb(struct judge *j, struct str name, struct str *ret_apex, struct str *ret_below)
{
	struct str below = j->domain;

	for (unsigned i = 0; i < CLIMB && name.len; i++) {
		const struct fact *soa = try_dns(j, name, DNS_SOA);
		struct str apex;

		if (!soa)
			return false;
		apex = fact_is_answer(soa) ? apex_told(name, soa->dns) : STR_NONE;
		if (apex.len) {
			*ret_apex = apex;
			*ret_below = below;
			return true;
		}
		below = name;
		name = dns_name_parent(name);
	}
	return false;
}

/* A resolver that knows an alias at an apex follows it for SOA too. DS it asks of the parent (RFC 4035
 * section 3.1.4.1): that answer is an alias only where the name is no apex. Without DS records, which
 * only an apex has, a server that denies what it should alias could be taken for a parent: then the name
 * must be one that suffixes delegate. False: pending. */
static bool alias_is_apex(struct judge *j, bool *ret_is_apex)
{
	const struct fact *ds = try_dns(j, j->domain, DNS_DS);

	if (!ds)
		return false;
	*ret_is_apex = fact_is_answer(ds) && ds->dns->rcode == DNS_NOERROR &&
		       !ds->dns->chain_count &&
		       (ds->dns->count || str_eq(registrable_domain(j->domain), j->domain));
	return true;
}

const void *derived_zone(struct judge *j)
{
	struct zone *zone = ARENA_NEW(j->arena, struct zone);
	const struct fact *soa = try_dns(j, j->domain, DNS_SOA);
	struct str above = dns_name_parent(j->domain), apex, below;

	if (above.len)
		want_dns(j, above, DNS_SOA);
	if (!soa)
		return NULL;
	if (fact_is_answer(soa)) {
		zone->apex = apex_told(j->domain, soa->dns);
		zone->is_missing = dns_is_nxdomain(soa->dns) && !soa->dns->chain_count;
		/* An empty answer without any SOA says nothing of the zone (RFC 2308 section 2.2). */
		if (!zone->apex.len && !zone->is_missing && !soa->dns->chain_count)
			zone->failure = FAILURE_GARBAGE;
	} else {
		zone->failure = (enum failure)soa->failure;
	}
	if (fact_is_answer(soa) && soa->dns->chain_count && !zone->apex.len) {
		bool is_apex;

		if (!alias_is_apex(j, &is_apex))
			return NULL;
		zone->apex = is_apex ? j->domain : STR_NONE;
	}
	if (!zone->apex.len) {
		if (!climb(j, above, &apex, &below))
			return NULL;
		/* An alias is held by the zone above it; what fails is the zone below the last that answers. */
		zone->apex = zone->failure ? below : apex;
	}
	if (zone->is_missing)
		return zone;
	zone->is_apex = str_eq(zone->apex, j->domain);
	above = dns_name_parent(zone->apex);
	if (above.len && !climb(j, above, &zone->parent, &below))
		return NULL;
	return zone;
}

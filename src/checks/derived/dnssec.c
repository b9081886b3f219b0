/* SPDX-License-Identifier: Apache-2.0 */
/* Is the zone that holds a name signed? RFC 4035 sections 2.1 and 2.4. */
#include "checks/derived/dnssec.h"

const void *derived_dnssec(struct judge *j)
{
	struct dnssec *ret = ARENA_NEW(j->arena, struct dnssec);
	const struct zone *zone = derive_zone(j, j->domain);
	const struct dnskeys *keys;
	const struct fact *ds;

	if (!zone)
		return NULL;
	ret->apex = zone->apex;
	ret->parent = zone->parent;
	ret->is_missing = zone->is_missing || !zone->parent.len;
	if (ret->is_missing)
		return ret;
	about_none(j);
	ds = try_dns(j, zone->apex, DNS_DS);
	keys = derive_dnskeys(j, zone->apex);
	ret->is_signed = (ds && fact_is_answer(ds) && ds->dns->count) || (keys && keys->key_count);
	if (ret->is_signed || j->is_pending)
		return ret;
	/* What is not known may hide a key: now it counts. */
	about_all(j);
	keys = derive_dnskeys(j, zone->apex);
	return ask_dns(j, zone->apex, DNS_DS) && keys && !keys->is_partial ? ret : NULL;
}

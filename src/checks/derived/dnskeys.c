/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys does each server of a zone publish? RFC 4035 section 2.1. */
#include "checks/derived/dnskeys.h"

enum { PROTOCOL_DNSSEC = 3 };

bool dns_has_signature(const struct dns_answer *answer, struct str owner, uint16_t type)
{
	for (size_t i = 0; i < answer->other_count; i++)
		if (dns_is_signature(&answer->other[i], owner, type))
			return true;
	return false;
}

bool dns_is_zone_key(const struct dns_rr *rr)
{
	return rr->type == DNS_DNSKEY && !rr->is_malformed && rr->dnskey.flags & DNSKEY_ZONE &&
	       rr->dnskey.protocol == PROTOCOL_DNSSEC;
}

bool dnskeys_has(const struct dnskey_view *view, const struct dns_rr *key)
{
	for (size_t i = 0; i < view->answer->count && i < DNSKEYS; i++)
		if (dns_is_zone_key(&view->answer->rr[i]) &&
		    str_eq(view->answer->rr[i].rdata, key->rdata))
			return true;
	return false;
}

static void add_key(struct dnskeys *ret, const struct dns_rr *key)
{
	for (size_t i = 0; i < ret->key_count; i++)
		if (str_eq(ret->keys[i]->rdata, key->rdata))
			return;
	if (ret->key_count < DNSKEYS)
		ret->keys[ret->key_count++] = key;
}

static void add_view(struct judge *j, struct dnskeys *ret, const struct responder *server)
{
	const struct dns_answer *answer =
		ask_dns_at(j, server->address, j->domain, DNS_DNSKEY, DNS_QUERY_DO);
	struct dnskey_view *view = &ret->views[ret->count];

	ret->is_partial |= !answer;
	if (!answer || !dns_is_own_data(answer) || dns_is_nxdomain(answer))
		return;
	view->server = server;
	address_text(&server->address, view->address);
	view->answer = answer;
	view->is_signing = dns_has_signature(answer, j->domain, DNS_DNSKEY);
	for (size_t i = 0; i < answer->count && i < DNSKEYS; i++)
		if (dns_is_zone_key(&answer->rr[i])) {
			view->has_keys = true;
			add_key(ret, &answer->rr[i]);
		}
	ret->count++;
}

/* Can there be addresses that are not among the responders? Glue stands in for what is not known. */
static bool may_have_more(const struct name_servers *servers)
{
	bool may = !servers->has_referral;

	for (size_t i = 0; i < servers->count; i++)
		may |= servers->servers[i].has_failed &&
		       (servers->servers[i].address_count || !servers->servers[i].glue_count);
	return may;
}

const void *derived_dnskeys(struct judge *j)
{
	struct dnskeys *ret = ARENA_NEW(j->arena, struct dnskeys);
	const struct responders *responders = derive_responders(j, j->domain);
	const struct name_servers *servers = derive_name_servers(j, j->domain);

	if (!responders || !servers)
		return NULL;
	ret->is_partial = may_have_more(servers);
	ret->views = arena_array(j->arena, responders->count, sizeof *ret->views);
	ret->keys = arena_array(j->arena, DNSKEYS, sizeof(const struct dns_rr *));
	for (size_t i = 0; i < responders->count; i++)
		if (!responders->servers[i].is_silent)
			add_view(j, ret, &responders->servers[i]);
	return ret;
}

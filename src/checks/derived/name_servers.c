/* SPDX-License-Identifier: Apache-2.0 */
/* Who serves a zone, by its parent's word and by its own? */
#include "checks/derived/name_servers.h"

enum { PARENT_SERVERS = 3, PARENT_ADDRESSES = 4 };

static struct name_server *server_named(struct name_servers *ret, struct str name)
{
	for (size_t i = 0; i < ret->count; i++)
		if (str_eq(ret->servers[i].name, name))
			return &ret->servers[i];
	if (ret->count == NAME_SERVERS)
		return NULL;
	ret->servers[ret->count].name = name;
	return &ret->servers[ret->count++];
}

static void addresses_add(struct address *addresses, size_t *count, const struct address *address)
{
	for (size_t i = 0; i < *count; i++)
		if (address_eq(&addresses[i], address))
			return;
	if (*count < NAME_SERVER_ADDRESSES)
		addresses[(*count)++] = *address;
}

static bool is_address_type(uint16_t type)
{
	return type == DNS_A || type == DNS_AAAA;
}

/* Addresses of the parent's servers; IPv4 first, as more machines can reach it. */
static size_t parent_addresses(struct judge *j, struct str parent,
			       struct address ret[static PARENT_ADDRESSES])
{
	const struct dns_answer *ns = ask_dns(j, parent, DNS_NS);
	static const uint16_t types[] = { DNS_A, DNS_AAAA };
	const struct fact *failed = NULL;
	size_t count = 0;

	if (!ns)
		return 0;
	for (size_t t = 0; t < ARRAY_COUNT(types); t++)
		for (size_t i = 0; i < ns->count && i < PARENT_SERVERS; i++) {
			const struct fact *fact = try_dns(j, ns->rr[i].name, types[t]);

			for (size_t k = 0; fact && fact_is_answer(fact) && k < fact->dns->count;
			     k++)
				if (count < PARENT_ADDRESSES)
					ret[count++] = fact->dns->rr[k].address;
			failed = fact && !fact_is_answer(fact) ? fact : failed;
		}
	if (!count && failed)
		give_up(j, failed);
	return count;
}

/* What a parent's server says of the zone: the first that answers. */
static const struct dns_answer *ask_parent(struct judge *j, struct str zone, struct str parent)
{
	struct address addresses[PARENT_ADDRESSES];
	size_t count = parent_addresses(j, parent, addresses);

	if (j->is_pending)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const struct fact *fact = try_dns_at(j, addresses[i], zone, DNS_NS, 0);

		if (!fact)
			return NULL;
		if (fact_is_answer(fact) &&
		    (fact->dns_at->rcode == DNS_NOERROR || fact->dns_at->rcode == DNS_NXDOMAIN))
			return fact->dns_at;
	}
	return count ? ask_dns_at(j, addresses[0], zone, DNS_NS, 0) : NULL;
}

static void add_set(struct name_servers *ret, const struct dns_rr *rr, size_t count, bool is_parent)
{
	for (size_t i = 0; i < count; i++) {
		struct name_server *server;

		if (rr[i].type != DNS_NS || rr[i].is_malformed || !str_eq(rr[i].owner, ret->zone))
			continue;
		server = server_named(ret, rr[i].name);
		if (server && is_parent)
			server->is_in_parent = true;
		else if (server)
			server->is_in_child = true;
		ret->is_delegated |= is_parent;
	}
}

/* A server of both parent and child answers with authority instead of a referral: its answer section
 * then is what a resolver is led by. */
static void add_parent(struct name_servers *ret, const struct dns_answer *answer)
{
	ret->has_referral = true;
	ret->referral = answer;
	add_set(ret, answer->authority, answer->authority_count, true);
	if (!ret->is_delegated)
		add_set(ret, answer->rr, answer->count, true);
	for (size_t i = 0; i < answer->additional_count; i++) {
		const struct dns_rr *rr = &answer->additional[i];

		for (size_t k = 0; is_address_type(rr->type) && !rr->is_malformed && k < ret->count;
		     k++)
			if (str_eq(ret->servers[k].name, rr->owner))
				addresses_add(ret->servers[k].glue, &ret->servers[k].glue_count,
					      &rr->address);
	}
}

/* Where the parent gives glue, a look-up that fails leaves nobody without an address to ask. */
static const struct dns_answer *look_up(struct judge *j, const struct name_server *server,
					uint16_t type)
{
	const struct fact *fact;

	if (!server->glue_count)
		return ask_dns(j, server->name, type);
	fact = try_dns(j, server->name, type);
	return fact && fact_is_answer(fact) ? fact->dns : NULL;
}

static void add_addresses(struct judge *j, struct name_server *server, uint16_t type)
{
	const struct dns_answer *answer = look_up(j, server, type);

	if (!answer) {
		server->has_failed = true;
		return;
	}
	server->is_alias |= answer->chain_count > 0;
	for (size_t i = 0; i < answer->count; i++)
		addresses_add(server->addresses, &server->address_count, &answer->rr[i].address);
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct name_server *)a)->name,
		       ((const struct name_server *)b)->name);
}

const void *derived_name_servers(struct judge *j)
{
	struct name_servers *ret = ARENA_NEW(j->arena, struct name_servers);
	const struct zone *zone = derive_zone(j, j->domain);
	const struct fact *child = try_dns(j, j->domain, DNS_NS);
	const struct dns_answer *parent;
	size_t named;

	if (!zone || !child)
		return NULL;
	*ret = (struct name_servers){ .zone = j->domain, .parent = zone->parent };
	parent = zone->parent.len ? ask_parent(j, j->domain, zone->parent) : NULL;
	named = fact_is_answer(child) ? child->dns->count : 0;
	named += parent ? parent->authority_count + parent->count : 0;
	ret->servers =
		arena_array(j->arena, MIN(named, (size_t)NAME_SERVERS), sizeof *ret->servers);
	if (parent)
		add_parent(ret, parent);
	/* A resolver that knows an alias at the apex follows it for NS too: nothing of the zone's. */
	if (fact_is_answer(child) && !child->dns->chain_count) {
		ret->has_child = true;
		add_set(ret, child->dns->rr, child->dns->count, false);
	}
	qsort(ret->servers, ret->count, sizeof *ret->servers, by_name);
	for (size_t i = 0; i < ret->count; i++) {
		add_addresses(j, &ret->servers[i], DNS_A);
		add_addresses(j, &ret->servers[i], DNS_AAAA);
	}
	return ret;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Where does a chain of CNAME and DNAME records lead? */
#include "formats/dns/chain.h"

static bool is_owner(const struct dns_rr *rr, struct str name)
{
	return rr->owner.len == name.len &&
	       (rr->owner.data == name.data || !memcmp(rr->owner.data, name.data, name.len));
}

static bool is_answer(const struct dns_rr *rr, uint16_t type, struct str name)
{
	return (type == DNS_ANY || rr->type == type) && is_owner(rr, name);
}

static struct dns_rr *find_cname(struct dns_rr *const *rr, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (rr[i]->type == DNS_CNAME && !rr[i]->is_malformed && is_owner(rr[i], name))
			return rr[i];
	return NULL;
}

/* RFC 6672 section 2.3: a DNAME speaks for what is below its owner, not for the owner. */
static struct dns_rr *find_dname(struct dns_rr *const *rr, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (rr[i]->type == DNS_DNAME && !rr[i]->is_malformed && !is_owner(rr[i], name) &&
		    dns_name_is_under(name, rr[i]->owner))
			return rr[i];
	return NULL;
}

/* RFC 6672 section 2.2; no data when the new name would be too long. */
static struct str substitute(struct arena *a, struct str name, const struct dns_rr *dname)
{
	size_t owner_len = dname->owner.len + 1;
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	struct str made;

	if (str_eq(dname->owner, STR_LIT(".")))
		owner_len = 0;
	made = dns_name_child(a, str_first(name, name.len - owner_len), dname->name);
	return dns_name_to_wire(made, wire) < 0 ? STR_NONE : made;
}

static bool has_link(const struct dns_chain *chain, const struct dns_rr *rr)
{
	for (size_t i = 0; i < chain->count; i++)
		if (chain->link[i] == rr)
			return true;
	return false;
}

static void add_link(struct dns_chain *chain, struct dns_rr *rr)
{
	if (rr && !has_link(chain, rr))
		chain->link[chain->count++] = rr;
}

static bool was_at(const struct str *visited, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(visited[i], name))
			return true;
	return false;
}

void dns_chain_follow(struct arena *a, struct str name, uint16_t type, struct dns_rr *const *rr,
		      size_t count, struct dns_chain *ret)
{
	struct str visited[DNS_CHAIN_LINKS];

	ret->count = 0;
	ret->end = name;
	for (size_t step = 0; step < DNS_CHAIN_LINKS; step++) {
		struct dns_rr *cname, *dname;

		for (size_t i = 0; i < count; i++)
			if (is_answer(rr[i], type, ret->end))
				return;
		cname = find_cname(rr, count, ret->end);
		dname = find_dname(rr, count, ret->end);
		if (!cname && !dname)
			return;
		visited[step] = ret->end;
		add_link(ret, dname);
		add_link(ret, cname);
		name = cname ? cname->name : substitute(a, ret->end, dname);
		if (!name.len)
			return;
		ret->end = name;
		if (was_at(visited, step + 1, name))
			return;
	}
}

enum dns_part dns_chain_part(const struct dns_chain *chain, uint16_t type, const struct dns_rr *rr)
{
	if (is_answer(rr, type, chain->end))
		return DNS_PART_RR;
	return has_link(chain, rr) ? DNS_PART_CHAIN : DNS_PART_OTHER;
}

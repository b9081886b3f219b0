/* SPDX-License-Identifier: Apache-2.0 */
/* What do this server's zones say to a question? RFC 1034 section 4.3.2, RFC 4035 section 3.1. */
#include "answer.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER, AUTHORITY, ADDITIONAL };
enum { ENTRIES = 4096, CHAIN = 12, MADE = 256, FLAG_AA = 0x0400, TYPE_NXNAME = 128 };

struct entry {
	const uint8_t *owner;
	const struct rrset *set;
	long ttl; /* -1: as in the zone */
};

struct reply {
	const struct query *query;
	const struct zone *zone;
	struct entry entry[3][ENTRIES];
	size_t count[3];
	uint16_t flags;
	bool is_referral;
	struct rrset *made[MADE]; /* freed after writing */
	size_t made_count;
	uint8_t names[MADE][NAME_BYTES];
	size_t name_count;
};

const struct zone *server_zone(const struct server *server, const uint8_t *lower_name)
{
	if (!server->zone_slots)
		return NULL;
	for (; lower_name; lower_name = name_parent(lower_name)) {
		size_t length = name_length(lower_name);
		size_t at = (size_t)bytes_hash(lower_name, length, 3) & (server->zone_slots - 1);

		for (; server->zone[at]; at = (at + 1) & (server->zone_slots - 1))
			if (server->zone[at]->apex_length == length &&
			    !memcmp(server->zone[at]->apex, lower_name, length))
				return server->zone[at];
	}
	return NULL;
}

static void add(struct reply *r, int section, const uint8_t *owner, const struct rrset *set,
		long ttl)
{
	for (size_t i = 0; i < r->count[section]; i++)
		if (r->entry[section][i].set == set)
			return;
	if (set && r->count[section] < ENTRIES)
		r->entry[section][r->count[section]++] = (struct entry){ owner, set, ttl };
}

static struct rrset *make_set(struct reply *r, uint16_t type, uint32_t ttl, const void *data,
			      size_t length)
{
	struct rrset *set = pool_zalloc(sizeof(*set));

	if (r->made_count == MADE)
		fatal("%s: more than %d records made for one answer", r->zone->name, MADE);
	set->type = type;
	set->count = 1;
	set->rr = pool_zalloc(sizeof(*set->rr));
	set->rr->ttl = ttl;
	set->rr->length = (uint16_t)length;
	set->rr->data = memcpy(pool_zalloc(length), data, length);
	r->made[r->made_count++] = set;
	return set;
}

static uint8_t *keep_name(struct reply *r, const uint8_t *name)
{
	return memcpy(r->names[r->name_count++ % MADE], name, name_length(name));
}

static void add_soa(struct reply *r)
{
	const struct rrset *set = node_set(zone_node(r->zone, r->zone->apex), LDNS_RR_TYPE_SOA);
	const struct rr *rr;
	uint32_t minimum;

	if (!set || fault_for(r->query->server, FAULT_NO_SOA, r->query))
		return;
	rr = &set->rr[0];
	minimum = ldns_read_uint32(rr->data + rr->length - 4); /* RFC 2308 section 3 */
	add(r, AUTHORITY, zone_node(r->zone, r->zone->apex)->owner, set,
	    minimum < rr->ttl ? (long)minimum : (long)rr->ttl);
}

static void add_proof(struct reply *r, const struct node *node)
{
	if (node)
		add(r, AUTHORITY, node->owner,
		    node_set(node, r->zone->is_nsec3 ? LDNS_RR_TYPE_NSEC3 : LDNS_RR_TYPE_NSEC), -1);
}

static const uint8_t *closest_encloser(const struct zone *zone, const uint8_t *name,
				       const uint8_t **ret_next_closer)
{
	*ret_next_closer = name;
	while (!zone_node(zone, name)) {
		*ret_next_closer = name;
		name = name_parent(name);
	}
	return name;
}

static void prove_nsec3(struct reply *r, const uint8_t *name)
{
	bool is_exact;

	add_proof(r, nsec3_find(r->zone, name, &is_exact));
}

/* The closest encloser that has an NSEC3, and the cover of the next closer (RFC 5155 section 7.2.1). */
static void prove_encloser(struct reply *r, const uint8_t *name)
{
	const uint8_t *next = name;
	bool is_exact = false;
	const struct node *node = nsec3_find(r->zone, name, &is_exact);

	while (!is_exact && !name_equal(name, r->zone->apex)) {
		next = name;
		name = name_parent(name);
		node = nsec3_find(r->zone, name, &is_exact);
	}
	add_proof(r, node);
	if (next != name)
		prove_nsec3(r, next);
}

/* RFC 9824: a minimal NSEC at the name itself, made and signed now. */
static void prove_compact(struct reply *r, const uint8_t *name, const struct node *node)
{
	static const uint16_t more[] = { LDNS_RR_TYPE_RRSIG, LDNS_RR_TYPE_NSEC, TYPE_NXNAME };
	uint8_t data[NAME_BYTES + 2 + 8192], *owner = keep_name(r, name);
	size_t length = name_length(name);
	struct rrset *set;

	data[0] = 1;
	data[1] = 0;
	memcpy(data + 2, name, length);
	length += 2;
	length += nsec_bitmap(node, more, node ? 2 : 3, data + length);
	set = make_set(r, LDNS_RR_TYPE_NSEC, 3600, data, length);
	rrset_sign((struct zone *)r->zone, owner, set);
	add(r, AUTHORITY, owner, set, -1);
}

static bool proves(const struct reply *r)
{
	return r->query->is_do && r->zone->is_signed &&
	       !fault_for(r->query->server, FAULT_NO_DENIAL, r->query);
}

static bool wildcard_of(const uint8_t *encloser, uint8_t out[NAME_BYTES])
{
	size_t length = name_length(encloser);

	if (length + 2 > 255)
		return false;
	out[0] = 1;
	out[1] = '*';
	memcpy(out + 2, encloser, length);
	return true;
}

static void answer_nxdomain(struct reply *r, const uint8_t *name, const uint8_t *encloser)
{
	uint8_t wildcard[NAME_BYTES];

	add_soa(r);
	if (r->zone->is_compact && proves(r)) {
		prove_compact(r, name, NULL);
		return;
	}
	r->flags |= LDNS_RCODE_NXDOMAIN;
	if (!proves(r))
		return;
	if (r->zone->is_nsec3) {
		prove_encloser(r, name);
		if (wildcard_of(encloser, wildcard))
			prove_nsec3(r, wildcard);
	} else {
		add_proof(r, nsec_covering(r->zone, name));
		if (wildcard_of(encloser, wildcard))
			add_proof(r, nsec_covering(r->zone, wildcard));
	}
}

static void answer_nodata(struct reply *r, const uint8_t *name, const struct node *node)
{
	add_soa(r);
	if (!proves(r))
		return;
	if (r->zone->is_compact)
		prove_compact(r, name, node);
	else if (r->zone->is_nsec3)
		prove_encloser(r, name);
	else
		add_proof(r, nsec_covering(r->zone, name));
	/* Of a wildcard: RFC 4035 section 3.1.3.4, RFC 5155 section 7.2.5. */
	if (name_equal(name, node->name) || r->zone->is_compact)
		return;
	if (r->zone->is_nsec3)
		prove_nsec3(r, node->name);
	else
		add_proof(r, nsec_covering(r->zone, node->name));
}

/* Addresses that the parent's or this zone's data has for the targets of NS records. */
static void add_addresses(struct reply *r, const struct rrset *ns)
{
	for (size_t i = 0; i < ns->count; i++) {
		uint8_t lower[NAME_BYTES];
		const struct node *node;

		memcpy(lower, ns->rr[i].data, ns->rr[i].length);
		name_lower(lower);
		node = name_is_below(lower, r->zone->apex) ? zone_node(r->zone, lower) : NULL;
		for (const struct rrset *set = node ? node->sets : NULL; set; set = set->next)
			if (set->type == LDNS_RR_TYPE_A || set->type == LDNS_RR_TYPE_AAAA)
				add(r, ADDITIONAL, node->owner, set, -1);
	}
}

static void answer_referral(struct reply *r, const struct node *cut)
{
	const struct rrset *ns = node_set(cut, LDNS_RR_TYPE_NS);
	const struct rrset *ds = node_set(cut, LDNS_RR_TYPE_DS);

	r->flags &= (uint16_t)~FLAG_AA;
	r->is_referral = true;
	add(r, AUTHORITY, cut->owner, ns, -1);
	if (r->query->is_do && ds)
		add(r, AUTHORITY, cut->owner, ds, -1);
	else if (proves(r) && r->zone->is_nsec3)
		prove_encloser(r, cut->name);
	else if (proves(r) && r->zone->is_compact)
		prove_compact(r, cut->name, cut);
	else if (proves(r))
		add_proof(r, nsec_covering(r->zone, cut->name));
	if (!fault_for(r->query->server, FAULT_NO_GLUE, r->query))
		add_addresses(r, ns);
}

/* What a wildcard's record becomes at the name asked. */
static void add_data(struct reply *r, const struct node *node, const uint8_t *name,
		     const struct rrset *set)
{
	bool is_expanded = !name_equal(node->name, name);

	if (is_expanded && r->zone->is_compact && r->query->is_do) {
		struct rrset *copy =
			make_set(r, set->type, set->rr[0].ttl, set->rr[0].data, set->rr[0].length);

		rrset_sign((struct zone *)r->zone, keep_name(r, name), copy);
		set = copy;
	}
	add(r, ANSWER, is_expanded ? keep_name(r, name) : node->owner, set, -1);
}

static void prove_expansion(struct reply *r, const uint8_t *name)
{
	const uint8_t *next;

	if (!proves(r) || r->zone->is_compact)
		return;
	closest_encloser(r->zone, name, &next);
	if (r->zone->is_nsec3)
		prove_nsec3(r, next);
	else
		add_proof(r, nsec_covering(r->zone, name));
}

/* Returns the name to go on with, or NULL. */
static const uint8_t *answer_node(struct reply *r, const struct node *node, const uint8_t *name)
{
	const struct rrset *set = node_set(node, r->query->type), *cname;
	bool is_expanded = !name_equal(node->name, name);

	if (r->query->type == LDNS_RR_TYPE_ANY && node->sets) {
		for (set = node->sets; set; set = set->next)
			add_data(r, node, name, set);
		return NULL;
	}
	cname = set ? NULL : node_set(node, LDNS_RR_TYPE_CNAME);
	if (set || cname) {
		add_data(r, node, name, set ? set : cname);
		if (is_expanded)
			prove_expansion(r, name);
		if (set && set->type == LDNS_RR_TYPE_NS)
			add_addresses(r, set);
		return cname ? cname->rr[0].data : NULL;
	}
	answer_nodata(r, name, node);
	return NULL;
}

/* RFC 6672 section 3.1. */
static const uint8_t *answer_dname(struct reply *r, const struct node *node,
				   const struct rrset *dname, const uint8_t *name)
{
	uint8_t target[NAME_BYTES * 2];
	size_t prefix = name_length(name) - node->length;

	add(r, ANSWER, node->owner, dname, -1);
	memcpy(target, name, prefix);
	memcpy(target + prefix, dname->rr[0].data, dname->rr[0].length);
	if (prefix + dname->rr[0].length > 255) {
		r->flags |= LDNS_RCODE_YXDOMAIN;
		return NULL;
	}
	add(r, ANSWER, keep_name(r, name),
	    make_set(r, LDNS_RR_TYPE_CNAME, dname->rr[0].ttl, target, name_length(target)), -1);
	return r->made[r->made_count - 1]->rr[0].data;
}

/* One name of a chain: returns the next, or NULL at its end. */
static const uint8_t *answer_name(struct reply *r, const uint8_t *name)
{
	const uint8_t *path[128], *encloser = r->zone->apex, *next_closer;
	uint8_t wildcard[NAME_BYTES];
	unsigned depth = 0;
	struct node *node;

	for (const uint8_t *at = name; !name_equal(at, r->zone->apex); at = name_parent(at))
		path[depth++] = at;
	while (depth--) { /* from below the apex down to the name */
		const struct rrset *dname;

		node = zone_node(r->zone, encloser);
		dname = node ? node_set(node, LDNS_RR_TYPE_DNAME) : NULL;
		if (dname)
			return answer_dname(r, node, dname, name);
		encloser = path[depth];
		node = zone_node(r->zone, encloser);
		if (node && node->is_cut && !(depth == 0 && r->query->type == LDNS_RR_TYPE_DS)) {
			answer_referral(r, node);
			return NULL;
		}
		if (!node)
			break;
	}
	node = zone_node(r->zone, name);
	if (node && node->is_empty && fault_for(r->query->server, FAULT_ENT_NXDOMAIN, r->query)) {
		answer_nxdomain(r, name, name_parent(name));
		return NULL;
	}
	if (node)
		return answer_node(r, node, name);
	encloser = closest_encloser(r->zone, name, &next_closer);
	if (wildcard_of(encloser, wildcard) && (node = zone_node(r->zone, wildcard)))
		return answer_node(r, node, name);
	answer_nxdomain(r, name, encloser);
	return NULL;
}

static void answer_chain(struct reply *r)
{
	uint8_t name[NAME_BYTES];
	const uint8_t *next;

	memcpy(name, r->query->name, r->query->name_length);
	for (int i = 0; i < CHAIN; i++) {
		next = answer_name(r, name);
		if (!next)
			return;
		memcpy(name, next, name_length(next));
		name_lower(name);
		if (server_zone(r->query->server, name) != r->zone)
			return;
	}
}

static void write_section(struct reply *r, struct message *m, int section, uint16_t *ret_count)
{
	bool has_sigs = r->query->is_do && !fault_for(r->query->server, FAULT_NO_RRSIG, r->query);
	const struct fault *ttl = fault_for(r->query->server, FAULT_TTL, r->query);
	size_t count = 0;

	for (size_t i = 0; i < r->count[section]; i++) {
		const struct entry *e = &r->entry[section][i];

		for (size_t k = 0; k < e->set->count + (has_sigs ? e->set->sig_count : 0); k++) {
			bool is_sig = k >= e->set->count;
			const struct rr *rr =
				is_sig ? &e->set->sig[k - e->set->count] : &e->set->rr[k];

			message_add(m, e->owner, is_sig ? LDNS_RR_TYPE_RRSIG : e->set->type,
				    ttl          ? (uint32_t)ttl->number
				    : e->ttl < 0 ? rr->ttl
						 : (uint32_t)e->ttl,
				    rr->data, rr->length);
			count += !message_is_full(m);
		}
	}
	*ret_count = (uint16_t)count;
}

static struct answer *write_answer(struct reply *r)
{
	struct message *m = message_start(r->query->name, r->query->name_length);
	uint16_t count[3];
	size_t short_length, length;
	const uint8_t *body;
	struct answer *answer;

	write_section(r, m, ANSWER, &count[ANSWER]);
	write_section(r, m, AUTHORITY, &count[AUTHORITY]);
	message_body(m, &short_length);
	write_section(r, m, ADDITIONAL, &count[ADDITIONAL]);
	body = message_body(m, &length);
	answer = pool_zalloc(sizeof(*answer) + r->query->name_length + length);
	memcpy(answer->count, count, sizeof(count));
	answer->flags = r->flags;
	answer->length = (uint32_t)length;
	answer->short_length = (uint32_t)(r->is_referral ? length : short_length);
	answer->short_additional = r->is_referral ? count[ADDITIONAL] : 0;
	answer->key_length = (uint16_t)r->query->name_length;
	memcpy(answer->bytes, r->query->name, r->query->name_length);
	memcpy(answer->bytes + answer->key_length, body, length);
	return answer;
}

static void free_made(struct reply *r)
{
	for (size_t i = 0; i < r->made_count; i++) {
		for (size_t k = 0; k < r->made[i]->sig_count; k++)
			free(r->made[i]->sig[k].data);
		free(r->made[i]->sig);
		free(r->made[i]->rr->data);
		free(r->made[i]->rr);
		free(r->made[i]);
	}
}

struct answer *answer_build(const struct query *query)
{
	static struct reply r;
	struct answer *answer;

	r.query = query;
	memset(r.count, 0, sizeof(r.count));
	r.made_count = r.name_count = 0;
	r.is_referral = false;
	r.flags = FLAG_AA;
	r.zone = NULL;
	if (query->type == LDNS_RR_TYPE_DS && query->name_length > 1) /* the parent's, if here */
		r.zone = server_zone(query->server, name_parent(query->name));
	if (!r.zone || !zone_node(r.zone, query->name))
		r.zone = server_zone(query->server, query->name);
	if (r.zone)
		answer_chain(&r);
	else
		r.flags = LDNS_RCODE_REFUSED;
	answer = write_answer(&r);
	free_made(&r);
	return answer;
}

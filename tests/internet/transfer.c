/* SPDX-License-Identifier: Apache-2.0 */
/* What does a server that allows zone transfers send? RFC 5936. */
#include "answer.h"

#include <string.h>

enum { ENOUGH = 30000 };

struct progress {
	const struct query *query;
	void (*send)(void *context, const uint8_t *message, size_t length);
	void *context;
	size_t length;
	uint8_t out[MESSAGE_BYTES + 1024];
};

static void start(struct progress *p)
{
	struct query plain = *p->query;

	plain.has_edns = false;
	p->length = respond_with(&plain, 0x0400, 0, p->out);
}

static void add_set(struct progress *p, const uint8_t *owner, const struct rrset *set)
{
	for (size_t i = 0; set && i < set->count + set->sig_count; i++) {
		bool is_sig = i >= set->count;
		const struct rr *rr = is_sig ? &set->sig[i - set->count] : &set->rr[i];

		if (p->length > ENOUGH) {
			p->send(p->context, p->out, p->length);
			start(p);
		}
		p->length = response_add(p->out, p->length, 1, owner,
					 is_sig ? LDNS_RR_TYPE_RRSIG : set->type, rr->ttl, rr->data,
					 rr->length);
	}
}

void transfer(const struct query *query, const struct zone *zone,
	      void (*send)(void *context, const uint8_t *message, size_t length), void *context)
{
	static struct progress p;
	const struct rrset *soa = node_set(zone_node(zone, zone->apex), LDNS_RR_TYPE_SOA);

	p.query = query;
	p.send = send;
	p.context = context;
	start(&p);
	add_set(&p, zone->apex, soa);
	for (size_t i = 0; i < zone->node_slots; i++) {
		const struct node *node = zone->node[i];

		for (const struct rrset *set = node ? node->sets : NULL; set; set = set->next)
			if (set != soa)
				add_set(&p, node->owner, set);
	}
	add_set(&p, zone->apex, soa);
	send(context, p.out, p.length);
}

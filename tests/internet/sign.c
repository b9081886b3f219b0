/* SPDX-License-Identifier: Apache-2.0 */
/* How does a zone get its signatures, the broken ones included? */
#include "world.h"

#include <stdlib.h>
#include <string.h>

ldns_rr_list *rrset_to_ldns(const uint8_t *owner, const struct rrset *set)
{
	static uint8_t wire[LDNS_MAX_PACKETLEN + NAME_BYTES + 10];
	ldns_rr_list *list = ldns_rr_list_new();
	size_t length = name_length(owner);

	for (size_t i = 0; i < set->count; i++) {
		const struct rr *rr = &set->rr[i];
		uint8_t *at = wire + length;
		size_t position = 0;
		ldns_rr *made = NULL;

		memcpy(wire, owner, length);
		ldns_write_uint16(at, set->type);
		ldns_write_uint16(at + 2, LDNS_RR_CLASS_IN);
		ldns_write_uint32(at + 4, rr->ttl);
		ldns_write_uint16(at + 8, rr->length);
		memcpy(at + 10, rr->data, rr->length);
		if (ldns_wire2rr(&made, wire, length + 10 + rr->length, &position,
				 LDNS_SECTION_ANSWER) == LDNS_STATUS_OK)
			ldns_rr_list_push_rr(list, made);
	}
	return list;
}

static bool covers(const struct zone *zone, const char *option, uint16_t type)
{
	const char *value = zone_option(zone, option);

	if (!value)
		return false;
	return !*value || !strcmp(value, "all") || ldns_get_rr_type_by_name(value) == type;
}

static void add_signatures(struct zone *zone, struct rrset *set, ldns_rr_list *signatures)
{
	const char *trap = zone_option(zone, "keytrap");
	bool is_bogus = covers(zone, "bogus", set->type);

	for (size_t i = 0; i < ldns_rr_list_rr_count(signatures); i++) {
		ldns_rr *rr = ldns_rr_list_rr(signatures, i);
		ldns_buffer *buffer = ldns_buffer_new(LDNS_MAX_PACKETLEN);
		size_t length;
		uint8_t *data;

		ldns_rr_rdata2buffer_wire(buffer, rr);
		data = ldns_buffer_begin(buffer);
		length = ldns_buffer_position(buffer);
		if (is_bogus)
			data[length - 5] ^= 0x55;
		for (long k = trap ? number_parse(trap, zone->where) : 0; k > 0; k--) {
			uint8_t *fake = memcpy(pool_zalloc(length), data, length);

			fake[length - 1] = (uint8_t)k;
			fake[length - 2] ^= (uint8_t)(0xa5 + (k >> 8));
			rrset_add_sig(set, set->rr[0].ttl, fake, length);
			free(fake);
		}
		rrset_add_sig(set, set->rr[0].ttl, data, length);
		ldns_buffer_free(buffer);
	}
}

/* Key-signing keys sign the keys, zone-signing keys the rest; without the option zsk one does both. */
static void choose_keys(struct zone *zone, uint16_t type)
{
	bool is_split = zone_option(zone, "zsk") != NULL;

	for (size_t i = 0; i < ldns_key_list_key_count(zone->keys); i++) {
		ldns_key *key = ldns_key_list_key(zone->keys, i);
		bool is_ksk = ldns_key_flags(key) & 1;
		bool is_revoked = ldns_key_flags(key) & 128;

		if (type == LDNS_RR_TYPE_DNSKEY || type == LDNS_RR_TYPE_CDS ||
		    type == LDNS_RR_TYPE_CDNSKEY)
			ldns_key_set_use(key, is_ksk);
		else
			ldns_key_set_use(key, !is_revoked && (!is_split || !is_ksk));
	}
}

void rrset_sign(struct zone *zone, const uint8_t *owner, struct rrset *set)
{
	ldns_rr_list *list, *signatures;
	const char *cds = zone_option(zone, "cds");

	if (covers(zone, "no-rrsig", set->type))
		return;
	if (cds && !strcmp(cds, "unsigned") &&
	    (set->type == LDNS_RR_TYPE_CDS || set->type == LDNS_RR_TYPE_CDNSKEY))
		return;
	choose_keys(zone, set->type);
	list = rrset_to_ldns(owner, set);
	if (!ldns_rr_list_rr_count(list)) {
		ldns_rr_list_deep_free(list);
		return;
	}
	signatures = ldns_sign_public(list, zone->keys);
	if (!signatures)
		fatal("%s: %s: cannot be signed", zone->where, name_text(owner));
	add_signatures(zone, set, signatures);
	ldns_rr_list_deep_free(signatures);
	ldns_rr_list_deep_free(list);
}

void zone_sign(struct zone *zone)
{
	if (!zone->is_signed)
		return;
	if (!zone_option(zone, "no-chain"))
		zone_make_denial(zone);
	for (size_t i = 0; i < zone->node_slots; i++) {
		struct node *node = zone->node[i];

		if (!node || node->is_occluded)
			continue;
		for (struct rrset *set = node->sets; set; set = set->next)
			if (set->type != LDNS_RR_TYPE_RRSIG &&
			    (!node->is_cut || set->type == LDNS_RR_TYPE_DS ||
			     set->type == LDNS_RR_TYPE_NSEC))
				rrset_sign(zone, node->owner, set);
	}
}

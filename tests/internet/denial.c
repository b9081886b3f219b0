/* SPDX-License-Identifier: Apache-2.0 */
/* How does a signed zone prove that a name or type does not exist? RFC 4034, RFC 5155. */
#include "world.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { DENIAL_TTL = 3600 };

static int compare_nodes(const void *a, const void *b)
{
	return name_compare((*(struct node *const *)a)->name, (*(struct node *const *)b)->name);
}

/* RFC 4034 section 4.1.2, for the types at the node and those in more. */
size_t nsec_bitmap(const struct node *node, const uint16_t *more, size_t more_count,
		   uint8_t out[8192])
{
	static uint8_t bits[65536 / 8];
	size_t length = 0;

	memset(bits, 0, sizeof(bits));
	for (const struct rrset *set = node ? node->sets : NULL; set; set = set->next)
		if (!node->is_cut || set->type == LDNS_RR_TYPE_NS || set->type == LDNS_RR_TYPE_DS)
			bits[set->type / 8] |= (uint8_t)(0x80u >> (set->type % 8));
	for (size_t i = 0; i < more_count; i++)
		bits[more[i] / 8] |= (uint8_t)(0x80u >> (more[i] % 8));
	for (size_t window = 0; window < 256; window++) {
		size_t used = 32;

		while (used && !bits[window * 32 + used - 1])
			used--;
		if (!used)
			continue;
		out[length++] = (uint8_t)window;
		out[length++] = (uint8_t)used;
		memcpy(out + length, bits + window * 32, used);
		length += used;
	}
	return length;
}

static void make_nsec(struct zone *zone)
{
	static const uint16_t more[] = { LDNS_RR_TYPE_RRSIG, LDNS_RR_TYPE_NSEC };
	uint8_t data[NAME_BYTES + 8192];

	for (size_t i = 0; i < zone->order_count; i++) {
		struct node *node = zone->order[i];
		const struct node *next = zone->order[(i + 1) % zone->order_count];

		memcpy(data, next->name, next->length);
		zone_add(zone, node->owner, LDNS_RR_TYPE_NSEC, DENIAL_TTL, data,
			 next->length + nsec_bitmap(node, more, 2, data + next->length));
	}
}

static void nsec3_hash(const struct zone *zone, const uint8_t *lower_name, uint8_t out[20])
{
	uint8_t input[NAME_BYTES + 32];
	size_t length = name_length(lower_name);

	memcpy(input, lower_name, length);
	for (unsigned i = 0; i <= zone->nsec3_iterations; i++) {
		memcpy(input + length, zone->nsec3_salt, zone->nsec3_salt_length);
		SHA1(input, length + zone->nsec3_salt_length, out);
		memcpy(input, out, 20);
		length = 20;
	}
}

static size_t base32hex(const uint8_t *hash, uint8_t label[33])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

	label[0] = 32;
	for (unsigned i = 0; i < 32; i++) {
		unsigned bit = i * 5, word = (unsigned)hash[bit / 8] << 8;

		if (bit / 8 + 1 < 20)
			word |= hash[bit / 8 + 1];
		label[1 + i] = (uint8_t)digits[(word >> (11 - bit % 8)) & 31];
	}
	return 33;
}

struct hashed {
	uint8_t hash[20];
	struct node *node;
};

static int compare_hashes(const void *a, const void *b)
{
	return memcmp(((const struct hashed *)a)->hash, ((const struct hashed *)b)->hash, 20);
}

static bool is_in_nsec3(const struct zone *zone, const struct node *node)
{
	if (zone->is_opt_out && node->is_cut && !node_set(node, LDNS_RR_TYPE_DS))
		return false;
	return !node->is_occluded;
}

static void add_nsec3(struct zone *zone, struct hashed *at, const struct hashed *next)
{
	uint16_t more[1] = { LDNS_RR_TYPE_RRSIG };
	const struct node *node = at->node;
	bool has_sig = node->sets && (!node->is_cut || node_set(node, LDNS_RR_TYPE_DS));
	uint8_t owner[NAME_BYTES], data[8192 + 64];
	size_t length = 0, salt = zone->nsec3_salt_length;

	base32hex(at->hash, owner);
	memcpy(owner + 33, zone->apex, zone->apex_length);
	data[length++] = 1; /* SHA-1 */
	data[length++] = zone->is_opt_out;
	data[length++] = (uint8_t)(zone->nsec3_iterations >> 8);
	data[length++] = (uint8_t)zone->nsec3_iterations;
	data[length++] = (uint8_t)salt;
	memcpy(data + length, zone->nsec3_salt, salt);
	length += salt;
	data[length++] = 20;
	memcpy(data + length, next->hash, 20);
	length += 20;
	length += nsec_bitmap(node, more, has_sig, data + length);
	zone_add(zone, owner, LDNS_RR_TYPE_NSEC3, DENIAL_TTL, data, length);
	at->node->denial = zone_node_make(zone, owner);
	at->node->denial->is_occluded = false;
}

static void make_nsec3(struct zone *zone)
{
	size_t count = 0, salt = zone->nsec3_salt_length;
	struct hashed *all = pool_zalloc(zone->node_count * sizeof(*all));
	uint8_t param[5 + 32] = { 1, 0, (uint8_t)(zone->nsec3_iterations >> 8),
				  (uint8_t)zone->nsec3_iterations, (uint8_t)salt };

	memcpy(param + 5, zone->nsec3_salt, salt);
	zone_add(zone, zone->apex, LDNS_RR_TYPE_NSEC3PARAM, 0, param, 5 + salt);
	for (size_t i = 0; i < zone->node_slots; i++)
		if (zone->node[i] && is_in_nsec3(zone, zone->node[i])) {
			nsec3_hash(zone, zone->node[i]->name, all[count].hash);
			all[count++].node = zone->node[i];
		}
	qsort(all, count, sizeof(*all), compare_hashes);
	zone->hashed = pool_zalloc(count * sizeof(*zone->hashed));
	for (size_t i = 0; i < count; i++)
		add_nsec3(zone, &all[i], &all[(i + 1) % count]);
	for (size_t i = 0; i < count; i++)
		zone->hashed[zone->hashed_count++] = all[i].node->denial;
	free(all);
}

void zone_make_denial(struct zone *zone)
{
	zone->order = pool_zalloc(zone->node_count * sizeof(*zone->order));
	for (size_t i = 0; i < zone->node_slots; i++) {
		struct node *node = zone->node[i];

		if (node && !node->is_occluded && node->sets)
			zone->order[zone->order_count++] = node;
	}
	qsort(zone->order, zone->order_count, sizeof(*zone->order), compare_nodes);
	if (zone->is_compact)
		return;
	if (zone->is_nsec3)
		make_nsec3(zone);
	else
		make_nsec(zone);
}

/* The last name in canonical order that is not after this one. */
struct node *nsec_covering(const struct zone *zone, const uint8_t *lower_name)
{
	size_t low = 0, high = zone->order_count;

	while (low + 1 < high) {
		size_t middle = (low + high) / 2;

		if (name_compare(zone->order[middle]->name, lower_name) <= 0)
			low = middle;
		else
			high = middle;
	}
	return zone->order_count ? zone->order[low] : NULL;
}

/* The NSEC3 node that matches or covers the name. */
struct node *nsec3_find(const struct zone *zone, const uint8_t *lower_name, bool *ret_exact)
{
	uint8_t hash[20], label[33];
	size_t low = 0, high = zone->hashed_count;

	if (!zone->hashed_count)
		return NULL;
	nsec3_hash(zone, lower_name, hash);
	base32hex(hash, label);
	*ret_exact = false;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = memcmp(zone->hashed[middle]->name, label, 33);

		*ret_exact |= order == 0;
		if (order <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return zone->hashed[low ? low - 1 : zone->hashed_count - 1];
}

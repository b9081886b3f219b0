/* SPDX-License-Identifier: Apache-2.0 */
/* How does a fault change what a server sends? The words are explained in README.md. */
#include "answer.h"

#include <stdlib.h>
#include <string.h>

enum { FLAG_AA = 0x0400, FLAG_TC = 0x0200, FLAG_RA = 0x0080 };

const struct world *the_world;

static const struct fault *has(const struct query *q, enum fault_number number)
{
	return fault_for(q->server, number, q);
}

/* Not a word: dropped, filtered, or only this kind of question is. */
static bool is_ignored(const struct query *q)
{
	const struct fault *drop = has(q, FAULT_DROP);

	return has(q, FAULT_SILENT) || has(q, FAULT_TIMEOUT) ||
	       (drop && rand() % 100 < drop->number) || (!q->is_tcp && has(q, FAULT_NO_UDP)) ||
	       (q->is_tcp && has(q, FAULT_TCP_SILENT)) ||
	       (q->has_edns && has(q, FAULT_EDNS_TIMEOUT)) ||
	       (q->opcode && has(q, FAULT_OPCODE_TIMEOUT));
}

/* Header and question alone, for records to follow and response_add_opt() last. */
static size_t start_plain(const struct query *q, uint16_t flags, uint8_t *out)
{
	struct query plain = *q;

	plain.has_edns = false;
	return respond_with(&plain, flags, 0, out);
}

static size_t refer_to(const struct query *q, uint8_t *out, const uint8_t *owner,
		       const struct rrset *ns)
{
	size_t length = start_plain(q, 0, out);

	for (size_t i = 0; ns && i < ns->count; i++)
		length = response_add(out, length, 2, owner, LDNS_RR_TYPE_NS, 518400,
				      ns->rr[i].data, ns->rr[i].length);
	return response_add_opt(q, out, length, 0);
}

static size_t refer_upward(const struct query *q, uint8_t *out)
{
	const struct zone *root = world_zone(the_world, (const uint8_t *)"");

	return refer_to(q, out, root->apex, node_set(zone_node(root, root->apex), LDNS_RR_TYPE_NS));
}

/* To the very servers that were asked. */
static size_t refer_to_self(const struct query *q, uint8_t *out)
{
	const struct zone *zone = server_zone(q->server, q->name);

	if (!zone)
		return respond_with(q, 0, LDNS_RCODE_REFUSED, out);
	return refer_to(q, out, zone->apex, node_set(zone_node(zone, zone->apex), LDNS_RR_TYPE_NS));
}

/* An open resolver: what it does not serve it finds out, here straight from the zone's data. */
static bool recurse(struct query *q, uint8_t *out, size_t *ret_length)
{
	const struct zone *zone = NULL;
	struct answer *answer;
	struct query elsewhere = *q;
	size_t length;

	for (const uint8_t *name = q->name; name && !zone; name = name_parent(name))
		zone = world_zone(the_world, name);
	if (server_zone(q->server, q->name) || !(q->flags & 0x0100) || !zone || !zone->server_count)
		return false;
	elsewhere.server = zone->server[0];
	elsewhere.is_do = false;
	answer = answer_build(&elsewhere);
	length = start_plain(q, FLAG_RA, out);
	out[3] = (uint8_t)(FLAG_RA | (answer->flags & 15u));
	memcpy(out + length, answer->bytes + answer->key_length, answer->length);
	for (int i = 0; i < 3; i++) {
		out[6 + 2 * i] = (uint8_t)(answer->count[i] >> 8);
		out[7 + 2 * i] = (uint8_t)answer->count[i];
	}
	*ret_length = response_add_opt(q, out, length + answer->length, 0);
	free(answer);
	return true;
}

static size_t lie(const struct query *q, const struct fault *fault, uint8_t *out)
{
	size_t length = start_plain(q, FLAG_AA, out);

	memcpy(out + length, fault->extra, fault->extra_length);
	out[7]++;
	return response_add_opt(q, out, length + fault->extra_length, 0);
}

/* TXT records up to that size. */
static size_t answer_huge(const struct query *q, long size, uint8_t *out)
{
	uint8_t text[256];
	size_t length, limit = size < MESSAGE_BYTES ? (size_t)size : MESSAGE_BYTES;
	unsigned i = 0;

	if (!q->is_tcp)
		return respond_with(q, FLAG_AA | FLAG_TC, 0, out);
	length = start_plain(q, FLAG_AA, out);
	text[0] = 255;
	memset(text + 1, 'h', 255);
	while (length + q->name_length + 10 + sizeof(text) + 60 <= limit) {
		text[1] = (uint8_t)('a' + i % 26);
		text[2] = (uint8_t)('a' + i++ / 26 % 26);
		length = response_add(out, length, 1, q->name, LDNS_RR_TYPE_TXT, 3600, text,
				      sizeof(text));
	}
	return response_add_opt(q, out, length, 0);
}

static size_t answer_nodata(struct query *q, uint8_t *out)
{
	size_t length = start_plain(q, FLAG_AA, out);
	const struct zone *zone = server_zone(q->server, q->name);
	const struct rrset *soa =
		zone ? node_set(zone_node(zone, zone->apex), LDNS_RR_TYPE_SOA) : NULL;

	if (soa)
		length = response_add(out, length, 2, zone->apex, LDNS_RR_TYPE_SOA, 3600,
				      soa->rr[0].data, soa->rr[0].length);
	return response_add_opt(q, out, length, 0);
}

/* A record whose name points to itself. */
static size_t loop_pointer(const struct query *q, uint8_t *out)
{
	size_t length = start_plain(q, FLAG_AA, out);
	uint8_t record[16] = { 0, 0, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 45, 76, 0, 9 };

	record[0] = (uint8_t)(0xc0 | length >> 8);
	record[1] = (uint8_t)length;
	memcpy(out + length, record, sizeof(record));
	out[7] = 1;
	return length + sizeof(record);
}

static uint16_t rcode_of(const char *word)
{
	ldns_lookup_table *row = ldns_lookup_by_name(ldns_rcodes, word);

	return row ? (uint16_t)row->id : (uint16_t)LDNS_RCODE_SERVFAIL;
}

/* Faults that leave nothing of the true answer. */
static bool replace(struct query *q, uint8_t *out, size_t *ret_length)
{
	const struct fault *fault;

	if (q->has_edns && has(q, FAULT_EDNS_FORMERR)) {
		q->has_edns = false;
		*ret_length = respond_with(q, 0, LDNS_RCODE_FORMERR, out);
	} else if ((fault = has(q, FAULT_RCODE))) {
		*ret_length = respond_with(q, 0, rcode_of(fault->text), out);
	} else if (has(q, FAULT_LAME)) {
		*ret_length = respond_with(q, 0, LDNS_RCODE_REFUSED, out);
	} else if (q->opcode != LDNS_PACKET_QUERY) {
		return false;
	} else if (has(q, FAULT_UPWARD_REFERRAL) && !server_zone(q->server, q->name)) {
		*ret_length = refer_upward(q, out);
	} else if (has(q, FAULT_REFERRAL_LOOP)) {
		*ret_length = refer_to_self(q, out);
	} else if ((fault = has(q, FAULT_LYING))) {
		*ret_length = lie(q, fault, out);
	} else if (has(q, FAULT_NODATA)) {
		*ret_length = answer_nodata(q, out);
	} else if ((fault = has(q, FAULT_HUGE)) && q->type == LDNS_RR_TYPE_TXT) {
		*ret_length = answer_huge(q, fault->number, out);
	} else if (has(q, FAULT_COMPRESSION_LOOP)) {
		*ret_length = loop_pointer(q, out);
	} else {
		return has(q, FAULT_RECURSION) && recurse(q, out, ret_length);
	}
	return true;
}

bool misbehave_before(struct query *q, uint8_t *out, size_t *ret_length, struct delivery *delivery)
{
	if (is_ignored(q)) {
		*ret_length = 0;
		return true;
	}
	if (q->is_tcp && (has(q, FAULT_NO_TCP) || has(q, FAULT_TCP_CLOSE))) {
		delivery->is_closing = true;
		*ret_length = 0;
		return true;
	}
	if (has(q, FAULT_NO_EDNS))
		q->has_edns = q->is_do = false;
	if (has(q, FAULT_NO_DO))
		q->is_do = false;
	if (q->opcode && has(q, FAULT_OPCODE_NOERROR)) {
		*ret_length = respond_with(q, 0, 0, out);
		return true;
	}
	if (!replace(q, out, ret_length))
		return false;
	*ret_length = misbehave_after(q, out, *ret_length, delivery);
	return true;
}

static void mangle_case(const struct query *q, uint8_t *out)
{
	for (size_t i = 0; i < q->name_length; i++)
		if (q->name[i] >= 'a' && q->name[i] <= 'z')
			out[12 + i] = q->name[i];
}

static size_t mangle_bytes(const struct query *q, uint8_t *out, size_t length)
{
	const struct fault *fault;

	if (has(q, FAULT_GARBAGE))
		for (size_t i = q->name_length ? 12 + q->name_length + 4 : 12; i < length; i++)
			out[i] = (uint8_t)rand();
	if (has(q, FAULT_COUNT_LIE))
		out[7] = (uint8_t)(out[7] + 5);
	if (has(q, FAULT_WRONG_ID))
		out[1] ^= 0x5a;
	if (has(q, FAULT_WRONG_QUESTION) && q->name_length > 2)
		out[13] = out[13] == 'x' ? 'y' : 'x';
	if (has(q, FAULT_CASE_MANGLE))
		mangle_case(q, out);
	if ((fault = has(q, FAULT_SHORT)) && (size_t)fault->number < length)
		length = (size_t)fault->number;
	return length;
}

/* Records at the end only: what is there keeps its place. */
static size_t add_false_glue(const struct query *q, uint8_t *out, size_t length)
{
	for (size_t i = 0; i < q->server->fault_count; i++) {
		const struct fault *fault = &q->server->fault[i];

		if (fault->kind->number != FAULT_LYING_GLUE ||
		    length + fault->extra_length > MESSAGE_BYTES)
			continue;
		memcpy(out + length, fault->extra, fault->extra_length);
		length += fault->extra_length;
		out[11]++;
	}
	return length;
}

size_t misbehave_after(const struct query *q, uint8_t *out, size_t length,
		       struct delivery *delivery)
{
	const struct fault *fault;
	size_t question = 12 + q->name_length + 4;

	if ((!q->is_tcp && has(q, FAULT_TRUNCATE)) || has(q, FAULT_TRUNCATE_TCP))
		length = respond_with(q, FLAG_AA | FLAG_TC, 0, out);
	if (has(q, FAULT_NO_AA))
		out[2] &= (uint8_t)~4u;
	if (has(q, FAULT_RECURSION))
		out[3] |= FLAG_RA;
	if (has(q, FAULT_LYING_GLUE))
		length = add_false_glue(q, out, length);
	if (has(q, FAULT_NO_QUESTION) && q->name_length) {
		memmove(out + 12, out + question, length - question);
		out[5] = 0;
		length -= question - 12;
	}
	length = mangle_bytes(q, out, length);
	if ((fault = has(q, FAULT_SLOW)))
		delivery->delay_ms = fault->number;
	if ((fault = has(q, FAULT_WRONG_SOURCE)))
		delivery->source = fault->text;
	if ((fault = has(q, FAULT_TCP_DRIP)))
		delivery->drip_ms = fault->number;
	delivery->is_length_wrong = has(q, FAULT_TCP_LENGTH_LIE) != NULL;
	return length;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How does a query become the bytes of a response? RFC 1035 section 4.1, RFC 6891, RFC 7873. */
#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CACHE_SLOTS = 1 << 20, CACHE_ENTRIES = 2000000, EDNS_SIZE = 1232 };
enum { OPTION_NSID = 3, OPTION_COOKIE = 10, OPTION_UNKNOWN_FIRST = 16 };
enum { FLAG_QR = 0x8000, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_DO = 0x8000 };

static struct answer *cache[CACHE_SLOTS];
static size_t cache_count;

static uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void set_u16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static bool read_options(const uint8_t *at, size_t length, struct query *q)
{
	while (length) {
		size_t code, size;

		if (length < 4)
			return false;
		code = get_u16(at);
		size = get_u16(at + 2);
		if (size > length - 4)
			return false;
		if (code == OPTION_NSID)
			q->wants_nsid = true;
		else if (code == OPTION_COOKIE && size >= 8 && size <= COOKIE_BYTES)
			memcpy(q->cookie, at + 4, q->cookie_length = (uint8_t)size);
		else if (code == OPTION_COOKIE)
			return false; /* RFC 7873 section 5.2.2 */
		else if (code >= OPTION_UNKNOWN_FIRST)
			q->unknown_option = (unsigned)code;
		at += 4 + size;
		length -= 4 + size;
	}
	return true;
}

/* The name's end, or 0. */
static size_t skip_name(const uint8_t *packet, size_t length, size_t at)
{
	while (at < length) {
		if (packet[at] >= 0xc0)
			return at + 2 <= length ? at + 2 : 0;
		if (packet[at] >= 64)
			return 0;
		if (!packet[at])
			return at + 1;
		at += 1u + packet[at];
	}
	return 0;
}

static bool read_additional(const uint8_t *packet, size_t length, size_t at, struct query *q)
{
	for (unsigned left = get_u16(packet + 10); left; left--) {
		size_t start = at, size;

		at = skip_name(packet, length, at);
		if (!at || at + 10 > length)
			return false;
		size = get_u16(packet + at + 8);
		if (at + 10 + size > length)
			return false;
		if (get_u16(packet + at) == LDNS_RR_TYPE_OPT) {
			if (q->has_edns || packet[start])
				return false;
			q->has_edns = true;
			q->edns_size = get_u16(packet + at + 2);
			q->edns_version = packet[at + 5];
			q->edns_flags = get_u16(packet + at + 6);
			q->is_do = q->edns_flags & FLAG_DO;
			q->has_unknown_flag = q->edns_flags & 0x3fff;
			if (!read_options(packet + at + 10, size, q))
				return false;
		}
		at += 10 + size;
	}
	return true;
}

int query_read(const uint8_t *packet, size_t length, struct query *q)
{
	size_t at = 12;

	if (length < 12 || packet[2] & 0x80)
		return 0;
	q->packet = packet;
	q->packet_length = length;
	q->id = get_u16(packet);
	q->flags = get_u16(packet + 2);
	q->opcode = packet[2] >> 3 & 15;
	q->name[0] = 0;
	q->name_length = q->type = q->class = 0;
	q->unknown_option = 0;
	q->has_edns = q->is_do = q->wants_nsid = q->has_unknown_flag = false;
	q->cookie_length = q->edns_version = 0;
	if (q->opcode != LDNS_PACKET_QUERY && !get_u16(packet + 4)) /* RFC 8906 section 8.1.4 */
		return 2;
	if (get_u16(packet + 4) != 1)
		return 1;
	while (at < length && packet[at]) {
		if (packet[at] >= 64 || at + 1 + packet[at] - 12 > 254)
			return 1;
		at += 1u + packet[at];
	}
	if (at + 5 > length)
		return 1;
	for (size_t i = 12; i <= at; i++) /* length octets are no letters */
		q->name[i - 12] = packet[i] >= 'A' && packet[i] <= 'Z' ? packet[i] | 32 : packet[i];
	q->name_length = at + 1 - 12;
	q->type = get_u16(packet + at + 1);
	q->class = get_u16(packet + at + 3);
	if (get_u16(packet + 6) || get_u16(packet + 8)) /* NOTIFY, UPDATE and IXFR carry records */
		return 2;
	return read_additional(packet, length, at + 5, q) ? 2 : 1;
}

static void forget_answers(void)
{
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		while (cache[i]) {
			struct answer *next = cache[i]->next;

			free(cache[i]);
			cache[i] = next;
		}
	cache_count = 0;
}

const struct answer *answer_find(const struct query *q)
{
	uint64_t seed = (uint64_t)q->server->number << 17 | (uint64_t)q->type << 1 | q->is_do;
	uint64_t hash = bytes_hash(q->name, q->name_length, seed * 0x9e3779b97f4a7c15u);
	struct answer **slot = &cache[hash & (CACHE_SLOTS - 1)], *answer;

	for (answer = *slot; answer; answer = answer->next)
		if (answer->hash == hash && answer->key_length == q->name_length &&
		    !memcmp(answer->bytes, q->name, q->name_length))
			return answer;
	if (cache_count == CACHE_ENTRIES)
		forget_answers();
	answer = answer_build(q);
	answer->hash = hash;
	answer->next = *slot;
	*slot = answer;
	cache_count++;
	return answer;
}

size_t response_add(uint8_t *out, size_t length, int section, const uint8_t *owner, uint16_t type,
		    uint32_t ttl, const void *data, size_t data_length)
{
	size_t owner_length = name_length(owner);
	uint8_t *at = out + length + owner_length;

	if (length + owner_length + 10 + data_length > MESSAGE_BYTES)
		return length;
	memcpy(out + length, owner, owner_length);
	set_u16(at, type);
	set_u16(at + 2, 1);
	set_u16(at + 4, ttl >> 16);
	set_u16(at + 6, ttl & 0xffff);
	set_u16(at + 8, (unsigned)data_length);
	memcpy(at + 10, data, data_length);
	set_u16(out + 4 + section * 2, get_u16(out + 4 + section * 2) + 1u);
	return length + owner_length + 10 + data_length;
}

/* RFC 7873: the client's part, then eight octets that this server would know again. */
static size_t add_cookie(const struct query *q, uint8_t *at)
{
	uint64_t hash = bytes_hash(q->cookie, 8, 0x5eed + q->server->number);
	uint32_t now = (uint32_t)time(NULL);

	set_u16(at, OPTION_COOKIE);
	set_u16(at + 2, 24);
	memcpy(at + 4, q->cookie, 8);
	memcpy(at + 12, "\1\0\0\0", 4);
	set_u16(at + 16, now >> 16);
	set_u16(at + 18, now & 0xffff);
	memcpy(at + 20, &hash, 8);
	return 28;
}

size_t response_add_opt(const struct query *q, uint8_t *out, size_t length, uint16_t rcode)
{
	uint8_t *at = out + length, *options = at + 11;
	const struct fault *size = fault_for(q->server, FAULT_EDNS_SIZE, q);
	unsigned flags = q->is_do ? FLAG_DO : 0;

	if (!q->has_edns)
		return length;
	if (q->has_unknown_flag && fault_for(q->server, FAULT_EDNS_FLAG_ECHO, q))
		flags = q->edns_flags;
	at[0] = 0;
	set_u16(at + 1, LDNS_RR_TYPE_OPT);
	set_u16(at + 3, size ? (unsigned)size->number : EDNS_SIZE);
	at[5] = (uint8_t)(rcode >> 4);
	at[6] = 0; /* version */
	set_u16(at + 7, flags);
	if (q->cookie_length && !fault_for(q->server, FAULT_NO_COOKIES, q))
		options += add_cookie(q, options);
	if (q->wants_nsid && q->server->nsid) {
		size_t text = strlen(q->server->nsid);

		set_u16(options, OPTION_NSID);
		set_u16(options + 2, (unsigned)text);
		memcpy(options + 4, q->server->nsid, text);
		options += 4 + text;
	}
	if (q->unknown_option && fault_for(q->server, FAULT_EDNS_OPTION_ECHO, q)) {
		set_u16(options, q->unknown_option);
		set_u16(options + 2, 0);
		options += 4;
	}
	set_u16(at + 9, (unsigned)(options - (at + 11)));
	set_u16(out + 10, get_u16(out + 10) + 1u);
	return (size_t)(options - out);
}

static size_t write_question(const struct query *q, uint16_t flags, uint16_t rcode, uint8_t *out)
{
	size_t question = q->name_length ? q->name_length + 4 : 0;

	set_u16(out, q->id);
	set_u16(out + 2,
		FLAG_QR | (unsigned)q->opcode << 11 | flags | (q->flags & FLAG_RD) | (rcode & 15u));
	memset(out + 4, 0, 8);
	out[5] = question != 0;
	memcpy(out + 12, q->packet + 12, question);
	return 12 + question;
}

size_t respond_with(const struct query *q, uint16_t flags, uint16_t rcode, uint8_t *out)
{
	return response_add_opt(q, out, write_question(q, flags, rcode, out), rcode);
}

static size_t size_limit(const struct query *q)
{
	const struct fault *fault = fault_for(q->server, FAULT_EDNS_SIZE, q);
	size_t own = fault ? (size_t)fault->number : EDNS_SIZE, limit;

	if (q->is_tcp || fault_for(q->server, FAULT_EDNS_OVERFLOW, q))
		return MESSAGE_BYTES;
	limit = q->has_edns && q->edns_size > 512 ? q->edns_size : 512;
	return limit < own || !q->has_edns ? limit : own;
}

static size_t respond_data(const struct query *q, uint8_t *out)
{
	const struct answer *answer = answer_find(q);
	size_t limit = size_limit(q), question = write_question(q, answer->flags, 0, out), length;
	size_t opt = q->has_edns ? 11u + (q->cookie_length ? 28 : 0) : 0, body = answer->length;
	uint16_t additional = answer->count[2];

	if (question + body + opt > limit) {
		body = answer->short_length;
		additional = answer->short_additional;
	}
	if (question + body + opt > limit)
		return respond_with(q, (uint16_t)(answer->flags | FLAG_TC), answer->flags & 15u,
				    out);
	set_u16(out + 6, answer->count[0]);
	set_u16(out + 8, answer->count[1]);
	set_u16(out + 10, additional);
	memcpy(out + question, answer->bytes + answer->key_length, body);
	length = question + body;
	return q->has_edns ? response_add_opt(q, out, length, 0) : length;
}

/* RFC 4892: who are you? Refused unless the scenario gives the server a text. */
static size_t respond_chaos(const struct query *q, uint8_t *out)
{
	static const char version[] = "\7version\4bind", server[] = "\7version\6server";
	uint8_t text[256];
	size_t length, at;

	if (!q->server->version || q->type != LDNS_RR_TYPE_TXT ||
	    (memcmp(q->name, version, sizeof(version)) && memcmp(q->name, server, sizeof(server))))
		return respond_with(q, 0, LDNS_RCODE_REFUSED, out);
	length = strlen(q->server->version);
	text[0] = (uint8_t)length;
	memcpy(text + 1, q->server->version, length);
	at = write_question(q, 0x0400, 0, out);
	length = response_add(out, at, 1, q->name, LDNS_RR_TYPE_TXT, 0, text, 1 + length);
	set_u16(out + at + q->name_length + 2, 3);
	return response_add_opt(q, out, length, 0);
}

static size_t respond_plain(const struct query *q, uint8_t *out)
{
	if (q->opcode != LDNS_PACKET_QUERY && !fault_for(q->server, FAULT_OPCODE_NOERROR, q))
		return respond_with(q, 0, LDNS_RCODE_NOTIMPL, out);
	if (q->has_edns && q->edns_version && !fault_for(q->server, FAULT_EDNS_VERSION, q))
		return respond_with(q, 0, 16, out); /* BADVERS */
	if (q->class == LDNS_RR_CLASS_CH)
		return respond_chaos(q, out);
	if (q->class != LDNS_RR_CLASS_IN || q->type == LDNS_RR_TYPE_AXFR ||
	    q->type == LDNS_RR_TYPE_IXFR)
		return respond_with(q, 0, LDNS_RCODE_REFUSED, out);
	return respond_data(q, out);
}

size_t respond(struct query *q, uint8_t out[MESSAGE_BYTES + 1024], struct delivery *delivery)
{
	size_t length;

	journal_query(q);
	if (!q->server->fault_count)
		return respond_plain(q, out);
	if (misbehave_before(q, out, &length, delivery))
		return length;
	length = respond_plain(q, out);
	return misbehave_after(q, out, length, delivery);
}

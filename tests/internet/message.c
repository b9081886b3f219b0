/* SPDX-License-Identifier: Apache-2.0 */
/* How are records written into a message with compressed names? RFC 1035 section 4.1.4. */
#include "answer.h"

#include <string.h>

enum { NAMES = 512 };

struct message {
	size_t length, body;
	size_t name_count;
	struct {
		uint64_t hash;
		uint16_t at;
	} names[NAMES];
	bool is_full;
	uint8_t bytes[MESSAGE_BYTES + 1];
};

/* Is the name at this offset (pointers followed) the same? */
static bool same_at(const struct message *m, size_t at, const uint8_t *name)
{
	for (;;) {
		while (m->bytes[at] >= 0xc0)
			at = (size_t)(m->bytes[at] & 0x3f) << 8 | m->bytes[at + 1];
		if (m->bytes[at] != *name || memcmp(m->bytes + at + 1, name + 1, *name))
			return false;
		if (!*name)
			return true;
		at += 1u + *name;
		name += 1 + *name;
	}
}

static void put(struct message *m, const void *data, size_t length)
{
	if (m->length + length > MESSAGE_BYTES) {
		m->is_full = true;
		return;
	}
	memcpy(m->bytes + m->length, data, length);
	m->length += length;
}

static void put_u16(struct message *m, uint16_t value)
{
	uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	put(m, bytes, 2);
}

static void put_name(struct message *m, const uint8_t *name)
{
	for (; *name && !m->is_full; name += 1 + *name) {
		uint64_t hash = bytes_hash(name, name_length(name), 4);

		for (size_t i = 0; i < m->name_count; i++)
			if (m->names[i].hash == hash && same_at(m, m->names[i].at, name)) {
				put_u16(m, (uint16_t)(0xc000 | m->names[i].at));
				return;
			}
		if (m->name_count < NAMES && m->length < 0x3fff) {
			m->names[m->name_count].hash = hash;
			m->names[m->name_count++].at = (uint16_t)m->length;
		}
		put(m, name, 1u + *name);
	}
	put(m, "", 1);
}

/* One at a time: the server has one thread. */
struct message *message_start(const uint8_t *question_name, size_t name_length)
{
	static struct message message;

	message.length = 12;
	message.name_count = 0;
	message.is_full = false;
	put_name(&message, question_name);
	message.length = 12 + name_length + 4;
	message.body = message.length;
	return &message;
}

/* The types of RFC 1035 whose names may be compressed (RFC 3597 section 4). */
static void put_data(struct message *m, uint16_t type, const uint8_t *data, size_t length)
{
	if (type == LDNS_RR_TYPE_NS || type == LDNS_RR_TYPE_CNAME || type == LDNS_RR_TYPE_PTR) {
		put_name(m, data);
	} else if (type == LDNS_RR_TYPE_MX) {
		put(m, data, 2);
		put_name(m, data + 2);
	} else if (type == LDNS_RR_TYPE_SOA) {
		size_t first = name_length(data), second = name_length(data + first);

		put_name(m, data);
		put_name(m, data + first);
		put(m, data + first + second, 20);
	} else {
		put(m, data, length);
	}
}

void message_add(struct message *m, const uint8_t *owner, uint16_t type, uint32_t ttl,
		 const void *data, size_t length)
{
	size_t start = m->length, at;
	uint8_t fixed[10] = {
		(uint8_t)(type >> 8), (uint8_t)type,       0,           1, (uint8_t)(ttl >> 24),
		(uint8_t)(ttl >> 16), (uint8_t)(ttl >> 8), (uint8_t)ttl
	};

	put_name(m, owner);
	put(m, fixed, sizeof(fixed));
	at = m->length;
	put_data(m, type, data, length);
	if (m->is_full) {
		m->length = start;
		return;
	}
	m->bytes[at - 2] = (uint8_t)((m->length - at) >> 8);
	m->bytes[at - 1] = (uint8_t)(m->length - at);
}

size_t message_length(const struct message *m)
{
	return m->length;
}

bool message_is_full(const struct message *m)
{
	return m->is_full;
}

const uint8_t *message_body(const struct message *m, size_t *ret_length)
{
	*ret_length = m->length - m->body;
	return m->bytes + m->body;
}

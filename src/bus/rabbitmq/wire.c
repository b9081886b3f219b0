/* SPDX-License-Identifier: Apache-2.0 */
/* How do AMQP frames become bytes, and bytes frames? */
#include "bus/rabbitmq/wire.h"

enum { HEADER_BYTES = 7, CLASS_BASIC = 60, CONTENT_HEADER_BYTES = 12 };

static void put_number(char *at, uint64_t value, unsigned octets)
{
	for (unsigned i = 0; i < octets; i++)
		at[i] = (char)(value >> 8 * (octets - 1 - i));
}

static uint64_t get_number(const char *at, unsigned octets)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < octets; i++)
		value = value << 8 | (uint8_t)at[i];
	return value;
}

/* ---- writing ---- */

void wire_put_hello(struct buf *out)
{
	buf_put_lit(out, "AMQP\0\0\x09\x01"); /* section 4.2.2 */
}

/* A frame whose payload the caller has put behind room for its header. */
static void frame_finish(struct buf *out, size_t start, unsigned type, unsigned channel)
{
	char *at = out->data + start;

	at[0] = (char)type;
	put_number(at + 1, channel, 2);
	put_number(at + 3, out->len - start - HEADER_BYTES, 4);
	buf_put_char(out, (char)AMQP_FRAME_END);
}

int wire_put_method(struct buf *out, unsigned channel, amqp_method_number_t method, void *decoded,
		    struct err *err)
{
	size_t start = out->len;
	char *at = buf_reserve(out, WIRE_FRAME_MAX);
	int size = amqp_encode_method(
		method, decoded,
		(amqp_bytes_t){ WIRE_FRAME_MAX - WIRE_FRAME_EXTRA - 4, at + HEADER_BYTES + 4 });

	if (size < 0)
		return err_set(err, ERR_LIMIT, "%s is too large for a frame",
			       amqp_method_name(method));
	put_number(at + HEADER_BYTES, method, 4);
	out->len += HEADER_BYTES + 4 + (size_t)size;
	frame_finish(out, start, AMQP_FRAME_METHOD, channel);
	return 0;
}

int wire_put_content(struct buf *out, unsigned channel, amqp_basic_properties_t *properties,
		     struct str body, struct err *err)
{
	enum { MOST = WIRE_FRAME_MAX - WIRE_FRAME_EXTRA };
	size_t start = out->len;
	char *at = buf_reserve(out, WIRE_FRAME_MAX);
	int size =
		amqp_encode_properties(CLASS_BASIC, properties,
				       (amqp_bytes_t){ MOST - CONTENT_HEADER_BYTES,
						       at + HEADER_BYTES + CONTENT_HEADER_BYTES });

	if (size < 0)
		return err_set(err, ERR_LIMIT, "a message's properties are too large for a frame");
	put_number(at + HEADER_BYTES, CLASS_BASIC, 2);
	put_number(at + HEADER_BYTES + 2, 0, 2);
	put_number(at + HEADER_BYTES + 4, body.len, 8);
	out->len += HEADER_BYTES + CONTENT_HEADER_BYTES + (size_t)size;
	frame_finish(out, start, AMQP_FRAME_HEADER, channel);
	for (size_t done = 0; done < body.len; done += MOST) {
		struct str part = str_first(str_from(body, done), MOST);

		start = out->len;
		buf_reserve(out, HEADER_BYTES);
		out->len += HEADER_BYTES;
		buf_put_str(out, part);
		frame_finish(out, start, AMQP_FRAME_BODY, channel);
	}
	return 0;
}

void wire_put_heartbeat(struct buf *out)
{
	size_t start = out->len;

	buf_reserve(out, HEADER_BYTES);
	out->len += HEADER_BYTES;
	frame_finish(out, start, AMQP_FRAME_HEARTBEAT, 0);
}

/* ---- reading ---- */

void wire_reader_release(struct wire_reader *reader)
{
	memory_free(reader->data);
	*reader = (struct wire_reader){ 0 };
}

char *wire_space(struct wire_reader *reader, size_t *ret_size)
{
	if (!reader->data)
		reader->data = memory_alloc(WIRE_BUFFER);
	if (reader->start) {
		memmove(reader->data, reader->data + reader->start, reader->end - reader->start);
		reader->end -= reader->start;
		reader->start = 0;
	}
	*ret_size = WIRE_BUFFER - reader->end; /* frames are taken out before: never 0 */
	return reader->data + reader->end;
}

void wire_added(struct wire_reader *reader, size_t size)
{
	reader->end += size;
}

static bool is_type(uint8_t type)
{
	return type == AMQP_FRAME_METHOD || type == AMQP_FRAME_HEADER || type == AMQP_FRAME_BODY ||
	       type == AMQP_FRAME_HEARTBEAT;
}

int wire_next(struct wire_reader *reader, struct wire_frame *ret, struct err *err)
{
	const char *at = reader->data + reader->start;
	size_t there = reader->end - reader->start, size;

	if (!there)
		return 0;
	if (!is_type((uint8_t)at[0]))
		return err_set(err, ERR_SYNTAX,
			       there >= 4 && !memcmp(at, "AMQP", 4)
				       ? "it does not speak AMQP 0-9-1"
				       : "what it sends is no AMQP frame");
	if (there < HEADER_BYTES)
		return 0;
	size = get_number(at + 3, 4);
	if (size > WIRE_FRAME_MAX - WIRE_FRAME_EXTRA)
		return err_set(err, ERR_LIMIT, "it sends a frame of %zu bytes; %d were agreed on",
			       size, WIRE_FRAME_MAX);
	if (there < size + WIRE_FRAME_EXTRA)
		return 0;
	if ((uint8_t)at[HEADER_BYTES + size] != AMQP_FRAME_END)
		return err_set(err, ERR_SYNTAX, "a frame without its end octet");
	*ret = (struct wire_frame){ .type = (uint8_t)at[0],
				    .channel = (uint16_t)get_number(at + 1, 2),
				    .payload = { at + HEADER_BYTES, size } };
	reader->start += size + WIRE_FRAME_EXTRA;
	return 1;
}

int wire_method(struct str payload, amqp_pool_t *pool, struct wire_method *ret, struct err *err)
{
	struct wire_method method = { 0 };

	if (payload.len < 4)
		return err_set(err, ERR_SYNTAX, "a method frame without a method");
	method.number = (amqp_method_number_t)get_number(payload.data, 4);
	if (amqp_decode_method(method.number, pool, wire_bytes(str_from(payload, 4)),
			       &method.decoded) < 0)
		return err_set(err, ERR_SYNTAX, "a method that cannot be read (0x%08x)",
			       (unsigned)method.number);
	*ret = method;
	return 0;
}

int wire_header(struct str payload, amqp_pool_t *pool, struct wire_header *ret, struct err *err)
{
	void *properties;

	if (payload.len < CONTENT_HEADER_BYTES + 2 || get_number(payload.data, 2) != CLASS_BASIC ||
	    amqp_decode_properties(CLASS_BASIC, pool,
				   wire_bytes(str_from(payload, CONTENT_HEADER_BYTES)),
				   &properties) < 0)
		return err_set(err, ERR_SYNTAX, "a content header that cannot be read");
	ret->body_bytes = get_number(payload.data + 4, 8);
	ret->properties = properties;
	return 0;
}

/* ---- tables ---- */

const amqp_field_value_t *wire_find(const amqp_table_t *table, const char *name)
{
	for (int i = 0; i < table->num_entries; i++)
		if (str_eq(wire_str(table->entries[i].key), str_of(name)))
			return &table->entries[i].value;
	return NULL;
}

int64_t wire_find_number(const amqp_table_t *table, const char *name, int64_t most,
			 int64_t otherwise)
{
	const amqp_field_value_t *field = wire_find(table, name);
	int64_t value = -1;

	if (!field)
		return otherwise;
	switch (field->kind) {
	case AMQP_FIELD_KIND_I8:
		value = (int64_t)
				field->value.i8; /* NOLINT(bugprone-signed-char-misuse): a number */
		break;
	case AMQP_FIELD_KIND_U8:
		value = field->value.u8;
		break;
	case AMQP_FIELD_KIND_I16:
		value = field->value.i16;
		break;
	case AMQP_FIELD_KIND_U16:
		value = field->value.u16;
		break;
	case AMQP_FIELD_KIND_I32:
		value = field->value.i32;
		break;
	case AMQP_FIELD_KIND_U32:
		value = field->value.u32;
		break;
	case AMQP_FIELD_KIND_I64:
		value = field->value.i64;
		break;
	case AMQP_FIELD_KIND_U64:
	case AMQP_FIELD_KIND_TIMESTAMP:
		value = field->value.u64 <= INT64_MAX ? (int64_t)field->value.u64 : -1;
		break;
	default:
		break;
	}
	return value >= 0 && value <= most ? value : otherwise;
}

struct str wire_find_text(const amqp_table_t *table, const char *name)
{
	const amqp_field_value_t *field = wire_find(table, name);

	return field && field->kind == AMQP_FIELD_KIND_UTF8 ? wire_str(field->value.bytes)
							    : STR_NONE;
}

amqp_table_entry_t entry_number(const char *name, int64_t value)
{
	amqp_table_entry_t entry = { .key = amqp_cstring_bytes(name) };

	entry.value.kind = AMQP_FIELD_KIND_I64;
	entry.value.value.i64 = value;
	return entry;
}

amqp_table_entry_t entry_text(const char *name, struct str value)
{
	amqp_table_entry_t entry = { .key = amqp_cstring_bytes(name) };

	entry.value.kind = AMQP_FIELD_KIND_UTF8;
	entry.value.value.bytes = wire_bytes(value);
	return entry;
}

amqp_table_entry_t entry_switch(const char *name, bool value)
{
	amqp_table_entry_t entry = { .key = amqp_cstring_bytes(name) };

	entry.value.kind = AMQP_FIELD_KIND_BOOLEAN;
	entry.value.value.boolean = value;
	return entry;
}

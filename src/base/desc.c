/* SPDX-License-Identifier: Apache-2.0 */
/* How does a described struct become bytes or JSON, and come back? */
#include "base/desc.h"

#include "base/clock.h"
#include "base/err.h"

enum wire { WIRE_VARINT = 0, WIRE_BYTES = 1 };

static bool is_scalar(const struct desc_field *field)
{
	return field->type <= DESC_TIME;
}

static uint64_t zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static int64_t unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static uint64_t load_unsigned(const void *at, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		return *(const uint16_t *)at;
	case 4:
		return *(const uint32_t *)at;
	default:
		return *(const uint64_t *)at;
	}
}

static void store_unsigned(void *at, size_t size, uint64_t value)
{
	switch (size) {
	case 1:
		*(uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)at = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)at = (uint32_t)value;
		break;
	default:
		*(uint64_t *)at = value;
		break;
	}
}

static uint64_t load_scalar(const struct desc_field *field, const void *at)
{
	if (field->type == DESC_INT || field->type == DESC_TIME)
		return zigzag(*(const int64_t *)at);
	if (field->type == DESC_BOOL)
		return *(const bool *)at;
	return load_unsigned(at, field->size);
}

static int store_scalar(const struct desc_field *field, void *at, uint64_t value)
{
	if (field->type == DESC_INT || field->type == DESC_TIME) {
		*(int64_t *)at = unzigzag(value);
		return 0;
	}
	if (field->type == DESC_BOOL) {
		*(bool *)at = value != 0;
		return 0;
	}
	if (field->size < 8 && value >> (field->size * 8))
		return ERR_LIMIT;
	store_unsigned(at, field->size, value);
	return 0;
}

static size_t address_size(const struct address *address)
{
	return address->family == ADDRESS_IPV4 ? 4 : address->family == ADDRESS_IPV6 ? 16 : 0;
}

static void encode(struct buf *out, const struct desc *desc, const void *value, unsigned skip);

/* A nested value is written behind room for a one-byte length; longer ones are moved. */
static void encode_nested(struct buf *out, const struct desc_field *field, const void *at,
			  unsigned skip)
{
	size_t start = out->len, len;
	unsigned char length_bytes = 1;

	buf_put_char(out, 0);
	if (field->type == DESC_STRUCT)
		encode(out, field->of, at, skip);
	else
		field->custom->encode(out, at, skip);
	len = out->len - start - 1;
	for (size_t rest = len >> 7; rest; rest >>= 7)
		length_bytes++;
	if (length_bytes > 1) {
		buf_reserve(out, length_bytes);
		memmove(out->data + start + length_bytes, out->data + start + 1, len);
	}
	out->len = start;
	buf_put_varint(out, len);
	out->len += len;
}

static void encode_one(struct buf *out, const struct desc_field *field, const void *at,
		       unsigned skip)
{
	const struct address *address = at;
	const struct str *text = at;

	buf_put_varint(out, (uint64_t)field->number << 2 |
				    (is_scalar(field) ? WIRE_VARINT : WIRE_BYTES));
	if (is_scalar(field)) {
		buf_put_varint(out, load_scalar(field, at));
	} else if (field->type == DESC_ADDRESS) {
		buf_put_varint(out, address_size(address));
		buf_put(out, address->bytes, address_size(address));
	} else if (field->type == DESC_STR || field->type == DESC_BYTES) {
		buf_put_varint(out, text->len);
		buf_put_str(out, *text);
	} else {
		encode_nested(out, field, at, skip);
	}
}

static bool is_zero(const struct desc_field *field, const void *at)
{
	if (is_scalar(field))
		return !load_scalar(field, at);
	if (field->type == DESC_STR || field->type == DESC_BYTES)
		return !((const struct str *)at)->len;
	if (field->type == DESC_ADDRESS)
		return !address_is_set(at);
	return field->type == DESC_CUSTOM && field->custom->is_none && field->custom->is_none(at);
}

static size_t array_of(const struct desc_field *field, const void *value, const char **ret_items)
{
	memcpy(ret_items, (const char *)value + field->offset, sizeof *ret_items);
	return *(const size_t *)((const char *)value + field->count_offset);
}

static void encode(struct buf *out, const struct desc *desc, const void *value, unsigned skip)
{
	for (size_t i = 0; i < desc->field_count; i++) {
		const struct desc_field *field = &desc->fields[i];
		const char *at = (const char *)value + field->offset;
		size_t count = 1;

		if (field->flags & skip)
			continue;
		if (field->is_array)
			count = array_of(field, value, &at);
		else if (is_zero(field, at))
			continue;
		for (size_t k = 0; k < count; k++)
			encode_one(out, field, at + k * field->size, skip);
	}
}

void desc_encode(struct buf *out, const struct desc *desc, const void *value)
{
	encode(out, desc, value, 0);
}

void desc_encode_stable(struct buf *out, const struct desc *desc, const void *value)
{
	encode(out, desc, value, DESC_VOLATILE);
}

int varint_take(struct str *bytes, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes->len && i < 10; i++) {
		uint64_t part = (unsigned char)bytes->data[i] & 0x7f;

		if (i == 9 && part > 1)
			return ERR_LIMIT;
		value |= part << (7 * i);
		if (!(bytes->data[i] & 0x80)) {
			*bytes = str_from(*bytes, i + 1);
			*ret = value;
			return 0;
		}
	}
	return ERR_SYNTAX;
}

struct item {
	const struct desc_field *field; /* NULL: a number that we do not know */
	uint64_t scalar;
	struct str bytes;
};

static const struct desc_field *field_of(const struct desc *desc, uint64_t number)
{
	for (size_t i = 0; i < desc->field_count; i++)
		if (desc->fields[i].number == number)
			return &desc->fields[i];
	return NULL;
}

static int item_take(const struct desc *desc, struct str *rest, struct item *ret)
{
	struct item item = { 0 };
	uint64_t tag, len;

	TRY(varint_take(rest, &tag));
	item.field = field_of(desc, tag >> 2);
	switch (tag & 3) {
	case WIRE_VARINT:
		TRY(varint_take(rest, &item.scalar));
		break;
	case WIRE_BYTES:
		TRY(varint_take(rest, &len));
		if (len > rest->len)
			return ERR_SYNTAX;
		item.bytes = str_first(*rest, len);
		*rest = str_from(*rest, len);
		break;
	default:
		return ERR_SYNTAX;
	}
	if (item.field && is_scalar(item.field) != ((tag & 3) == WIRE_VARINT))
		return ERR_SYNTAX;
	*ret = item;
	return 0;
}

static int decode(struct arena *a, const struct desc *desc, struct str bytes, void *ret,
		  unsigned depth);

static int decode_one(struct arena *a, const struct item *item, void *at, unsigned depth)
{
	const struct desc_field *field = item->field;

	switch (field->type) {
	case DESC_STR:
	case DESC_BYTES:
		*(struct str *)at = item->bytes;
		return 0;
	case DESC_ADDRESS:
		if (item->bytes.len == 4)
			*(struct address *)at = address_ipv4(item->bytes.data);
		else if (item->bytes.len == 16)
			*(struct address *)at = address_ipv6(item->bytes.data);
		else
			return ERR_SYNTAX;
		return 0;
	case DESC_STRUCT:
		return decode(a, field->of, item->bytes, at, depth + 1);
	case DESC_CUSTOM:
		return field->custom->decode(a, item->bytes, at);
	default:
		return store_scalar(field, at, item->scalar);
	}
}

/* Arrays are counted first and filled after, so that each is allocated once. */
static int make_arrays(struct arena *a, const struct desc *desc, struct str rest, char *value)
{
	while (rest.len) {
		struct item item;
		size_t *count;

		TRY(item_take(desc, &rest, &item));
		if (!item.field || !item.field->is_array)
			continue;
		count = (size_t *)(value + item.field->count_offset);
		if (++*count > DESC_ITEMS)
			return ERR_LIMIT;
	}
	for (size_t i = 0; i < desc->field_count; i++) {
		const struct desc_field *field = &desc->fields[i];
		size_t *count = (size_t *)(value + field->count_offset);
		void *items;

		if (!field->is_array || !*count)
			continue;
		items = arena_array(a, *count, field->size);
		memcpy(value + field->offset, &items, sizeof items);
		*count = 0;
	}
	return 0;
}

static int decode(struct arena *a, const struct desc *desc, struct str bytes, void *ret,
		  unsigned depth)
{
	char *value = ret;

	if (depth > DESC_DEPTH)
		return ERR_LIMIT;
	memset(value, 0, desc->size);
	TRY(make_arrays(a, desc, bytes, value));
	while (bytes.len) {
		struct item item;
		char *at;

		TRY(item_take(desc, &bytes, &item));
		if (!item.field)
			continue;
		at = value + item.field->offset;
		if (item.field->is_array) {
			size_t *count = (size_t *)(value + item.field->count_offset);

			memcpy(&at, value + item.field->offset, sizeof at);
			at += item.field->size * (*count)++;
		}
		TRY(decode_one(a, &item, at, depth));
	}
	return 0;
}

int desc_decode(struct arena *a, const struct desc *desc, struct str bytes, void *ret_value)
{
	return decode(a, desc, bytes, ret_value, 0);
}

static int walk_into(const struct desc_field *field, char *value, desc_visit *visit, void *context)
{
	char *at = value + field->offset;
	size_t count = 1;

	if (field->is_array) {
		memcpy(&at, value + field->offset, sizeof at);
		count = *(const size_t *)(value + field->count_offset);
	}
	for (size_t i = 0; i < count; i++, at += field->size)
		if (field->type == DESC_STRUCT)
			TRY(desc_volatile_walk(field->of, at, visit, context));
		else if (!field->custom->is_none || !field->custom->is_none(at))
			TRY(field->custom->walk(at, visit, context));
	return 0;
}

int desc_volatile_walk(const struct desc *desc, void *value, desc_visit *visit, void *context)
{
	for (size_t i = 0; i < desc->field_count; i++) {
		const struct desc_field *field = &desc->fields[i];

		if (field->flags & DESC_VOLATILE)
			TRY(visit(context, field, (enum desc_type)field->type,
				  (char *)value + field->offset, field->size));
		else if (field->type == DESC_STRUCT ||
			 (field->type == DESC_CUSTOM && field->custom->walk))
			TRY(walk_into(field, value, visit, context));
	}
	return 0;
}

static const char *name_of(const struct desc_field *field, uint64_t value)
{
	for (uint64_t i = 0; field->names && field->names[i]; i++)
		if (i == value)
			return field->names[i];
	return NULL;
}

static void json_words(struct json *w, const struct desc_field *field, uint64_t value)
{
	struct buf *out = json_quoted(w);

	field->words(out, value);
	buf_put_char(out, '"');
}

static void json_one(struct json *w, const struct desc_field *field, const void *at)
{
	char text[MAX((int)ADDRESS_TEXT_BYTES, (int)TIME_TEXT_BYTES)];
	const char *name;

	switch (field->type) {
	case DESC_BOOL:
		json_bool(w, *(const bool *)at);
		break;
	case DESC_ENUM:
		name = name_of(field, load_unsigned(at, field->size));
		if (name)
			json_text(w, name);
		else
			json_uint(w, load_unsigned(at, field->size));
		break;
	case DESC_UINT:
		if (field->words)
			json_words(w, field, load_unsigned(at, field->size));
		else
			json_uint(w, load_unsigned(at, field->size));
		break;
	case DESC_INT:
		json_int(w, *(const int64_t *)at);
		break;
	case DESC_TIME:
		json_text(w, clock_text(*(const int64_t *)at, text));
		break;
	case DESC_STR:
		json_str(w, *(const struct str *)at);
		break;
	case DESC_BYTES:
		json_hex(w, *(const struct str *)at);
		break;
	case DESC_ADDRESS:
		json_text(w, address_text(at, text));
		break;
	case DESC_STRUCT:
		desc_json(w, field->of, at);
		break;
	default:
		field->custom->json(w, at);
		break;
	}
}

static void json_items(struct json *w, const struct desc_field *field, const void *value)
{
	const char *items;
	size_t count = array_of(field, value, &items);

	json_key_put(w, field->name, field->name_len);
	json_array(w);
	for (size_t i = 0; i < count; i++)
		json_one(w, field, items + i * field->size);
	json_end(w);
}

void desc_value_text(struct buf *out, const struct desc_field *field, const void *value)
{
	char text[ADDRESS_TEXT_BYTES];
	const char *name;

	switch (field->type) {
	case DESC_STR:
		buf_put_str(out, *(const struct str *)value);
		break;
	case DESC_ADDRESS:
		buf_put_str(out, str_of(address_text(value, text)));
		break;
	case DESC_ENUM:
	case DESC_UINT:
	case DESC_BOOL:
		name = name_of(field, load_unsigned(value, field->size));
		if (field->words)
			field->words(out, load_unsigned(value, field->size));
		else if (name)
			buf_put_str(out, str_of(name));
		else
			buf_put_uint(out, load_unsigned(value, field->size));
		break;
	case DESC_INT:
	case DESC_TIME:
		buf_printf(out, "%lld", (long long)*(const int64_t *)value);
		break;
	default:
		break;
	}
}

static bool is_shown(const struct desc_field *field, const void *value)
{
	const void *at = (const char *)value + field->offset;

	if (field->flags & DESC_HIDDEN)
		return false;
	if (field->is_array)
		return !(field->flags & DESC_OPTIONAL) ||
		       *(const size_t *)((const char *)value + field->count_offset);
	if (!(field->flags & DESC_OPTIONAL) &&
	    (field->type == DESC_BOOL || field->type == DESC_ENUM || field->words))
		return true;
	return !is_zero(field, at);
}

void desc_json_fields(struct json *w, const struct desc *desc, const void *value)
{
	for (size_t i = 0; i < desc->field_count; i++) {
		const struct desc_field *field = &desc->fields[i];

		if (!is_shown(field, value))
			continue;
		if (field->is_array) {
			json_items(w, field, value);
		} else {
			json_key_put(w, field->name, field->name_len);
			json_one(w, field, (const char *)value + field->offset);
		}
	}
}

void desc_json(struct json *w, const struct desc *desc, const void *value)
{
	json_object(w);
	desc_json_fields(w, desc, value);
	json_end(w);
}

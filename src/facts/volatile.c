/* SPDX-License-Identifier: Apache-2.0 */
/* How is what changes by itself kept beside facts that do not? */
#include "facts/volatile.h"

enum {
	COLUMNS = 32,
	LATEST = 15, /* values that an index can name */
	RUN = 16,    /* the longest */
	UNITS = 6    /* powers of ten up to a second */
};

/* A value in its written form; strings are views. */
struct value {
	struct str text;
	uint64_t number;
};

struct column {
	const void *leaf; /* NULL: not used yet */
	enum desc_type type;
	struct value latest[LATEST];
	size_t known;
	size_t run; /* writing: of latest[0] that is not written yet; reading: left */
	uint8_t index;
	bool has_first;
	int64_t first_us;
	unsigned unit;
	struct buf out;
	struct str in;
};

struct columns {
	struct column column[COLUMNS];
	size_t count;
	const struct fact *fact; /* at hand */
	unsigned unit;           /* of the times when facts were seen: 10^unit µs */
	struct arena *a;
};

static struct column *column_of(struct columns *columns, const void *leaf, enum desc_type type)
{
	struct column *column;

	for (size_t i = 0; i < columns->count; i++)
		if (columns->column[i].leaf == leaf)
			return &columns->column[i];
	if (columns->count == COLUMNS)
		return NULL;
	column = &columns->column[columns->count++];
	column->leaf = leaf;
	column->type = type;
	if (columns->count == 1) /* the first leaf of a fact is when it was seen */
		column->unit = columns->unit;
	return column;
}

static int64_t power_of_ten(unsigned unit)
{
	int64_t power = 1;

	while (unit--)
		power *= 10;
	return power;
}

/* The first address among the question's arguments: who was asked. */
static const struct address *asked_address(const struct question *question)
{
	const struct fact_kind *kind = fact_kind_of(question->kind);

	for (size_t i = 0; kind && i < kind->question->field_count; i++) {
		const struct desc_field *field = &kind->question->fields[i];

		if (field->type == DESC_ADDRESS)
			return (const void *)((const char *)question + kind->question_offset +
					      field->offset);
	}
	return NULL;
}

static bool value_eq(const struct value *one, const struct value *other)
{
	return one->number == other->number && str_eq(one->text, other->text);
}

/* The index that the value has among the latest, or known when it has none; it becomes the latest. */
static size_t value_use(struct column *column, const struct value *value)
{
	size_t index = 0, last;

	while (index < column->known && !value_eq(&column->latest[index], value))
		index++;
	last = MIN(index, (size_t)LATEST - 1);
	memmove(column->latest + 1, column->latest, last * sizeof *column->latest);
	column->latest[0] = *value;
	if (index == column->known && column->known < LATEST)
		column->known++;
	return index;
}

/* ---- writing ---- */

static size_t address_len(const struct address *address)
{
	return address->family == ADDRESS_IPV6 ? 16 : address->family == ADDRESS_IPV4 ? 4 : 0;
}

static struct value value_of(struct columns *columns, struct column *column, enum desc_type type,
			     const void *at, size_t size)
{
	const struct address *address = at, *asked;
	int64_t time;

	switch (type) {
	case DESC_STR:
	case DESC_BYTES:
		return (struct value){ .text = *(const struct str *)at };
	case DESC_ADDRESS:
		asked = asked_address(&columns->fact->question);
		if (asked && address_is_set(address) && address_eq(asked, address))
			return (struct value){ .number = 1 };
		return (struct value){ .text = str_bytes(address->bytes, address_len(address)) };
	case DESC_TIME:
		time = *(const int64_t *)at;
		if (!column->has_first)
			column->first_us = time;
		column->has_first = true;
		time = (int64_t)((uint64_t)time - (uint64_t)column->first_us) /
		       power_of_ten(column->unit);
		return (struct value){ .number = (uint64_t)time << 1 ^ (uint64_t)(time >> 63) };
	default:
		return (struct value){ .number = size == 1   ? *(const uint8_t *)at
						 : size == 2 ? *(const uint16_t *)at
						 : size == 4 ? *(const uint32_t *)at
							     : *(const uint64_t *)at };
	}
}

static void run_put(struct column *column)
{
	const struct value *value = &column->latest[0];

	if (!column->run)
		return;
	buf_put_char(&column->out, (char)(column->index << 4 | (column->run - 1)));
	column->run = 0;
	if (column->index < LATEST)
		return;
	if (column->type == DESC_ADDRESS || column->type == DESC_STR || column->type == DESC_BYTES)
		buf_put_varint(&column->out, value->text.len ? value->text.len : value->number);
	else
		buf_put_varint(&column->out, value->number);
	buf_put_str(&column->out, value->text);
}

static int put_leaf(void *context, const void *leaf, enum desc_type type, void *at, size_t size)
{
	struct columns *columns = context;
	struct column *column = column_of(columns, leaf, type);
	struct value value;
	size_t index, known;

	if (!column)
		return ERR_LIMIT;
	if (!column->out.arena)
		buf_init(&column->out, columns->a);
	value = value_of(columns, column, type, at, size);
	if (column->run && column->run < RUN && value_eq(&column->latest[0], &value)) {
		column->run++;
		return 0;
	}
	run_put(column);
	known = column->known;
	index = value_use(column, &value);
	column->index = (uint8_t)(index < known ? index : LATEST);
	column->run = 1;
	return 0;
}

/* The coarsest unit in which all times are whole. */
static unsigned unit_of(const struct fact *const *facts, size_t count)
{
	unsigned unit = UNITS;

	for (size_t i = 1; i < count; i++)
		while (unit &&
		       ((int64_t)((uint64_t)facts[i]->seen_us - (uint64_t)facts[0]->seen_us)) %
			       power_of_ten(unit))
			unit--;
	return unit;
}

void facts_encode_volatile(struct buf *out, const struct fact *const *facts, size_t count)
{
	struct arena arena = { 0 };
	struct columns *columns = ARENA_NEW(&arena, struct columns);

	columns->a = &arena;
	columns->unit = unit_of(facts, count);
	for (size_t i = 0; i < count; i++) {
		columns->fact = facts[i];
		/* It is only read. */
		(void)!fact_volatile_walk((struct fact *)(uintptr_t)facts[i], put_leaf, columns);
	}
	buf_put_varint(out, columns->count);
	for (size_t i = 0; i < columns->count; i++) {
		struct column *column = &columns->column[i];
		struct buf head;

		run_put(column);
		buf_init(&head, &arena);
		if (column->type == DESC_TIME) {
			buf_put_varint(&head, column->unit);
			buf_put(&head, &column->first_us, sizeof column->first_us);
		}
		buf_put_str(&head, buf_str(&column->out));
		column->in = buf_str(&head);
		buf_put_varint(out, column->in.len);
	}
	for (size_t i = 0; i < columns->count; i++)
		buf_put_str(out, columns->column[i].in);
	arena_release(&arena);
}

/* ---- reading ---- */

static int value_take(struct column *column, struct value *ret)
{
	struct value value = { 0 };
	bool is_address = column->type == DESC_ADDRESS;
	uint64_t number;

	TRY(varint_take(&column->in, &number));
	if (!is_address && column->type != DESC_STR && column->type != DESC_BYTES) {
		value.number = number;
	} else if (is_address && number == 1) {
		value.number = 1;
	} else {
		if (number > column->in.len ||
		    (is_address && number && number != 4 && number != 16))
			return ERR_SYNTAX;
		value.text = str_first(column->in, number);
		column->in = str_from(column->in, number);
	}
	*ret = value;
	return 0;
}

static int run_take(struct column *column)
{
	uint8_t octet;
	size_t index;
	struct value value;

	if (!column->in.len)
		return ERR_SYNTAX;
	octet = (uint8_t)column->in.data[0];
	column->in = str_from(column->in, 1);
	index = octet >> 4;
	if (index < LATEST && index >= column->known)
		return ERR_SYNTAX;
	if (index == LATEST)
		TRY(value_take(column, &value));
	else
		value = column->latest[index];
	(void)value_use(column, &value);
	column->run = (size_t)(octet & 15) + 1;
	return 0;
}

static int head_take(struct column *column)
{
	uint64_t unit;

	if (column->type != DESC_TIME || column->has_first)
		return 0;
	TRY(varint_take(&column->in, &unit));
	if (unit > UNITS || column->in.len < sizeof column->first_us)
		return ERR_SYNTAX;
	memcpy(&column->first_us, column->in.data, sizeof column->first_us);
	column->in = str_from(column->in, sizeof column->first_us);
	column->unit = (unsigned)unit;
	column->has_first = true;
	return 0;
}

static int store_number(void *at, size_t size, uint64_t number)
{
	if (size < 8 && number >> (size * 8))
		return ERR_SYNTAX;
	if (size == 1)
		*(uint8_t *)at = (uint8_t)number;
	else if (size == 2)
		*(uint16_t *)at = (uint16_t)number;
	else if (size == 4)
		*(uint32_t *)at = (uint32_t)number;
	else
		*(uint64_t *)at = number;
	return 0;
}

static int store_value(struct columns *columns, const struct column *column, void *at, size_t size)
{
	const struct value *value = &column->latest[0];
	const struct address *asked;
	uint64_t distance;

	switch (column->type) {
	case DESC_STR:
	case DESC_BYTES:
		*(struct str *)at = value->text;
		return 0;
	case DESC_ADDRESS:
		asked = value->number ? asked_address(&columns->fact->question) : NULL;
		if (value->number && !asked)
			return ERR_SYNTAX;
		*(struct address *)at = asked                   ? *asked
					: value->text.len == 4  ? address_ipv4(value->text.data)
					: value->text.len == 16 ? address_ipv6(value->text.data)
								: (struct address){ 0 };
		return 0;
	case DESC_TIME:
		distance = value->number >> 1 ^ -(value->number & 1);
		distance *= (uint64_t)power_of_ten(column->unit);
		*(int64_t *)at = (int64_t)((uint64_t)column->first_us + distance);
		return 0;
	case DESC_BOOL:
		*(bool *)at = value->number != 0;
		return value->number > 1 ? ERR_SYNTAX : 0;
	default:
		return store_number(at, size, value->number);
	}
}

static int take_leaf(void *context, const void *leaf, enum desc_type type, void *at, size_t size)
{
	struct columns *columns = context;
	struct column *column = column_of(columns, leaf, type);

	if (!column)
		return ERR_LIMIT;
	TRY(head_take(column));
	if (!column->run)
		TRY(run_take(column));
	column->run--;
	return store_value(columns, column, at, size);
}

static int columns_open(struct columns *columns, struct str blob)
{
	uint64_t count, len, lens[COLUMNS];

	TRY(varint_take(&blob, &count));
	if (count > COLUMNS)
		return ERR_SYNTAX;
	for (uint64_t i = 0; i < count; i++)
		TRY(varint_take(&blob, &lens[i]));
	for (uint64_t i = 0; i < count; i++) {
		len = lens[i];
		if (len > blob.len)
			return ERR_SYNTAX;
		columns->column[i].in = str_first(blob, len);
		blob = str_from(blob, len);
	}
	return blob.len ? ERR_SYNTAX : (int)count;
}

int facts_apply_volatile(struct str blob, struct fact *const *facts, size_t count)
{
	struct arena arena = { 0 };
	struct columns *columns = ARENA_NEW(&arena, struct columns);
	int there = columns_open(columns, blob), code = MIN(there, 0);

	for (size_t i = 0; code == 0 && i < count; i++) {
		columns->fact = facts[i];
		code = fact_volatile_walk(facts[i], take_leaf, columns);
	}
	if (code == 0 && columns->count != (size_t)there)
		code = ERR_SYNTAX;
	for (size_t i = 0; code == 0 && i < columns->count; i++)
		if (columns->column[i].in.len || columns->column[i].run)
			code = ERR_SYNTAX;
	arena_release(&arena);
	return code;
}

/* ---- order ---- */

struct keyed {
	struct str key;
	size_t at; /* where it stood: of two equal ones the first stays */
	const struct fact *fact;
};

static int by_key(const void *one, const void *other)
{
	const struct keyed *a = one, *b = other;
	int order = str_cmp(a->key, b->key);

	return order ? order : a->at < b->at ? -1 : 1;
}

size_t facts_order(struct arena *a, const struct fact **facts, size_t count)
{
	struct keyed *keyed = arena_array(a, count, sizeof *keyed);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct buf key;

		buf_init(&key, a);
		question_key(&key, &facts[i]->question);
		keyed[i] = (struct keyed){ buf_str(&key), i, facts[i] };
	}
	if (count)
		qsort(keyed, count, sizeof *keyed, by_key);
	for (size_t i = 0; i < count; i++)
		if (!i || !str_eq(keyed[i].key, keyed[i - 1].key))
			facts[kept++] = keyed[i].fact;
	return kept;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which struct does a YAML mapping state? */
#include "settings/yaml_struct.h"

#include "base/nearest.h"
#include "formats/yaml_text.h"

enum { LIST_ITEMS = 256 };

static int mapping_read(struct yaml *y, const struct desc *desc, char *value);

static bool is_key(const struct desc_field *field)
{
	return !(field->flags & DESC_HIDDEN);
}

static int key_unknown(struct yaml *y, const struct desc *desc, struct str key)
{
	const char **words = arena_array(y->arena, desc->field_count + 1, sizeof *words);
	const char *near;
	size_t count = 0;

	for (size_t i = 0; i < desc->field_count; i++)
		if (is_key(&desc->fields[i]))
			words[count++] = desc->fields[i].name;
	near = nearest_word(key, words);
	return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX,
			    "no key \"%.*s\" is known here%s%s%s", STR(str_first(key, 60)),
			    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int enum_read(struct yaml *y, const struct desc_field *field, struct str text, uint64_t *ret)
{
	const char *near;

	for (*ret = 0; field->names[*ret]; ++*ret)
		if (str_eq(text, str_of(field->names[*ret])))
			return 0;
	near = nearest_word(text, field->names);
	return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX,
			    "%s: \"%.*s\" is none of its words%s%s%s", field->name,
			    STR(str_first(text, 40)), near ? "; did you mean " : "",
			    near ? near : "", near ? "?" : "");
}

static void number_put(const struct desc_field *field, char *at, uint64_t number)
{
	const uint8_t u8 = (uint8_t)number;
	const uint16_t u16 = (uint16_t)number;
	const uint32_t u32 = (uint32_t)number;

	memcpy(at,
	       field->size == 1   ? (const void *)&u8
	       : field->size == 2 ? (const void *)&u16
	       : field->size == 4 ? (const void *)&u32
				  : (const void *)&number,
	       field->size);
}

static int scalar_read(struct yaml *y, const struct desc_field *field, char *at)
{
	struct str text = STR_NONE;
	uint64_t number;
	bool is_true;

	if (y->event.type != YAML_SCALAR_EVENT)
		return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX, "%s takes one value",
				    field->name);
	TRY(yaml_scalar(y, true, &text));
	switch (field->type) {
	case DESC_STR:
		memcpy(at, &text, sizeof text);
		return 0;
	case DESC_BOOL:
		is_true = str_eq(text, STR_LIT("true"));
		if (!is_true && !str_eq(text, STR_LIT("false")))
			return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX, "%s: true or false",
					    field->name);
		memcpy(at, &is_true, sizeof is_true);
		return 0;
	case DESC_ENUM:
		TRY(enum_read(y, field, text, &number));
		break;
	case DESC_UINT:
		if (str_to_uint(text, field->size >= 8 ? INT64_MAX : (1ull << field->size * 8) - 1,
				&number) < 0)
			return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX,
					    "%s: \"%.*s\" is no whole number that fits",
					    field->name, STR(str_first(text, 40)));
		break;
	default:
		return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX, "%s cannot be written here",
				    field->name);
	}
	number_put(field, at, number);
	return 0;
}

/* One value whose first event has been read. */
static int one_read(struct yaml *y, const struct desc_field *field, char *at)
{
	if (field->type != DESC_STRUCT)
		return scalar_read(y, field, at);
	if (y->event.type != YAML_MAPPING_START_EVENT)
		return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX, "%s: keys stand below it",
				    field->name);
	return mapping_read(y, field->of, at);
}

static bool is_pair(const struct desc *desc)
{
	return desc->field_count >= 2 && desc->fields[0].type == DESC_STR &&
	       desc->fields[1].type == DESC_STR && !desc->fields[1].is_array;
}

struct list {
	char *items;
	size_t count;
};

static int item_make(struct yaml *y, const struct desc_field *field, struct list *list, char **ret)
{
	if (list->count == LIST_ITEMS)
		return yaml_fail_at(y, y->event.start_mark, ERR_LIMIT, "%s: more than %d",
				    field->name, LIST_ITEMS);
	if (!list->items)
		list->items = arena_array(y->arena, LIST_ITEMS, field->size);
	*ret = list->items + list->count++ * field->size;
	return 0;
}

/* "name: value" for a struct of two texts; "name: {…}" fills the rest of it. */
static int pairs_read(struct yaml *y, const struct desc_field *field, struct list *list)
{
	for (;;) {
		struct str name = STR_NONE;
		char *item = NULL;

		TRY(yaml_next(y));
		if (y->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (y->event.type != YAML_SCALAR_EVENT)
			return yaml_fail(y, "a key is a word");
		TRY(yaml_scalar(y, false, &name));
		TRY(item_make(y, field, list, &item));
		memcpy(item + field->of->fields[0].offset, &name, sizeof name);
		TRY(yaml_next(y));
		if (y->event.type == YAML_MAPPING_START_EVENT)
			TRY(mapping_read(y, field->of, item));
		else
			TRY(scalar_read(y, &field->of->fields[1],
					item + field->of->fields[1].offset));
	}
}

static int list_read(struct yaml *y, const struct desc_field *field, char *value)
{
	struct list list = { 0 };

	if (y->event.type == YAML_MAPPING_START_EVENT && field->of && is_pair(field->of)) {
		TRY(pairs_read(y, field, &list));
	} else if (y->event.type == YAML_SEQUENCE_START_EVENT) {
		for (;;) {
			char *item = NULL;

			TRY(yaml_next(y));
			if (y->event.type == YAML_SEQUENCE_END_EVENT)
				break;
			TRY(item_make(y, field, &list, &item));
			TRY(one_read(y, field, item));
		}
	} else {
		return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX, "%s is a list",
				    field->name);
	}
	memcpy(value + field->offset, &list.items, sizeof list.items);
	memcpy(value + field->count_offset, &list.count, sizeof list.count);
	return 0;
}

/* The members of a mapping whose start has been read. */
static int mapping_read(struct yaml *y, const struct desc *desc, char *value)
{
	bool *seen = arena_array(y->arena, desc->field_count, sizeof *seen);

	for (;;) {
		const struct desc_field *field = desc->fields;
		struct str key = STR_NONE;

		TRY(yaml_next(y));
		if (y->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (y->event.type != YAML_SCALAR_EVENT)
			return yaml_fail(y, "a key is a word");
		TRY(yaml_scalar(y, false, &key));
		while (field < desc->fields + desc->field_count &&
		       !(is_key(field) && str_eq(key, str_bytes(field->name, field->name_len))))
			field++;
		if (field == desc->fields + desc->field_count)
			return key_unknown(y, desc, key);
		if (seen[field - desc->fields])
			return yaml_fail_at(y, y->event.start_mark, ERR_SYNTAX, "%s stands twice",
					    field->name);
		seen[field - desc->fields] = true;
		TRY(yaml_next(y));
		if (yaml_is_null(y))
			continue;
		if (field->is_array)
			TRY(list_read(y, field, value));
		else
			TRY(one_read(y, field, value + field->offset));
	}
}

static int document_read(struct yaml *y, const struct desc *desc, void *value)
{
	int code = yaml_first(y);

	TRY(code);
	if (!code)
		return yaml_fail(y, "nothing stands here");
	if (y->event.type != YAML_MAPPING_START_EVENT)
		return yaml_fail(y, "keys and values are wanted, such as \"name: …\"");
	TRY(mapping_read(y, desc, value));
	return yaml_last(y, "a second document: one file says one thing");
}

int yaml_struct(struct arena *a, struct str name, struct str text, const struct desc *desc,
		void *value, struct err *err)
{
	struct yaml y;
	int code;

	yaml_open(&y, a, name, text, err);
	code = document_read(&y, desc, value);
	yaml_close(&y);
	return code;
}

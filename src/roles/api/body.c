/* SPDX-License-Identifier: Apache-2.0 */
/* What does a JSON body say? This file alone knows jansson, whose names are those of base/json.h. */
#include "roles/api/input.h"

#include <jansson.h>

#include "roles/api/value.h"

struct reading {
	struct arena *arena;
	struct complaints *complaints;
	char *values;
	uint64_t *given, *nulls; /* of the top-level table */
	struct buf pointer;      /* to where we are: RFC 6901 */
};

static void root_drop(json_t **root)
{
	json_decref(*root);
}

/* Before anything is allocated: how deep, how many? Strings are skipped, whatever they hold. */
static int check_size(struct str body, struct err *err)
{
	size_t depth = 0, values = 0;
	bool is_string = false;

	for (size_t i = 0; i < body.len; i++) {
		char c = body.data[i];

		if (is_string) {
			i += c == '\\';
			is_string = c != '"';
			continue;
		}
		if (!c) /* jansson takes one behind a number for the end */
			return err_set(err, ERR_SYNTAX, "a NUL octet in the body");
		is_string = c == '"';
		values += c == ',' || c == '[' || c == '{';
		if ((c == '[' || c == '{') && ++depth > BODY_DEPTH)
			return err_set(err, ERR_SYNTAX, "nested deeper than %d", BODY_DEPTH);
		if ((c == ']' || c == '}') && depth)
			depth--;
		if (values > BODY_VALUES)
			return err_set(err, ERR_SYNTAX, "more than %d values", BODY_VALUES);
	}
	return 0;
}

static size_t pointer_push(struct reading *r, struct str name)
{
	size_t before = r->pointer.len;

	buf_put_char(&r->pointer, '/');
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '~')
			buf_put_lit(&r->pointer, "~0");
		else if (name.data[i] == '/')
			buf_put_lit(&r->pointer, "~1");
		else
			buf_put_char(&r->pointer, name.data[i]);
	}
	return before;
}

static int wrong_type(struct reading *r, const struct field *field)
{
	struct buf rule;

	buf_init(&rule, r->arena);
	if (field->flags & FIELD_LIST)
		buf_put_lit(&rule, "an array");
	else
		field_put_rule(&rule, field);
	complain(r->complaints, PLACE_BODY, buf_str(&r->pointer), "type", "wanted is %.*s",
		 STR(buf_str(&rule)));
	return ERR_SYNTAX;
}

static int dump_part(const char *data, size_t len, void *out)
{
	buf_put(out, data, len);
	return 0;
}

static int read_json(struct reading *r, const struct field *field, const json_t *value, void *at)
{
	struct buf text;

	if (!json_is_object(value))
		return wrong_type(r, field);
	buf_init(&text, r->arena);
	if (json_dump_callback(value, dump_part, &text, JSON_COMPACT) < 0 || text.len > field->most)
		return wrong_type(r, field);
	*(struct str *)at = buf_str(&text);
	return 0;
}

static void read_object(struct reading *r, const struct field *fields, const json_t *object,
			bool is_top);

static int read_one(struct reading *r, const struct field *field, const json_t *value, void *at)
{
	struct value_place place = { r->complaints, PLACE_BODY, buf_str(&r->pointer) };

	switch ((enum field_type)field->type) {
	case FIELD_OBJECT:
		if (!json_is_object(value))
			return wrong_type(r, field);
		read_object(r, field->of, value, false);
		return 0;
	case FIELD_JSON:
		return read_json(r, field, value, at);
	case FIELD_UINT:
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return wrong_type(r, field);
		return value_from_uint(field, (uint64_t)json_integer_value(value), &place, at);
	case FIELD_BOOL:
		if (!json_is_boolean(value))
			return wrong_type(r, field);
		*(bool *)at = json_is_true(value);
		return 0;
	default:
		if (!json_is_string(value))
			return wrong_type(r, field);
		return value_from_text(r->arena, field,
				       str_copy(r->arena, str_bytes(json_string_value(value),
								    json_string_length(value))),
				       &place, at);
	}
}

static void read_array(struct reading *r, const struct field *field, const json_t *array)
{
	size_t count = json_array_size(array), before;
	size_t most = field->items_most ? field->items_most : FIELD_ITEMS;
	bool is_fine = true;
	char *items, number[24];

	if (!json_is_array(array)) {
		wrong_type(r, field);
		return;
	}
	if (count > most) {
		complain(r->complaints, PLACE_BODY, buf_str(&r->pointer), "items",
			 "at most %zu values", most);
		return;
	}
	items = arena_array(r->arena, count + 1, field->size);
	for (size_t i = 0; i < count; i++) {
		snprintf(number, sizeof number, "%zu", i);
		before = pointer_push(r, str_of(number));
		is_fine &=
			read_one(r, field, json_array_get(array, i), items + i * field->size) == 0;
		r->pointer.len = before;
	}
	if (!is_fine)
		return;
	memcpy(r->values + field->offset, &items, sizeof items);
	*(size_t *)(r->values + field->count_offset) = count;
}

static void read_member(struct reading *r, const struct field *fields, struct str name,
			const json_t *value, bool is_top)
{
	const struct field *field = fields;

	while (field && field->name && (field->in != IN_BODY || !str_eq(name, str_of(field->name))))
		field++;
	if (!field || !field->name) {
		complain(r->complaints, PLACE_BODY, buf_str(&r->pointer), "unknown",
			 "there is no such member");
		return;
	}
	if (is_top)
		*r->given |= 1ull << (field - fields);
	if (json_is_null(value) && field->flags & FIELD_NULLABLE) {
		if (is_top)
			*r->nulls |= 1ull << (field - fields);
	} else if (field->flags & FIELD_LIST) {
		read_array(r, field, value);
	} else {
		(void)!read_one(r, field, value, r->values + field->offset);
	}
}

static void read_object(struct reading *r, const struct field *fields, const json_t *object,
			bool is_top)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		size_t before = pointer_push(r, str_of(key));

		read_member(r, fields, str_of(key), value, is_top);
		r->pointer.len = before;
	}
	for (const struct field *field = fields; !is_top && field && field->name; field++)
		if (field->flags & FIELD_REQUIRED && !json_object_get(object, field->name)) {
			size_t before = pointer_push(r, str_of(field->name));

			complain(r->complaints, PLACE_BODY, buf_str(&r->pointer), "required",
				 "it must be given");
			r->pointer.len = before;
		}
}

int input_read_body(struct arena *a, struct input *in, struct str body, struct complaints *c,
		    struct err *err)
{
	struct reading r = { .arena = a,
			     .complaints = c,
			     .values = in->values,
			     .given = &in->given,
			     .nulls = &in->nulls };
	_cleanup_(root_drop) json_t *root = NULL;
	json_error_t error;

	TRY(check_size(body, err));
	root = json_loadb(body.len ? body.data : "", body.len,
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!root)
		return err_set(err, ERR_SYNTAX, "the body is no JSON: line %d, column %d: %s",
			       error.line, error.column, error.text);
	buf_init(&r.pointer, a);
	if (json_is_object(root)) {
		read_object(&r, in->fields, root, true);
		return 0;
	}
	complain(c, PLACE_BODY, STR_LIT(""), "type", "wanted is an object");
	in->given = UINT64_MAX; /* not to be told that its members are missing */
	return 0;
}

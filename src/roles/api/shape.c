/* SPDX-License-Identifier: Apache-2.0 */
/* What do requests and answers look like, as JSON Schema? */
#include "roles/api/shape.h"

#include "base/encode.h"

void shapes_add(struct shapes *shapes, const struct desc *desc)
{
	for (size_t i = 0; i < shapes->count; i++)
		if (shapes->descs[i] == desc)
			return;
	if (shapes->count == SHAPES_MAX)
		return;
	shapes->descs[shapes->count++] = desc;
	for (size_t i = 0; i < desc->field_count; i++)
		if (desc->fields[i].type == DESC_STRUCT)
			shapes_add(shapes, desc->fields[i].of);
}

static void put_text(struct json *w, const char *key, const char *text)
{
	if (!text)
		return;
	json_key(w, key);
	json_text(w, text);
}

static void put_type(struct json *w, const char *type, const char *format)
{
	put_text(w, "type", type);
	put_text(w, "format", format);
}

static void put_words(struct json *w, const char *const *words)
{
	put_text(w, "type", "string");
	json_key(w, "enum");
	json_array(w);
	for (; *words; words++)
		json_text(w, *words);
	json_end(w);
}

void shape_put_reference(struct json *w, const char *name)
{
	json_object(w);
	json_key(w, "$ref");
	buf_printf(json_quoted(w), "#/components/schemas/%s\"", name);
	json_end(w);
}

static void put_value(struct json *w, const struct desc_field *field)
{
	if (field->type == DESC_STRUCT) {
		shape_put_reference(w, field->of->name);
		return;
	}
	json_object(w);
	switch ((enum desc_type)field->type) {
	case DESC_BOOL:
		put_type(w, "boolean", NULL);
		break;
	case DESC_UINT:
		put_type(w, field->words ? "string" : "integer", NULL);
		break;
	case DESC_INT:
		put_type(w, "integer", NULL);
		break;
	case DESC_ENUM:
		put_words(w, field->names);
		break;
	case DESC_TIME:
		put_type(w, "string", "date-time");
		break;
	case DESC_CUSTOM:
		if (field->custom->schema)
			put_text(w, "type", field->custom->schema);
		break;
	default:
		put_type(w, "string", NULL);
	}
	json_end(w);
}

/* What desc_json always writes. */
static bool is_always(const struct desc_field *field)
{
	return !(field->flags & DESC_OPTIONAL) &&
	       (field->is_array || field->type == DESC_BOOL || field->type == DESC_ENUM ||
		field->type == DESC_STRUCT || (field->type == DESC_UINT && field->words) ||
		(field->type == DESC_CUSTOM && !field->custom->is_none));
}

void shape_put(struct json *w, const struct desc *desc)
{
	bool has_required = false;

	json_object(w);
	put_text(w, "type", "object");
	json_key(w, "properties");
	json_object(w);
	for (size_t i = 0; i < desc->field_count; i++) {
		const struct desc_field *field = &desc->fields[i];

		if (field->flags & DESC_HIDDEN)
			continue;
		has_required |= is_always(field);
		json_key(w, field->name);
		if (field->is_array) {
			json_object(w);
			put_text(w, "type", "array");
			json_key(w, "items");
			put_value(w, field);
			json_end(w);
		} else {
			put_value(w, field);
		}
	}
	json_end(w);
	if (has_required) {
		json_key(w, "required");
		json_array(w);
		for (size_t i = 0; i < desc->field_count; i++)
			if (is_always(&desc->fields[i]) && !(desc->fields[i].flags & DESC_HIDDEN))
				json_text(w, desc->fields[i].name);
		json_end(w);
	}
	json_end(w);
}

static void put_bounds(struct json *w, const struct field *field, const char *least,
		       const char *most)
{
	if (field->least) {
		json_key(w, least);
		json_uint(w, field->least);
	}
	json_key(w, most);
	json_uint(w, field->most ? field->most : TEXT_MOST);
}

static void put_object(struct arena *a, struct json *w, const struct field *fields);

static void put_one(struct arena *a, struct json *w, const struct field *field)
{
	switch ((enum field_type)field->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_WORD:
		put_type(w, "string", NULL);
		put_bounds(w, field, "minLength", "maxLength");
		put_text(w, "pattern", field_pattern(a, field));
		break;
	case FIELD_ID:
		put_type(w, "string", NULL);
		put_text(w, "pattern", field_pattern(a, field));
		break;
	case FIELD_UINT:
		put_type(w, "integer", NULL);
		json_key(w, "minimum");
		json_uint(w, field->least);
		json_key(w, "maximum");
		json_uint(w, field->most);
		break;
	case FIELD_BOOL:
		put_type(w, "boolean", NULL);
		break;
	case FIELD_CHOICE:
		put_words(w, field->words);
		break;
	case FIELD_TIME:
		put_type(w, "string", "date-time");
		break;
	case FIELD_DATE_OR_TIME:
		put_type(w, "string", NULL);
		put_text(w, "pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}");
		break;
	case FIELD_NAME:
		put_type(w, "string", "idn-hostname");
		break;
	case FIELD_OBJECT:
		put_object(a, w, field->of);
		break;
	case FIELD_JSON:
		put_type(w, "object", NULL);
		break;
	}
}

/* The fallback is text as in a query; in the schema it has the value's type. */
static void put_fallback(struct json *w, const struct field *field)
{
	if (!field->fallback)
		return;
	json_key(w, "default");
	if (field->type == FIELD_UINT || field->type == FIELD_BOOL)
		json_raw(w, str_of(field->fallback));
	else
		json_text(w, field->fallback);
}

void shape_put_field(struct arena *a, struct json *w, const struct field *field)
{
	json_object(w);
	if (field->flags & FIELD_LIST) {
		put_text(w, "type", "array");
		json_key(w, "maxItems");
		json_uint(w, field->items_most ? field->items_most : FIELD_ITEMS);
		json_key(w, "items");
		json_object(w);
		put_one(a, w, field);
		json_end(w);
	} else {
		put_one(a, w, field);
	}
	put_fallback(w, field);
	if (field->in == IN_BODY)
		put_text(w, "description", field->help);
	json_end(w);
}

static void put_object(struct arena *a, struct json *w, const struct field *fields)
{
	bool has_required = false;

	put_text(w, "type", "object");
	json_key(w, "properties");
	json_object(w);
	for (const struct field *field = fields; field->name; field++) {
		if (field->in != IN_BODY)
			continue;
		has_required |= field->flags & FIELD_REQUIRED;
		json_key(w, field->name);
		shape_put_field(a, w, field);
	}
	json_end(w);
	if (has_required) {
		json_key(w, "required");
		json_array(w);
		for (const struct field *field = fields; field->name; field++)
			if (field->in == IN_BODY && field->flags & FIELD_REQUIRED)
				json_text(w, field->name);
		json_end(w);
	}
	json_key(w, "additionalProperties");
	json_bool(w, false);
}

void shape_put_body(struct arena *a, struct json *w, const struct field *fields)
{
	json_object(w);
	put_object(a, w, fields);
	json_end(w);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What does a JSON document say? */
#include "cli/document.h"

/* Its names are those of base/json.h, which is not included here. */
#include <jansson.h>

static int convert(struct arena *a, const json_t *json, unsigned depth, struct document *ret);

static int members_convert(struct arena *a, const json_t *json, unsigned depth,
			   struct document *ret)
{
	void *iter = json_object_iter((json_t *)(uintptr_t)json);

	ret->type = DOCUMENT_OBJECT;
	ret->items = arena_array(a, json_object_size(json), sizeof *ret->items);
	for (; iter; iter = json_object_iter_next((json_t *)(uintptr_t)json, iter)) {
		struct document *item = &ret->items[ret->count++];

		TRY(convert(a, json_object_iter_value(iter), depth, item));
		item->name = str_copy(a, str_of(json_object_iter_key(iter)));
	}
	return 0;
}

static int items_convert(struct arena *a, const json_t *json, unsigned depth, struct document *ret)
{
	ret->type = DOCUMENT_ARRAY;
	ret->items = arena_array(a, json_array_size(json), sizeof *ret->items);
	for (size_t i = 0; i < json_array_size(json); i++)
		TRY(convert(a, json_array_get(json, i), depth, &ret->items[ret->count++]));
	return 0;
}

static int convert(struct arena *a, const json_t *json, unsigned depth, struct document *ret)
{
	struct str text;

	if (depth == DOCUMENT_DEPTH_MAX)
		return ERR_SYNTAX;
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return members_convert(a, json, depth + 1, ret);
	case JSON_ARRAY:
		return items_convert(a, json, depth + 1, ret);
	case JSON_STRING:
		text = str_bytes(json_string_value(json), json_string_length(json));
		*ret = (struct document){ .type = DOCUMENT_TEXT, .text = str_copy(a, text) };
		return 0;
	case JSON_INTEGER:
		*ret = (struct document){ .type = DOCUMENT_NUMBER,
					  .text = str_printf(a, "%lld", json_integer_value(json)) };
		return 0;
	case JSON_REAL:
		*ret = (struct document){ .type = DOCUMENT_NUMBER,
					  .text = str_printf(a, "%.15g", json_real_value(json)) };
		return 0;
	case JSON_TRUE:
		ret->type = DOCUMENT_TRUE;
		return 0;
	case JSON_FALSE:
		ret->type = DOCUMENT_FALSE;
		return 0;
	case JSON_NULL:
		ret->type = DOCUMENT_NULL;
	}
	return 0;
}

int document_parse(struct arena *a, struct str text, struct document *ret)
{
	json_error_t error;
	json_t *json =
		json_loadb(text.data, text.len,
			   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	struct document document = { .type = DOCUMENT_NULL };
	int code;

	if (!json)
		return ERR_SYNTAX;
	code = convert(a, json, 0, &document);
	json_decref(json);
	if (code == 0)
		*ret = document;
	return code;
}

const struct document *document_at(const struct document *document, const char *path)
{
	static const struct document none;
	struct str rest = str_of(path), name;

	while (str_split(&rest, '.', &name)) {
		const struct document *found = &none;
		uint64_t place;

		if (document->type == DOCUMENT_ARRAY && document->count &&
		    str_to_uint(name, document->count - 1, &place) == 0)
			found = &document->items[place];
		for (size_t i = 0; document->type == DOCUMENT_OBJECT && i < document->count; i++)
			if (str_eq(document->items[i].name, name))
				found = &document->items[i];
		document = found;
	}
	return document;
}

struct str document_text(struct arena *a, const struct document *document, const char *path)
{
	const struct document *found = path ? document_at(document, path) : document;
	struct buf out;

	switch (found->type) {
	case DOCUMENT_NUMBER:
	case DOCUMENT_TEXT:
		return found->text;
	case DOCUMENT_TRUE:
		return STR_LIT("yes");
	case DOCUMENT_FALSE:
		return STR_LIT("no");
	case DOCUMENT_ARRAY:
		buf_init(&out, a);
		for (size_t i = 0; i < found->count; i++) {
			if (i)
				buf_put_lit(&out, ", ");
			buf_put_str(&out, document_text(a, &found->items[i], NULL));
		}
		return buf_str(&out);
	case DOCUMENT_NULL:
	case DOCUMENT_OBJECT:
		break;
	}
	return STR_NONE;
}

int64_t document_int(const struct document *document, const char *path)
{
	const struct document *found = document_at(document, path);
	bool is_negative = found->text.len && found->text.data[0] == '-';
	uint64_t value = 0;

	if (found->type != DOCUMENT_NUMBER ||
	    str_to_uint(str_from(found->text, is_negative), INT64_MAX, &value) < 0)
		return 0;
	return is_negative ? -(int64_t)value : (int64_t)value;
}

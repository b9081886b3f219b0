/* SPDX-License-Identifier: Apache-2.0 */
/* What does a text in YAML say, and where does each value stand? */
#include "formats/yaml_tree.h"

#include <yaml.h>

struct reading {
	struct arena *arena;
	yaml_parser_t parser;
	yaml_event_t event; /* the current one; deleted by the next */
	size_t count;
	struct err *err;
};

static int fail_at(struct reading *r, yaml_mark_t mark, int code, const char *text)
{
	return err_set(r->err, code, "line %zu column %zu: %s", mark.line + 1, mark.column + 1,
		       text);
}

static int fail(struct reading *r, const char *text)
{
	return fail_at(r, r->event.start_mark, ERR_SYNTAX, text);
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
	       : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
	       : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
							  : NULL;
}

static const yaml_char_t *tag_of(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT           ? event->data.scalar.tag
	       : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
	       : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.tag
							  : NULL;
}

static int event_next(struct reading *r)
{
	char why[160];

	yaml_event_delete(&r->event);
	if (!yaml_parser_parse(&r->parser, &r->event)) {
		if (r->parser.error == YAML_MEMORY_ERROR)
			memory_exhausted();
		snprintf(why, sizeof why, "this is not YAML: %s",
			 r->parser.problem ? r->parser.problem : "unreadable");
		return fail_at(r, r->parser.problem_mark, ERR_SYNTAX, why);
	}
	if (r->event.type == YAML_ALIAS_EVENT)
		return fail(r, "aliases (*) are not read: write the value again, or in quotes");
	if (anchor_of(&r->event))
		return fail(r, "anchors (&) are not read: write the value again, or in quotes");
	if (tag_of(&r->event))
		return fail(r, "tags (!) are not read");
	return 0;
}

static int value_new(struct reading *r, const struct yaml_value *parent, struct yaml_value **ret)
{
	struct yaml_value *value = NULL;

	if (++r->count > YAML_VALUES)
		return fail_at(r, r->event.start_mark, ERR_LIMIT, "too many values");
	value = ARENA_NEW(r->arena, struct yaml_value);
	*value = (struct yaml_value){
		.line = (unsigned)r->event.start_mark.line + 1,
		.column = (unsigned)r->event.start_mark.column + 1,
		.parent = parent,
	};
	*ret = value;
	return 0;
}

static struct str scalar_text(struct reading *r)
{
	return str_copy(r->arena,
			str_bytes(r->event.data.scalar.value, r->event.data.scalar.length));
}

static void item_add(struct reading *r, struct yaml_value *list, size_t *cap,
		     struct yaml_value *item)
{
	if (list->count == *cap) {
		size_t more = *cap ? *cap * 2 : 8;

		list->items = arena_grow(r->arena, list->items, *cap * sizeof *list->items,
					 more * sizeof *list->items);
		*cap = more;
	}
	item->index = list->count;
	list->items[list->count++] = item;
}

static int value_read(struct reading *r, const struct yaml_value *parent, unsigned depth,
		      struct yaml_value **ret);

static int list_read(struct reading *r, struct yaml_value *list, unsigned depth)
{
	size_t cap = 0;

	for (;;) {
		struct yaml_value *item;

		TRY(event_next(r));
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		TRY(value_read(r, list, depth, &item));
		item_add(r, list, &cap, item);
	}
}

/* Long maps are made by programs, which repeat nothing: the last few keys are compared at least. */
enum { COMPARED_KEYS = 2000 };

static int map_read(struct reading *r, struct yaml_value *map, unsigned depth)
{
	size_t cap = 0;

	for (;;) {
		struct yaml_value *item;
		yaml_mark_t mark;
		struct str key;

		TRY(event_next(r));
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (r->event.type != YAML_SCALAR_EVENT)
			return fail(r, "a key is a word");
		key = scalar_text(r);
		mark = r->event.start_mark;
		for (size_t i = 0; i < map->count && i < COMPARED_KEYS; i++)
			if (str_eq(map->items[map->count - 1 - i]->key, key))
				return fail(r, "this key stands twice");
		TRY(event_next(r));
		TRY(value_read(r, map, depth, &item));
		item->key = key;
		item->key_line = (unsigned)mark.line + 1;
		item->key_column = (unsigned)mark.column + 1;
		item_add(r, map, &cap, item);
	}
}

static int value_read(struct reading *r, const struct yaml_value *parent, unsigned depth,
		      struct yaml_value **ret)
{
	struct yaml_value *value = NULL;

	if (depth == YAML_DEPTH)
		return fail_at(r, r->event.start_mark, ERR_LIMIT, "nested too deeply");
	TRY(value_new(r, parent, &value));
	if (r->event.type == YAML_SEQUENCE_START_EVENT) {
		value->kind = YAML_IS_LIST;
		TRY(list_read(r, value, depth + 1));
	} else if (r->event.type == YAML_MAPPING_START_EVENT) {
		value->kind = YAML_IS_MAP;
		TRY(map_read(r, value, depth + 1));
	} else {
		value->text = scalar_text(r);
		value->is_plain = r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	}
	*ret = value;
	return 0;
}

static int stream_read(struct reading *r, struct yaml_value **ret)
{
	struct yaml_value *root = NULL;

	TRY(event_next(r)); /* the stream's start */
	TRY(event_next(r));
	if (r->event.type == YAML_STREAM_END_EVENT) {
		TRY(value_new(r, NULL, &root));
		root->kind = YAML_IS_MAP;
		*ret = root;
		return 0;
	}
	TRY(event_next(r)); /* past the document's start */
	TRY(value_read(r, NULL, 0, &root));
	TRY(event_next(r)); /* the document's end */
	TRY(event_next(r));
	if (r->event.type != YAML_STREAM_END_EVENT)
		return fail(r, "a second document: one file is one document");
	if (yaml_value_is_null(root)) {
		root->kind = YAML_IS_MAP;
		root->text = STR_NONE;
	}
	*ret = root;
	return 0;
}

int yaml_read(struct arena *a, struct str text, struct yaml_value **ret, struct err *err)
{
	struct reading r = { .arena = a, .err = err };
	int code;

	if (text.len > YAML_BYTES)
		return err_set(err, ERR_LIMIT, "more than %d MiB", YAML_BYTES >> 20);
	if (!yaml_parser_initialize(&r.parser))
		memory_exhausted();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.data, text.len);
	code = stream_read(&r, ret);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return code;
}

const struct yaml_value *yaml_member(const struct yaml_value *map, const char *key)
{
	for (size_t i = 0; map->kind == YAML_IS_MAP && i < map->count; i++)
		if (str_eq(map->items[i]->key, str_of(key)))
			return map->items[i];
	return NULL;
}

bool yaml_value_is_null(const struct yaml_value *value)
{
	return value->kind == YAML_IS_TEXT && value->is_plain &&
	       (!value->text.len || str_eq(value->text, STR_LIT("~")) ||
		str_eq(value->text, STR_LIT("null")));
}

/* RFC 6901 section 3 */
static void token_put(struct buf *out, struct str key)
{
	for (size_t i = 0; i < key.len; i++) {
		if (key.data[i] == '~')
			buf_put_lit(out, "~0");
		else if (key.data[i] == '/')
			buf_put_lit(out, "~1");
		else
			buf_put_char(out, key.data[i]);
	}
}

struct str yaml_pointer(struct arena *a, const struct yaml_value *value)
{
	const struct yaml_value *path[YAML_DEPTH + 1];
	size_t depth = 0;
	struct buf out;

	for (; value->parent && depth < ARRAY_COUNT(path); value = value->parent)
		path[depth++] = value;
	buf_init(&out, a);
	while (depth--) {
		buf_put_char(&out, '/');
		if (path[depth]->parent->kind == YAML_IS_MAP)
			token_put(&out, str_first(path[depth]->key, 64));
		else
			buf_printf(&out, "%zu", path[depth]->index);
	}
	return buf_str(&out);
}

static void scalar_put(struct json *w, const struct yaml_value *value)
{
	uint64_t number;

	if (yaml_value_is_null(value))
		json_null(w);
	else if (value->is_plain &&
		 (str_eq(value->text, STR_LIT("true")) || str_eq(value->text, STR_LIT("false"))))
		json_bool(w, value->text.len == 4);
	else if (value->is_plain && str_to_uint(value->text, UINT64_MAX, &number) == 0 &&
		 (value->text.data[0] != '0' || value->text.len == 1))
		json_uint(w, number);
	else
		json_str(w, value->text);
}

void yaml_put_json(struct json *w, const struct yaml_value *value)
{
	if (value->kind == YAML_IS_TEXT) {
		scalar_put(w, value);
		return;
	}
	if (value->kind == YAML_IS_MAP)
		json_object(w);
	else
		json_array(w);
	for (size_t i = 0; i < value->count; i++) {
		if (value->kind == YAML_IS_MAP)
			json_key_put(w, value->items[i]->key.data, value->items[i]->key.len);
		yaml_put_json(w, value->items[i]);
	}
	json_end(w);
}

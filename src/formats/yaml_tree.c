/* SPDX-License-Identifier: Apache-2.0 */
/* What does a text in YAML say, and where does each value stand? */
#include "formats/yaml_tree.h"

#include "formats/yaml_text.h"

struct reading {
	struct yaml yaml;
	size_t count;
};

static int too_much(struct reading *r, const char *text)
{
	(void)yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_LIMIT, "%s", text);
	return ERR_LIMIT;
}

static int value_new(struct reading *r, const struct yaml_value *parent, struct yaml_value **ret)
{
	struct yaml_value *value = NULL;

	if (++r->count > YAML_VALUES)
		return too_much(r, "too many values");
	value = ARENA_NEW(r->yaml.arena, struct yaml_value);
	*value = (struct yaml_value){
		.line = (unsigned)r->yaml.event.start_mark.line + 1,
		.column = (unsigned)r->yaml.event.start_mark.column + 1,
		.parent = parent,
	};
	*ret = value;
	return 0;
}

static struct str scalar_text(struct reading *r)
{
	return str_copy(r->yaml.arena, str_bytes(r->yaml.event.data.scalar.value,
						 r->yaml.event.data.scalar.length));
}

static void item_add(struct reading *r, struct yaml_value *list, size_t *cap,
		     struct yaml_value *item)
{
	if (list->count == *cap) {
		size_t more = *cap ? *cap * 2 : 8;

		list->items = arena_grow(r->yaml.arena, list->items, *cap * sizeof *list->items,
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

		TRY(yaml_next(&r->yaml));
		if (r->yaml.event.type == YAML_SEQUENCE_END_EVENT)
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

		TRY(yaml_next(&r->yaml));
		if (r->yaml.event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (r->yaml.event.type != YAML_SCALAR_EVENT)
			return yaml_fail(&r->yaml, "a key is a word");
		key = scalar_text(r);
		mark = r->yaml.event.start_mark;
		for (size_t i = 0; i < map->count && i < COMPARED_KEYS; i++)
			if (str_eq(map->items[map->count - 1 - i]->key, key))
				return yaml_fail(&r->yaml, "this key stands twice");
		TRY(yaml_next(&r->yaml));
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
		return too_much(r, "nested too deeply");
	TRY(value_new(r, parent, &value));
	if (r->yaml.event.type == YAML_SEQUENCE_START_EVENT) {
		value->kind = YAML_IS_LIST;
		TRY(list_read(r, value, depth + 1));
	} else if (r->yaml.event.type == YAML_MAPPING_START_EVENT) {
		value->kind = YAML_IS_MAP;
		TRY(map_read(r, value, depth + 1));
	} else {
		value->text = scalar_text(r);
		value->is_plain = r->yaml.event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	}
	*ret = value;
	return 0;
}

static int stream_read(struct reading *r, struct yaml_value **ret)
{
	struct yaml_value *root = NULL;
	int code = yaml_first(&r->yaml);

	TRY(code);
	if (!code) {
		TRY(value_new(r, NULL, &root));
		root->kind = YAML_IS_MAP;
		*ret = root;
		return 0;
	}
	TRY(value_read(r, NULL, 0, &root));
	TRY(yaml_last(&r->yaml, "a second document: one file is one document"));
	if (yaml_value_is_null(root)) {
		root->kind = YAML_IS_MAP;
		root->text = STR_NONE;
	}
	*ret = root;
	return 0;
}

int yaml_read(struct arena *a, struct str text, struct yaml_value **ret, struct err *err)
{
	struct reading r = { .count = 0 };
	int code;

	if (text.len > YAML_BYTES)
		return err_set(err, ERR_LIMIT, "more than %d MiB", YAML_BYTES >> 20);
	yaml_open(&r.yaml, a, STR_NONE, text, err);
	code = stream_read(&r, ret);
	yaml_close(&r.yaml);
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

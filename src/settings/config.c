/* SPDX-License-Identifier: Apache-2.0 */
/* What does a configuration file say? */
#include "settings/config.h"

#include "base/nearest.h"
#include "settings/value.h"

#include <stdarg.h>
#include <yaml.h>

struct reading {
	struct arena *arena;
	yaml_parser_t parser;
	yaml_event_t event; /* the current one; deleted by the next */
	struct str name;
	struct config *config;
	struct err *err;
};

static int fail_at(struct reading *r, yaml_mark_t mark, int code, const char *format, ...)
	PRINTF(4, 5);

static int fail_at(struct reading *r, yaml_mark_t mark, int code, const char *format, ...)
{
	struct str name = r->name;
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (name.len > 80) /* its end tells more */
		name = str_from(name, name.len - 80);
	return err_set(r->err, code, "%.*s line %zu column %zu: %s", STR(name), mark.line + 1,
		       mark.column + 1, text);
}

static int fail(struct reading *r, const char *text)
{
	return fail_at(r, r->event.start_mark, ERR_SYNTAX, "%s", text);
}

static int event_next(struct reading *r)
{
	yaml_event_delete(&r->event);
	if (!yaml_parser_parse(&r->parser, &r->event)) {
		if (r->parser.error == YAML_MEMORY_ERROR)
			memory_exhausted();
		return fail_at(r, r->parser.problem_mark, ERR_SYNTAX, "this is not YAML: %s",
			       r->parser.problem ? r->parser.problem : "unreadable");
	}
	if (r->event.type == YAML_ALIAS_EVENT)
		return fail(r, "aliases (*) are not read: write the value again");
	if ((r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.anchor) ||
	    (r->event.type == YAML_SEQUENCE_START_EVENT && r->event.data.sequence_start.anchor) ||
	    (r->event.type == YAML_MAPPING_START_EVENT && r->event.data.mapping_start.anchor))
		return fail(r, "anchors (&) are not read: write the value again");
	if ((r->event.type == YAML_SCALAR_EVENT && r->event.data.scalar.tag) ||
	    (r->event.type == YAML_SEQUENCE_START_EVENT && r->event.data.sequence_start.tag) ||
	    (r->event.type == YAML_MAPPING_START_EVENT && r->event.data.mapping_start.tag))
		return fail(r, "tags (!) are not read");
	return 0;
}

/* The current event's text; anything above a line is none of ours. */
static int scalar_take(struct reading *r, struct str *ret)
{
	struct str text = str_bytes(r->event.data.scalar.value, r->event.data.scalar.length);

	if (text.len > CONFIG_VALUE_BYTES_MAX)
		return fail_at(r, r->event.start_mark, ERR_LIMIT, "more than %d bytes",
			       CONFIG_VALUE_BYTES_MAX);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return fail(r, "a control character or line break in a value");
	*ret = str_copy(r->arena, text);
	return 0;
}

static bool is_plain_null(const yaml_event_t *event)
{
	struct str text = str_bytes(event->data.scalar.value, event->data.scalar.length);

	return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (str_eq(text, STR_LIT("~")) || str_eq(text, STR_LIT("null")));
}

static const struct setting_row *row_of_key(struct str key)
{
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (setting_rows[i].key && str_eq(key, str_of(setting_rows[i].key)))
			return &setting_rows[i];
	return NULL;
}

/* Is there a key below it? */
static bool is_group(struct str name)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		struct str key = str_of(setting_rows[i].key);

		if (key.len > name.len && str_starts(key, name) && key.data[name.len] == '.')
			return true;
	}
	return false;
}

/* The part of a key that stands below a group: "listen" of "server.listen" in "server". */
static struct str below(struct str key, struct str group)
{
	struct str rest, part = STR_NONE;

	if (group.len &&
	    !(key.len > group.len && str_starts(key, group) && key.data[group.len] == '.'))
		return STR_NONE;
	rest = group.len ? str_from(key, group.len + 1) : key;
	str_split(&rest, '.', &part);
	return part;
}

/* The whole key that was meant: a neighbour, or the same name below another group. */
static const char *key_near(struct reading *r, struct str group, struct str name)
{
	const char *words[SETTING_COUNT + 1], *near;
	size_t count = 0;

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		struct str word = below(str_of(setting_rows[i].key), group);

		if (word.len)
			words[count++] = str_cstring(r->arena, word);
	}
	words[count] = NULL;
	near = nearest_word(name, words);
	if (near)
		return str_printf(r->arena, "%.*s%s%s", STR(group), group.len ? "." : "", near)
			.data;
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		struct str key = str_of(setting_rows[i].key), last = key;
		ptrdiff_t dot = str_find_last_char(key, '.');

		if (dot >= 0)
			last = str_from(key, (size_t)dot + 1);
		if (key.len && str_eq(name, last))
			return setting_rows[i].key;
	}
	return NULL;
}

static int key_unknown(struct reading *r, struct str group, struct str name)
{
	const char *near = key_near(r, group, name);

	if (!group.len && row_of_key(name))
		return fail_at(r, r->event.start_mark, ERR_SYNTAX,
			       "write \"%.*s\" as its group and a name below it", STR(name));
	return fail_at(r, r->event.start_mark, ERR_SYNTAX, "no setting is called %.*s%s%.*s%s%s%s",
		       STR(group), group.len ? "." : "", STR(str_first(name, 60)),
		       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int element_add(struct reading *r, const struct setting_row *row,
		       struct setting_value *value, struct buf *joined)
{
	struct err err = { 0 };
	struct str text;
	int code;

	if (r->event.type != YAML_SCALAR_EVENT)
		return fail_at(r, r->event.start_mark, ERR_SYNTAX,
			       "%s is a list of values, with nothing nested in it", row->key);
	TRY(scalar_take(r, &text));
	if (str_find_char(text, ',') >= 0)
		return fail_at(r, r->event.start_mark, ERR_SYNTAX, "%s: a comma in one value",
			       row->key);
	code = setting_value_add(r->arena, row, text, value, &err);
	if (code < 0)
		return fail_at(r, r->event.start_mark, code, "%s: %s", row->key, err.text);
	if (joined->len)
		buf_put_char(joined, ',');
	buf_put_str(joined, text);
	return 0;
}

static int sequence_read(struct reading *r, const struct setting_row *row,
			 struct setting_value *value)
{
	struct buf joined;

	if (!setting_type_is_list(row->type))
		return fail_at(r, r->event.start_mark, ERR_SYNTAX, "%s takes one value, not a list",
			       row->key);
	buf_init(&joined, r->arena);
	for (;;) {
		TRY(event_next(r));
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			break;
		TRY(element_add(r, row, value, &joined));
	}
	value->text = buf_str(&joined);
	return 0;
}

static int scalar_read(struct reading *r, const struct setting_row *row,
		       struct setting_value *value)
{
	struct err err = { 0 };
	struct str text;
	int code;

	TRY(scalar_take(r, &text));
	if (is_plain_null(&r->event))
		text.len = 0;
	if (!text.len && !row->fallback && row->type != TYPE_SWITCH)
		return 0;
	code = setting_value_add(r->arena, row, text, value, &err);
	if (code < 0)
		return fail_at(r, r->event.start_mark, code, "%s: %s", row->key, err.text);
	return 0;
}

static int value_read(struct reading *r, const struct setting_row *row)
{
	size_t index = (size_t)(row - setting_rows);
	struct setting_value value = { .origin = ORIGIN_FILE };

	TRY(event_next(r));
	value.line = (unsigned)r->event.start_mark.line + 1;
	if (r->event.type == YAML_MAPPING_START_EVENT)
		return fail_at(r, r->event.start_mark, ERR_SYNTAX,
			       "%s takes a value, not keys below it", row->key);
	if (r->event.type == YAML_SEQUENCE_START_EVENT)
		TRY(sequence_read(r, row, &value));
	else
		TRY(scalar_read(r, row, &value));
	r->config->values[index] = value;
	r->config->is_set[index] = true;
	return 0;
}

static int group_read(struct reading *r, struct str group);

static int member_read(struct reading *r, struct str group, struct str name)
{
	struct str key =
		group.len ? str_printf(r->arena, "%.*s.%.*s", STR(group), STR(name)) : name;
	const struct setting_row *row = row_of_key(key);

	if (str_find_char(name, '.') < 0 && row)
		return value_read(r, row);
	if (str_find_char(name, '.') >= 0 || !is_group(key))
		return key_unknown(r, group, name);
	TRY(event_next(r));
	if (r->event.type == YAML_SCALAR_EVENT &&
	    (!r->event.data.scalar.length || is_plain_null(&r->event)))
		return 0; /* a group whose keys are all commented out */
	if (r->event.type != YAML_MAPPING_START_EVENT)
		return fail_at(r, r->event.start_mark, ERR_SYNTAX,
			       "%.*s is a group: its keys stand below it", STR(key));
	return group_read(r, key);
}

/* The members of a mapping whose start has been read. The table bounds both loop and recursion:
 * an unknown key and one that stands twice end it. */
static int group_read(struct reading *r, struct str group)
{
	struct str seen[SETTING_COUNT];
	size_t count = 0;

	for (;;) {
		struct str name = STR_NONE;

		TRY(event_next(r));
		if (r->event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (r->event.type != YAML_SCALAR_EVENT)
			return fail(r, "a key is a word");
		TRY(scalar_take(r, &name));
		for (size_t i = 0; i < count; i++)
			if (str_eq(name, seen[i]))
				return fail_at(r, r->event.start_mark, ERR_SYNTAX,
					       "%.*s%s%.*s stands twice", STR(group),
					       group.len ? "." : "", STR(name));
		if (count == SETTING_COUNT)
			return fail(r, "too many keys");
		seen[count++] = name;
		TRY(member_read(r, group, name));
	}
}

static int root_read(struct reading *r)
{
	if (r->event.type == YAML_MAPPING_START_EVENT)
		return group_read(r, STR_NONE);
	if (r->event.type == YAML_SCALAR_EVENT &&
	    (!r->event.data.scalar.length || is_plain_null(&r->event)))
		return 0;
	return fail(r, "a configuration is made of keys and values, such as \"scan:\"");
}

static int stream_read(struct reading *r)
{
	TRY(event_next(r)); /* the stream's start */
	TRY(event_next(r));
	if (r->event.type == YAML_STREAM_END_EVENT)
		return 0;
	TRY(event_next(r)); /* past the document's start */
	TRY(root_read(r));
	TRY(event_next(r)); /* the document's end */
	TRY(event_next(r));
	return r->event.type == YAML_STREAM_END_EVENT
		       ? 0
		       : fail(r, "a second document: one file is one configuration");
}

int config_parse(struct arena *a, struct str name, struct str text, struct config *ret,
		 struct err *err)
{
	struct config *config = ARENA_NEW(a, struct config);
	struct reading r = { .arena = a, .config = config, .err = err };
	int code;

	r.name = config->name = str_copy(a, name);
	if (text.len > CONFIG_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%.*s: more than %d bytes", STR(name),
			       CONFIG_BYTES_MAX);
	if (!yaml_parser_initialize(&r.parser))
		memory_exhausted();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.data, text.len);
	code = stream_read(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	if (code == 0)
		*ret = *config;
	return code;
}

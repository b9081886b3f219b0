/* SPDX-License-Identifier: Apache-2.0 */
/* What does a configuration file say? */
#include "settings/config.h"

#include "base/nearest.h"
#include "formats/yaml_text.h"
#include "settings/value.h"

struct reading {
	struct yaml yaml;
	struct arena *arena;
	struct config *config;
};

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
		return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_SYNTAX,
				    "write \"%.*s\" as its group and a name below it", STR(name));
	return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_SYNTAX,
			    "no setting is called %.*s%s%.*s%s%s%s", STR(group),
			    group.len ? "." : "", STR(str_first(name, 60)),
			    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int element_add(struct reading *r, const struct setting_row *row,
		       struct setting_value *value, struct buf *joined)
{
	struct err err = { 0 };
	struct str text;
	int code;

	if (r->yaml.event.type != YAML_SCALAR_EVENT)
		return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_SYNTAX,
				    "%s is a list of values, with nothing nested in it", row->key);
	TRY(yaml_scalar(&r->yaml, false, &text));
	if (str_find_char(text, ',') >= 0)
		return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_SYNTAX,
				    "%s: a comma in one value", row->key);
	code = setting_value_add(r->arena, row, text, value, &err);
	if (code < 0)
		return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, code, "%s: %s", row->key,
				    err.text);
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
		return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_SYNTAX,
				    "%s takes one value, not a list", row->key);
	buf_init(&joined, r->arena);
	for (;;) {
		TRY(yaml_next(&r->yaml));
		if (r->yaml.event.type == YAML_SEQUENCE_END_EVENT)
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

	TRY(yaml_scalar(&r->yaml, false, &text));
	if (yaml_is_null(&r->yaml))
		text.len = 0;
	if (!text.len && !row->fallback && row->type != TYPE_SWITCH)
		return 0;
	code = setting_value_add(r->arena, row, text, value, &err);
	if (code < 0)
		return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, code, "%s: %s", row->key,
				    err.text);
	return 0;
}

static int value_read(struct reading *r, const struct setting_row *row)
{
	size_t index = (size_t)(row - setting_rows);
	struct setting_value value = { .origin = ORIGIN_FILE };

	TRY(yaml_next(&r->yaml));
	value.line = (unsigned)r->yaml.event.start_mark.line + 1;
	if (r->yaml.event.type == YAML_MAPPING_START_EVENT)
		return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_SYNTAX,
				    "%s takes a value, not keys below it", row->key);
	if (r->yaml.event.type == YAML_SEQUENCE_START_EVENT)
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
	TRY(yaml_next(&r->yaml));
	if (r->yaml.event.type == YAML_SCALAR_EVENT &&
	    (!r->yaml.event.data.scalar.length || yaml_is_null(&r->yaml)))
		return 0; /* a group whose keys are all commented out */
	if (r->yaml.event.type != YAML_MAPPING_START_EVENT)
		return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_SYNTAX,
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

		TRY(yaml_next(&r->yaml));
		if (r->yaml.event.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (r->yaml.event.type != YAML_SCALAR_EVENT)
			return yaml_fail(&r->yaml, "a key is a word");
		TRY(yaml_scalar(&r->yaml, false, &name));
		for (size_t i = 0; i < count; i++)
			if (str_eq(name, seen[i]))
				return yaml_fail_at(&r->yaml, r->yaml.event.start_mark, ERR_SYNTAX,
						    "%.*s%s%.*s stands twice", STR(group),
						    group.len ? "." : "", STR(name));
		if (count == SETTING_COUNT)
			return yaml_fail(&r->yaml, "too many keys");
		seen[count++] = name;
		TRY(member_read(r, group, name));
	}
}

static int root_read(struct reading *r)
{
	if (r->yaml.event.type == YAML_MAPPING_START_EVENT)
		return group_read(r, STR_NONE);
	if (r->yaml.event.type == YAML_SCALAR_EVENT &&
	    (!r->yaml.event.data.scalar.length || yaml_is_null(&r->yaml)))
		return 0;
	return yaml_fail(&r->yaml, "a configuration is made of keys and values, such as \"scan:\"");
}

static int stream_read(struct reading *r)
{
	int code = yaml_first(&r->yaml);

	if (code <= 0)
		return code;
	TRY(root_read(r));
	return yaml_last(&r->yaml, "a second document: one file is one configuration");
}

int config_parse(struct arena *a, struct str name, struct str text, struct config *ret,
		 struct err *err)
{
	struct config *config = ARENA_NEW(a, struct config);
	struct reading r = { .arena = a, .config = config };
	int code;

	config->name = str_copy(a, name);
	if (text.len > CONFIG_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "%.*s: more than %d bytes", STR(name),
			       CONFIG_BYTES_MAX);
	yaml_open(&r.yaml, a, config->name, text, err);
	code = stream_read(&r);
	yaml_close(&r.yaml);
	if (code == 0)
		*ret = *config;
	return code;
}

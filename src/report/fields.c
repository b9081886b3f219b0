/* SPDX-License-Identifier: Apache-2.0 */
/* Which members of a JSON document were asked for? */
#include "report/fields.h"

#include "base/nearest.h"

enum choice { CHOICE_NONE, CHOICE_INSIDE, CHOICE_ALL };

struct projection {
	struct buf *out;
	struct str rest;
	const struct fields *fields;
	unsigned depth;
};

static bool path_is_well_formed(struct str path)
{
	bool was_dot = true;

	for (size_t i = 0; i < path.len; i++) {
		char c = path.data[i];

		if (c == '.' ? was_dot
			     : !(char_is_alpha(c) || char_is_digit(c) || c == '_' || c == '-'))
			return false;
		was_dot = c == '.';
	}
	return !was_dot;
}

static bool path_is_inside(struct str path, struct str outer)
{
	return str_starts(path, outer) && (path.len == outer.len || path.data[outer.len] == '.');
}

static bool path_is_known(struct str path, const char *const *known)
{
	for (; *known; known++)
		if (path_is_inside(str_of(*known), path) || path_is_inside(path, str_of(*known)))
			return true;
	return false;
}

int fields_parse(struct arena *a, struct str list, const char *const *known, struct fields *ret,
		 struct err *err)
{
	struct fields fields = { .paths = arena_array(a, FIELD_PATHS_MAX, sizeof(struct str)) };
	struct str path;

	while (str_split(&list, ',', &path)) {
		path = str_trim(path);
		if (!path_is_well_formed(path))
			return err_set(err, ERR_SYNTAX, "\"%.*s\" is no field name", STR(path));
		if (known && !path_is_known(path, known)) {
			const char *near = nearest_word(path, known);

			return err_set(err, ERR_SYNTAX, "no field \"%.*s\"%s%s%s", STR(path),
				       near ? "; did you mean " : "", near ? near : "",
				       near ? "?" : "");
		}
		if (fields.count == FIELD_PATHS_MAX)
			return err_set(err, ERR_LIMIT, "more than %d fields", FIELD_PATHS_MAX);
		fields.paths[fields.count++] = path;
	}
	*ret = fields;
	return 0;
}

/* ---- walking our own JSON ---- */

static char peek(const struct projection *p)
{
	return p->rest.len ? p->rest.data[0] : 0;
}

static struct str take(struct projection *p, size_t len)
{
	struct str taken = str_first(p->rest, len);

	p->rest = str_from(p->rest, len);
	return taken;
}

/* A string with its quotes. */
static struct str string_take(struct projection *p)
{
	size_t at = 1;

	while (at < p->rest.len && p->rest.data[at] != '"')
		at += p->rest.data[at] == '\\' ? 2 : 1;
	return take(p, at + 1);
}

/* Any value, without looking at names: brackets are counted, strings are stepped over. */
static struct str value_take(struct projection *p)
{
	struct str start = p->rest;
	size_t open = 0;

	while (p->rest.len) {
		char c = peek(p);

		if (!open && (c == ',' || c == '}' || c == ']'))
			break;
		if (c == '"') {
			string_take(p);
		} else {
			open += c == '{' || c == '[';
			open -= open && (c == '}' || c == ']');
			take(p, 1);
		}
		if (!open && (c == '"' || c == '}' || c == ']'))
			break;
	}
	return str_first(start, start.len - p->rest.len);
}

static enum choice choice_of(const struct fields *fields, struct str path)
{
	enum choice choice = CHOICE_NONE;

	for (size_t i = 0; i < fields->count; i++) {
		if (path_is_inside(path, fields->paths[i]))
			return CHOICE_ALL;
		if (path_is_inside(fields->paths[i], path))
			choice = CHOICE_INSIDE;
	}
	return choice;
}

static void value_project(struct projection *p, struct str path);

static void object_project(struct projection *p, struct str outer)
{
	char path[256];
	bool needs_comma = false;

	buf_put_str(p->out, take(p, 1));
	while (peek(p) == '"') {
		struct str name = string_take(p);
		int len =
			snprintf(path, sizeof path, "%.*s%s%.*s", STR(outer), outer.len ? "." : "",
				 name.len > 2 ? (int)name.len - 2 : 0, name.data + 1);
		struct str full = str_first(str_of(path), len > 0 ? (size_t)len : 0);
		enum choice choice = choice_of(p->fields, full);

		take(p, 1); /* ':' */
		if (choice == CHOICE_NONE) {
			value_take(p);
		} else {
			if (needs_comma)
				buf_put_char(p->out, ',');
			needs_comma = true;
			buf_put_str(p->out, name);
			buf_put_char(p->out, ':');
			if (choice == CHOICE_ALL)
				buf_put_str(p->out, value_take(p));
			else
				value_project(p, full);
		}
		if (peek(p) == ',')
			take(p, 1);
	}
	buf_put_char(p->out, '}');
	take(p, 1);
}

static void array_project(struct projection *p, struct str path)
{
	buf_put_str(p->out, take(p, 1));
	while (p->rest.len && peek(p) != ']') {
		size_t left = p->rest.len;

		value_project(p, path);
		if (peek(p) == ',')
			buf_put_str(p->out, take(p, 1));
		if (p->rest.len == left)
			break;
	}
	buf_put_char(p->out, ']');
	take(p, 1);
}

static void value_project(struct projection *p, struct str path)
{
	char first = peek(p);

	if ((first != '{' && first != '[') || p->depth == FIELDS_DEPTH) {
		buf_put_str(p->out, value_take(p));
		return;
	}
	p->depth++;
	if (first == '{')
		object_project(p, path);
	else
		array_project(p, path);
	p->depth--;
}

void fields_project(struct buf *out, struct str document, const struct fields *fields)
{
	struct projection p = { .out = out, .rest = document, .fields = fields };

	if (fields->count)
		value_project(&p, STR_NONE);
	else
		buf_put_str(out, document);
}

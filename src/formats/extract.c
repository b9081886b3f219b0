/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows do rules make of a document? */
#include "formats/extract_parts.h"

#include "formats/pattern.h"

#include <stdlib.h>

const char *const extract_format_words[] = { "json", "jsonl", "xml", "csv", "text", NULL };
const char *const extract_test_words[] = { "is",      "is-not",  "over", "under",
					   "matches", "present", NULL };

enum { POINTER_TOKENS = 32 };

struct walk {
	struct arena *work;
	bool is_xml;
	void (*visit)(void *context, const struct json_value *value, struct str name);
	void *context;
};

static bool token_is(struct walk *w, struct str token, const struct json_value *child, size_t index,
		     size_t count)
{
	uint64_t number;

	if (str_eq(token, STR_LIT("*")))
		return true;
	if (child->name.data)
		return str_eq(token, child->name);
	if (str_eq(token, STR_LIT("-1")))
		return index + 1 == count;
	return str_to_uint(token, EXTRACT_VALUES, &number) == 0 && number == index;
}

/* RFC 6901 section 4: "~1" is a slash, "~0" a tilde. */
static struct str token_plain(struct arena *a, struct str token)
{
	struct buf out;

	if (str_find_char(token, '~') < 0)
		return token;
	buf_init(&out, a);
	for (size_t i = 0; i < token.len; i++) {
		char c = token.data[i];

		if (c == '~' && i + 1 < token.len) {
			c = token.data[++i] == '1' ? '/' : '~';
		}
		buf_put_char(&out, c);
	}
	return buf_str(&out);
}

/* name: of value, or its number among its neighbours. */
static void walk(struct walk *w, const struct json_value *value, struct str name,
		 struct str pointer)
{
	struct str token, rest;
	ptrdiff_t end;
	size_t index = 0;
	bool is_many;

	if (!pointer.len) {
		w->visit(w->context, value, STR_NONE);
		return;
	}
	if (str_eq(pointer, STR_LIT("~key"))) {
		w->visit(w->context, NULL, name);
		return;
	}
	pointer = str_from(pointer, 1);
	end = str_find_char(pointer, '/');
	token = end < 0 ? pointer : str_first(pointer, (size_t)end);
	rest = str_from(pointer, token.len);
	if (str_ends(token, STR_LIT("~key"))) {
		token.len -= 4;
		rest = STR_LIT("~key");
	}
	token = token_plain(w->work, token);
	is_many = w->is_xml || str_eq(token, STR_LIT("*"));
	for (const struct json_value *child = value->first; child; child = child->next, index++) {
		if (!token_is(w, token, child, index, value->count))
			continue;
		walk(w, child, child->name.data ? child->name : str_printf(w->work, "%zu", index),
		     rest);
		if (!is_many)
			return;
	}
}

/* The text of a value; data NULL: it has none. */
static struct str text_of(const struct json_value *value)
{
	static const struct str words[] = {
		[JSON_FALSE] = STR_INIT("false"), [JSON_TRUE] = STR_INIT("true")
	};

	switch (value->type) {
	case JSON_FALSE:
	case JSON_TRUE:
		return words[value->type];
	case JSON_NUMBER:
	case JSON_STRING:
		return value->text;
	case JSON_OBJECT: /* an element of XML */
		value = json_member(value, "#text");
		return value ? value->text : STR_NONE;
	default:
		return STR_NONE;
	}
}

struct joining {
	struct buf out;
	size_t count;
};

static void join(void *context, const struct json_value *value, struct str name)
{
	struct joining *j = context;
	struct str text = value ? text_of(value) : name;

	if (!text.data || j->count == EXTRACT_JOINED || j->out.len > EXTRACT_VALUE_BYTES)
		return;
	if (j->count++)
		buf_put_char(&j->out, ',');
	buf_put_str(&j->out, str_first(text, EXTRACT_VALUE_BYTES));
	if (!j->out.data) /* an empty text is there */
		(void)buf_reserve(&j->out, 1);
}

static struct str field_text(struct arena *work, bool is_xml, const struct json_value *row,
			     struct str name, struct str pointer)
{
	struct joining joining = { 0 };
	struct walk w = { work, is_xml, join, &joining };

	buf_init(&joining.out, work);
	walk(&w, row, name, pointer);
	return buf_str(&joining.out);
}

struct str extract_value_of(const struct extract_row *row, struct str field)
{
	for (size_t i = 0; i < row->value_count; i++)
		if (str_eq(row->values[i].name, field))
			return row->values[i].value;
	return STR_NONE;
}

/* A decimal number as such; false: it is none. */
static bool number_of(struct str text, double *ret)
{
	char copy[32], *end;

	if (!text.len || text.len >= sizeof copy || char_is_space(text.data[0]))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*ret = strtod(copy, &end);
	return end == copy + text.len && *ret == *ret;
}

static bool meets(const struct extract_row *row, const struct extract_condition *c)
{
	struct str value = extract_value_of(row, c->field);
	const struct pattern *pattern;
	struct pattern_match match;
	struct arena work = { 0 };
	uint64_t budget = EXTRACT_BUDGET / 100;
	double left, right;
	bool is_met;

	switch (c->test) {
	case EXTRACT_IS:
		return value.data && str_eq(value, c->value);
	case EXTRACT_IS_NOT:
		return value.data && !str_eq(value, c->value);
	case EXTRACT_OVER:
	case EXTRACT_UNDER:
		if (!number_of(value, &left) || !number_of(c->value, &right))
			return false;
		return c->test == EXTRACT_OVER ? left > right : left < right;
	case EXTRACT_MATCHES:
		is_met = value.data && pattern_read(&work, c->value, &pattern, NULL) == 0 &&
			 pattern_find(pattern, value, &budget, &match) == 1;
		arena_release(&work);
		return is_met;
	default:
		return value.len > 0;
	}
}

bool extract_row_meets(const struct extract_row *row, const struct extract_condition *conditions,
		       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!meets(row, &conditions[i]))
			return false;
	return true;
}

static bool row_keep(struct extracting *e, const struct str *values, size_t bytes)
{
	struct extract_row row = { 0 };

	for (size_t i = 0; i < e->rules->field_count; i++)
		row.value_count += values[i].data ? 1 : 0;
	row.values = arena_array(e->work, row.value_count, sizeof *row.values);
	row.value_count = 0;
	for (size_t i = 0; i < e->rules->field_count; i++)
		if (values[i].data)
			row.values[row.value_count++] =
				(struct extract_value){ e->rules->fields[i].name,
							str_first(values[i], EXTRACT_VALUE_BYTES) };
	if (!row.value_count || !extract_row_meets(&row, e->rules->where, e->rules->where_count))
		return true;
	if (e->count == e->most || e->bytes + bytes > EXTRACT_TOTAL_BYTES) {
		e->is_cut = true;
		return false;
	}
	if (e->count == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 16;

		e->rows = arena_grow(e->work, e->rows, e->cap * sizeof *e->rows,
				     cap * sizeof *e->rows);
		e->cap = cap;
	}
	for (size_t i = 0; i < row.value_count; i++)
		row.values[i].value = str_copy(e->work, row.values[i].value);
	e->bytes += bytes;
	e->rows[e->count++] = row;
	return true;
}

bool extract_row_add(struct extracting *e, const struct str *values)
{
	struct str parts[EXTRACT_FIELDS];
	size_t bytes = 0, splits = EXTRACT_FIELDS;
	struct str rest;

	for (size_t i = 0; i < e->rules->field_count; i++) {
		parts[i] = values[i];
		bytes += MIN(values[i].len, (size_t)EXTRACT_VALUE_BYTES) + 64;
		if (values[i].data && e->rules->fields[i].split.len)
			splits = i;
	}
	if (splits == EXTRACT_FIELDS)
		return row_keep(e, parts, bytes);
	rest = str_first(values[splits], EXTRACT_VALUE_BYTES);
	while (rest.len) {
		struct str by = e->rules->fields[splits].split;
		ptrdiff_t end = str_find(rest, by);

		parts[splits] = end < 0 ? rest : str_first(rest, (size_t)end);
		rest = end < 0 ? STR_NONE : str_from(rest, (size_t)end + by.len);
		if (parts[splits].len && !row_keep(e, parts, bytes))
			return false;
	}
	return true;
}

struct rowing {
	struct extracting *e;
	bool is_xml, is_full;
};

static void row_visit(void *context, const struct json_value *value, struct str name)
{
	struct rowing *r = context;
	struct str values[EXTRACT_FIELDS];
	const struct extract_rules *rules = r->e->rules;

	if (!value || r->is_full)
		return;
	/* A list that is one value instead: its name is lost in the walk, so it is the member's own. */
	name = value->name.data ? value->name : name;
	for (size_t i = 0; i < rules->field_count; i++)
		values[i] = field_text(r->e->work, r->is_xml, value, name, rules->fields[i].from);
	r->is_full = !extract_row_add(r->e, values);
}

static void rows_of(struct extracting *e, bool is_xml, const struct json_value *document,
		    struct extracted *ret)
{
	struct rowing rowing = { e, is_xml, false };
	struct walk w = { e->work, is_xml, row_visit, &rowing };

	walk(&w, document, STR_NONE, e->rules->rows);
	if (e->rules->next.len)
		ret->next = field_text(e->work, is_xml, document, STR_NONE, e->rules->next);
	if (e->rules->error.len)
		ret->error = field_text(e->work, is_xml, document, STR_NONE, e->rules->error);
}

bool extract_line(struct str *rest, struct str *ret)
{
	if (!rest->len || !str_split(rest, '\n', ret))
		return false;
	if (ret->len && ret->data[ret->len - 1] == '\r')
		ret->len--;
	return true;
}

static int lines_of_json(struct extracting *e, struct str bytes, struct extracted *ret)
{
	struct str line;
	size_t good = 0, bad = 0;

	while (extract_line(&bytes, &line)) {
		const struct json_value *document;

		if (!str_trim(line).len)
			continue;
		if (json_read(e->work, line, &document, e->err) < 0) {
			bad++;
			continue;
		}
		good++;
		rows_of(e, false, document, ret);
		if (e->is_cut)
			break;
	}
	return bad && !good ? ERR_SYNTAX : 0;
}

static int rows_read(struct extracting *e, struct str bytes, struct extracted *ret)
{
	const struct json_value *document;

	switch (e->rules->format) {
	case EXTRACT_JSON:
		TRY(json_read_within(e->work, bytes, EXTRACT_VALUES, &document, e->err));
		rows_of(e, false, document, ret);
		return 0;
	case EXTRACT_XML:
		TRY(extract_xml_read(e->work, bytes, &document, e->err));
		rows_of(e, true, document, ret);
		return 0;
	case EXTRACT_JSONL:
		return lines_of_json(e, bytes, ret);
	case EXTRACT_CSV:
		return extract_csv(e, bytes);
	default:
		return extract_text(e, bytes);
	}
}

static int row_cmp(const void *left, const void *right)
{
	const struct extract_row *a = left, *b = right;

	for (size_t i = 0; i < MIN(a->value_count, b->value_count); i++) {
		int order = str_cmp(a->values[i].name, b->values[i].name);

		if (!order)
			order = str_cmp(a->values[i].value, b->values[i].value);
		if (order)
			return order;
	}
	return (a->value_count > b->value_count) - (a->value_count < b->value_count);
}

size_t extract_rows_order(struct arena *a, struct extract_row *rows, size_t count)
{
	size_t kept = 0;

	if (count)
		qsort(rows, count, sizeof *rows, row_cmp);
	for (size_t i = 0; i < count; i++)
		if (!kept || row_cmp(&rows[kept - 1], &rows[i]))
			rows[kept++] = rows[i];
	return kept;
}

/* What the caller keeps, without what was needed to find it. */
static void rows_keep(struct extracting *e, struct extracted *ret)
{
	ret->row_count = e->count;
	ret->rows = arena_array(e->arena, e->count, sizeof *ret->rows);
	for (size_t i = 0; i < e->count; i++) {
		struct extract_row *row = &ret->rows[i];

		*row = e->rows[i];
		row->values = arena_array(e->arena, row->value_count, sizeof *row->values);
		for (size_t k = 0; k < row->value_count; k++) {
			row->values[k].name = str_copy(e->arena, e->rows[i].values[k].name);
			row->values[k].value = str_copy(e->arena, e->rows[i].values[k].value);
		}
	}
}

int extract(struct arena *a, const struct extract_rules *rules, struct str bytes,
	    struct extracted *ret, struct err *err)
{
	struct arena work = { 0 };
	struct extracting e = { .arena = a, .work = &work, .rules = rules, .err = err };
	struct extracted result = { 0 };
	int code;

	e.most = rules->most_rows ? MIN(rules->most_rows, (uint32_t)EXTRACT_ROWS) : EXTRACT_ROWS;
	if (bytes.len > EXTRACT_BYTES) {
		bytes.len = EXTRACT_BYTES;
		e.is_cut = true;
	}
	code = rows_read(&e, bytes, &result);
	if (code >= 0) {
		if (rules->is_set)
			e.count = extract_rows_order(&work, e.rows, e.count);
		rows_keep(&e, &result);
		result.is_cut = e.is_cut;
		result.next = str_copy(a, str_first(result.next, EXTRACT_VALUE_BYTES));
		result.error = str_copy(a, str_first(result.error, EXTRACT_VALUE_BYTES));
		*ret = result;
	}
	arena_release(&work);
	return code < 0 ? code : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which values does a JSON text hold? RFC 8259, RFC 6901. */
#include "formats/json_read.h"

struct reader {
	struct arena *a;
	struct str text;
	size_t at;
	size_t values, values_max;
	struct err *err;
	struct json_value *open[JSON_READ_DEPTH]; /* arrays and objects around */
	struct json_value *last[JSON_READ_DEPTH]; /* the newest child of each */
	unsigned depth;
};

static int wrong(struct reader *r, const char *what)
{
	return err_set(r->err, ERR_SYNTAX, "JSON, offset %zu: %s", r->at, what);
}

static char peek(const struct reader *r)
{
	return r->at < r->text.len ? r->text.data[r->at] : '\0';
}

static void blanks_skip(struct reader *r)
{
	while (r->at < r->text.len && str_find_char(STR_LIT(" \t\r\n"), r->text.data[r->at]) >= 0)
		r->at++;
}

/* Octets of the character that starts here, or 0 when it is not UTF-8 (RFC 3629 section 4). */
static size_t utf8_length(const unsigned char *at, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = at[0] < 0x80   ? 1
			: at[0] < 0xc2 ? 0
			: at[0] < 0xe0 ? 2
			: at[0] < 0xf0 ? 3
				       : 4;
	uint32_t point = length == 1 ? at[0] : at[0] & (0x7fu >> length);

	if (!length || at[0] > 0xf4 || length > left)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3f);
	}
	return point < least[length] || point > 0x10ffff || point >> 11 == 0x1b ? 0 : length;
}

static void point_put(struct buf *out, uint32_t point)
{
	if (point < 0x80) {
		buf_put_char(out, (char)point);
		return;
	}
	if (point < 0x800) {
		buf_put_char(out, (char)(0xc0 | point >> 6));
	} else if (point < 0x10000) {
		buf_put_char(out, (char)(0xe0 | point >> 12));
		buf_put_char(out, (char)(0x80 | (point >> 6 & 0x3f)));
	} else {
		buf_put_char(out, (char)(0xf0 | point >> 18));
		buf_put_char(out, (char)(0x80 | (point >> 12 & 0x3f)));
		buf_put_char(out, (char)(0x80 | (point >> 6 & 0x3f)));
	}
	buf_put_char(out, (char)(0x80 | (point & 0x3f)));
}

static int hex4_take(struct reader *r, uint32_t *ret)
{
	uint32_t value = 0;

	for (size_t i = 0; i < 4; i++, r->at++) {
		char c = char_lower(peek(r));

		if (char_is_digit(c))
			value = value << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint32_t)(c - 'a' + 10);
		else
			return wrong(r, "\\u needs four hexadecimal digits");
	}
	*ret = value;
	return 0;
}

/* Behind "\u". A high surrogate takes the low one after it along. */
static int unicode_take(struct reader *r, struct buf *out)
{
	uint32_t point, low;
	size_t behind;

	TRY(hex4_take(r, &point));
	if (point >> 10 == 0x36 && str_starts(str_from(r->text, r->at), STR_LIT("\\u"))) {
		behind = r->at;
		r->at += 2;
		TRY(hex4_take(r, &low));
		if (low >> 10 == 0x37)
			point = 0x10000 + ((point & 0x3ff) << 10 | (low & 0x3ff));
		else
			r->at = behind;
	}
	point_put(out, point >> 11 == 0x1b ? 0xfffd : point);
	return 0;
}

static int escape_take(struct reader *r, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = peek(r);
	const char *found = c ? memchr(from, c, sizeof from - 1) : NULL;

	r->at++;
	if (c == 'u')
		return unicode_take(r, out);
	if (!found)
		return wrong(r, "an unknown escape");
	buf_put_char(out, to[found - from]);
	return 0;
}

/* A string without escapes is a view into the text. */
static int string_take(struct reader *r, struct str *ret)
{
	struct buf out = { 0 };
	size_t start = ++r->at, length;

	for (;;) {
		unsigned char c = (unsigned char)peek(r);

		if (r->at >= r->text.len || c < ' ')
			return wrong(r, "a string is not closed");
		if (c == '"')
			break;
		if (c != '\\') {
			length = utf8_length((const unsigned char *)r->text.data + r->at,
					     r->text.len - r->at);
			if (!length)
				return wrong(r, "not UTF-8");
			if (out.arena)
				buf_put(&out, r->text.data + r->at, length);
			r->at += length;
			continue;
		}
		if (!out.arena) {
			buf_init(&out, r->a);
			buf_put(&out, r->text.data + start, r->at - start);
		}
		r->at++;
		TRY(escape_take(r, &out));
	}
	*ret = out.arena ? buf_str(&out) : str_bytes(r->text.data + start, r->at - start);
	r->at++;
	return 0;
}

static size_t digits_skip(struct reader *r)
{
	size_t start = r->at;

	while (char_is_digit(peek(r)))
		r->at++;
	return r->at - start;
}

static int number_take(struct reader *r, struct str *ret)
{
	size_t start = r->at, first;

	if (peek(r) == '-')
		r->at++;
	first = r->at;
	if (!digits_skip(r) || (r->text.data[first] == '0' && r->at - first > 1))
		return wrong(r, "not a number");
	if (peek(r) == '.') {
		r->at++;
		if (!digits_skip(r))
			return wrong(r, "not a number");
	}
	if (char_lower(peek(r)) == 'e') {
		r->at++;
		if (peek(r) == '+' || peek(r) == '-')
			r->at++;
		if (!digits_skip(r))
			return wrong(r, "not a number");
	}
	*ret = str_bytes(r->text.data + start, r->at - start);
	return 0;
}

static int word_take(struct reader *r, struct json_value *value)
{
	static const struct {
		struct str word;
		enum json_type type;
	} words[] = { { STR_INIT("null"), JSON_NULL },
		      { STR_INIT("true"), JSON_TRUE },
		      { STR_INIT("false"), JSON_FALSE } };

	for (size_t i = 0; i < ARRAY_COUNT(words); i++)
		if (str_starts(str_from(r->text, r->at), words[i].word)) {
			value->type = (uint8_t)words[i].type;
			r->at += words[i].word.len;
			return 0;
		}
	return wrong(r, "no value");
}

static void child_add(struct reader *r, struct json_value *value)
{
	struct json_value *parent;

	if (!r->depth)
		return;
	parent = r->open[r->depth - 1];
	if (r->last[r->depth - 1])
		r->last[r->depth - 1]->next = value;
	else
		parent->first = value;
	r->last[r->depth - 1] = value;
	parent->count++;
}

/* One value; an array or object is only opened. */
static int value_take(struct reader *r, struct str name, struct json_value **ret)
{
	struct json_value *value;
	char c = peek(r);

	if (++r->values > r->values_max)
		return err_set(r->err, ERR_LIMIT, "JSON with more than %zu values", r->values_max);
	value = ARENA_NEW(r->a, struct json_value);
	value->name = name;
	*ret = value;
	child_add(r, value);
	if (c == '{' || c == '[') {
		value->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
		if (r->depth == JSON_READ_DEPTH)
			return err_set(r->err, ERR_LIMIT, "JSON deeper than %d", JSON_READ_DEPTH);
		r->open[r->depth] = value;
		r->last[r->depth++] = NULL;
		r->at++;
		return 0;
	}
	if (c == '"') {
		value->type = JSON_STRING;
		return string_take(r, &value->text);
	}
	if (c == '-' || char_is_digit(c)) {
		value->type = JSON_NUMBER;
		return number_take(r, &value->text);
	}
	return word_take(r, value);
}

static int name_take(struct reader *r, struct str *ret)
{
	if (peek(r) != '"')
		return wrong(r, "a member needs its name");
	TRY(string_take(r, ret));
	blanks_skip(r);
	if (peek(r) != ':')
		return wrong(r, "a colon is missing");
	r->at++;
	blanks_skip(r);
	return 0;
}

/* Inside the innermost array or object: its end, or its next child. */
static int step(struct reader *r)
{
	struct json_value *parent = r->open[r->depth - 1], *child;
	char end = parent->type == JSON_OBJECT ? '}' : ']';
	struct str name = STR_NONE;

	blanks_skip(r);
	if (peek(r) == end) {
		r->at++;
		r->depth--;
		return 0;
	}
	if (parent->count) {
		if (peek(r) != ',')
			return wrong(r, "a comma is missing");
		r->at++;
		blanks_skip(r);
	}
	if (parent->type == JSON_OBJECT)
		TRY(name_take(r, &name));
	return value_take(r, name, &child);
}

int json_read_within(struct arena *a, struct str text, size_t values_max,
		     const struct json_value **ret, struct err *err)
{
	struct reader r = { .a = a, .text = text, .values_max = values_max, .err = err };
	struct json_value *root;

	blanks_skip(&r);
	TRY(value_take(&r, STR_NONE, &root));
	while (r.depth)
		TRY(step(&r));
	blanks_skip(&r);
	if (r.at < text.len)
		return wrong(&r, "something follows the value");
	*ret = root;
	return 0;
}

int json_read(struct arena *a, struct str text, const struct json_value **ret, struct err *err)
{
	return json_read_within(a, text, JSON_READ_VALUES, ret, err);
}

const struct json_value *json_member(const struct json_value *value, const char *name)
{
	if (!json_is(value, JSON_OBJECT))
		return NULL;
	for (const struct json_value *child = value->first; child; child = child->next)
		if (str_eq(child->name, str_of(name)))
			return child;
	return NULL;
}

struct str json_member_text(const struct json_value *value, const char *name)
{
	const struct json_value *member = json_member(value, name);

	return json_is(member, JSON_STRING) ? member->text : STR_NONE;
}

/* RFC 6901 section 4: "~1" is a slash, "~0" a tilde. */
static bool token_is(struct str token, struct str name)
{
	size_t k = 0;

	for (size_t i = 0; i < token.len; i++, k++) {
		char c = token.data[i];

		if (c == '~') {
			c = i + 1 == token.len ? '\0' : token.data[++i];
			if (c != '0' && c != '1')
				return false;
			c = c == '0' ? '~' : '/';
		}
		if (k == name.len || name.data[k] != c)
			return false;
	}
	return k == name.len;
}

static const struct json_value *child_at(const struct json_value *value, struct str token)
{
	const struct json_value *child = value->first;
	uint64_t index;

	if (value->type == JSON_OBJECT) {
		while (child && !token_is(token, child->name))
			child = child->next;
		return child;
	}
	if (value->type != JSON_ARRAY || (token.len > 1 && token.data[0] == '0') ||
	    str_to_uint(token, JSON_READ_VALUES, &index) < 0)
		return NULL;
	while (child && index--)
		child = child->next;
	return child;
}

const struct json_value *json_at(const struct json_value *value, struct str pointer)
{
	while (value && pointer.len) {
		struct str token;
		ptrdiff_t end;

		if (pointer.data[0] != '/')
			return NULL;
		pointer = str_from(pointer, 1);
		end = str_find_char(pointer, '/');
		token = end < 0 ? pointer : str_first(pointer, (size_t)end);
		value = child_at(value, token);
		pointer = str_from(pointer, token.len);
	}
	return value;
}

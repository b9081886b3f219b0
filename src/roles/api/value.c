/* SPDX-License-Identifier: Apache-2.0 */
/* Is a value what its field wants, and what is it then? */
#include "roles/api/value.h"

#include "base/err.h"
#include "formats/names/input.h"
#include "formats/rfc3339.h"

/* What is shown of a wrong value: not all, and never a secret. */
enum { SHOWN = 60 };

static int complain_of(const struct field *field, struct str text, const struct value_place *place,
		       const char *code, const char *why)
{
	struct str shown = str_first(text, SHOWN);

	while (shown.len && shown.len < text.len && (text.data[shown.len] & 0xc0) == 0x80)
		shown.len--;
	if (field->flags & FIELD_SECRET)
		complain(place->complaints, place->place, place->where, code, "%s", why);
	else
		complain(place->complaints, place->place, place->where, code, "\"%.*s%s\": %s",
			 STR(shown), shown.len < text.len ? "…" : "", why);
	return ERR_SYNTAX;
}

static int complain_of_rule(const struct field *field, struct str text,
			    const struct value_place *place, const char *code)
{
	struct buf rule;

	buf_init(&rule, place->complaints->arena);
	field_put_rule(&rule, field);
	buf_put_char(&rule, 0);
	return complain_of(field, text, place, code, rule.data);
}

/* Length of the valid UTF-8 sequence at the front, or 0. */
static size_t sequence(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.data;
	size_t len = p[0] < 0x80                   ? 1
		     : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
		     : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
		     : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
						   : 0;

	if (!len || len > s.len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

bool text_is_utf8(struct str text)
{
	while (text.len) {
		size_t len = sequence(text);

		if (!len || !text.data[0])
			return false;
		text = str_from(text, len);
	}
	return true;
}

size_t text_length(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return count;
}

static int hex_value(char c)
{
	c = char_lower(c);
	return char_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int text_decode(struct arena *a, struct str sent, bool is_form, struct str *ret)
{
	char *out = arena_alloc(a, sent.len + 1);
	struct str text = { out, 0 };

	for (size_t i = 0; i < sent.len; i++) {
		char c = sent.data[i];

		if (c == '%') {
			int high = i + 2 < sent.len ? hex_value(sent.data[i + 1]) : -1;
			int low = i + 2 < sent.len ? hex_value(sent.data[i + 2]) : -1;

			if (high < 0 || low < 0)
				return ERR_SYNTAX;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && is_form) {
			c = ' ';
		}
		out[text.len++] = c;
	}
	out[text.len] = 0;
	if (!text_is_utf8(text))
		return ERR_SYNTAX;
	*ret = text;
	return 0;
}

/* C0, DEL and C1 controls; what a field of lines may hold besides is not counted. */
static bool has_controls(struct str text, bool are_lines)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (are_lines && (c == '\n' || c == '\t' || c == '\r'))
			continue;
		if (c < 0x20 || c == 0x7f ||
		    (c == 0xc2 && i + 1 < text.len && (unsigned char)text.data[i + 1] < 0xa0))
			return true;
	}
	return false;
}

static bool is_word(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_alpha(text.data[i]) && !char_is_digit(text.data[i]) &&
		    !strchr("._:/@+*-", text.data[i]))
			return false;
	return true;
}

static int read_text(const struct field *field, struct str text, const struct value_place *place,
		     void *at)
{
	size_t length = text_length(text);

	if (length < field->least || length > (field->most ? field->most : TEXT_MOST))
		return complain_of_rule(field, text, place, "length");
	if (field->type == FIELD_WORD && !is_word(text))
		return complain_of_rule(field, text, place, "pattern");
	if (has_controls(text, field->type == FIELD_LINES))
		return complain_of(field, STR_LIT("…"), place, "pattern",
				   "it holds control characters");
	*(struct str *)at = text;
	return 0;
}

static int read_choice(const struct field *field, struct str text, const struct value_place *place,
		       void *at)
{
	for (int i = 0; field->words[i]; i++)
		if (str_eq(text, str_of(field->words[i]))) {
			*(int *)at = i;
			return 0;
		}
	return complain_of_rule(field, text, place, "choice");
}

static int read_name(struct arena *a, const struct field *field, struct str text,
		     const struct value_place *place, void *at)
{
	struct name_input input;
	struct err err = { 0 };

	if (!text.len)
		return complain_of(field, text, place, "syntax", "a domain name is wanted");
	if (name_input_read(a, text, &input, &err) < 0)
		return complain_of(field, text, place, "syntax",
				   err.text[0] ? err.text : "no domain name");
	if (input.kind != NAME_INPUT_PLAIN && input.kind != NAME_INPUT_UNICODE)
		return complain_of(
			field, text, place, "syntax",
			"only the name itself, without scheme, path, port, user or star");
	if (str_ends(input.name, STR_LIT(".")))
		input.name.len--;
	*(struct str *)at = input.name;
	return 0;
}

static int read_time(const struct field *field, struct str text, const struct value_place *place,
		     void *at)
{
	int64_t time_us;

	if (rfc3339_parse(text, &time_us) == 0 ||
	    (field->type == FIELD_DATE_OR_TIME && rfc3339_parse_date(text, &time_us) == 0)) {
		*(int64_t *)at = time_us;
		return 0;
	}
	return complain_of_rule(field, text, place, "format");
}

int value_from_uint(const struct field *field, uint64_t number, const struct value_place *place,
		    void *at)
{
	if (number < field->least || number > field->most) {
		char text[24];

		snprintf(text, sizeof text, "%llu", (unsigned long long)number);
		return complain_of_rule(field, str_of(text), place, "range");
	}
	if (field->size == 4)
		*(uint32_t *)at = (uint32_t)number;
	else
		*(uint64_t *)at = number;
	return 0;
}

int value_from_text(struct arena *a, const struct field *field, struct str text,
		    const struct value_place *place, void *at)
{
	uint64_t number;

	switch ((enum field_type)field->type) {
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_WORD:
		return read_text(field, text, place, at);
	case FIELD_CHOICE:
		return read_choice(field, text, place, at);
	case FIELD_NAME:
		return read_name(a, field, text, place, at);
	case FIELD_TIME:
	case FIELD_DATE_OR_TIME:
		return read_time(field, text, place, at);
	case FIELD_UINT:
		if (str_to_uint(text, UINT64_MAX, &number) < 0)
			return complain_of_rule(field, text, place, "type");
		return value_from_uint(field, number, place, at);
	case FIELD_BOOL:
		if (!str_eq(text, STR_LIT("true")) && !str_eq(text, STR_LIT("false")))
			return complain_of_rule(field, text, place, "type");
		*(bool *)at = text.len == 4;
		return 0;
	default:
		return complain_of_rule(field, text, place, "type");
	}
}

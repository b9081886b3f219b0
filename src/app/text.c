/* SPDX-License-Identifier: Apache-2.0 */
/* Is a text that somebody sent one that we keep? */
#include "app/text.h"

#include "app/domain.h"
#include "base/json.h"
#include "base/nearest.h"
#include "formats/names/unicode.h"

enum { ADDRESS_BYTES = 254 };

static bool is_control(uint32_t point, enum text_kind kind)
{
	if (kind == TEXT_LINES && (point == '\n' || point == '\t'))
		return false;
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 ||
	       point == 0x2029;
}

int text_read(struct str text, size_t max_bytes, enum text_kind kind, struct str pointer,
	      struct str *ret, struct problem *problem)
{
	struct str trimmed = str_trim(text);
	struct code_points run = { 0 };
	size_t offset;

	if (trimmed.len > max_bytes)
		return problem_add(problem, pointer, "too-long", "at most %zu octets, here are %zu",
				   max_bytes, trimmed.len);
	if (utf8_read(problem->a, trimmed, &run, &offset) < 0)
		return problem_add(problem, pointer, "utf-8", "octet %zu is not UTF-8", offset + 1);
	for (size_t i = 0; i < run.len; i++)
		if (is_control(run.at[i], kind))
			return problem_add(problem, pointer, "control",
					   "character %zu is a control character (U+%04X)", i + 1,
					   run.at[i]);
	*ret = trimmed;
	return 0;
}

static bool is_word_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c);
}

static bool is_tag_char(char c)
{
	return is_word_char(c) || strchr("-_.:/", c);
}

int tag_read(struct arena *a, struct str text, struct str pointer, struct str *ret,
	     struct problem *problem)
{
	struct str tag = str_trim(text);

	if (!tag.len)
		return problem_add(problem, pointer, "tag", "a tag is not empty");
	if (tag.len > TAG_BYTES)
		return problem_add(problem, pointer, "too-long",
				   "a tag has at most %d characters, here are %zu", TAG_BYTES,
				   tag.len);
	for (size_t i = 0; i < tag.len; i++)
		if (!tag.data[i] || !is_tag_char(tag.data[i]))
			return problem_add(
				problem, pointer, "tag",
				"column %zu: a tag has letters and digits, and - _ . : /", i + 1);
	*ret = str_lower(a, tag);
	return 0;
}

int word_read(struct str text, const char *const *words, struct str pointer, int *ret,
	      struct problem *problem)
{
	const char *nearest;
	struct buf all;

	for (int i = 0; words[i]; i++) {
		if (str_eq(str_of(words[i]), text)) {
			*ret = i;
			return 0;
		}
	}
	buf_init(&all, problem->a);
	for (int i = 0; words[i]; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", words[i]);
	nearest = nearest_word(text, words);
	return problem_add(problem, pointer, "enum", "no such word: %.*s%s%s%s", STR(buf_str(&all)),
			   nearest ? "; did you mean \"" : "", nearest ? nearest : "",
			   nearest ? "\"?" : "");
}

int label_read(struct str text, size_t max_bytes, struct str pointer, struct str *ret,
	       struct problem *problem)
{
	TRY(text_read(text, max_bytes, TEXT_LINE, pointer, ret, problem));
	if (!ret->len)
		return problem_add(problem, pointer, "name", "a name is not empty");
	for (size_t i = 0; i < ret->len; i++) {
		char c = ret->data[i];
		bool is_inner =
			i > 0 && (strchr("-_.@+", c) || (c == ' ' && ret->data[i - 1] != ' '));

		if (!is_word_char(c) && !((uint8_t)c & 0x80) && !is_inner)
			return problem_add(
				problem, pointer, "name",
				"column %zu: a name begins with a letter or digit and has "
				"letters, digits, - _ . @ + and single blanks",
				i + 1);
	}
	return 0;
}

static bool is_atom_char(char c)
{
	return is_word_char(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

bool address_looks_good(struct str address)
{
	ptrdiff_t at = str_find_char(address, '@');
	struct str local = str_first(address, (size_t)MAX(at, 0)),
		   host = str_from(address, (size_t)(at + 1)), part, rest = local;

	if (at < 1 || address.len > ADDRESS_BYTES || local.len > 64)
		return false;
	while (str_split(&rest, '.', &part)) {
		for (size_t i = 0; i < part.len; i++)
			if (!is_atom_char(part.data[i]))
				return false;
		if (!part.len)
			return false;
	}
	rest = host;
	while (str_split(&rest, '.', &part)) {
		for (size_t i = 0; i < part.len; i++)
			if (!is_word_char(part.data[i]) && part.data[i] != '-')
				return false;
		if (!part.len || part.len > 63 || part.data[0] == '-' ||
		    part.data[part.len - 1] == '-')
			return false;
	}
	return str_find_char(host, '.') > 0;
}

void text_members_put(struct json *w, const struct text_member *members, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!members[i].text.len)
			continue;
		json_key(w, members[i].key);
		json_str(w, members[i].text);
	}
}

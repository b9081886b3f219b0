/* SPDX-License-Identifier: Apache-2.0 */
/* How is a text for SQLite said for PostgreSQL? */
#include "store/postgres/text.h"

struct source {
	struct str whole; /**< for looking at all uses of a value */
	struct buf *out;
};

static bool is_word_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '_';
}

static struct str word_at(struct str text, size_t at)
{
	size_t end = at;

	while (end < text.len && is_word_char(text.data[end]))
		end++;
	return str_bytes(text.data + at, end - at);
}

static size_t skip_spaces(struct str text, size_t at)
{
	while (at < text.len && char_is_space(text.data[at]))
		at++;
	return at;
}

static size_t skip_string(struct str text, size_t at)
{
	for (at++; at < text.len && text.data[at] != '\''; at++)
		;
	return at < text.len ? at + 1 : at;
}

/* Of the parenthesis at `open`: where its other one is. */
static size_t closing_of(struct str text, size_t open)
{
	size_t depth = 0;

	for (size_t at = open; at < text.len; at++) {
		if (text.data[at] == '\'')
			at = skip_string(text, at) - 1;
		else if (text.data[at] == '(')
			depth++;
		else if (text.data[at] == ')' && --depth == 0)
			return at;
	}
	return text.len;
}

static bool has_comma(struct str inner)
{
	for (size_t at = 0; at < inner.len; at++) {
		if (inner.data[at] == '(')
			at = closing_of(inner, at);
		else if (inner.data[at] == ',')
			return true;
	}
	return false;
}

/* "?12" at the place: its length, else 0. */
static size_t value_at(struct str text, size_t at)
{
	size_t end = at + 1;

	if (at >= text.len || text.data[at] != '?')
		return 0;
	while (end < text.len && char_is_digit(text.data[end]))
		end++;
	return end - at;
}

/* Is it asked for being NULL, and never used as anything? */
static bool is_only_tested(struct str whole, struct str value)
{
	static const struct str test = STR_INIT(" IS NULL");

	for (size_t at = 0; at < whole.len; at++) {
		size_t len = value_at(whole, at);

		if (!len || !str_eq(str_bytes(whole.data + at, len), value))
			continue;
		if (!str_starts(str_from(whole, at + len), test))
			return false;
	}
	return true;
}

static void put_value(struct source *source, struct str value)
{
	buf_put_char(source->out, '$');
	buf_put_str(source->out, str_from(value, 1));
	if (is_only_tested(source->whole, value))
		buf_put_str(source->out, STR_LIT("::text"));
}

static void put_text(struct source *source, struct str text);

/* ---- words ---- */

static const struct {
	struct str theirs, next,
		ours; /**< next: the word after it, if that matters; is replaced too */
} words[] = {
	{ STR_INIT("user"), STR_INIT(""), STR_INIT("\"user\"") },
	{ STR_INIT("instr"), STR_INIT(""), STR_INIT("strpos") },
	{ STR_INIT("LIKE"), STR_INIT(""), STR_INIT("ILIKE") },
	{ STR_INIT("CROSS"), STR_INIT("JOIN"), STR_INIT("JOIN") },
	{ STR_INIT("NOT"), STR_INIT("INDEXED"), STR_INIT("") },
};

/* The place behind what was replaced; `at` if nothing was. */
static size_t replace_word(struct source *source, struct str text, size_t at, struct str word)
{
	size_t after = at + word.len, next = skip_spaces(text, after);
	struct str follows = word_at(text, next);

	if (str_eq(word, STR_LIT("INDEXED")) && str_eq(follows, STR_LIT("BY"))) {
		next = skip_spaces(text, next + follows.len);
		return next + word_at(text, next).len;
	}
	if (str_eq(word, STR_LIT("IS")) && str_eq(follows, STR_LIT("NOT"))) {
		size_t third = skip_spaces(text, next + follows.len);

		if (str_eq(word_at(text, third), STR_LIT("NULL")))
			return at;
		buf_put_str(source->out, STR_LIT("IS DISTINCT FROM"));
		return next + follows.len;
	}
	if ((str_eq(word, STR_LIT("max")) || str_eq(word, STR_LIT("min"))) && after < text.len &&
	    text.data[after] == '(') {
		size_t close = closing_of(text, after);

		if (!has_comma(str_bytes(text.data + after + 1, close - after - 1)))
			return at;
		buf_put_str(source->out,
			    word.data[1] == 'a' ? STR_LIT("greatest") : STR_LIT("least"));
		return after;
	}
	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if (!str_eq(words[i].theirs, word) ||
		    (words[i].next.len && !str_eq(words[i].next, follows)))
			continue;
		buf_put_str(source->out, words[i].ours);
		return words[i].next.len ? next + follows.len : after;
	}
	return at;
}

/* ---- parentheses ---- */

/* "?2 IS NULL OR …": the test goes behind the rest, so that the rest says what type ?2 has. */
static bool put_test_last(struct source *source, struct str inner)
{
	static const struct str test = STR_INIT(" IS NULL OR ");
	size_t len = value_at(inner, 0);

	if (!len || !str_starts(str_from(inner, len), test))
		return false;
	put_text(source, str_from(inner, len + test.len));
	buf_put_str(source->out, STR_LIT(" OR "));
	put_value(source, str_first(inner, len));
	buf_put_str(source->out, STR_LIT(" IS NULL"));
	return true;
}

static bool has_alias(struct str rest)
{
	static const char *const others[] = { "WHERE", "ORDER", "GROUP", "LIMIT",
					      "UNION", "JOIN",  "LEFT",  "ON" };
	struct str word = word_at(rest, skip_spaces(rest, 0));

	for (size_t i = 0; i < ARRAY_COUNT(others); i++)
		if (str_eq(word, str_of(others[i])))
			return false;
	return word.len != 0;
}

static size_t put_parenthesis(struct source *source, struct str text, size_t at, struct str before)
{
	size_t close = closing_of(text, at);
	struct str inner = str_bytes(text.data + at + 1, close - at - 1);

	buf_put_char(source->out, '(');
	if (!put_test_last(source, inner))
		put_text(source, inner);
	buf_put_char(source->out, ')');
	if ((str_eq(before, STR_LIT("FROM")) || str_eq(before, STR_LIT("JOIN"))) &&
	    str_starts(inner, STR_LIT("SELECT")) && !has_alias(str_from(text, close + 1)))
		buf_put_str(source->out, STR_LIT(" AS part"));
	return close + 1;
}

/* ---- all of it ---- */

static void put_text(struct source *source, struct str text)
{
	struct str before = STR_NONE; /* the word before */
	size_t at = 0;

	while (at < text.len) {
		char c = text.data[at];
		size_t end = at + 1;

		if (c == '\'') {
			end = skip_string(text, at);
			buf_put(source->out, text.data + at, end - at);
		} else if (value_at(text, at)) {
			end = at + value_at(text, at);
			put_value(source, str_bytes(text.data + at, end - at));
		} else if (c == '(') {
			end = put_parenthesis(source, text, at, before);
		} else if (c == '+' && end < text.len && char_is_alpha(text.data[end])) {
			; /* a sum has spaces on both sides */
		} else if (is_word_char(c)) {
			struct str word = word_at(text, at);

			end = replace_word(source, text, at, word);
			if (end == at) {
				buf_put_str(source->out, word);
				end = at + word.len;
			}
			before = word;
		} else {
			buf_put_char(source->out, c);
		}
		at = end;
	}
}

static void put_returning(struct source *source, const struct numbered *numbered, size_t count)
{
	static const struct str insert = STR_INIT("INSERT INTO ");
	struct str table;

	if (!str_starts(source->whole, insert) ||
	    str_find(source->whole, STR_LIT(" RETURNING ")) >= 0)
		return;
	table = word_at(source->whole, insert.len);
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(numbered[i].table, table))
			continue;
		buf_put_str(source->out, STR_LIT(" RETURNING "));
		buf_put_str(source->out, numbered[i].column);
	}
}

const char *postgres_text(struct arena *a, struct str text, const struct numbered *numbered,
			  size_t count)
{
	struct source source = { .whole = text };
	struct buf out;

	buf_init(&out, a);
	source.out = &out;
	put_text(&source, text);
	put_returning(&source, numbered, count);
	buf_put_char(&out, 0);
	return out.data;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which domains does a selector mean? The grammar stands in selector.h. */
#include "app/selector.h"

#include "formats/names/idna.h"

enum { QUOTED = 40 };

static const char allowed[] = "all, tag:corp, owner:it@example.com, name:*.example.com";

struct reader {
	struct str text;
	size_t at;
	struct err *err;
};

static int explain(const struct reader *r, size_t at, const char *why)
{
	return err_set(r->err, ERR_SYNTAX, "selector, column %zu: \"%.*s\": %s; allowed: %s",
		       at + 1, STR(str_first(str_from(r->text, at), QUOTED)), why, allowed);
}

static void skip_blanks(struct reader *r)
{
	while (r->at < r->text.len && char_is_space(r->text.data[r->at]))
		r->at++;
}

/* Up to the next blank, or between quotes. */
static int value_read(struct reader *r, struct str *ret)
{
	bool is_quoted = r->at < r->text.len && r->text.data[r->at] == '"';
	size_t start = r->at + is_quoted, end = start;

	while (end < r->text.len &&
	       (is_quoted ? r->text.data[end] != '"' : !char_is_space(r->text.data[end])))
		end++;
	if (is_quoted && end == r->text.len)
		return explain(r, r->at, "the quote is not closed");
	if (end == start)
		return explain(r, r->at, "a value is missing");
	*ret = (struct str){ r->text.data + start, end - start };
	r->at = end + is_quoted;
	if (r->at < r->text.len && !char_is_space(r->text.data[r->at]))
		return explain(r, r->at, "conditions are joined by blanks");
	return 0;
}

static bool is_glob(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_alpha(text.data[i]) && !char_is_digit(text.data[i]) &&
		    text.data[i] != '-' && text.data[i] != '_' && text.data[i] != '.' &&
		    text.data[i] != '*')
			return false;
	return true;
}

/* Names are kept as A-labels: so are the labels of a pattern. A star stands for characters of the kept
 * form, and a label that has one has no form of its own but ASCII. */
static int glob_read(struct arena *a, const struct reader *r, size_t start, struct str text,
		     struct str *ret)
{
	struct str rest = str_lower(a, text), label, ascii;
	bool is_first = true;
	struct buf out;

	buf_init(&out, a);
	while (str_split(&rest, '.', &label)) {
		struct err why = { 0 };

		ascii = label;
		if (!is_glob(label) && str_find(label, STR_LIT("*")) < 0 &&
		    idna_to_ascii(a, label, IDNA_NAMES, &ascii, &why) < 0)
			return explain(r, start, why.text);
		if (!is_glob(ascii))
			return explain(r, start, "no name, and no pattern of names");
		if (!is_first)
			buf_put_char(&out, '.');
		is_first = false;
		buf_put_str(&out, ascii);
	}
	*ret = buf_str(&out);
	return 0;
}

static int condition_read(struct arena *a, struct reader *r, struct domain_filter *filter)
{
	struct {
		struct str word;
		struct str *value;
		bool is_lower;
	} conditions[] = {
		{ STR_LIT("tag:"), &filter->tag, true },
		{ STR_LIT("owner:"), &filter->owner, false },
		{ STR_LIT("name:"), &filter->name_glob, true },
	};
	size_t start = r->at;
	struct str value;

	for (size_t i = 0; i < ARRAY_COUNT(conditions); i++) {
		if (!str_starts_nocase(str_from(r->text, start), conditions[i].word))
			continue;
		r->at += conditions[i].word.len;
		TRY(value_read(r, &value));
		if (conditions[i].value->len)
			return explain(r, start, "stands here a second time");
		if (conditions[i].value == &filter->name_glob)
			return glob_read(a, r, start, value, &filter->name_glob);
		*conditions[i].value = conditions[i].is_lower ? str_lower(a, value) : value;
		return 0;
	}
	return explain(r, start, "not known");
}

int selector_read(struct arena *a, struct str text, struct domain_filter *filter, struct err *err)
{
	struct reader r = { .text = str_trim(text), .err = err };
	struct domain_filter read = *filter;

	if (text.len > SELECTOR_BYTES)
		return err_set(err, ERR_LIMIT, "selector: up to %d characters", SELECTOR_BYTES);
	if (!r.text.len)
		return err_set(err, ERR_SYNTAX, "selector: it is empty; allowed: %s", allowed);
	read.tag = read.owner = read.name_glob = STR_NONE;
	if (!str_eq_nocase(r.text, STR_LIT("all"))) {
		while (r.at < r.text.len) {
			TRY(condition_read(a, &r, &read));
			skip_blanks(&r);
		}
	}
	*filter = read;
	return 0;
}

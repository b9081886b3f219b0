/* SPDX-License-Identifier: Apache-2.0 */
/* Which fact does a line of text state? */
#include "facts/text.h"

static const struct fact_text_kind kinds[] = {
	{ KIND_dns, dns_question_read, dns_answer_read_text },
	{ KIND_dns_at, dns_at_question_read, dns_answer_read_text },
	{ KIND_axfr, axfr_question_read, axfr_answer_read },
	{ KIND_http, http_question_read, http_answer_read },
	{ KIND_rdap, rdap_question_read, registration_read },
	{ KIND_whois, whois_question_read, registration_read },
	{ KIND_tool, tool_question_read, external_answer_read },
	{ KIND_api, api_question_read, external_answer_read },
	{ KIND_external, external_question_read, external_list_read },
};

struct str fact_word_peek(const struct fact_text *text)
{
	struct str rest = text->rest, word = STR_NONE;

	(void)str_word(&rest, &word);
	return word;
}

int fact_word_take(struct fact_text *text, const char *what, struct str *ret)
{
	if (!str_word(&text->rest, ret))
		return err_set(text->err, ERR_SYNTAX, "%s is missing", what);
	return 0;
}

bool fact_word_skip(struct fact_text *text, struct str word)
{
	struct str taken;

	return str_eq(fact_word_peek(text), word) && str_word(&text->rest, &taken);
}

int fact_option_take(struct fact_text *text, struct str name, struct str *ret)
{
	struct str rest = str_trim(text->rest);
	ptrdiff_t quote;

	if (!str_starts(rest, name) || rest.len == name.len || rest.data[name.len] != '=')
		return 0;
	rest = str_from(rest, name.len + 1);
	if (!rest.len || rest.data[0] != '"') {
		struct str value = STR_NONE;

		if (rest.len && !char_is_space(rest.data[0]))
			(void)str_word(&rest, &value);
		text->rest = rest;
		*ret = value;
		return 1;
	}
	rest = str_from(rest, 1);
	quote = str_find_char(rest, '"');
	if (quote < 0)
		return err_set(text->err, ERR_SYNTAX, "the quote of %.*s= is not closed",
			       STR(name));
	*ret = str_first(rest, (size_t)quote);
	text->rest = str_from(rest, (size_t)quote + 1);
	return 1;
}

struct str fact_text_unescape(struct arena *a, struct str text)
{
	static const char from[] = "nrtq\\", to[] = "\n\r\t\"\\";
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < text.len; i++) {
		const char *found = NULL;

		if (text.data[i] == '\\' && i + 1 < text.len)
			found = memchr(from, text.data[i + 1], sizeof from - 1);
		if (found)
			i++;
		buf_put_char(&out, found ? to[found - from] : text.data[i]);
	}
	return buf_str(&out);
}

int fact_address_take(struct fact_text *text, struct address *ret)
{
	struct str word;

	TRY(fact_word_take(text, "an address", &word));
	if (address_parse(word, ret) < 0)
		return err_set(text->err, ERR_SYNTAX, "\"%.*s\": not an IP address", STR(word));
	return 0;
}

int fact_name_take(struct fact_text *text, struct str *ret)
{
	struct str word;

	TRY(fact_word_take(text, "a name", &word));
	return dns_name_parse(text->arena, word, ret, text->err);
}

/* "!timeout": what is no failure is left to the kind ("!nxdomain"). */
static void failure_take(struct fact_text *text, struct fact *fact)
{
	struct str word = fact_word_peek(text);
	enum failure failure;

	if (!word.len || word.data[0] != '!' || failure_parse(str_from(word, 1), &failure) < 0 ||
	    failure == FAILURE_NONE)
		return;
	(void)str_word(&text->rest, &word);
	fact->failure = (uint8_t)failure;
}

static int fact_read(struct fact_text *text, const struct fact_text_kind *kind, struct fact *fact)
{
	fact->question.kind = kind->kind;
	TRY(kind->question(text, fact));
	failure_take(text, fact);
	if (fact_end(fact) != END_OURS)
		TRY(kind->answer(text, fact));
	text->rest = str_trim(text->rest);
	if (fact_is_answer(fact) && text->rest.len)
		return err_set(text->err, ERR_SYNTAX, "\"%.*s\": what is this?",
			       STR(fact_word_peek(text)));
	fact->detail = str_copy(text->arena, text->rest);
	return 0;
}

int fact_parse(struct arena *a, struct str line, struct fact *ret, struct err *err)
{
	struct fact_text text = { .arena = a, .rest = str_trim(line), .err = err };
	const struct fact_kind *row;
	struct fact fact = { 0 };
	struct str word;

	TRY(fact_word_take(&text, "a kind of fact", &word));
	row = fact_kind_named(word);
	for (size_t i = 0; row && i < ARRAY_COUNT(kinds); i++)
		if (kinds[i].kind == row->number) {
			TRY(fact_read(&text, &kinds[i], &fact));
			*ret = fact;
			return 0;
		}
	return err_set(err, ERR_SYNTAX, "\"%.*s\": no kind of fact that has a text form",
		       STR(word));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which question over HTTP, and which response, does a line of text state? */
#include "base/encode.h"
#include "facts/text.h"
#include "formats/rfc3339.h"
#include "formats/web/url.h"

static const struct {
	struct str word;
	uint32_t flag;
} flags[] = { { STR_INIT("body"), HTTP_BODY }, { STR_INIT("brief"), HTTP_BRIEF } };

int http_question_read(struct fact_text *text, struct fact *fact)
{
	struct http_question *question = &fact->question.http;
	struct web_url url;
	struct str word;

	TRY(fact_word_take(text, "a URL", &word));
	/* The subject of a question's prototype, which the name of each line replaces. */
	if (!str_eq(word, STR_LIT("."))) {
		TRY(web_url_parse(text->arena, word, &url, text->err));
		word = url.text;
	}
	question->url = word;
	if (address_parse(fact_word_peek(text), &question->server) == 0)
		TRY(fact_word_take(text, "an address", &word));
	for (bool has_more = true; has_more;) {
		has_more = false;
		for (size_t i = 0; i < ARRAY_COUNT(flags); i++)
			if (fact_word_skip(text, flags[i].word)) {
				question->flags |= flags[i].flag;
				has_more = true;
			}
	}
	fact->from = question->server;
	return 0;
}

static int faults_read(struct fact_text *text, struct str words, uint32_t *ret)
{
	struct str word;

	while (str_split(&words, ',', &word)) {
		unsigned bit = 0;

		while (tls_fault_word(bit) && !str_eq(word, str_of(tls_fault_word(bit))))
			bit++;
		if (!tls_fault_word(bit))
			return err_set(text->err, ERR_SYNTAX, "tls=%.*s: no fault is called so",
				       STR(word));
		*ret |= 1u << bit;
	}
	return 0;
}

static int header_add(struct fact_text *text, struct http_answer *answer, struct str line)
{
	struct web_header header;

	if (web_header_read(line, &header) < 0)
		return err_set(text->err, ERR_SYNTAX, "header=\"%.*s\": no header", STR(line));
	if (!answer->headers)
		answer->headers = arena_array(text->arena, HTTP_HEADERS, sizeof *answer->headers);
	if (answer->header_count == HTTP_HEADERS)
		return err_set(text->err, ERR_LIMIT, "more than %d headers", HTTP_HEADERS);
	header.name = str_lower(text->arena, header.name);
	answer->headers[answer->header_count++] = header;
	if (str_eq(header.name, STR_LIT("content-type")))
		answer->media_type = web_media_type(text->arena, header.value);
	return 0;
}

static int number_read(struct fact_text *text, struct str value, uint64_t most, uint64_t *ret)
{
	if (str_to_uint(value, most, ret) < 0)
		return err_set(text->err, ERR_SYNTAX, "\"%.*s\": not a number up to %llu",
			       STR(value), (unsigned long long)most);
	return 0;
}

static int option_set(struct fact_text *text, size_t option, struct str value, struct fact *fact,
		      struct http_answer *answer)
{
	uint64_t number;

	switch (option) {
	case 0:
		answer->media_type = value;
		return 0;
	case 1:
		answer->location = value;
		return 0;
	case 2:
		return header_add(text, answer, value);
	case 3:
		return faults_read(text, value, &answer->tls.faults);
	case 4:
		answer->body = fact_text_unescape(text->arena, value);
		answer->body_bytes = (uint32_t)answer->body.len;
		return 0;
	case 5:
		TRY(number_read(text, value, UINT32_MAX, &number));
		answer->body_bytes = (uint32_t)number;
		return 0;
	case 6:
		return rfc3339_parse(value, &answer->tls.not_after_us) < 0
			       ? err_set(text->err, ERR_SYNTAX, "not-after=%.*s: no date",
					 STR(value))
			       : 0;
	default:
		return address_parse(value, &fact->from);
	}
}

int http_answer_read(struct fact_text *text, struct fact *fact)
{
	static const struct str names[] = { STR_INIT("type"),      STR_INIT("location"),
					    STR_INIT("header"),    STR_INIT("tls"),
					    STR_INIT("body"),      STR_INIT("bytes"),
					    STR_INIT("not-after"), STR_INIT("from") };
	struct http_answer *answer;
	struct str value;
	uint64_t status;

	if (!fact_is_answer(fact))
		return 0;
	answer = ARENA_NEW(text->arena, struct http_answer);
	TRY(fact_word_take(text, "a status", &value));
	TRY(number_read(text, value, 599, &status));
	answer->status = (uint16_t)status;
	if (str_starts(fact->question.http.url, STR_LIT("https:")))
		answer->tls.version = STR_LIT("TLSv1.3");
	while (fact_word_peek(text).len) {
		int taken = 0;

		if (fact_word_skip(text, STR_LIT("cut"))) {
			answer->is_cut = true;
			continue;
		}
		for (size_t i = 0; i < ARRAY_COUNT(names) && !taken; i++) {
			taken = fact_option_take(text, names[i], &value);
			if (taken > 0)
				TRY(option_set(text, i, value, fact, answer));
		}
		if (taken <= 0)
			return taken < 0 ? taken
					 : err_set(text->err, ERR_SYNTAX, "\"%.*s\": what is this?",
						   STR(fact_word_peek(text)));
	}
	fact->http = answer;
	return 0;
}

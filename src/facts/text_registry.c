/* SPDX-License-Identifier: Apache-2.0 */
/* Which question to a registry, and which registration, does a line of text state? */
#include "facts/text.h"

#include "formats/rfc3339.h"

int rdap_question_read(struct fact_text *text, struct fact *fact)
{
	struct rdap_question *question = &fact->question.rdap;
	struct address address;

	if (address_parse(fact_word_peek(text), &address) == 0)
		TRY(fact_word_take(text, "a name", &question->name));
	else
		TRY(fact_name_take(text, &question->name));
	if (fact_word_skip(text, STR_LIT("nameserver")))
		question->flags |= RDAP_AS_NAMESERVER;
	return 0;
}

int whois_question_read(struct fact_text *text, struct fact *fact)
{
	struct whois_question *question = &fact->question.whois;
	int taken;

	TRY(fact_name_take(text, &question->name));
	taken = fact_option_take(text, STR_LIT("server"), &question->server);
	return taken < 0 ? taken : 0;
}

static int option_set(struct fact_text *text, size_t option, struct str value,
		      struct registration *r)
{
	struct str *const texts[] = { &r->object,      &r->handle,       &r->holder,
				      &r->registrar,   &r->registrar_id, &r->abuse_email,
				      &r->abuse_phone, &r->referral };
	int64_t *const dates[] = { &r->created_us, &r->changed_us, &r->expires_us };
	struct str **const lists[] = { &r->status, &r->name_servers, &r->ds, &r->redacted };
	size_t *const counts[] = { &r->status_count, &r->name_server_count, &r->ds_count,
				   &r->redacted_count };

	if (option < ARRAY_COUNT(texts)) {
		*texts[option] = value;
		return 0;
	}
	option -= ARRAY_COUNT(texts);
	if (option >= ARRAY_COUNT(dates)) {
		option -= ARRAY_COUNT(dates);
		registration_add(text->arena, lists[option], counts[option], value);
		return 0;
	}
	return rfc3339_parse(value, dates[option]) < 0
		       ? err_set(text->err, ERR_SYNTAX, "\"%.*s\": no date", STR(value))
		       : 0;
}

static bool word_set(struct fact_text *text, struct registration *r)
{
	if (fact_word_skip(text, STR_LIT("free")))
		r->is_found = false;
	else if (fact_word_skip(text, STR_LIT("signed")))
		r->says_signed = r->is_signed = true;
	else if (fact_word_skip(text, STR_LIT("unsigned")))
		r->says_signed = true;
	else
		return false;
	return true;
}

int registration_read(struct fact_text *text, struct fact *fact)
{
	static const struct str names[] = {
		STR_INIT("object"),      STR_INIT("handle"),       STR_INIT("holder"),
		STR_INIT("registrar"),   STR_INIT("registrar-id"), STR_INIT("abuse-email"),
		STR_INIT("abuse-phone"), STR_INIT("referral"),     STR_INIT("created"),
		STR_INIT("changed"),     STR_INIT("expires"),      STR_INIT("status"),
		STR_INIT("ns"),          STR_INIT("ds"),           STR_INIT("redacted")
	};
	struct registration *r;

	if (!fact_is_answer(fact))
		return 0;
	r = ARENA_NEW(text->arena, struct registration);
	r->is_found = true;
	while (fact_word_peek(text).len) {
		struct str value;
		int taken = 0;

		if (word_set(text, r))
			continue;
		for (size_t i = 0; i < ARRAY_COUNT(names) && !taken; i++) {
			taken = fact_option_take(text, names[i], &value);
			if (taken > 0)
				TRY(option_set(text, i, value, r));
		}
		if (taken <= 0)
			return taken < 0 ? taken
					 : err_set(text->err, ERR_SYNTAX, "\"%.*s\": what is this?",
						   STR(fact_word_peek(text)));
	}
	fact->answer = r;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How are facts of the DNS read from text? */
#include "facts/text_dns.h"

enum { TTL = 3600, AXFR_KEPT = 5 };

int dns_question_read(struct fact_text *text, struct fact *fact)
{
	TRY(fact_name_take(text, &fact->question.dns.name));
	return dns_text_type(text, &fact->question.dns.type);
}

static bool flag_take(struct fact_text *text, uint32_t *flags)
{
	const char *word;

	for (unsigned bit = 0; (word = dns_query_flag_word(bit)); bit++)
		if (fact_word_skip(text, str_of(word))) {
			*flags |= 1u << bit;
			return true;
		}
	return false;
}

int dns_at_question_read(struct fact_text *text, struct fact *fact)
{
	struct dns_at_question *question = &fact->question.dns_at;

	TRY(fact_address_take(text, &question->server));
	fact->from = question->server;
	TRY(fact_name_take(text, &question->name));
	TRY(dns_text_type(text, &question->type));
	while (flag_take(text, &question->flags))
		;
	return 0;
}

static bool has_type(const struct dns_rr *rr, size_t count, uint16_t type)
{
	for (size_t i = 0; i < count; i++)
		if (rr[i].type == type)
			return true;
	return false;
}

static size_t size_of(const struct dns_rr *rr, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += 12 + rr[i].rdata.len; /* owner as a pointer, RFC 1035 section 4.1.4 */
	return size;
}

static void settle_size(struct dns_text *r)
{
	struct dns_answer *answer = &r->answer;
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	int name = dns_name_to_wire(r->name, wire);
	size_t size =
		(size_t)DNS_HEADER_BYTES + (size_t)MAX(name, 0) + 4 + (answer->has_edns ? 11 : 0);

	if (answer->size_bytes)
		return;
	size += size_of(answer->rr, answer->count) + size_of(answer->chain, answer->chain_count) +
		size_of(answer->other, answer->other_count) +
		size_of(answer->authority, answer->authority_count) +
		size_of(answer->additional, answer->additional_count);
	answer->size_bytes = (uint16_t)MIN(size, UINT16_MAX);
}

/* What a well-run server would say where the line says nothing. */
static void settle(struct dns_text *r)
{
	struct dns_answer *answer = &r->answer;
	bool is_referral;

	answer->rr = dns_text_section(&r->sections[SECTION_ANSWER], true, &answer->count);
	answer->chain = dns_text_section(&r->sections[SECTION_CHAIN], false, &answer->chain_count);
	answer->other = dns_text_section(&r->sections[SECTION_OTHER], true, &answer->other_count);
	answer->authority =
		dns_text_section(&r->sections[SECTION_AUTHORITY], true, &answer->authority_count);
	answer->additional =
		dns_text_section(&r->sections[SECTION_ADDITIONAL], true, &answer->additional_count);
	if (r->is_at && !r->has_rcode && !answer->count) {
		if (r->flags & DNS_QUERY_EDNS_VERSION_1)
			answer->rcode = DNS_BADVERS;
		else if (r->flags & DNS_QUERY_OPCODE_15)
			answer->rcode = DNS_NOTIMP;
	}
	is_referral = !answer->count && !answer->chain_count &&
		      has_type(answer->authority, answer->authority_count, DNS_NS) &&
		      !has_type(answer->authority, answer->authority_count, DNS_SOA);
	if (r->is_at && !r->has_aa)
		answer->is_authoritative = !is_referral && (answer->rcode == DNS_NOERROR ||
							    answer->rcode == DNS_NXDOMAIN);
	if (!answer->has_edns)
		answer->edns_version = 0, answer->edns_size = 0, answer->edns_flags = 0;
	settle_size(r);
}

static struct dns_text dns_text_begin(struct fact_text *text, const struct fact *fact)
{
	struct dns_text r = { .text = text,
			      .ttl = TTL,
			      .is_at = fact->question.kind == KIND_dns_at };

	if (r.is_at) {
		r.name = fact->question.dns_at.name;
		r.type = fact->question.dns_at.type;
		r.flags = fact->question.dns_at.flags;
	} else {
		r.name = fact->question.dns.name;
		r.type = fact->question.dns.type;
	}
	r.answer = (struct dns_answer){ .has_question = true,
					.is_case_kept = true,
					.has_recursion = !r.is_at,
					.has_edns = !(r.flags & DNS_QUERY_NO_EDNS),
					.edns_size = DNS_EDNS_SIZE,
					.edns_flags = r.flags & DNS_QUERY_DO ? 0x8000 : 0,
					.is_tcp = r.flags & DNS_QUERY_TCP };
	for (size_t i = 0; i < SECTIONS; i++)
		buf_init(&r.sections[i], text->arena);
	return r;
}

int dns_answer_read_text(struct fact_text *text, struct fact *fact)
{
	struct dns_text r = dns_text_begin(text, fact);
	struct dns_answer *answer;

	TRY(dns_text_options(&r, fact));
	if (!fact_is_answer(fact) && !r.has_option)
		return 0;
	if (fact_is_answer(fact))
		TRY(dns_text_records(&r));
	settle(&r);
	answer = ARENA_NEW(text->arena, struct dns_answer);
	*answer = r.answer;
	fact->answer = answer;
	return 0;
}

int axfr_question_read(struct fact_text *text, struct fact *fact)
{
	TRY(fact_address_take(text, &fact->question.axfr.server));
	fact->from = fact->question.axfr.server;
	return fact_name_take(text, &fact->question.axfr.zone);
}

static int axfr_option_take(struct dns_text *r, struct fact *fact, uint64_t *record_count)
{
	struct str value;
	int code = dns_text_from(r->text, fact);

	if (code)
		return code;
	code = fact_option_take(r->text, STR_LIT("rcode"), &value);
	if (code)
		return code < 0 ? code : dns_text_rcode(r, value) < 0 ? ERR_SYNTAX : 1;
	code = fact_option_take(r->text, STR_LIT("records"), &value);
	if (code > 0)
		TRY(dns_text_number(r, STR_LIT("records"), value, UINT32_MAX, record_count));
	return code;
}

int axfr_answer_read(struct fact_text *text, struct fact *fact)
{
	struct dns_text r = { .text = text, .ttl = TTL };
	struct axfr_answer *answer;
	uint64_t record_count = 0;
	bool is_first = true;
	int code;

	buf_init(&r.sections[SECTION_ANSWER], text->arena);
	do
		code = axfr_option_take(&r, fact, &record_count);
	while (code > 0);
	TRY(code);
	if (!fact_is_answer(fact))
		return 0;
	while (fact_word_peek(text).len) {
		TRY(dns_text_record(&r, SECTION_ANSWER, is_first));
		is_first = false;
		while (fact_word_skip(text, STR_LIT("|")))
			;
	}
	answer = ARENA_NEW(text->arena, struct axfr_answer);
	answer->rcode = r.answer.rcode;
	answer->rr = dns_text_section(&r.sections[SECTION_ANSWER], false, &answer->count);
	answer->record_count = (uint32_t)MAX(record_count, answer->count);
	answer->is_transferred = answer->record_count >= 2;
	answer->count = MIN(answer->count, (size_t)AXFR_KEPT);
	fact->axfr = answer;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which records does the text of an answer have? */
#include "facts/text_dns.h"

static const struct str section_words[SECTIONS] = {
	[SECTION_ANSWER] = STR_INIT("answer"),         [SECTION_CHAIN] = STR_INIT("chain"),
	[SECTION_OTHER] = STR_INIT("other"),           [SECTION_AUTHORITY] = STR_INIT("authority"),
	[SECTION_ADDITIONAL] = STR_INIT("additional"),
};

int dns_text_type(struct fact_text *text, uint16_t *ret)
{
	struct str word;

	TRY(fact_word_take(text, "a record type", &word));
	if (dns_type_parse(word, ret) < 0)
		return err_set(text->err, ERR_SYNTAX, "\"%.*s\": not a record type", STR(word));
	return 0;
}

void dns_text_put(struct dns_text *r, enum section section, const struct dns_rr *rr)
{
	buf_put(&r->sections[section], rr, sizeof *rr);
	r->before = *rr;
}

/* Is this NAME [TTL] [CLASS] TYPE, or DATA that goes on with the name and type before? */
static bool is_record_head(struct str rest)
{
	uint64_t ttl;
	struct str word;
	uint16_t type;

	if (!str_word(&rest, &word) || !str_word(&rest, &word))
		return false;
	if (str_to_uint(word, UINT32_MAX, &ttl) == 0 && !str_word(&rest, &word))
		return false;
	if (str_eq(word, STR_LIT("IN")) && !str_word(&rest, &word))
		return false;
	return dns_type_parse(word, &type) == 0;
}

static int record_head_read(struct dns_text *r, struct dns_rr *rr)
{
	uint64_t ttl = r->ttl;
	struct str word;

	TRY(fact_name_take(r->text, &rr->owner));
	if (str_to_uint(fact_word_peek(r->text), UINT32_MAX, &ttl) == 0)
		TRY(fact_word_take(r->text, "a TTL", &word));
	(void)fact_word_skip(r->text, STR_LIT("IN"));
	rr->ttl = (uint32_t)ttl;
	return dns_text_type(r->text, &rr->type);
}

int dns_text_record(struct dns_text *r, enum section section, bool is_first)
{
	struct dns_rr rr = { .klass = DNS_CLASS_IN };

	if (is_first || is_record_head(r->text->rest)) {
		TRY(record_head_read(r, &rr));
	} else {
		rr.owner = r->before.owner;
		rr.type = r->before.type;
		rr.ttl = r->before.ttl;
	}
	TRY(dns_rdata_parse(r->text->arena, &r->text->rest, &rr, r->text->err));
	dns_text_put(r, section, &rr);
	return 0;
}

static int data_read(struct dns_text *r)
{
	struct dns_rr rr = { .owner = r->name,
			     .type = r->type,
			     .klass = r->flags & DNS_QUERY_CHAOS ? DNS_CLASS_CH : DNS_CLASS_IN,
			     .ttl = (uint32_t)r->ttl };

	if (r->type == DNS_ANY)
		TRY(dns_text_type(r->text, &rr.type));
	TRY(dns_rdata_parse(r->text->arena, &r->text->rest, &rr, r->text->err));
	dns_text_put(r, SECTION_ANSWER, &rr);
	return 0;
}

/* A reader of the answer takes its records for what was asked, those of the chain for aliases. */
static int section_check(const struct dns_text *r, enum section section)
{
	uint16_t type = r->before.type;

	if (section == SECTION_ANSWER && type != r->type && r->type != DNS_ANY)
		return err_set(
			r->text->err, ERR_SYNTAX,
			"answer: a record of another type than was asked for; \"other\" has room "
			"for it");
	if (section == SECTION_CHAIN && type != DNS_CNAME && type != DNS_DNAME)
		return err_set(r->text->err, ERR_SYNTAX, "chain: neither CNAME nor DNAME");
	return 0;
}

int dns_text_records(struct dns_text *r)
{
	enum section section = SECTIONS; /* DATA of the question */
	bool is_first = false;

	for (;;) {
		enum section next = 0;

		while (fact_word_skip(r->text, STR_LIT("|")))
			;
		if (!fact_word_peek(r->text).len)
			return 0;
		while (next < SECTIONS && !fact_word_skip(r->text, section_words[next]))
			next++;
		if (next < SECTIONS) {
			section = next;
			is_first = true;
			continue;
		}
		TRY(section == SECTIONS ? data_read(r) : dns_text_record(r, section, is_first));
		TRY(section_check(r, section));
		is_first = false;
	}
}

static int by_order(const void *a, const void *b)
{
	return dns_rr_cmp(a, b);
}

struct dns_rr *dns_text_section(struct buf *section, bool is_sorted, size_t *ret_count)
{
	struct dns_rr *rr = (struct dns_rr *)section->data;
	size_t count = section->len / sizeof *rr, kept = 0;

	if (is_sorted && count)
		qsort(rr, count, sizeof *rr, by_order);
	for (size_t i = 0; i < count; i++) {
		if (is_sorted && kept && !dns_rr_cmp(&rr[kept - 1], &rr[i]))
			rr[kept - 1].ttl = MIN(rr[kept - 1].ttl, rr[i].ttl);
		else
			rr[kept++] = rr[i];
	}
	*ret_count = kept;
	return rr;
}

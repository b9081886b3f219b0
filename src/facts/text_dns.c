/* SPDX-License-Identifier: Apache-2.0 */
/* How are facts of the DNS read from text? */
#include "facts/text.h"

#include "base/encode.h"

enum { TTL = 3600, CHAIN_LINKS = 64, AXFR_KEPT = 5 };

enum section {
	SECTION_ANSWER,
	SECTION_CHAIN,
	SECTION_OTHER,
	SECTION_AUTHORITY,
	SECTION_ADDITIONAL,
	SECTIONS
};

static const struct str section_words[SECTIONS] = {
	[SECTION_ANSWER] = STR_INIT("answer"),         [SECTION_CHAIN] = STR_INIT("chain"),
	[SECTION_OTHER] = STR_INIT("other"),           [SECTION_AUTHORITY] = STR_INIT("authority"),
	[SECTION_ADDITIONAL] = STR_INIT("additional"),
};

/* An answer while its line is read. */
struct reader {
	struct fact_text *text;
	struct dns_answer answer;
	struct str name; /* of DATA: the question's, or where cname= leads */
	uint16_t type;   /* the question's */
	uint32_t flags;  /* of a dns_at question */
	uint64_t ttl;
	bool is_at, has_aa, has_rcode, has_option;
	struct dns_rr before; /* the record before this one in its section */
	struct buf sections[SECTIONS];
};

static int type_take(struct fact_text *text, uint16_t *ret)
{
	struct str word;

	TRY(fact_word_take(text, "a record type", &word));
	if (dns_type_parse(word, ret) < 0)
		return err_set(text->err, ERR_SYNTAX, "\"%.*s\": not a record type", STR(word));
	return 0;
}

int dns_question_read(struct fact_text *text, struct fact *fact)
{
	TRY(fact_name_take(text, &fact->question.dns.name));
	return type_take(text, &fact->question.dns.type);
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
	TRY(type_take(text, &question->type));
	while (flag_take(text, &question->flags))
		;
	return 0;
}

/* Words that set one bit of the answer. */
static const struct {
	struct str word;
	uint16_t offset;
	bool value;
} switches[] = {
#define SWITCH(word, member, value)                                                                \
	{                                                                                          \
		STR_INIT(word), offsetof(struct dns_answer, member), value                         \
	}
	SWITCH("secure", is_secure, true),
	SWITCH("aa", is_authoritative, true),
	SWITCH("no-aa", is_authoritative, false),
	SWITCH("tc", is_truncated, true),
	SWITCH("was-tc", was_truncated, true),
	SWITCH("ra", has_recursion, true),
	SWITCH("no-ra", has_recursion, false),
	SWITCH("udp", is_tcp, false),
	SWITCH("over-tcp", is_tcp, true),
	SWITCH("no-question", has_question, false),
	SWITCH("no-case", is_case_kept, false),
	SWITCH("no-opt", has_edns, false),
	SWITCH("opt", has_edns, true),
	SWITCH("other-source", saw_other_source, true),
#undef SWITCH
};

static bool switch_take(struct reader *r)
{
	for (size_t i = 0; i < ARRAY_COUNT(switches); i++) {
		if (!fact_word_skip(r->text, switches[i].word))
			continue;
		*((bool *)((char *)&r->answer + switches[i].offset)) = switches[i].value;
		if (switches[i].offset == offsetof(struct dns_answer, is_authoritative))
			r->has_aa = true;
		return true;
	}
	return false;
}

static int number_read(struct reader *r, struct str name, struct str value, uint64_t max,
		       uint64_t *ret)
{
	if (str_to_uint(value, max, ret) < 0)
		return err_set(r->text->err, ERR_SYNTAX, "%.*s=%.*s: not a number up to %llu",
			       STR(name), STR(value), (unsigned long long)max);
	return 0;
}

/* Options whose value is a number of the answer. */
static const struct {
	struct str name;
	uint16_t offset;
	uint8_t size;
} numbers[] = {
	{ STR_INIT("size"), offsetof(struct dns_answer, size_bytes), 2 },
	{ STR_INIT("edns-version"), offsetof(struct dns_answer, edns_version), 1 },
	{ STR_INIT("edns-size"), offsetof(struct dns_answer, edns_size), 2 },
	{ STR_INIT("edns-flags"), offsetof(struct dns_answer, edns_flags), 2 },
};

static int number_option_take(struct reader *r)
{
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		char *at = (char *)&r->answer + numbers[i].offset;
		struct str value;
		uint64_t number;
		int code = fact_option_take(r->text, numbers[i].name, &value);

		TRY(code);
		if (!code)
			continue;
		TRY(number_read(r, numbers[i].name, value,
				numbers[i].size == 1 ? UINT8_MAX : UINT16_MAX, &number));
		if (numbers[i].size == 1)
			*(uint8_t *)at = (uint8_t)number;
		else
			*(uint16_t *)at = (uint16_t)number;
		return 1;
	}
	return 0;
}

static void rr_put(struct reader *r, enum section section, const struct dns_rr *rr)
{
	buf_put(&r->sections[section], rr, sizeof *rr);
	r->before = *rr;
}

static int cname_read(struct reader *r, struct str value)
{
	struct dns_rr rr = {
		.owner = r->name, .type = DNS_CNAME, .klass = DNS_CLASS_IN, .ttl = (uint32_t)r->ttl
	};

	if (r->sections[SECTION_CHAIN].len / sizeof rr == CHAIN_LINKS)
		return err_set(r->text->err, ERR_LIMIT, "too many cname=");
	TRY(dns_rdata_parse(r->text->arena, &value, &rr, r->text->err));
	rr_put(r, SECTION_CHAIN, &rr);
	r->name = rr.name;
	return 0;
}

static int rcode_read(struct reader *r, struct str value)
{
	if (dns_rcode_parse(value, &r->answer.rcode) < 0)
		return err_set(r->text->err, ERR_SYNTAX, "\"%.*s\": not a response code",
			       STR(value));
	r->has_rcode = true;
	return 0;
}

static int cookie_read(struct reader *r, struct str value)
{
	struct buf octets;

	buf_init(&octets, r->text->arena);
	if (hex_read(&octets, value) < 0)
		return err_set(r->text->err, ERR_SYNTAX, "cookie=%.*s: not hexadecimal",
			       STR(value));
	r->answer.cookie = buf_str(&octets);
	return 0;
}

static int ede_read(struct reader *r, struct str value)
{
	uint64_t code;

	TRY(number_read(r, STR_LIT("ede"), value, UINT16_MAX - 1, &code));
	r->answer.ede_code_plus_one = (uint16_t)(code + 1);
	return 0;
}

static int ede_text_read(struct reader *r, struct str value)
{
	r->answer.ede_text = str_copy(r->text->arena, value);
	return 0;
}

static int nsid_read(struct reader *r, struct str value)
{
	r->answer.nsid = str_copy(r->text->arena, value);
	return 0;
}

static int ttl_read(struct reader *r, struct str value)
{
	return number_read(r, STR_LIT("ttl"), value, UINT32_MAX, &r->ttl);
}

static const struct {
	struct str name;
	int (*read)(struct reader *r, struct str value);
} options[] = {
	{ STR_INIT("ttl"), ttl_read },       { STR_INIT("cname"), cname_read },
	{ STR_INIT("rcode"), rcode_read },   { STR_INIT("ede"), ede_read },
	{ STR_INIT("nsid"), nsid_read },     { STR_INIT("ede-text"), ede_text_read },
	{ STR_INIT("cookie"), cookie_read },
};

static int from_take(struct fact_text *text, struct fact *fact)
{
	struct str value;
	int code = fact_option_take(text, STR_LIT("from"), &value);

	if (code > 0 && address_parse(value, &fact->from) < 0)
		return err_set(text->err, ERR_SYNTAX, "from=%.*s: not an IP address", STR(value));
	return code;
}

/* "name=value": 1, 0 or an error. */
static int option_take(struct reader *r, struct fact *fact)
{
	int code = from_take(r->text, fact);

	if (code)
		return code;
	for (size_t i = 0; i < ARRAY_COUNT(options); i++) {
		struct str value;

		code = fact_option_take(r->text, options[i].name, &value);
		TRY(code);
		if (!code)
			continue;
		TRY(options[i].read(r, value));
		r->has_option = true;
		return 1;
	}
	code = number_option_take(r);
	r->has_option |= code > 0;
	return code;
}

static int options_read(struct reader *r, struct fact *fact)
{
	for (;;) {
		struct str word = fact_word_peek(r->text);
		int code = option_take(r, fact);

		TRY(code);
		if (code)
			continue;
		if (!fact_is_answer(fact)) /* the rest is its detail */
			return 0;
		if (word.len && word.data[0] == '!') {
			(void)str_word(&r->text->rest, &word);
			TRY(rcode_read(r, str_from(word, 1)));
		} else if (!switch_take(r)) {
			return 0;
		}
	}
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

static int record_head_read(struct reader *r, struct dns_rr *rr)
{
	uint64_t ttl = r->ttl;
	struct str word;

	TRY(fact_name_take(r->text, &rr->owner));
	if (str_to_uint(fact_word_peek(r->text), UINT32_MAX, &ttl) == 0)
		TRY(fact_word_take(r->text, "a TTL", &word));
	(void)fact_word_skip(r->text, STR_LIT("IN"));
	rr->ttl = (uint32_t)ttl;
	return type_take(r->text, &rr->type);
}

static int record_read(struct reader *r, enum section section, bool is_first)
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
	rr_put(r, section, &rr);
	return 0;
}

static int data_read(struct reader *r)
{
	struct dns_rr rr = { .owner = r->name,
			     .type = r->type,
			     .klass = r->flags & DNS_QUERY_CHAOS ? DNS_CLASS_CH : DNS_CLASS_IN,
			     .ttl = (uint32_t)r->ttl };

	if (r->type == DNS_ANY)
		TRY(type_take(r->text, &rr.type));
	TRY(dns_rdata_parse(r->text->arena, &r->text->rest, &rr, r->text->err));
	rr_put(r, SECTION_ANSWER, &rr);
	return 0;
}

static int records_read(struct reader *r)
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
		TRY(section == SECTIONS ? data_read(r) : record_read(r, section, is_first));
		is_first = false;
	}
}

static int by_order(const void *a, const void *b)
{
	return dns_rr_cmp(a, b);
}

static struct dns_rr *rr_array(struct buf *section, bool is_sorted, size_t *ret_count)
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

static void settle_size(struct reader *r)
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
static void settle(struct reader *r)
{
	struct dns_answer *answer = &r->answer;
	bool is_referral;

	answer->rr = rr_array(&r->sections[SECTION_ANSWER], true, &answer->count);
	answer->chain = rr_array(&r->sections[SECTION_CHAIN], false, &answer->chain_count);
	answer->other = rr_array(&r->sections[SECTION_OTHER], true, &answer->other_count);
	answer->authority =
		rr_array(&r->sections[SECTION_AUTHORITY], true, &answer->authority_count);
	answer->additional =
		rr_array(&r->sections[SECTION_ADDITIONAL], true, &answer->additional_count);
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

static struct reader reader_begin(struct fact_text *text, const struct fact *fact)
{
	struct reader r = { .text = text, .ttl = TTL, .is_at = fact->question.kind == KIND_dns_at };

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
	struct reader r = reader_begin(text, fact);
	struct dns_answer *answer;

	TRY(options_read(&r, fact));
	if (!fact_is_answer(fact) && !r.has_option)
		return 0;
	if (fact_is_answer(fact))
		TRY(records_read(&r));
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

static int axfr_option_take(struct reader *r, struct fact *fact, uint64_t *record_count)
{
	struct str value;
	int code = from_take(r->text, fact);

	if (code)
		return code;
	code = fact_option_take(r->text, STR_LIT("rcode"), &value);
	if (code)
		return code < 0 ? code : rcode_read(r, value) < 0 ? ERR_SYNTAX : 1;
	code = fact_option_take(r->text, STR_LIT("records"), &value);
	if (code > 0)
		TRY(number_read(r, STR_LIT("records"), value, UINT32_MAX, record_count));
	return code;
}

int axfr_answer_read(struct fact_text *text, struct fact *fact)
{
	struct reader r = { .text = text, .ttl = TTL };
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
		TRY(record_read(&r, SECTION_ANSWER, is_first));
		is_first = false;
		while (fact_word_skip(text, STR_LIT("|")))
			;
	}
	answer = ARENA_NEW(text->arena, struct axfr_answer);
	answer->rcode = r.answer.rcode;
	answer->rr = rr_array(&r.sections[SECTION_ANSWER], false, &answer->count);
	answer->record_count = (uint32_t)MAX(record_count, answer->count);
	answer->is_transferred = answer->record_count >= 2;
	answer->count = MIN(answer->count, (size_t)AXFR_KEPT);
	fact->axfr = answer;
	return 0;
}

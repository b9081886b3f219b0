/* SPDX-License-Identifier: Apache-2.0 */
/* Which options does the text of an answer have? */
#include "base/encode.h"
#include "facts/text_dns.h"

enum { CHAIN_LINKS = 64 };

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
	SWITCH("echoes-option", echoes_option, true),
#undef SWITCH
};

static bool switch_take(struct dns_text *r)
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

int dns_text_number(struct dns_text *r, struct str name, struct str value, uint64_t max,
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

static int number_option_take(struct dns_text *r)
{
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		char *at = (char *)&r->answer + numbers[i].offset;
		struct str value;
		uint64_t number;
		int code = fact_option_take(r->text, numbers[i].name, &value);

		TRY(code);
		if (!code)
			continue;
		TRY(dns_text_number(r, numbers[i].name, value,
				    numbers[i].size == 1 ? UINT8_MAX : UINT16_MAX, &number));
		if (numbers[i].size == 1)
			*(uint8_t *)at = (uint8_t)number;
		else
			*(uint16_t *)at = (uint16_t)number;
		return 1;
	}
	return 0;
}

static int cname_read(struct dns_text *r, struct str value)
{
	struct dns_rr rr = {
		.owner = r->name, .type = DNS_CNAME, .klass = DNS_CLASS_IN, .ttl = (uint32_t)r->ttl
	};

	if (r->sections[SECTION_CHAIN].len / sizeof rr == CHAIN_LINKS)
		return err_set(r->text->err, ERR_LIMIT, "too many cname=");
	TRY(dns_rdata_parse(r->text->arena, &value, &rr, r->text->err));
	dns_text_put(r, SECTION_CHAIN, &rr);
	r->name = rr.name;
	return 0;
}

int dns_text_rcode(struct dns_text *r, struct str value)
{
	if (dns_rcode_parse(value, &r->answer.rcode) < 0)
		return err_set(r->text->err, ERR_SYNTAX, "\"%.*s\": not a response code",
			       STR(value));
	r->has_rcode = true;
	return 0;
}

static int cookie_read(struct dns_text *r, struct str value)
{
	struct buf octets;

	buf_init(&octets, r->text->arena);
	if (hex_read(&octets, value) < 0)
		return err_set(r->text->err, ERR_SYNTAX, "cookie=%.*s: not hexadecimal",
			       STR(value));
	r->answer.cookie = buf_str(&octets);
	return 0;
}

static int ede_read(struct dns_text *r, struct str value)
{
	uint64_t code;

	TRY(dns_text_number(r, STR_LIT("ede"), value, UINT16_MAX - 1, &code));
	r->answer.ede_code_plus_one = (uint16_t)(code + 1);
	return 0;
}

static int ede_text_read(struct dns_text *r, struct str value)
{
	r->answer.ede_text = str_copy(r->text->arena, value);
	return 0;
}

static int nsid_read(struct dns_text *r, struct str value)
{
	r->answer.nsid = str_copy(r->text->arena, value);
	return 0;
}

static int ttl_read(struct dns_text *r, struct str value)
{
	return dns_text_number(r, STR_LIT("ttl"), value, UINT32_MAX, &r->ttl);
}

static const struct {
	struct str name;
	int (*read)(struct dns_text *r, struct str value);
} options[] = {
	{ STR_INIT("ttl"), ttl_read },         { STR_INIT("cname"), cname_read },
	{ STR_INIT("rcode"), dns_text_rcode }, { STR_INIT("ede"), ede_read },
	{ STR_INIT("nsid"), nsid_read },       { STR_INIT("ede-text"), ede_text_read },
	{ STR_INIT("cookie"), cookie_read },
};

int dns_text_from(struct fact_text *text, struct fact *fact)
{
	struct str value;
	int code = fact_option_take(text, STR_LIT("from"), &value);

	if (code > 0 && address_parse(value, &fact->from) < 0)
		return err_set(text->err, ERR_SYNTAX, "from=%.*s: not an IP address", STR(value));
	return code;
}

/* "name=value": 1, 0 or an error. */
static int option_take(struct dns_text *r, struct fact *fact)
{
	int code = dns_text_from(r->text, fact);

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

int dns_text_options(struct dns_text *r, struct fact *fact)
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
			TRY(dns_text_rcode(r, str_from(word, 1)));
		} else if (!switch_take(r)) {
			return 0;
		}
	}
}

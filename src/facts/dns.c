/* SPDX-License-Identifier: Apache-2.0 */
/* How are questions to the DNS saved and shown? */
#include "facts/dns.h"

#include "base/desc.h"

static const char *const flag_words[] = { "rd",      "ad",       "cd",    "do",       "no-edns",
					  "cookie",  "nsid",     "edns1", "edns-opt", "edns-flag",
					  "edns512", "opcode15", "chaos", "tcp",      "no-tcp" };

const char *dns_query_flag_word(unsigned bit)
{
	return bit < ARRAY_COUNT(flag_words) ? flag_words[bit] : NULL;
}

static void put_type(struct buf *out, uint64_t value)
{
	struct arena scratch = { 0 };

	buf_put_str(out, dns_type_text(&scratch, (uint16_t)value));
	arena_release(&scratch);
}

static void put_rcode(struct buf *out, uint64_t value)
{
	struct arena scratch = { 0 };

	buf_put_str(out, dns_rcode_text(&scratch, (uint16_t)value));
	arena_release(&scratch);
}

static void put_flags(struct buf *out, uint64_t value)
{
	bool is_first = true;

	for (unsigned bit = 0; bit < ARRAY_COUNT(flag_words); bit++) {
		if (!(value >> bit & 1))
			continue;
		if (!is_first)
			buf_put_char(out, ' ');
		is_first = false;
		buf_put_str(out, str_of(flag_words[bit]));
	}
}

static const struct desc_field dns_fields[] = {
	DESC_FIELD(1, DESC_STR, struct dns_question, name),
	DESC_FIELD(2, DESC_UINT, struct dns_question, type, .words = put_type),
};
const struct desc dns_question_desc = DESC(dns_question, dns_fields);

static const struct desc_field dns_at_fields[] = {
	DESC_FIELD(1, DESC_ADDRESS, struct dns_at_question, server),
	DESC_FIELD(2, DESC_STR, struct dns_at_question, name),
	DESC_FIELD(3, DESC_UINT, struct dns_at_question, type, .words = put_type),
	DESC_FIELD(4, DESC_UINT, struct dns_at_question, flags, .flags = DESC_OPTIONAL,
		   .words = put_flags),
};
const struct desc dns_at_question_desc = DESC(dns_at_question, dns_at_fields);

static const struct desc_field axfr_question_fields[] = {
	DESC_FIELD(1, DESC_ADDRESS, struct axfr_question, server),
	DESC_FIELD(2, DESC_STR, struct axfr_question, zone),
};
const struct desc axfr_question_desc = DESC(axfr_question, axfr_question_fields);

static const struct desc_field axfr_fields[] = {
	DESC_FIELD(1, DESC_UINT, struct axfr_answer, rcode, .words = put_rcode),
	DESC_NAMED(2, DESC_BOOL, struct axfr_answer, is_transferred, "transferred"),
	DESC_FIELD(3, DESC_UINT, struct axfr_answer, record_count),
	DESC_NAMED_ARRAY(4, DESC_CUSTOM, struct axfr_answer, rr, count, "records",
			 .custom = &dns_rr_custom),
};
const struct desc axfr_answer_desc = DESC(axfr_answer, axfr_fields);

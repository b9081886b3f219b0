/* SPDX-License-Identifier: Apache-2.0 */
/* How is an answer saved and shown? */
#include "formats/dns/message.h"

#include "base/desc.h"

static void put_rcode(struct buf *out, uint64_t value)
{
	struct arena scratch = { 0 };

	buf_put_str(out, dns_rcode_text(&scratch, (uint16_t)value));
	arena_release(&scratch);
}

static void put_extended_error(struct buf *out, uint64_t code_plus_one)
{
	if (code_plus_one)
		buf_put_uint(out, code_plus_one - 1);
}

#define ANSWER(N, TYPE, M, NAME, ...) DESC_NAMED(N, TYPE, struct dns_answer, M, NAME, __VA_ARGS__)
#define RECORDS(N, M, C, NAME, ...)                                                                \
	DESC_NAMED_ARRAY(N, DESC_CUSTOM, struct dns_answer, M, C, NAME, .custom = &dns_rr_custom,  \
			 __VA_ARGS__)

/* What rotates or depends on the road, not on the zone, is volatile: which of several servers
 * answered, cookies, sizes, UDP or TCP. */
static const struct desc_field fields[] = {
	ANSWER(1, DESC_UINT, rcode, "rcode", .words = put_rcode),
	ANSWER(2, DESC_BOOL, is_authoritative, "authoritative", .flags = DESC_OPTIONAL),
	ANSWER(3, DESC_BOOL, is_truncated, "truncated", .flags = DESC_OPTIONAL),
	ANSWER(4, DESC_BOOL, has_recursion, "recursion", .flags = DESC_OPTIONAL),
	ANSWER(5, DESC_BOOL, is_secure, "secure"),
	ANSWER(6, DESC_BOOL, is_case_kept, "case_kept", .flags = DESC_HIDDEN),
	ANSWER(7, DESC_BOOL, has_question, "question_kept", .flags = DESC_HIDDEN),
	RECORDS(8, rr, count, "records"),
	RECORDS(9, chain, chain_count, "chain", .flags = DESC_OPTIONAL),
	RECORDS(10, other, other_count, "other", .flags = DESC_OPTIONAL),
	RECORDS(11, authority, authority_count, "authority", .flags = DESC_OPTIONAL),
	RECORDS(12, additional, additional_count, "additional", .flags = DESC_OPTIONAL),
	ANSWER(13, DESC_BOOL, has_edns, "edns", .flags = DESC_OPTIONAL),
	ANSWER(14, DESC_UINT, edns_version, "edns_version"),
	ANSWER(15, DESC_UINT, edns_size, "edns_size"),
	ANSWER(16, DESC_UINT, edns_flags, "edns_flags"),
	ANSWER(17, DESC_BYTES, cookie, "cookie", .flags = DESC_VOLATILE),
	ANSWER(18, DESC_BYTES, nsid, "nsid", .flags = DESC_VOLATILE),
	ANSWER(19, DESC_UINT, ede_code_plus_one, "extended_error", .flags = DESC_OPTIONAL,
	       .words = put_extended_error),
	ANSWER(20, DESC_STR, ede_text, "extended_error_text"),
	ANSWER(21, DESC_UINT, size_bytes, "size", .flags = DESC_VOLATILE),
	ANSWER(22, DESC_BOOL, is_tcp, "tcp", .flags = DESC_OPTIONAL | DESC_VOLATILE),
	ANSWER(23, DESC_BOOL, was_truncated, "was_truncated", .flags = DESC_OPTIONAL),
	ANSWER(24, DESC_BOOL, saw_other_source, "saw_other_source", .flags = DESC_OPTIONAL),
	ANSWER(25, DESC_BOOL, echoes_option, "echoes_option", .flags = DESC_OPTIONAL),
};

const struct desc dns_answer_desc = DESC(dns_answer, fields);

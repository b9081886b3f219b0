/* SPDX-License-Identifier: Apache-2.0 */
/* How is an answer saved and shown? */
#include "formats/dns/message.h"

static const char *const rcodes[] = {
	"NOERROR", "FORMERR",  "SERVFAIL",  "NXDOMAIN", "NOTIMP",    "REFUSED", "YXDOMAIN",
	"YXRRSET", "NXRRSET",  "NOTAUTH",   "NOTZONE",  "DSOTYPENI", "RCODE12", "RCODE13",
	"RCODE14", "RCODE15",  "BADVERS",   "BADKEY",   "BADTIME",   "BADMODE", "BADNAME",
	"BADALG",  "BADTRUNC", "BADCOOKIE", NULL,
};

#define ANSWER(N, TYPE, M, ...) DESC_FIELD(N, TYPE, struct dns_answer, M, __VA_ARGS__)
#define RECORDS(N, M, C)                                                                           \
	DESC_ARRAY(N, DESC_CUSTOM, struct dns_answer, M, C, .custom = &dns_rr_custom)

static const struct desc_field fields[] = {
	ANSWER(1, DESC_ENUM, rcode, .names = rcodes),
	ANSWER(2, DESC_BOOL, is_authoritative),
	ANSWER(3, DESC_BOOL, is_truncated),
	ANSWER(4, DESC_BOOL, has_recursion),
	ANSWER(5, DESC_BOOL, is_secure),
	ANSWER(6, DESC_BOOL, is_case_kept),
	ANSWER(7, DESC_BOOL, has_question),
	RECORDS(8, rr, count),
	RECORDS(9, chain, chain_count),
	RECORDS(10, other, other_count),
	RECORDS(11, authority, authority_count),
	RECORDS(12, additional, additional_count),
	ANSWER(13, DESC_BOOL, has_edns),
	ANSWER(14, DESC_UINT, edns_version),
	ANSWER(15, DESC_UINT, edns_size),
	ANSWER(16, DESC_UINT, edns_flags),
	ANSWER(17, DESC_BYTES, cookie, .flags = DESC_VOLATILE),
	ANSWER(18, DESC_BYTES, nsid),
	ANSWER(19, DESC_UINT, ede_code_plus_one),
	ANSWER(20, DESC_STR, ede_text),
	ANSWER(21, DESC_UINT, size_bytes, .flags = DESC_VOLATILE),
	ANSWER(22, DESC_BOOL, is_tcp),
};

const struct desc dns_answer_desc = { .name = "dns_answer",
				      .size = sizeof(struct dns_answer),
				      .field_count = ARRAY_COUNT(fields),
				      .fields = fields };

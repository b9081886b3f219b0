/* SPDX-License-Identifier: Apache-2.0 */
/* How are questions to registries saved and shown? */
#include "facts/registry.h"

#include "base/desc.h"

static void put_flags(struct buf *out, uint64_t value)
{
	if (value & RDAP_AS_NAMESERVER)
		buf_put_lit(out, "nameserver");
}

static const struct desc_field rdap_fields[] = {
	DESC_FIELD(1, DESC_STR, struct rdap_question, name),
	DESC_FIELD(2, DESC_UINT, struct rdap_question, flags, .flags = DESC_OPTIONAL,
		   .words = put_flags),
};
const struct desc rdap_question_desc = DESC(rdap_question, rdap_fields);

static const struct desc_field whois_fields[] = {
	DESC_FIELD(1, DESC_STR, struct whois_question, name),
	DESC_FIELD(2, DESC_STR, struct whois_question, server, .flags = DESC_OPTIONAL),
};
const struct desc whois_question_desc = DESC(whois_question, whois_fields);

#define LIST(N, M, C) DESC_ARRAY(N, DESC_STR, struct registration, M, C, .flags = DESC_OPTIONAL)
#define TEXT(N, M) DESC_FIELD(N, DESC_STR, struct registration, M)
static const struct desc_field registration_fields[] = {
	DESC_NAMED(1, DESC_BOOL, struct registration, is_found, "found"),
	TEXT(2, object),
	TEXT(3, handle),
	TEXT(4, holder),
	TEXT(5, country),
	TEXT(6, registrar),
	TEXT(7, registrar_id),
	TEXT(8, abuse_email),
	TEXT(9, abuse_phone),
	DESC_NAMED(10, DESC_TIME, struct registration, created_us, "created"),
	DESC_NAMED(11, DESC_TIME, struct registration, changed_us, "changed"),
	DESC_NAMED(12, DESC_TIME, struct registration, expires_us, "expires"),
	LIST(13, status, status_count),
	LIST(14, name_servers, name_server_count),
	DESC_FIELD(15, DESC_BOOL, struct registration, says_signed, .flags = DESC_HIDDEN),
	DESC_NAMED(16, DESC_BOOL, struct registration, is_signed, "signed", .flags = DESC_OPTIONAL),
	LIST(17, ds, ds_count),
	LIST(18, redacted, redacted_count),
	TEXT(19, referral),
};
const struct desc registration_desc = DESC(registration, registration_fields);

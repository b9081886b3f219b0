/* SPDX-License-Identifier: Apache-2.0 */
/* Which facts of a scan is the next one told? */
#include "facts/compared.h"

#include "base/desc.h"

static bool is_policy(const struct http_question *question)
{
	return str_starts(question->url, STR_LIT("https://mta-sts.")) &&
	       str_find(question->url, STR_LIT("/.well-known/mta-sts.txt")) >= 0;
}

static bool is_compared(const struct question *question)
{
	switch (question->kind) {
	case KIND_dns:
		return question->dns.type == DNS_TXT &&
		       str_starts(question->dns.name, STR_LIT("_mta-sts."));
	case KIND_http:
		return is_policy(&question->http);
	case KIND_rdap:
		return !question->rdap.flags;
	case KIND_whois:
	case KIND_tool:
	case KIND_api:
		return true;
	default:
		return false;
	}
}

bool fact_is_compared(struct str encoded)
{
	struct arena a = { 0 };
	struct question question;
	uint64_t tag, len;
	bool is = false;

	if (fact_encoded_kind(encoded) && varint_take(&encoded, &tag) == 0 &&
	    varint_take(&encoded, &len) == 0 && len <= encoded.len &&
	    question_from_key(&a, str_first(encoded, (size_t)len), &question) == 0)
		is = is_compared(&question);
	arena_release(&a);
	return is;
}

size_t facts_compared(struct str *encoded, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (fact_is_compared(encoded[i]))
			encoded[kept++] = encoded[i];
	return kept;
}

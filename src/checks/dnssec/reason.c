/* SPDX-License-Identifier: Apache-2.0 */
/* Why does validation of an RRset fail, by the validating resolver's word? RFC 8914. */
#include "checks/dnssec/reason.h"

/* What Unbound writes; what is not told here is REASON_OTHER. */
static const struct {
	struct str text;
	enum reason reason;
} texts[] = {
	{ STR_INIT("signature crypto failed"), REASON_SIGNATURE },
	{ STR_INIT("DS hash mismatches key"), REASON_DIGEST },
	{ STR_INIT("no signatures"), REASON_UNSIGNED },
	{ STR_INIT("signature expired"), REASON_EXPIRED },
	{ STR_INIT("signature before inception date"), REASON_FUTURE },
};

enum reason bogus_reason(struct judge *j, struct str name, uint16_t type,
			 const struct fact **ret_fact)
{
	const struct fact *fact = try_dns(j, name, type);

	*ret_fact = fact;
	if (!fact)
		return REASON_NOT_KNOWN;
	if (fact_is_answer(fact))
		return fact->dns->is_secure ? REASON_SECURE : REASON_INSECURE;
	if (fact->failure != FAILURE_BOGUS)
		return REASON_FAILED;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		if (str_find_nocase(fact->detail, texts[i].text) >= 0)
			return texts[i].reason;
	return str_find(fact->detail, STR_LIT(": ")) < 0 ? REASON_UNTOLD : REASON_OTHER;
}

bool bogus_is_key(const struct fact *fact)
{
	return str_find_nocase(fact->detail, STR_LIT("building chain of trust")) >= 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How does a server deny what does not exist? RFC 4035 section 3.1.3. */
#include "checks/dnssec/denial.h"

enum { AUTHORITY = 32 };

static const struct dns_answer *own(const struct dns_answer *answer)
{
	return answer && dns_is_own_data(answer) ? answer : NULL;
}

void denial_ask_name(struct judge *j, const struct dnskey_view *view, struct str apex,
		     struct denial *ret)
{
	*ret = (struct denial){
		.view = view,
		.apex = apex,
		.name = dns_name_child(j->arena, STR_LIT(DENIAL_LABEL), apex),
	};
	ret->nobody = own(ask_dns_at(j, view->server->address, ret->name, DNS_A, DNS_QUERY_DO));
}

void denial_ask_type(struct judge *j, struct denial *denial)
{
	denial->nodata = own(ask_dns_at(j, denial->view->server->address, denial->apex, DENIAL_TYPE,
					DNS_QUERY_DO));
}

bool denial_is(const struct dns_answer *answer, const struct dns_rr *rr, uint16_t type)
{
	if (rr->type != type || rr->is_malformed)
		return false;
	for (size_t i = 0; i < answer->authority_count && i < AUTHORITY; i++)
		if (dns_is_signature(&answer->authority[i], rr->owner, type))
			return true;
	return false;
}

bool denial_has(const struct dns_answer *answer, uint16_t type)
{
	for (size_t i = 0; i < answer->authority_count && i < AUTHORITY; i++)
		if (denial_is(answer, &answer->authority[i], type))
			return true;
	return false;
}

static bool has_rrsig(const struct dns_rr *rr, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (rr[i].type == DNS_RRSIG)
			return true;
	return false;
}

bool denial_is_due(const struct dns_answer *answer)
{
	return has_rrsig(answer->other, answer->other_count) ||
	       has_rrsig(answer->authority, answer->authority_count);
}

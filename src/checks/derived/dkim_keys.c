/* SPDX-License-Identifier: Apache-2.0 */
/* At which selectors does a domain have DKIM keys? RFC 6376 section 3.6.2. */
#include "checks/derived/dkim_keys.h"

#include "formats/mail/dkim.h"
#include "formats/mail/dkim_selectors.h"

bool dkim_is_key_like(struct str text)
{
	text = str_trim(text);
	return str_starts_nocase(text, STR_LIT("v=DKIM1")) || str_starts(text, STR_LIT("p=")) ||
	       (str_starts(text, STR_LIT("k=")) && str_find(text, STR_LIT("p=")) > 0);
}

static bool is_revoked(struct judge *j, const struct dns_answer *answer)
{
	struct dkim_key key;

	return dkim_select(j->arena, answer, &key, NULL) == 0 && key.is_revoked;
}

static void look_at(struct judge *j, struct dkim_keys *ret, struct str selector, bool is_given)
{
	struct str keys = dns_name_child(j->arena, STR_LIT("_domainkey"), j->domain);
	struct dkim_selector found = { .name = dns_name_child(j->arena, selector, keys),
				       .is_given = is_given };

	found.answer = ask_dns(j, found.name, DNS_TXT);
	ret->is_partial |= !found.answer;
	if (!found.answer)
		return;
	found.is_dangling = found.answer->chain_count && dns_is_nxdomain(found.answer);
	for (size_t i = 0; i < found.answer->count; i++)
		found.has_key |= dkim_is_key_like(found.answer->rr[i].txt.text);
	if (!found.has_key && !found.is_dangling && !is_given)
		return;
	ret->found[ret->count++] = found;
	ret->keys += found.has_key;
	ret->usable += found.has_key && !is_revoked(j, found.answer);
}

static bool is_given(const struct scan_request *request, struct str selector)
{
	for (size_t i = 0; i < request->dkim_selector_count; i++)
		if (str_eq(request->dkim_selectors[i], selector))
			return true;
	return false;
}

const void *derived_dkim_keys(struct judge *j)
{
	struct str keys = dns_name_child(j->arena, STR_LIT("_domainkey"), j->domain);
	const struct scan_request *request = j->request;
	struct dkim_keys *ret = ARENA_NEW(j->arena, struct dkim_keys);
	const struct dns_answer *above = ask_dns(j, keys, DNS_TXT);
	size_t usual_count;
	const struct str *usual = dkim_selectors(&usual_count);

	if (!above)
		return NULL;
	ret->is_certainly_none = dns_is_nxdomain(above) && !above->chain_count;
	if (ret->is_certainly_none && !request->dkim_selector_count)
		return ret;
	ret->found = arena_array(j->arena, request->dkim_selector_count + usual_count,
				 sizeof *ret->found);
	for (size_t i = 0; i < request->dkim_selector_count; i++)
		look_at(j, ret, request->dkim_selectors[i], true);
	for (size_t i = 0; i < usual_count && !ret->is_certainly_none; i++)
		if (!is_given(request, usual[i]))
			look_at(j, ret, usual[i], false);
	ret->is_certainly_none &= !ret->keys;
	return ret;
}

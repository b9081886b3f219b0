/* SPDX-License-Identifier: Apache-2.0 */
/* Which hosts take the mail of a domain? RFC 5321 section 5.1. */
#include "checks/derived/mail_hosts.h"

static void add_addresses(struct judge *j, struct mail_host *host)
{
	const struct dns_answer *answers[2] = { ask_dns(j, host->name, DNS_A),
						ask_dns(j, host->name, DNS_AAAA) };

	host->addresses = arena_array(j->arena, MAIL_HOST_ADDRESSES, sizeof *host->addresses);
	for (size_t t = 0; t < 2; t++) {
		host->has_failed |= !answers[t];
		host->is_alias |= answers[t] && answers[t]->chain_count;
		for (size_t i = 0; answers[t] && i < answers[t]->count; i++)
			if (host->address_count < MAIL_HOST_ADDRESSES)
				host->addresses[host->address_count++] = answers[t]->rr[i].address;
	}
}

/* A chain that leads nowhere fails for every type but CNAME itself. */
static void find_alias(struct judge *j, struct mail_host *host)
{
	const struct dns_answer *cname;

	if (!host->has_failed || host->is_alias || j->is_pending)
		return;
	cname = ask_dns(j, host->name, DNS_CNAME);
	host->is_alias = cname && cname->count;
}

static int by_preference(const void *a, const void *b)
{
	const struct mail_host *x = a, *y = b;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return str_cmp(x->name, y->name);
}

const void *derived_mail_hosts(struct judge *j)
{
	struct mail_hosts *ret = ARENA_NEW(j->arena, struct mail_hosts);
	const struct dns_answer *mx = ask_dns(j, j->domain, DNS_MX);

	if (!mx)
		return NULL;
	ret->mx = mx;
	ret->hosts =
		arena_array(j->arena, MIN(mx->count + 1, (size_t)MAIL_HOSTS), sizeof *ret->hosts);
	for (size_t i = 0; i < mx->count; i++) {
		const struct dns_rr *rr = &mx->rr[i];

		if (str_eq(rr->mx.host, STR_LIT("."))) /* RFC 7505 section 3 */
			ret->is_null_mx = true;
		else if (!rr->is_malformed && ret->count < MAIL_HOSTS)
			ret->hosts[ret->count++] = (struct mail_host){
				.name = rr->mx.host,
				.preference = rr->mx.preference,
			};
	}
	if (!mx->count) {
		ret->hosts[0] = (struct mail_host){ .name = j->domain };
		add_addresses(j, &ret->hosts[0]);
		ret->is_implicit = ret->hosts[0].address_count || ret->hosts[0].has_failed;
		ret->count = ret->is_implicit;
		return ret;
	}
	qsort(ret->hosts, ret->count, sizeof *ret->hosts, by_preference);
	for (size_t i = 0; i < ret->count; i++)
		add_addresses(j, &ret->hosts[i]);
	for (size_t i = 0; i < ret->count; i++)
		find_alias(j, &ret->hosts[i]);
	return ret;
}

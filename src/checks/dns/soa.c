/* SPDX-License-Identifier: Apache-2.0 */
/* Does the zone's SOA record make sense? RFC 1035 section 3.3.13, RFC 1912 section 2.2. */
#include "checks/derived/responders.h"

enum { SINGLE, MNAME, RNAME, TIMERS, NEGATIVE_TTL };

enum { HOUR = 3600, DAY = 86400, WEEK = 7 * DAY };

/* clang-format off */
static const struct check checks[] = {
	[SINGLE] = {
		.id = "dns.soa.single",
		.severity = SEVERITY_HIGH,
		.title = "The zone has exactly one SOA record",
		.source = "RFC 1035 section 5.2",
		.why = "Secondaries and resolvers cannot tell which of several is meant.",
		.how = "Each server is asked for the SOA records of the zone.",
		.fix = { { "zone", "Keep one SOA record at the apex." } },
	},
	[MNAME] = {
		.id = "dns.soa.mname",
		.severity = SEVERITY_LOW,
		.title = "The primary server named in the SOA is a host",
		.source = "RFC 2181 section 7.3; RFC 1035 section 3.3.13",
		.why = "Dynamic updates and NOTIFY go to that name.",
		.how = "MNAME must be a host name with an address and no alias.",
		.fix = { { "zone", "Put the primary server's host name there." } },
	},
	[RNAME] = {
		.id = "dns.soa.rname",
		.severity = SEVERITY_LOW,
		.title = "The mailbox in the SOA can work",
		.source = "RFC 1035 section 8; RFC 1912 section 2.2; RFC 2142 section 7",
		.why = "Who finds a fault in the zone writes there.",
		.how = "RNAME must be a mailbox written with a dot for the @, in a domain with MX or address records.",
		.fix = { { "zone", "hostmaster.example.com. (and read that mailbox)" } },
	},
	[TIMERS] = {
		.id = "dns.soa.timers",
		.severity = SEVERITY_LOW,
		.title = "Refresh, retry and expire fit together",
		.source = "RFC 1912 section 2.2",
		.why = "Secondaries ask too often, notice changes too late, or give the zone up during a long weekend.",
		.how = "Refresh must be longer than retry and at least 20 minutes, retry at least 2 minutes, expire longer than both together and at least a week.",
		.fix = { { "zone", "7200 900 1209600 (refresh, retry, expire)" } },
	},
	[NEGATIVE_TTL] = {
		.id = "dns.soa.negative-ttl",
		.severity = SEVERITY_LOW,
		.title = "Answers that a name does not exist are cached for a day at most",
		.source = "RFC 2308 section 5",
		.why = "A name that is added stays invisible for as long as its absence is cached.",
		.how = "The SOA's minimum field is compared with one day.",
		.fix = { { "zone", "3600" } },
	},
};
/* clang-format on */

static bool has_address(struct judge *j, struct str host, bool *ret_is_known, bool *ret_is_alias)
{
	const struct dns_answer *a = ask_dns(j, host, DNS_A), *aaaa = ask_dns(j, host, DNS_AAAA);

	*ret_is_alias = (a && a->chain_count) || (aaaa && aaaa->chain_count);
	*ret_is_known = a && aaaa;
	return (a && a->count) || (aaaa && aaaa->count);
}

static void judge_mname(struct judge *j, struct str mname)
{
	bool is_known, is_alias, is_found;

	if (!dns_name_is_hostname(mname)) {
		fail(j, MNAME, mname, "MNAME \"%.*s\" is no host name", STR(mname));
		return;
	}
	about(j, MNAME);
	is_found = has_address(j, mname, &is_known, &is_alias);
	about_all(j);
	if (is_known || (is_found && is_alias))
		expect(j, MNAME, mname, is_found && !is_alias, "MNAME %.*s %s", STR(mname),
		       is_alias ? "is an alias" : "has no address");
}

/* The first label is the local part; a backslash keeps a dot in it. */
static void judge_rname(struct judge *j, struct str rname)
{
	struct str domain = dns_name_parent(rname);
	const struct dns_answer *mx;
	bool is_known = true, is_alias, is_found;

	if (!domain.len || str_eq(domain, STR_LIT(".")) || str_find_char(rname, '@') >= 0) {
		fail(j, RNAME, rname, "RNAME \"%.*s\" is no mailbox", STR(rname));
		return;
	}
	about(j, RNAME);
	mx = ask_dns(j, domain, DNS_MX);
	is_found = mx && mx->count && !str_eq(mx->rr[0].mx.host, STR_LIT("."));
	if (mx && !mx->count)
		is_found = has_address(j, domain, &is_known, &is_alias);
	about_all(j);
	if (mx && (is_known || is_found))
		expect(j, RNAME, rname, is_found, "%.*s takes no mail, but RNAME is %.*s",
		       STR(domain), STR(rname));
}

static void judge_timers(struct judge *j, const struct dns_rr *rr)
{
	uint32_t refresh = rr->soa.refresh, retry = rr->soa.retry, expire = rr->soa.expire;

	expect(j, TIMERS, STR_NONE,
	       refresh > retry && refresh >= HOUR / 3 && refresh <= 2 * DAY && retry >= 120 &&
		       expire >= WEEK && expire > (uint64_t)refresh + retry,
	       "refresh %u, retry %u, expire %u", refresh, retry, expire);
	expect(j, NEGATIVE_TTL, STR_NONE, rr->soa.minimum <= DAY, "minimum is %u seconds",
	       rr->soa.minimum);
}

static void judge_count(struct judge *j, struct str zone, const struct responder *server)
{
	const struct dns_answer *answer;

	if (server->is_silent)
		return;
	answer = ask_dns_at(j, server->address, zone, DNS_SOA, 0);
	if (answer && answer->is_authoritative && answer->rcode == DNS_NOERROR)
		expect(j, SINGLE, server->name, answer->count == 1, "%.*s gives %zu SOA records",
		       STR(server->name), answer->count);
}

static void judge(struct judge *j)
{
	const struct zone *zone = derive_zone(j, j->domain);
	const struct responders *responders;
	const struct dns_answer *soa;

	if (!zone || zone->is_missing)
		return;
	about(j, SINGLE);
	responders = derive_responders(j, zone->apex);
	for (size_t i = 0; responders && i < responders->count; i++)
		judge_count(j, zone->apex, &responders->servers[i]);
	about(j, MNAME, RNAME, TIMERS, NEGATIVE_TTL);
	soa = ask_dns(j, zone->apex, DNS_SOA);
	about_all(j);
	if (!soa || soa->chain_count || !soa->count || soa->rr[0].is_malformed)
		return;
	judge_timers(j, &soa->rr[0]);
	judge_mname(j, soa->rr[0].soa.mname);
	cite(j, soa);
	judge_rname(j, soa->rr[0].soa.rname);
}

const struct family family_dns_soa = FAMILY("dns.soa", checks, judge);

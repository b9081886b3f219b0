/* SPDX-License-Identifier: Apache-2.0 */
/* Is what the zone holds well-formed? RFC 1034 section 3.6.2, RFC 2181, RFC 2308, RFC 8020. */
#include "checks/derived/responders.h"

enum { CNAME_OTHER_DATA, CNAME_LOOP, DNAME, WILDCARD, RRSET_TTL, ENT, NEGATIVE_SOA };

enum { CHAIN_LINKS = 8, TYPE_UNKNOWN = 65280 };

/* clang-format off */
static const struct check checks[] = {
	[CNAME_OTHER_DATA] = {
		.id = "dns.zone.cname-other-data",
		.severity = SEVERITY_HIGH,
		.title = "No alias at the apex, nor beside other records",
		.source = "RFC 2181 section 10.1; RFC 1034 section 3.6.2",
		.why = "Resolvers follow the alias and lose the other records: mail, SPF or the zone itself.",
		.how = "Each server is asked for a CNAME at the apex and at www, and for A, AAAA, MX and TXT records beside it.",
		.fix = { { "zone", "Use A and AAAA records at the apex, or a provider's ALIAS that publishes them." } },
	},
	[CNAME_LOOP] = {
		.id = "dns.zone.cname-loop",
		.severity = SEVERITY_HIGH,
		.title = "Chains of aliases end, within 8 links",
		.source = "RFC 1034 section 3.6.2",
		.why = "Resolvers give up: the name has no address.",
		.how = "The CNAME records from the domain and from www onwards are followed one by one.",
		.fix = { { "zone", "Let the first alias name the last target." } },
	},
	[DNAME] = {
		.id = "dns.zone.dname",
		.severity = SEVERITY_LOW,
		.title = "Nothing exists below a DNAME",
		.source = "RFC 6672 section 2.4",
		.why = "Servers answer from below or through the DNAME, as they like.",
		.how = "Where the apex has a DNAME, each server is asked for www: the answer must come through it.",
		.fix = { { "zone", "Remove the names below the DNAME, or the DNAME." } },
	},
	[WILDCARD] = {
		.id = "dns.zone.wildcard",
		.severity = SEVERITY_INFO,
		.title = "Names that nobody made do not exist",
		.source = "RFC 4592 section 2",
		.why = "Every misspelt name leads to the same place, and cookies and certificates reach further than meant.",
		.how = "A name that nobody would make is looked up.",
		.fix = { { "zone", "Replace the wildcard by the names that are used." } },
	},
	[RRSET_TTL] = {
		.id = "dns.zone.rrset-ttl",
		.severity = SEVERITY_LOW,
		.title = "Records of one set have one TTL",
		.source = "RFC 2181 section 5.2",
		.why = "Resolvers take the lowest, or treat the set as an error.",
		.how = "TTLs of the apex's NS, A, AAAA, MX and TXT records are compared as the servers send them.",
		.fix = { { "zone", "Give all records of a name and type the same TTL." } },
	},
	[ENT] = {
		.id = "dns.zone.ent",
		.severity = SEVERITY_MEDIUM,
		.title = "A name with names below it exists",
		.source = "RFC 8020 section 2; RFC 4592 section 2.2.2",
		.why = "A resolver that hears NXDOMAIN for the upper name believes that nothing is below it.",
		.how = "Where _smtp._tls exists, _tls must not be NXDOMAIN; likewise _domainkey for DKIM selectors.",
		.fix = { { "server", "Upgrade the name server, or the load balancer that answers for it." } },
	},
	[NEGATIVE_SOA] = {
		.id = "dns.zone.negative-soa",
		.severity = SEVERITY_LOW,
		.title = "Negative answers carry the SOA",
		.source = "RFC 2308 sections 2.1 and 2.2",
		.why = "Without it negative answers are not cached: every miss costs a query.",
		.how = "Each server is asked for a name and for a type that do not exist.",
		.fix = { { "server", "Upgrade the name server, or the load balancer that answers for it." } },
	},
};
/* clang-format on */

struct place {
	struct str zone, www, nobody;
	const struct responder *server;
};

static bool has_own(const struct dns_answer *answer, struct str name)
{
	for (size_t i = 0; i < answer->count; i++)
		if (str_eq(answer->rr[i].owner, name))
			return true;
	return false;
}

/* Below a DNAME every name is an alias (RFC 6672 section 2.2): that is the target's doing. */
static bool is_below_dname(const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->other_count; i++) /* beside a CNAME that was asked for */
		if (answer->other[i].type == DNS_DNAME)
			return true;
	return answer->chain_count && answer->chain[0].type == DNS_DNAME;
}

static void judge_alias(struct judge *j, const struct place *place, struct str name, bool is_apex)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA, DNS_MX, DNS_TXT };
	const struct dns_answer *cname = ask_dns_at(j, place->server->address, name, DNS_CNAME, 0);

	if (!cname || cname->rcode != DNS_NOERROR)
		return;
	if (!has_own(cname, name) || is_below_dname(cname)) {
		pass(j, CNAME_OTHER_DATA, name);
		return;
	}
	if (is_apex) {
		fail(j, CNAME_OTHER_DATA, name, "%.*s is an alias and has SOA and NS records",
		     STR(name));
		return;
	}
	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		const struct dns_answer *other =
			ask_dns_at(j, place->server->address, name, types[i], 0);

		if (other)
			expect(j, CNAME_OTHER_DATA, name, !has_own(other, name),
			       "%.*s is an alias and has %.*s records", STR(name),
			       STR(dns_type_text(j->arena, types[i])));
	}
}

static bool was_seen(const struct str *names, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static void judge_chain(struct judge *j, struct str start)
{
	struct str names[CHAIN_LINKS + 1] = { start };

	for (size_t count = 1; count <= CHAIN_LINKS; count++) {
		const struct dns_answer *cname = ask_dns(j, names[count - 1], DNS_CNAME);

		if (!cname)
			return;
		if (!cname->count) {
			pass(j, CNAME_LOOP, start);
			return;
		}
		if (cname->rr[0].is_malformed)
			return;
		names[count] = cname->rr[0].name;
		if (was_seen(names, count, names[count])) {
			fail(j, CNAME_LOOP, start, "%.*s leads back to %.*s", STR(names[count - 1]),
			     STR(names[count]));
			return;
		}
	}
	fail(j, CNAME_LOOP, start, "more than %d links from %.*s", CHAIN_LINKS, STR(start));
}

static void judge_dname(struct judge *j, const struct place *place)
{
	const struct dns_answer *dname =
		ask_dns_at(j, place->server->address, place->zone, DNS_DNAME, 0);
	const struct dns_answer *below;

	if (!dname || !has_own(dname, place->zone))
		return;
	below = ask_dns_at(j, place->server->address, place->www, DNS_A, 0);
	if (below)
		expect(j, DNAME, place->www, !has_own(below, place->www),
		       "%.*s has records of its own below the DNAME", STR(place->www));
}

static void judge_ttls(struct judge *j, const struct place *place)
{
	static const uint16_t types[] = { DNS_NS, DNS_A, DNS_AAAA, DNS_MX, DNS_TXT };

	for (size_t t = 0; t < ARRAY_COUNT(types); t++) {
		const struct dns_answer *answer =
			ask_dns_at(j, place->server->address, place->zone, types[t], 0);
		struct str type = dns_type_text(j->arena, types[t]);
		bool is_equal = true;

		if (!answer || !answer->is_authoritative)
			continue;
		for (size_t i = 1; i < answer->count; i++)
			is_equal &= answer->rr[i].ttl == answer->rr[0].ttl;
		if (answer->count > 1)
			expect(j, RRSET_TTL, type, is_equal, "%.*s records have different TTLs",
			       STR(type));
		else
			pass(j, RRSET_TTL, type);
	}
}

/* RFC 8020: a name exists when a name below it does. */
static void judge_ent(struct judge *j, const struct place *place, struct str below)
{
	struct str above = dns_name_parent(below);
	const struct dns_answer *low = ask_dns_at(j, place->server->address, below, DNS_TXT, 0);
	const struct dns_answer *high;

	if (!low || low->rcode != DNS_NOERROR || !low->count)
		return;
	high = ask_dns_at(j, place->server->address, above, DNS_TXT, 0);
	if (high)
		expect(j, ENT, above, !dns_is_nxdomain(high),
		       "%.*s is NXDOMAIN, though %.*s exists", STR(above), STR(below));
}

static void judge_ents(struct judge *j, const struct place *place)
{
	struct str keys = dns_name_child(j->arena, STR_LIT("_domainkey"), place->zone);

	judge_ent(j, place, dns_name_child(j->arena, STR_LIT("_smtp._tls"), place->zone));
	for (size_t i = 0; i < j->request->dkim_selector_count; i++)
		judge_ent(j, place, dns_name_child(j->arena, j->request->dkim_selectors[i], keys));
}

static bool has_soa(const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->authority_count; i++)
		if (answer->authority[i].type == DNS_SOA)
			return true;
	return false;
}

static void judge_negative(struct judge *j, const struct place *place)
{
	const struct dns_answer *answers[] = {
		ask_dns_at(j, place->server->address, place->nobody, DNS_A, 0),
		ask_dns_at(j, place->server->address, place->zone, TYPE_UNKNOWN, 0),
	};

	for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
		const struct dns_answer *answer = answers[i];

		if (!answer || answer->count || answer->chain_count || !answer->is_authoritative ||
		    (answer->rcode != DNS_NOERROR && answer->rcode != DNS_NXDOMAIN))
			continue;
		cite(j, answer);
		expect(j, NEGATIVE_SOA, place->server->name, has_soa(answer),
		       "%.*s sends %s without the SOA", STR(place->server->name),
		       dns_is_nxdomain(answer) ? "NXDOMAIN" : "an empty answer");
	}
}

static void judge_server(struct judge *j, const struct place *place)
{
	about(j, CNAME_OTHER_DATA);
	judge_alias(j, place, place->zone, true);
	judge_alias(j, place, place->www, false);
	about(j, DNAME);
	judge_dname(j, place);
	about(j, RRSET_TTL);
	judge_ttls(j, place);
	about(j, ENT);
	judge_ents(j, place);
	about(j, NEGATIVE_SOA);
	judge_negative(j, place);
}

static void judge(struct judge *j)
{
	const struct zone *zone = derive_zone(j, j->domain);
	const struct responders *responders;
	const struct dns_answer *nobody;
	struct place place;

	if (!zone || zone->is_missing)
		return;
	place = (struct place){
		.zone = zone->apex,
		.www = dns_name_child(j->arena, STR_LIT("www"), zone->apex),
		.nobody = dns_name_child(j->arena, STR_LIT("dss-nobody-made-this"), zone->apex),
	};
	about(j, CNAME_LOOP);
	judge_chain(j, j->domain);
	judge_chain(j, place.www);
	about(j, WILDCARD);
	nobody = ask_dns(j, place.nobody, DNS_A);
	if (nobody && !is_below_dname(nobody))
		expect(j, WILDCARD, STR_NONE, !nobody->count && !nobody->chain_count,
		       "any name under %.*s exists", STR(zone->apex));
	about(j, CNAME_OTHER_DATA, DNAME, RRSET_TTL, ENT, NEGATIVE_SOA);
	responders = derive_responders(j, zone->apex);
	for (size_t i = 0; responders && i < responders->count; i++) {
		place.server = &responders->servers[i];
		if (!place.server->is_silent)
			judge_server(j, &place);
	}
	about_all(j);
}

const struct family family_dns_zone = FAMILY("dns.zone", checks, judge);

/* SPDX-License-Identifier: Apache-2.0 */
/* Can a stranger become the zone's name server? RFC 1034 section 4.2.2. */
#include "checks/derived/responders.h"
#include "formats/names/psl.h"

enum { NS };

/* clang-format off */
static const struct check checks[] = {
	[NS] = {
		.id = "takeover.ns",
		.severity = SEVERITY_CRITICAL,
		.title = "Nobody else can take the delegation over",
		.source = "RFC 1034 section 4.2.2; practice",
		.why = "Whoever registers a name server's domain, or creates the zone at the provider that no longer knows it, decides what every name in the zone is: web, mail, certificates.",
		.how = "Each delegated server is asked for the zone's SOA: it must not be that all of them deny it, and the resolver fails as well. The registrable domain of each name server without address must exist.",
		.fix = { { "registrar", "Remove the name server from the delegation, or create the zone there again." } },
	},
};
/* clang-format on */

/* A domain that does not exist is for whoever registers it first. */
static void judge_name(struct judge *j, struct str zone, const struct name_server *server)
{
	struct str domain = registrable_domain(server->name);
	const struct dns_answer *address = ask_dns(j, server->name, DNS_A), *soa;

	if (!address || !domain.len || dns_name_is_under(domain, zone))
		return;
	if (!dns_is_nxdomain(address) || address->chain_count) {
		pass(j, NS, server->name);
		return;
	}
	soa = ask_dns(j, domain, DNS_SOA);
	if (soa)
		expect(j, NS, server->name, !dns_is_nxdomain(soa),
		       "%.*s does not exist: whoever registers it answers for the zone as %.*s",
		       STR(domain), STR(server->name));
}

/* Has the server said, in an answer, that it does not serve the zone? */
static bool denies(const struct fact *soa)
{
	if (!fact_is_answer(soa))
		return soa->failure == FAILURE_SERVFAIL;
	return !soa->dns_at->is_authoritative || !soa->dns_at->count;
}

static bool are_all_known(const struct name_servers *servers, const struct responders *responders)
{
	for (size_t i = 0; i < servers->count; i++)
		if (servers->servers[i].is_in_parent && servers->servers[i].has_failed)
			return false;
	return responders->count < RESPONDERS;
}

/* One server that serves the zone is enough; a server that is silent denies nothing. */
static void judge_servers(struct judge *j, const struct zone *zone,
			  const struct name_servers *servers, const struct responders *responders)
{
	bool is_settled = are_all_known(servers, responders);
	const struct fact *silent = NULL;
	size_t denying = 0;

	for (size_t i = 0; i < responders->count; i++) {
		const struct responder *server = &responders->servers[i];
		const struct fact *soa;

		if (!server->is_in_parent)
			continue;
		soa = try_dns_at(j, server->address, zone->apex, DNS_SOA, 0);
		if (!soa) {
			is_settled = false;
			continue;
		}
		if (!denies(soa) && fact_is_answer(soa)) {
			pass(j, NS, STR_NONE);
			return;
		}
		if (denies(soa))
			denying++;
		else
			silent = soa;
	}
	if (silent)
		give_up(j, silent);
	else if (is_settled && denying && zone->failure == FAILURE_SERVFAIL)
		fail(j, NS, STR_NONE,
		     "none of the %zu servers' addresses knows the zone that is delegated to them",
		     denying);
	else if (is_settled && denying)
		unknown(j, NS, "no server knows the zone, but that is not what the resolver says");
}

static void judge(struct judge *j)
{
	const struct zone *zone = derive_zone(j, j->domain);
	const struct name_servers *servers;
	const struct responders *responders;

	if (!zone || !zone->is_apex || !zone->parent.len)
		return;
	servers = derive_name_servers(j, zone->apex);
	if (!servers || !servers->is_delegated)
		return;
	for (size_t i = 0; i < servers->count; i++)
		if (servers->servers[i].is_in_parent)
			judge_name(j, zone->apex, &servers->servers[i]);
	responders = derive_responders(j, zone->apex);
	if (responders)
		judge_servers(j, zone, servers, responders);
}

const struct family family_takeover_ns = FAMILY("takeover", checks, judge);

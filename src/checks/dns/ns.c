/* SPDX-License-Identifier: Apache-2.0 */
/* Do the names of the name servers lead to addresses that the world can reach? */
#include "checks/derived/registered.h"
#include "checks/derived/name_servers.h"
#include "formats/special.h"

enum { CNAME, RESOLVABLE, GLOBAL_ADDRESS, EXPIRED_DOMAIN };

/* clang-format off */
static const struct check checks[] = {
	[CNAME] = {
		.id = "dns.ns.cname",
		.severity = SEVERITY_HIGH,
		.title = "Name servers are named by host names, not by aliases",
		.source = "RFC 2181 section 10.3",
		.why = "Resolvers may refuse to follow an alias there: to them the server does not exist.",
		.how = "The address of each name server is looked up, and must be found without a CNAME.",
		.fix = { { "zone", "Name the alias's target in the NS record, or give the name A and AAAA records of its own." } },
	},
	[RESOLVABLE] = {
		.id = "dns.ns.resolvable",
		.severity = SEVERITY_HIGH,
		.title = "Every name server's name has an address",
		.source = "RFC 1035 section 3.3.11",
		.why = "A server without an address serves nobody; if its domain can be registered, whoever does gets the zone.",
		.how = "A and AAAA records of each name server are looked up.",
		.fix = { { "zone", "Add the address records, or remove the NS record at the parent and in the zone." } },
	},
	[GLOBAL_ADDRESS] = {
		.id = "dns.ns.global-address",
		.severity = SEVERITY_HIGH,
		.title = "Name servers have globally reachable addresses",
		.source = "RFC 6890 section 2.2; IANA special-purpose address registries",
		.why = "Resolvers elsewhere ask a machine of their own network, or nobody.",
		.how = "Each address of each name server is compared with the special-purpose blocks.",
		.fix = { { "zone", "Publish the public address; serve inside names from an inside view." } },
	},
	[EXPIRED_DOMAIN] = {
		.id = "dns.ns.expired-domain",
		.severity = SEVERITY_CRITICAL,
		.title = "The domains of the name servers are registered",
		.source = "practice: dangling delegations",
		.why = "Whoever registers it answers for the whole domain: web, mail, certificates.",
		.how = "Where a name has no address, its registrable domain is looked up; when the DNS knows none, the registry is asked by RDAP, else WHOIS.",
		.fix = { { "zone", "Remove the NS record here and at the parent, or register the domain again." } },
	},
};
/* clang-format on */

static void judge_address(struct judge *j, const struct name_server *server,
			  const struct address *address)
{
	const struct special_block *block = special_block_of(address);
	char text[ADDRESS_TEXT_BYTES];

	expect(j, GLOBAL_ADDRESS, server->name, !block, "%.*s has the address %s (%s)",
	       STR(server->name), address_text(address, text), block ? block->name : "");
}

/* An address that is missing needs all lookups to have been answered; one that is there needs one. */
static void judge_server(struct judge *j, const struct name_server *server)
{
	about(j, CNAME, RESOLVABLE, GLOBAL_ADDRESS);
	(void)ask_dns(j, server->name, DNS_AAAA);
	(void)ask_dns(j, server->name, DNS_A);
	about_all(j);
	if (!server->has_failed || server->is_alias)
		expect(j, CNAME, server->name, !server->is_alias, "%.*s is an alias",
		       STR(server->name));
	if (!server->has_failed || server->address_count)
		expect(j, RESOLVABLE, server->name, server->address_count > 0,
		       "%.*s has neither A nor AAAA records", STR(server->name));
	judge_registered(j, EXPIRED_DOMAIN, server->name, server->address_count > 0);
	for (size_t i = 0; i < server->address_count; i++)
		judge_address(j, server, &server->addresses[i]);
}

static void judge(struct judge *j)
{
	const struct zone *zone = derive_zone(j, j->domain);
	const struct name_servers *servers =
		zone && zone->parent.len ? derive_name_servers(j, zone->apex) : NULL;

	for (size_t i = 0; servers && i < servers->count; i++)
		judge_server(j, &servers->servers[i]);
}

const struct family family_dns_ns = FAMILY("dns.ns", checks, judge);

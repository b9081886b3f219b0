/* SPDX-License-Identifier: Apache-2.0 */
/* Does the parent delegate the zone well? RFC 1034 section 4.2. */
#include "checks/derived/responders.h"

enum {
	EXISTS,
	MIN_NS,
	DUAL_STACK,
	DISTINCT_IP,
	PARENT_CHILD,
	GLUE_MISSING,
	GLUE_MISMATCH,
	LAME,
	REFERRAL_SIZE
};

/* clang-format off */
static const struct check checks[] = {
	[EXISTS] = {
		.id = "dns.delegation.exists",
		.severity = SEVERITY_CRITICAL,
		.title = "The parent zone delegates the domain, and a server answers for it",
		.source = "RFC 1034 section 4.2.2",
		.why = "Nothing under the domain can be found: no web site, no mail.",
		.how = "The parent's servers are asked for the domain's NS records, and each server named is asked for the zone's SOA.",
		.fix = { { "registrar", "Register name servers that serve the zone, or renew the registration." } },
	},
	[MIN_NS] = {
		.id = "dns.delegation.min-ns",
		.severity = SEVERITY_HIGH,
		.title = "At least two name servers are delegated",
		.source = "RFC 1034 section 4.1; RFC 2182 section 5",
		.why = "With one server, one fault takes the whole domain off the net.",
		.how = "The NS records of the parent's referral are counted.",
		.fix = { { "registrar", "Add a second name server in another network." } },
	},
	[DUAL_STACK] = {
		.id = "dns.delegation.dual-stack",
		.severity = SEVERITY_LOW,
		.title = "Name servers are reachable over IPv4 and over IPv6",
		.source = "RFC 3901 section 3",
		.why = "Resolvers with only one of the two protocols cannot resolve the domain.",
		.how = "The addresses of all delegated name servers are looked up.",
		.fix = { { "zone", "Add A and AAAA records for the name servers, and both as glue." } },
	},
	[DISTINCT_IP] = {
		.id = "dns.delegation.distinct-ip",
		.severity = SEVERITY_MEDIUM,
		.title = "Each name server has addresses of its own",
		.source = "RFC 2182 section 3.1",
		.why = "Two names for one machine are one server: its fault is the domain's.",
		.how = "The addresses of all delegated name servers are compared.",
		.fix = { { "zone",
		"Give every name server name an address of its own." } },
	},
	[PARENT_CHILD] = {
		.id = "dns.delegation.parent-child-ns",
		.severity = SEVERITY_MEDIUM,
		.title = "Parent and zone name the same servers",
		.source = "RFC 1034 section 4.2.2",
		.why = "Resolvers use either set; a server in only one of them is forgotten or stale.",
		.how = "The NS records of the parent's referral are compared with those of the zone.",
		.fix = { { "registrar", "Make the registered name servers equal to the zone's NS records." } },
	},
	[GLUE_MISSING] = {
		.id = "dns.delegation.glue-missing",
		.severity = SEVERITY_HIGH,
		.title = "Name servers inside the zone have glue at the parent",
		.source = "RFC 1034 section 4.2.1; RFC 9471 section 3",
		.why = "Without the address in the referral the server's name can never be resolved.",
		.how = "The additional section of the parent's referral is searched for each name server inside the zone.",
		.fix = { { "registrar",
		"Register the host objects with their IP addresses." } },
	},
	[GLUE_MISMATCH] = {
		.id = "dns.delegation.glue-mismatch",
		.severity = SEVERITY_MEDIUM,
		.title = "Glue equals the addresses in the zone",
		.source = "RFC 1034 section 4.2.2",
		.why = "Resolvers ask the glue first: a stale address delays answers or asks a stranger.",
		.how = "The addresses in the parent's referral are compared with those the zone publishes.",
		.fix = { { "registrar", "Update the host objects' IP addresses." } },
	},
	[LAME] = {
		.id = "dns.delegation.lame",
		.severity = SEVERITY_HIGH,
		.title = "Every delegated server answers with authority",
		.source = "RFC 1035 section 4.1.1; RFC 1912 section 2.8",
		.why = "A lame server costs every resolver a failed try, and leaves fewer that work.",
		.how = "Each address of each server is asked for the zone's SOA; the answer must have AA set and hold the SOA.",
		.fix = { { "bind", "zone \"example.com\" { type secondary; primaries { 192.0.2.53; }; file \"example.com\"; };" } },
	},
	[REFERRAL_SIZE] = {
		.id = "dns.delegation.referral-size",
		.severity = SEVERITY_LOW,
		.title = "The referral with its glue fits into 512 octets",
		.source = "RFC 1035 section 4.2.1",
		.why = "A larger referral loses glue, or costs a second query over TCP, where EDNS is not used.",
		.how = "The size of a referral for the longest query name with the mandatory glue is computed.",
		.fix = { { "zone", "Use fewer name servers, or names under one domain, which compress." } },
	},
};
/* clang-format on */

static bool is_glue_needed(const struct name_servers *servers, const struct name_server *server)
{
	return server->is_in_parent && dns_name_is_under(server->name, servers->zone);
}

static bool has_address(const struct address *addresses, size_t count, const struct address *wanted)
{
	for (size_t i = 0; i < count; i++)
		if (address_eq(&addresses[i], wanted))
			return true;
	return false;
}

static void judge_glue(struct judge *j, const struct name_servers *servers,
		       const struct name_server *server)
{
	cite(j, servers->referral);
	if (is_glue_needed(servers, server))
		expect(j, GLUE_MISSING, server->name, server->glue_count > 0,
		       "the parent's referral has no address for %.*s", STR(server->name));
	if (!server->glue_count || server->has_failed || !server->address_count ||
	    !dns_name_is_under(server->name, servers->zone))
		return;
	for (size_t i = 0; i < server->glue_count; i++) {
		char text[ADDRESS_TEXT_BYTES];

		expect(j, GLUE_MISMATCH, server->name,
		       has_address(server->addresses, server->address_count, &server->glue[i]),
		       "glue %s for %.*s is not among the addresses in the zone",
		       address_text(&server->glue[i], text), STR(server->name));
	}
}

static void judge_sets(struct judge *j, const struct name_servers *servers)
{
	size_t in_parent = 0;

	for (size_t i = 0; i < servers->count; i++) {
		const struct name_server *server = &servers->servers[i];

		in_parent += server->is_in_parent;
		if (!servers->has_child)
			continue;
		cite(j, servers->referral);
		expect(j, PARENT_CHILD, server->name, server->is_in_parent && server->is_in_child,
		       "%.*s is named by the %s only", STR(server->name),
		       server->is_in_parent ? "parent" : "zone");
	}
	cite(j, servers->referral);
	expect(j, MIN_NS, STR_NONE, in_parent >= 2, "the parent delegates to %zu server%s",
	       in_parent, in_parent == 1 ? "" : "s");
}

static bool has_family(const struct name_servers *servers, enum address_family family)
{
	for (size_t i = 0; i < servers->count; i++)
		for (size_t k = 0; k < servers->servers[i].address_count; k++)
			if (servers->servers[i].addresses[k].family == family)
				return true;
	return false;
}

/* Failing needs all addresses to be known; passing does not. */
static void judge_addresses(struct judge *j, const struct name_servers *servers)
{
	bool is_partial = false, has_ipv4 = has_family(servers, ADDRESS_IPV4),
	     has_ipv6 = has_family(servers, ADDRESS_IPV6);

	for (size_t i = 0; i < servers->count; i++)
		is_partial |= servers->servers[i].has_failed;
	if (!is_partial || (has_ipv4 && has_ipv6))
		expect(j, DUAL_STACK, STR_NONE, has_ipv4 && has_ipv6,
		       "no name server has an %s address", has_ipv4 ? "IPv6" : "IPv4");
	for (size_t i = 0; i < servers->count; i++)
		for (size_t k = i + 1; k < servers->count; k++)
			for (size_t n = 0; n < servers->servers[i].address_count; n++) {
				const struct name_server *a = &servers->servers[i];
				const struct name_server *b = &servers->servers[k];
				char text[ADDRESS_TEXT_BYTES];

				expect(j, DISTINCT_IP, b->name,
				       !has_address(b->addresses, b->address_count,
						    &a->addresses[n]),
				       "%.*s and %.*s share the address %s", STR(a->name),
				       STR(b->name), address_text(&a->addresses[n], text));
			}
}

static void judge_lame(struct judge *j, struct str zone, const struct responder *server)
{
	char text[ADDRESS_TEXT_BYTES];
	const struct fact *fact = try_dns_at(j, server->address, zone, DNS_SOA, 0);
	const struct dns_answer *soa;
	struct str rcode;

	address_text(&server->address, text);
	if (fact && fact->failure == FAILURE_SERVFAIL) {
		fail(j, LAME, server->name, "%.*s (%s) answers SERVFAIL for the zone",
		     STR(server->name), text);
		return;
	}
	if (!fact)
		return;
	if (!fact_is_answer(fact)) {
		give_up(j, fact);
		return;
	}
	soa = fact->dns_at;
	rcode = dns_rcode_text(j->arena, soa->rcode);
	expect(j, LAME, server->name,
	       soa->rcode == DNS_NOERROR && soa->is_authoritative && soa->count > 0,
	       "%.*s (%s) answers %.*s %s", STR(server->name), text, STR(rcode),
	       soa->is_authoritative ? "without the SOA" : "without authority");
}

/* A server answers for the zone when it says so with authority. Where none does, the resolver must have
 * failed as well before that is said: two observers do not share one bad line. */
static void judge_exists(struct judge *j, const struct zone *zone,
			 const struct name_servers *servers, const struct responders *responders)
{
	bool is_settled = responders != NULL;

	if (!servers->is_delegated && zone->failure == FAILURE_GARBAGE) {
		unknown(j, EXISTS, "the name answers without saying which zone holds it");
		return;
	}
	if (!servers->is_delegated) {
		cite(j, servers->referral);
		fail(j, EXISTS, STR_NONE, "the servers of %.*s do not delegate it",
		     STR(servers->parent));
		return;
	}
	about(j, EXISTS);
	for (size_t i = 0; responders && i < responders->count; i++) {
		const struct responder *server = &responders->servers[i];
		const struct fact *soa = try_dns_at(j, server->address, servers->zone, DNS_SOA, 0);

		if (soa && fact_is_answer(soa) && soa->dns_at->is_authoritative &&
		    soa->dns_at->count) {
			pass(j, EXISTS, STR_NONE);
			about_all(j);
			return;
		}
		if (!soa || (!fact_is_answer(soa) && soa->failure != FAILURE_SERVFAIL &&
			     !server->has_left_all))
			is_settled = false;
	}
	if (is_settled && zone->failure && !responders->count) {
		cite(j, servers->referral);
		fail(j, EXISTS, STR_NONE, "no server that the zone is delegated to has an address");
	} else if (is_settled && zone->failure)
		fail(j, EXISTS, STR_NONE, "none of the %zu servers' addresses answers for the zone",
		     responders->count);
	else
		unknown(j, EXISTS, "no server answered, which may be our line");
	about_all(j);
}

/* Header, question with the longest name under the zone, then NS records and glue with compression: an
 * owner is a pointer, a target repeats only what its predecessor under the zone's parent does not hold. */
static size_t referral_size(const struct name_servers *servers)
{
	size_t size = DNS_HEADER_BYTES + DNS_NAME_WIRE_BYTES + 4;

	for (size_t i = 0; i < servers->count; i++) {
		const struct name_server *server = &servers->servers[i];
		uint8_t wire[DNS_NAME_WIRE_BYTES];
		int length = dns_name_to_wire(server->name, wire);
		bool is_under = dns_name_is_under(server->name, servers->parent);

		if (!server->is_in_parent || length < 0)
			continue;
		size += 12 + (is_under ? (size_t)length - servers->parent.len : (size_t)length);
		for (size_t k = 0; k < server->glue_count && is_glue_needed(servers, server); k++)
			size += 12 + (server->glue[k].family == ADDRESS_IPV4 ? 4 : 16);
	}
	return size;
}

static void judge(struct judge *j)
{
	const struct zone *zone = derive_zone(j, j->domain);
	const struct name_servers *servers;
	const struct responders *responders;

	if (zone && zone->is_missing)
		fail(j, EXISTS, STR_NONE, "%.*s does not exist, says the zone %.*s", STR(j->domain),
		     STR(zone->apex));
	if (!zone || !zone->parent.len)
		return;
	servers = derive_name_servers(j, zone->apex);
	if (!servers)
		return;
	if (!servers->has_referral)
		return; /* the gap is noted: without the parent's word nothing here can be judged */
	about(j, EXISTS, LAME);
	responders = servers->is_delegated ? derive_responders(j, zone->apex) : NULL;
	about_all(j);
	judge_exists(j, zone, servers, responders);
	if (!servers->is_delegated)
		return;
	judge_sets(j, servers);
	judge_addresses(j, servers);
	for (size_t i = 0; i < servers->count; i++)
		judge_glue(j, servers, &servers->servers[i]);
	about(j, LAME);
	for (size_t i = 0; responders && i < responders->count; i++)
		if (!responders->servers[i].is_silent)
			judge_lame(j, zone->apex, &responders->servers[i]);
	cite(j, servers->referral);
	expect(j, REFERRAL_SIZE, STR_NONE, referral_size(servers) <= 512,
	       "a referral may take %zu octets", referral_size(servers));
}

const struct family family_dns_delegation = FAMILY("dns.delegation", checks, judge);

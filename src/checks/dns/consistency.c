/* SPDX-License-Identifier: Apache-2.0 */
/* Do all servers of the zone say the same? RFC 1034 section 4.3.5, RFC 1982. */
#include "checks/derived/responders.h"

enum { SOA, RRSET };

/* clang-format off */
static const struct check checks[] = {
	[SOA] = {
		.id = "dns.consistency.soa",
		.severity = SEVERITY_LOW,
		.title = "All servers have the same SOA",
		.source = "RFC 1035 section 3.3.13; RFC 1982",
		.why = "A server with an old serial gives old answers: its transfers fail.",
		.how = "Serial and other fields of the SOA are compared over all servers.",
		.fix = { { "secondary", "Look for refused or failing zone transfers in its log; NOTIFY it." } },
	},
	[RRSET] = {
		.id = "dns.consistency.rrset",
		.severity = SEVERITY_MEDIUM,
		.title = "All servers give the same records",
		.source = "RFC 1034 section 4.3.5; RFC 1912 section 2.1",
		.why = "What visitors and mail servers get depends on chance.",
		.how = "NS, A, AAAA, MX and TXT records of the apex are compared over all servers.",
		.fix = { { "primary", "Raise the serial and let all secondaries transfer the zone." } },
	},
};
/* clang-format on */

static const uint16_t types[] = { DNS_NS, DNS_A, DNS_AAAA, DNS_MX, DNS_TXT };

static bool is_comparable(const struct dns_answer *answer)
{
	return answer && answer->is_authoritative && answer->rcode == DNS_NOERROR;
}

/* Records are in canonical order. */
static bool is_same(const struct dns_answer *a, const struct dns_answer *b)
{
	if (a->count != b->count || a->chain_count != b->chain_count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!str_eq(a->rr[i].rdata, b->rr[i].rdata))
			return false;
	return true;
}

/* Compare every server's answer with that of the first one that has answered this question. */
static void compare(struct judge *j, const struct responders *responders, struct str zone,
		    unsigned check, uint16_t type)
{
	const struct dns_answer *first = NULL;
	const struct responder *first_server = NULL;

	for (size_t i = 0; i < responders->count; i++) {
		const struct responder *server = &responders->servers[i];
		const struct dns_answer *answer;

		if (server->is_silent)
			continue;
		answer = ask_dns_at(j, server->address, zone, type, 0);
		if (!is_comparable(answer))
			continue;
		if (!first) {
			first = answer;
			first_server = server;
			continue;
		}
		struct str word = dns_type_text(j->arena, type);

		expect(j, check, word, is_same(first, answer),
		       "%.*s and %.*s have different %.*s records", STR(first_server->name),
		       STR(server->name), STR(word));
	}
	if (first && responders->count == 1)
		pass(j, check, STR_NONE);
}

static void judge(struct judge *j)
{
	const struct zone *zone = derive_zone(j, j->domain);
	const struct responders *responders =
		zone && !zone->is_missing ? derive_responders(j, zone->apex) : NULL;

	if (!responders)
		return;
	about(j, SOA);
	compare(j, responders, zone->apex, SOA, DNS_SOA);
	about(j, RRSET);
	for (size_t i = 0; i < ARRAY_COUNT(types); i++)
		compare(j, responders, zone->apex, RRSET, types[i]);
	about_all(j);
}

const struct family family_dns_consistency = FAMILY("dns.consistency", checks, judge);

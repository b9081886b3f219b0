/* SPDX-License-Identifier: Apache-2.0 */
/* Can resolvers verify the zone, from the root down? RFC 4035 section 5. */
#include "checks/derived/dnssec.h"

enum { SIGNED, BOGUS };

/* clang-format off */
static const struct check checks[] = {
	[SIGNED] = {
		.id = "dnssec.signed",
		.severity = SEVERITY_MEDIUM,
		.title = "The zone is signed, and its parent vouches for it",
		.source = "RFC 4033 section 3; BCP 237 (RFC 9364)",
		.why = "Without DNSSEC anybody on the way can forge the domain's answers: mail, certificates and web traffic follow them.",
		.how = "The parent is asked for DS records through a validating resolver, and the zone's servers for DNSKEY records.",
		.fix = {
			{ "bind", "zone \"example.com\" { …; dnssec-policy default; }; then give the DS record (dnssec-dsfromkey) to the registrar." },
			{ "knot", "zone: [ { domain: example.com, dnssec-signing: on, dnssec-policy: default } ]" },
			{ "registrar", "Switch DNSSEC on, or enter the DS record that the DNS operator shows." },
		},
	},
	[BOGUS] = {
		.id = "dnssec.chain.bogus",
		.severity = SEVERITY_CRITICAL,
		.title = "Validation from the root succeeds",
		.source = "RFC 4035 section 5",
		.why = "For everybody behind a validating resolver the domain does not exist: no web, no mail, no certificates.",
		.how = "A resolver that validates from the root's keys is asked for the zone's SOA record. Bogus is what it answers only with checking switched off.",
		.fix = {
			{ "registrar", "If it cannot be mended at once: remove the DS records, wait for their time to live, mend, and add them again." },
		},
	},
};
/* clang-format on */

static void judge_signed(struct judge *j, const struct zone *zone)
{
	const struct dns_answer *ds = ask_dns(j, zone->apex, DNS_DS);
	const struct dnskeys *keys;

	if (!ds)
		return;
	if (!ds->count) {
		fail(j, SIGNED, STR_NONE, "%.*s has no DS record for %.*s", STR(zone->parent),
		     STR(zone->apex));
		return;
	}
	/* A DS record without keys is dnssec.ds.orphan's finding. */
	keys = derive_dnskeys(j, zone->apex);
	if (keys && keys->key_count)
		pass(j, SIGNED, STR_NONE);
}

static void judge_chain(struct judge *j, const struct zone *zone)
{
	const struct fact *soa = try_dns(j, zone->apex, DNS_SOA);

	if (!soa)
		return;
	if (soa->failure == FAILURE_BOGUS)
		fail(j, BOGUS, STR_NONE, "validating resolvers refuse %.*s: %.*s", STR(zone->apex),
		     STR(soa->detail.len ? soa->detail : STR_LIT("bogus")));
	else if (!fact_is_answer(soa))
		give_up(j, soa);
	else if (soa->dns->is_secure)
		pass(j, BOGUS, STR_NONE);
}

static void judge(struct judge *j)
{
	const struct zone *zone = derive_zone(j, j->domain);

	if (!zone || zone->is_missing || !zone->parent.len)
		return;
	about(j, BOGUS);
	judge_chain(j, zone);
	about(j, SIGNED);
	judge_signed(j, zone);
	about_all(j);
}

const struct family family_dnssec_chain = FAMILY("dnssec", checks, judge);

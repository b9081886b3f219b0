/* SPDX-License-Identifier: Apache-2.0 */
/* Do servers prove that what does not exist does not exist? RFC 4035 section 3.1.3; RFC 5155; RFC 9824. */
#include "checks/dnssec/denial.h"

enum { DENIAL, COMPACT, WALK };

/* clang-format off */
static const struct check checks[] = {
	[DENIAL] = {
		.id = "dnssec.nsec.denial",
		.severity = SEVERITY_HIGH,
		.title = "Answers that say \"there is none\" are proved",
		.source = "RFC 4035 section 3.1.3; RFC 5155 section 8; RFC 9824 section 3",
		.why = "Validating resolvers refuse unproved denials: they answer SERVFAIL, and mail or certificates that depend on the absence of a record fail.",
		.how = "Each server is asked with DO for a name that nobody made and for a type that the apex has not. The NSEC records must cover name and wildcard, or match the name; of NSEC3 records there must be some, signed. The validating resolver is asked for the name as well.",
		.fix = {
			{ "zone", "Sign the zone anew, so that its NSEC or NSEC3 chain is whole, and see that all secondaries know DNSSEC." },
		},
	},
	[COMPACT] = {
		.id = "dnssec.nsec.compact",
		.severity = SEVERITY_INFO,
		.title = "Names that do not exist get NXDOMAIN",
		.source = "RFC 9824",
		.why = "With compact denial of existence every name seems to exist, without any record: tools that look for NXDOMAIN are misled. That is as its operator chose.",
		.how = "The denial of a name that nobody made has an NSEC record of that very name.",
	},
	[WALK] = {
		.id = "dnssec.nsec.walk",
		.severity = SEVERITY_INFO,
		.title = "The zone's names cannot be listed through NSEC",
		.source = "RFC 5155 section 1",
		.why = "Each NSEC record names the next name of the zone: anybody can list them all.",
		.how = "The NSEC record of the apex names a real next name.",
		.fix = {
			{ "bind", "dnssec-policy: nsec3param iterations 0 optout no salt-length 0;" },
			{ "knot", "policy: nsec3: on, nsec3-iterations: 0, nsec3-salt-length: 0" },
		},
	},
};
/* clang-format on */

static bool covers(const struct dns_rr *nsec, struct str name)
{
	int from = dns_name_cmp(nsec->owner, name), to = dns_name_cmp(name, nsec->nsec.next);

	/* The last NSEC leads back to the apex. */
	return from < 0 && (to < 0 || dns_name_cmp(nsec->nsec.next, nsec->owner) <= 0);
}

/* Is there a signed NSEC that matches the name exactly, or (without exact) covers it? */
static const struct dns_rr *nsec_for(const struct dns_answer *answer, struct str name, bool exact)
{
	for (size_t i = 0; i < answer->authority_count; i++) {
		const struct dns_rr *rr = &answer->authority[i];

		if (denial_is(answer, rr, DNS_NSEC) &&
		    (exact ? str_eq(rr->owner, name) : covers(rr, name)))
			return rr;
	}
	return NULL;
}

/* What is missing in the proof that the name does not exist, or NULL. */
static const char *name_flaw(struct judge *j, const struct denial *denial)
{
	const struct dns_answer *answer = denial->nobody;

	if (denial_has(answer, DNS_NSEC3))
		return NULL;
	if (!denial_has(answer, DNS_NSEC))
		return "no signed NSEC or NSEC3 record for a name that nobody made";
	if (nsec_for(answer, denial->name, true))
		return NULL;
	if (!nsec_for(answer, denial->name, false))
		return "its NSEC records do not cover the name asked for";
	if (answer->rcode == DNS_NXDOMAIN &&
	    !nsec_for(answer, dns_name_child(j->arena, STR_LIT("*"), denial->apex), false))
		return "its NSEC records do not deny a wildcard";
	return NULL;
}

static const char *type_flaw(const struct denial *denial)
{
	const struct dns_answer *answer = denial->nodata;
	const struct dns_rr *nsec = nsec_for(answer, denial->apex, true);

	if (denial_has(answer, DNS_NSEC3))
		return NULL;
	if (!nsec)
		return "no signed NSEC or NSEC3 record for a type that the apex has not";
	if (dns_bitmap_has(nsec->nsec.bitmap, DENIAL_TYPE))
		return "its NSEC record says that there is such a type";
	return NULL;
}

static void expect_proof(struct judge *j, const struct denial *denial, const char *flaw)
{
	expect(j, DENIAL, denial->view->server->name, !flaw, "%.*s (%s): %s",
	       STR(denial->view->server->name), denial->view->address, flaw ? flaw : "");
}

static void judge_name(struct judge *j, const struct denial *denial)
{
	const struct dns_answer *answer = denial->nobody;

	cite(j, answer);
	if (denial_is_due(answer))
		expect_proof(j, denial, name_flaw(j, denial));
	if (denial_has(answer, DNS_NSEC) || denial_has(answer, DNS_NSEC3))
		expect(j, COMPACT, STR_NONE,
		       answer->rcode == DNS_NXDOMAIN || answer->count ||
			       !nsec_for(answer, denial->name, true),
		       "%.*s (%s) denies names by NSEC records of their own",
		       STR(denial->view->server->name), denial->view->address);
}

static void judge_type(struct judge *j, const struct denial *denial)
{
	const struct dns_answer *answer = denial->nodata;
	const struct dns_rr *nsec = nsec_for(answer, denial->apex, true);

	cite(j, answer);
	/* Behind an alias it is another name's type. */
	if (denial_is_due(answer) && !answer->count && !answer->chain_count)
		expect_proof(j, denial, type_flaw(denial));
	if (denial_has(answer, DNS_NSEC3))
		pass(j, WALK, STR_NONE);
	/* \000.NAME is the least name behind NAME: made up (RFC 4470, RFC 9824). */
	else if (nsec)
		expect(j, WALK, STR_NONE, str_starts(nsec->nsec.next, STR_LIT("\\000.")),
		       "NSEC of %.*s names %.*s as next", STR(nsec->owner), STR(nsec->nsec.next));
}

static void judge_resolved(struct judge *j, const struct dnssec *dnssec)
{
	struct str name = dns_name_child(j->arena, STR_LIT(DENIAL_LABEL), dnssec->apex);
	const struct fact *soa, *fact = try_dns(j, name, DNS_A);
	enum reason whole = bogus_reason(j, dnssec->apex, DNS_SOA, &soa);

	if (fact && fact->failure == FAILURE_BOGUS && whole == REASON_SECURE)
		fail(j, DENIAL, name, "validating resolvers refuse the denial of %.*s: %.*s",
		     STR(name), STR(fact->detail));
	else if (fact && !fact_is_answer(fact))
		give_up(j, fact);
	if (whole == REASON_FAILED)
		give_up(j, soa);
}

static void judge(struct judge *j)
{
	const struct dnssec *dnssec = derive_dnssec(j, j->domain);
	const struct dnskeys *keys;

	if (!dnssec || !dnssec->is_signed)
		return;
	keys = derive_dnskeys(j, dnssec->apex);
	if (!keys || !keys->key_count)
		return;
	about(j, DENIAL);
	judge_resolved(j, dnssec);
	for (size_t i = 0; i < keys->count; i++) {
		struct denial denial;

		about(j, DENIAL, COMPACT);
		denial_ask_name(j, &keys->views[i], dnssec->apex, &denial);
		if (denial.nobody)
			judge_name(j, &denial);
		about(j, DENIAL, WALK);
		denial_ask_type(j, &denial);
		if (denial.nodata)
			judge_type(j, &denial);
	}
	about_all(j);
}

const struct family family_dnssec_nsec = FAMILY("dnssec.nsec", checks, judge);

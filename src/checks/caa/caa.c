/* SPDX-License-Identifier: Apache-2.0 */
/* Does the domain say who may issue certificates for it? RFC 8659. */
#include "checks/judge.h"
#include "formats/caa.h"

enum { PRESENT, SYNTAX, CRITICAL_UNKNOWN, ISSUEWILD, IODEF, ACCOUNTURI, ISSUEMAIL, DNSSEC_BLOCKS };

enum { CLIMB = 12, PROPERTIES = 64 };

/* clang-format off */
static const struct check checks[] = {
	[PRESENT] = {
		.id = "caa.present",
		.severity = SEVERITY_LOW,
		.title = "CAA records name who may issue certificates",
		.source = "RFC 8659 section 3",
		.why = "Without them every certification authority in the world may issue for the domain.",
		.how = "CAA records are looked up at the domain, then at each parent, as authorities do.",
		.fix = { { "zone", "@ CAA 0 issue \"letsencrypt.org\"" } },
	},
	[SYNTAX] = {
		.id = "caa.syntax",
		.severity = SEVERITY_MEDIUM,
		.title = "CAA records can be read",
		.source = "RFC 8659 section 4.1",
		.why = "A value that cannot be read allows nobody: renewals stop.",
		.how = "Flags, tag and value of each record are parsed.",
		.fix = { { "zone", "Correct the record named." } },
	},
	[CRITICAL_UNKNOWN] = {
		.id = "caa.critical-unknown",
		.severity = SEVERITY_HIGH,
		.title = "No unknown property is marked critical",
		.source = "RFC 8659 section 4.5",
		.why = "Authorities must refuse to issue when they do not understand it.",
		.how = "Records with the critical flag are compared with the properties that are defined.",
		.fix = { { "zone", "Set the flags to 0, or remove the record." } },
	},
	[ISSUEWILD] = {
		.id = "caa.issuewild",
		.severity = SEVERITY_INFO,
		.title = "CAA says who may issue wildcard certificates",
		.source = "RFC 8659 section 4.3",
		.why = "Whoever may issue may issue wildcards as well, which are worth most to a thief.",
		.how = "The records are searched for issuewild.",
		.fix = { { "zone", "@ CAA 0 issuewild \";\" (nobody)" } },
	},
	[IODEF] = {
		.id = "caa.iodef",
		.severity = SEVERITY_INFO,
		.title = "CAA gives a contact for refused requests",
		.source = "RFC 8659 section 4.4",
		.why = "Somebody's attempt to get a certificate is news that you want.",
		.how = "The records are searched for iodef, and the address for a mail host.",
		.fix = { { "zone", "@ CAA 0 iodef \"mailto:security@example.com\"" } },
	},
	[ACCOUNTURI] = {
		.id = "caa.accounturi",
		.severity = SEVERITY_INFO,
		.title = "Issuance is bound to an account or a method",
		.source = "RFC 8657 sections 3 and 4",
		.why = "Otherwise anyone who can fool one validation gets a certificate from the allowed authority.",
		.how = "issue properties are searched for accounturi and validationmethods.",
		.fix = { { "zone", "@ CAA 0 issue \"letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/12345\"" } },
	},
	[ISSUEMAIL] = {
		.id = "caa.issuemail",
		.severity = SEVERITY_INFO,
		.title = "CAA says who may issue mail certificates",
		.source = "RFC 9495",
		.why = "S/MIME certificates are not covered by issue.",
		.how = "The records are searched for issuemail.",
		.fix = { { "zone", "@ CAA 0 issuemail \";\" (nobody)" } },
	},
	[DNSSEC_BLOCKS] = {
		.id = "caa.dnssec-blocks-issuance",
		.severity = SEVERITY_HIGH,
		.title = "CAA look-ups do not fail",
		.source = "CA/Browser Forum Baseline Requirements (SC-085v2); RFC 8659 section 3",
		.why = "Authorities must not issue when the look-up fails or DNSSEC is broken: renewals stop.",
		.how = "CAA is asked for through a validating resolver at the domain and each parent.",
		.fix = { { "zone", "Repair DNSSEC, or the servers that fail for CAA queries." } },
	},
};
/* clang-format on */

/* The relevant record set (section 3); NULL: none, pending, or a gap. *ret_is_known tells the first from
 * the others. */
static const struct dns_answer *climb(struct judge *j, bool *ret_is_known)
{
	struct str name = j->domain;

	*ret_is_known = false;
	for (unsigned i = 0; i < CLIMB && name.len && !str_eq(name, STR_LIT(".")); i++) {
		const struct fact *fact = try_dns(j, name, DNS_CAA);

		want_dns(j, dns_name_parent(name), DNS_CAA);
		if (!fact)
			return NULL;
		if (fact->failure == FAILURE_BOGUS || fact->failure == FAILURE_SERVFAIL) {
			fail(j, DNSSEC_BLOCKS, name, "CAA of %.*s: %s%s%.*s", STR(name),
			     failure_word((enum failure)fact->failure),
			     fact->detail.len ? ", " : "", STR(str_first(fact->detail, 120)));
			about(j, PRESENT, SYNTAX, CRITICAL_UNKNOWN, ISSUEWILD, IODEF, ACCOUNTURI,
			      ISSUEMAIL);
			give_up(j, fact);
			return NULL;
		}
		if (!fact_is_answer(fact)) {
			give_up(j, fact);
			return NULL;
		}
		if (fact->dns->count) {
			pass(j, DNSSEC_BLOCKS, STR_NONE);
			*ret_is_known = true;
			cite(j, fact);
			return fact->dns;
		}
		name = dns_name_parent(name);
	}
	pass(j, DNSSEC_BLOCKS, STR_NONE);
	*ret_is_known = true;
	return NULL;
}

struct wishes {
	bool has_issue, has_issuewild, has_issuemail, has_iodef, is_bound, allows_somebody;
};

static void judge_contact(struct judge *j, struct str domain)
{
	const struct dns_answer *mx, *a;

	about(j, IODEF);
	mx = ask_dns(j, domain, DNS_MX);
	a = mx && !mx->count ? ask_dns(j, domain, DNS_A) : NULL;
	if (mx && (mx->count || a))
		expect(j, IODEF, domain,
		       mx->count ? !str_eq(mx->rr[0].mx.host, STR_LIT(".")) : a->count > 0,
		       "the contact's domain %.*s takes no mail", STR(domain));
	about_all(j);
}

static void judge_property(struct judge *j, const struct dns_rr *rr, struct wishes *wishes)
{
	struct caa_property property;
	struct err err = { 0 };

	if (rr->is_malformed || caa_read(j->arena, rr, &property, &err) < 0) {
		fail(j, SYNTAX, rr->owner, "%.*s: %s", STR(dns_rr_data_text(j->arena, rr)),
		     err.text[0] ? err.text : "the record is malformed");
		return;
	}
	pass(j, SYNTAX, rr->owner);
	expect(j, CRITICAL_UNKNOWN, property.tag_text, !caa_blocks(&property),
	       "\"%.*s\" is critical, and no authority knows it", STR(property.tag_text));
	wishes->has_issue |= property.tag == CAA_ISSUE;
	wishes->has_issuewild |= property.tag == CAA_ISSUEWILD;
	wishes->has_issuemail |= property.tag == CAA_ISSUEMAIL;
	wishes->has_iodef |= property.tag == CAA_IODEF;
	if (property.tag == CAA_ISSUE && property.issuer.len) {
		wishes->allows_somebody = true;
		wishes->is_bound |= property.account_uri.len || property.validation_methods.len;
	}
	if (property.tag == CAA_IODEF && property.contact_domain.len &&
	    str_starts_nocase(property.contact, STR_LIT("mailto:")))
		judge_contact(j, property.contact_domain);
}

static void judge(struct judge *j)
{
	const struct fact *own = try_dns(j, j->domain, DNS_CAA);
	const struct dns_answer *caa;
	struct wishes wishes = { 0 };
	bool is_known;

	if (own && fact_is_answer(own) && dns_is_nxdomain(own->dns) && !own->dns->chain_count)
		return;
	caa = climb(j, &is_known);
	about_all(j);
	if (!is_known)
		return;
	if (!caa)
		cite(j, own);
	expect(j, PRESENT, STR_NONE, caa != NULL, "no CAA record at %.*s or above it",
	       STR(j->domain));
	if (!caa)
		return;
	for (size_t i = 0; i < caa->count && i < PROPERTIES; i++) {
		cite(j, caa);
		judge_property(j, &caa->rr[i], &wishes);
	}
	cite(j, caa);
	if (wishes.allows_somebody) {
		expect(j, ISSUEWILD, STR_NONE, wishes.has_issuewild,
		       "whoever may issue may issue wildcards");
		expect(j, ACCOUNTURI, STR_NONE, wishes.is_bound,
		       "no issue property has accounturi or validationmethods");
	}
	expect(j, ISSUEMAIL, STR_NONE, wishes.has_issuemail, "no issuemail property");
	if (!wishes.has_iodef)
		fail(j, IODEF, STR_NONE, "no iodef property");
}

const struct family family_caa = FAMILY("caa", checks, judge);

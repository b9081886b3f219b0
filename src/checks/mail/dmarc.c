/* SPDX-License-Identifier: Apache-2.0 */
/* Does DMARC tell receivers to refuse forged mail, and the owner about it? RFC 9989, 9990, 9991. */
#include "checks/derived/dkim_keys.h"
#include "checks/derived/dmarc_walk.h"
#include "formats/mail/spf_tree.h"

enum {
	PRESENT,
	MULTIPLE,
	SYNTAX,
	POLICY_NONE,
	TESTING,
	SP_WEAKER,
	NP_WEAKER,
	REJECT_SPF_ONLY,
	REJECT_LISTS,
	REMOVED_TAGS,
	PSD,
	RUA_MISSING,
	RUA_SYNTAX,
	RUA_AUTHORISED,
	RUA_DELIVERABLE,
	RUF
};

enum { REPORT_TARGETS = 8 };

/* clang-format off */
static const struct check checks[] = {
	[PRESENT] = {
		.id = "mail.dmarc.present",
		.severity = SEVERITY_HIGH,
		.title = "A DMARC policy applies to the domain",
		.source = "RFC 9989 section 4.10.1",
		.why = "Receivers are not told what to do with forged mail, and large ones refuse bulk mail without a policy.",
		.how = "The tree walk: _dmarc of the domain, then of its parents, at most eight names. Receivers that still follow RFC 7489 use the public suffix list instead.",
		.fix = { { "zone", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@example.com\"" } },
	},
	[MULTIPLE] = {
		.id = "mail.dmarc.multiple",
		.severity = SEVERITY_HIGH,
		.title = "There is one DMARC record, not several",
		.source = "RFC 9989 section 4.10",
		.why = "Receivers discard them all.",
		.how = "TXT records at _dmarc that begin with v=DMARC1 are counted.",
		.fix = { { "zone", "Keep one." } },
	},
	[SYNTAX] = {
		.id = "mail.dmarc.syntax",
		.severity = SEVERITY_HIGH,
		.title = "The DMARC record can be read",
		.source = "RFC 9989 sections 4.7 and 4.8",
		.why = "A wrong p, sp or np makes receivers act on p=none, or ignore the record.",
		.how = "The record is parsed by the grammar of the RFC; v must come first, and p, sp and np must be valid.",
		.fix = { { "zone", "Correct the tag named." } },
	},
	[POLICY_NONE] = {
		.id = "mail.dmarc.policy-none",
		.severity = SEVERITY_MEDIUM,
		.title = "The policy enforces: quarantine or reject",
		.source = "RFC 9989 section 4.7",
		.why = "p=none only watches: forged mail is delivered.",
		.how = "The policy that applies to the domain is read.",
		.fix = { { "zone", "p=quarantine, and p=reject when the reports show no genuine mail failing" } },
	},
	[TESTING] = {
		.id = "mail.dmarc.testing",
		.severity = SEVERITY_LOW,
		.title = "The test mode is over",
		.source = "RFC 9989 section 4.7 and appendix A.6",
		.why = "t=y lowers the policy by one step.",
		.how = "The tag t is read.",
		.fix = { { "zone", "Remove t=y." } },
	},
	[SP_WEAKER] = {
		.id = "mail.dmarc.sp-weaker",
		.severity = SEVERITY_MEDIUM,
		.title = "Subdomains are protected like the domain",
		.source = "RFC 9989 section 4.7",
		.why = "Forgers use a subdomain instead.",
		.how = "sp is compared with p.",
		.fix = { { "zone", "Remove sp, or raise it to p." } },
	},
	[NP_WEAKER] = {
		.id = "mail.dmarc.np-weaker",
		.severity = SEVERITY_LOW,
		.title = "Subdomains that do not exist are protected",
		.source = "RFC 9989 sections 4.7 and 3.2.13",
		.why = "Nobody sends from a name that does not exist, except forgers.",
		.how = "np, or sp, or p in its absence, is read: reject is right.",
		.fix = { { "zone", "np=reject" } },
	},
	[REJECT_SPF_ONLY] = {
		.id = "mail.dmarc.reject-spf-only",
		.severity = SEVERITY_MEDIUM,
		.title = "p=reject does not rest on SPF alone",
		.source = "RFC 9989 section 7.4",
		.why = "Forwarded mail loses SPF; without DKIM it is refused.",
		.how = "Where p=reject, a DKIM key is looked for at the selectors given and the usual ones.",
		.fix = { { "mail server", "Sign outgoing mail with DKIM." } },
	},
	[REJECT_LISTS] = {
		.id = "mail.dmarc.reject-lists",
		.severity = SEVERITY_INFO,
		.title = "p=reject is not used where people write to mailing lists",
		.source = "RFC 9989 section 7.4",
		.why = "Lists change messages: members' mail is refused, and members are thrown off the list.",
		.how = "p=reject on a domain with mail hosts is noted; whether people write to lists is not seen from outside.",
		.fix = { { "zone", "p=quarantine, or a subdomain for people who write to lists" } },
	},
	[REMOVED_TAGS] = {
		.id = "mail.dmarc.removed-tags",
		.severity = SEVERITY_LOW,
		.title = "No tags that were removed from DMARC",
		.source = "RFC 9989 section 9.3",
		.why = "pct, rf and ri are ignored now: pct=10 means all mail.",
		.how = "The record is searched for pct, rf and ri.",
		.fix = { { "zone", "Remove them; t=y is the test mode now." } },
	},
	[PSD] = {
		.id = "mail.dmarc.psd",
		.severity = SEVERITY_LOW,
		.title = "psd=y is left to operators of public suffixes",
		.source = "RFC 9989 sections 4.7 and 5.2",
		.why = "It makes every subdomain an organisation of its own: alignment and policy no longer reach them.",
		.how = "The tag psd is read, and the domain compared with the public suffix list's form: one label.",
		.fix = { { "zone", "Remove psd=y." } },
	},
	[RUA_MISSING] = {
		.id = "mail.dmarc.rua-missing",
		.severity = SEVERITY_LOW,
		.title = "Aggregate reports are asked for",
		.source = "RFC 9989 section 4.6",
		.why = "Without reports nobody sees forgery, nor genuine mail that fails.",
		.how = "The tag rua is read.",
		.fix = { { "zone", "rua=mailto:dmarc@example.com" } },
	},
	[RUA_SYNTAX] = {
		.id = "mail.dmarc.rua-syntax",
		.severity = SEVERITY_MEDIUM,
		.title = "Report addresses can be used",
		.source = "RFC 9989 section 4.6",
		.why = "Reports to a broken address are not sent.",
		.how = "Each URI of rua and ruf is parsed.",
		.fix = { { "zone", "rua=mailto:dmarc@example.com" } },
	},
	[RUA_AUTHORISED] = {
		.id = "mail.dmarc.rua-authorised",
		.severity = SEVERITY_MEDIUM,
		.title = "Others who get the reports have agreed",
		.source = "RFC 9990 section 4",
		.why = "Without their record receivers send them nothing.",
		.how = "For each receiver in another organisational domain, DOMAIN._report._dmarc.RECEIVER is looked up.",
		.fix = { { "receiver's zone", "example.com._report._dmarc TXT \"v=DMARC1\"" } },
	},
	[RUA_DELIVERABLE] = {
		.id = "mail.dmarc.rua-deliverable",
		.severity = SEVERITY_MEDIUM,
		.title = "Report addresses lead to a mail host",
		.source = "RFC 9990 section 3.5.2",
		.why = "Reports bounce.",
		.how = "MX and address records of each report domain are looked up.",
		.fix = { { "zone", "Correct the address, or add MX records to its domain." } },
	},
	[RUF] = {
		.id = "mail.dmarc.ruf",
		.severity = SEVERITY_INFO,
		.title = "Failure reports stay in the house",
		.source = "RFC 9991 section 6",
		.why = "They hold parts of people's messages.",
		.how = "Each address of ruf is compared with the domain.",
		.fix = { { "zone", "Remove ruf, or name a mailbox of your own." } },
	},
};
/* clang-format on */

static void judge_found(struct judge *j, const struct dmarc_walk *walk)
{
	for (size_t i = 0; i < walk->count; i++) {
		const struct dmarc_step *step = &walk->steps[i];

		cite(j, step->answer);
		if (step->is_known && (i == 0 || step->has_several))
			expect(j, MULTIPLE, step->name, !step->has_several,
			       "several DMARC records at %.*s: all are discarded", STR(step->name));
	}
	cite(j, walk->steps[0].answer);
	if (walk->applied)
		pass(j, PRESENT, STR_NONE);
	else if (!walk->is_partial)
		fail(j, PRESENT, STR_NONE, "no DMARC record at _dmarc.%.*s or above it",
		     STR(j->domain));
}

/* Report addresses have a check of their own. */
static const struct dmarc_problem *problem_of(const struct dmarc_record *record)
{
	for (size_t i = 0; i < record->problem_count; i++)
		if (!str_eq_nocase(record->problems[i].tag, STR_LIT("rua")) &&
		    !str_eq_nocase(record->problems[i].tag, STR_LIT("ruf")))
			return &record->problems[i];
	return NULL;
}

static void judge_syntax(struct judge *j, const struct dmarc_step *step)
{
	const struct dmarc_record *record = &step->record;
	const struct dmarc_problem *problem = problem_of(record);

	if (record->is_ignored)
		fail(j, SYNTAX, step->name,
		     "receivers ignore the record: it has no valid p, and no rua");
	else if (record->is_defaulted)
		fail(j, SYNTAX, step->name,
		     "p, sp or np is missing or not valid: p=none is assumed");
	else if (problem)
		fail_as(j, SYNTAX, SEVERITY_LOW, step->name, "%.*s: %.*s", STR(problem->tag),
			STR(problem->text));
	else
		pass(j, SYNTAX, step->name);
}

static enum dmarc_policy subdomain_policy(const struct dmarc_record *record)
{
	return (enum dmarc_policy)(record->sp ? record->sp : record->p);
}

static void judge_policy(struct judge *j, const struct dmarc_walk *walk)
{
	const struct dmarc_record *record = &walk->applied->record;
	bool is_own = str_eq(walk->applied->domain, j->domain);
	enum dmarc_policy sp = subdomain_policy(record);
	enum dmarc_policy np = (enum dmarc_policy)(record->np ? record->np : sp);

	expect(j, POLICY_NONE, STR_NONE, walk->policy > DMARC_NONE, "the policy is \"%s\"",
	       dmarc_policy_text(walk->policy));
	expect(j, TESTING, STR_NONE, !record->is_testing, "t=y lowers p=%s to %s",
	       dmarc_policy_text(walk->policy), dmarc_policy_text(dmarc_policy_enforced(walk)));
	expect(j, REMOVED_TAGS, STR_NONE, !record->has_pct && !record->has_rf && !record->has_ri,
	       "%s is ignored since RFC 9989",
	       record->has_pct  ? "pct"
	       : record->has_rf ? "rf"
				: "ri");
	if (!is_own)
		return; /* the rest is the business of the domain that publishes it */
	expect(j, SP_WEAKER, STR_NONE, sp >= record->p, "p=%s, but sp=%s",
	       dmarc_policy_text((enum dmarc_policy)record->p), dmarc_policy_text(sp));
	expect(j, NP_WEAKER, STR_NONE, np == DMARC_REJECT, "mail from names that do not exist: %s",
	       np ? dmarc_policy_text(np) : "no policy");
	expect(j, PSD, STR_NONE, record->psd != 'y' || dns_name_label_count(j->domain) == 1,
	       "psd=y says that %.*s is a public suffix", STR(j->domain));
}

/* Does mail to the report's domain have a place to go? A null MX says that it has not. */
static void judge_deliverable(struct judge *j, struct str domain)
{
	const struct dns_answer *mx, *a, *aaaa;

	about(j, RUA_DELIVERABLE);
	mx = ask_dns(j, domain, DNS_MX);
	if (!mx)
		return;
	if (mx->count) {
		expect(j, RUA_DELIVERABLE, domain, !str_eq(mx->rr[0].mx.host, STR_LIT(".")),
		       "%.*s takes no mail (null MX)", STR(domain));
		return;
	}
	a = ask_dns(j, domain, DNS_A);
	aaaa = ask_dns(j, domain, DNS_AAAA);
	if ((a && a->count) || (aaaa && aaaa->count))
		pass(j, RUA_DELIVERABLE, domain);
	else if (a && aaaa)
		fail(j, RUA_DELIVERABLE, domain, "%.*s has no MX and no address", STR(domain));
}

static void judge_authorised(struct judge *j, const struct dmarc_walk *walk, struct str domain)
{
	const struct dmarc_walk *theirs;
	const struct dns_answer *txt;
	struct str name;

	about(j, RUA_AUTHORISED);
	theirs = derive_dmarc_walk(j, domain);
	if (!theirs)
		return;
	if (str_eq(theirs->organization, walk->organization)) {
		pass(j, RUA_AUTHORISED, domain);
		return;
	}
	name = dns_name_child(j->arena, STR_LIT("_report._dmarc"), domain);
	name = dns_name_child(j->arena, walk->applied->domain, name);
	txt = ask_dns(j, name, DNS_TXT);
	if (!txt)
		return;
	for (size_t i = 0; i < txt->count; i++)
		if (dmarc_is_record(txt->rr[i].txt.text)) {
			pass(j, RUA_AUTHORISED, domain);
			return;
		}
	if (!theirs->is_partial)
		fail(j, RUA_AUTHORISED, domain, "%.*s has no DMARC record", STR(name));
}

static void judge_uris(struct judge *j, const struct dmarc_walk *walk, const struct mail_uri *uris,
		       size_t count)
{
	for (size_t i = 0; i < count && i < REPORT_TARGETS; i++) {
		cite(j, walk->applied->answer);
		expect(j, RUA_SYNTAX, uris[i].text, !uris[i].problem.len, "%.*s: %.*s",
		       STR(uris[i].text), STR(uris[i].problem));
		if (uris[i].problem.len || uris[i].scheme != MAIL_URI_MAILTO)
			continue;
		judge_deliverable(j, uris[i].domain);
		judge_authorised(j, walk, uris[i].domain);
		about_all(j);
	}
}

static void judge_reports(struct judge *j, const struct dmarc_walk *walk)
{
	const struct dmarc_record *record = &walk->applied->record;

	expect(j, RUA_MISSING, STR_NONE, record->has_rua, "the record has no rua");
	judge_uris(j, walk, record->rua, record->rua_count);
	for (size_t i = 0; i < record->ruf_count && i < REPORT_TARGETS; i++) {
		const struct mail_uri *uri = &record->ruf[i];

		cite(j, walk->applied->answer);
		expect(j, RUA_SYNTAX, uri->text, !uri->problem.len, "%.*s: %.*s", STR(uri->text),
		       STR(uri->problem));
		if (!uri->problem.len)
			expect(j, RUF, uri->domain,
			       dns_name_is_under(uri->domain, walk->organization),
			       "failure reports go to %.*s", STR(uri->domain));
	}
	if (!record->has_ruf)
		pass(j, RUF, STR_NONE);
}

/* A record that allows nobody: the domain sends no mail. */
static bool sends_mail(const struct spf_tree *spf)
{
	return !spf->count || spf->nodes[0].error != SPF_NODE_OK ||
	       spf->nodes[0].record.count > 1 || spf->all != '-';
}

/* A key at a selector that is known shows that mail is signed; that none is found shows nothing. */
static void judge_signing(struct judge *j)
{
	const struct spf_tree *spf = derive_spf_tree(j, j->domain);
	const struct dkim_keys *keys = derive_dkim_keys(j, j->domain);

	if (!spf || !keys || !sends_mail(spf))
		return;
	if (keys->usable)
		pass(j, REJECT_SPF_ONLY, STR_NONE);
	else if (keys->is_certainly_none)
		fail(j, REJECT_SPF_ONLY, STR_NONE, "no DKIM key exists under _domainkey.%.*s",
		     STR(j->domain));
	else
		unknown(j, REJECT_SPF_ONLY,
			"no DKIM selector is known; give one with --dkim-selector");
}

static void judge_reject(struct judge *j, const struct dmarc_walk *walk)
{
	const struct dns_answer *mx;

	if (walk->policy != DMARC_REJECT) {
		pass(j, REJECT_SPF_ONLY, STR_NONE);
		pass(j, REJECT_LISTS, STR_NONE);
		return;
	}
	about(j, REJECT_SPF_ONLY);
	judge_signing(j);
	about(j, REJECT_LISTS);
	mx = ask_dns(j, j->domain, DNS_MX);
	if (mx)
		expect(j, REJECT_LISTS, STR_NONE,
		       !mx->count || str_eq(mx->rr[0].mx.host, STR_LIT(".")),
		       "the domain takes mail: if people write to mailing lists, these break");
}

static void judge(struct judge *j)
{
	const struct dns_answer *txt;
	const struct dmarc_walk *walk;

	txt = ask_dns(j, j->domain, DNS_TXT);
	if (!txt || dns_is_nxdomain(txt))
		return;
	walk = derive_dmarc_walk(j, j->domain);
	if (!walk)
		return;
	judge_found(j, walk);
	if (!walk->applied)
		return;
	cite(j, walk->applied->answer);
	judge_syntax(j, walk->applied);
	judge_policy(j, walk);
	judge_reports(j, walk);
	judge_reject(j, walk);
	about_all(j);
}

const struct family family_mail_dmarc = FAMILY("mail.dmarc", checks, judge);

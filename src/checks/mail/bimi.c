/* SPDX-License-Identifier: Apache-2.0 */
/* Can mail programs show the domain's logo? draft-brand-indicators-for-message-identification. */
#include "formats/mail/bimi.h"
#include "checks/derived/dmarc_walk.h"
#include "formats/certificate.h"
#include "formats/mail/svg_logo.h"
#include "formats/names/psl.h"
#include "formats/web/url.h"

enum { RECORD, LOGO, DMARC };

enum { HOPS = 3 };

/* clang-format off */
static const struct check checks[] = {
	[RECORD] = {
		.id = "mail.bimi.record",
		.severity = SEVERITY_INFO,
		.title = "The BIMI record is valid",
		.source = "draft-brand-indicators-for-message-identification section 4.2",
		.why = "A record that cannot be read shows no logo. Without a record this does not apply.",
		.how = "The TXT record at default._bimi of the domain, else of its organisational domain, is parsed; "
		       "l= and a= must be https URLs.",
		.fix = { { "zone", "default._bimi TXT \"v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem\"" } },
	},
	[LOGO] = {
		.id = "mail.bimi.logo",
		.severity = SEVERITY_LOW,
		.title = "Logo and mark certificate can be used",
		.source = "draft-svg-tiny-ps-abrotman; VMC Requirements sections 3.2 and 7.1",
		.why = "Mailbox providers show nothing when the file is no SVG Tiny PS, or the certificate is of another "
		       "name, out of date, or incomplete.",
		.how = "The files at l= and a= are fetched over https. The SVG is held against the profile; of the certificate: "
		       "names, dates, purpose, embedded logo, and whether each one's issuer follows. Signatures are not verified.",
		.fix = { { "logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\"><title>Example</title>…</svg>" } },
	},
	[DMARC] = {
		.id = "mail.bimi.dmarc",
		.severity = SEVERITY_LOW,
		.title = "DMARC is enforced, as BIMI asks for",
		.source = "draft-brand-indicators-for-message-identification section 7.1; RFC 9989 section 4.7",
		.why = "Logos are shown only for domains whose DMARC policy is quarantine or reject, for all mail.",
		.how = "The policy that receivers apply to the domain is found by the tree walk, t=y counted in.",
		.fix = { { "zone", "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@example.com\"" } },
	},
};
/* clang-format on */

static bool is_https(struct judge *j, const char *tag, struct str text)
{
	struct web_url url;
	struct err err = { 0 };

	if (!text.len)
		return false;
	if (web_url_parse(j->arena, text, &url, &err) == 0 && url.is_https)
		return true;
	fail(j, RECORD, str_of(tag), "%s=%.*s is no https URL", tag, STR(str_first(text, 100)));
	return false;
}

/* Where a record may stand: 1 found, 0 none or not known. */
static int record_at(struct judge *j, struct str domain, struct bimi_record *ret, bool *ret_goes_on)
{
	struct str name = dns_name_child(j->arena, STR_LIT("default._bimi"), domain);
	const struct dns_answer *txt = ask_dns(j, name, DNS_TXT);
	struct err err = { 0 };
	int code;

	*ret_goes_on = false;
	if (!txt)
		return 0;
	code = bimi_select(j->arena, txt, ret, &err);
	*ret_goes_on = code == -ENOMSG;
	if (code < 0 && code != -ENOMSG)
		fail(j, RECORD, name, "%s", err.text);
	return code == 0;
}

/* The file behind a URL, redirects followed while they stay on https; NULL: not here, or said why. */
static const struct http_answer *file_at(struct judge *j, struct str subject, struct str url)
{
	for (unsigned hop = 0; hop <= HOPS; hop++) {
		const struct http_answer *answer = ask_http(j, url, HTTP_BODY | HTTP_BRIEF);

		if (!answer)
			return NULL;
		if (answer->tls.faults) {
			fail(j, LOGO, subject, "the server's certificate is not accepted: %.*s",
			     STR(tls_faults_text(j->arena, answer->tls.faults)));
			return NULL;
		}
		if (answer->status == 200)
			return answer;
		if (!str_starts(answer->location, STR_LIT("https:"))) {
			fail(j, LOGO, subject, "%.*s gives status %u", STR(str_first(url, 100)),
			     answer->status);
			return NULL;
		}
		url = answer->location;
	}
	fail(j, LOGO, subject, "more than %d redirects", HOPS);
	return NULL;
}

static void judge_logo(struct judge *j, struct str url)
{
	const struct str subject = STR_LIT("logo");
	const struct http_answer *answer = file_at(j, subject, url);
	struct err err = { 0 };

	if (!answer)
		return;
	if (!str_eq(answer->media_type, STR_LIT("image/svg+xml")))
		fail(j, LOGO, subject, "served as \"%.*s\", not as image/svg+xml",
		     STR(str_first(answer->media_type, 60)));
	else if (svg_logo_check(answer->body, &err) < 0)
		fail(j, LOGO, subject, "no SVG Tiny PS: %s", err.text);
	else
		pass(j, LOGO, subject);
}

/* VMC Requirements section 3.2.4: the domain, its organisational domain, or the record's own name. */
static bool is_for(struct judge *j, const struct certificate *mark)
{
	struct str organization = registrable_domain(j->domain);

	for (size_t i = 0; i < mark->name_count; i++) {
		struct str name = mark->names[i];

		if (str_starts(name, STR_LIT("default._bimi.")))
			name = str_from(name, sizeof "default._bimi." - 1);
		if (str_eq(name, j->domain) || str_eq(name, organization))
			return true;
	}
	return false;
}

static const char *chain_fault(struct judge *j, const struct certificate *chain, size_t count)
{
	if (j->at_us > chain[0].not_after_us)
		return "the mark certificate has expired";
	if (j->at_us < chain[0].not_before_us)
		return "the mark certificate is not valid yet";
	if (!chain[0].is_for_marks)
		return "the first certificate is not for marks";
	if (!chain[0].has_logotype)
		return "the mark certificate holds no logo";
	if (!is_for(j, &chain[0]))
		return "the mark certificate is of another name";
	if (count < 2)
		return "the issuer's certificate is missing";
	for (size_t i = 1; i < count; i++)
		if (!str_eq(chain[i - 1].issuer, chain[i].subject) || !chain[i].is_authority)
			return "the certificates do not follow each other's issuers";
	return NULL;
}

static void judge_certificate(struct judge *j, struct str url)
{
	const struct str subject = STR_LIT("certificate");
	const struct http_answer *answer = file_at(j, subject, url);
	struct certificate *chain;
	struct err err = { 0 };
	const char *fault;
	size_t count;

	if (!answer)
		return;
	if (answer->is_cut) {
		fail(j, LOGO, subject, "larger than 256 KiB");
		return;
	}
	if (certificates_read_pem(j->arena, answer->body, &chain, &count, &err) < 0) {
		fail(j, LOGO, subject, "%s", err.text);
		return;
	}
	fault = chain_fault(j, chain, count);
	expect(j, LOGO, subject, !fault, "%s", fault ? fault : "");
}

static void judge_dmarc(struct judge *j)
{
	const struct dmarc_walk *walk = derive_dmarc_walk(j, j->domain);
	enum dmarc_policy policy;

	if (!walk || walk->is_partial)
		return;
	policy = dmarc_policy_enforced(walk);
	if (!walk->applied)
		fail(j, DMARC, STR_NONE, "no DMARC record");
	else
		expect(j, DMARC, STR_NONE, policy == DMARC_QUARANTINE || policy == DMARC_REJECT,
		       "the policy in force is %s", dmarc_policy_text(policy));
}

static void judge(struct judge *j)
{
	struct str organization = registrable_domain(j->domain);
	struct bimi_record record;
	bool goes_on, is_logo, is_certificate;
	int found = record_at(j, j->domain, &record, &goes_on);

	if (goes_on && organization.len && !str_eq(organization, j->domain))
		found = record_at(j, organization, &record, &goes_on);
	if (!found || record.is_declined)
		return;
	about(j, RECORD);
	is_logo = is_https(j, "l", record.logo);
	is_certificate = is_https(j, "a", record.evidence);
	if (!record.logo.len)
		fail(j, RECORD, STR_LIT("l"), "l= is empty, and a= is not");
	if (is_logo && (is_certificate || !record.evidence.len))
		pass(j, RECORD, STR_NONE);
	about(j, LOGO);
	if (is_logo)
		judge_logo(j, record.logo);
	if (is_certificate)
		judge_certificate(j, record.evidence);
	about(j, DMARC);
	judge_dmarc(j);
}

const struct family family_mail_bimi = FAMILY("mail.bimi", checks, judge);

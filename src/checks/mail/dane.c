/* SPDX-License-Identifier: Apache-2.0 */
/* Do TLSA records let senders know the mail hosts' keys? RFC 7672. */
#include "checks/derived/mail_hosts.h"

enum { PRESENT, DNSSEC, USAGE, ROLLOVER };

enum { USAGE_TRUST_ANCHOR = 2, USAGE_END_ENTITY = 3, MATCHING_SHA256 = 1 };

/* clang-format off */
static const struct check checks[] = {
	[PRESENT] = {
		.id = "mail.dane.present",
		.severity = SEVERITY_LOW,
		.title = "Every mail host has TLSA records",
		.source = "RFC 7672 section 2.2",
		.why = "With DANE senders refuse to be talked out of TLS, or to talk to somebody else's key.",
		.how = "TLSA records at _25._tcp of each MX host are looked up.",
		.fix = { { "zone", "_25._tcp.mail TLSA 3 1 1 DIGEST (tlsa --create --selector 1 mail.example.com)" } },
	},
	[DNSSEC] = {
		.id = "mail.dane.dnssec",
		.severity = SEVERITY_HIGH,
		.title = "MX and TLSA records are signed",
		.source = "RFC 7672 sections 2.1 and 2.2",
		.why = "Without DNSSEC TLSA records count for nothing: senders ignore them.",
		.how = "The validating resolver must mark the MX answer and the TLSA answers as secure. Where only the domain is unsigned and the host is another's, it is low.",
		.fix = { { "zone", "Sign the domain's zone and the mail hosts' zone, with DS records at their parents." } },
	},
	[USAGE] = {
		.id = "mail.dane.usage",
		.severity = SEVERITY_MEDIUM,
		.title = "TLSA records are of a kind that senders use",
		.source = "RFC 7672 sections 3.1.3 and 5; RFC 7671 section 5",
		.why = "Usages 0 and 1 are not supported for SMTP, and a host whose records are all unusable is not protected.",
		.how = "No record may have usage 0 or 1, and one must have usage 2 or 3 with SHA-256.",
		.fix = { { "zone", "_25._tcp.mail TLSA 3 1 1 DIGEST" } },
	},
	[ROLLOVER] = {
		.id = "mail.dane.rollover",
		.severity = SEVERITY_INFO,
		.title = "A second TLSA record is ready for the next key",
		.source = "RFC 7671 section 8.1",
		.why = "A new key must be published before it is used; a record that was prepared cannot be forgotten.",
		.how = "TLSA records of each mail host are counted.",
		.fix = { { "zone", "Publish the next key's digest, or the issuing authority's (2 1 1), beside the current one." } },
	},
};
/* clang-format on */

/* What every sender that knows DANE can use; SHA-512 may be left out (RFC 7671 section 5). */
static bool is_usable(const struct dns_rr *rr)
{
	return !rr->is_malformed &&
	       (rr->tlsa.usage == USAGE_TRUST_ANCHOR || rr->tlsa.usage == USAGE_END_ENTITY) &&
	       rr->tlsa.selector <= 1 && rr->tlsa.matching == MATCHING_SHA256;
}

static void judge_usage(struct judge *j, struct str host, const struct dns_answer *tlsa)
{
	size_t usable = 0, strange = 0;

	for (size_t i = 0; i < tlsa->count; i++) {
		usable += is_usable(&tlsa->rr[i]);
		strange += tlsa->rr[i].tlsa.usage < USAGE_TRUST_ANCHOR;
	}
	expect(j, USAGE, host, usable && !strange, "%s",
	       strange ? "usage 0 or 1 is not for SMTP"
		       : "no record with usage 2 or 3 and SHA-256");
}

/* The records of a provider's host are the provider's promise: that an unsigned domain has no use of them
 * is a chance missed, not a promise broken. */
static void judge_signed(struct judge *j, const struct dns_answer *mx,
			 const struct dns_answer *tlsa, struct str host)
{
	if (!tlsa->is_secure)
		fail(j, DNSSEC, host, "the TLSA records of %.*s are not signed", STR(host));
	else if (!mx->is_secure) {
		cite(j, mx);
		fail_as(j, DNSSEC,
			dns_name_is_under(host, j->domain) ? SEVERITY_HIGH : SEVERITY_LOW, host,
			"the MX records are not signed: nobody uses the TLSA records of %.*s",
			STR(host));
		cite(j, tlsa);
	} else
		pass(j, DNSSEC, host);
}

static void judge_host(struct judge *j, const struct dns_answer *mx, struct str host)
{
	struct str name = dns_name_child(j->arena, STR_LIT("_25._tcp"), host);
	const struct dns_answer *tlsa = ask_dns(j, name, DNS_TLSA);

	if (!tlsa)
		return;
	expect(j, PRESENT, host, tlsa->count > 0, "no TLSA record at %.*s", STR(name));
	if (!tlsa->count)
		return;
	judge_signed(j, mx, tlsa, host);
	judge_usage(j, host, tlsa);
	expect(j, ROLLOVER, host, tlsa->count >= 2, "one TLSA record only");
}

static void judge(struct judge *j)
{
	const struct mail_hosts *hosts;

	hosts = derive_mail_hosts(j, j->domain);
	if (!hosts || hosts->is_implicit)
		return;
	for (size_t i = 0; i < hosts->count; i++)
		judge_host(j, hosts->mx, hosts->hosts[i].name);
}

const struct family family_mail_dane = FAMILY("mail.dane", checks, judge);

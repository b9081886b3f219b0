/* SPDX-License-Identifier: Apache-2.0 */
/* Do senders find a policy that demands TLS, and does it fit the mail hosts? RFC 8461. */
#include "checks/derived/mail_hosts.h"
#include "formats/mail/mta_sts.h"

enum { PRESENT, FETCH, SYNTAX, MODE, MX_MATCH, ID_STALE };

enum { WEEK_S = 7 * 86400 };

/* clang-format off */
static const struct check checks[] = {
	[PRESENT] = {
		.id = "mail.mta-sts.present",
		.severity = SEVERITY_LOW,
		.title = "An MTA-STS policy is announced",
		.source = "RFC 8461 section 3.1",
		.why = "Without it, or DANE, whoever sits between two mail servers can keep TLS from being used.",
		.how = "The TXT record at _mta-sts is looked up and parsed: one record with an id.",
		.fix = { { "zone", "_mta-sts TXT \"v=STSv1; id=20260101000000\"" } },
	},
	[FETCH] = {
		.id = "mail.mta-sts.fetch",
		.severity = SEVERITY_HIGH,
		.title = "The MTA-STS policy can be fetched as senders do",
		.source = "RFC 8461 section 3.3",
		.why = "A policy that is announced and cannot be fetched protects nothing.",
		.how = "https://mta-sts.DOMAIN/.well-known/mta-sts.txt is fetched: valid certificate, status 200, no "
		       "redirect, text/plain, up to 64 KiB. A time-out is no finding.",
		.fix = { { "nginx", "location = /.well-known/mta-sts.txt { default_type text/plain; alias /srv/mta-sts.txt; }" } },
	},
	[SYNTAX] = {
		.id = "mail.mta-sts.syntax",
		.severity = SEVERITY_HIGH,
		.title = "The MTA-STS policy can be read",
		.source = "RFC 8461 section 3.2",
		.why = "Senders treat a policy that they cannot read as none.",
		.how = "version, mode, max_age and mx of the fetched policy are parsed.",
		.fix = { { "mta-sts.txt", "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 2592000" } },
	},
	[MODE] = {
		.id = "mail.mta-sts.mode",
		.severity = SEVERITY_LOW,
		.title = "The MTA-STS policy is enforced, for weeks",
		.source = "RFC 8461 sections 3.2 and 5",
		.why = "testing and none only report, or nothing; a policy that senders forget within days does not hold "
		       "when an attacker keeps them from fetching it again.",
		.how = "mode must be enforce, max_age at least a week.",
		.fix = { { "mta-sts.txt", "mode: enforce\nmax_age: 2592000" } },
	},
	[MX_MATCH] = {
		.id = "mail.mta-sts.mx-match",
		.severity = SEVERITY_HIGH,
		.title = "Every mail host is covered by the MTA-STS policy",
		.source = "RFC 8461 section 4.1",
		.why = "Senders that follow the policy deliver no mail to a host that it does not name.",
		.how = "Each MX host is compared with the policy's mx patterns.",
		.fix = { { "mta-sts.txt", "mx: one line for each host, or mx: *.example.com" } },
	},
	[ID_STALE] = {
		.id = "mail.mta-sts.id-stale",
		.severity = SEVERITY_MEDIUM,
		.title = "A changed MTA-STS policy has a new id",
		.source = "RFC 8461 section 3.1",
		.why = "Senders that know the old policy fetch the new one when the id in DNS changes; until then, for as long as "
		       "max_age, they go by the old one, and refuse a new mail host.",
		.how = "Mode, max_age and mx of the policy, and the record's id, are compared with those of the scan before.",
		.fix = { { "zone", "_mta-sts TXT \"v=STSv1; id=20260102000000\": another id than before" } },
	},
};
/* clang-format on */

static struct str record_name(struct judge *j)
{
	return dns_name_child(j->arena, STR_LIT("_mta-sts"), j->domain);
}

static struct str policy_url(struct judge *j)
{
	return str_printf(j->arena, "https://mta-sts.%.*s/.well-known/mta-sts.txt", STR(j->domain));
}

/* 1: announced. What is announced wrongly is none to senders. */
static int judge_record(struct judge *j, struct mta_sts_record *ret)
{
	struct str name = record_name(j);
	const struct dns_answer *txt;
	struct err err = { 0 };
	int code;

	txt = ask_dns(j, name, DNS_TXT);
	if (!txt)
		return 0;
	code = mta_sts_select(j->arena, txt, ret, &err);
	if (code == -ENOMSG)
		fail(j, PRESENT, STR_NONE, "no record at %.*s", STR(name));
	else if (code < 0)
		fail(j, PRESENT, STR_NONE, "the record at %.*s counts for nothing: %s", STR(name),
		     err.text);
	else
		pass(j, PRESENT, STR_NONE);
	return code == 0;
}

static const char *failure_text(enum failure failure)
{
	switch (failure) {
	case FAILURE_NO_ADDRESS:
		return "the host has no address";
	case FAILURE_REFUSED:
		return "the connection is refused";
	case FAILURE_TLS:
		return "no TLS handshake";
	case FAILURE_GARBAGE:
		return "what answers is no web server";
	default:
		return NULL;
	}
}

static bool is_wrong(struct judge *j, const struct http_answer *answer, struct str host)
{
	struct str faults = tls_faults_text(j->arena, answer->tls.faults);

	if (answer->tls.faults)
		fail(j, FETCH, host, "the certificate is not accepted: %.*s", STR(faults));
	else if (answer->status >= 300 && answer->status < 400)
		fail(j, FETCH, host, "redirected (%u): senders do not follow", answer->status);
	else if (answer->status != 200)
		fail(j, FETCH, host, "status %u", answer->status);
	else if (!str_eq(answer->media_type, STR_LIT("text/plain")))
		fail(j, FETCH, host, "served as \"%.*s\", not as text/plain",
		     STR(str_first(answer->media_type, 60)));
	else if (answer->body_bytes > MTA_STS_POLICY_BYTES)
		fail(j, FETCH, host, "longer than 64 KiB");
	else
		return false;
	return true;
}

/* The policy's text as a sender gets it, or NULL. */
static const struct http_answer *fetch_policy(struct judge *j)
{
	struct str host = dns_name_child(j->arena, STR_LIT("mta-sts"), j->domain);
	const struct fact *fact = try_http(j, policy_url(j), HTTP_BODY | HTTP_BRIEF);
	const char *failure;

	if (!fact)
		return NULL;
	if (fact_is_answer(fact)) {
		if (is_wrong(j, fact->http, host))
			return NULL;
		pass(j, FETCH, host);
		return fact->http;
	}
	failure = failure_text((enum failure)fact->failure);
	if (failure)
		fail(j, FETCH, host, "%s%s%.*s", failure, fact->detail.len ? ": " : "",
		     STR(fact->detail));
	else
		give_up(j, fact);
	return NULL;
}

static void judge_policy(struct judge *j, const struct mta_sts_policy *policy,
			 const struct mail_hosts *hosts)
{
	expect(j, MODE, STR_LIT("mode"), policy->mode == MTA_STS_ENFORCE, "mode is %s",
	       mta_sts_mode_text((enum mta_sts_mode)policy->mode));
	expect(j, MODE, STR_LIT("max_age"), policy->max_age_s >= WEEK_S,
	       "max_age is %u seconds: less than a week", policy->max_age_s);
	if (policy->mode == MTA_STS_NONE)
		return;
	for (size_t i = 0; i < hosts->count; i++)
		expect(j, MX_MATCH, hosts->hosts[i].name,
		       mta_sts_covers(policy, hosts->hosts[i].name), "no mx line covers it");
}

/* What senders got at the scan before, and the id that they know it by. */
static bool said_before(struct judge *j, struct mta_sts_policy *ret_policy, struct str *ret_id)
{
	const struct dns_answer *txt = before_dns(j, record_name(j), DNS_TXT);
	const struct http_answer *answer = before_http(j, policy_url(j), HTTP_BODY | HTTP_BRIEF);
	struct mta_sts_record record;

	if (!txt || !answer || answer->status != 200 || answer->tls.faults ||
	    mta_sts_select(j->arena, txt, &record, NULL) < 0 ||
	    mta_sts_policy_parse(j->arena, answer->body, ret_policy, NULL) < 0)
		return false;
	*ret_id = record.id;
	return true;
}

static bool has_line(const struct mta_sts_policy *policy, struct str mx)
{
	for (size_t i = 0; i < policy->mx_count && i < MTA_STS_MX; i++)
		if (str_eq(policy->mx[i], mx))
			return true;
	return false;
}

static bool is_same(const struct mta_sts_policy *one, const struct mta_sts_policy *other)
{
	for (size_t i = 0; i < one->mx_count && i < MTA_STS_MX; i++)
		if (!has_line(other, one->mx[i]))
			return false;
	return one->mode == other->mode && one->max_age_s == other->max_age_s &&
	       one->mx_count == other->mx_count;
}

static void judge_id(struct judge *j, const struct mta_sts_policy *before, struct str id_before,
		     const struct mta_sts_policy *policy, struct str id)
{
	expect(j, ID_STALE, STR_NONE, is_same(before, policy) || !str_eq(id_before, id),
	       "the policy is another than at the scan before, and the id is still %.*s", STR(id));
}

static void judge(struct judge *j)
{
	const struct mail_hosts *hosts;
	const struct http_answer *answer;
	struct mta_sts_policy policy, before;
	struct mta_sts_record record;
	struct err err = { 0 };
	struct str id = STR_NONE;
	bool has_before = said_before(j, &before, &id);

	if (!has_before)
		about(j, PRESENT, FETCH, SYNTAX, MODE, MX_MATCH);
	hosts = derive_mail_hosts(j, j->domain);
	if (!hosts || !mail_hosts_take_mail(hosts) || hosts->is_implicit ||
	    !judge_record(j, &record))
		return;
	if (has_before)
		about(j, FETCH, SYNTAX, MODE, MX_MATCH, ID_STALE);
	else
		about(j, FETCH, SYNTAX, MODE, MX_MATCH);
	answer = fetch_policy(j);
	if (!answer)
		return;
	if (mta_sts_policy_parse(j->arena, answer->body, &policy, &err) < 0) {
		fail(j, SYNTAX, STR_NONE, "%s", err.text);
		return;
	}
	pass(j, SYNTAX, STR_NONE);
	judge_policy(j, &policy, hosts);
	if (has_before)
		judge_id(j, &before, id, &policy, record.id);
}

const struct family family_mail_mta_sts = FAMILY("mail.mta-sts", checks, judge);

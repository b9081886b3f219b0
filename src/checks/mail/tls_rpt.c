/* SPDX-License-Identifier: Apache-2.0 */
/* Are senders asked to report failing TLS? RFC 8460. */
#include "checks/derived/mail_hosts.h"
#include "formats/mail/tls_rpt.h"

enum { PRESENT };

/* clang-format off */
static const struct check checks[] = {
	[PRESENT] = {
		.id = "mail.tls-rpt.present",
		.severity = SEVERITY_LOW,
		.title = "Senders report when TLS to the mail hosts fails",
		.source = "RFC 8460 section 3",
		.why = "Without reports, mail that is held up by a broken certificate or policy goes unnoticed.",
		.how = "The TXT record at _smtp._tls is looked up and parsed: one record with a usable rua.",
		.fix = { { "zone", "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:tls@example.com\"" } },
	},
};
/* clang-format on */

static void judge(struct judge *j)
{
	const struct mail_hosts *hosts = derive_mail_hosts(j, j->domain);
	struct str name = dns_name_child(j->arena, STR_LIT("_smtp._tls"), j->domain);
	struct tls_rpt_record record;
	struct err err = { 0 };
	const struct dns_answer *txt;
	int code;

	if (!hosts || !mail_hosts_take_mail(hosts) || hosts->is_implicit)
		return;
	txt = ask_dns(j, name, DNS_TXT);
	if (!txt)
		return;
	code = tls_rpt_select(j->arena, txt, &record, &err);
	if (code == -ENOMSG)
		fail(j, PRESENT, STR_NONE, "no record at %.*s", STR(name));
	else if (code == -EEXIST)
		fail(j, PRESENT, STR_NONE, "several records at %.*s: senders use none", STR(name));
	else if (code < 0)
		fail(j, PRESENT, STR_NONE, "%s", err.text);
	else
		expect(j, PRESENT, STR_NONE, record.rua_valid > 0, "rua has no usable address");
}

const struct family family_mail_tls_rpt = FAMILY("mail.tls-rpt", checks, judge);

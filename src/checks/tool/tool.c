/* SPDX-License-Identifier: Apache-2.0 */
/* What do external tools find? Which they are, and what of their output is a finding, definitions say. */
#include "checks/judge.h"

enum {
	NMAP_PORT,
	TESTSSL,
	SSLYZE_PROTOCOL,
	SSLYZE_CERTIFICATE,
	WHOIS_STATUS,
	LOOKALIKE,
	OTHER,
	CHECKS
};

/* An address of a host is asked about; how many of them, of one family. */
enum { ADDRESSES = 4, ENTRIES = 64 };

/* clang-format off */
static const struct check checks[] = {
	[NMAP_PORT] = {
		.id = "tool.nmap.port",
		.severity = SEVERITY_HIGH,
		.title = "No port of databases or remote control answers everybody",
		.source = "nmap, -sT; data/tools/nmap.yaml lists the ports",
		.why = "What was made for a network of one's own is tried by everybody, all day.",
		.how = "nmap connects to the ports of the addresses of the domain and its www.",
		.fix = { { "firewall", "Let only those reach the port who need it." } },
	},
	[TESTSSL] = {
		.id = "tool.testssl.weakness",
		.severity = SEVERITY_MEDIUM,
		.title = "testssl.sh rates no protocol or certificate property as weak",
		.source = "testssl.sh 3.0, -p -S; its own severities",
		.why = "Old protocols and faulty certificates let others read or change what visitors send.",
		.how = "testssl.sh connects to port 443 of the domain and its www.",
		.fix = { { "nginx", "ssl_protocols TLSv1.2 TLSv1.3; and a certificate that is valid for the name." } },
	},
	[SSLYZE_PROTOCOL] = {
		.id = "tool.sslyze.protocol",
		.severity = SEVERITY_MEDIUM,
		.title = "SSLyze finds no protocol older than TLS 1.2",
		.source = "RFC 8996; SSLyze",
		.why = "SSL and TLS 1.0 and 1.1 have known attacks, and no client needs them.",
		.how = "SSLyze tries each version with port 443 of the domain and its www.",
		.fix = { { "nginx", "ssl_protocols TLSv1.2 TLSv1.3;" } },
	},
	[SSLYZE_CERTIFICATE] = {
		.id = "tool.sslyze.certificate",
		.severity = SEVERITY_HIGH,
		.title = "A trust store that SSLyze knows accepts the certificate",
		.source = "RFC 5280 section 6; SSLyze, --certinfo",
		.why = "Visitors get a warning instead of the page.",
		.how = "SSLyze validates the chain of port 443 for the name with its trust stores and the configured one.",
		.fix = { { "certbot", "certbot renew" } },
	},
	[WHOIS_STATUS] = {
		.id = "tool.whois.status",
		.severity = SEVERITY_HIGH,
		.title = "The registry's WHOIS tells of no hold and no deletion",
		.source = "RFC 3912; RFC 5731 section 2.3; RFC 3915",
		.why = "A domain on hold is not in the DNS, and a deleted one is anybody's.",
		.how = "The program whois asks the server that it knows for the last label; status lines are read.",
		.fix = { { "registrar", "Ask the registrar why, and have the domain restored." } },
	},
	[LOOKALIKE] = {
		.id = "tool.dnstwist.lookalike",
		.severity = SEVERITY_LOW,
		.title = "No name that looks like the domain is registered",
		.source = "dnstwist; data/tools/dnstwist.yaml lists the kinds of likeness",
		.why = "Who holds such a name can take for the domain whoever mistypes or does not look closely.",
		.how = "dnstwist makes names by typing errors, and asks the DNS which of them exist.",
		.fix = { { "registrar", "Register the nearest ones yourself; have those that deceive taken down." } },
	},
	[OTHER] = {
		.id = "tool.finding",
		.severity = SEVERITY_MEDIUM,
		.title = "Tools of the operator's own find nothing",
		.source = "the definition of the tool (docs/tools.md)",
		.why = "The operator thought it worth a tool.",
		.how = "As the tool's definition says.",
		.fix = { { "operator", "What the tool's documentation says." } },
	},
};
/* clang-format on */

/* Which of ours a definition speaks about; ids of others are none of ours. */
static size_t checks_of(const struct external_entry *entry, unsigned char found[static CHECKS])
{
	size_t count = 0;

	for (unsigned check = 0; check < CHECKS; check++)
		for (size_t i = 0; i < entry->check_count; i++)
			if (str_eq(entry->checks[i], str_of(checks[check].id))) {
				found[count++] = (unsigned char)check;
				break;
			}
	return count;
}

/* Of a host, whose addresses may change, and what the definition adds to it; otherwise as the definition says. */
static struct str subject_of(struct judge *j, const struct external_finding *finding,
			     struct str asked, struct str host)
{
	if (str_eq(asked, host))
		return finding->subject.len ? finding->subject : host;
	return finding->subject.len
		       ? str_printf(j->arena, "%.*s/%.*s", STR(host), STR(finding->subject))
		       : host;
}

static void judge_check(struct judge *j, unsigned check, const struct external_entry *entry,
			struct str asked, struct str host, const struct external_answer *answer)
{
	bool is_address = !str_eq(asked, host), is_bad = false;

	for (size_t i = 0; i < answer->finding_count && i < EXTERNAL_FINDINGS; i++) {
		const struct external_finding *finding = &answer->findings[i];

		if (!str_eq(finding->check, str_of(checks[check].id)))
			continue;
		is_bad = true;
		cite(j, answer);
		fail_as(j, check, (enum severity)MIN(finding->severity, SEVERITY_CRITICAL),
			subject_of(j, finding, asked, host), "%.*s%s%.*s: %.*s", STR(entry->name),
			is_address ? ", " : "", STR(is_address ? asked : STR_NONE),
			STR(finding->text));
	}
	if (!is_bad)
		pass(j, check, host);
}

/* asked: the subject of the question; host: what it is about. */
static void judge_subject(struct judge *j, const struct external_entry *entry, struct str asked,
			  struct str host)
{
	const struct external_answer *answer = ask_tool(j, entry->name, asked);
	unsigned char found[CHECKS];
	size_t count = checks_of(entry, found);

	for (size_t i = 0; answer && i < count; i++)
		judge_check(j, found[i], entry, asked, host, answer);
}

static void judge_addresses(struct judge *j, const struct external_entry *entry, struct str host,
			    uint16_t type)
{
	const struct dns_answer *found = ask_dns(j, host, type);

	for (size_t i = 0, seen = 0; found && i < found->count && seen < ADDRESSES; i++)
		if (found->rr[i].type == type) {
			judge_subject(j, entry, address_str(j->arena, &found->rr[i].address), host);
			seen++;
		}
}

static bool has_address(const struct dns_answer *answer, uint16_t type)
{
	for (size_t i = 0; answer && i < answer->count; i++)
		if (answer->rr[i].type == type)
			return true;
	return false;
}

static void judge_host(struct judge *j, const struct external_entry *entry, struct str host)
{
	if (str_eq(entry->subject, STR_LIT("address"))) {
		judge_addresses(j, entry, host, DNS_A);
		judge_addresses(j, entry, host, DNS_AAAA);
	} else if (has_address(ask_dns(j, host, DNS_A), DNS_A) ||
		   has_address(ask_dns(j, host, DNS_AAAA), DNS_AAAA)) {
		judge_subject(j, entry, host, host);
	}
}

static void judge_entry(struct judge *j, const struct external_entry *entry)
{
	unsigned char found[CHECKS];
	size_t count = checks_of(entry, found);

	if (!count)
		return;
	judge_about(j, found, count);
	if (str_eq(entry->subject, STR_LIT("domain"))) {
		judge_subject(j, entry, j->domain, j->domain);
	} else {
		judge_host(j, entry, j->domain);
		judge_host(j, entry, str_printf(j->arena, "www.%.*s", STR(j->domain)));
	}
	about_all(j);
}

static void judge(struct judge *j)
{
	const struct external_list *tools;

	about_none(j); /* in a profile without tools they do not apply */
	tools = ask_external(j, true);
	about_all(j);
	for (size_t i = 0; tools && i < tools->entry_count && i < ENTRIES; i++)
		judge_entry(j, &tools->entries[i]);
}

const struct family family_tool = FAMILY("tool", checks, judge);

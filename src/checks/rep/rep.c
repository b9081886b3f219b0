/* SPDX-License-Identifier: Apache-2.0 */
/* What do those who watch the internet say of the domain? By APIs, as their definitions judge. */
#include "checks/judge.h"

enum { FEEDS, BREACHES, EXPOSURE };

enum { ADDRESSES = 4 };

/* clang-format off */
static const struct check checks[] = {
	[FEEDS] = {
		.id = "rep.feeds",
		.severity = SEVERITY_HIGH,
		.title = "No feed of phishing, malware or abuse names the domain or its addresses",
		.source = "practice",
		.why = "Browsers, mail filters and firewalls follow such feeds; and often they know of a break-in first.",
		.how = "The providers that the definitions of APIs name (VirusTotal, urlscan.io, AbuseIPDB, GreyNoise), as far "
		       "as there is a key, are asked about the domain and the addresses of its name.",
		.fix = { { "the provider", "Find what was seen and end it; then ask the provider to look again." } },
	},
	[BREACHES] = {
		.id = "rep.breaches",
		.severity = SEVERITY_LOW,
		.title = "No mailbox of the domain stands in a known breach",
		.source = "practice",
		.why = "Passwords of breaches are tried everywhere within days.",
		.how = "Have I Been Pwned is asked for the domain's mailboxes, where there is a key for a domain that was proved there.",
		.fix = { { "people", "Change passwords that were used there, and switch on a second factor." } },
	},
	[EXPOSURE] = {
		.id = "rep.exposure",
		.severity = SEVERITY_MEDIUM,
		.title = "No service of the domain's addresses shows a version with known vulnerabilities",
		.source = "practice",
		.why = "What an index of the whole internet shows, attackers need not look for.",
		.how = "Shodan is asked about the addresses of the domain's name, where there is a key. It judges by versions, "
		       "which distributions mend without changing them.",
		.fix = { { "host", "Bring the service up to date, or see that its fixes are in." } },
	},
};
/* clang-format on */

static bool speaks_about(const struct external_entry *entry, const char *check)
{
	for (size_t i = 0; i < entry->check_count; i++)
		if (str_eq(entry->checks[i], str_of(check)))
			return true;
	return false;
}

/* shown: what the finding is about instead of an address, which may change. */
static void judge_answer(struct judge *j, unsigned check, const struct external_entry *entry,
			 struct str subject, struct str shown)
{
	const struct external_answer *answer = ask_api(j, entry->name, subject);
	bool is_about_address = !str_eq(subject, shown), has_failed = false;

	for (size_t i = 0; answer && i < answer->finding_count && i < EXTERNAL_FINDINGS; i++) {
		const struct external_finding *finding = &answer->findings[i];

		if (!str_eq(finding->check, str_of(checks[check].id)))
			continue;
		has_failed = true;
		cite(j, answer);
		if (is_about_address)
			fail_as(j, check, (enum severity)MIN(finding->severity, SEVERITY_CRITICAL),
				shown, "%.*s: %.*s", STR(subject), STR(finding->text));
		else
			fail_as(j, check, (enum severity)MIN(finding->severity, SEVERITY_CRITICAL),
				finding->subject.len ? finding->subject : shown, "%.*s",
				STR(finding->text));
	}
	if (answer && !has_failed)
		pass(j, check, shown);
}

static void judge_addresses(struct judge *j, unsigned check, const struct external_entry *entry)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA };

	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		const struct dns_answer *dns = ask_dns(j, j->domain, types[i]);

		for (size_t k = 0; dns && k < dns->count && k < ADDRESSES; k++) {
			char text[ADDRESS_TEXT_BYTES];
			struct str address = str_of(address_text(&dns->rr[k].address, text));

			judge_answer(j, check, entry, str_copy(j->arena, address), j->domain);
		}
	}
}

static void judge_check(struct judge *j, unsigned check, const struct external_list *list)
{
	struct buf lacking;
	bool has_any = false;

	buf_init(&lacking, j->arena);
	for (size_t i = 0; i < list->entry_count; i++) {
		const struct external_entry *entry = &list->entries[i];

		if (!speaks_about(entry, checks[check].id))
			continue;
		if (entry->lacks.len) {
			buf_printf(&lacking, "%s%.*s", lacking.len ? ", " : "", STR(entry->name));
			continue;
		}
		has_any = true;
		if (str_eq(entry->subject, STR_LIT("address")))
			judge_addresses(j, check, entry);
		else if (str_eq(entry->subject, STR_LIT("domain")) ||
			 str_eq(entry->subject, STR_LIT("host")))
			judge_answer(j, check, entry, j->domain, j->domain);
	}
	if (!has_any && lacking.len)
		unknown(j, check,
			str_printf(j->arena, NO_KEY_REASON "%.*s", STR(buf_str(&lacking))).data);
}

static void judge(struct judge *j)
{
	const struct external_list *list;

	about_none(j);
	list = ask_external(j, false);
	about_all(j);
	for (unsigned check = 0; list && check < ARRAY_COUNT(checks); check++) {
		judge_about(j, (const unsigned char[]){ (unsigned char)check }, 1);
		judge_check(j, check, list);
	}
}

const struct family family_rep = FAMILY("rep", checks, judge);

/* SPDX-License-Identifier: Apache-2.0 */
/* Do block lists name the domain, or the hosts that take its mail and show its pages? RFC 5782. */
#include "checks/derived/mail_hosts.h"
#include "formats/names/dnsbl.h"

enum { LISTED };

enum { HOSTS = 8, ADDRESSES = 8 };

/* clang-format off */
static const struct check checks[] = {
	[LISTED] = {
		.id = "rep.dnsbl",
		.severity = SEVERITY_HIGH,
		.title = "No block list names the domain or its hosts",
		.source = "RFC 5782 sections 2.1, 3 and 5",
		.why = "Receivers refuse mail from hosts and with domains that are listed, and browsers warn of them.",
		.how = "The domain, and the addresses of its mail hosts and of its own name, are asked of block lists over DNS. "
		       "A list that fails its own test points is not believed; one that refuses to answer says nothing.",
		.fix = { { "the list", "Find the cause first: spam that was sent, a page that was changed. Then ask the list's operator for removal." } },
	},
};
/* clang-format on */

/* What the lists say, gathered: one finding a host. */
struct asking {
	struct judge *j;
	const struct dnsbl *believed[16];
	size_t count;
	bool has_refused; /* a list that answers, but not us */
};

struct entry {
	struct buf text;
	enum severity severity;
	bool is_listed, is_unknown;
};

static bool names_any(const struct dns_answer *answer)
{
	for (size_t i = 0; answer && i < answer->count; i++)
		if (dnsbl_is_code(&answer->rr[i].address))
			return true;
	return false;
}

static bool refuses(const struct dnsbl *list, const struct dns_answer *answer)
{
	for (size_t i = 0; answer && i < answer->count; i++)
		if (dnsbl_meaning_of(list, &answer->rr[i].address).is_error)
			return true;
	return false;
}

/* Section 5: what must be listed is, what must not is not. */
static void believe(struct asking *asking, const struct dnsbl *list)
{
	struct judge *j = asking->j;
	const struct dns_answer *listed =
		ask_dns(j, dnsbl_name(j->arena, list, list->listed), DNS_A);
	const struct dns_answer *unlisted =
		ask_dns(j, dnsbl_name(j->arena, list, list->unlisted), DNS_A);

	if (!listed || !unlisted)
		return;
	if (refuses(list, listed) || refuses(list, unlisted))
		asking->has_refused = true;
	else if (names_any(listed) && !unlisted->count)
		asking->believed[asking->count++] = list;
}

static void note(struct judge *j, const struct dnsbl *list, struct str name, struct str what,
		 struct entry *entry)
{
	const struct dns_answer *answer = ask_dns(j, name, DNS_A);
	char text[ADDRESS_TEXT_BYTES];

	for (size_t i = 0; answer && i < answer->count && i < ADDRESSES; i++) {
		struct dnsbl_meaning meaning = dnsbl_meaning_of(list, &answer->rr[i].address);

		if (!dnsbl_is_code(&answer->rr[i].address) || meaning.is_error) {
			entry->is_unknown = true; /* no word about what was asked */
			continue;
		}
		if (!entry->is_listed)
			cite(j, answer);
		buf_printf(&entry->text, "%s%.*s names %.*s (%s, %.*s)",
			   entry->is_listed ? "; " : "", STR(list->name), STR(what),
			   address_text(&answer->rr[i].address, text), STR(meaning.text));
		entry->severity = MAX(entry->severity, (enum severity)meaning.severity);
		entry->is_listed = true;
	}
}

static void settle(struct asking *asking, struct str subject, const struct entry *entry)
{
	struct judge *j = asking->j;

	if (entry->is_listed)
		fail_as(j, LISTED, entry->severity, subject, "%.*s", STR(buf_str(&entry->text)));
	else if (entry->is_unknown)
		asking->has_refused = true;
	else
		pass(j, LISTED, subject);
}

/* Whether any list was asked. */
static bool note_addresses(struct asking *asking, const struct address *addresses, size_t count,
			   struct entry *entry)
{
	struct judge *j = asking->j;
	bool was_asked = false;

	for (size_t i = 0; i < count && i < ADDRESSES; i++)
		for (size_t k = 0; k < asking->count; k++) {
			const struct dnsbl *list = asking->believed[k];
			char text[ADDRESS_TEXT_BYTES];

			if (!(list->what &
			      (addresses[i].family == ADDRESS_IPV4 ? DNSBL_IPV4 : DNSBL_IPV6)))
				continue;
			was_asked = true;
			note(j, list, dnsbl_address_name(j->arena, list, &addresses[i]),
			     str_of(address_text(&addresses[i], text)), entry);
		}
	return was_asked;
}

static void judge_host(struct asking *asking, const struct mail_host *host)
{
	struct entry entry = { .severity = SEVERITY_INFO };

	buf_init(&entry.text, asking->j->arena);
	if (note_addresses(asking, host->addresses, host->address_count, &entry))
		settle(asking, host->name, &entry);
}

/* The name itself, and the addresses that it has. */
static void judge_own(struct asking *asking)
{
	static const uint16_t types[] = { DNS_A, DNS_AAAA };
	struct judge *j = asking->j;
	struct address addresses[ADDRESSES];
	struct entry entry = { .severity = SEVERITY_INFO };
	bool was_asked = false;
	size_t count = 0;

	buf_init(&entry.text, j->arena);
	for (size_t k = 0; k < asking->count; k++) {
		const struct dnsbl *list = asking->believed[k];

		if (!(list->what & DNSBL_DOMAIN))
			continue;
		was_asked = true;
		note(j, list, dnsbl_name(j->arena, list, j->domain), j->domain, &entry);
	}
	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		const struct dns_answer *answer = ask_dns(j, j->domain, types[i]);

		for (size_t k = 0; answer && k < answer->count && count < ADDRESSES; k++)
			addresses[count++] = answer->rr[k].address;
	}
	was_asked |= note_addresses(asking, addresses, count, &entry);
	if (was_asked)
		settle(asking, j->domain, &entry);
}

static void judge(struct judge *j)
{
	struct asking asking = { .j = j };
	const struct external_list *externals;
	const struct mail_hosts *hosts;
	const struct dnsbl *lists;
	size_t count;

	about_none(j);
	externals = ask_external(j, false);
	about_all(j);
	if (!externals) /* a profile that asks nobody about the domain */
		return;
	lists = dnsbl_lists(&count);
	for (size_t i = 0; i < count && asking.count < ARRAY_COUNT(asking.believed); i++)
		believe(&asking, &lists[i]);
	judge_own(&asking);
	hosts = derive_mail_hosts(j, j->domain);
	for (size_t i = 0; hosts && !hosts->is_implicit && i < hosts->count && i < HOSTS; i++)
		judge_host(&asking, &hosts->hosts[i]);
	if (!asking.count || asking.has_refused)
		unknown(j, LISTED,
			asking.has_refused ? "a block list does not answer this resolver"
					   : "no block list keeps to its test points");
}

const struct family family_rep_dnsbl = FAMILY("rep.dnsbl", checks, judge);

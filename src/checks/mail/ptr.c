/* SPDX-License-Identifier: Apache-2.0 */
/* Do the mail hosts' addresses have names that lead back? RFC 1912 section 2.1. */
#include "checks/derived/mail_hosts.h"

enum { FCRDNS };

enum { PTR_NAMES = 10 };

/* clang-format off */
static const struct check checks[] = {
	[FCRDNS] = {
		.id = "mail.ptr.fcrdns",
		.severity = SEVERITY_MEDIUM,
		.title = "Each mail host's address has a name that leads back to it",
		.source = "RFC 1912 section 2.1; bulk-sender rules of Gmail, Yahoo and Microsoft",
		.why = "Large receivers refuse mail from addresses without such a name, and most mail hosts send as well.",
		.how = "The PTR record of each MX host's address is looked up, and the address of the name it gives.",
		.fix = { { "hosting provider", "Set the reverse name of the address to the host's name." } },
	},
};
/* clang-format on */

static bool leads_back(const struct dns_answer *answer, const struct address *address)
{
	for (size_t i = 0; answer && i < answer->count; i++)
		if (address_eq(&answer->rr[i].address, address))
			return true;
	return false;
}

static void judge_address(struct judge *j, struct str host, const struct address *address)
{
	uint16_t type = address->family == ADDRESS_IPV4 ? DNS_A : DNS_AAAA;
	const struct dns_answer *ptr = ask_dns(j, dns_name_reverse(j->arena, address), DNS_PTR);
	char text[ADDRESS_TEXT_BYTES];
	bool is_back = false, is_known = true;

	if (!ptr)
		return;
	for (size_t i = 0; i < ptr->count && i < PTR_NAMES; i++) {
		const struct dns_answer *forward = ask_dns(j, ptr->rr[i].name, type);

		is_known &= forward != NULL;
		is_back |= leads_back(forward, address);
	}
	cite(j, ptr);
	if (is_back || is_known)
		expect(j, FCRDNS, host, is_back, "%s %s", address_text(address, text),
		       ptr->count ? "has a name that does not lead back" : "has no name (PTR)");
}

static void judge(struct judge *j)
{
	const struct mail_hosts *hosts = derive_mail_hosts(j, j->domain);

	if (!hosts || hosts->is_implicit)
		return;
	for (size_t i = 0; i < hosts->count; i++)
		for (size_t k = 0; k < hosts->hosts[i].address_count; k++)
			judge_address(j, hosts->hosts[i].name, &hosts->hosts[i].addresses[k]);
}

const struct family family_mail_ptr = FAMILY("mail.ptr", checks, judge);

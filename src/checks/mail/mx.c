/* SPDX-License-Identifier: Apache-2.0 */
/* Can mail find the domain's hosts? RFC 5321 section 5.1, RFC 7505. */
#include "checks/derived/mail_hosts.h"
#include "checks/derived/registered.h"

enum { PRESENT, NULL_MIXED, TARGET, RESOLVABLE, IPV6, EXPIRED_DOMAIN };

/* clang-format off */
static const struct check checks[] = {
	[PRESENT] = {
		.id = "mail.mx.present",
		.severity = SEVERITY_LOW,
		.title = "The domain has MX records, or says that it takes no mail",
		.source = "RFC 5321 section 5.1; RFC 7505 section 3",
		.why = "Without MX senders try the web server, and bounce only days later.",
		.how = "The domain's MX records are looked up; without any, its address records.",
		.fix = { { "zone", "@ MX 10 mail.example.com. (or, for no mail: @ MX 0 .)" } },
	},
	[NULL_MIXED] = {
		.id = "mail.mx.null-mixed",
		.severity = SEVERITY_MEDIUM,
		.title = "A null MX stands alone",
		.source = "RFC 7505 section 3",
		.why = "Senders see both \"no mail here\" and a host, and choose differently.",
		.how = "The MX records are searched for \".\" beside other hosts.",
		.fix = { { "zone", "Keep either the null MX or the hosts." } },
	},
	[TARGET] = {
		.id = "mail.mx.target",
		.severity = SEVERITY_MEDIUM,
		.title = "MX records name hosts: no aliases, no addresses",
		.source = "RFC 2181 section 10.3; RFC 5321 sections 2.3.5 and 5.1",
		.why = "Many senders refuse an alias or an IP address there.",
		.how = "Each MX host must be a host name whose address is found without a CNAME.",
		.fix = { { "zone", "Name the alias's target in the MX record." } },
	},
	[RESOLVABLE] = {
		.id = "mail.mx.resolvable",
		.severity = SEVERITY_HIGH,
		.title = "Every MX host has an address",
		.source = "RFC 5321 section 5.1",
		.why = "Mail waits for a host that cannot be found, or is lost when no other is left.",
		.how = "A and AAAA records of each MX host are looked up.",
		.fix = { { "zone", "Add the host's address records, or remove the MX record." } },
	},
	[IPV6] = {
		.id = "mail.mx.ipv6",
		.severity = SEVERITY_LOW,
		.title = "A mail host is reachable over IPv6",
		.source = "RFC 5321 section 5.2; RFC 3901",
		.why = "Senders that only have IPv6 cannot deliver.",
		.how = "AAAA records of the MX hosts are looked up.",
		.fix = { { "zone", "Give at least one mail host an AAAA record, and let it listen there." } },
	},
	[EXPIRED_DOMAIN] = {
		.id = "mail.mx.expired-domain",
		.severity = SEVERITY_CRITICAL,
		.title = "The domains of the mail hosts are registered",
		.source = "practice: dangling MX records",
		.why = "Whoever registers it receives the mail, password resets included.",
		.how = "Where a name has no address, its registrable domain is looked up; when the DNS knows none, the registry is asked by RDAP, else WHOIS.",
		.fix = { { "zone", "Remove the MX record, or register the domain again." } },
	},
};
/* clang-format on */

static bool is_address_literal(struct str name)
{
	struct address address;

	return address_parse(name, &address) == 0;
}

static void judge_host(struct judge *j, const struct mail_host *host)
{
	if (is_address_literal(host->name) || !dns_name_is_hostname(host->name)) {
		fail(j, TARGET, host->name, "\"%.*s\" is no host name", STR(host->name));
		return;
	}
	judge_registered(j, EXPIRED_DOMAIN, host->name, host->address_count > 0);
	cite(j, try_dns(j, host->name, DNS_A));
	if (!host->has_failed || host->is_alias)
		expect(j, TARGET, host->name, !host->is_alias, "%.*s is an alias", STR(host->name));
	if (!host->has_failed || host->address_count)
		expect(j, RESOLVABLE, host->name, host->address_count > 0,
		       "%.*s has neither A nor AAAA records", STR(host->name));
}

static void judge_ipv6(struct judge *j, const struct mail_hosts *hosts)
{
	bool has_failed = false;

	for (size_t i = 0; i < hosts->count; i++) {
		const struct mail_host *host = &hosts->hosts[i];

		has_failed |= host->has_failed;
		for (size_t k = 0; k < host->address_count; k++)
			if (host->addresses[k].family == ADDRESS_IPV6) {
				pass(j, IPV6, STR_NONE);
				return;
			}
	}
	if (!has_failed)
		fail(j, IPV6, STR_NONE, "no mail host has an AAAA record");
}

static void judge(struct judge *j)
{
	const struct mail_hosts *hosts = derive_mail_hosts(j, j->domain);

	if (!hosts || dns_is_nxdomain(hosts->mx))
		return;
	cite(j, hosts->mx);
	if (hosts->is_implicit && hosts->hosts[0].address_count)
		fail(j, PRESENT, STR_NONE,
		     "no MX records: mail goes to the domain's own addresses");
	else if (hosts->is_null_mx || (hosts->count && !hosts->is_implicit))
		pass(j, PRESENT, STR_NONE);
	if (hosts->is_null_mx)
		expect(j, NULL_MIXED, STR_NONE, hosts->count == 0, "a null MX beside %zu host%s",
		       hosts->count, hosts->count == 1 ? "" : "s");
	if (hosts->is_implicit || !hosts->count)
		return;
	for (size_t i = 0; i < hosts->count; i++) {
		cite(j, hosts->mx);
		judge_host(j, &hosts->hosts[i]);
	}
	cite(j, hosts->mx);
	judge_ipv6(j, hosts);
}

const struct family family_mail_mx = FAMILY("mail.mx", checks, judge);

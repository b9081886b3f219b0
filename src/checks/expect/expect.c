/* SPDX-License-Identifier: Apache-2.0 */
/* Is the domain as its owner expects it? What nobody expects is not judged. */
#include "checks/derived/zone.h"
#include "checks/judge.h"
#include "formats/caa.h"
#include "formats/dns/wanted.h"

enum { NAME_SERVERS, MAIL, ISSUERS, RECORDS, PORTS };

enum { CLIMB = 12, ITEMS = 64, ADDRESSES = 4 /* of a family, as of tools */ };

/* clang-format off */
static const struct check checks[] = {
	[NAME_SERVERS] = {
		.id = "expect.name-servers",
		.severity = SEVERITY_HIGH,
		.title = "The name servers are those that are expected",
		.source = "the owner's expectations",
		.why = "Whoever answers for the zone decides where web and mail go; a server that you do not know is how a take-over looks.",
		.how = "The zone's NS records are compared with the name servers expected: hosts, or domains that they stand in. "
		       "One that is expected and not there is medium.",
		.fix = { { "zone", "Take the server out at the registrar and in the zone, or add it to the expectations." } },
	},
	[MAIL] = {
		.id = "expect.mail",
		.severity = SEVERITY_HIGH,
		.title = "Mail goes to the provider that is expected",
		.source = "the owner's expectations",
		.why = "Another mail host reads the mail, and with it resets passwords and passes validations for certificates.",
		.how = "Each MX host is compared with the provider expected: a domain that it stands in, or a provider's known ones; "
		       "\"none\" expects that no mail is taken.",
		.fix = { { "zone", "Correct the MX records, or the expectation." } },
	},
	[ISSUERS] = {
		.id = "expect.issuers",
		.severity = SEVERITY_MEDIUM,
		.title = "Only the authorities that are expected may issue certificates",
		.source = "the owner's expectations; RFC 8659 section 4.2",
		.why = "A certificate of another authority is a surprise, and CAA is what would stop it.",
		.how = "The issuers of the CAA records that apply are compared with those expected; without records all may issue.",
		.fix = { { "zone", "@ CAA 0 issue \"letsencrypt.org\"" } },
	},
	[RECORDS] = {
		.id = "expect.records",
		.severity = SEVERITY_MEDIUM,
		.title = "The records that must be there are there",
		.source = "the owner's expectations",
		.why = "Something depends on them: a verification, a service, a policy.",
		.how = "Each expected record's name and type are looked up and its data compared.",
		.fix = { { "zone", "Publish the record, or take it out of the expectations." } },
	},
	[PORTS] = {
		.id = "expect.ports",
		.severity = SEVERITY_HIGH,
		.title = "Only the ports that are expected answer",
		.source = "the owner's expectations; nmap",
		.why = "What answers and is not known to the owner was opened by somebody else, or forgotten.",
		.how = "The ports that nmap finds open at the addresses of the domain and its www, among those that it tries, are "
		       "compared with those expected.",
		.fix = { { "firewall", "Close the port, or add it to the expectations." } },
	},
};

/* What hosts of well-known providers stand in. */
static const struct {
	const char *word, *domains[3];
} providers[] = {
	{ "google", { "google.com", "googlemail.com" } },
	{ "microsoft", { "outlook.com", "mx.microsoft" } },
	{ "proton", { "protonmail.ch" } },
	{ "fastmail", { "messagingengine.com" } },
	{ "zoho", { "zoho.com", "zoho.eu" } },
	{ "proofpoint", { "pphosted.com", "ppe-hosted.com" } },
	{ "mimecast", { "mimecast.com" } },
	{ "apple", { "icloud.com" } },
};
/* clang-format on */

/* ---- name servers ---- */

static bool stands_in(struct str host, const struct str *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (dns_name_is_under(host, names[i]))
			return true;
	return false;
}

static void judge_name_servers(struct judge *j, const struct expectations *expected)
{
	const struct zone *zone;
	const struct dns_answer *ns;

	about(j, NAME_SERVERS);
	zone = derive_zone(j, j->domain);
	if (!zone || zone->is_missing || zone->failure)
		return;
	ns = ask_dns(j, zone->apex, DNS_NS);
	if (!ns)
		return;
	for (size_t i = 0; i < ns->count && i < ITEMS; i++)
		expect(j, NAME_SERVERS, ns->rr[i].name,
		       stands_in(ns->rr[i].name, expected->name_servers,
				 expected->name_server_count),
		       "%.*s is no name server that is expected", STR(ns->rr[i].name));
	for (size_t i = 0; i < expected->name_server_count && i < EXPECTED_ITEMS; i++) {
		bool is_there = false;

		for (size_t k = 0; k < ns->count && k < ITEMS; k++)
			is_there |= dns_name_is_under(ns->rr[k].name, expected->name_servers[i]);
		if (!is_there)
			fail_as(j, NAME_SERVERS, SEVERITY_MEDIUM, expected->name_servers[i],
				"%.*s is expected and serves the zone no more",
				STR(expected->name_servers[i]));
	}
}

/* ---- mail ---- */

static bool is_of_provider(struct str host, struct str provider)
{
	for (size_t i = 0; i < ARRAY_COUNT(providers); i++)
		for (size_t k = 0; str_eq_nocase(provider, str_of(providers[i].word)) &&
				   k < ARRAY_COUNT(providers[i].domains) && providers[i].domains[k];
		     k++)
			if (dns_name_is_under(host, str_of(providers[i].domains[k])))
				return true;
	return dns_name_is_under(host, provider);
}

static bool is_known(struct str provider)
{
	for (size_t i = 0; i < ARRAY_COUNT(providers); i++)
		if (str_eq_nocase(provider, str_of(providers[i].word)))
			return true;
	return str_find_char(provider, '.') > 0;
}

static void judge_mail(struct judge *j, struct str text)
{
	struct str provider = str_lower(j->arena, text);
	const struct dns_answer *mx;
	bool takes_none;

	about(j, MAIL);
	if (!str_eq(provider, STR_LIT("none")) && !is_known(provider)) {
		unknown(j, MAIL, "the provider that is expected is neither a domain nor one known");
		return;
	}
	mx = ask_dns(j, j->domain, DNS_MX);
	if (!mx)
		return;
	takes_none = !mx->count || str_eq(mx->rr[0].mx.host, STR_LIT("."));
	if (str_eq(provider, STR_LIT("none"))) {
		expect(j, MAIL, STR_NONE, takes_none, "it is to take no mail, and has MX records");
		return;
	}
	if (takes_none)
		fail(j, MAIL, STR_NONE, "no MX record leads to %.*s", STR(provider));
	for (size_t i = 0; !takes_none && i < mx->count && i < ITEMS; i++)
		expect(j, MAIL, mx->rr[i].mx.host, is_of_provider(mx->rr[i].mx.host, provider),
		       "%.*s is no host of %.*s", STR(mx->rr[i].mx.host), STR(provider));
}

/* ---- certificates ---- */

/* The relevant record set (RFC 8659 section 3). NULL: pending, a gap, or (with *ret_is_known) none. */
static const struct dns_answer *climb(struct judge *j, bool *ret_is_known)
{
	struct str name = j->domain;

	*ret_is_known = false;
	for (unsigned i = 0; i < CLIMB && name.len && !str_eq(name, STR_LIT(".")); i++) {
		const struct dns_answer *caa = ask_dns(j, name, DNS_CAA);

		if (!caa || caa->count)
			return caa;
		name = dns_name_parent(name);
	}
	*ret_is_known = true;
	return NULL;
}

static void judge_issuers(struct judge *j, const struct expectations *expected)
{
	const struct dns_answer *caa;
	bool is_none, has_issue = false;

	about(j, ISSUERS);
	caa = climb(j, &is_none);
	if (is_none)
		fail(j, ISSUERS, STR_NONE, "no CAA record: all authorities may issue");
	for (size_t i = 0; caa && i < caa->count && i < ITEMS; i++) {
		struct caa_property property;

		if (caa->rr[i].is_malformed ||
		    caa_read(j->arena, &caa->rr[i], &property, NULL) < 0 ||
		    (property.tag != CAA_ISSUE && property.tag != CAA_ISSUEWILD))
			continue;
		has_issue |= property.tag == CAA_ISSUE;
		if (property.issuer.len)
			expect(j, ISSUERS, property.issuer,
			       stands_in(property.issuer, expected->issuers,
					 expected->issuer_count),
			       "%.*s may issue, and is not expected to", STR(property.issuer));
		else
			pass(j, ISSUERS, STR_NONE);
	}
	if (caa && !has_issue)
		fail(j, ISSUERS, STR_NONE, "no issue property: all authorities may issue");
}

/* ---- records ---- */

static void judge_record(struct judge *j, struct str text)
{
	struct wanted_record wanted;
	const struct dns_answer *answer;
	struct str subject, type;
	bool is_there = false;

	if (wanted_record_parse(j->arena, j->domain, text, &wanted, NULL) < 0) {
		unknown(j, RECORDS, "a record that is expected cannot be read");
		return;
	}
	answer = ask_dns(j, wanted.name, wanted.type);
	if (!answer)
		return;
	for (size_t i = 0; i < answer->count; i++)
		is_there |= wanted_record_is(&wanted, &answer->rr[i]);
	type = dns_type_text(j->arena, wanted.type);
	subject = str_printf(j->arena, "%.*s %.*s", STR(wanted.name), STR(type));
	expect(j, RECORDS, subject, is_there, "%.*s: %s", STR(str_first(text, 200)),
	       answer->count && wanted.has_data ? "there are only others" : "it is not there");
}

/* ---- ports ---- */

static bool is_expected_port(const struct expectations *expected, struct str port)
{
	for (size_t i = 0; i < expected->port_count; i++)
		if (str_eq(expected->ports[i], port))
			return true;
	return false;
}

static void judge_open(struct judge *j, const struct expectations *expected,
		       const struct external_answer *answer, struct str host)
{
	cite(j, answer);
	for (size_t i = 0; i < answer->row_count && i < EXTRACT_ROWS; i++) {
		struct str port = extract_value_of(&answer->rows[i], STR_LIT("port"));

		if (port.len)
			expect(j, PORTS, str_printf(j->arena, "%.*s/%.*s", STR(host), STR(port)),
			       is_expected_port(expected, port),
			       "port %.*s answers, and is not expected to", STR(port));
	}
	pass(j, PORTS, host);
}

static void judge_addresses(struct judge *j, const struct external_entry *entry, struct str host,
			    uint16_t type)
{
	const struct dns_answer *found = ask_dns(j, host, type);

	for (size_t i = 0, seen = 0; found && i < found->count && seen < ADDRESSES; i++) {
		const struct external_answer *answer;

		if (found->rr[i].type != type)
			continue;
		seen++;
		answer = ask_tool(j, entry->name, address_str(j->arena, &found->rr[i].address));
		if (answer)
			judge_open(j, &j->request->expected, answer, host);
	}
}

static bool looks_for_ports(const struct external_entry *entry)
{
	for (size_t i = 0; i < entry->check_count; i++)
		if (str_eq(entry->checks[i], STR_LIT("tool.nmap.port")))
			return str_eq(entry->subject, STR_LIT("address"));
	return false;
}

static void judge_ports(struct judge *j)
{
	struct str www = dns_name_child(j->arena, STR_LIT("www"), j->domain);
	const struct external_list *tools;
	bool has_any = false;

	about(j, PORTS);
	tools = ask_external(j, true);
	for (size_t i = 0; tools && i < tools->entry_count && i < ITEMS; i++) {
		const struct external_entry *entry = &tools->entries[i];

		if (!looks_for_ports(entry))
			continue;
		has_any = true;
		judge_addresses(j, entry, j->domain, DNS_A);
		judge_addresses(j, entry, j->domain, DNS_AAAA);
		judge_addresses(j, entry, www, DNS_A);
		judge_addresses(j, entry, www, DNS_AAAA);
	}
	if (tools && !has_any)
		unknown(j, PORTS, "no tool looks for open ports");
}

static void judge(struct judge *j)
{
	const struct expectations *expected = &j->request->expected;

	if (expected->name_server_count)
		judge_name_servers(j, expected);
	if (expected->mail_provider.len)
		judge_mail(j, expected->mail_provider);
	if (expected->issuer_count)
		judge_issuers(j, expected);
	if (expected->port_count)
		judge_ports(j);
	about(j, RECORDS);
	for (size_t i = 0; i < expected->record_count && i < EXPECTED_ITEMS; i++)
		judge_record(j, expected->records[i]);
}

const struct family family_expect = FAMILY("expect", checks, judge);

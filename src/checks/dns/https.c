/* SPDX-License-Identifier: Apache-2.0 */
/* Do HTTPS records lead browsers to where the domain's addresses lead them? RFC 9460. */
#include "checks/judge.h"
#include "formats/svcb.h"

enum { RECORD, CONSISTENCY, ECH };

enum { ALIAS_LINKS = 8 };

/* clang-format off */
static const struct check checks[] = {
	[RECORD] = {
		.id = "dns.https.record",
		.severity = SEVERITY_LOW,
		.title = "HTTPS records are well-formed and lead somewhere",
		.source = "RFC 9460 sections 2.2, 2.4 and 8",
		.why = "Browsers ignore the whole set when one record is broken, or wait for a target that does not exist.",
		.how = "HTTPS records of the domain and of www are read; aliases are followed, and their targets looked up.",
		.fix = { { "zone", "example.com. HTTPS 1 . alpn=h2,h3" } },
	},
	[CONSISTENCY] = {
		.id = "dns.https.consistency",
		.severity = SEVERITY_LOW,
		.title = "HTTPS records agree with the addresses",
		.source = "RFC 9460 sections 7.1 and 7.3",
		.why = "Browsers that read the hints connect to other machines than those that do not.",
		.how = "Each address hint must be among the A and AAAA records of the record's target, and alpn must name a protocol.",
		.fix = { { "zone", "Update ipv4hint and ipv6hint with the addresses, or leave them out; add alpn=h2." } },
	},
	[ECH] = {
		.id = "dns.https.ech",
		.severity = SEVERITY_INFO,
		.title = "HTTPS records publish keys for Encrypted Client Hello",
		.source = "RFC 9848 section 3; RFC 9849",
		.why = "Without them the name visited is readable on the way, although the rest is encrypted.",
		.how = "Every HTTPS record that offers a service is searched for an ech parameter.",
		.fix = { { "zone", "Publish the ECHConfigList of the web server as ech=…" } },
	},
};
/* clang-format on */

/* Does name have an address? False as well when that is not known: then *ret_is_known is false. */
static bool has_address(struct judge *j, struct str name, bool *ret_is_known)
{
	const struct dns_answer *a = ask_dns(j, name, DNS_A), *aaaa = ask_dns(j, name, DNS_AAAA);

	*ret_is_known = a && aaaa;
	return (a && a->count) || (aaaa && aaaa->count);
}

static void judge_target(struct judge *j, struct str name, struct str target)
{
	bool is_known, is_found = has_address(j, target, &is_known);

	if (is_known || is_found)
		expect(j, RECORD, name, is_found, "the target %.*s has no address", STR(target));
}

/* The target of the set's alias (section 2.4.2); no data when it holds none. */
static struct str alias_target(const struct dns_answer *https)
{
	for (size_t i = 0; i < https->count; i++)
		if (!https->rr[i].is_malformed && !https->rr[i].svcb.priority)
			return https->rr[i].svcb.target;
	return STR_NONE;
}

/* Section 2.4.2: clients follow aliases, up to a limit, and detect loops. */
static void judge_alias(struct judge *j, struct str name, struct str target)
{
	struct str names[ALIAS_LINKS + 1] = { name };

	for (size_t count = 1; count <= ALIAS_LINKS; count++) {
		const struct dns_answer *https;

		if (str_eq(target, STR_LIT("."))) /* section 2.5.1: there is no service */
			return;
		for (size_t i = 0; i < count; i++)
			if (str_eq(names[i], target)) {
				fail(j, RECORD, name, "the alias %.*s leads back to %.*s",
				     STR(names[count - 1]), STR(target));
				return;
			}
		names[count] = target;
		https = ask_dns(j, target, DNS_HTTPS);
		if (!https)
			return;
		if (!alias_target(https).len) {
			judge_target(j, name, target);
			return;
		}
		target = alias_target(https);
	}
	fail(j, RECORD, name, "more than %d aliases from %.*s", ALIAS_LINKS, STR(name));
}

static void judge_hints(struct judge *j, struct str name, struct str target,
			const struct svcb_service *service)
{
	for (size_t i = 0; i < service->hint_count; i++) {
		const struct address *hint = &service->hints[i];
		const struct dns_answer *answer =
			ask_dns(j, target, hint->family == ADDRESS_IPV4 ? DNS_A : DNS_AAAA);
		char text[ADDRESS_TEXT_BYTES];
		bool is_found = false;

		for (size_t k = 0; answer && k < answer->count; k++)
			is_found |= address_eq(&answer->rr[k].address, hint);
		if (answer)
			expect(j, CONSISTENCY, name, is_found,
			       "the hint %s is not among the addresses of %.*s",
			       address_text(hint, text), STR(target));
	}
}

static void judge_service(struct judge *j, const struct dns_answer *https, struct str name,
			  const struct dns_rr *rr, const struct svcb_service *service)
{
	bool is_self = str_eq(rr->svcb.target, STR_LIT("."));
	struct str target = is_self ? rr->owner : rr->svcb.target; /* section 2.5.2 */

	about(j, RECORD);
	expect(j, RECORD, name, !service->has_port || service->port, "port 0");
	if (!is_self)
		judge_target(j, name, target);
	cite(j, https);
	about(j, CONSISTENCY);
	expect(j, CONSISTENCY, name, service->alpn_count > 0,
	       "no alpn: browsers stay with HTTP/1.1");
	judge_hints(j, name, target, service);
	cite(j, https);
	about(j, ECH);
	expect(j, ECH, name, service->ech.len > 0, "no ech parameter");
	about_all(j);
}

/* Section 2.4.1: a set holds one alias or services; beside an alias services are ignored. */
static void judge_modes(struct judge *j, struct str name, const struct dns_answer *https)
{
	size_t aliases = 0;

	for (size_t i = 0; i < https->count; i++)
		aliases += !https->rr[i].is_malformed && !https->rr[i].svcb.priority;
	expect(j, RECORD, name, aliases < 2, "%zu aliases in one set", aliases);
	expect(j, RECORD, name, !aliases || aliases == https->count,
	       "records of priority 0 and of others in one set");
}

static void judge_name(struct judge *j, struct str name)
{
	const struct dns_answer *https = ask_dns(j, name, DNS_HTTPS);

	if (!https || !https->count)
		return;
	judge_modes(j, name, https);
	for (size_t i = 0; i < https->count; i++) {
		const struct dns_rr *rr = &https->rr[i];
		struct svcb_service service;
		struct err err = { 0 };

		cite(j, https);
		if (svcb_read(j->arena, rr, &service, &err) < 0) {
			fail(j, RECORD, name, "%s", err.text);
			return; /* section 2.2: the whole set is ignored */
		}
		if (!service.is_alias) {
			judge_service(j, https, name, rr, &service);
			continue;
		}
		expect(j, RECORD, name, !service.has_ignored_params,
		       "parameters of an alias are ignored");
		about(j, RECORD);
		judge_alias(j, name, rr->svcb.target);
		about_all(j);
	}
}

static void judge(struct judge *j)
{
	judge_name(j, j->domain);
	if (!str_starts(j->domain, STR_LIT("www.")))
		judge_name(j, dns_name_child(j->arena, STR_LIT("www"), j->domain));
}

const struct family family_dns_https = FAMILY("dns.https", checks, judge);

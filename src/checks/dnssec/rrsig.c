/* SPDX-License-Identifier: Apache-2.0 */
/* Are the zone's signatures there, valid, and in their time? RFC 4035 section 5.3. */
#include "base/clock.h"
#include "checks/dnssec/reason.h"

enum { MISSING, INVALID, EXPIRED, FUTURE, EXPIRING, LIFETIME, DO };

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	MARGIN = 7 * DAY,  /* RFC 6781 section 4.4.2 */
	MARGIN_SHARE = 10, /* of the validity, where that is less */
	MARGIN_HIGH = 12 * HOUR,
	MARGIN_HIGH_SHARE = 3, /* signers that sign at every query give a day or two */
	LONGEST = 180 * DAY,
	EDNS_DO = 0x8000,
	SKEW = 300 /* between the signer's clock and ours */
};

/* clang-format off */
static const struct check checks[] = {
	[MISSING] = {
		.id = "dnssec.rrsig.missing",
		.severity = SEVERITY_HIGH,
		.title = "Answers come with signatures",
		.source = "RFC 4035 section 3.1.1",
		.why = "A validating resolver refuses an answer without signature from a signed zone.",
		.how = "Each server is asked for SOA and DNSKEY with the DO bit; the validating resolver is asked for the records at the apex.",
		.fix = {
			{ "bind", "rndc sign example.com, and see that secondaries transfer the signed zone" },
			{ "knot", "knotc zone-sign example.com" },
			{ "nsd", "Serve the file that ldns-signzone or dnssec-signzone wrote." },
		},
	},
	[INVALID] = {
		.id = "dnssec.rrsig.invalid",
		.severity = SEVERITY_CRITICAL,
		.title = "Signatures fit the records and the keys",
		.source = "RFC 4035 section 5.3.3",
		.why = "Validating resolvers refuse the records: for their users they do not exist.",
		.how = "A validating resolver is asked for the records at the apex; where it refuses them its extended error tells why.",
		.fix = {
			{ "bind", "rndc sign example.com" },
			{ "knot", "knotc zone-sign example.com" },
		},
	},
	[EXPIRED] = {
		.id = "dnssec.rrsig.expired",
		.severity = SEVERITY_CRITICAL,
		.title = "Signatures have not expired",
		.source = "RFC 4035 section 5.3.1",
		.why = "Validating resolvers refuse the records: for their users they do not exist.",
		.how = "The signatures of SOA and DNSKEY of each server are compared with the time. Failing is an RRset without any signature in its time.",
		.fix = {
			{ "bind", "rndc sign example.com; look why it did not happen by itself (key files readable? journal full?)" },
			{ "knot", "knotc zone-sign example.com" },
			{ "nsd", "Sign again, and do it by a timer; or let a signing server do it." },
		},
	},
	[FUTURE] = {
		.id = "dnssec.rrsig.future",
		.severity = SEVERITY_HIGH,
		.title = "Signatures are valid already",
		.source = "RFC 4035 section 5.3.1",
		.why = "Validating resolvers refuse the records until then. Mostly the signer's clock is wrong.",
		.how = "As for expired signatures, with their inception.",
		.fix = { { "signer", "Set the clock by NTP, then sign again." } },
	},
	[EXPIRING] = {
		.id = "dnssec.rrsig.expiring",
		.severity = SEVERITY_MEDIUM,
		.title = "Signatures are renewed long before they expire",
		.source = "RFC 6781 section 4.4.2",
		.why = "The signer should have renewed them: when they expire the domain disappears.",
		.how = "At least a tenth of a signature's validity must be left, or seven days where that is less. High with less than twelve hours, unless that is a third of the validity or more, as with servers that sign at every query.",
		.fix = {
			{ "bind", "dnssec-policy: signatures-refresh 7d; and look into the log of named" },
			{ "knot", "policy: rrsig-refresh: 7d; and look into the log of knotd" },
			{ "nsd", "Sign again, and do it by a timer." },
		},
	},
	[LIFETIME] = {
		.id = "dnssec.rrsig.lifetime",
		.severity = SEVERITY_LOW,
		.title = "Signatures are valid for longer than caches keep them, and for half a year at most",
		.source = "RFC 6781 section 4.4.2",
		.why = "Old records with a long signature can be replayed; with a very short one they expire in caches.",
		.how = "Inception, expiration and original time to live of the signatures of SOA and DNSKEY are compared.",
		.fix = {
			{ "bind", "dnssec-policy: signatures-validity 14d;" },
			{ "knot", "policy: rrsig-lifetime: 14d" },
		},
	},
	[DO] = {
		.id = "dnssec.server.do",
		.severity = SEVERITY_HIGH,
		.title = "Every server gives DNSSEC data to whom asks for it",
		.source = "RFC 4035 section 3.1; RFC 8906 section 8.2.8",
		.why = "A validating resolver that picks this server refuses its answers.",
		.how = "Each server is asked for SOA and DNSKEY with the DO bit. Failing is one that ignores the bit, or leaves both queries unanswered while it answers others.",
		.fix = {
			{ "bind", "Remove dnssec-enable no; and update what is older than BIND 9.16." },
			{ "firewall", "Let EDNS, and UDP packets up to 1,232 octets, through." },
		},
	},
};
/* clang-format on */

/* What the zone's apex may have: asked of the resolver by other families as well. */
static const struct {
	uint16_t type;
	struct str text;
} types[] = {
	{ DNS_SOA, STR_INIT("SOA") },   { DNS_DNSKEY, STR_INIT("DNSKEY") },
	{ DNS_NS, STR_INIT("NS") },     { DNS_A, STR_INIT("A") },
	{ DNS_AAAA, STR_INIT("AAAA") }, { DNS_MX, STR_INIT("MX") },
	{ DNS_TXT, STR_INIT("TXT") },   { DNS_CAA, STR_INIT("CAA") },
};

/* Signatures hold times modulo 2^32 seconds: serial arithmetic, RFC 4034 section 3.1.5. */
static int32_t seconds_until(const struct judge *j, uint32_t at)
{
	return (int32_t)(at - (uint32_t)(j->at_us / 1000000));
}

static struct str time_text(struct judge *j, uint32_t at)
{
	char text[TIME_TEXT_BYTES];

	clock_text(((j->at_us / 1000000) + seconds_until(j, at)) * 1000000, text);
	return str_copy(j->arena, str_of(text));
}

static bool has_begun(const struct judge *j, const struct dns_rr *rr)
{
	return seconds_until(j, rr->rrsig.inception) <= SKEW;
}

static bool is_in_time(const struct judge *j, const struct dns_rr *rr)
{
	return has_begun(j, rr) && seconds_until(j, rr->rrsig.expiration) >= 0;
}

static void judge_validity(struct judge *j, const struct dns_rr *rr, struct str type)
{
	int32_t left = seconds_until(j, rr->rrsig.expiration);
	uint32_t validity = rr->rrsig.expiration - rr->rrsig.inception;
	bool is_urgent = left < MARGIN_HIGH && (uint32_t)left < validity / MARGIN_HIGH_SHARE;

	if (is_urgent || (uint32_t)left < MIN((uint32_t)MARGIN, validity / MARGIN_SHARE))
		fail_as(j, EXPIRING, is_urgent ? SEVERITY_HIGH : SEVERITY_MEDIUM, type,
			"the signature of %.*s expires %.*s, in %d hours", STR(type),
			STR(time_text(j, rr->rrsig.expiration)), left / HOUR);
	else
		pass(j, EXPIRING, type);
	expect(j, LIFETIME, type, validity <= LONGEST && validity > rr->rrsig.original_ttl,
	       "the signature of %.*s is valid for %u hours; the time to live is %u seconds",
	       STR(type), validity / HOUR, rr->rrsig.original_ttl);
}

/* An RRset is in order when one of its signatures is. */
static void judge_times(struct judge *j, const struct dnskey_view *view,
			const struct dns_answer *answer, struct str apex, unsigned which)
{
	const struct dns_rr *best = NULL, *late = NULL, *early = NULL;
	struct str type = types[which].text;

	cite(j, answer);
	for (size_t i = 0; i < answer->other_count; i++) {
		const struct dns_rr *rr = &answer->other[i];

		if (!dns_is_signature(rr, apex, types[which].type))
			continue;
		if (!has_begun(j, rr))
			early = rr;
		else if (!is_in_time(j, rr))
			late = rr;
		else if (!best || seconds_until(j, rr->rrsig.expiration) >
					  seconds_until(j, best->rrsig.expiration))
			best = rr;
	}
	if (best) {
		pass(j, EXPIRED, type);
		pass(j, FUTURE, type);
		judge_validity(j, best, type);
	} else if (late) {
		fail(j, EXPIRED, type, "the signature of %.*s at %.*s (%s) expired %.*s", STR(type),
		     STR(view->server->name), view->address,
		     STR(time_text(j, late->rrsig.expiration)));
	} else if (early) {
		fail(j, FUTURE, type, "the signature of %.*s at %.*s (%s) begins %.*s", STR(type),
		     STR(view->server->name), view->address,
		     STR(time_text(j, early->rrsig.inception)));
	}
}

static bool has_do(const struct dns_answer *answer)
{
	return answer->has_edns && answer->edns_flags & EDNS_DO;
}

static void judge_presence(struct judge *j, const struct dnskey_view *view,
			   const struct dns_answer *soa, struct str apex)
{
	struct str name = view->server->name;
	bool is_soa_signed = dns_has_signature(soa, apex, DNS_SOA);

	if (!is_soa_signed && !view->is_signing && !has_do(soa) && !has_do(view->answer)) {
		fail(j, DO, name, "%.*s (%s) ignores the DO bit", STR(name), view->address);
		return;
	}
	pass(j, DO, name);
	expect(j, MISSING, name, is_soa_signed, "%.*s (%s) gives SOA without signature", STR(name),
	       view->address);
	if (!view->has_keys)
		return;
	cite(j, view->answer);
	expect(j, MISSING, name, view->is_signing, "%.*s (%s) gives DNSKEY without signature",
	       STR(name), view->address);
}

static void judge_view(struct judge *j, const struct dnskey_view *view, struct str apex)
{
	const struct dns_answer *soa =
		ask_dns_at(j, view->server->address, apex, DNS_SOA, DNS_QUERY_DO);

	judge_times(j, view, view->answer, apex, 1);
	if (!soa || !dns_is_own_data(soa) || !soa->count)
		return;
	judge_times(j, view, soa, apex, 0);
	judge_presence(j, view, soa, apex);
}

/* Both queries with DO get lost, others do not. */
static void judge_dropped(struct judge *j, const struct responder *server, struct str apex)
{
	const struct fact *soa = try_dns_at(j, server->address, apex, DNS_SOA, DNS_QUERY_DO);
	const struct fact *key = try_dns_at(j, server->address, apex, DNS_DNSKEY, DNS_QUERY_DO);

	if (!soa || !key || !server->has_answered)
		return;
	if (soa->failure == FAILURE_TIMEOUT && key->failure == FAILURE_TIMEOUT)
		fail(j, DO, server->name, "%.*s answers, but not with the DO bit set",
		     STR(server->name));
}

static void judge_resolved(struct judge *j, struct str apex, unsigned which)
{
	const struct fact *soa, *fact;
	enum reason whole = bogus_reason(j, apex, DNS_SOA, &soa);
	enum reason reason = bogus_reason(j, apex, types[which].type, &fact);
	struct str type = types[which].text;

	if (reason == REASON_NOT_KNOWN)
		return;
	if (reason == REASON_FAILED || whole == REASON_FAILED) {
		/* What the servers themselves give tells of the other checks. */
		about(j, INVALID);
		give_up(j, reason == REASON_FAILED ? fact : soa);
		about(j, MISSING, INVALID, EXPIRED, FUTURE);
	}
	if (fact->failure && bogus_is_key(fact))
		type = types[1].text;
	switch (reason) {
	case REASON_SECURE:
		pass(j, INVALID, type);
		break;
	case REASON_SIGNATURE:
		fail(j, INVALID, type, "the signature of %.*s does not fit: %.*s", STR(type),
		     STR(fact->detail));
		break;
	case REASON_UNSIGNED:
		fail(j, MISSING, type, "%.*s has no signature: %.*s", STR(type), STR(fact->detail));
		break;
	case REASON_EXPIRED:
		fail(j, EXPIRED, type, "the signature of %.*s has expired: %.*s", STR(type),
		     STR(fact->detail));
		break;
	case REASON_FUTURE:
		fail(j, FUTURE, type, "the signature of %.*s is not valid yet: %.*s", STR(type),
		     STR(fact->detail));
		break;
	case REASON_UNTOLD:
		/* Where the chain holds, only the RRset's own signature is left. */
		if (whole == REASON_SECURE)
			fail(j, INVALID, type, "validating resolvers refuse %.*s: %.*s", STR(type),
			     STR(fact->detail));
		else if (whole != REASON_NOT_KNOWN && whole != REASON_FAILED)
			unknown(j, INVALID, "validation fails, and the resolver does not say why");
		break;
	default:
		break;
	}
}

static void judge(struct judge *j)
{
	const struct dnssec *dnssec = derive_dnssec(j, j->domain);
	const struct responders *responders;
	const struct dnskeys *keys;

	if (!dnssec || !dnssec->is_signed)
		return;
	keys = derive_dnskeys(j, dnssec->apex);
	if (!keys || !keys->key_count)
		return;
	about(j, MISSING, INVALID, EXPIRED, FUTURE);
	for (unsigned i = 0; i < ARRAY_COUNT(types); i++)
		judge_resolved(j, dnssec->apex, i);
	about(j, MISSING, EXPIRED, FUTURE, EXPIRING, LIFETIME, DO);
	for (size_t i = 0; i < keys->count; i++)
		judge_view(j, &keys->views[i], dnssec->apex);
	about(j, DO);
	responders = derive_responders(j, dnssec->apex);
	for (size_t i = 0; responders && i < responders->count; i++)
		if (!responders->servers[i].is_silent)
			judge_dropped(j, &responders->servers[i], dnssec->apex);
	about_all(j);
}

const struct family family_dnssec_rrsig = FAMILY("dnssec.rrsig", checks, judge);

/* SPDX-License-Identifier: Apache-2.0 */
/* Are the zone's keys of a kind that resolvers trust, and the same everywhere? RFC 9904; RFC 4035. */
#include "checks/derived/dnssec.h"

enum { ALGORITHM, WEAK, RSA_SIZE, LENGTH, CONSISTENT, COMPLETE };

enum { RSA_BITS = 2048, RSA_BITS_BROKEN = 1024 };

/* clang-format off */
static const struct check checks[] = {
	[ALGORITHM] = {
		.id = "dnssec.dnskey.algorithm",
		.severity = SEVERITY_HIGH,
		.title = "No key is of an algorithm that must not sign",
		.source = "RFC 9904; RFC 9905; RFC 9906; IANA registry of DNSSEC algorithms",
		.why = "Resolvers stop validating such algorithms (SHA-1, DSA, GOST, MD5): the zone then counts as unsigned, or its signatures can be forged.",
		.how = "The algorithms of the DNSKEY records are compared with the registry's column for signing.",
		.fix = {
			{ "bind", "dnssec-policy with keys { csk lifetime unlimited algorithm ecdsap256sha256; };" },
			{ "knot", "policy: [ { id: default, algorithm: ecdsap256sha256 } ]" },
		},
	},
	[WEAK] = {
		.id = "dnssec.dnskey.algorithm-weak",
		.severity = SEVERITY_LOW,
		.title = "No key is of an algorithm that is not recommended",
		.source = "RFC 9904; IANA registry of DNSSEC algorithms",
		.why = "RSASHA512 makes large answers for nothing; algorithms that are not assigned verify nothing.",
		.how = "The algorithms of the DNSKEY records are compared with the registry's column for signing.",
		.fix = {
			{ "bind", "dnssec-policy with keys { csk lifetime unlimited algorithm ecdsap256sha256; };" },
			{ "knot", "policy: [ { id: default, algorithm: ecdsap256sha256 } ]" },
		},
	},
	[RSA_SIZE] = {
		.id = "dnssec.dnskey.rsa-size",
		.severity = SEVERITY_MEDIUM,
		.title = "RSA keys have 2048 bits or more",
		.source = "RFC 5702; NIST SP 800-57 part 1",
		.why = "1024 bits are within reach of those who can spend much: whoever factors the key signs what he likes.",
		.how = "The length of the modulus is read from each RSA key.",
		.fix = {
			{ "bind", "dnssec-policy with algorithm ecdsap256sha256, or rsasha256 2048" },
			{ "knot", "policy: [ { id: default, algorithm: ecdsap256sha256 } ]" },
		},
	},
	[LENGTH] = {
		.id = "dnssec.dnskey.length",
		.severity = SEVERITY_HIGH,
		.title = "Keys have the length that their algorithm demands",
		.source = "RFC 6605 section 4; RFC 8080 section 3; RFC 3110 section 2",
		.why = "Nothing verifies with a key that is cut or garbled.",
		.how = "The octets of each elliptic-curve key are counted; RSA keys must hold an exponent and a modulus.",
		.fix = { { "zone", "Remove the broken DNSKEY record, or publish it as the signer wrote it." } },
	},
	[CONSISTENT] = {
		.id = "dnssec.dnskey.consistent",
		.severity = SEVERITY_HIGH,
		.title = "All servers publish the same keys",
		.source = "RFC 4035 section 2.1; RFC 8901 section 2.1",
		.why = "A resolver that has one server's keys refuses signatures of another's.",
		.how = "The DNSKEY records of all servers are compared. With several signers a server may lack another's key-signing key that the DS records name, as RFC 8901 has it.",
		.fix = { { "zone", "Transfer the zone again where it is old. With several signers: publish the zone-signing keys of each at all." } },
	},
	[COMPLETE] = {
		.id = "dnssec.algorithm.complete",
		.severity = SEVERITY_MEDIUM,
		.title = "Each algorithm of the keys signs the zone",
		.source = "RFC 4035 section 2.2; RFC 6840 section 5.11",
		.why = "A strict resolver that prefers the algorithm without signatures finds none and refuses the zone.",
		.how = "The algorithms of each server's DNSKEY records are looked for among its signatures of the SOA record, those of the DS records among its signatures of the DNSKEY records.",
		.fix = { { "zone", "Sign with the algorithm as well, or remove its keys and DS records, in the order of RFC 6781 section 4.1.4." } },
	},
};
/* clang-format on */

static const char *role_of(const struct dns_rr *key)
{
	return key->dnskey.flags & DNSKEY_SEP ? "key-signing key" : "zone-signing key";
}

static void judge_key(struct judge *j, const struct dns_rr *key)
{
	const struct dnssec_algorithm *row = dnssec_algorithm_of(key->dnskey.algorithm);
	struct str name = dnssec_algorithm_text(j->arena, key->dnskey.algorithm);
	/* Key tags change with every roll-over. */
	struct str subject = str_printf(j->arena, "%s %.*s", role_of(key), STR(name));
	unsigned bits = row && row->is_rsa ? dnssec_rsa_bits(key->dnskey.key) : 0;

	expect(j, ALGORITHM, name, !row || row->use != DNSSEC_MUST_NOT,
	       "key %u uses %.*s, which must not sign", key->dnskey.key_tag, STR(name));
	expect(j, WEAK, name, row && row->use != DNSSEC_NOT_RECOMMENDED, "key %u uses %.*s, %s",
	       key->dnskey.key_tag, STR(name),
	       row ? "which is not recommended" : "which the registry does not assign");
	if (bits && bits < RSA_BITS)
		fail_as(j, RSA_SIZE, bits < RSA_BITS_BROKEN ? SEVERITY_HIGH : SEVERITY_MEDIUM,
			subject, "the %.*s %u has %u bits", STR(subject), key->dnskey.key_tag,
			bits);
	else if (bits)
		pass(j, RSA_SIZE, subject);
	if (row && row->octets)
		expect(j, LENGTH, subject, key->dnskey.key.len == row->octets,
		       "the %.*s %u has %zu octets instead of %u", STR(subject),
		       key->dnskey.key_tag, key->dnskey.key.len, row->octets);
	else if (row && row->is_rsa)
		expect(j, LENGTH, subject, bits > 0, "the %.*s %u is no RSA key", STR(subject),
		       key->dnskey.key_tag);
}

/* RFC 8901 section 2.1.2: each signer has a key-signing key of its own, which the parent knows. */
static bool is_another_signers(const struct dns_rr *key, const struct dns_answer *ds)
{
	for (size_t i = 0; i < ds->count && key->dnskey.flags & DNSKEY_SEP; i++)
		if (!ds->rr[i].is_malformed && ds->rr[i].ds.key_tag == key->dnskey.key_tag &&
		    ds->rr[i].ds.algorithm == key->dnskey.algorithm)
			return true;
	return false;
}

static void judge_view(struct judge *j, const struct dnskeys *keys, const struct dnskey_view *view,
		       struct str apex)
{
	for (size_t i = 0; i < keys->key_count; i++) {
		const struct dns_rr *key = keys->keys[i];
		const struct dns_answer *ds;

		if (dnskeys_has(view, key))
			continue;
		ds = ask_dns(j, apex, DNS_DS);
		cite(j, view->answer);
		/* With keys of its own the server is a signer; without any it is merely old. */
		if (!ds || (view->has_keys && is_another_signers(key, ds)))
			continue;
		fail(j, CONSISTENT, view->server->name,
		     "%.*s (%s) lacks the %s %u (%.*s) that others publish",
		     STR(view->server->name), view->address, role_of(key), key->dnskey.key_tag,
		     STR(dnssec_algorithm_text(j->arena, key->dnskey.algorithm)));
		return;
	}
	pass(j, CONSISTENT, view->server->name);
}

static bool has_algorithm(const struct dns_answer *answer, struct str apex, uint16_t type,
			  uint8_t algorithm)
{
	for (size_t i = 0; i < answer->other_count; i++)
		if (dns_is_signature(&answer->other[i], apex, type) &&
		    answer->other[i].rrsig.algorithm == algorithm)
			return true;
	return false;
}

static void expect_signed(struct judge *j, const struct dnskey_view *view,
			  const struct dns_answer *answer, struct str apex, uint16_t type,
			  uint8_t algorithm)
{
	struct str name = dnssec_algorithm_text(j->arena, algorithm);

	cite(j, answer);
	expect(j, COMPLETE, name, has_algorithm(answer, apex, type, algorithm),
	       "%.*s (%s) has no signature of %.*s for %s", STR(view->server->name), view->address,
	       STR(name), type == DNS_SOA ? "SOA" : "DNSKEY");
}

/* Without any signature it is dnssec.rrsig.missing's finding. */
static void judge_complete(struct judge *j, const struct dnskey_view *view, struct str apex,
			   const struct dns_answer *ds)
{
	const struct dns_answer *soa =
		ask_dns_at(j, view->server->address, apex, DNS_SOA, DNS_QUERY_DO);

	for (size_t i = 0; soa && i < view->answer->count && i < DNSKEYS; i++) {
		const struct dns_rr *key = &view->answer->rr[i];

		if (dns_is_zone_key(key) && !(key->dnskey.flags & DNSKEY_REVOKED) &&
		    dns_has_signature(soa, apex, DNS_SOA))
			expect_signed(j, view, soa, apex, DNS_SOA, key->dnskey.algorithm);
	}
	for (size_t i = 0; ds && view->is_signing && i < ds->count && i < DNSKEYS; i++)
		if (!ds->rr[i].is_malformed)
			expect_signed(j, view, view->answer, apex, DNS_DNSKEY,
				      ds->rr[i].ds.algorithm);
}

static void judge(struct judge *j)
{
	const struct dnssec *dnssec = derive_dnssec(j, j->domain);
	const struct dnskeys *keys;
	const struct dns_answer *ds;

	if (!dnssec || !dnssec->is_signed)
		return;
	keys = derive_dnskeys(j, dnssec->apex);
	if (!keys || !keys->key_count)
		return;
	for (size_t i = 0; i < keys->key_count; i++) {
		for (size_t k = 0; k < keys->count; k++)
			if (dnskeys_has(&keys->views[k], keys->keys[i]))
				cite(j, keys->views[k].answer);
		judge_key(j, keys->keys[i]);
	}
	about(j, CONSISTENT);
	for (size_t i = 0; i < keys->count; i++)
		judge_view(j, keys, &keys->views[i], dnssec->apex);
	about(j, COMPLETE);
	ds = ask_dns(j, dnssec->apex, DNS_DS);
	for (size_t i = 0; i < keys->count; i++)
		judge_complete(j, &keys->views[i], dnssec->apex, ds);
	about_all(j);
}

const struct family family_dnssec_dnskey = FAMILY("dnssec.dnskey", checks, judge);

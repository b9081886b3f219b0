/* SPDX-License-Identifier: Apache-2.0 */
/* Do the DS records at the parent fit the zone's keys? RFC 4035 sections 2.4 and 5.2. */
#include "checks/dnssec/reason.h"

enum { ORPHAN, MISSING, DIGEST, MATCH, REVOKED };

enum { DS_RECORDS = 32 };

/* clang-format off */
static const struct check checks[] = {
	[ORPHAN] = {
		.id = "dnssec.ds.orphan",
		.severity = SEVERITY_CRITICAL,
		.title = "No DS record stands for a zone that is not signed",
		.source = "RFC 4035 section 2.4",
		.why = "The parent says that the zone is signed: validating resolvers refuse everything it answers.",
		.how = "Where the parent has DS records, each of the zone's servers is asked for DNSKEY records.",
		.fix = {
			{ "registrar", "Remove the DS records, or have the zone signed with their keys again." },
		},
	},
	[MISSING] = {
		.id = "dnssec.ds.missing",
		.severity = SEVERITY_MEDIUM,
		.title = "The parent has a DS record for the signed zone",
		.source = "RFC 4035 section 2.4",
		.why = "Nobody verifies the signatures: the zone counts as unsigned.",
		.how = "Where the zone's servers have DNSKEY records, the parent is asked for DS records.",
		.fix = {
			{ "registrar", "Enter the DS record of the key-signing key." },
			{ "bind", "dnssec-dsfromkey Kexample.com.+013+12345.key, or rndc dnssec -status example.com" },
			{ "knot", "keymgr example.com ds" },
		},
	},
	[DIGEST] = {
		.id = "dnssec.ds.digest",
		.severity = SEVERITY_MEDIUM,
		.title = "DS records use a digest that may be used, SHA-256 among them",
		.source = "RFC 9904; IANA registry of DS digest types; RFC 4509 section 3",
		.why = "SHA-1 and GOST digests are not trusted any more; a digest that resolvers do not know leaves the zone unsigned for them.",
		.how = "The digest types of the DS records are compared with the registry.",
		.fix = {
			{ "registrar", "Replace the DS records by ones of digest type 2 (SHA-256)." },
			{ "bind", "dnssec-dsfromkey -2 Kexample.com.+013+12345.key" },
		},
	},
	[MATCH] = {
		.id = "dnssec.ds.dnskey-match",
		.severity = SEVERITY_HIGH,
		.title = "For each algorithm of the DS records, one matches a key that signs",
		.source = "RFC 4035 sections 2.4 and 5.2",
		.why = "Resolvers that know the algorithm find no key to begin with, and refuse the zone.",
		.how = "Key tag and algorithm of the DS records are looked for among the DNSKEY records and their signatures; whether the digest fits is the validating resolver's word.",
		.fix = {
			{ "registrar", "Enter the DS record of the present key-signing key, then remove the old one." },
			{ "knot", "keymgr example.com ds" },
		},
	},
	[REVOKED] = {
		.id = "dnssec.ds.revoked",
		.severity = SEVERITY_HIGH,
		.title = "No DS record points to a revoked key",
		.source = "RFC 5011 section 2.1",
		.why = "A revoked key verifies nothing but its own revocation.",
		.how = "DS records are compared with the DNSKEY records whose REVOKE bit is set.",
		.fix = {
			{ "registrar", "Remove the DS record of the revoked key." },
		},
	},
};
/* clang-format on */

static size_t ds_count(const struct dns_answer *ds)
{
	return MIN(ds->count, (size_t)DS_RECORDS);
}

static void judge_digests(struct judge *j, const struct dns_answer *ds)
{
	bool has_sha256 = false, has_sha384 = false;

	for (size_t i = 0; i < ds_count(ds); i++) {
		const struct dns_rr *rr = &ds->rr[i];
		struct str name = dnssec_digest_text(j->arena, rr->ds.digest_type);
		const struct dnssec_algorithm *row = dnssec_digest_of(rr->ds.digest_type);

		if (rr->is_malformed)
			continue;
		has_sha256 |= rr->ds.digest_type == 2;
		has_sha384 |= rr->ds.digest_type == 4;
		expect(j, DIGEST, name, row && row->use != DNSSEC_MUST_NOT,
		       "a DS record uses %.*s, which %s", STR(name),
		       row ? "must not be used" : "nobody has defined");
	}
	if (!has_sha256)
		fail_as(j, DIGEST, has_sha384 ? SEVERITY_LOW : SEVERITY_MEDIUM, STR_LIT("SHA-256"),
			"no DS record uses SHA-256, which every validator knows");
}

static bool fits(const struct dns_rr *ds, const struct dns_rr *key)
{
	return ds->ds.algorithm == key->dnskey.algorithm && ds->ds.key_tag == key->dnskey.key_tag &&
	       !(key->dnskey.flags & DNSKEY_REVOKED);
}

static const struct dns_rr *key_of(const struct dnskeys *keys, const struct dns_rr *ds)
{
	for (size_t i = 0; i < keys->key_count; i++)
		if (fits(ds, keys->keys[i]))
			return keys->keys[i];
	return NULL;
}

/* Does the key of a DS record sign the DNSKEY RRset of a server? Where no signatures are given at all that
 * is another check's finding. */
static bool signs(const struct dnskeys *keys, const struct dns_rr *ds, struct str apex)
{
	bool has_any = false;

	for (size_t i = 0; i < keys->count; i++) {
		const struct dns_answer *answer = keys->views[i].answer;

		for (size_t k = 0; k < answer->other_count; k++) {
			const struct dns_rr *rr = &answer->other[k];

			if (!dns_is_signature(rr, apex, DNS_DNSKEY))
				continue;
			has_any = true;
			if (rr->rrsig.key_tag == ds->ds.key_tag &&
			    rr->rrsig.algorithm == ds->ds.algorithm)
				return true;
		}
	}
	return !has_any;
}

static void judge_algorithm(struct judge *j, const struct dns_answer *ds,
			    const struct dnskeys *keys, uint8_t algorithm, struct str apex)
{
	struct str name = dnssec_algorithm_text(j->arena, algorithm);
	const struct dns_rr *without = NULL, *mute = NULL;

	for (size_t i = 0; i < ds_count(ds); i++) {
		const struct dns_rr *rr = &ds->rr[i];

		if (rr->is_malformed || rr->ds.algorithm != algorithm)
			continue;
		if (!key_of(keys, rr)) {
			without = rr;
		} else if (signs(keys, rr, apex)) {
			pass(j, MATCH, name);
			return;
		} else {
			mute = rr;
		}
	}
	if (keys->is_partial)
		return;
	if (mute)
		fail(j, MATCH, name, "the key of DS %u %.*s does not sign the DNSKEY records",
		     mute->ds.key_tag, STR(name));
	else if (without)
		fail(j, MATCH, name, "DS %u %.*s matches no DNSKEY record", without->ds.key_tag,
		     STR(name));
}

static void judge_match(struct judge *j, const struct dns_answer *ds, const struct dnskeys *keys,
			struct str apex)
{
	bool is_done[256] = { false };
	const struct fact *soa;
	enum reason reason;

	cite(j, ds);
	for (size_t i = 0; i < ds_count(ds); i++)
		if (!ds->rr[i].is_malformed && !is_done[ds->rr[i].ds.algorithm]) {
			is_done[ds->rr[i].ds.algorithm] = true;
			judge_algorithm(j, ds, keys, ds->rr[i].ds.algorithm, apex);
		}
	/* The resolver has computed the digests. */
	reason = bogus_reason(j, apex, DNS_SOA, &soa);
	if (reason == REASON_DIGEST)
		fail(j, MATCH, STR_NONE, "the digest of the DS record is of another key");
	else if (reason == REASON_UNTOLD)
		unknown(j, MATCH, "validation fails, and the resolver does not say why");
	else if (reason == REASON_FAILED)
		give_up(j, soa);
}

static void judge_revoked(struct judge *j, const struct dns_answer *ds, const struct dnskeys *keys)
{
	bool has_revoked = false;

	for (size_t i = 0; i < ds_count(ds); i++)
		for (size_t k = 0; k < keys->key_count; k++) {
			const struct dns_rr *key = keys->keys[k], *rr = &ds->rr[i];
			uint16_t flags = key->dnskey.flags;

			if (rr->is_malformed || !(flags & DNSKEY_REVOKED) ||
			    rr->ds.algorithm != key->dnskey.algorithm)
				continue;
			if (rr->ds.key_tag != key->dnskey.key_tag &&
			    rr->ds.key_tag !=
				    dnskey_tag_with(key, (uint16_t)(flags & ~DNSKEY_REVOKED)))
				continue;
			has_revoked = true;
			fail(j, REVOKED, dnssec_algorithm_text(j->arena, rr->ds.algorithm),
			     "DS %u is of a key that is revoked", rr->ds.key_tag);
		}
	if (!has_revoked)
		pass(j, REVOKED, STR_NONE);
}

static void judge(struct judge *j)
{
	const struct dnssec *dnssec = derive_dnssec(j, j->domain);
	const struct dns_answer *ds;
	const struct dnskeys *keys;

	if (!dnssec || !dnssec->is_signed)
		return;
	ds = ask_dns(j, dnssec->apex, DNS_DS);
	if (ds && ds->count)
		judge_digests(j, ds);
	about(j, ORPHAN, MISSING, MATCH, REVOKED);
	keys = derive_dnskeys(j, dnssec->apex);
	if (!ds || !keys)
		return;
	cite(j, ds);
	if (keys->key_count)
		expect(j, MISSING, STR_NONE, ds->count > 0,
		       "the zone is signed, but %.*s has no DS record for it", STR(dnssec->parent));
	if (!ds->count)
		return;
	if (keys->key_count)
		pass(j, ORPHAN, STR_NONE);
	else if (!keys->is_partial && keys->count)
		fail(j, ORPHAN, STR_NONE, "%.*s has %zu DS records, but no server has a key",
		     STR(dnssec->parent), ds->count);
	if (!keys->key_count)
		return;
	about(j, REVOKED);
	judge_revoked(j, ds, keys);
	about(j, MATCH);
	judge_match(j, ds, keys, dnssec->apex);
	about_all(j);
}

const struct family family_dnssec_ds = FAMILY("dnssec.ds", checks, judge);

/* SPDX-License-Identifier: Apache-2.0 */
/* Does the zone tell its parent the right keys? RFC 7344; RFC 8078; RFC 9615. */
#include "checks/derived/dnssec.h"

enum { CONSISTENT, SIGNED, DELETE, BOOTSTRAP };

enum { CHILD_RECORDS = 32 };

/* clang-format off */
static const struct check checks[] = {
	[CONSISTENT] = {
		.id = "dnssec.cds.consistent",
		.severity = SEVERITY_MEDIUM,
		.title = "CDS and CDNSKEY agree, on all servers",
		.source = "RFC 7344 section 4",
		.why = "A parent that reads them takes the one or the other, or gives up: the DS records are not renewed when the key is.",
		.how = "Each server is asked for CDS and CDNSKEY; the sets are compared between servers, and both by key tag and algorithm. Where CDS and DS mean the same key, their digests must be the same.",
		.fix = {
			{ "bind", "dnssec-policy publishes both by itself: remove those added by hand." },
			{ "knot", "policy: cds-cdnskey-publish: always" },
		},
	},
	[SIGNED] = {
		.id = "dnssec.cds.signed",
		.severity = SEVERITY_MEDIUM,
		.title = "CDS and CDNSKEY are signed by a key that the DS records name",
		.source = "RFC 7344 section 4.1",
		.why = "The parent must not believe them otherwise.",
		.how = "The signatures of CDS and CDNSKEY at each server are compared with the DS records, or, without any, with the keys.",
		.fix = { { "zone", "Sign CDS and CDNSKEY with the key-signing key, as signers do by themselves." } },
	},
	[DELETE] = {
		.id = "dnssec.cds.delete",
		.severity = SEVERITY_MEDIUM,
		.title = "The zone does not ask its parent to take DNSSEC away",
		.source = "RFC 8078 section 4",
		.why = "A parent that reads CDS removes all DS records: the domain is then unprotected.",
		.how = "A CDS or CDNSKEY record of algorithm 0 is looked for while the parent has DS records.",
		.fix = {
			{ "bind", "rndc dnssec, or dnssec-policy other than \"insecure\"; remove the CDS 0 0 0 00 record" },
			{ "knot", "policy: cds-cdnskey-publish: always" },
		},
	},
	[BOOTSTRAP] = {
		.id = "dnssec.bootstrap",
		.severity = SEVERITY_INFO,
		.title = "A parent without DS records can fetch the first one safely",
		.source = "RFC 9615 section 3; RFC 9859",
		.why = "With signalling records under the name servers' names a parent can switch DNSSEC on by itself, without the registrar.",
		.how = "Where a signed zone has no DS record: CDS records at the apex, and the same ones, validated, at _dsboot.ZONE._signal.SERVER for each server outside of the zone. A DSYNC record at _dsync.PARENT tells that the parent takes notifications.",
		.fix = {
			{ "knot", "policy: cds-cdnskey-publish: always; and the signalling zone of the DNS operator" },
			{ "registrar", "Or enter the DS record by hand." },
		},
	},
};
/* clang-format on */

/* One type's records on all servers. */
struct child_set {
	uint16_t type;
	char text[8];
	const struct dns_answer **answers; /* by view; NULL: not known, or not its own data */
	const struct dns_answer *cited;    /* one of them that has records */
	const struct dns_rr *records[CHILD_RECORDS]; /* of all servers, each once */
	size_t count;
	bool is_partial;
};

static bool has_record(const struct dns_answer *answer, const struct dns_rr *record)
{
	for (size_t i = 0; i < answer->count && i < CHILD_RECORDS; i++)
		if (answer->rr[i].type == record->type &&
		    str_eq(answer->rr[i].rdata, record->rdata))
			return true;
	return false;
}

static void add_record(struct child_set *set, const struct dns_rr *rr)
{
	for (size_t i = 0; i < set->count; i++)
		if (str_eq(set->records[i]->rdata, rr->rdata))
			return;
	if (set->count < CHILD_RECORDS && !rr->is_malformed && rr->type == set->type)
		set->records[set->count++] = rr;
}

static void read_set(struct judge *j, const struct dnskeys *keys, struct str apex,
		     struct child_set *set)
{
	set->answers = arena_array(j->arena, keys->count, sizeof(const struct dns_answer *));
	set->is_partial = keys->is_partial;
	for (size_t i = 0; i < keys->count; i++) {
		const struct dns_answer *answer = ask_dns_at(j, keys->views[i].server->address,
							     apex, set->type, DNS_QUERY_DO);

		set->is_partial |= !answer;
		if (!answer || !dns_is_own_data(answer))
			continue;
		set->answers[i] = answer;
		if (answer->count)
			set->cited = answer;
		for (size_t k = 0; k < answer->count && k < CHILD_RECORDS; k++)
			add_record(set, &answer->rr[k]);
	}
}

static uint16_t tag_of(const struct dns_rr *rr)
{
	return rr->type == DNS_CDS ? rr->ds.key_tag : rr->dnskey.key_tag;
}

static uint8_t algorithm_of(const struct dns_rr *rr)
{
	return rr->type == DNS_CDS ? rr->ds.algorithm : rr->dnskey.algorithm;
}

/* RFC 8078 section 4: algorithm 0 asks for deletion; its key tags mean nothing. */
static bool is_same_key(const struct dns_rr *a, const struct dns_rr *b)
{
	return algorithm_of(a) == algorithm_of(b) && (!algorithm_of(a) || tag_of(a) == tag_of(b));
}

static void judge_servers(struct judge *j, const struct dnskeys *keys, const struct child_set *set)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct dnskey_view *view = &keys->views[i];
		size_t missing = 0;

		for (size_t k = 0; set->answers[i] && k < set->count; k++)
			missing += !has_record(set->answers[i], set->records[k]);
		if (!set->answers[i] || !set->count)
			continue;
		cite(j, set->answers[i]);
		expect(j, CONSISTENT, view->server->name, !missing,
		       "%.*s (%s) lacks %zu %s records that others have", STR(view->server->name),
		       view->address, missing, set->text);
	}
}

static void judge_pairs(struct judge *j, const struct child_set *one, const struct child_set *other)
{
	if (!one->count || !other->count || one->is_partial || other->is_partial)
		return;
	for (size_t i = 0; i < one->count; i++) {
		bool is_found = false;

		for (size_t k = 0; k < other->count; k++)
			is_found |= is_same_key(one->records[i], other->records[k]);
		expect(j, CONSISTENT, str_of(one->text), is_found,
		       "the %s record of key %u has no %s record beside it", one->text,
		       tag_of(one->records[i]), other->text);
	}
}

/* How many keys may a CDS or DS record of this tag and algorithm mean? */
static size_t keys_tagged(const struct dnskeys *keys, const struct dns_rr *cds)
{
	size_t count = 0;

	for (size_t i = 0; i < keys->key_count; i++)
		count += keys->keys[i]->dnskey.key_tag == cds->ds.key_tag &&
			 keys->keys[i]->dnskey.algorithm == cds->ds.algorithm;
	return count;
}

/* Two digests of one kind for one key: the CDS record is of none. */
static void judge_digests(struct judge *j, const struct child_set *cds, const struct dnskeys *keys,
			  const struct dns_answer *ds)
{
	for (size_t i = 0; i < cds->count && !keys->is_partial; i++)
		for (size_t k = 0; k < ds->count && k < CHILD_RECORDS; k++) {
			const struct dns_rr *one = cds->records[i], *other = &ds->rr[k];

			if (other->is_malformed || one->ds.key_tag != other->ds.key_tag ||
			    one->ds.algorithm != other->ds.algorithm ||
			    one->ds.digest_type != other->ds.digest_type ||
			    keys_tagged(keys, one) != 1)
				continue;
			expect(j, CONSISTENT, STR_LIT("digest"),
			       str_eq(one->ds.digest, other->ds.digest),
			       "the CDS record of key %u has another digest than the DS record",
			       one->ds.key_tag);
		}
}

/* Does a signature come from a key that the parent knows, or, where it knows none, from any of the zone? */
static bool is_trusted(const struct dns_rr *rrsig, const struct dnskeys *keys,
		       const struct dns_answer *ds)
{
	for (size_t i = 0; i < ds->count; i++)
		if (!ds->rr[i].is_malformed && ds->rr[i].ds.key_tag == rrsig->rrsig.key_tag &&
		    ds->rr[i].ds.algorithm == rrsig->rrsig.algorithm)
			return true;
	for (size_t i = 0; !ds->count && i < keys->key_count; i++)
		if (keys->keys[i]->dnskey.key_tag == rrsig->rrsig.key_tag &&
		    keys->keys[i]->dnskey.algorithm == rrsig->rrsig.algorithm)
			return true;
	return false;
}

static void judge_signed(struct judge *j, const struct dnskeys *keys, const struct child_set *set,
			 struct str apex, const struct dns_answer *ds)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct dns_answer *answer = set->answers[i];
		bool has_any = false, is_good = false;

		/* A server that gives no signatures at all is another check's finding; a key that is
		 * not known may be the signer. */
		if (!answer || !answer->count || !keys->views[i].is_signing)
			continue;
		for (size_t k = 0; k < answer->other_count; k++)
			if (dns_is_signature(&answer->other[k], apex, set->type)) {
				has_any = true;
				is_good |= is_trusted(&answer->other[k], keys, ds);
			}
		if (has_any && !is_good && keys->is_partial)
			continue;
		cite(j, answer);
		expect(j, SIGNED, str_of(set->text), is_good, "%.*s (%s): %s %s",
		       STR(keys->views[i].server->name), keys->views[i].address, set->text,
		       has_any ? "is signed by none of the keys that DS names" : "is not signed");
	}
}

static void judge_delete(struct judge *j, const struct child_set *set, const struct dns_answer *ds)
{
	for (size_t i = 0; i < set->count; i++) {
		cite(j, set->cited);
		expect(j, DELETE, STR_NONE, algorithm_of(set->records[i]) || !ds->count,
		       "a %s record asks for the DS records to be removed", set->text);
	}
}

/* Are the same CDS records at the server's signalling name, and validated? RFC 9615 section 4.1. */
static void judge_signal(struct judge *j, const struct child_set *cds, struct str apex,
			 struct str server)
{
	uint8_t wire[DNS_NAME_WIRE_BYTES];
	struct str name = str_printf(j->arena, "_dsboot.%.*s._signal.%.*s", STR(apex), STR(server));
	const struct dns_answer *answer;
	bool is_same = true;

	if (dns_name_to_wire(name, wire) < 0)
		return;
	answer = ask_dns(j, name, DNS_CDS);
	if (!answer)
		return;
	for (size_t i = 0; i < cds->count; i++)
		is_same &= has_record(answer, cds->records[i]);
	expect(j, BOOTSTRAP, server, answer->count && answer->is_secure && is_same, "%.*s has %s",
	       STR(name),
	       !answer->count       ? "no CDS records"
	       : !answer->is_secure ? "CDS records that cannot be validated"
				    : "other CDS records than the zone");
}

static void judge_bootstrap(struct judge *j, const struct dnssec *dnssec,
			    const struct dnskeys *keys, const struct child_set *cds)
{
	const struct dns_answer *dsync =
		ask_dns(j, dns_name_child(j->arena, STR_LIT("_dsync"), dnssec->parent), DNS_DSYNC);
	bool has_outside = false;

	if (!dsync)
		return;
	if (!cds->count) {
		if (!cds->is_partial)
			fail(j, BOOTSTRAP, STR_NONE,
			     "the zone publishes no CDS records; %.*s takes %s notifications "
			     "(DSYNC)",
			     STR(dnssec->parent), dsync->count ? "" : "no");
		return;
	}
	for (size_t i = 0; i < keys->count; i++) {
		struct str server = keys->views[i].server->name;

		if (dns_name_is_under(server, dnssec->apex) ||
		    (i && str_eq(server, keys->views[i - 1].server->name)))
			continue;
		has_outside = true;
		judge_signal(j, cds, dnssec->apex, server);
	}
	if (!has_outside && !keys->is_partial)
		fail(j, BOOTSTRAP, STR_NONE,
		     "all name servers lie in the zone itself: none can vouch for it");
}

static void judge(struct judge *j)
{
	const struct dnssec *dnssec = derive_dnssec(j, j->domain);
	struct child_set cds = { .type = DNS_CDS, .text = "CDS" };
	struct child_set cdnskey = { .type = DNS_CDNSKEY, .text = "CDNSKEY" };
	const struct dnskeys *keys;
	const struct dns_answer *ds;

	if (!dnssec || !dnssec->is_signed)
		return;
	keys = derive_dnskeys(j, dnssec->apex);
	if (!keys || !keys->key_count)
		return;
	read_set(j, keys, dnssec->apex, &cds);
	about(j, CONSISTENT, SIGNED, DELETE);
	read_set(j, keys, dnssec->apex, &cdnskey);
	judge_servers(j, keys, &cds);
	judge_servers(j, keys, &cdnskey);
	judge_pairs(j, &cds, &cdnskey);
	judge_pairs(j, &cdnskey, &cds);
	about_all(j);
	ds = ask_dns(j, dnssec->apex, DNS_DS);
	if (ds) {
		judge_digests(j, &cds, keys, ds);
		judge_signed(j, keys, &cds, dnssec->apex, ds);
		judge_signed(j, keys, &cdnskey, dnssec->apex, ds);
		judge_delete(j, &cds, ds);
		judge_delete(j, &cdnskey, ds);
	}
	about(j, BOOTSTRAP);
	if (ds && !ds->count)
		judge_bootstrap(j, dnssec, keys, &cds);
	about_all(j);
}

const struct family family_dnssec_cds = FAMILY("dnssec.cds", checks, judge);

/* SPDX-License-Identifier: Apache-2.0 */
/* Are the parameters of NSEC3 as they should be? RFC 9276; RFC 5155. */
#include "checks/dnssec/denial.h"
#include "formats/names/psl.h"

enum { ITERATIONS, SALT, PARAMS };

enum { MOST_ITERATIONS = 100, HASH_SHA1 = 1, FLAG_OPT_OUT = 1 };

/* clang-format off */
static const struct check checks[] = {
	[ITERATIONS] = {
		.id = "dnssec.nsec3.iterations",
		.severity = SEVERITY_MEDIUM,
		.title = "NSEC3 hashes without additional iterations",
		.source = "RFC 9276 section 3.1",
		.why = "They protect nothing, cost every server and resolver work, and beyond a limit resolvers treat the zone as unsigned or refuse it.",
		.how = "The iterations in the NSEC3 records of each server's denials are read. High above 100.",
		.fix = {
			{ "bind", "dnssec-policy: nsec3param iterations 0 optout no salt-length 0;" },
			{ "knot", "policy: nsec3: on, nsec3-iterations: 0" },
			{ "nsd", "ldns-signzone -n -t 0 …" },
		},
	},
	[SALT] = {
		.id = "dnssec.nsec3.salt",
		.severity = SEVERITY_LOW,
		.title = "NSEC3 uses no salt",
		.source = "RFC 9276 section 3.1",
		.why = "It protects nothing, as names are hashed whole, with the zone's name.",
		.how = "The salt in the NSEC3 records of each server's denials is read.",
		.fix = {
			{ "bind", "dnssec-policy: nsec3param iterations 0 optout no salt-length 0;" },
			{ "knot", "policy: nsec3-salt-length: 0" },
			{ "nsd", "ldns-signzone -n -s - …" },
		},
	},
	[PARAMS] = {
		.id = "dnssec.nsec3.params",
		.severity = SEVERITY_MEDIUM,
		.title = "NSEC3 is used in one way only, and without opt-out where nothing needs it",
		.source = "RFC 5155 sections 4, 6 and 7.1; RFC 9276 section 3.1",
		.why = "Servers answer from the chain that NSEC3PARAM names: with another one, or with NSEC and NSEC3 mixed, denials fail. Opt-out lets unsigned delegations be forged.",
		.how = "The NSEC3 records of each server's denials are compared with its NSEC3PARAM record. Opt-out is expected of zones under which anybody registers only.",
		.fix = {
			{ "bind", "dnssec-policy: nsec3param iterations 0 optout no salt-length 0;" },
			{ "knot", "policy: nsec3-opt-out: off" },
		},
	},
};
/* clang-format on */

struct seen {
	bool has_nsec, has_nsec3;
};

static bool agrees(const struct dns_rr *nsec3, const struct dns_answer *params)
{
	for (size_t i = 0; i < params->count; i++) {
		const struct dns_rr *rr = &params->rr[i];

		if (!rr->is_malformed && rr->nsec3.hash_algorithm == nsec3->nsec3.hash_algorithm &&
		    rr->nsec3.iterations == nsec3->nsec3.iterations &&
		    str_eq(rr->nsec3.salt, nsec3->nsec3.salt))
			return true;
	}
	return !params->count; /* servers that sign at every query need none */
}

static void judge_record(struct judge *j, const struct denial *denial,
			 const struct dns_answer *params, const struct dns_rr *rr)
{
	struct str server = denial->view->server->name;
	unsigned iterations = rr->nsec3.iterations;

	if (iterations)
		fail_as(j, ITERATIONS,
			iterations > MOST_ITERATIONS ? SEVERITY_HIGH : SEVERITY_MEDIUM, STR_NONE,
			"%u additional iterations", iterations);
	else
		pass(j, ITERATIONS, STR_NONE);
	expect(j, SALT, STR_NONE, !rr->nsec3.salt.len, "a salt of %zu octets", rr->nsec3.salt.len);
	expect(j, PARAMS, STR_LIT("hash"), rr->nsec3.hash_algorithm == HASH_SHA1,
	       "hash algorithm %u, which nobody has defined", rr->nsec3.hash_algorithm);
	if (rr->nsec3.flags & FLAG_OPT_OUT && !public_suffix_is(denial->apex))
		fail_as(j, PARAMS, SEVERITY_LOW, STR_LIT("opt-out"),
			"opt-out is set, which serves zones with very many delegations only");
	if (params)
		expect(j, PARAMS, server, agrees(rr, params),
		       "NSEC3PARAM of %.*s (%s) differs from its NSEC3 records", STR(server),
		       denial->view->address);
}

static void judge_answer(struct judge *j, const struct denial *denial,
			 const struct dns_answer *answer, const struct dns_answer *params,
			 struct seen *seen)
{
	if (!answer)
		return;
	cite(j, answer);
	seen->has_nsec |= denial_has(answer, DNS_NSEC);
	for (size_t i = 0; i < answer->authority_count; i++)
		if (denial_is(answer, &answer->authority[i], DNS_NSEC3)) {
			seen->has_nsec3 = true;
			judge_record(j, denial, params, &answer->authority[i]);
		}
}

static void judge(struct judge *j)
{
	const struct dnssec *dnssec = derive_dnssec(j, j->domain);
	const struct dnskeys *keys;
	struct seen seen = { 0 };

	if (!dnssec || !dnssec->is_signed)
		return;
	keys = derive_dnskeys(j, dnssec->apex);
	for (size_t i = 0; keys && keys->key_count && i < keys->count; i++) {
		const struct dns_answer *params;
		struct denial denial;

		denial_ask_name(j, &keys->views[i], dnssec->apex, &denial);
		denial_ask_type(j, &denial);
		about(j, PARAMS);
		params = ask_dns_at(j, keys->views[i].server->address, dnssec->apex, DNS_NSEC3PARAM,
				    DNS_QUERY_DO);
		about_all(j);
		judge_answer(j, &denial, denial.nobody, params, &seen);
		judge_answer(j, &denial, denial.nodata, params, &seen);
	}
	if (seen.has_nsec3)
		expect(j, PARAMS, STR_LIT("mixed"), !seen.has_nsec,
		       "some denials come with NSEC, others with NSEC3");
}

const struct family family_dnssec_nsec3 = FAMILY("dnssec.nsec3", checks, judge);

/* SPDX-License-Identifier: Apache-2.0 */
/* May this client send mail of this domain? check_host(), RFC 7208 section 4. */
#include "formats/mail/spf_eval.h"

#include "formats/mail/spf_macro.h"

/* What one lookup or mechanism came to; errors and what is pending are not matches. */
enum { MATCH = 1, NO_MATCH = 0 };

struct evaluation {
	struct arena *arena;
	const struct spf_dns *dns;
	struct spf_macros macros; /* domain changes with the record being evaluated */
	bool is_pending;
	bool has_failed; /* verdict.result is a temperror or permerror that ends it all */
	struct spf_verdict verdict;
};

static enum spf_result check_domain(struct evaluation *e, struct str domain, bool is_included);

const char *spf_result_text(enum spf_result result)
{
	static const char *const texts[] = {
		[SPF_RESULT_PENDING] = "pending",
		[SPF_NONE] = "none",
		[SPF_NEUTRAL] = "neutral",
		[SPF_PASS] = "pass",
		[SPF_FAIL] = "fail",
		[SPF_SOFTFAIL] = "softfail",
		[SPF_TEMPERROR] = "temperror",
		[SPF_PERMERROR] = "permerror",
	};

	return texts[result];
}

static enum spf_result stop(struct evaluation *e, enum spf_result result, struct str term,
			    const char *problem)
{
	if (!e->has_failed) {
		e->has_failed = true;
		e->verdict.result = (uint8_t)result;
		e->verdict.domain = e->macros.domain;
		e->verdict.term = term;
		e->verdict.problem = str_of(problem);
	}
	return result;
}

static int query(struct evaluation *e, struct str name, uint16_t type,
		 const struct dns_answer **ret)
{
	int code = e->dns->lookup(e->dns->ctx, name, type, ret);

	if (code == -EAGAIN)
		e->is_pending = true;
	else if (code == 0 && (*ret)->rcode != DNS_NOERROR && (*ret)->rcode != DNS_NXDOMAIN)
		return -EIO;
	return code;
}

/* The same, for mechanisms: void lookups are counted and a failure ends it (section 4.6.4). */
static int query_for_term(struct evaluation *e, const struct spf_term *term, struct str name,
			  uint16_t type, const struct dns_answer **ret)
{
	int code = query(e, name, type, ret);

	if (code == -EAGAIN)
		return code;
	if (code < 0) {
		stop(e, SPF_TEMPERROR, term->text, "a DNS lookup failed");
		return code;
	}
	if (!(*ret)->count && ++e->verdict.voids > SPF_VOIDS) {
		stop(e, SPF_PERMERROR, term->text, "more than 2 lookups without an answer");
		return -EIO;
	}
	return 0;
}

static uint16_t address_type(const struct evaluation *e)
{
	return e->macros.ip.family == ADDRESS_IPV6 ? DNS_AAAA : DNS_A;
}

static bool answer_has_client(const struct evaluation *e, const struct dns_answer *answer,
			      const struct spf_term *term)
{
	bool is_v6 = e->macros.ip.family == ADDRESS_IPV6;
	struct network network = { .prefix = !term   ? (is_v6 ? 128 : 32)
					     : is_v6 ? term->prefix6
						     : term->prefix4 };

	for (size_t i = 0; i < answer->count; i++) {
		network.base = answer->rr[i].address;
		if (!answer->rr[i].is_malformed && network_has(&network, &e->macros.ip))
			return true;
	}
	return false;
}

/*
 * Section 5.5: names of the client that map back to it; of these the domain itself, else one below
 * it, else any. Failures here are no matches, not errors.
 */
static struct str validated_name(struct evaluation *e, struct str domain, bool only_under)
{
	const struct dns_answer *ptr, *addresses;
	struct str best = STR_NONE;
	int best_rank = 0;

	if (query(e, dns_name_reverse(e->arena, &e->macros.ip), DNS_PTR, &ptr) < 0)
		return best;
	for (size_t i = 0; i < ptr->count && i < SPF_NAMES; i++) {
		struct str name = ptr->rr[i].name;
		int rank = str_eq(name, domain) ? 3 : dns_name_is_under(name, domain) ? 2 : 1;

		if (ptr->rr[i].is_malformed || rank <= best_rank || (only_under && rank < 2))
			continue;
		if (query(e, name, address_type(e), &addresses) < 0 ||
		    !answer_has_client(e, addresses, NULL))
			continue;
		best = name;
		best_rank = rank;
	}
	return best;
}

/* The term's domain-spec expanded, or the current domain. ERR_SYNTAX: no domain name. */
static int term_target(struct evaluation *e, const struct spf_term *term, struct str *ret)
{
	struct spf_macro_use use;
	size_t offset;

	if (!term->domain.len) {
		*ret = e->macros.domain;
		return 0;
	}
	TRY(spf_macro_check(term->domain, false, &use, &offset));
	if (use.has_validated)
		e->macros.validated = validated_name(e, e->macros.domain, false);
	return spf_target_name(e->arena, spf_macro_expand(e->arena, term->domain, &e->macros), ret);
}

static int match_a(struct evaluation *e, const struct spf_term *term, struct str name)
{
	const struct dns_answer *answer;

	if (query_for_term(e, term, name, address_type(e), &answer) < 0)
		return NO_MATCH;
	return answer_has_client(e, answer, term) ? MATCH : NO_MATCH;
}

static int match_mx(struct evaluation *e, const struct spf_term *term, struct str name)
{
	const struct dns_answer *mx, *addresses;

	if (query_for_term(e, term, name, DNS_MX, &mx) < 0)
		return NO_MATCH;
	if (mx->count > SPF_NAMES) {
		stop(e, SPF_PERMERROR, term->text, "more than 10 MX records");
		return NO_MATCH;
	}
	for (size_t i = 0; i < mx->count && !e->has_failed; i++) {
		if (mx->rr[i].is_malformed || str_eq(mx->rr[i].mx.host, STR_LIT(".")))
			continue;
		if (query_for_term(e, term, mx->rr[i].mx.host, address_type(e), &addresses) == 0 &&
		    answer_has_client(e, addresses, term))
			return MATCH;
	}
	return NO_MATCH;
}

static int match_exists(struct evaluation *e, const struct spf_term *term, struct str name)
{
	const struct dns_answer *answer;

	if (query_for_term(e, term, name, DNS_A, &answer) < 0)
		return NO_MATCH;
	return answer->count ? MATCH : NO_MATCH;
}

static int match_ptr(struct evaluation *e, const struct spf_term *term, struct str name)
{
	return validated_name(e, name, true).len ? MATCH : NO_MATCH;
}

/* Section 5.2: only pass is a match; none is an error. */
static int match_include(struct evaluation *e, const struct spf_term *term, struct str name)
{
	struct str outer = e->macros.domain;
	enum spf_result result = check_domain(e, name, true);

	e->macros.domain = outer;
	if (result == SPF_NONE)
		stop(e, SPF_PERMERROR, term->text, "the included domain has no SPF record");
	return result == SPF_PASS && !e->has_failed ? MATCH : NO_MATCH;
}

static int (*const matchers[])(struct evaluation *e, const struct spf_term *term,
			       struct str name) = {
	[SPF_INCLUDE] = match_include, [SPF_A] = match_a,           [SPF_MX] = match_mx,
	[SPF_PTR] = match_ptr,         [SPF_EXISTS] = match_exists,
};

static bool lookup_is_allowed(struct evaluation *e, const struct spf_term *term)
{
	if (++e->verdict.lookups <= SPF_LOOKUPS)
		return true;
	stop(e, SPF_PERMERROR, term->text, "more than 10 terms need DNS lookups");
	return false;
}

static int term_match(struct evaluation *e, const struct spf_term *term)
{
	struct str name;

	if (term->kind == SPF_ALL)
		return MATCH;
	if (term->kind == SPF_IP4 || term->kind == SPF_IP6)
		return network_has(&term->network, &e->macros.ip) ? MATCH : NO_MATCH;
	if (!lookup_is_allowed(e, term))
		return NO_MATCH;
	if (term_target(e, term, &name) < 0) {
		if (term->kind == SPF_INCLUDE)
			stop(e, SPF_PERMERROR, term->text, "does not expand to a domain name");
		return NO_MATCH; /* section 4.8: as if it did not exist */
	}
	return matchers[term->kind](e, term, name);
}

static enum spf_result qualifier_result(char qualifier)
{
	return qualifier == '-'   ? SPF_FAIL
	       : qualifier == '~' ? SPF_SOFTFAIL
	       : qualifier == '?' ? SPF_NEUTRAL
				  : SPF_PASS;
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] > 0x7e)
			return false;
	return true;
}

/* Section 6.2: any problem on the way means no explanation. */
static void explain(struct evaluation *e, const struct spf_record *record)
{
	const struct dns_answer *txt;
	struct spf_macro_use use;
	struct str name, text;
	size_t offset;

	if (!record->exp || term_target(e, record->exp, &name) < 0 ||
	    query(e, name, DNS_TXT, &txt) < 0 || txt->count != 1)
		return;
	text = txt->rr[0].txt.text;
	if (!is_ascii(text) || spf_macro_check(text, true, &use, &offset) < 0)
		return;
	if (use.has_validated)
		e->macros.validated = validated_name(e, e->macros.domain, false);
	e->verdict.explanation = spf_macro_expand(e->arena, text, &e->macros);
}

static enum spf_result follow_redirect(struct evaluation *e, const struct spf_term *term,
				       bool is_included)
{
	enum spf_result result;
	struct str name;

	if (!lookup_is_allowed(e, term))
		return SPF_PERMERROR;
	if (term_target(e, term, &name) < 0)
		return stop(e, SPF_PERMERROR, term->text, "does not expand to a domain name");
	result = check_domain(e, name, is_included);
	if (result == SPF_NONE)
		return stop(e, SPF_PERMERROR, term->text,
			    "the redirect's domain has no SPF record");
	return result;
}

static enum spf_result record_evaluate(struct evaluation *e, const struct spf_record *record,
				       bool is_included)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];
		int match = term->kind < SPF_REDIRECT ? term_match(e, term) : NO_MATCH;

		if (e->has_failed)
			return e->verdict.result;
		if (match == NO_MATCH)
			continue;
		if (!is_included) {
			e->verdict.domain = e->macros.domain;
			e->verdict.term = term->text;
			if (term->qualifier == '-')
				explain(e, record);
		}
		return qualifier_result(term->qualifier);
	}
	return record->redirect ? follow_redirect(e, record->redirect, is_included) : SPF_NEUTRAL;
}

/* The record of domain decides; e->macros.domain is domain from here on. */
static enum spf_result check_domain(struct evaluation *e, struct str domain, bool is_included)
{
	const struct dns_answer *txt;
	struct spf_record record;
	struct err err;
	int code;

	e->macros.domain = domain;
	code = query(e, domain, DNS_TXT, &txt);
	if (code == -EAGAIN)
		return SPF_NEUTRAL; /* go on with what stands behind the include */
	if (code < 0)
		return stop(e, SPF_TEMPERROR, STR_NONE, "the TXT lookup failed");
	code = spf_select(e->arena, txt, &record, &err);
	if (code == -ENOMSG)
		return SPF_NONE;
	if (code < 0)
		return stop(e, SPF_PERMERROR, STR_NONE, str_cstring(e->arena, str_of(err.text)));
	return record_evaluate(e, &record, is_included);
}

/* IPv4-mapped addresses are IPv4 clients (section 5). */
static struct address client_address(const struct address *client)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (client->family == ADDRESS_IPV6 && !memcmp(client->bytes, mapped, sizeof mapped))
		return address_ipv4(client->bytes + 12);
	return *client;
}

void spf_check_host(struct arena *a, const struct spf_request *request, const struct spf_dns *dns,
		    struct spf_verdict *ret)
{
	struct evaluation e = { .arena = a, .dns = dns };
	struct str sender = request->sender.len ? request->sender : request->helo, domain;
	ptrdiff_t at = str_find_last_char(sender, '@');
	enum spf_result result = SPF_NONE;

	if (at <= 0)
		sender = str_printf(a, "postmaster@%.*s", STR(str_from(sender, (size_t)(at + 1))));
	domain = request->domain;
	if (!domain.len)
		domain = str_from(sender, (size_t)str_find_last_char(sender, '@') + 1);
	e.macros = (struct spf_macros){ .sender = sender,
					.helo = request->helo,
					.receiver = request->receiver,
					.ip = client_address(&request->client),
					.unix_time = request->unix_time };
	/* Section 4.3: not a multi-label name: none. */
	if (spf_target_name(a, domain, &domain) == 0 && str_find_char(domain, '.') >= 0)
		result = check_domain(&e, domain, false);
	*ret = e.verdict;
	if (!ret->domain.len)
		ret->domain = domain;
	ret->result = (uint8_t)(e.is_pending ? SPF_RESULT_PENDING : result);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which SPF record does a domain publish, and what are its terms? RFC 7208 sections 4.5 to 6. */
#include "formats/mail/spf.h"

#include "formats/mail/spf_macro.h"

enum { VERSION_BYTES = 6 };

enum argument { ARGUMENT_NONE, ARGUMENT_MAY, ARGUMENT_MUST };

/** Mechanisms (section 5): what may follow the name. */
static const struct {
	struct str name;
	uint8_t kind, domain;
	bool has_prefix;
} mechanisms[] = {
	{ STR_INIT("all"), SPF_ALL, ARGUMENT_NONE, false },
	{ STR_INIT("include"), SPF_INCLUDE, ARGUMENT_MUST, false },
	{ STR_INIT("a"), SPF_A, ARGUMENT_MAY, true },
	{ STR_INIT("mx"), SPF_MX, ARGUMENT_MAY, true },
	{ STR_INIT("ptr"), SPF_PTR, ARGUMENT_MAY, false },
	{ STR_INIT("exists"), SPF_EXISTS, ARGUMENT_MUST, false },
};

bool spf_is_record(struct str text)
{
	return str_starts_nocase(text, STR_LIT("v=spf1")) &&
	       (text.len == VERSION_BYTES || text.data[VERSION_BYTES] == ' ');
}

bool spf_term_costs_lookup(const struct spf_term *term)
{
	return term->kind == SPF_INCLUDE || term->kind == SPF_A || term->kind == SPF_MX ||
	       term->kind == SPF_PTR || term->kind == SPF_EXISTS || term->kind == SPF_REDIRECT;
}

static int term_error(const struct spf_term *term, size_t at, struct err *err, const char *what)
{
	struct str text = str_first(term->text, 80);

	return err_set(err, -EBADMSG, "\"%.*s\" at offset %zu: %s", STR(text),
		       term->offset + at + 1, what);
}

/* Section 7.1: domain-spec = macro-string domain-end. */
static int domain_spec_parse(struct str spec, struct spf_term *term, struct err *err)
{
	struct spf_macro_use use;
	size_t offset = 0, start = (size_t)(spec.data - term->text.data);

	if (!spec.len)
		return term_error(term, start, err, "a domain is missing");
	if (spf_macro_check(spec, false, &use, &offset) < 0)
		return term_error(term, start + offset, err, "not a valid macro or character");
	if (!spf_has_domain_end(spec))
		return term_error(term, start, err, "does not end in a top-level label");
	term->domain = spec;
	term->has_macros = use.has_macros;
	term->needs_sender = use.needs_sender;
	return 0;
}

/* "/" and a decimal without leading zeros, at most max. */
static int prefix_parse(struct str digits, unsigned max, uint8_t *ret)
{
	uint64_t value;

	if (digits.len > 3 || (digits.len > 1 && digits.data[0] == '0'))
		return ERR_SYNTAX;
	TRY(str_to_uint(digits, max, &value));
	*ret = (uint8_t)value;
	return 0;
}

/* Digits at the end of *text behind "/", or behind "//": cut off, 1 when there was one. */
static bool suffix_cut(struct str *text, struct str slash, struct str *ret_digits)
{
	size_t end = text->len;

	while (end && char_is_digit(text->data[end - 1]))
		end--;
	if (end == text->len || !str_ends(str_first(*text, end), slash))
		return false;
	*ret_digits = str_from(*text, end);
	text->len = end - slash.len;
	return true;
}

/* Section 5.6: dual-cidr-length = [ "/" n ] [ "//" n ], cut off the end of *rest. */
static int dual_prefix_cut(struct str *rest, struct spf_term *term, struct err *err)
{
	struct str digits;

	if (suffix_cut(rest, STR_LIT("//"), &digits) &&
	    prefix_parse(digits, 128, &term->prefix6) < 0)
		return term_error(term, (size_t)(digits.data - term->text.data), err,
				  "not a prefix length of 0 to 128");
	if (suffix_cut(rest, STR_LIT("/"), &digits) && prefix_parse(digits, 32, &term->prefix4) < 0)
		return term_error(term, (size_t)(digits.data - term->text.data), err,
				  "not a prefix length of 0 to 32");
	return 0;
}

static void network_clear_host_bits(struct spf_term *term)
{
	unsigned bytes = term->kind == SPF_IP4 ? 4 : 16;

	for (unsigned i = 0; i < bytes; i++) {
		unsigned kept = term->network.prefix > i * 8 ? term->network.prefix - i * 8 : 0;
		uint8_t mask = kept >= 8 ? 0xff : (uint8_t)(0xff00u >> kept);

		term->has_host_bits |= (term->network.base.bytes[i] & (uint8_t)~mask) != 0;
		term->network.base.bytes[i] &= mask;
	}
}

/* Section 5.6: ip4 and ip6; rest starts behind the name. */
static int network_term_parse(struct str rest, struct spf_term *term, struct err *err)
{
	unsigned max = term->kind == SPF_IP4 ? 32 : 128;
	uint8_t family = term->kind == SPF_IP4 ? ADDRESS_IPV4 : ADDRESS_IPV6;
	size_t at = (size_t)(rest.data - term->text.data);
	struct str digits = STR_NONE;
	ptrdiff_t slash;

	if (!rest.len || rest.data[0] != ':')
		return term_error(term, at, err, "an address is missing");
	rest = str_from(rest, 1);
	slash = str_find_char(rest, '/');
	if (slash >= 0) {
		digits = str_from(rest, (size_t)slash + 1);
		rest.len = (size_t)slash;
	}
	if (address_parse(rest, &term->network.base) < 0 || term->network.base.family != family)
		return term_error(term, at + 1, err,
				  family == ADDRESS_IPV4 ? "not an IPv4 address"
							 : "not an IPv6 address");
	term->network.prefix = (uint8_t)max;
	if (digits.data && prefix_parse(digits, max, &term->network.prefix) < 0)
		return term_error(term, at + rest.len + 2, err,
				  max == 32 ? "not a prefix length of 0 to 32"
					    : "not a prefix length of 0 to 128");
	network_clear_host_bits(term);
	return 0;
}

/* rest starts behind the mechanism's name. */
static int mechanism_finish(struct str rest, size_t row, struct spf_term *term, struct err *err)
{
	size_t at = (size_t)(rest.data - term->text.data);

	term->kind = mechanisms[row].kind;
	if (mechanisms[row].has_prefix)
		TRY(dual_prefix_cut(&rest, term, err));
	if (!rest.len) {
		if (mechanisms[row].domain == ARGUMENT_MUST)
			return term_error(term, at, err, "a domain is missing");
		return 0;
	}
	if (rest.data[0] != ':' || mechanisms[row].domain == ARGUMENT_NONE)
		return term_error(term, at, err, "unexpected text behind the mechanism");
	return domain_spec_parse(str_from(rest, 1), term, err);
}

static bool is_name_char(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '_' || c == '.';
}

static size_t name_len(struct str text)
{
	size_t len = 0;

	if (text.len && char_is_alpha(text.data[0]))
		while (len < text.len && is_name_char(text.data[len]))
			len++;
	return len;
}

static int modifier_parse(struct spf_term *term, size_t len, struct err *err)
{
	struct str value = str_from(term->text, len + 1);
	struct spf_macro_use use;
	size_t offset = 0;

	term->name = str_first(term->text, len);
	if (str_eq_nocase(term->name, STR_LIT("redirect")))
		term->kind = SPF_REDIRECT;
	else if (str_eq_nocase(term->name, STR_LIT("exp")))
		term->kind = SPF_EXP;
	else
		term->kind = SPF_OTHER_MODIFIER;
	if (term->kind != SPF_OTHER_MODIFIER)
		return domain_spec_parse(value, term, err);
	if (spf_macro_check(value, false, &use, &offset) < 0)
		return term_error(term, len + 1 + offset, err, "not a valid macro or character");
	return 0;
}

static int term_parse(struct spf_term *term, struct err *err)
{
	struct str rest = term->text, name;
	size_t len = name_len(rest);

	if (len && len < rest.len && rest.data[len] == '=')
		return modifier_parse(term, len, err);
	term->qualifier = '+';
	term->prefix4 = 32;
	term->prefix6 = 128;
	if (rest.data[0] && strchr("+-~?", rest.data[0])) {
		term->qualifier = rest.data[0];
		term->has_qualifier = true;
		rest = str_from(rest, 1);
		len = name_len(rest);
	}
	name = str_first(rest, len);
	if (str_eq_nocase(name, STR_LIT("ip4")) || str_eq_nocase(name, STR_LIT("ip6"))) {
		term->kind = name.data[2] == '4' ? SPF_IP4 : SPF_IP6;
		return network_term_parse(str_from(rest, len), term, err);
	}
	for (size_t i = 0; i < ARRAY_COUNT(mechanisms); i++)
		if (str_eq_nocase(name, mechanisms[i].name))
			return mechanism_finish(str_from(rest, len), i, term, err);
	return term_error(term, 0, err, "no known mechanism or modifier");
}

static bool term_is_repeated(const struct spf_term *terms, size_t count, struct str text)
{
	for (size_t i = 0; i < count && i < 256; i++)
		if (str_eq_nocase(terms[i].text, text))
			return true;
	return false;
}

/* What the record as a whole says, and what it may not hold twice (section 6). */
static int record_add(struct spf_record *record, const struct spf_term *term, struct err *err)
{
	bool is_mechanism = term->kind < SPF_REDIRECT;

	if (term->kind == SPF_REDIRECT) {
		if (record->redirect)
			return term_error(term, 0, err, "a second redirect");
		record->redirect = term;
	} else if (term->kind == SPF_EXP) {
		if (record->exp)
			return term_error(term, 0, err, "a second exp");
		record->exp = term;
	}
	record->has_unknown_modifier |= term->kind == SPF_OTHER_MODIFIER;
	record->has_ptr |= term->kind == SPF_PTR;
	record->has_duplicate |= term_is_repeated(record->terms, record->count, term->text);
	if (is_mechanism && record->all)
		record->dead_terms++;
	else if (term->kind == SPF_ALL)
		record->all = term->qualifier;
	else if (is_mechanism)
		record->lookups += spf_term_costs_lookup(term);
	record->count++;
	return 0;
}

int spf_parse(struct arena *a, struct str text, struct spf_record *ret, struct err *err)
{
	struct spf_record record = { .text = text };
	size_t count = 0;
	struct spf_term *terms;

	if (!spf_is_record(text))
		return err_set(err, -EBADMSG, "does not start with \"v=spf1 \"");
	if (text.len > SPF_RECORD_BYTES)
		return err_set(err, -EBADMSG, "longer than %d octets", SPF_RECORD_BYTES);
	for (size_t i = VERSION_BYTES; i < text.len; i++)
		count += text.data[i] != ' ' && text.data[i - 1] == ' ';
	if (count > SPF_TERMS)
		return err_set(err, -EBADMSG, "more than %d terms", SPF_TERMS);
	terms = arena_array(a, count + 1, sizeof *terms);
	record.terms = terms;
	for (size_t at = VERSION_BYTES; at < text.len;) {
		struct spf_term *term = &terms[record.count];
		ptrdiff_t len = str_find_char(str_from(text, at), ' ');

		term->text =
			len < 0 ? str_from(text, at) : str_first(str_from(text, at), (size_t)len);
		term->offset = at;
		at += term->text.len + 1;
		if (!term->text.len)
			continue;
		TRY(term_parse(term, err));
		TRY(record_add(&record, term, err));
	}
	if (record.redirect && !record.all)
		record.lookups++;
	*ret = record;
	return 0;
}

int spf_select(struct arena *a, const struct dns_answer *txt, struct spf_record *ret,
	       struct err *err)
{
	const struct dns_rr *found = NULL;

	for (size_t i = 0; i < txt->count; i++) {
		if (txt->rr[i].type != DNS_TXT || !spf_is_record(txt->rr[i].txt.text))
			continue;
		if (found)
			return err_set(err, -EEXIST, "more than one record starts with v=spf1");
		found = &txt->rr[i];
	}
	if (!found)
		return err_set(err, -ENOMSG, "no TXT record starts with v=spf1");
	return spf_parse(a, found->txt.text, ret, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Is the domain's name one that every program takes? RFC 1035 section 2.3, RFC 1123 section 2.1. */
#include "checks/judge.h"
#include "formats/names/idna.h"

enum { SYNTAX, IDNA };

enum { NAME_CHARACTERS = 253 };

/* clang-format off */
static const struct check checks[] = {
	[SYNTAX] = {
		.id = "dns.domain.syntax",
		.severity = SEVERITY_HIGH,
		.title = "The name is a host name",
		.source = "RFC 1035 sections 2.3.1 and 2.3.4; RFC 1123 section 2.1",
		.why = "Mail servers, browsers and certificate authorities refuse names with other characters.",
		.how = "Every label must consist of letters, digits and hyphens, with no hyphen at its ends, the last one not of digits alone; the whole must not exceed 253 characters.",
		.fix = { { "registrar", "Use a name of letters, digits and hyphens for web and mail." } },
	},
	[IDNA] = {
		.id = "dns.domain.idna",
		.severity = SEVERITY_LOW,
		.title = "Encoded international labels can be decoded, and nothing else looks like one",
		.source = "RFC 5890 section 2.3.1; RFC 5891 sections 4.2.3.1 and 5.4; UTS 46",
		.why = "Programs show or refuse such a name, each in its own way.",
		.how = "Labels that begin with xn-- are decoded and checked; other labels must not have hyphens at both the third and the fourth place.",
		.fix = { { "registrar", "Register the name in the form that IDNA gives." } },
	},
};
/* clang-format on */

static bool is_number(struct str label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!char_is_digit(label.data[i]))
			return false;
	return true;
}

static const char *label_fault(struct str label)
{
	for (size_t i = 0; i < label.len; i++) {
		char c = label.data[i];

		if (!char_is_alpha(c) && !char_is_digit(c) && c != '-')
			return "has other characters than letters, digits and hyphens";
	}
	if (label.len && (label.data[0] == '-' || label.data[label.len - 1] == '-'))
		return "begins or ends with a hyphen";
	return NULL;
}

static void judge_syntax(struct judge *j)
{
	struct str top = dns_name_last_labels(j->domain, 1);

	expect(j, SYNTAX, STR_NONE, j->domain.len <= NAME_CHARACTERS, "%zu characters, %d may be",
	       j->domain.len, NAME_CHARACTERS);
	expect(j, SYNTAX, top, !is_number(top), "the last label \"%.*s\" is a number", STR(top));
	for (struct str rest = j->domain; dns_name_label_count(rest);
	     rest = dns_name_parent(rest)) {
		struct str label = dns_name_first_label(rest);
		const char *fault = label_fault(label);

		expect(j, SYNTAX, label, !fault, "the label \"%.*s\" %s", STR(label), fault);
	}
}

static bool judge_label(struct judge *j, struct str label)
{
	bool has_hyphens = label.len >= 4 && label.data[2] == '-' && label.data[3] == '-';
	struct err err = { 0 };
	struct str decoded;

	if (!has_hyphens)
		return true;
	if (!str_starts(label, STR_LIT("xn--"))) {
		fail(j, IDNA, label, "the label \"%.*s\" looks encoded and is not", STR(label));
		return false;
	}
	if (idna_to_unicode(j->arena, label, IDNA_STRICT, &decoded, &err) < 0) {
		fail(j, IDNA, label, "the label \"%.*s\": %s", STR(label), err.text);
		return false;
	}
	return true;
}

/* Right-to-left labels bind their neighbours as well (RFC 5893 section 1.4): then the whole is read. */
static void judge_idna(struct judge *j)
{
	struct err err = { 0 };
	struct str decoded;
	bool is_good = true;

	for (struct str rest = j->domain; dns_name_label_count(rest); rest = dns_name_parent(rest))
		is_good &= judge_label(j, dns_name_first_label(rest));
	if (is_good && dns_name_is_hostname(j->domain))
		expect(j, IDNA, STR_NONE,
		       idna_to_unicode(j->arena, j->domain, IDNA_NAMES, &decoded, &err) == 0, "%s",
		       err.text);
	else if (is_good)
		pass(j, IDNA, STR_NONE);
}

static void judge(struct judge *j)
{
	judge_syntax(j);
	judge_idna(j);
}

const struct family family_dns_domain = FAMILY("dns.domain", checks, judge);

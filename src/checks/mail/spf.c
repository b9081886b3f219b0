/* SPDX-License-Identifier: Apache-2.0 */
/* Does the SPF record say who may send, in a way that every receiver understands? RFC 7208. */
#include "checks/derived/dmarc_walk.h"
#include "checks/derived/registered.h"
#include "formats/mail/spf_tree.h"
#include "formats/names/psl.h"

enum {
	PRESENT,
	MULTIPLE,
	SYNTAX,
	TYPE99,
	STRING_LENGTH,
	SIZE,
	LOOKUP_LIMIT,
	VOID_LIMIT,
	MX_LIMIT,
	INCLUDE_MISSING,
	INCLUDE_TAKEOVER,
	ALL_PASS,
	ALL_NEUTRAL,
	SOFTFAIL,
	AFTER_ALL,
	PTR,
	WIDE_RANGE
};

enum { UDP_OCTETS = 1232, WIDEST_IPV4 = 16, WIDEST_IPV6 = 32, TALLY_ITEMS = 8 };

/* clang-format off */
static const struct check checks[] = {
	[PRESENT] = {
		.id = "mail.spf.present",
		.severity = SEVERITY_HIGH,
		.title = "The domain has an SPF record",
		.source = "RFC 7208 section 3; bulk-sender rules of Gmail, Yahoo and Microsoft",
		.why = "Anyone can send in the domain's name, and large receivers refuse or mark its real mail.",
		.how = "The domain's TXT records are searched for one that begins with v=spf1. Domains that send no mail need one as well.",
		.fix = { { "zone", "@ TXT \"v=spf1 mx -all\" (or, for no mail: @ TXT \"v=spf1 -all\")" } },
	},
	[MULTIPLE] = {
		.id = "mail.spf.multiple",
		.severity = SEVERITY_HIGH,
		.title = "There is one SPF record, not several",
		.source = "RFC 7208 sections 3.2 and 4.5",
		.why = "With two records receivers end in an error and use neither.",
		.how = "TXT records that begin with v=spf1 are counted.",
		.fix = { { "zone", "Merge them into one record." } },
	},
	[SYNTAX] = {
		.id = "mail.spf.syntax",
		.severity = SEVERITY_HIGH,
		.title = "The SPF record can be read",
		.source = "RFC 7208 sections 4.6, 7.1 and 12",
		.why = "One wrong term makes the whole record an error at every receiver.",
		.how = "The record is parsed by the grammar of the RFC.",
		.fix = { { "zone", "Correct the term named." } },
	},
	[TYPE99] = {
		.id = "mail.spf.type99",
		.severity = SEVERITY_LOW,
		.title = "No SPF data of abandoned kinds",
		.source = "RFC 7208 section 3.1; RFC 4406",
		.why = "Records of type SPF and Sender-ID records (spf2.0) are read by nobody, and drift from the real one.",
		.how = "Records of type 99, and TXT records that begin with spf2.0, are looked for.",
		.fix = { { "zone", "Delete them." } },
	},
	[STRING_LENGTH] = {
		.id = "mail.spf.string-length",
		.severity = SEVERITY_MEDIUM,
		.title = "The record's strings join without losing a space",
		.source = "RFC 7208 section 3.3",
		.why = "Strings are joined as they are: a term that begins a string sticks to the term before.",
		.how = "At each seam between strings a term must not begin without a space.",
		.fix = { { "zone", "Put the space inside the quotes: \"v=spf1 include:a.example \" \"-all\"" } },
	},
	[SIZE] = {
		.id = "mail.spf.size",
		.severity = SEVERITY_LOW,
		.title = "The TXT answer fits into one UDP packet",
		.source = "RFC 7208 section 3.4; RFC 9715 section 3",
		.why = "Where TCP is blocked, the record cannot be had.",
		.how = "The size of the answer with all TXT records of the domain is compared with 1,232 octets.",
		.fix = { { "zone", "Delete TXT records that are no longer needed, such as old verification tokens." } },
	},
	[LOOKUP_LIMIT] = {
		.id = "mail.spf.lookup-limit",
		.severity = SEVERITY_HIGH,
		.title = "SPF needs 10 DNS lookups at most",
		.source = "RFC 7208 section 4.6.4",
		.why = "Receivers stop at the limit with an error: mail from this domain fails at strict ones.",
		.how = "include, a, mx, ptr, exists and redirect terms are counted through all included records.",
		.fix = { { "zone", "Remove what no longer sends; replace a and mx by ip4 and ip6." } },
	},
	[VOID_LIMIT] = {
		.id = "mail.spf.void-limit",
		.severity = SEVERITY_MEDIUM,
		.title = "At most 2 lookups of the SPF record find nothing",
		.source = "RFC 7208 section 4.6.4",
		.why = "Receivers may end in an error at the third.",
		.how = "Targets without any record are counted through all included records.",
		.fix = { { "zone", "Remove the terms whose names no longer exist." } },
	},
	[MX_LIMIT] = {
		.id = "mail.spf.mx-limit",
		.severity = SEVERITY_MEDIUM,
		.title = "No mx term leads to more than 10 hosts",
		.source = "RFC 7208 section 4.6.4",
		.why = "Receivers end in an error at the eleventh.",
		.how = "The MX records of the domains that mx terms name are counted.",
		.fix = { { "zone", "Name the sending networks with ip4 and ip6 instead." } },
	},
	[INCLUDE_MISSING] = {
		.id = "mail.spf.include-missing",
		.severity = SEVERITY_HIGH,
		.title = "Every included record exists and can be read",
		.source = "RFC 7208 sections 5.2 and 6.1",
		.why = "An include without a record is an error for the whole evaluation.",
		.how = "Targets of include and redirect are looked up and parsed, down to the last.",
		.fix = { { "zone", "Remove the include, or correct its name." } },
	},
	[INCLUDE_TAKEOVER] = {
		.id = "mail.spf.include-takeover",
		.severity = SEVERITY_CRITICAL,
		.title = "Included domains are registered",
		.source = "practice: dangling includes",
		.why = "Whoever registers it says who may send in this domain's name.",
		.how = "Where an included name does not exist, its registrable domain is looked up; when the DNS knows none, the registry is asked by RDAP, else WHOIS.",
		.fix = { { "zone", "Remove the include, or register the domain again." } },
	},
	[ALL_PASS] = {
		.id = "mail.spf.all-pass",
		.severity = SEVERITY_CRITICAL,
		.title = "SPF does not allow the whole internet",
		.source = "RFC 7208 section 5.1",
		.why = "+all tells receivers that mail from anywhere is genuine.",
		.how = "The record and what it includes are searched for all with the qualifier +.",
		.fix = { { "zone", "Write -all." } },
	},
	[ALL_NEUTRAL] = {
		.id = "mail.spf.all-neutral",
		.severity = SEVERITY_MEDIUM,
		.title = "SPF says what is not allowed",
		.source = "RFC 7208 section 4.7",
		.why = "With ?all, or without all, unknown senders are neither refused nor marked.",
		.how = "The record, along its redirects, must end with -all or ~all.",
		.fix = { { "zone", "Write -all at the end." } },
	},
	[SOFTFAIL] = {
		.id = "mail.spf.softfail",
		.severity = SEVERITY_LOW,
		.title = "~all is backed by a DMARC policy that enforces",
		.source = "RFC 7208 section 8.5",
		.why = "By itself ~all only marks forged mail.",
		.how = "Where the record ends with ~all, the DMARC policy must be quarantine or reject.",
		.fix = { { "zone", "_dmarc TXT \"v=DMARC1; p=reject; …\", or -all" } },
	},
	[AFTER_ALL] = {
		.id = "mail.spf.after-all",
		.severity = SEVERITY_LOW,
		.title = "Nothing stands behind all",
		.source = "RFC 7208 sections 5.1 and 6.1",
		.why = "Terms behind all, and a redirect beside it, are never read: senders meant to be allowed are not.",
		.how = "Terms behind all and a redirect beside it are looked for.",
		.fix = { { "zone", "Move all to the end; drop the redirect." } },
	},
	[PTR] = {
		.id = "mail.spf.ptr",
		.severity = SEVERITY_LOW,
		.title = "The ptr term is not used",
		.source = "RFC 7208 section 5.5",
		.why = "It is slow, unreliable, and skipped by large receivers.",
		.how = "The record and what it includes are searched for ptr.",
		.fix = { { "zone", "Name the sending networks with ip4 and ip6 instead." } },
	},
	[WIDE_RANGE] = {
		.id = "mail.spf.wide-range",
		.severity = SEVERITY_MEDIUM,
		.title = "No very large network may send",
		.source = "RFC 7208 section 11.4; practice",
		.why = "Somebody else's machine in that network can send in the domain's name.",
		.how = "ip4 networks wider than /16 and ip6 networks wider than /32 are looked for, in included records as well.",
		.fix = { { "zone", "Name the networks that really send." } },
	},
};
/* clang-format on */

static const char *const term_starts[] = { "include:", "redirect=", "ip4:", "ip6:", "exists:",
					   "a:",       "mx:",       "-all", "~all", "?all" };

/* A seam where a term begins without a space before it. */
static bool has_lost_space(const struct dns_rr *rr)
{
	for (size_t i = 1; i < rr->txt.count; i++) {
		struct str before = rr->txt.strings[i - 1], after = rr->txt.strings[i];

		if (!before.len || before.data[before.len - 1] == ' ')
			continue;
		for (size_t k = 0; k < ARRAY_COUNT(term_starts); k++)
			if (str_starts_nocase(after, str_of(term_starts[k])) &&
			    !str_ends(before, STR_LIT("-")) && !str_ends(before, STR_LIT(":")))
				return true;
	}
	return false;
}

static void judge_texts(struct judge *j, const struct dns_answer *txt)
{
	size_t records = 0, sender_ids = 0;

	for (size_t i = 0; i < txt->count; i++) {
		const struct dns_rr *rr = &txt->rr[i];

		sender_ids += str_starts_nocase(rr->txt.text, STR_LIT("spf2.0"));
		if (!spf_is_record(rr->txt.text))
			continue;
		records++;
		expect(j, STRING_LENGTH, STR_NONE, !has_lost_space(rr),
		       "a string begins with a term where a space is missing");
	}
	expect(j, PRESENT, STR_NONE, records > 0, "no TXT record begins with v=spf1");
	if (records) {
		expect(j, MULTIPLE, STR_NONE, records == 1, "%zu SPF records", records);
		expect(j, SIZE, STR_NONE, txt->size_bytes <= UDP_OCTETS,
		       "the answer with all TXT records takes %u octets", txt->size_bytes);
	}
	if (sender_ids)
		fail(j, TYPE99, STR_NONE, "a Sender-ID record (spf2.0) is published");
}

static void judge_type99(struct judge *j)
{
	const struct dns_answer *spf = ask_dns(j, j->domain, DNS_SPF);

	if (spf)
		expect(j, TYPE99, STR_NONE, !spf->count, "a record of type SPF (99) is published");
}

static void judge_record(struct judge *j, const struct dns_answer *txt)
{
	struct spf_record record;
	struct err err = { 0 };
	int code = spf_select(j->arena, txt, &record, &err);

	if (code == -EBADMSG)
		fail(j, SYNTAX, STR_NONE, "%s", err.text);
	if (code < 0)
		return;
	pass(j, SYNTAX, STR_NONE);
	expect(j, AFTER_ALL, STR_NONE, !record.dead_terms && !(record.all && record.redirect),
	       record.dead_terms ? "terms behind all are never read"
				 : "the redirect beside all is never read");
}

static void judge_node(struct judge *j, const struct spf_node *node)
{
	switch (node->error) {
	case SPF_NODE_OK:
		pass(j, INCLUDE_MISSING, node->domain);
		break;
	case SPF_NODE_NXDOMAIN:
	case SPF_NODE_MISSING:
	case SPF_NODE_MULTIPLE:
	case SPF_NODE_SYNTAX:
	case SPF_NODE_LOOP:
	case SPF_NODE_BAD_NAME:
		fail(j, INCLUDE_MISSING, node->domain, "%.*s: %s%s%.*s", STR(node->domain),
		     spf_node_error_text((enum spf_node_error)node->error),
		     node->detail.len ? ": " : "", STR(node->detail));
		break;
	default:
		break; /* pending, a gap that was noted, or known to the sender alone */
	}
}

/* What each include of the record itself costs, itself counted, and what is left for its other terms. */
static struct str tally(struct judge *j, const struct spf_tree *tree)
{
	unsigned rest = tree->lookups, shown = 0;
	struct buf text;

	buf_init(&text, j->arena);
	for (size_t i = 1; i < tree->count && shown < TALLY_ITEMS; i++) {
		const struct spf_node *node = &tree->nodes[i];

		if (node->parent != 0)
			continue;
		buf_printf(&text, "%s%s %.*s (%u)", shown++ ? ", " : "",
			   node->reach == SPF_NODE_REDIRECT ? "redirect" : "include",
			   STR(str_first(node->domain, 60)), 1 + node->lookups);
		rest -= MIN(rest, 1 + node->lookups);
	}
	if (rest)
		buf_printf(&text, "%s%u other%s", shown ? ", " : "", rest, rest == 1 ? "" : "s");
	return buf_str(&text);
}

static void judge_limits(struct judge *j, const struct spf_tree *tree)
{
	expect(j, LOOKUP_LIMIT, STR_NONE, tree->lookups <= SPF_LOOKUPS,
	       "SPF needs %s%u DNS lookups; receivers stop at %d: %.*s",
	       tree->is_at_least ? "at least " : "", tree->lookups, SPF_LOOKUPS,
	       STR(tally(j, tree)));
	expect(j, VOID_LIMIT, STR_NONE, tree->void_count <= SPF_VOIDS,
	       "%zu lookups find nothing, the first at %.*s", tree->void_count,
	       STR(tree->void_count ? tree->voids[0].name : STR_NONE));
	expect(j, MX_LIMIT, STR_NONE, tree->mx_max <= SPF_NAMES, "mx of %.*s leads to %u hosts",
	       STR(tree->mx_max_name), tree->mx_max);
	for (size_t i = 1; i < tree->count; i++)
		judge_node(j, &tree->nodes[i]);
}

static void judge_widest(struct judge *j, const struct spf_tree *tree, uint32_t index,
			 unsigned widest)
{
	const struct spf_network *network;
	struct str address;

	if (index == SPF_NODE_NONE)
		return;
	network = &tree->networks[index];
	address = address_str(j->arena, &network->network.base);
	expect(j, WIDE_RANGE, STR_NONE, network->network.prefix >= widest,
	       "%.*s/%u may send, named by %.*s", STR(address), network->network.prefix,
	       STR(tree->nodes[network->node].domain));
}

/* "+all", or a network that holds every address. */
static void judge_everybody(struct judge *j, const struct spf_tree *tree)
{
	const uint32_t widest[] = { tree->widest4, tree->widest6 };

	if (tree->all_pass_node != SPF_NODE_NONE)
		fail(j, ALL_PASS, STR_NONE, "+all in the record of %.*s",
		     STR(tree->nodes[tree->all_pass_node].domain));
	for (size_t i = 0; i < ARRAY_COUNT(widest); i++) {
		const struct spf_network *network =
			widest[i] == SPF_NODE_NONE ? NULL : &tree->networks[widest[i]];

		if (network && !network->network.prefix)
			fail(j, ALL_PASS, STR_NONE, "every IPv%u address may send, says %.*s",
			     network->network.base.family, STR(tree->nodes[network->node].domain));
	}
	pass(j, ALL_PASS, STR_NONE); /* counts unless it failed */
}

static void judge_all(struct judge *j, const struct spf_tree *tree)
{
	const struct dmarc_walk *dmarc;

	about(j, ALL_PASS);
	judge_everybody(j, tree);
	about(j, ALL_NEUTRAL);
	if (tree->all || (!tree->is_partial && !tree->nodes[0].record.redirect))
		expect(j, ALL_NEUTRAL, STR_NONE, tree->all && tree->all != '?', "%s",
		       tree->all ? "the record ends with ?all"
				 : "the record does not end with all");
	about(j, SOFTFAIL);
	if (tree->all == '-')
		pass(j, SOFTFAIL, STR_NONE);
	if (tree->all != '~')
		return;
	dmarc = derive_dmarc_walk(j, j->domain);
	if (dmarc && (!dmarc->is_partial || dmarc_policy_enforced(dmarc) > DMARC_NONE))
		expect(j, SOFTFAIL, STR_NONE, dmarc_policy_enforced(dmarc) > DMARC_NONE,
		       "the record ends with ~all, and no DMARC policy enforces");
}

static void judge_include(struct judge *j, const struct spf_node *node)
{
	struct str domain = registrable_domain(node->domain);
	const struct registered *registered;

	if (node->error != SPF_NODE_NXDOMAIN || !domain.len) {
		if (node->error == SPF_NODE_OK || node->error == SPF_NODE_MISSING)
			pass(j, INCLUDE_TAKEOVER, node->domain);
		return;
	}
	registered = derive_registered(j, domain);
	if (registered && !registered->is_sure)
		unknown(j, INCLUDE_TAKEOVER, "the registry has no server to ask");
	else if (registered)
		expect(j, INCLUDE_TAKEOVER, node->domain, registered->is_registered,
		       "%.*s is not registered: whoever registers it says who may send",
		       STR(domain));
}

static void judge_tree(struct judge *j, const struct dns_answer *txt)
{
	const struct spf_tree *tree;

	about(j, LOOKUP_LIMIT, VOID_LIMIT, MX_LIMIT, INCLUDE_MISSING, INCLUDE_TAKEOVER, ALL_PASS,
	      ALL_NEUTRAL, SOFTFAIL, PTR, WIDE_RANGE);
	tree = derive_spf_tree(j, j->domain);
	if (!tree || !tree->count || tree->nodes[0].error != SPF_NODE_OK)
		return;
	cite(j, txt);
	judge_limits(j, tree);
	expect(j, PTR, STR_NONE, tree->ptr_node == SPF_NODE_NONE, "ptr in the record of %.*s",
	       STR(tree->ptr_node == SPF_NODE_NONE ? STR_NONE
						   : tree->nodes[tree->ptr_node].domain));
	judge_widest(j, tree, tree->widest4, WIDEST_IPV4);
	judge_widest(j, tree, tree->widest6, WIDEST_IPV6);
	if (tree->widest4 == SPF_NODE_NONE && tree->widest6 == SPF_NODE_NONE)
		pass(j, WIDE_RANGE, STR_NONE);
	judge_all(j, tree);
	about(j, INCLUDE_TAKEOVER);
	for (size_t i = 1; i < tree->count; i++)
		judge_include(j, &tree->nodes[i]);
}

static void judge(struct judge *j)
{
	const struct dns_answer *txt = ask_dns(j, j->domain, DNS_TXT);

	if (!txt || dns_is_nxdomain(txt))
		return;
	judge_texts(j, txt);
	judge_record(j, txt);
	about(j, TYPE99);
	judge_type99(j);
	judge_tree(j, txt);
	about_all(j);
}

const struct family family_mail_spf = FAMILY("mail.spf", checks, judge);

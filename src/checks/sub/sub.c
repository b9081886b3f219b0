/* SPDX-License-Identifier: Apache-2.0 */
/* Which names below the domain do certificates and others tell of, and are they meant to be there? */
#include "checks/judge.h"

enum { NEW, STALE };

enum { NAMES = 500, RESOLVED = 60, TOLD = 50 };

/* clang-format off */
static const struct check checks[] = {
	[NEW] = {
		.id = "sub.new",
		.severity = SEVERITY_INFO,
		.title = "No name below the domain is seen for the first time",
		.source = "RFC 9162; practice",
		.why = "A new name is a new service, or somebody who got a certificate that you did not ask for.",
		.how = "Names in certificate transparency logs (crt.sh, Cert Spotter, SecurityTrails) are compared with those of "
		       "the scan before, of the same provider.",
		.fix = { { "you", "Note it, if it is yours; otherwise have the certificate revoked, and look at CAA." } },
	},
	[STALE] = {
		.id = "sub.stale",
		.severity = SEVERITY_LOW,
		.title = "Every name with a certificate still exists",
		.source = "practice",
		.why = "A certificate for a name that is gone outlives its service, and tells of what was there.",
		.how = "Names in unexpired certificates are looked up; NXDOMAIN is gone. Wildcards are left out.",
		.fix = { { "certificates", "Let the name not be renewed; revoke the certificate if its key may be elsewhere." } },
	},
};
/* clang-format on */

struct names {
	struct str name[NAMES];
	size_t count;
};

static bool has_name(const struct names *names, struct str name)
{
	for (size_t i = 0; i < names->count; i++)
		if (str_eq(names->name[i], name))
			return true;
	return false;
}

/* At or below the domain; "*.a.example.com" tells of a.example.com's existence no more than of others. */
static void name_add(struct judge *j, struct names *names, struct str text)
{
	struct str name = STR_NONE;

	if (str_starts(text, STR_LIT("*.")) || names->count == NAMES ||
	    dns_name_parse(j->arena, text, &name, NULL) < 0 ||
	    !dns_name_is_under(name, j->domain) || str_eq(name, j->domain) || has_name(names, name))
		return;
	names->name[names->count++] = name;
}

static void names_take(struct judge *j, const struct external_answer *answer, struct names *names)
{
	for (size_t i = 0; i < answer->row_count && i < EXTRACT_ROWS; i++) {
		const struct extract_row *row = &answer->rows[i];
		struct str name = extract_value_of(row, STR_LIT("name"));
		struct str label = extract_value_of(row, STR_LIT("label"));

		if (name.len)
			name_add(j, names, name);
		if (label.len)
			name_add(j, names,
				 str_printf(j->arena, "%.*s.%.*s", STR(label), STR(j->domain)));
	}
}

/* Of one provider, so that another one that was added tells nothing new. */
static void judge_new(struct judge *j, const struct external_entry *entry,
		      const struct external_answer *answer)
{
	const struct external_answer *before = before_api(j, entry->name, j->domain);
	struct names *now = ARENA_NEW(j->arena, struct names);
	struct names *then = ARENA_NEW(j->arena, struct names);
	size_t told = 0;

	if (!before)
		return;
	names_take(j, answer, now);
	names_take(j, before, then);
	for (size_t i = 0; i < now->count && told < TOLD; i++) {
		if (before->is_cut || has_name(then, now->name[i]))
			continue;
		cite(j, answer);
		fail(j, NEW, now->name[i], "first seen by %.*s", STR(entry->name));
		told++;
	}
	if (!told)
		pass(j, NEW, STR_NONE);
}

static void judge_stale(struct judge *j, struct str name)
{
	const struct dns_answer *a = ask_dns(j, name, DNS_A);

	if (a)
		expect(j, STALE, name, a->rcode != DNS_NXDOMAIN,
		       "has a certificate, or had an address, and does not exist any more");
}

static bool speaks_about_names(const struct external_entry *entry)
{
	for (size_t i = 0; i < entry->check_count; i++)
		if (str_eq(entry->checks[i], STR_LIT("sub.new")) ||
		    str_eq(entry->checks[i], STR_LIT("sub.stale")))
			return str_eq(entry->subject, STR_LIT("domain"));
	return false;
}

static void judge(struct judge *j)
{
	struct names *names = ARENA_NEW(j->arena, struct names);
	const struct external_list *list;

	about_none(j);
	list = ask_external(j, false);
	about_all(j);
	for (size_t i = 0; list && i < list->entry_count; i++) {
		const struct external_entry *entry = &list->entries[i];
		const struct external_answer *answer;

		if (entry->lacks.len || !speaks_about_names(entry))
			continue;
		answer = ask_api(j, entry->name, j->domain);
		if (!answer)
			continue;
		judge_new(j, entry, answer);
		names_take(j, answer, names);
	}
	about(j, STALE);
	for (size_t i = 0; i < names->count && i < RESOLVED; i++)
		judge_stale(j, names->name[i]);
}

const struct family family_sub = FAMILY("sub", checks, judge);

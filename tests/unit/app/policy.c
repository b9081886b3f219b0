/* SPDX-License-Identifier: Apache-2.0 */
/* Are policies read as app/policy_document.h says, and do their rules hold for what they name? */
#include "app/policy_document.h"

#include "formats/rfc3339.h"
#include "tests/test.h"

static const char *const ids[] = { "mail.spf.present", "mail.spf.syntax", "mail.dmarc.present",
				   "caa.present", NULL };

struct desk {
	struct arena arena;
	struct problem problem;
	struct policy_reading reading;
	struct check_policy policy;
};

static int read_as(struct desk *d, const char *text, const char *name)
{
	*d = (struct desk){ 0 };
	problem_init(&d->problem, &d->arena);
	d->reading = (struct policy_reading){ .a = &d->arena,
					      .name = str_of(name),
					      .check_ids = ids,
					      .by = STR_LIT("corporate"),
					      .problem = &d->problem };
	return policy_read(&d->reading, str_of(text), &d->policy);
}

static const char text[] =
	"checks:\n  mail: low\n  mail.spf.syntax: off\n  caa: default\n"
	"accept:\n"
	"- {check: mail.spf, domains: [Example.com, '*.example.com'], reason: it moves, owner: m,\n"
	"   until: 2027-03-01}\n"
	"- {check: caa.present, subjects: 'a*', reason: never had one, owner: d, until: never}\n"
	"expect:\n- {domains: example.com, issuers: [ca.example], records: ['@ MX', www A "
	"192.0.2.1]}\n"
	"- {name_servers: ns.example, issuers: other.example}\n";

TEST(a_policy_holds_for_what_it_names)
{
	static const struct {
		const char *id;
		bool is_off;
		enum severity severity;
	} rows[] = {
		{ "mail.spf.present", false, SEVERITY_LOW },
		{ "mail.spf.syntax", true, SEVERITY_HIGH },
		{ "mail.dmarc.present", false, SEVERITY_LOW },
		{ "caa.present", false, SEVERITY_HIGH },
		{ "mailx.present", false, SEVERITY_HIGH },
	};
	struct expectations expected = { 0 };
	struct str domain = STR_LIT("example.com");
	struct desk d;

	CHECK_INT(read_as(&d, text, ""), 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].id);
		CHECK_INT(policy_is_off(&d.policy, domain, str_of(rows[i].id)), rows[i].is_off);
		CHECK_INT(policy_severity(&d.policy, domain, str_of(rows[i].id), SEVERITY_HIGH),
			  rows[i].severity);
	}
	policy_expectations(&d.policy, domain, &expected);
	CHECK_INT(expected.issuer_count, 1);
	CHECK_STR(expected.issuers[0], "ca.example");
	CHECK_INT(expected.record_count, 2);
	CHECK_STR(expected.name_servers[0], "ns.example");
	arena_release(&d.arena);
}

TEST(an_acceptance_holds_for_its_scope_until_its_end)
{
	static const struct {
		const char *domain, *id, *subject, *at;
		char want; /* a: accepted, l: was once, -: never */
	} rows[] = {
		{ "example.com", "mail.spf.present", "", "2026-12-01T00:00:00Z", 'a' },
		{ "example.com", "mail.spf.present", "", "2027-02-28T23:59:59Z", 'a' },
		{ "example.com", "mail.spf.present", "", "2027-03-01T00:00:00Z", 'l' },
		{ "a.b.example.com", "mail.spf.syntax", "x", "2026-12-01T00:00:00Z", 'a' },
		{ "example.org", "mail.spf.present", "", "2026-12-01T00:00:00Z", '-' },
		{ "badexample.com", "mail.spf.present", "", "2026-12-01T00:00:00Z", '-' },
		{ "example.com", "mail.dmarc.present", "", "2026-12-01T00:00:00Z", '-' },
		{ "example.org", "caa.present", "abc", "2999-12-01T00:00:00Z", 'a' },
		{ "example.org", "caa.present", "bac", "2026-12-01T00:00:00Z", '-' },
		{ "a.example", "caa.present", "", "2026-12-01T00:00:00Z", 'a' },
	};
	struct desk d;

	CHECK_INT(read_as(&d, text, ""), 0);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct policy_rule *accepted, *lapsed;
		int64_t at;

		test_row("%zu %s %s", i, rows[i].domain, rows[i].id);
		CHECK_INT(rfc3339_parse(str_of(rows[i].at), &at), 0);
		accepted = policy_acceptance(&d.policy, str_of(rows[i].domain), str_of(rows[i].id),
					     str_of(rows[i].subject), at, &lapsed);
		CHECK_INT(accepted ? 'a' : lapsed ? 'l' : '-', rows[i].want);
		if (accepted)
			CHECK_STR(accepted->by, "corporate");
	}
	arena_release(&d.arena);
}

TEST(stars_stand_for_any_run)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} rows[] = {
		{ "*", "", true },
		{ "*", "abc", true },
		{ "a*c", "abc", true },
		{ "a*c", "ac", true },
		{ "a*c", "acb", false },
		{ "*b*b*", "abab", true },
		{ "*b*b*b", "abab", false },
		{ "", "", true },
		{ "", "a", false },
		{ "*.example.com", "example.com", false },
		{ "a?", "ab", false },
		{ "*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		  false },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s %s", rows[i].pattern, rows[i].text);
		CHECK_INT(policy_glob(str_of(rows[i].pattern), str_of(rows[i].text)), rows[i].want);
	}
}

TEST(what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *text, *pointer, *detail;
	} rows[] = {
		{ "checks:\n  mail.spf.presnt: off\n", "/checks/mail.spf.presnt",
		  "p.yaml line 2 column 3: no check is called \"mail.spf.presnt\"; did you mean "
		  "mail.spf.present?" },
		{ "checks: {caa: hgih}", "/checks/caa", "line 1 column 15: off, default, info" },
		{ "checks: [caa]", "/checks", "line 1 column 9: a map of checks is wanted here" },
		{ "checks:\n  caa: off\n  caa: low\n", "",
		  "line 3 column 3: this key stands twice" },
		{ "acept: []", "/acept", "did you mean accept?" },
		{ "accept:\n- check: caa\n  reason: x\n  owner: y\n", "/accept/0",
		  "line 2 column 3: until is missing" },
		{ "accept:\n- {check: caa, reason: '', owner: y, until: never}", "/accept/0/reason",
		  "reason is missing: say why" },
		{ "accept:\n- {check: caa, reason: x, until: never}", "/accept/0",
		  "owner is missing" },
		{ "accept:\n- {check: caa, reason: x, owner: y, until: soon}", "/accept/0/until",
		  "a day (2027-03-01)" },
		{ "accept:\n- {check: ca, reason: x, owner: y, until: never}", "/accept/0/check",
		  "no check is called \"ca\"" },
		{ "accept:\n- {check: caa, reason: x, owner: y, until: never, domains: ['a b']}",
		  "/accept/0/domains/0", "line 2" },
		{ "expect:\n- issuers: [x y]", "/expect/0/issuers/0", "line 2 column 13" },
		{ "expect:\n- records: [www]", "/expect/0/records/0", "a record is NAME TYPE" },
		{ "expect:\n- records: [www A 192.0.2]", "/expect/0/records/0", "" },
		{ "expect: {a: b}", "/expect", "a list is wanted here" },
		{ "a: &x 1", "", "anchors" },
		{ "a: *x", "", "aliases" },
		{ "a: !!int 1", "", "tags" },
		{ "a: 1\n---\nb: 2\n", "", "a second document" },
		{ "- a", "", "a policy is made of checks, accept and expect" },
		{ "[[[[[[[[[[[[[[[[[[[[[[[[", "", "nested too deeply" },
		{ "checks: [1\n", "", "this is not YAML" },
	};
	struct desk d;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].text);
		CHECK_INT(read_as(&d, rows[i].text, "p.yaml"), -EINVAL);
		CHECK(d.problem.count >= 1);
		CHECK_STR(d.problem.errors[0].pointer, rows[i].pointer);
		CHECK(str_find(d.problem.errors[0].detail, str_of(rows[i].detail)) >= 0);
		arena_release(&d.arena);
	}
}

TEST(a_policy_that_is_written_is_read_as_itself)
{
	static const char *const rows[] = { text, "", "# nothing\n", "checks:\n", "{}" };
	struct desk d, again;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct str one, other;

		test_row("%zu", i);
		CHECK_INT(read_as(&d, rows[i], ""), 0);
		one = policy_text(&d.arena, &d.policy);
		CHECK_INT(read_as(&again, str_cstring(&d.arena, one), ""), 0);
		other = policy_text(&again.arena, &again.policy);
		CHECK(str_eq(one, other));
		arena_release(&again.arena);
		arena_release(&d.arena);
	}
}

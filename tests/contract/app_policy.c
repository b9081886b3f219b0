/* SPDX-License-Identifier: Apache-2.0 */
/* What do stored policies make of scans and findings? */
#include "app/domain.h"
#include "app/finding.h"
#include "app/policy.h"
#include "store/event.h"
#include "store/finding.h"
#include "tests/contract/scan_world.h"

static const char *const ids[] = { "x.a", "x.b", NULL };

static const struct {
	const char *name;
	struct step step;
	enum finding_status status;
	const char *by, *events;
	int64_t open_high;
} steps[] = {
	{ "it is seen for the first time, and accepted",
	  { .findings = { "x.a - high no A" }, .accepted = "policy c" },
	  FINDING_ACCEPTED,
	  "policy c",
	  "finding.accepted scan.completed",
	  0 },
	{ "it stays so",
	  { .findings = { "x.a - high no A" }, .accepted = "policy c" },
	  FINDING_ACCEPTED,
	  "policy c",
	  "scan.completed",
	  0 },
	{ "another policy does it now",
	  { .findings = { "x.a - high no A" }, .accepted = "policy d" },
	  FINDING_ACCEPTED,
	  "policy d",
	  "scan.completed",
	  0 },
	{ "none does any more",
	  { .findings = { "x.a - high no A" } },
	  FINDING_OPEN,
	  "",
	  "finding.reopened scan.completed",
	  1 },
	{ "it is accepted for two hours",
	  { .findings = { "x.a - high no A" },
	    .accepted = "policy c",
	    .until = 2 * 3600 * SECOND_US },
	  FINDING_ACCEPTED,
	  "policy c",
	  "finding.accepted scan.completed",
	  0 },
	{ "a day later that is over",
	  { .findings = { "x.a - high no A" } },
	  FINDING_OPEN,
	  "",
	  "finding.acceptance_expired scan.completed",
	  1 },
	{ "it is accepted again",
	  { .findings = { "x.a - high no A" }, .accepted = "policy c" },
	  FINDING_ACCEPTED,
	  "policy c",
	  "finding.accepted scan.completed",
	  0 },
	{ "it is mended",
	  { .settled = { "x.a" } },
	  FINDING_FIXED,
	  "",
	  "finding.fixed scan.completed",
	  0 },
	{ "it is back, and still accepted",
	  { .findings = { "x.a - high no A" }, .accepted = "policy c" },
	  FINDING_ACCEPTED,
	  "policy c",
	  "finding.accepted scan.completed",
	  0 },
	{ "its check was switched off",
	  { .known = { "x.b" } },
	  FINDING_RETIRED,
	  "",
	  "finding.retired scan.completed",
	  0 },
	{ "and on again",
	  { .findings = { "x.a - high no A" } },
	  FINDING_OPEN,
	  "",
	  "finding.reopened scan.completed",
	  1 },
};

TEST(what_a_policy_accepts_is_accepted_until_it_does_not)
{
	struct world w;

	world_open(&w);
	for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
		const struct finding_row *row;

		test_row("%s", steps[i].name);
		w.rows.now_us += DAY_US;
		world_scan(&w, &steps[i].step);
		row = world_finding(&w, "x.a");
		CHECK_INT(row->status, steps[i].status);
		CHECK_STR(row->decided_by, steps[i].by);
		CHECK_INT(w.row.open[SEVERITY_HIGH], steps[i].open_high);
		world_told(&w, steps[i].events);
	}
	world_close(&w);
}

/* Asks for what holds for the world's domain, as a worker gets it; the scan ends at once. */
static struct scan_taking held_by(struct world *w)
{
	struct scan_taking taking = world_taking(w, "");
	struct step nothing = { .settled = { "x.none" } };

	world_end(w, &nothing, &taking.row);
	return taking;
}

TEST(a_worker_gets_what_holds_for_the_domain)
{
	struct problem problem;
	struct actor actor = actor_of_machine(ACTOR_COMMAND, 1, STR_LIT("test"));
	struct policy_input
		all = { .has_name = true,
			.has_rules = true,
			.name = STR_LIT("all"),
			.rules = STR_LIT(
				"checks: {x.a: off}\nexpect:\n"
				"- {domains: '*.com', issuers: ca.example, mail_provider: google}\n"
				"- {domains: other.com, issuers: b.example}"),
			.check_ids = ids },
		tagged = { .has_name = true,
			   .has_rules = true,
			   .has_selector = true,
			   .name = STR_LIT("tagged"),
			   .selector = STR_LIT("tag:corp"),
			   .rules = STR_LIT(
				   "accept: [{check: x.b, reason: r, owner: o, until: never}]"),
			   .check_ids = ids };
	struct str tag = STR_LIT("corp");
	struct domain_input input = { .has_tags = true,
				      .has_expectations = true,
				      .expectations = STR_LIT("{\"issuers\":[\"own.example\"]}") };
	struct step seen = { .findings = { "x.b - high no B" } };
	struct finding_decision decision = { .status = STR_LIT("accepted"),
					     .reason = STR_LIT("why") };
	struct finding_row finding;
	struct scan_taking taking;
	struct policy_row row;
	struct domain_row domain;
	struct world w;

	world_open(&w);
	problem_init(&problem, &w.rows.a);
	taking = held_by(&w);
	CHECK_INT(taking.policy.rule_count, 0);
	CHECK(expectations_are_empty(&taking.expectations));

	CHECK_INT(app_policy_add(&w.app, &actor, &w.rows.a, &all, &row, &problem), 0);
	CHECK_INT(app_policy_add(&w.app, &actor, &w.rows.a, &tagged, &row, &problem), 0);
	taking = held_by(&w);
	CHECK_INT(taking.policy.rule_count, 1); /* the domain has no such tag */
	CHECK(policy_is_off(&taking.policy, STR_LIT(NAME), STR_LIT("x.a")));
	CHECK_INT(taking.policy.expect_count, 1);

	input.tags = &tag;
	input.tag_count = 1;
	CHECK_INT(app_domain_update(&w.app, &actor, &w.rows.a, STR_LIT(NAME), 0, &input, &domain,
				    &problem),
		  0);
	taking = held_by(&w);
	CHECK_INT(taking.policy.rule_count, 2);
	CHECK_STR(taking.policy.rules[1].by, "policy tagged");
	CHECK_STR(taking.expectations.issuers[0], "own.example"); /* the domain's own come first */
	policy_expectations(&taking.policy, STR_LIT(NAME), &taking.expectations);
	CHECK_STR(taking.expectations.issuers[0], "own.example");
	CHECK_STR(taking.expectations.mail_provider, "google");

	CHECK_INT(app_policy_delete(&w.app, &actor, STR_LIT("tagged"), 0, &problem), 0);
	world_scan(&w, &seen);
	CHECK_INT(app_finding_decide(&w.app, &actor, &w.rows.a,
				     id_text(&w.rows.a, "fnd", world_finding(&w, "x.b")->id), 0,
				     &decision, &finding, &problem),
		  0);
	taking = held_by(&w);
	CHECK_INT(taking.policy.rule_count, 2); /* what a person decided */
	CHECK_STR(taking.policy.rules[1].check, "x.b");
	CHECK_STR(taking.policy.rules[1].reason, "why");
	CHECK_STR(taking.policy.rules[1].subjects[0], NAME);
	world_close(&w);
}

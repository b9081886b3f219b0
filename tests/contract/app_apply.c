/* SPDX-License-Identifier: Apache-2.0 */
/* Does applying a portfolio make what is missing, change what differs, and leave all else? */
#include "app/apply.h"

#include "app/domain.h"
#include "app/policy.h"
#include "app/schedule.h"
#include "tests/contract/desk.h"

static const char *const ids[] = { "mail.spf.present", "caa.present", NULL };

static const char portfolio[] = "domains:\n"
				"- {name: Example.com, tags: [Corp], owner: it@example.com}\n"
				"- example.org\n"
				"schedules:\n"
				"- {name: nightly, cron: 30 2 * * *, zone: Europe/Berlin, jitter: "
				"60m, select: 'tag:corp'}\n"
				"policies:\n"
				"- name: corporate\n"
				"  select: tag:corp\n"
				"  checks: {caa: off}\n"
				"channels:\n"
				"- {name: ops, kind: slack, url: 'https://hooks.example/abc'}\n"
				"rules:\n"
				"- {name: loud, when: [finding.opened, '*.expiring'], "
				"min_severity: high, to: [ops], digest: 15m}\n";

static struct apply_plan planned(struct desk *d, const char *text, bool prunes, int want)
{
	struct apply_input input = { .text = str_of(text), .prunes = prunes, .check_ids = ids };
	struct apply_plan plan = { 0 };

	DESK_CHECK(d, app_apply_plan(&d->app, &d->admin, d->a, &input, &plan, desk_fresh(d)), want);
	return plan;
}

static void counted(const struct apply_plan *plan, size_t create, size_t update, size_t delete,
		    size_t nothing)
{
	CHECK_INT(plan->counts[APPLY_CREATE], create);
	CHECK_INT(plan->counts[APPLY_UPDATE], update);
	CHECK_INT(plan->counts[APPLY_DELETE], delete);
	CHECK_INT(plan->counts[APPLY_NOTHING], nothing);
}

static void run(struct desk *d, struct apply_plan *plan)
{
	DESK_CHECK(d, app_apply_run(&d->app, &d->admin, d->a, plan, desk_fresh(d)), 0);
}

TEST(a_second_run_finds_nothing_to_do)
{
	struct apply_plan plan;
	struct domain_row domain;
	struct desk d;

	desk_open(&d);
	plan = planned(&d, portfolio, false, 0);
	counted(&plan, 6, 0, 0, 0);
	CHECK_INT(app_domain_get(&d.app, &d.admin, d.a, STR_LIT("example.com"), &domain,
				 desk_fresh(&d)),
		  -ENOENT); /* a plan changes nothing */
	run(&d, &plan);
	CHECK_INT(app_domain_get(&d.app, &d.admin, d.a, STR_LIT("example.com"), &domain,
				 desk_fresh(&d)),
		  0);
	CHECK_STR(domain.owner, "it@example.com");
	plan = planned(&d, portfolio, true, 0);
	counted(&plan, 0, 0, 0, 6);
	plan = planned(&d,
		       "domains: [{name: example.com, owner: other@example.com}]\n"
		       "channels: [{name: ops, url: 'https://hooks.example/other'}]\n",
		       false, 0);
	counted(&plan, 0, 2, 0, 0);
	CHECK(str_find(plan.steps[1].after, STR_LIT("other")) < 0); /* a secret */
	run(&d, &plan);
	CHECK_INT(app_domain_get(&d.app, &d.admin, d.a, STR_LIT("example.com"), &domain,
				 desk_fresh(&d)),
		  0);
	CHECK_STR(domain.owner, "other@example.com");
	CHECK_STR(domain.tags[0], "corp"); /* was not mentioned */
	desk_close(&d);
}

TEST(pruning_takes_only_what_applying_made)
{
	struct domain_input by_hand = { .name = STR_LIT("by-hand.example") };
	struct domain_row domain;
	struct apply_plan plan;
	struct desk d;

	desk_open(&d);
	DESK_CHECK(&d, app_domain_add(&d.app, &d.admin, d.a, &by_hand, &domain, desk_fresh(&d)), 0);
	plan = planned(&d,
		       "domains: [{name: by-hand.example, owner: x}, a.example, b.example]\n"
		       "schedules: [{name: s, cron: '@daily'}]\n",
		       false, 0);
	counted(&plan, 3, 1, 0, 0);
	run(&d, &plan);
	plan = planned(&d, "domains: [a.example]", true, 0);
	counted(&plan, 0, 0, 1,
		1); /* no section of schedules: they stay; nor goes what a person made */
	CHECK_STR(plan.steps[1].name, "b.example");
	run(&d, &plan);
	CHECK_INT(app_domain_get(&d.app, &d.admin, d.a, STR_LIT("b.example"), &domain,
				 desk_fresh(&d)),
		  -ENOENT);
	plan = planned(&d, "schedules: []\ndomains: [a.example]", true, 0);
	counted(&plan, 0, 0, 1, 1);
	run(&d, &plan);
	plan = planned(&d, "schedules: []\ndomains: [a.example]", true, 0);
	counted(&plan, 0, 0, 0, 1);
	desk_close(&d);
}

/* Whoever dies after any step leaves nothing that the next run cannot prune, and takes nothing of others. */
TEST(what_is_made_is_marked_with_it_until_it_goes)
{
	struct schedule_input schedule = {
		.has_name = true, .has_cron = true, .name = STR_LIT("s"), .cron = STR_LIT("@daily")
	};
	struct domain_input domain = { .name = STR_LIT("a.example") };
	struct schedule_row made;
	struct apply_plan plan;
	struct actor applying;
	struct domain_row row;
	struct desk d;

	desk_open(&d);
	applying = d.admin;
	applying.is_applying = true;
	DESK_CHECK(&d, app_domain_add(&d.app, &applying, d.a, &domain, &row, desk_fresh(&d)), 0);
	DESK_CHECK(&d, app_schedule_add(&d.app, &applying, d.a, &schedule, &made, desk_fresh(&d)),
		   0);
	plan = planned(&d, "schedules: []\ndomains: []", true, 0);
	counted(&plan, 0, 0, 2, 0);
	DESK_CHECK(&d, app_domain_delete(&d.app, &d.admin, domain.name, 0, false, desk_fresh(&d)),
		   0);
	DESK_CHECK(&d, app_domain_add(&d.app, &d.admin, d.a, &domain, &row, desk_fresh(&d)), 0);
	plan = planned(&d, "schedules: []\ndomains: []", true, 0);
	counted(&plan, 0, 0, 1, 0); /* a person has added it again */
	CHECK_STR(plan.steps[0].name, "s");
	desk_close(&d);
}

TEST(what_was_changed_since_the_plan_is_not_overwritten)
{
	struct schedule_input input = { .has_cron = true, .cron = STR_LIT("@weekly") };
	struct schedule_row schedule;
	struct apply_plan plan;
	struct desk d;

	desk_open(&d);
	plan = planned(&d, "schedules: [{name: s, cron: '@daily'}]", false, 0);
	run(&d, &plan);
	plan = planned(&d, "domains: [a.example]\nschedules: [{name: s, cron: '@hourly'}]", false,
		       0);
	DESK_CHECK(&d,
		   app_schedule_update(&d.app, &d.admin, d.a, STR_LIT("s"), 0, &input, &schedule,
				       desk_fresh(&d)),
		   0);
	CHECK_INT(app_apply_run(&d.app, &d.admin, d.a, &plan, desk_fresh(&d)), -ESTALE);
	CHECK(plan.steps[0].is_done && !plan.steps[1].is_done);
	CHECK(strstr(d.problem.err.text, "schedule s: "));
	DESK_CHECK(&d,
		   app_schedule_get(&d.app, &d.admin, d.a, STR_LIT("s"), &schedule, desk_fresh(&d)),
		   0);
	CHECK_STR(schedule.cron, "@weekly");
	plan = planned(&d, "domains: [a.example]", false, 0);
	counted(&plan, 0, 0, 0, 1);
	plan = planned(&d, "domains: [new.example]", false, 0);
	run(&d, &plan);
	CHECK_INT(app_apply_run(&d.app, &d.admin, d.a, &plan, desk_fresh(&d)), -ESTALE);
	desk_close(&d);
}

TEST(a_portfolio_that_is_wrong_says_where)
{
	static const struct {
		const char *text, *pointer, *detail;
	} rows[] = {
		{ "domain: []", "/domain", "did you mean domains?" },
		{ "domains: {a: b}", "/domains", "a list is wanted here" },
		{ "domains: [{owner: x}]", "/domains/0", "a name is missing" },
		{ "domains: [a.example, a.example]", "/domains/1", "this name stands twice" },
		{ "domains: [a b]", "/domains/0", "" },
		{ "domains: [{name: a.example, tags: ['a b']}]", "/domains/0/tags/0", "" },
		{ "domains: [{name: a.example, ownr: x}]", "/domains/0/ownr",
		  "did you mean owner?" },
		{ "schedules: [{name: s}]", "/schedules/0", "needs a cron expression" },
		{ "schedules: [{name: s, cron: '99 * * * *'}]", "/schedules/0/cron", "" },
		{ "schedules: [{name: s, cron: '@daily', jitter: soon}]", "/schedules/0/jitter",
		  "a time is wanted here" },
		{ "policies: [{name: p, checks: {caa.presnt: off}}]",
		  "/policies/0/checks/caa.presnt", "did you mean caa.present?" },
		{ "channels: [{name: c, kind: pigeon}]", "/channels/0/kind", "" },
		{ "rules: [{name: r, to: [nobody]}]", "/rules/0/to/0", "no channel \"nobody\"" },
		{ "rules: [{name: r}]", "/rules/0", "needs channels" },
	};
	struct desk d;

	desk_open(&d);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		test_row("%s", rows[i].text);
		(void)planned(&d, rows[i].text, false, -EINVAL);
		CHECK_STR(d.problem.errors[0].pointer, rows[i].pointer);
		CHECK(str_find(d.problem.errors[0].detail, str_of(rows[i].detail)) >= 0);
	}
	desk_close(&d);
}

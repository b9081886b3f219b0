/* SPDX-License-Identifier: Apache-2.0 */
/* How does somebody reach for domains, scans, findings and schedules? */
#include "tests/contract/app_matrix.h"

#include "app/batch.h"
#include "app/domain.h"
#include "app/finding.h"
#include "app/history.h"
#include "app/import.h"
#include "app/scan.h"
#include "app/apply.h"
#include "app/policy.h"
#include "app/schedule.h"

static const struct page page = { .limit = 100 };

#define WITH &d->app, actor
#define LISTED(type)                                                                               \
	type *rows = NULL;                                                                         \
	struct str next;                                                                           \
	size_t count = 0
#define SHOWN(call)                                                                                \
	do {                                                                                       \
		int code_ = (call);                                                                \
		return code_ < 0 ? code_ : count > 0;                                              \
	} while (0)

/* ---- domains ---- */

CALL(app_domain_get)
{
	struct domain_row row;

	return app_domain_get(WITH, d->a, NAME, &row, desk_fresh(d));
}

CALL(app_domain_list)
{
	struct domain_filter filter = { .workspace = 1 }; /* asked for, and not heard */
	LISTED(struct domain_row);

	SHOWN(app_domain_list(WITH, d->a, &filter, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_domain_stats)
{
	struct portfolio_stats stats = { 0 };
	int code = app_domain_stats(WITH, &stats, desk_fresh(d));

	return code < 0 ? code : stats.domains > 0;
}

CALL(app_domain_tags)
{
	struct tag_count *rows;
	size_t count = 0;

	SHOWN(app_domain_tags(WITH, d->a, &rows, &count, desk_fresh(d)));
}

CALL(app_name_check)
{
	struct name_verdict verdict = { 0 };
	int code = app_name_check(WITH, d->a, NAME, true, &verdict, desk_fresh(d));

	return code < 0 ? code : verdict.is_there;
}

CALL(app_domain_update)
{
	struct domain_input input = { .has_owner = true, .owner = STR_LIT("it") };
	struct domain_row row;

	return app_domain_update(WITH, d->a, NAME, 0, &input, &row, desk_fresh(d));
}

CALL(app_domain_proof)
{
	struct domain_proof proof;

	return app_domain_proof(WITH, d->a, NAME, &proof, desk_fresh(d));
}

CALL(app_domain_prove)
{
	struct str text = STR_LIT("dss-proof=guessed");
	bool is_proven;

	return app_domain_prove(WITH, NAME, &text, 1, &is_proven, desk_fresh(d));
}

CALL(app_domain_delete)
{
	return app_domain_delete(WITH, NAME, 0, false, desk_fresh(d));
}

CALL(app_domain_add)
{
	struct domain_input input = { .name = NAME };
	struct domain_row row;

	return app_domain_add(WITH, d->a, &input, &row, desk_fresh(d));
}

CALL(app_import_begin)
{
	struct import_row row = { .input = { .name = NAME, .has_owner = true } };
	struct import *import;
	int64_t removed;

	row.input.owner = STR_LIT("import");
	TRY(app_import_begin(WITH, IMPORT_REPLACE, false, &import, desk_fresh(d)));
	DESK_CHECK(d, app_import_rows(import, d->a, &row, 1, desk_fresh(d)), 0);
	DESK_CHECK(d, app_import_end(import, &removed, desk_fresh(d)), 0);
	return row.outcome != IMPORT_ADDED; /* it met the other workspace's domain */
}

/* ---- scans ---- */

CALL(app_scan_start)
{
	struct scan_input input = { .name = NAME };
	struct scan_row row;

	return app_scan_start(WITH, d->a, &input, &row, desk_fresh(d)); /* 1: one is open */
}

CALL(app_scan_get)
{
	struct scan_row row;

	return app_scan_get(WITH, d->a, own.scan, &row, desk_fresh(d));
}

CALL(app_scan_verdicts)
{
	struct scan_row row;
	struct str verdicts;

	return app_scan_verdicts(WITH, d->a, own.scan, &row, &verdicts, desk_fresh(d));
}

CALL(app_scan_list)
{
	struct scan_choice choice = { 0 };
	LISTED(struct scan_row);

	SHOWN(app_scan_list(WITH, d->a, &choice, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_scan_cancel)
{
	struct scan_row row;

	return app_scan_cancel(WITH, d->a, own.scan, &row, desk_fresh(d));
}

CALL(app_scan_facts)
{
	struct scan_row scan = { .workspace = 1 }; /* as a list gave it to somebody else */
	struct stored_facts facts;

	return app_scan_facts(WITH, d->a, &scan, &facts, desk_fresh(d));
}

CALL(app_observations)
{
	struct observations seen;

	return app_observations(WITH, d->a, own.scan, &seen, desk_fresh(d));
}

CALL(app_score_list)
{
	LISTED(struct scan_row);
	int code = app_score_list(WITH, d->a, NAME, &page, &rows, &count, &next, desk_fresh(d));

	return code < 0 ? code : count > 0;
}

CALL(app_change_list)
{
	struct change_choice choice = { .domain = NAME };
	LISTED(struct change_row);

	SHOWN(app_change_list(WITH, d->a, &choice, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_expiry_list)
{
	LISTED(struct expiry_row);

	SHOWN(app_expiry_list(WITH, d->a, 0, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_batch_start)
{
	struct batch_input input = { .selector = STR_LIT("all"), .cause = BATCH_API };
	struct batch_row row;

	return app_batch_start(WITH, d->a, &input, &row, desk_fresh(d));
}

CALL(app_batch_get)
{
	struct batch_row row;

	return app_batch_get(WITH, d->a, own.batch, &row, desk_fresh(d));
}

CALL(app_batch_list)
{
	LISTED(struct batch_row);

	SHOWN(app_batch_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_batch_cancel)
{
	struct batch_row row;

	return app_batch_cancel(WITH, d->a, own.batch, &row, desk_fresh(d));
}

/* ---- findings ---- */

CALL(app_finding_list)
{
	struct finding_choice choice = { 0 };
	LISTED(struct finding_row);

	SHOWN(app_finding_list(WITH, d->a, &choice, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_finding_get)
{
	struct finding_row row;

	return app_finding_get(WITH, d->a, own.finding, &row, desk_fresh(d));
}

CALL(app_finding_groups)
{
	struct finding_group *rows;
	size_t count = 0;

	SHOWN(app_finding_groups(WITH, d->a, STR_NONE, &rows, &count, desk_fresh(d)));
}

CALL(app_finding_decide)
{
	struct finding_decision decision = { .status = STR_LIT("false-positive"),
					     .reason = STR_LIT("r") };
	struct finding_row row;

	return app_finding_decide(WITH, d->a, own.finding, 0, &decision, &row, desk_fresh(d));
}

CALL(app_finding_recheck)
{
	struct scan_row row;

	return app_finding_recheck(WITH, d->a, own.finding, &row, desk_fresh(d));
}

/* ---- portfolios ---- */

static const struct apply_input portfolio = { .text = STR_INIT("domains: [applied.example]") };

CALL(app_apply_plan)
{
	struct apply_plan plan;

	return app_apply_plan(WITH, d->a, &portfolio, &plan, desk_fresh(d));
}

CALL(app_apply_run)
{
	struct apply_plan plan;

	CHECK_INT(app_apply_plan(&d->app, &d->admin, d->a, &portfolio, &plan, desk_fresh(d)), 0);
	return app_apply_run(WITH, d->a, &plan, desk_fresh(d));
}

/* ---- policies ---- */

static const struct policy_input own_policy = { .has_name = true, .name = STR_INIT("own") };

CALL(app_policy_add)
{
	struct policy_row row;

	return app_policy_add(WITH, d->a, &own_policy, &row, desk_fresh(d));
}

CALL(app_policy_of_domain)
{
	struct expectations expected;
	struct check_policy policy;

	return app_policy_of_domain(WITH, d->a, NAME, &policy, &expected, desk_fresh(d));
}

CALL(app_policy_get)
{
	struct policy_row row;

	return app_policy_get(WITH, d->a, own.policy, &row, desk_fresh(d));
}

CALL(app_policy_list)
{
	LISTED(struct policy_row);

	SHOWN(app_policy_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_policy_update)
{
	struct policy_input input = { .has_selector = true, .selector = STR_LIT("tag:x") };
	struct policy_row row;

	return app_policy_update(WITH, d->a, own.policy, 0, &input, &row, desk_fresh(d));
}

CALL(app_policy_delete)
{
	return app_policy_delete(WITH, own.policy, 0, desk_fresh(d));
}

/* ---- schedules ---- */

CALL(app_schedule_add)
{
	struct schedule_input input = { .has_name = true,
					.has_cron = true,
					.name = STR_LIT("own"),
					.cron = STR_LIT("@daily") };
	struct schedule_row row;

	return app_schedule_add(WITH, d->a, &input, &row, desk_fresh(d));
}

CALL(app_schedule_get)
{
	struct schedule_row row;

	return app_schedule_get(WITH, d->a, own.schedule, &row, desk_fresh(d));
}

CALL(app_schedule_list)
{
	LISTED(struct schedule_row);

	SHOWN(app_schedule_list(WITH, d->a, &page, &rows, &count, &next, desk_fresh(d)));
}

CALL(app_schedule_upcoming)
{
	struct plan_fire *fires;
	size_t count;

	return app_schedule_upcoming(WITH, d->a, own.schedule, 1, &fires, &count, desk_fresh(d));
}

CALL(app_schedule_update)
{
	struct schedule_input input = { .has_jitter = true, .jitter_s = 5 };
	struct schedule_row row;

	return app_schedule_update(WITH, d->a, own.schedule, 0, &input, &row, desk_fresh(d));
}

CALL(app_schedule_run)
{
	struct uuid batch;

	return app_schedule_run(WITH, own.schedule, &batch, desk_fresh(d));
}

CALL(app_schedule_delete)
{
	return app_schedule_delete(WITH, own.schedule, 0, desk_fresh(d));
}

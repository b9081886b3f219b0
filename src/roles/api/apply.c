/* SPDX-License-Identifier: Apache-2.0 */
/* A whole portfolio at once: what is missing is made, what differs is changed. */
#include "app/apply.h"

#include "checks/families.h"
#include "report/notice.h"
#include "roles/api/request.h"
#include "roles/api/wire.h"

enum { PORTFOLIO_BYTES = 1000 * 1000 };

struct step_view {
	int action, kind;
	struct str name, before, after;
	bool done;
};

static const struct desc_field step_fields[] = {
	DESC_FIELD(1, DESC_ENUM, struct step_view, action, .names = apply_action_words),
	DESC_FIELD(2, DESC_ENUM, struct step_view, kind, .names = applied_kind_words),
	DESC_FIELD(3, DESC_STR, struct step_view, name),
	DESC_FIELD(4, DESC_CUSTOM, struct step_view, before, .custom = &wire_object),
	DESC_FIELD(5, DESC_CUSTOM, struct step_view, after, .custom = &wire_object),
	DESC_FIELD(6, DESC_BOOL, struct step_view, done),
};
static const struct desc step_desc = DESC_CALLED("apply_step", step_view, step_fields);

struct plan_view {
	bool dry_run;
	int64_t created, updated, deleted, unchanged;
	struct step_view *steps;
	size_t step_count;
};

static const struct desc_field plan_fields[] = {
	DESC_FIELD(1, DESC_BOOL, struct plan_view, dry_run),
	DESC_FIELD(2, DESC_CUSTOM, struct plan_view, created, .custom = &wire_count),
	DESC_FIELD(3, DESC_CUSTOM, struct plan_view, updated, .custom = &wire_count),
	DESC_FIELD(4, DESC_CUSTOM, struct plan_view, deleted, .custom = &wire_count),
	DESC_FIELD(5, DESC_CUSTOM, struct plan_view, unchanged, .custom = &wire_count),
	DESC_ARRAY(6, DESC_STRUCT, struct plan_view, steps, step_count, .of = &step_desc),
};
static const struct desc plan_desc = DESC_CALLED("apply_plan", plan_view, plan_fields);

struct apply_request {
	struct str portfolio;
	bool dry_run, prune;
};

static const struct field apply_fields[] = {
	FIELD_BODY(FIELD_JSON, struct apply_request, portfolio,
		   "domains, schedules, policies, channels and rules, as in a portfolio's file",
		   .flags = FIELD_REQUIRED, .most = PORTFOLIO_BYTES,
		   .example = "{\"domains\":[{\"name\":\"example.com\",\"tags\":[\"corp\"]}]}"),
	FIELD_QUERY(FIELD_BOOL, struct apply_request, dry_run, "only say what would be done"),
	FIELD_QUERY(FIELD_BOOL, struct apply_request, prune,
		    "also remove what applying once made and the portfolio names no more"),
	FIELD_END,
};

static struct plan_view view_of(struct arena *a, const struct apply_plan *plan, bool is_dry_run)
{
	struct plan_view view = { .dry_run = is_dry_run,
				  .created = (int64_t)plan->counts[APPLY_CREATE],
				  .updated = (int64_t)plan->counts[APPLY_UPDATE],
				  .deleted = (int64_t)plan->counts[APPLY_DELETE],
				  .unchanged = (int64_t)plan->counts[APPLY_NOTHING] };

	view.steps = arena_array(a, plan->count + 1, sizeof *view.steps);
	for (size_t i = 0; i < plan->count; i++) {
		const struct apply_step *step = &plan->steps[i];

		if (step->action != APPLY_NOTHING)
			view.steps[view.step_count++] =
				(struct step_view){ (int)step->action, (int)step->kind,
						    step->name,        step->before,
						    step->after,       step->is_done };
	}
	return view;
}

static size_t done_count(const struct apply_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++)
		count += plan->steps[i].is_done && plan->steps[i].action != APPLY_NOTHING;
	return count;
}

static int apply_answer(struct request *r)
{
	const struct apply_request *in = r->input.values;
	struct apply_input input = { .text = in->portfolio,
				     .above = STR_LIT("/portfolio"),
				     .prunes = in->prune,
				     .check_ids = check_ids(&r->arena),
				     .template_check = notice_template_check };
	struct apply_plan plan;
	struct plan_view view;
	int code;

	TRY_APP(r, app_apply_plan(r->app, &r->actor, &r->arena, &input, &plan, &r->problem));
	code = in->dry_run ? 0 : app_apply_run(r->app, &r->actor, &r->arena, &plan, &r->problem);
	if (code == -ESTALE)
		return answer_problem(r, PROBLEM_CONFLICT,
				      "drifted: %s; %zu steps were done before: apply it again",
				      r->problem.err.text, done_count(&plan));
	TRY_APP(r, code);
	view = view_of(&r->arena, &plan, in->dry_run);
	return answer_struct(r, &view);
}

const struct operation operation_apply = {
	.handle = apply_answer,
	.fields = apply_fields,
	.input_size = sizeof(struct apply_request),
	.shape = &plan_desc,
	.codes = { 409, 413, 422, 429 },
	.help = "Members that an object does not mention stay as they are; a second run finds "
		"nothing to "
		"do. Each object is a transaction of its own, with the version that the plan was "
		"made of: 409 "
		"when somebody changed it meanwhile, and what was done until then stays. Pruning "
		"takes only "
		"what applying once made, in the sections that the portfolio has; domains keep "
		"their history. "
		"Each kind of object needs its own scopes.",
};

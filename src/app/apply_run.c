/* SPDX-License-Identifier: Apache-2.0 */
/* How is a portfolio's plan done? */
#include "app/apply_parts.h"

static int create(struct app *app, const struct actor *actor, struct arena *a,
		  const struct apply_object *object, struct problem *problem)
{
	struct str signing;
	union {
		struct domain_row domain;
		struct schedule_row schedule;
		struct policy_row policy;
		struct channel_row channel;
		struct rule_row rule;
	} row;

#define CREATE(kind_name, ...)                                                                     \
	return app_##kind_name##_add(app, actor, a, &object->kind_name, &row.kind_name, __VA_ARGS__)

	switch (object->kind) {
	case APPLIED_DOMAIN:
		CREATE(domain, problem);
	case APPLIED_SCHEDULE:
		CREATE(schedule, problem);
	case APPLIED_POLICY:
		CREATE(policy, problem);
	case APPLIED_CHANNEL:
		CREATE(channel, &signing, problem);
	default:
		CREATE(rule, problem);
	}
#undef CREATE
}

static int update(struct app *app, const struct actor *actor, struct arena *a,
		  const struct apply_object *object, struct problem *problem)
{
	struct str signing;
	union {
		struct domain_row domain;
		struct schedule_row schedule;
		struct policy_row policy;
		struct channel_row channel;
		struct rule_row rule;
	} row;

#define UPDATE(kind_name, ...)                                                                     \
	return app_##kind_name##_update(app, actor, a, object->name, object->version,              \
					&object->kind_name, &row.kind_name, __VA_ARGS__)

	switch (object->kind) {
	case APPLIED_DOMAIN:
		UPDATE(domain, problem);
	case APPLIED_SCHEDULE:
		UPDATE(schedule, problem);
	case APPLIED_POLICY:
		UPDATE(policy, problem);
	case APPLIED_CHANNEL:
		UPDATE(channel, &signing, problem);
	default:
		UPDATE(rule, problem);
	}
#undef UPDATE
}

static int delete (struct app *app, const struct actor *actor, const struct apply_object *object,
		   struct problem *problem)
{
	struct str name = object->name;
	int64_t version = object->version;

	switch (object->kind) {
	case APPLIED_DOMAIN:
		return app_domain_delete(app, actor, name, version, false, problem);
	case APPLIED_SCHEDULE:
		return app_schedule_delete(app, actor, name, version, problem);
	case APPLIED_POLICY:
		return app_policy_delete(app, actor, name, version, problem);
	case APPLIED_CHANNEL:
		return app_channel_delete(app, actor, name, version, problem);
	default:
		return app_rule_delete(app, actor, name, version, problem);
	}
}

/* One that was made or removed by somebody else since the plan is as changed. */
static int drifted(enum apply_action action, int code)
{
	return (action == APPLY_CREATE && code == -EEXIST) ||
			       (action != APPLY_CREATE && code == -ENOENT)
		       ? -ESTALE
		       : code;
}

static int step_do(struct app *app, const struct actor *actor, struct arena *a,
		   const struct apply_step *step, const struct apply_object *object,
		   struct problem *problem)
{
	switch (step->action) {
	case APPLY_CREATE:
		return create(app, actor, a, object, problem);
	case APPLY_UPDATE:
		return update(app, actor, a, object, problem);
	case APPLY_DELETE:
		return delete (app, actor, object, problem);
	default:
		return 0;
	}
}

int app_apply_run(struct app *app, const struct actor *actor, struct arena *a,
		  struct apply_plan *plan, struct problem *problem)
{
	struct actor applying = *actor;

	applying.is_applying = true;
	for (size_t i = 0; i < plan->count; i++) {
		struct apply_step *step = &plan->steps[i];
		struct err why;
		int code;

		problem_init(problem, problem->a);
		code = step_do(app, &applying, a, step, &plan->objects[i], problem);
		if (code == 0) {
			step->is_done = true;
			continue;
		}
		why = problem->err;
		code = drifted(step->action, code);
		return err_set(&problem->err, code, "%s %.*s: %s", applied_kind_words[step->kind],
			       STR(str_first(step->name, 80)), why.text);
	}
	return 0;
}

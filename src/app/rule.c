/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done with the rules of a workspace? */
#include "app/rule.h"

#include "app/named.h"
#include "app/record.h"
#include "app/route.h"
#include "app/rule_fields.h"

struct call {
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct str name_or_id;
	int64_t version;
	const struct rule_input *input;
	struct rule_row row;
};

APP_NAMED(rule_named, struct rule_row, "rule", "rul", rule_get, rule_find);
APP_GET(app_rule_get, SCOPE_CHANNELS_READ, struct rule_row, rule_named);
APP_LIST(app_rule_list, SCOPE_CHANNELS_READ, struct rule_row, rule_list);

static int find_for_write(struct store_tx *tx, struct call *call, struct err *err)
{
	TRY(rule_named(tx, call->actor->workspace, call->name_or_id, &call->row, err));
	return version_check(call->version, call->row.version, call->row.name, call->problem, err);
}

static int add_rule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int64_t count;

	store_keep(tx, call->a);
	problem_init(call->problem, call->problem->a);
	TRY(rule_count(tx, call->actor->workspace, &count, err));
	if (count >= RULES)
		return err_set(err, -EDQUOT, "a workspace has at most %d rules", RULES);
	TRY(rule_channels_read(tx, call->input, &call->row, call->problem, err));
	TRY(route_begin(tx, err));
	TRY(rule_insert(tx, &call->row, err));
	TRY(record_made(tx, call->actor, APPLIED_RULE, call->row.id, err));
	return record_audit(tx, call->actor, "rule.create", call->row.name, STR_NONE,
			    rule_json(tx->a, &call->row), err);
}

int app_rule_add(struct app *app, const struct actor *actor, struct arena *a,
		 const struct rule_input *input, struct rule_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem, .input = input };

	call.row = rule_blank(actor->workspace);
	TRY(actor_may(actor, SCOPE_CHANNELS_WRITE, problem));
	if (!input->has_name)
		problem_add(problem, STR_LIT("/name"), "required", "a rule needs a name");
	if (!input->has_channels)
		problem_add(problem, STR_LIT("/to"), "required", "a rule needs channels");
	TRY(rule_fields_read(a, input, &call.row, problem));
	TRY(store_write(app->store, add_rule, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int update_rule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct rule_row before;
	int64_t first;

	store_keep(tx, call->a);
	problem_init(call->problem, call->problem->a);
	TRY(find_for_write(tx, call, err));
	before = call->row;
	if (rule_fields_read(call->a, call->input, &call->row, call->problem) < 0)
		return err_set(err, -EINVAL, "%s", call->problem->errors[0].detail.data);
	TRY(rule_channels_read(tx, call->input, &call->row, call->problem, err));
	if (call->row.is_enabled && !before.is_enabled) {
		TRY(route_begin(tx, err));
		TRY(event_bounds(tx, &first, &call->row.since, err));
	}
	TRY(rule_update(tx, &call->row, err));
	return record_audit(tx, call->actor, "rule.update", before.name, rule_json(tx->a, &before),
			    rule_json(tx->a, &call->row), err);
}

int app_rule_update(struct app *app, const struct actor *actor, struct arena *a,
		    struct str name_or_id, int64_t version, const struct rule_input *input,
		    struct rule_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = a,
			     .problem = problem,
			     .name_or_id = name_or_id,
			     .version = version,
			     .input = input };

	TRY(actor_may(actor, SCOPE_CHANNELS_WRITE, problem));
	TRY(store_write(app->store, update_rule, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int delete_rule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(find_for_write(tx, call, err));
	TRY(record_removed(tx, call->actor, APPLIED_RULE, call->row.id, err));
	TRY(rule_delete(tx, call->row.no, err));
	return record_audit(tx, call->actor, "rule.delete", call->row.name,
			    rule_json(tx->a, &call->row), STR_NONE, err);
}

int app_rule_delete(struct app *app, const struct actor *actor, struct str name_or_id,
		    int64_t version, struct problem *problem)
{
	struct call call = {
		.actor = actor, .problem = problem, .name_or_id = name_or_id, .version = version
	};

	TRY(actor_may(actor, SCOPE_CHANNELS_WRITE, problem));
	return store_write(app->store, delete_rule, &call, &problem->err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done with the rules of a workspace? */
#include "app/rule.h"

#include "app/record.h"
#include "app/route.h"
#include "app/rule_fields.h"

#include <inttypes.h>

struct call {
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct str name_or_id;
	int64_t version;
	const struct rule_input *input;
	struct rule_row row;
	const struct page *page;
	struct rule_row *rows;
	size_t count;
	struct str next;
};

static int find_row(struct store_tx *tx, struct call *call, struct err *err)
{
	int64_t workspace = call->actor->workspace;
	struct uuid id;
	int code;

	if (!id_parse(call->name_or_id, "rul", &id, NULL))
		code = rule_get(tx, workspace, id, &call->row, err);
	else
		code = rule_find(tx, workspace, call->name_or_id, &call->row, err);
	return code == -ENOENT ? err_set(err, -ENOENT, "there is no rule \"%.*s\"",
					 STR(str_first(call->name_or_id, 80)))
			       : code;
}

static int find_for_write(struct store_tx *tx, struct call *call, struct err *err)
{
	TRY(find_row(tx, call, err));
	if (!call->version || call->version == call->row.version)
		return 0;
	call->problem->version = call->row.version;
	return err_set(err, -ESTALE, "version %" PRId64 " of %.*s is stored, not %" PRId64,
		       call->row.version, STR(call->row.name), call->version);
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

static int get_rule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return find_row(tx, call, err);
}

int app_rule_get(struct app *app, const struct actor *actor, struct arena *a, struct str name_or_id,
		 struct rule_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .name_or_id = name_or_id };

	TRY(actor_may(actor, SCOPE_CHANNELS_READ, problem));
	TRY(store_read(app->store, get_rule, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int list_rules(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	return rule_list(tx, call->actor->workspace, call->page, &call->rows, &call->count,
			 &call->next, err);
}

int app_rule_list(struct app *app, const struct actor *actor, struct arena *a,
		  const struct page *page, struct rule_row **ret, size_t *ret_count,
		  struct str *ret_next, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .page = page };

	TRY(actor_may(actor, SCOPE_CHANNELS_READ, problem));
	TRY(page_check(page, problem));
	TRY(page_code(store_read(app->store, list_rules, &call, &problem->err), problem));
	*ret = call.rows;
	*ret_count = call.count;
	*ret_next = call.next;
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

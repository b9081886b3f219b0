/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done with policies, and which of them hold for a domain? */
#include "app/policy.h"

#include "app/expectations.h"
#include "app/named.h"
#include "app/policy_document.h"
#include "app/record.h"
#include "app/selector.h"
#include "app/text.h"
#include "base/json.h"
#include "store/finding.h"

struct call {
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct str name_or_id;
	int64_t version;
	const struct policy_input *input;
	struct policy_row row;
};

/* ---- fields ---- */

static void rules_read(struct arena *a, const struct policy_input *input, struct policy_row *row,
		       struct problem *problem)
{
	struct policy_reading reading = {
		.a = a,
		.name = input->file,
		.above = input->rules_at.len ? input->rules_at : STR_LIT("/rules"),
		.check_ids = input->check_ids,
		.problem = problem,
	};
	struct check_policy policy;

	if (input->rules.len > POLICY_DOCUMENT_BYTES)
		(void)!problem_add(problem, reading.above, "too-long", "at most %d octets",
				   POLICY_DOCUMENT_BYTES);
	else if (policy_read(&reading, input->rules, &policy) == 0)
		row->document = policy_text(a, &policy);
}

int policy_fields_read(struct arena *a, const struct policy_input *input, struct policy_row *row,
		       struct problem *problem)
{
	struct domain_filter filter = { 0 };
	size_t before = problem->count;
	struct err err = { 0 };

	if (input->has_name)
		(void)!label_read(input->name, POLICY_NAME_BYTES, STR_LIT("/name"), &row->name,
				  problem);
	if (input->has_selector) {
		row->selector = str_trim(input->selector);
		if (selector_read(a, row->selector, &filter, &err) < 0)
			(void)!problem_add(problem, STR_LIT("/selector"), "selector", "%s",
					   err.text);
	}
	if (input->has_rules)
		rules_read(a, input, row, problem);
	return problem->count > before ? -EINVAL : 0;
}

struct str policy_json(struct arena *a, const struct policy_row *row)
{
	struct buf out;
	struct json w;

	buf_init(&out, a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "name");
	json_str(&w, row->name);
	json_key(&w, "selector");
	json_str(&w, row->selector);
	json_key(&w, "rules");
	json_raw(&w, row->document);
	json_end(&w);
	return buf_str(&out);
}

/* ---- calls ---- */

static APP_NAMED(policy_named, struct policy_row, "policy", "pol", policy_get, policy_find);
APP_GET(app_policy_get, SCOPE_FINDINGS_READ, struct policy_row, policy_named);
APP_LIST(app_policy_list, SCOPE_FINDINGS_READ, struct policy_row, policy_list);

static int find_for_write(struct store_tx *tx, struct call *call, struct err *err)
{
	TRY(policy_named(tx, call->actor->workspace, call->name_or_id, &call->row, err));
	return version_check(call->version, call->row.version, call->row.name, call->problem, err);
}

static int add_policy(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int64_t count;

	TRY(policy_count(tx, call->actor->workspace, &count, err));
	if (count >= POLICIES)
		return err_set(err, -EDQUOT, "a workspace has at most %d policies", POLICIES);
	TRY(policy_insert(tx, &call->row, err));
	TRY(record_made(tx, call->actor, APPLIED_POLICY, call->row.id, err));
	return record_audit(tx, call->actor, "policy.create", call->row.name, STR_NONE,
			    policy_json(tx->a, &call->row), err);
}

int app_policy_add(struct app *app, const struct actor *actor, struct arena *a,
		   const struct policy_input *input, struct policy_row *ret,
		   struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	call.row = (struct policy_row){ .workspace = actor->workspace,
					.selector = STR_LIT("all"),
					.document = STR_LIT("{}") };
	TRY(actor_may(actor, SCOPE_FINDINGS_WRITE, problem));
	if (!input->has_name)
		(void)!problem_add(problem, STR_LIT("/name"), "required", "a policy needs a name");
	(void)!policy_fields_read(a, input, &call.row, problem);
	TRY(problem_code(problem));
	TRY(store_write(app->store, add_policy, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int update_policy(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct str before, after;

	store_keep(tx, call->a);
	problem_init(call->problem, call->problem->a);
	TRY(find_for_write(tx, call, err));
	before = policy_json(tx->a, &call->row);
	if (policy_fields_read(call->a, call->input, &call->row, call->problem) < 0)
		return err_set(err, -EINVAL, "%s", call->problem->errors[0].detail.data);
	after = policy_json(tx->a, &call->row);
	if (str_eq(before, after))
		return 0;
	TRY(policy_update(tx, &call->row, err));
	return record_audit(tx, call->actor, "policy.update", call->row.name, before, after, err);
}

int app_policy_update(struct app *app, const struct actor *actor, struct arena *a,
		      struct str name_or_id, int64_t version, const struct policy_input *input,
		      struct policy_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = a,
			     .problem = problem,
			     .name_or_id = name_or_id,
			     .version = version,
			     .input = input };

	TRY(actor_may(actor, SCOPE_FINDINGS_WRITE, problem));
	TRY(store_write(app->store, update_policy, &call, &problem->err));
	*ret = call.row;
	return 0;
}

static int delete_policy(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(find_for_write(tx, call, err));
	TRY(record_removed(tx, call->actor, APPLIED_POLICY, call->row.id, err));
	TRY(policy_delete(tx, call->row.id, err));
	return record_audit(tx, call->actor, "policy.delete", call->row.name,
			    policy_json(tx->a, &call->row), STR_NONE, err);
}

int app_policy_delete(struct app *app, const struct actor *actor, struct str name_or_id,
		      int64_t version, struct problem *problem)
{
	struct call call = {
		.actor = actor, .problem = problem, .name_or_id = name_or_id, .version = version
	};

	TRY(actor_may(actor, SCOPE_FINDINGS_WRITE, problem));
	return store_write(app->store, delete_policy, &call, &problem->err);
}

/* ---- what holds for a domain ---- */

bool policy_decided(const struct finding_row *row)
{
	return row->status == FINDING_ACCEPTED && str_starts(row->decided_by, STR_LIT(POLICY_BY));
}

static bool is_meant(struct arena *a, struct str selector, const struct domain_row *domain)
{
	struct domain_filter filter = { 0 };
	bool has_tag = false;

	if (selector_read(a, selector, &filter, NULL) < 0)
		return false;
	for (size_t i = 0; i < domain->tag_count; i++)
		has_tag |= str_eq(domain->tags[i], filter.tag);
	return (!filter.tag.len || has_tag) &&
	       (!filter.owner.len || str_eq(filter.owner, domain->owner)) &&
	       (!filter.name_glob.len || policy_glob(filter.name_glob, domain->name));
}

struct gathered {
	struct check_policy policy;
	size_t rule_cap, expect_cap;
};

static void rule_add(struct arena *a, struct gathered *g, const struct policy_rule *rule)
{
	if (g->policy.rule_count == g->rule_cap) {
		g->policy.rules = arena_grow(a, g->policy.rules, g->rule_cap * sizeof *rule,
					     (g->rule_cap * 2 + 16) * sizeof *rule);
		g->rule_cap = g->rule_cap * 2 + 16;
	}
	g->policy.rules[g->policy.rule_count++] = *rule;
}

static void expect_add(struct arena *a, struct gathered *g, const struct policy_expectation *expect)
{
	if (g->policy.expect_count == g->expect_cap) {
		g->policy.expects = arena_grow(a, g->policy.expects, g->expect_cap * sizeof *expect,
					       (g->expect_cap * 2 + 16) * sizeof *expect);
		g->expect_cap = g->expect_cap * 2 + 16;
	}
	g->policy.expects[g->policy.expect_count++] = *expect;
}

static bool covers(const struct str *patterns, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (policy_glob(patterns[i], name))
			return true;
	return !count;
}

/* The rules of a document that are about this domain; of the others it need not hear. */
static void document_add(struct arena *a, struct gathered *g, const struct policy_row *row,
			 struct str domain)
{
	struct problem *problem = ARENA_NEW(a, struct problem);
	struct policy_reading reading = {
		.a = a,
		.by = str_printf(a, POLICY_BY "%.*s", STR(row->name)),
		.problem = problem,
	};
	struct check_policy policy = { 0 };

	problem_init(problem, a);
	if (policy_read(&reading, row->document, &policy) < 0)
		return; /* of a newer release */
	for (size_t i = 0; i < policy.rule_count && g->policy.rule_count < POLICY_RULES; i++)
		if (covers(policy.rules[i].domains, policy.rules[i].domain_count, domain)) {
			policy.rules[i].domain_count = 0;
			rule_add(a, g, &policy.rules[i]);
		}
	for (size_t i = 0; i < policy.expect_count; i++)
		if (covers(policy.expects[i].domains, policy.expects[i].domain_count, domain)) {
			policy.expects[i].domain_count = 0;
			expect_add(a, g, &policy.expects[i]);
		}
}

static void decision_add(struct arena *a, struct gathered *g, const struct finding_row *row,
			 struct str domain)
{
	struct policy_rule rule = { .check = row->check_id,
				    .action = POLICY_ACCEPT,
				    .reason = str_first(row->reason, POLICY_TEXT_BYTES),
				    .by = str_first(row->decided_by, POLICY_TEXT_BYTES),
				    .until_us = row->status == FINDING_ACCEPTED ? row->until : 0,
				    .subject_count = 1 };

	if (policy_decided(row))
		return;
	rule.subjects = arena_array(a, 1, sizeof *rule.subjects);
	rule.subjects[0] = row->subject.len ? row->subject : domain;
	rule_add(a, g, &rule);
}

int policy_of_domain(struct store_tx *tx, struct policy_shelf *shelf,
		     const struct domain_row *domain, struct check_policy *ret,
		     struct expectations *ret_expected, struct err *err)
{
	struct gathered g = { 0 };
	struct finding_row *findings;
	size_t count;

	if (!shelf->is_read || shelf->workspace != domain->workspace) {
		TRY(policy_all(tx, domain->workspace, &shelf->rows, &shelf->count, err));
		shelf->workspace = domain->workspace;
		shelf->is_read = true;
	}
	for (size_t i = 0; i < shelf->count; i++)
		if (is_meant(tx->a, shelf->rows[i].selector, domain))
			document_add(tx->a, &g, &shelf->rows[i], domain->name);
	TRY(finding_decided(tx, domain->no, &findings, &count, err));
	for (size_t i = 0; i < count; i++)
		decision_add(tx->a, &g, &findings[i], domain->name);
	if (expectations_load(tx->a, domain->expectations, ret_expected, NULL) < 0)
		*ret_expected = (struct expectations){ 0 }; /* of a newer release */
	*ret = g.policy;
	return 0;
}

struct holding {
	const struct actor *actor;
	struct arena *a;
	struct str name;
	struct check_policy policy;
	struct expectations expected;
};

static int read_holding(struct store_tx *tx, void *context, struct err *err)
{
	struct policy_shelf shelf = { 0 };
	struct holding *holding = context;
	struct domain_row domain;

	store_keep(tx, holding->a);
	TRY(domain_find(tx, holding->actor->workspace, holding->name, &domain, err));
	return policy_of_domain(tx, &shelf, &domain, &holding->policy, &holding->expected, err);
}

int app_policy_of_domain(struct app *app, const struct actor *actor, struct arena *a,
			 struct str name, struct check_policy *ret,
			 struct expectations *ret_expected, struct problem *problem)
{
	struct holding holding = { .actor = actor, .a = a, .name = name };

	TRY(actor_may(actor, SCOPE_FINDINGS_READ, problem));
	TRY(store_read(app->store, read_holding, &holding, &problem->err));
	*ret = holding.policy;
	*ret_expected = holding.expected;
	return 0;
}

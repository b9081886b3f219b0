/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between a portfolio's text and what is stored? */
#include "app/apply_parts.h"
#include "app/channel_fields.h"
#include "app/domain_fields.h"
#include "app/rule_fields.h"
#include "app/schedule_fields.h"
#include "app/text.h"
#include "store/scan.h"

struct planning {
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	const struct apply_input *input;
	struct apply_text text;
	struct apply_plan plan;
};

/* What is wrong with an object stands below it. */
static void errors_place(struct planning *p, const struct apply_object *object, size_t before)
{
	for (size_t i = before; i < p->problem->count; i++)
		p->problem->errors[i].pointer = str_printf(p->a, "%.*s%.*s", STR(object->pointer),
							   STR(p->problem->errors[i].pointer));
}

/* ---- one kind each: what is stored and what is wanted, as JSON; *ret_before empty: nothing is ---- */

typedef int compare(struct store_tx *tx, struct planning *p, struct apply_object *object,
		    struct str *ret_before, struct str *ret_after, struct err *err);

static int domain_compare(struct store_tx *tx, struct planning *p, struct apply_object *object,
			  struct str *ret_before, struct str *ret_after, struct err *err)
{
	struct domain_fields fields;
	struct domain_row row;
	int code = domain_find(tx, p->actor->workspace, object->name, &row, err);

	if (code < 0 && code != -ENOENT)
		return code;
	if (code == -ENOENT) {
		row = (struct domain_row){ .name = object->name, .profile = DOMAIN_NO_PROFILE };
	} else {
		object->version = row.version;
		*ret_before = domain_json(p->a, &row);
	}
	if (domain_fields_read(p->a, &object->domain, &fields, p->problem) < 0)
		return 0;
	(void)domain_fields_apply(&fields, &row);
	*ret_after = domain_json(p->a, &row);
	return 0;
}

static int schedule_compare(struct store_tx *tx, struct planning *p, struct apply_object *object,
			    struct str *ret_before, struct str *ret_after, struct err *err)
{
	struct schedule_row row;
	int code = schedule_find(tx, p->actor->workspace, object->name, &row, err);

	if (code < 0 && code != -ENOENT)
		return code;
	if (code == -ENOENT) {
		row = (struct schedule_row){ .zone = STR_LIT("UTC"),
					     .selector = STR_LIT("all"),
					     .profile = DOMAIN_NO_PROFILE,
					     .priority = PRIORITY_BULK,
					     .missed = MISSED_ONCE,
					     .is_enabled = true };
		if (!object->schedule.has_cron)
			(void)!problem_add(p->problem, STR_NONE, "required",
					   "a schedule needs a cron expression");
	} else {
		object->version = row.version;
		*ret_before = schedule_json(p->a, &row);
	}
	(void)!schedule_fields_read(p->a, &object->schedule, &row, p->problem);
	*ret_after = schedule_json(p->a, &row);
	return 0;
}

static int policy_compare(struct store_tx *tx, struct planning *p, struct apply_object *object,
			  struct str *ret_before, struct str *ret_after, struct err *err)
{
	struct policy_row row;
	int code = policy_find(tx, p->actor->workspace, object->name, &row, err);

	if (code < 0 && code != -ENOENT)
		return code;
	if (code == -ENOENT) {
		row = (struct policy_row){ .selector = STR_LIT("all"), .document = STR_LIT("{}") };
	} else {
		object->version = row.version;
		*ret_before = policy_json(p->a, &row);
	}
	(void)!policy_fields_read(p->a, &object->policy, &row, p->problem);
	*ret_after = policy_json(p->a, &row);
	return 0;
}

static void template_check(struct planning *p, const struct channel_settings *settings)
{
	struct err why = { 0 };

	if (p->input->template_check && settings->template_text.len &&
	    p->input->template_check(p->a, settings->template_text, settings->media_type, &why) < 0)
		(void)!problem_add(p->problem, STR_LIT("/template"), "template", "%s", why.text);
}

/* Secrets are compared, and shown only as having changed. */
static int channel_compare(struct store_tx *tx, struct planning *p, struct apply_object *object,
			   struct str *ret_before, struct str *ret_after, struct err *err)
{
	struct channel_secrets secrets = { 0 }, wanted;
	struct channel_row row;
	struct str made;
	int code = channel_find(tx, p->actor->workspace, object->name, &row, err), kind = 0;
	bool is_new = code == -ENOENT;

	if (code < 0 && !is_new)
		return code;
	if ((is_new || object->channel.has_kind) &&
	    word_read(object->channel.kind, channel_kind_words, STR_LIT("/kind"), &kind,
		      p->problem))
		return 0;
	if (is_new) {
		row = (struct channel_row){ .kind = (enum channel_kind)kind, .is_enabled = true };
	} else {
		if (object->channel.has_kind && kind != (int)row.kind)
			(void)!problem_add(p->problem, STR_LIT("/kind"), "kind",
					   "it is of kind %s, and stays so: give this one another "
					   "name",
					   channel_kind_words[row.kind]);
		TRY(channel_secrets_get(tx, row.no, &secrets, err));
		object->version = row.version;
		*ret_before = channel_json(p->a, &row);
	}
	wanted = secrets;
	(void)!channel_fields_read(p->a, &object->channel, tx->now_us, &row, &wanted, &made,
				   p->problem);
	template_check(p, &row.settings);
	*ret_after = channel_json(p->a, &row);
	if (object->version &&
	    (!str_eq(secrets.url, wanted.url) ||
	     (object->channel.has_signing && !str_eq(secrets.signing, wanted.signing))))
		*ret_after = str_printf(p->a, "%.*s,\"secrets\":\"changed\"}",
					STR(str_first(*ret_after, ret_after->len - 1)));
	return 0;
}

static int by_text(const void *one, const void *other)
{
	return str_cmp(*(const struct str *)one, *(const struct str *)other);
}

/* Its channels may be made by the same text. */
static void channels_check(struct planning *p, const struct apply_object *object,
			   struct store_tx *tx)
{
	for (size_t i = 0; i < object->rule.channel_count; i++) {
		struct str name = str_trim(object->rule.channels[i]);
		struct channel_row channel;
		bool is_there = false;

		for (size_t k = 0; k < p->text.count; k++)
			is_there |= p->text.objects[k].kind == APPLIED_CHANNEL &&
				    str_eq(p->text.objects[k].name, name);
		if (!is_there && channel_named(tx, p->actor->workspace, name, &channel, NULL) < 0)
			(void)!problem_add(p->problem, str_printf(p->a, "/to/%zu", i), "channel",
					   "there is no channel \"%.*s\"",
					   STR(str_first(name, 60)));
	}
}

static int rule_compare(struct store_tx *tx, struct planning *p, struct apply_object *object,
			struct str *ret_before, struct str *ret_after, struct err *err)
{
	struct rule_row row;
	int code = rule_find(tx, p->actor->workspace, object->name, &row, err);

	if (code < 0 && code != -ENOENT)
		return code;
	if (code == -ENOENT) {
		row = rule_blank(p->actor->workspace);
		if (!object->rule.has_channels)
			(void)!problem_add(p->problem, STR_NONE, "required",
					   "a rule needs channels: to");
	} else {
		object->version = row.version;
		qsort(row.names, row.channel_count, sizeof *row.names, by_text);
		*ret_before = rule_json(p->a, &row);
	}
	(void)!rule_fields_read(p->a, &object->rule, &row, p->problem);
	channels_check(p, object, tx);
	if (object->rule.has_channels) {
		row.channel_count = object->rule.channel_count;
		row.names = arena_array(p->a, row.channel_count + 1, sizeof *row.names);
		for (size_t i = 0; i < row.channel_count; i++)
			row.names[i] = str_trim(object->rule.channels[i]);
		qsort(row.names, row.channel_count, sizeof *row.names, by_text);
	}
	*ret_after = rule_json(p->a, &row);
	return 0;
}

/* ---- what goes ---- */

/* The object of that id as it stands now; -ENOENT. */
static int stored_of(struct store_tx *tx, struct planning *p, struct apply_object *object,
		     struct str *ret_before, struct err *err)
{
	int64_t workspace = p->actor->workspace;
	union {
		struct domain_row domain;
		struct schedule_row schedule;
		struct policy_row policy;
		struct channel_row channel;
		struct rule_row rule;
	} row;

#define STORED(kind_name, get)                                                                     \
	TRY(get(tx, workspace, object->id, &row.kind_name, err));                                  \
	object->name = row.kind_name.name;                                                         \
	object->version = row.kind_name.version;                                                   \
	*ret_before = kind_name##_json(p->a, &row.kind_name);                                      \
	return 0

	switch (object->kind) {
	case APPLIED_DOMAIN:
		STORED(domain, domain_by_id);
	case APPLIED_SCHEDULE:
		STORED(schedule, schedule_get);
	case APPLIED_POLICY:
		STORED(policy, policy_get);
	case APPLIED_CHANNEL:
		STORED(channel, channel_get);
	default:
		STORED(rule, rule_get);
	}
#undef STORED
}

static bool is_named(const struct planning *p, const struct apply_object *object)
{
	for (size_t i = 0; i < p->text.count; i++)
		if (p->text.objects[i].kind == object->kind &&
		    str_eq(p->text.objects[i].name, object->name))
			return true;
	return false;
}

static void step_add(struct planning *p, const struct apply_object *object,
		     enum apply_action action, struct str before, struct str after)
{
	struct apply_plan *plan = &p->plan;

	plan->objects[plan->count] = *object;
	plan->steps[plan->count++] = (struct apply_step){ .action = action,
							  .kind = object->kind,
							  .name = object->name,
							  .before = before,
							  .after = after };
	plan->counts[action]++;
}

static int prune(struct store_tx *tx, struct planning *p, enum applied_kind kind, struct uuid *ids,
		 size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct apply_object object = { .kind = kind, .id = ids[i] };
		struct str before;
		int code = stored_of(tx, p, &object, &before, err);

		if (code == -ENOENT)
			continue; /* somebody removed it */
		TRY(code);
		if (!is_named(p, &object))
			step_add(p, &object, APPLY_DELETE, before, STR_NONE);
	}
	return 0;
}

/* ---- all of it ---- */

static compare *const compares[APPLIED_KINDS] = {
	[APPLIED_DOMAIN] = domain_compare, [APPLIED_SCHEDULE] = schedule_compare,
	[APPLIED_POLICY] = policy_compare, [APPLIED_CHANNEL] = channel_compare,
	[APPLIED_RULE] = rule_compare,
};

static int plan_object(struct store_tx *tx, struct planning *p, struct apply_object *object,
		       struct err *err)
{
	struct str before = STR_NONE, after = STR_NONE;
	size_t errors = p->problem->count;

	TRY(compares[object->kind](tx, p, object, &before, &after, err));
	errors_place(p, object, errors);
	step_add(p, object,
		 !object->version        ? APPLY_CREATE
		 : str_eq(before, after) ? APPLY_NOTHING
					 : APPLY_UPDATE,
		 before, after);
	return 0;
}

static int plan_all(struct store_tx *tx, void *context, struct err *err)
{
	struct uuid *ids[APPLIED_KINDS];
	size_t counts[APPLIED_KINDS] = { 0 }, most;
	struct planning *p = context;

	store_keep(tx, p->a);
	most = p->text.count;
	for (size_t i = 0; p->input->prunes && i < APPLIED_KINDS; i++)
		if (p->text.has[i]) {
			TRY(applied_list(tx, p->actor->workspace, (enum applied_kind)i, &ids[i],
					 &counts[i], err));
			most += counts[i];
		}
	p->plan.steps = arena_array(p->a, most + 1, sizeof *p->plan.steps);
	p->plan.objects = arena_array(p->a, most + 1, sizeof *p->plan.objects);
	for (size_t i = 0; i < p->text.count && p->problem->count < PROBLEM_ERRORS; i++)
		TRY(plan_object(tx, p, &p->text.objects[i], err));
	for (size_t i = APPLIED_KINDS; i-- > 0;)
		TRY(prune(tx, p, applied_order[i], ids[applied_order[i]], counts[applied_order[i]],
			  err));
	return 0;
}

int app_apply_plan(struct app *app, const struct actor *actor, struct arena *a,
		   const struct apply_input *input, struct apply_plan *ret, struct problem *problem)
{
	static const enum scope scopes[APPLIED_KINDS] = {
		[APPLIED_DOMAIN] = SCOPE_DOMAINS_READ,  [APPLIED_SCHEDULE] = SCOPE_SCHEDULES_READ,
		[APPLIED_POLICY] = SCOPE_FINDINGS_READ, [APPLIED_CHANNEL] = SCOPE_CHANNELS_READ,
		[APPLIED_RULE] = SCOPE_CHANNELS_READ,
	};
	struct planning p = { .actor = actor, .a = a, .problem = problem, .input = input };

	TRY(actor_may(actor, SCOPE_DOMAINS_READ, problem));
	TRY(apply_read(a, input, &p.text, problem));
	for (size_t i = 0; i < APPLIED_KINDS; i++)
		if (p.text.has[i])
			TRY(actor_may(actor, scopes[i], problem));
	TRY(store_read(app->store, plan_all, &p, &problem->err));
	TRY(problem_code(problem));
	*ret = p.plan;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What would a rule have sent? */
#include "app/digest.h"
#include "app/match.h"
#include "app/rule.h"
#include "app/rule_fields.h"

enum { EVENTS_A_STEP = 1000 };
static const int64_t day_us = INT64_C(86400000000);

struct call {
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct str name_or_id;
	const struct rule_input *input;
	unsigned days;
	struct rule_row rule;
	struct digest digest; /* its hour */
	bool has_digest;
	int64_t after, last; /* event.sequence */
	struct preview out;
	struct preview_message window; /* the open one; events 0: none */
	size_t made;                   /* messages; the newest are kept, in a ring */
};

static int find_rule(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int64_t first, since;

	store_keep(tx, call->a);
	if (!call->name_or_id.len)
		call->rule = rule_blank(call->actor->workspace);
	else
		TRY(rule_named(tx, call->actor->workspace, call->name_or_id, &call->rule, err));
	if (call->input && rule_fields_read(call->a, call->input, &call->rule, call->problem) < 0)
		return err_set(err, -EINVAL, "%s", call->problem->errors[0].detail.data);
	call->rule.since = 0;
	call->has_digest = call->rule.digest_at.len &&
			   !digest_read(call->a, call->rule.digest_at, &call->digest, err);
	TRY(event_bounds(tx, &first, &call->last, err));
	TRY(event_since(tx, tx->now_us - call->days * day_us, &since, err));
	call->after = MAX(since - 1, call->last - PREVIEW_EVENTS);
	call->out.is_cut = since - 1 < call->after;
	return 0;
}

static void message_add(struct call *call, const struct preview_message *message)
{
	struct preview_message *kept = &call->out.messages[call->made++ % PREVIEW_MESSAGES];

	*kept = *message;
	++*(message->is_digest ? &call->out.digests : &call->out.alone);
}

static void window_close(struct call *call)
{
	if (call->window.events)
		message_add(call, &call->window);
	call->window.events = 0;
}

static struct event_row event_kept(struct arena *a, const struct event_row *event)
{
	struct event_row kept = *event;

	kept.name = str_copy(a, event->name);
	kept.data = str_copy(a, event->data);
	kept.trace = STR_NONE;
	return kept;
}

/* As routing has it (app/route.c). */
static int64_t digest_due(const struct call *call, int64_t at)
{
	int64_t due = at + call->rule.digest_s * INT64_C(1000000);

	if (call->has_digest)
		(void)!digest_next(&call->digest, at, &due);
	return due;
}

static void event_add(struct call *call, const struct event_row *event, enum match_answer answer)
{
	call->out.wanted++;
	if (answer == MATCH_NOW) {
		message_add(call, &(struct preview_message){ .at = event->at,
							     .events = 1,
							     .first = event_kept(call->a, event) });
		return;
	}
	if (!call->window.events++)
		call->window = (struct preview_message){ .at = digest_due(call, event->at),
							 .is_digest = true,
							 .events = 1,
							 .first = event_kept(call->a, event) };
}

static int event_look(struct store_tx *tx, struct call *call, const struct event_row *event,
		      struct domain_row *domain, struct err *err)
{
	enum match_answer answer = match_event(&call->rule, event);
	bool is_there = false, is_broken;

	call->out.events++;
	if (!call->out.from)
		call->out.from = event->at;
	if (call->window.events && event->at >= call->window.at)
		window_close(call);
	if (answer == MATCH_NO)
		return 0;
	if (event->domain && !str_eq_nocase(call->rule.selector, STR_LIT("all"))) {
		int code = domain->no == event->domain ? 0
						       : domain_get(tx, event->domain, domain, err);

		if (code < 0 && code != -ENOENT)
			return code;
		is_there = code == 0;
	}
	if (match_domain(tx->a, &call->rule, is_there ? domain : NULL, &is_broken))
		event_add(call, event, answer);
	return 0;
}

static int look_step(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct domain_row domain = { 0 };
	struct event_row *events;
	size_t count;

	TRY(event_after(tx, call->actor->workspace, call->after, EVENTS_A_STEP, &events, &count,
			err));
	for (size_t i = 0; i < count; i++)
		TRY(event_look(tx, call, &events[i], &domain, err));
	call->after = count ? events[count - 1].sequence : call->last;
	return 0;
}

/* The ring, from its oldest on. */
static void messages_order(struct call *call)
{
	size_t kept = MIN(call->made, (size_t)PREVIEW_MESSAGES), first = call->made - kept;
	struct preview_message *ordered = arena_array(call->a, kept + 1, sizeof *ordered);

	for (size_t i = 0; i < kept; i++)
		ordered[i] = call->out.messages[(first + i) % PREVIEW_MESSAGES];
	call->out.messages = ordered;
	call->out.message_count = kept;
}

int app_rule_preview(struct app *app, const struct actor *actor, struct arena *a,
		     struct str name_or_id, const struct rule_input *input, unsigned days,
		     struct preview *ret, struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = a,
			     .problem = problem,
			     .name_or_id = name_or_id,
			     .input = input,
			     .days = days };

	TRY(actor_may(actor, SCOPE_CHANNELS_READ, problem));
	TRY(actor_may(actor, SCOPE_EVENTS_READ, problem));
	if (days < 1 || days > PREVIEW_DAYS)
		return problem_add(problem, STR_LIT("/preview"), "range", "1 to %d days",
				   PREVIEW_DAYS);
	TRY(store_read(app->store, find_rule, &call, &problem->err));
	call.out.messages = arena_array(a, PREVIEW_MESSAGES, sizeof *call.out.messages);
	while (call.after < call.last)
		TRY(store_read(app->store, look_step, &call, &problem->err));
	window_close(&call);
	messages_order(&call);
	*ret = call.out;
	return 0;
}

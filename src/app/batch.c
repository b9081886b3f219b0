/* SPDX-License-Identifier: Apache-2.0 */
/* How does one ask for many scans at once, and stop them? */
#include "app/batch.h"

#include "app/backlog.h"
#include "app/domain.h"
#include "app/idempotency.h"
#include "app/named.h"
#include "app/record.h"
#include "app/scan_finish.h"
#include "app/selector.h"
#include "app/text.h"
#include "base/json.h"
#include "model/profile.h"

enum { CANCEL_STEP = 500 };

struct call {
	const struct app *app;
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct batch_row row;
	struct str *names;
	size_t name_count;
	struct uuid id;
	size_t cancelled; /* of one step */
};

/* ---- asking ---- */

static void names_read(struct call *call, const struct batch_input *input, struct problem *problem)
{
	call->names = arena_array(call->a, input->name_count, sizeof *call->names);
	call->name_count = input->name_count;
	for (size_t i = 0; i < input->name_count && problem->count < PROBLEM_ERRORS; i++) {
		struct field_error error;
		struct str note;

		if (domain_name_read(call->a, input->names[i], STR_LIT("/names"), &call->names[i],
				     &note, &error))
			(void)!problem_add(problem, str_printf(call->a, "/names/%zu", i),
					   error.code.data, "%.*s", STR(error.detail));
	}
}

static void selector_check(struct call *call, struct str selector, struct problem *problem)
{
	struct domain_filter filter = { 0 };
	struct err err = { 0 };

	if (selector_read(call->a, selector, &filter, &err) < 0)
		(void)!problem_add(problem, STR_LIT("/selector"), "selector", "%s", err.text);
	call->row.selector = str_trim(selector);
}

static int input_read(struct call *call, const struct batch_input *input, struct problem *problem)
{
	if (!input->name_count == !input->selector.len)
		return problem_add(problem, STR_LIT(""), "choice",
				   "either names or a selector say which domains are meant");
	if (input->name_count > BATCH_NAMES)
		return problem_add(problem, STR_LIT("/names"), "too-long",
				   "at most %d names, here are %zu", BATCH_NAMES,
				   input->name_count);
	call->row.profile = BATCH_NO_PROFILE;
	call->row.priority = PRIORITY_BULK;
	if (input->profile.len)
		(void)!word_read(input->profile, profile_words, STR_LIT("/profile"),
				 &call->row.profile, problem);
	if (input->priority.len)
		(void)!word_read(input->priority, scan_priority_words, STR_LIT("/priority"),
				 &call->row.priority, problem);
	if (input->selector.len)
		selector_check(call, input->selector, problem);
	else
		names_read(call, input, problem);
	return problem_code(problem);
}

static struct str what_for(struct call *call)
{
	struct buf out;
	struct json w;

	buf_init(&out, call->a);
	json_init(&w, &out);
	json_object(&w);
	if (call->row.selector.len) {
		json_key(&w, "selector");
		json_str(&w, call->row.selector);
	} else {
		json_key(&w, "names");
		json_uint(&w, call->name_count);
	}
	json_end(&w);
	return buf_str(&out);
}

static int start_batch(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct str data = what_for(call);

	store_keep(tx, call->a);
	TRY(batch_insert(tx, &call->row, err));
	if (call->name_count)
		TRY(batch_add_names(tx, call->row.id, call->names, call->name_count, err));
	TRY(record_event(tx, call->actor,
			 (struct event_row){ .type = EVENT_BATCH_CREATED,
					     .object = call->row.id,
					     .severity = -1,
					     .data = data },
			 err));
	TRY(record_audit(tx, call->actor, "batch.create", id_text(tx->a, "bat", call->row.id),
			 STR_NONE, data, err));
	return claim_keep(tx, call->app, call->actor, &call->row, true, err);
}

int app_batch_start(struct app *app, const struct actor *actor, struct arena *a,
		    const struct batch_input *input, struct batch_row *ret, struct problem *problem)
{
	struct call call = { .app = app, .actor = actor, .a = a, .problem = problem };

	TRY(actor_may(actor, SCOPE_SCANS_WRITE, problem));
	if (input->name_count)
		TRY(actor_may(actor, SCOPE_DOMAINS_WRITE, problem)); /* new ones are added */
	TRY(input_read(&call, input, problem));
	TRY(backlog_check(app, problem));
	call.row.workspace = actor->workspace;
	call.row.cause = input->cause;
	call.row.created_by = actor->id;
	call.row.trace = actor->trace;
	TRY(store_write(app->store, start_batch, &call, &problem->err));
	*ret = call.row;
	return 0;
}

/* ---- watching ---- */

static int id_read(struct str text, struct call *call)
{
	if (id_parse(text, "bat", &call->id, NULL) < 0)
		return err_set(&call->problem->err, -ENOENT, "there is no batch \"%.*s\"",
			       STR(str_first(text, 60)));
	return 0;
}

static int own_batch(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	char id[ID_TEXT_BYTES];
	int code;

	store_keep(tx, call->a);
	code = batch_get(tx, call->id, &call->row, err);
	if (code < 0 && code != -ENOENT)
		return code;
	if (code < 0 || call->row.workspace != call->actor->workspace)
		return err_set(err, -ENOENT, "there is no batch %s",
			       id_format(id, "bat", call->id));
	return 0;
}

int app_batch_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		  struct batch_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	TRY(actor_may(actor, SCOPE_SCANS_READ, problem));
	TRY(id_read(id, &call));
	TRY(store_read(app->store, own_batch, &call, &problem->err));
	*ret = call.row;
	return 0;
}

APP_LIST(app_batch_list, SCOPE_SCANS_READ, struct batch_row, batch_list);

/* ---- stopping ---- */

static int cancel_batch(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(own_batch(tx, call, err));
	TRY(batch_cancel(tx, call->id, err));
	TRY(record_event(tx, call->actor,
			 (struct event_row){ .type = EVENT_BATCH_COMPLETED,
					     .object = call->id,
					     .severity = -1,
					     .data = STR_LIT("{\"cancelled\":true}") },
			 err));
	return record_audit(tx, call->actor, "batch.cancel", id_text(tx->a, "bat", call->id),
			    STR_NONE, STR_NONE, err);
}

static int cancel_step(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct uuid *scans;

	TRY(batch_cancel_scans(tx, call->id, CANCEL_STEP, &scans, &call->cancelled, err));
	for (size_t i = 0; i < call->cancelled; i++) {
		struct scan_row scan;

		TRY(scan_get(tx, scans[i], &scan, err));
		TRY(scan_tell_end(tx, &scan, STR_NONE, err));
	}
	return 0;
}

int app_batch_cancel(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		     struct batch_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };

	TRY(actor_may(actor, SCOPE_SCANS_WRITE, problem));
	TRY(id_read(id, &call));
	TRY(store_write(app->store, cancel_batch, &call, &problem->err));
	do
		TRY(store_write(app->store, cancel_step, &call, &problem->err));
	while (call.cancelled);
	TRY(store_read(app->store, own_batch, &call, &problem->err));
	*ret = call.row;
	return 0;
}

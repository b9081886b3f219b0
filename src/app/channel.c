/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done with the channels of a workspace? */
#include "app/channel.h"

#include "app/channel_fields.h"
#include "app/named.h"
#include "app/record.h"
#include "app/route.h"
#include "app/text.h"

struct call {
	const struct actor *actor;
	struct arena *a;
	struct problem *problem;
	struct str name_or_id;
	int64_t version;
	const struct channel_input *input;
	struct channel_row row;
	struct channel_secrets secrets;
	struct str signing;
	struct delivery_row delivery;
};

APP_NAMED(channel_named, struct channel_row, "channel", "chn", channel_get, channel_find);
APP_GET(app_channel_get, SCOPE_CHANNELS_READ, struct channel_row, channel_named);
APP_LIST(app_channel_list, SCOPE_CHANNELS_READ, struct channel_row, channel_list);

static int find_for_write(struct store_tx *tx, struct call *call, struct err *err)
{
	TRY(channel_named(tx, call->actor->workspace, call->name_or_id, &call->row, err));
	return version_check(call->version, call->row.version, call->row.name, call->problem, err);
}

static int refused(const struct call *call, struct err *err)
{
	return err_set(err, -EINVAL, "%s", call->problem->errors[0].detail.data);
}

/* ---- add ---- */

static int add_channel(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	int64_t count;

	TRY(channel_count(tx, call->actor->workspace, &count, err));
	if (count >= CHANNELS)
		return err_set(err, -EDQUOT, "a workspace has at most %d channels", CHANNELS);
	TRY(channel_insert(tx, &call->row, &call->secrets, err));
	TRY(record_made(tx, call->actor, APPLIED_CHANNEL, call->row.id, err));
	return record_audit(tx, call->actor, "channel.create", call->row.name, STR_NONE,
			    channel_json(tx->a, &call->row), err);
}

int app_channel_add(struct app *app, const struct actor *actor, struct arena *a,
		    const struct channel_input *input, struct channel_row *ret,
		    struct str *ret_signing, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .problem = problem };
	int kind = CHANNEL_WEBHOOK;

	TRY(actor_may(actor, SCOPE_CHANNELS_WRITE, problem));
	if (!input->has_name)
		problem_add(problem, STR_LIT("/name"), "required", "a channel needs a name");
	if (!input->has_kind)
		return problem_add(problem, STR_LIT("/kind"), "required",
				   "a channel needs a kind: webhook, slack, mail, amqp, script");
	TRY(word_read(input->kind, channel_kind_words, STR_LIT("/kind"), &kind, problem));
	call.row = (struct channel_row){ .workspace = actor->workspace,
					 .kind = (enum channel_kind)kind,
					 .is_enabled = true };
	TRY(channel_fields_read(a, input, 0, &call.row, &call.secrets, &call.signing, problem));
	TRY(store_write(app->store, add_channel, &call, &problem->err));
	*ret = call.row;
	*ret_signing = call.signing;
	return 0;
}

/* ---- change ---- */

static int update_channel(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct channel_row before;

	store_keep(tx, call->a);
	problem_init(call->problem, call->problem->a);
	TRY(find_for_write(tx, call, err));
	TRY(channel_secrets_get(tx, call->row.no, &call->secrets, err));
	before = call->row;
	if (channel_fields_read(call->a, call->input, tx->now_us, &call->row, &call->secrets,
				&call->signing, call->problem) < 0)
		return refused(call, err);
	if (call->input->has_enabled && call->row.is_enabled) {
		call->row.reason = STR_NONE;
		call->row.failures = call->row.rest_until = 0;
		if (!before.is_enabled)
			TRY(route_begin(tx, err));
	}
	TRY(channel_update(tx, &call->row, &call->secrets, err));
	return record_audit(tx, call->actor, "channel.update", before.name,
			    channel_json(tx->a, &before), channel_json(tx->a, &call->row), err);
}

int app_channel_update(struct app *app, const struct actor *actor, struct arena *a,
		       struct str name_or_id, int64_t version, const struct channel_input *input,
		       struct channel_row *ret, struct str *ret_signing, struct problem *problem)
{
	struct call call = { .actor = actor,
			     .a = a,
			     .problem = problem,
			     .name_or_id = name_or_id,
			     .version = version,
			     .input = input };

	TRY(actor_may(actor, SCOPE_CHANNELS_WRITE, problem));
	TRY(store_write(app->store, update_channel, &call, &problem->err));
	*ret = call.row;
	*ret_signing = call.signing;
	return 0;
}

static int delete_channel(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	TRY(find_for_write(tx, call, err));
	TRY(record_removed(tx, call->actor, APPLIED_CHANNEL, call->row.id, err));
	TRY(channel_delete(tx, call->row.no, err));
	return record_audit(tx, call->actor, "channel.delete", call->row.name,
			    channel_json(tx->a, &call->row), STR_NONE, err);
}

int app_channel_delete(struct app *app, const struct actor *actor, struct str name_or_id,
		       int64_t version, struct problem *problem)
{
	struct call call = {
		.actor = actor, .problem = problem, .name_or_id = name_or_id, .version = version
	};

	TRY(actor_may(actor, SCOPE_CHANNELS_WRITE, problem));
	return store_write(app->store, delete_channel, &call, &problem->err);
}

static int test_channel(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	TRY(channel_named(tx, call->actor->workspace, call->name_or_id, &call->row, err));
	if (!call->row.is_enabled)
		return err_set(err, -EALREADY, "channel %.*s is disabled%s%.*s: enable it first",
			       STR(call->row.name), call->row.reason.len ? ": " : "",
			       STR(call->row.reason));
	TRY(channel_fared(tx, call->row.no, 0, 0, 0, err));
	call->delivery = (struct delivery_row){ .workspace = call->row.workspace,
						.channel = call->row.no,
						.channel_name = call->row.name,
						.recipient = STR_LIT(""),
						.kind = DELIVERY_TEST,
						.state = DELIVERY_WAITING,
						.domain = DELIVERY_ALONE,
						.due_at = tx->now_us };
	TRY(delivery_insert(tx, &call->delivery, err));
	return record_audit(tx, call->actor, "channel.test", call->row.name, STR_NONE, STR_NONE,
			    err);
}

int app_channel_test(struct app *app, const struct actor *actor, struct arena *a,
		     struct str name_or_id, struct delivery_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .name_or_id = name_or_id };

	TRY(actor_may(actor, SCOPE_CHANNELS_WRITE, problem));
	TRY(store_write(app->store, test_channel, &call, &problem->err));
	*ret = call.delivery;
	return 0;
}

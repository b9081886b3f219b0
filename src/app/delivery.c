/* SPDX-License-Identifier: Apache-2.0 */
/* What went where? */
#include "app/delivery.h"

#include "app/channel.h"
#include "app/record.h"
#include "app/text.h"

struct call {
	const struct actor *actor;
	struct arena *a;
	const struct delivery_choice *choice;
	int state;
	struct uuid id;
	struct delivery_row row;
	struct event_row *events;
	const struct page *page;
	struct delivery_row *rows;
	size_t count;
	struct str next;
};

static int list_deliveries(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct channel_row channel = { 0 };

	store_keep(tx, call->a);
	if (call->choice->channel.len)
		TRY(channel_named(tx, call->actor->workspace, call->choice->channel, &channel,
				  err));
	return delivery_list(tx, call->actor->workspace, channel.no, call->state, call->page,
			     &call->rows, &call->count, &call->next, err);
}

int app_delivery_list(struct app *app, const struct actor *actor, struct arena *a,
		      const struct delivery_choice *choice, const struct page *page,
		      struct delivery_row **ret, size_t *ret_count, struct str *ret_next,
		      struct problem *problem)
{
	struct call call = { .actor = actor, .a = a, .choice = choice, .page = page, .state = -1 };

	TRY(actor_may(actor, SCOPE_CHANNELS_READ, problem));
	TRY(page_check(page, problem));
	if (choice->state.len)
		TRY(word_read(choice->state, delivery_state_words, STR_LIT("/state"), &call.state,
			      problem));
	TRY(page_code(store_read(app->store, list_deliveries, &call, &problem->err), problem));
	*ret = call.rows;
	*ret_count = call.count;
	*ret_next = call.next;
	return 0;
}

static int id_read(struct str text, struct call *call, struct problem *problem)
{
	if (id_parse(text, "dlv", &call->id, NULL) < 0)
		return err_set(&problem->err, -ENOENT, "there is no delivery \"%.*s\"",
			       STR(str_first(text, 60)));
	return 0;
}

static int get_delivery(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;

	store_keep(tx, call->a);
	TRY(delivery_get(tx, call->actor->workspace, call->id, &call->row, err));
	TRY(delivery_attempts(tx, call->row.no, &call->row.attempts, &call->row.attempt_count,
			      err));
	return delivery_events(tx, call->row.no, &call->events, &call->count, err);
}

int app_delivery_get(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		     struct delivery_row *ret, struct event_row **ret_events, size_t *ret_count,
		     struct problem *problem)
{
	struct call call = { .actor = actor, .a = a };

	TRY(actor_may(actor, SCOPE_CHANNELS_READ, problem));
	TRY(id_read(id, &call, problem));
	TRY(store_read(app->store, get_delivery, &call, &problem->err));
	*ret = call.row;
	*ret_events = call.events;
	*ret_count = call.count;
	return 0;
}

static int send_again(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	struct channel_row channel;

	store_keep(tx, call->a);
	TRY(delivery_get(tx, call->actor->workspace, call->id, &call->row, err));
	TRY(channel_by_no(tx, call->row.channel, &channel, err));
	if (!channel.is_enabled)
		return err_set(err, -EALREADY, "channel %.*s is disabled: enable it first",
			       STR(channel.name));
	TRY(delivery_again(tx, call->row.no, err));
	TRY(record_audit(tx, call->actor, "delivery.again", id_text(tx->a, "dlv", call->id),
			 STR_NONE, STR_NONE, err));
	return delivery_get(tx, call->actor->workspace, call->id, &call->row, err);
}

int app_delivery_again(struct app *app, const struct actor *actor, struct arena *a, struct str id,
		       struct delivery_row *ret, struct problem *problem)
{
	struct call call = { .actor = actor, .a = a };

	TRY(actor_may(actor, SCOPE_CHANNELS_WRITE, problem));
	TRY(id_read(id, &call, problem));
	TRY(store_write(app->store, send_again, &call, &problem->err));
	*ret = call.row;
	return 0;
}

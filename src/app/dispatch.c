/* SPDX-License-Identifier: Apache-2.0 */
/* Which deliveries may go now, and what became of them? */
#include "app/dispatch.h"

#include "app/record.h"
#include "base/json.h"
#include "store/workspace.h"

enum { SECOND_US = 1000000, MINUTE_S = 60, HOUR_S = 3600, REST_S = 60, HOLDERS = 64, SWEPT = 100 };

/* ---- what may go ---- */

/* Messages that are taken for one receiver at once; the sender has fewer under way. */
static const unsigned in_flight[CHANNEL_KINDS] = { [CHANNEL_WEBHOOK] = 32,
						   [CHANNEL_SLACK] = 1,
						   [CHANNEL_MAIL] = 2,
						   [CHANNEL_AMQP] = 64,
						   [CHANNEL_SCRIPT] = 1 };

struct call {
	struct dispatch_take *take;
	struct arena *a;
	struct buf items;
};

static int item_fill(struct store_tx *tx, struct dispatch_item *item, struct err *err)
{
	struct workspace_row workspace;

	TRY(channel_secrets_get(tx, item->channel.no, &item->secrets, err));
	TRY(delivery_events(tx, item->delivery.no, &item->events, &item->event_count, err));
	TRY(workspace_get(tx, item->channel.workspace, &workspace, err));
	item->workspace = workspace.name;
	return 0;
}

static int take_of(struct store_tx *tx, struct call *call, const struct channel_row *channel,
		   unsigned *room, struct err *err)
{
	bool is_probe = channel->failures >= DISPATCH_BREAK;
	int64_t may = is_probe ? 1 : in_flight[channel->kind], sending;
	struct delivery_row *rows;
	size_t count;

	TRY(delivery_sending(tx, channel->no, &sending, err));
	may = MIN(may - sending, (int64_t)*room);
	if (may <= 0)
		return 0;
	TRY(delivery_ready(tx, channel->no, (unsigned)may, &rows, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct dispatch_item item = { .delivery = rows[i], .channel = *channel };

		TRY(delivery_take(tx, &item.delivery, call->take->holder,
				  tx->now_us + DISPATCH_LEASE_S * INT64_C(1000000), err));
		TRY(item_fill(tx, &item, err));
		buf_put(&call->items, &item, sizeof item);
	}
	*room -= (unsigned)count;
	return 0;
}

static int take_ready(struct store_tx *tx, void *context, struct err *err)
{
	struct call *call = context;
	unsigned room = call->take->room;
	struct channel_row *channels;
	size_t count;

	store_keep(tx, call->a);
	call->items.len = 0;
	TRY(delivery_close_windows(tx, &call->take->closed, err));
	TRY(delivery_reclaim(tx, &call->take->reclaimed, err));
	TRY(channel_due(tx, &channels, &count, err));
	for (size_t i = 0; i < count && room; i++) /* from another one each time: all get a turn */
		TRY(take_of(tx, call, &channels[(i + (size_t)(tx->now_us / SECOND_US)) % count],
			    &room, err));
	return 0;
}

struct due {
	int64_t due_at, now_us;
};

static int next_due(struct store_tx *tx, void *context, struct err *err)
{
	struct due *due = context;

	due->now_us = tx->now_us;
	return delivery_next_due(tx, &due->due_at, err);
}

int dispatch_take(struct store *store, struct arena *a, struct dispatch_take *take, struct err *err)
{
	struct call call = { .take = take, .a = a };
	struct due due;

	take->items = NULL;
	take->count = 0;
	take->closed = take->reclaimed = 0;
	take->wait_us = -1;
	TRY(store_read(store, next_due, &due, err));
	if (!due.due_at)
		return 0;
	if (due.due_at > due.now_us) {
		take->wait_us = due.due_at - due.now_us;
		return 0;
	}
	buf_init(&call.items, a);
	TRY(store_write(store, take_ready, &call, err));
	take->items = (struct dispatch_item *)call.items.data;
	take->count = call.items.len / sizeof *take->items;
	take->wait_us = SECOND_US; /* what is due waits for others of its channel: they wake us */
	return 0;
}

struct renewal {
	struct uuid holder;
};

static int renew(struct store_tx *tx, void *context, struct err *err)
{
	const struct renewal *renewal = context;

	return delivery_renew(tx, renewal->holder, tx->now_us + DISPATCH_LEASE_S * INT64_C(1000000),
			      err);
}

int dispatch_renew(struct store *store, struct uuid holder, struct err *err)
{
	struct renewal renewal = { holder };

	return store_write(store, renew, &renewal, err);
}

/* ---- what came of it ---- */

static const int32_t delays_s[DISPATCH_ATTEMPTS - 1] = {
	5,           5 * MINUTE_S, 30 * MINUTE_S, 2 * HOUR_S,  5 * HOUR_S,
	10 * HOUR_S, 14 * HOUR_S,  20 * HOUR_S,   24 * HOUR_S,
};

int64_t dispatch_delay_us(int64_t attempt)
{
	if (attempt < 1 || attempt >= DISPATCH_ATTEMPTS)
		return 0;
	return delays_s[attempt - 1] * INT64_C(1000000);
}

/* A tenth longer or shorter, drawn from the delivery and its attempt. */
static int64_t jitter(int64_t delay_us, const struct delivery_row *row)
{
	uint64_t drawn = str_hash(str_bytes(row->id.octets, UUID_BYTES)) +
			 (uint64_t)row->attempt * UINT64_C(0x9e3779b97f4a7c15);

	return delay_us - delay_us / 10 + delay_us / 5 * (int64_t)(drawn >> 40 & 1023) / 1023;
}

static int64_t rest_us(int64_t failures)
{
	int64_t doublings = MIN(failures - DISPATCH_BREAK, INT64_C(6));

	return failures < DISPATCH_BREAK
		       ? 0
		       : MIN((int64_t)MINUTE_S << doublings, (int64_t)HOUR_S) * SECOND_US;
}

static int tell(struct store_tx *tx, enum event_type type, const struct channel_row *channel,
		const struct delivery_row *delivery, struct str why, struct err *err)
{
	struct actor self = actor_of_machine(ACTOR_SYSTEM, channel->workspace, STR_LIT("notifier"));
	char id[ID_TEXT_BYTES];
	struct buf out;
	struct json w;

	buf_init(&out, tx->a);
	json_init(&w, &out);
	json_object(&w);
	json_key(&w, "name");
	json_str(&w, channel->name);
	if (delivery) {
		json_key(&w, "delivery");
		json_text(&w, id_format(id, "dlv", delivery->id));
		json_key(&w, "attempts");
		json_int(&w, delivery->attempt);
	}
	json_key(&w, "text");
	json_str(&w, str_first(why, 500));
	json_end(&w);
	return record_event(tx, &self,
			    (struct event_row){ .type = (int)type,
						.object = channel->id,
						.severity = -1,
						.data = buf_str(&out) },
			    err);
}

static bool asks_to_wait(const struct dispatch_result *result)
{
	return !result->is_delivered && !result->is_final && !result->is_mail &&
	       (result->last.status == 429 ||
		(result->last.status == 503 && result->retry_after_s > 0));
}

/* What becomes of it? */
static void decide(struct store_tx *tx, struct dispatch_result *result,
		   const struct delivery_row *row)
{
	int64_t delay_us = dispatch_delay_us(row->attempt);

	result->due_at = tx->now_us;
	result->state = DELIVERY_WAITING;
	if (result->is_delivered) {
		result->state = DELIVERY_DELIVERED;
	} else if (asks_to_wait(result)) {
		result->due_at +=
			(result->retry_after_s ? MIN(result->retry_after_s, 24 * HOUR_S) : REST_S) *
			INT64_C(1000000);
	} else if (result->is_final || (result->last.status == 410 && !result->is_mail) ||
		   !delay_us || row->kind == DELIVERY_TEST) {
		result->state = DELIVERY_FAILED;
	} else {
		result->due_at += jitter(delay_us, row);
	}
}

static int channel_settle(struct store_tx *tx, struct dispatch_result *result,
			  const struct channel_row *channel, const struct delivery_row *row,
			  struct err *err)
{
	int64_t failures = channel->failures + 1, rest_until;

	if (result->is_delivered)
		return channel->failures || channel->rest_until ||
				       tx->now_us - channel->delivered_at > SECOND_US
			       ? channel_fared(tx, channel->no, 0, 0, tx->now_us, err)
			       : 0;
	if (result->is_ours)
		return 0;
	if (asks_to_wait(result))
		return channel_fared(tx, channel->no, channel->failures,
				     MAX(channel->rest_until, result->due_at), 0, err);
	if (result->last.status == 410 && !result->is_mail) {
		struct str why = STR_LIT("its receiver answered 410 Gone");

		TRY(channel_disable(tx, channel->no, why, &result->has_disabled, err));
		if (result->has_disabled)
			TRY(tell(tx, EVENT_DELIVERY_DISABLED, channel, row, why, err));
	}
	rest_until =
		failures < DISPATCH_BREAK ? channel->rest_until : tx->now_us + rest_us(failures);
	TRY(channel_fared(tx, channel->no, failures, rest_until, 0, err));
	if (failures == DISPATCH_BREAK)
		TRY(tell(tx, EVENT_DELIVERY_FAILED, channel, NULL,
			 STR_LIT("5 attempts in a row have failed: the channel rests, and is tried "
				 "again now and then"),
			 err));
	return 0;
}

static int settle_one(struct store_tx *tx, struct dispatch_result *result, struct err *err)
{
	struct channel_row channel = { 0 };
	struct delivery_row row = { 0 };
	int code = channel_by_no(tx, result->channel, &channel, err);

	result->is_stale = result->has_disabled = false;
	if (code == 0)
		code = delivery_by_no(tx, result->no, &row, err);
	if (code == 0) {
		row.attempt = result->attempt;
		decide(tx, result, &row);
		/* Who is asked to wait keeps its place: it is the channel that rests. */
		code = delivery_settle(tx, result->no, result->token, result->state,
				       asks_to_wait(result) ? row.due_at : result->due_at,
				       !asks_to_wait(result), &result->last, err);
	}
	if (code == -ENOENT || code == -ESTALE) { /* deleted, or another's */
		result->is_stale = true;
		return 0;
	}
	TRY(code);
	TRY(channel_settle(tx, result, &channel, &row, err));
	if (result->state != DELIVERY_FAILED || row.kind == DELIVERY_TEST)
		return 0;
	return tell(tx, EVENT_DELIVERY_FAILED, &channel, &row,
		    result->last.error.len ? result->last.error : STR_LIT("it was refused"), err);
}

struct settling {
	struct dispatch_result *results;
	size_t count;
};

static int settle_all(struct store_tx *tx, void *context, struct err *err)
{
	struct settling *settling = context;

	for (size_t i = 0; i < settling->count; i++) {
		struct arena_mark mark = arena_mark(tx->a);

		TRY(settle_one(tx, &settling->results[i], err));
		arena_rewind(tx->a, mark);
	}
	return 0;
}

int dispatch_settle(struct store *store, struct dispatch_result *results, size_t count,
		    struct err *err)
{
	struct settling settling = { results, count };

	return store_write(store, settle_all, &settling, err);
}

/* ---- now and then ---- */

struct rescue {
	struct uuid holders[HOLDERS];
	size_t count;
	int64_t freed;
};

static int find_holders(struct store_tx *tx, void *context, struct err *err)
{
	struct rescue *rescue = context;
	struct uuid *found;

	TRY(delivery_holders(tx, HOLDERS, &found, &rescue->count, err));
	for (size_t i = 0; i < rescue->count; i++)
		rescue->holders[i] = found[i];
	return 0;
}

static int free_holders(struct store_tx *tx, void *context, struct err *err)
{
	struct rescue *rescue = context;
	int64_t freed;

	rescue->freed = 0;
	for (size_t i = 0; i < rescue->count; i++) {
		TRY(delivery_reclaim_of(tx, rescue->holders[i], &freed, err));
		rescue->freed += freed;
	}
	return 0;
}

int dispatch_rescue(struct store *store, bool (*is_dead)(void *context, struct uuid holder),
		    void *context, int64_t *ret_count, struct err *err)
{
	struct rescue rescue;
	size_t dead = 0;

	*ret_count = 0;
	TRY(store_read(store, find_holders, &rescue, err));
	for (size_t i = 0; i < rescue.count; i++)
		if (is_dead(context, rescue.holders[i]))
			rescue.holders[dead++] = rescue.holders[i];
	rescue.count = dead;
	if (!dead)
		return 0;
	TRY(store_write(store, free_holders, &rescue, err));
	*ret_count = rescue.freed;
	return 0;
}

struct sweep {
	int64_t given_up, beats, overdue;
};

static int64_t all_retries_us(void)
{
	int64_t sum_us = (int64_t)HOUR_S * SECOND_US;

	for (int64_t attempt = 1; attempt < DISPATCH_ATTEMPTS; attempt++)
		sum_us += dispatch_delay_us(attempt) + dispatch_delay_us(attempt) / 10;
	return sum_us;
}

static int give_up(struct store_tx *tx, struct sweep *sweep, struct err *err)
{
	struct delivery_row *rows;
	size_t count;

	TRY(delivery_overdue(tx, tx->now_us - all_retries_us(), SWEPT, &rows, &count, err));
	for (size_t i = 0; i < count; i++) {
		struct str why = STR_LIT("it waited for longer than it is tried");
		struct channel_row channel;

		TRY(delivery_give_up(tx, rows[i].no, why, err));
		TRY(channel_by_no(tx, rows[i].channel, &channel, err));
		TRY(tell(tx, EVENT_DELIVERY_FAILED, &channel, &rows[i], why, err));
	}
	sweep->given_up = (int64_t)count;
	return 0;
}

static int beat(struct store_tx *tx, struct sweep *sweep, struct err *err)
{
	struct channel_row *rows;
	size_t count;

	TRY(channel_enabled(tx, &rows, &count, err));
	for (size_t i = 0; i < count; i++) {
		int64_t quiet_us = tx->now_us - MAX(rows[i].delivered_at, rows[i].created_at);
		struct delivery_row row = { .workspace = rows[i].workspace,
					    .channel = rows[i].no,
					    .recipient = STR_LIT(""),
					    .kind = DELIVERY_HEARTBEAT,
					    .state = DELIVERY_WAITING,
					    .domain = DELIVERY_ALONE,
					    .due_at = tx->now_us };
		int64_t waiting;

		if (!rows[i].settings.heartbeat_s ||
		    quiet_us < rows[i].settings.heartbeat_s * SECOND_US)
			continue;
		TRY(delivery_pending(tx, rows[i].no, &waiting, err));
		if (waiting) /* it is said already that something is wrong */
			continue;
		TRY(delivery_insert(tx, &row, err));
		sweep->beats++;
	}
	return 0;
}

static int sweep_look(struct store_tx *tx, void *context, struct err *err)
{
	struct sweep *sweep = context;
	struct channel_row *channels;
	struct delivery_row *rows;
	size_t overdue, count;

	TRY(delivery_overdue(tx, tx->now_us - all_retries_us(), 1, &rows, &overdue, err));
	TRY(channel_enabled(tx, &channels, &count, err));
	sweep->overdue = overdue > 0;
	for (size_t i = 0; i < count; i++)
		sweep->overdue |= channels[i].settings.heartbeat_s > 0;
	return 0;
}

static int sweep_write(struct store_tx *tx, void *context, struct err *err)
{
	struct sweep *sweep = context;

	sweep->given_up = sweep->beats = 0;
	TRY(give_up(tx, sweep, err));
	return beat(tx, sweep, err);
}

int dispatch_sweep(struct store *store, int64_t *ret_given_up, int64_t *ret_beats, struct err *err)
{
	struct sweep sweep = { 0 };

	TRY(store_read(store, sweep_look, &sweep, err));
	if (sweep.overdue)
		TRY(store_write(store, sweep_write, &sweep, err));
	*ret_given_up = sweep.given_up;
	*ret_beats = sweep.beats;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What became of what was to be told? */
#include "store/delivery.h"

#include "store/cursor.h"
#include "store/event_row.h"
#include "store/keyset.h"
#include "store/sql.h"

const char *const delivery_kind_words[] = { [DELIVERY_EVENT] = "event",
					    [DELIVERY_DIGEST] = "digest",
					    [DELIVERY_TEST] = "test",
					    [DELIVERY_HEARTBEAT] = "heartbeat",
					    NULL };
const char *const delivery_state_words[] = {
	[DELIVERY_OPEN] = "open",       [DELIVERY_WAITING] = "waiting",
	[DELIVERY_SENDING] = "sending", [DELIVERY_DELIVERED] = "delivered",
	[DELIVERY_FAILED] = "failed",   NULL
};

static void delivery_columns(struct sql *q, struct delivery_row *ret)
{
	*ret = (struct delivery_row){
		.no = sql_int(q, 0),
		.id = sql_id(q, 1),
		.workspace = sql_int(q, 2),
		.channel = sql_int(q, 3),
		.channel_name = sql_text(q, 4),
		.recipient = sql_text(q, 5),
		.kind = (enum delivery_kind)sql_int_in(q, 6, 0, DELIVERY_KINDS - 1),
		.state = (enum delivery_state)sql_int_in(q, 7, 0, DELIVERY_STATES - 1),
		.domain = sql_int(q, 8),
		.domain_name = sql_text(q, 9),
		.events = sql_int(q, 10),
		.created_at = sql_int(q, 11),
		.due_at = sql_int(q, 12),
		.attempt = sql_int(q, 13),
		.first_at = sql_time(q, 14),
		.token = sql_int(q, 15),
		.ended_at = sql_time(q, 16),
		.last = { .status = sql_int_or(q, 17, 0),
			  .elapsed_us = sql_int_or(q, 18, 0),
			  .reply = sql_text(q, 19),
			  .error = sql_text(q, 20),
			  .transcript = sql_text(q, 21) },
	};
}

static int deliveries_read(struct sql *q, struct delivery_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct delivery_row row;

		delivery_columns(q, &row);
		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct delivery_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

static int delivery_read(struct sql *q, struct delivery_row *ret, struct err *err)
{
	struct delivery_row row;
	int code = sql_one(q);

	if (code == -ENOENT)
		return err_set(err, -ENOENT, "no such delivery");
	TRY(code);
	delivery_columns(q, &row);
	TRY(sql_end(q));
	*ret = row;
	return 0;
}

int delivery_insert(struct store_tx *tx, struct delivery_row *row, struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);
	int64_t no;

	TRY(sql_insert(tx, err, &no, SQL_DELIVERY_INSERT, SQL_ID(id), SQL_INT(row->workspace),
		       SQL_INT(row->channel), SQL_TEXT(row->recipient), SQL_INT(row->kind),
		       SQL_INT(row->state), SQL_INT(row->domain), SQL_INT(row->events),
		       SQL_INT(tx->now_us), SQL_INT(row->due_at)));
	row->no = no;
	row->id = id;
	row->created_at = tx->now_us;
	return 0;
}

int delivery_add_event(struct store_tx *tx, int64_t channel, int64_t event, int64_t delivery,
		       struct err *err)
{
	return MIN(sql_run(tx, err, SQL_DELIVERY_ADD_EVENT, SQL_INT(channel), SQL_INT(event),
			   SQL_INT(delivery)),
		   0);
}

int delivery_has_event(struct store_tx *tx, int64_t channel, int64_t event, bool *ret,
		       struct err *err)
{
	int64_t count;

	TRY(sql_number(tx, err, &count, SQL_DELIVERY_HAS_EVENT, SQL_INT(channel), SQL_INT(event)));
	*ret = count > 0;
	return 0;
}

int delivery_grow(struct store_tx *tx, int64_t no, int64_t count, int64_t due_at, int64_t domain,
		  struct err *err)
{
	return sql_change(tx, err, SQL_DELIVERY_GROW, SQL_INT(no), SQL_INT(due_at), SQL_INT(domain),
			  SQL_INT(count));
}

int delivery_window(struct store_tx *tx, int64_t channel, struct str recipient,
		    struct delivery_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_DELIVERY_WINDOW, SQL_INT(channel), SQL_TEXT(recipient));

	return delivery_read(&q, ret, err);
}

int delivery_get(struct store_tx *tx, int64_t workspace, struct uuid id, struct delivery_row *ret,
		 struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_DELIVERY_GET, SQL_INT(workspace), SQL_ID(id));

	return delivery_read(&q, ret, err);
}

int delivery_by_no(struct store_tx *tx, int64_t no, struct delivery_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_DELIVERY_BY_NO, SQL_INT(no));

	return delivery_read(&q, ret, err);
}

int delivery_pending(struct store_tx *tx, int64_t channel, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_DELIVERY_PENDING, SQL_INT(channel));
}

int delivery_list(struct store_tx *tx, int64_t workspace, int64_t channel, int state,
		  const struct page *page, struct delivery_row **ret, size_t *ret_count,
		  struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	struct str next = STR_NONE;
	struct delivery_row *rows;
	int64_t before;
	size_t count;

	TRY(cursor_read_number(page->after, INT64_MAX, &before, err));

	struct sql q SQL_CLOSED =
		sql_query(tx, err, channel ? SQL_DELIVERY_LIST_OF : SQL_DELIVERY_LIST,
			  SQL_INT(channel ? channel : workspace), SQL_INT(before),
			  SQL_INT(limit + INT64_C(1)), SQL_INT(state));

	TRY(deliveries_read(&q, &rows, &count));
	if (count > limit)
		next = cursor_write_number(tx->a, rows[limit - 1].no);
	*ret = rows;
	*ret_count = MIN(count, (size_t)limit);
	*ret_next = next;
	return 0;
}

int delivery_events(struct store_tx *tx, int64_t no, struct event_row **ret, size_t *ret_count,
		    struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_DELIVERY_EVENTS, SQL_INT(no), SQL_INT(DELIVERY_EVENTS));

	return event_rows(&q, ret, ret_count);
}

static int64_t sooner(int64_t one, int64_t other)
{
	return !one ? other : !other ? one : MIN(one, other);
}

int delivery_next_due(struct store_tx *tx, int64_t *ret, struct err *err)
{
	int64_t close, due, lease;

	TRY(sql_number(tx, err, &close, SQL_DELIVERY_NEXT_CLOSE));
	TRY(sql_number(tx, err, &due, SQL_DELIVERY_NEXT_DUE));
	TRY(sql_number(tx, err, &lease, SQL_DELIVERY_NEXT_LEASE));
	*ret = sooner(close, sooner(due, lease));
	return 0;
}

static int changed(int count, int64_t *ret)
{
	TRY(count);
	*ret = count;
	return 0;
}

int delivery_close_windows(struct store_tx *tx, int64_t *ret_closed, struct err *err)
{
	return changed(sql_run(tx, err, SQL_DELIVERY_CLOSE, SQL_INT(tx->now_us)), ret_closed);
}

int delivery_reclaim(struct store_tx *tx, int64_t *ret_count, struct err *err)
{
	return changed(sql_run(tx, err, SQL_DELIVERY_RECLAIM, SQL_INT(tx->now_us)), ret_count);
}

int delivery_renew(struct store_tx *tx, struct uuid holder, int64_t lease_until, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_DELIVERY_RENEW, SQL_ID(holder), SQL_INT(lease_until)), 0);
}

int delivery_reclaim_of(struct store_tx *tx, struct uuid holder, int64_t *ret_count,
			struct err *err)
{
	return changed(sql_run(tx, err, SQL_DELIVERY_RECLAIM_OF, SQL_ID(holder)), ret_count);
}

int delivery_holders(struct store_tx *tx, unsigned limit, struct uuid **ret, size_t *ret_count,
		     struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_DELIVERY_HOLDERS, SQL_INT(limit));
	struct buf ids;
	int code;

	buf_init(&ids, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct uuid id = sql_id(&q, 0);

		buf_put(&ids, &id, sizeof id);
	}
	TRY(code);
	*ret = (struct uuid *)ids.data;
	*ret_count = ids.len / sizeof **ret;
	return 0;
}

int delivery_sending(struct store_tx *tx, int64_t channel, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_DELIVERY_SENDING, SQL_INT(channel));
}

int delivery_ready(struct store_tx *tx, int64_t channel, unsigned limit, struct delivery_row **ret,
		   size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_DELIVERY_READY, SQL_INT(channel),
					    SQL_INT(tx->now_us), SQL_INT(limit));

	return deliveries_read(&q, ret, ret_count);
}

int delivery_take(struct store_tx *tx, struct delivery_row *row, struct uuid holder,
		  int64_t lease_until, struct err *err)
{
	int code = sql_change(tx, err, SQL_DELIVERY_TAKE, SQL_INT(row->no), SQL_INT(row->token),
			      SQL_ID(holder), SQL_INT(lease_until));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "another notifier has the delivery");
	TRY(code);
	row->state = DELIVERY_SENDING;
	row->attempt++;
	row->token++;
	return 0;
}

int delivery_attempts(struct store_tx *tx, int64_t no, struct attempt_row **ret, size_t *ret_count,
		      struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_ATTEMPT_LIST, SQL_INT(no), SQL_INT(DELIVERY_ATTEMPTS));
	struct attempt_row *rows = arena_array(tx->a, DELIVERY_ATTEMPTS, sizeof *rows);
	size_t count = 0;
	int code;

	for (code = sql_step(&q); code > 0 && count < DELIVERY_ATTEMPTS; code = sql_step(&q))
		rows[count++] =
			(struct attempt_row){ .at = sql_int(&q, 0),
					      .outcome = { .status = sql_int_or(&q, 1, 0),
							   .elapsed_us = sql_int_or(&q, 2, 0),
							   .reply = sql_text(&q, 3),
							   .error = sql_text(&q, 4) } };
	TRY(code);
	*ret = rows;
	*ret_count = count;
	return 0;
}

static int attempt_keep(struct store_tx *tx, int64_t no, const struct attempt_outcome *outcome,
			struct err *err)
{
	TRY(sql_run(tx, err, SQL_ATTEMPT_ADD, SQL_INT(no), SQL_INT(tx->now_us),
		    SQL_INT_OR_NULL(outcome->status, 0), SQL_INT_OR_NULL(outcome->elapsed_us, 0),
		    SQL_TEXT_OR_NULL(outcome->reply), SQL_TEXT_OR_NULL(outcome->error)));
	return sql_run(tx, err, SQL_ATTEMPT_FORGET, SQL_INT(no), SQL_INT(DELIVERY_ATTEMPTS - 1));
}

int delivery_settle(struct store_tx *tx, int64_t no, int64_t token, enum delivery_state state,
		    int64_t due_at, bool has_tried, const struct attempt_outcome *outcome,
		    struct err *err)
{
	bool is_final = state != DELIVERY_WAITING;
	int code = sql_change(tx, err, SQL_DELIVERY_SETTLE, SQL_INT(no), SQL_INT(token),
			      SQL_INT(state), SQL_INT(due_at), SQL_TIME(is_final ? tx->now_us : 0),
			      SQL_INT(!has_tried), SQL_TIME(has_tried || is_final ? tx->now_us : 0),
			      SQL_INT_OR_NULL(outcome->status, 0),
			      SQL_INT_OR_NULL(outcome->elapsed_us, 0),
			      SQL_TEXT_OR_NULL(outcome->reply), SQL_TEXT_OR_NULL(outcome->error),
			      SQL_TEXT_OR_NULL(outcome->transcript));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "another notifier has the delivery");
	TRY(code);
	return state == DELIVERY_DELIVERED ? 0 : attempt_keep(tx, no, outcome, err);
}

int delivery_again(struct store_tx *tx, int64_t no, struct err *err)
{
	int code;

	TRY(sql_run(tx, err, SQL_ATTEMPT_KEEP, SQL_INT(no)));
	code = sql_change(tx, err, SQL_DELIVERY_AGAIN, SQL_INT(no), SQL_INT(tx->now_us));
	return code == -ENOENT ? err_set(err, -EALREADY, "it is still on its way") : code;
}

int delivery_overdue(struct store_tx *tx, int64_t before, unsigned limit, struct delivery_row **ret,
		     size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_DELIVERY_OVERDUE, SQL_INT(before), SQL_INT(limit));

	return deliveries_read(&q, ret, ret_count);
}

int delivery_give_up(struct store_tx *tx, int64_t no, struct str why, struct err *err)
{
	return sql_change(tx, err, SQL_DELIVERY_GIVE_UP, SQL_INT(no), SQL_INT(tx->now_us),
			  SQL_TEXT(why));
}

int delivery_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_gone,
		    struct err *err)
{
	return changed(sql_run(tx, err, SQL_DELIVERY_EXPIRE, SQL_INT(before), SQL_INT(limit)),
		       ret_gone);
}

int delivery_count_open(struct store_tx *tx, struct delivery_counts *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_DELIVERY_COUNT);
	struct delivery_counts counts = { { 0 } };

	TRY(sql_one(&q));
	for (unsigned i = DELIVERY_OPEN; i <= DELIVERY_SENDING; i++)
		counts.by_state[i] = sql_int(&q, i);
	TRY(sql_end(&q));
	*ret = counts;
	return 0;
}

int reader_get(struct store_tx *tx, struct str name, int64_t *ret, struct err *err)
{
	return sql_number(tx, err, ret, SQL_READER_GET, SQL_TEXT(name));
}

int reader_set(struct store_tx *tx, struct str name, int64_t sequence, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_READER_SET, SQL_TEXT(name), SQL_INT(sequence)), 0);
}

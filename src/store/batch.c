/* SPDX-License-Identifier: Apache-2.0 */
/* Which batches are there, how far are they expanded, and how did their scans end? */
#include "store/batch.h"

#include "store/keyset.h"
#include "store/scan.h"
#include "store/sql.h"

const char *const batch_cause_words[] = { "api", "command", "schedule", "import", NULL };
const char *const batch_state_words[] = { "expanding", "running", "done", "cancelled", NULL };

static void row_read(struct sql *q, struct batch_row *ret)
{
	*ret = (struct batch_row){
		.no = sql_int(q, 0),
		.id = sql_id(q, 1),
		.workspace = sql_int(q, 2),
		.cause = (enum batch_cause)sql_int_in(q, 3, 0, BATCH_CAUSES - 1),
		.schedule = sql_id(q, 4),
		.tick = sql_time(q, 5),
		.selector = sql_text(q, 6),
		.profile = (int)sql_int_or(q, 7, BATCH_NO_PROFILE),
		.priority = sql_int_in(q, 8, 0, PRIORITY_COUNT - 1),
		.state = (enum batch_state)sql_int_in(q, 9, 0, BATCH_STATES - 1),
		.cursor = sql_int(q, 10),
		.total = sql_int(q, 11),
		.done = sql_int(q, 12),
		.incomplete = sql_int(q, 13),
		.failed = sql_int(q, 14),
		.cancelled = sql_int(q, 15),
		.created_by = sql_id(q, 16),
		.created_at = sql_int(q, 17),
		.expanded_at = sql_time(q, 18),
		.ended_at = sql_time(q, 19),
		.trace = sql_text(q, 20),
	};
}

static int rows_read(struct sql *q, struct batch_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct batch_row row;

		row_read(q, &row);
		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct batch_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int batch_insert(struct store_tx *tx, struct batch_row *row, struct err *err)
{
	struct uuid id = uuid_new(tx->now_us);

	TRY(sql_insert(tx, err, &row->no, SQL_BATCH_INSERT, SQL_ID(id), SQL_INT(row->workspace),
		       SQL_INT(row->cause), SQL_ID_OR_NULL(row->schedule), SQL_TIME(row->tick),
		       SQL_TEXT_OR_NULL(row->selector),
		       SQL_INT_OR_NULL(row->profile, BATCH_NO_PROFILE), SQL_INT(row->priority),
		       SQL_ID_OR_NULL(row->created_by), SQL_INT(tx->now_us),
		       SQL_TEXT_OR_NULL(row->trace)));
	row->id = id;
	row->created_at = tx->now_us;
	row->state = BATCH_EXPANDING;
	row->cursor = row->total = row->done = row->incomplete = row->failed = row->cancelled = 0;
	return 0;
}

int batch_add_names(struct store_tx *tx, struct uuid batch, const struct str *names, size_t count,
		    struct err *err)
{
	int64_t no, position;

	TRY(sql_number(tx, err, &no, SQL_BATCH_NO, SQL_ID(batch)));
	TRY(sql_number(tx, err, &position, SQL_BATCH_LAST_POSITION, SQL_INT(no)));
	for (size_t i = 0; i < count; i++)
		TRY(sql_change(tx, err, SQL_BATCH_ADD_NAME, SQL_INT(no), SQL_INT(++position),
			       SQL_TEXT(names[i])));
	return 0;
}

int batch_names(struct store_tx *tx, struct uuid batch, int64_t after_position, unsigned limit,
		struct str **ret, size_t *ret_count, int64_t *ret_last_position, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_BATCH_NAMES, SQL_ID(batch),
					    SQL_INT(after_position), SQL_INT(limit));
	int64_t last = after_position;
	struct buf names;
	int code;

	buf_init(&names, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct str name = sql_text(&q, 1);

		last = sql_int(&q, 0);
		buf_put(&names, &name, sizeof name);
	}
	TRY(code);
	*ret = (struct str *)names.data;
	*ret_count = names.len / sizeof **ret;
	*ret_last_position = last;
	return 0;
}

int batch_foresee(struct store_tx *tx, struct uuid id, struct err *err)
{
	return sql_foresee(tx, err, SQL_BATCH_GET, SQL_ID(id));
}

int batch_get(struct store_tx *tx, struct uuid id, struct batch_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_BATCH_GET, SQL_ID(id));
	struct batch_row row;

	TRY(sql_one(&q));
	row_read(&q, &row);
	TRY(sql_end(&q));
	*ret = row;
	return 0;
}

int batch_list(struct store_tx *tx, int64_t workspace, const struct page *page,
	       struct batch_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	struct str place = page->after;
	int64_t after = INT64_MAX;
	struct batch_row *rows;
	struct buf next;
	size_t count;

	if (place.len && (keyset_take_int(&place, &after) < 0 || place.len))
		return err_set(err, -EINVAL, "this is no place in a list of batches");

	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_BATCH_LIST, SQL_INT(workspace),
					    SQL_INT(after), SQL_INT(limit + 1));

	TRY(rows_read(&q, &rows, &count));
	buf_init(&next, tx->a);
	if (count > limit)
		keyset_put_int(&next, rows[limit - 1].no);
	*ret = rows;
	*ret_count = MIN(count, (size_t)limit);
	*ret_next = buf_str(&next);
	return 0;
}

int batch_expanding(struct store_tx *tx, unsigned limit, struct batch_row **ret, size_t *ret_count,
		    struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_BATCH_EXPANDING, SQL_INT(limit));

	return rows_read(&q, ret, ret_count);
}

static int end_when_done(struct store_tx *tx, struct uuid id, bool *ret_is_done, struct err *err)
{
	int ended = sql_run(tx, err, SQL_BATCH_END, SQL_ID(id), SQL_INT(tx->now_us));

	TRY(ended);
	*ret_is_done = ended > 0;
	return 0;
}

int batch_advance(struct store_tx *tx, struct uuid id, int64_t from, int64_t to, int64_t made,
		  bool is_last, bool *ret_is_done, struct err *err)
{
	int code = sql_change(tx, err, SQL_BATCH_ADVANCE, SQL_ID(id), SQL_INT(from), SQL_INT(to),
			      SQL_INT(made));

	if (code == -ENOENT)
		return err_set(err, -ESTALE, "the batch does not expand from here any more");
	TRY(code);
	*ret_is_done = false;
	if (!is_last)
		return 0;
	TRY(sql_change(tx, err, SQL_BATCH_EXPANDED, SQL_ID(id), SQL_INT(tx->now_us)));
	TRY(sql_run(tx, err, SQL_BATCH_DROP_NAMES, SQL_ID(id)));
	return end_when_done(tx, id, ret_is_done, err);
}

int batch_count_end(struct store_tx *tx, struct uuid id, int scan_status, int64_t count,
		    bool *ret_is_done, struct err *err)
{
	sql_forget(tx, SQL_BATCH_GET, SQL_ID(id));
	TRY(sql_change(tx, err, SQL_BATCH_COUNT_END, SQL_ID(id),
		       SQL_INT(scan_status == SCAN_IS_DONE ? count : 0),
		       SQL_INT(scan_status == SCAN_IS_INCOMPLETE ? count : 0),
		       SQL_INT(scan_status == SCAN_IS_FAILED ? count : 0),
		       SQL_INT(scan_status == SCAN_IS_CANCELLED ? count : 0)));
	return end_when_done(tx, id, ret_is_done, err);
}

int batch_cancel(struct store_tx *tx, struct uuid id, struct err *err)
{
	struct batch_row row;
	int changed = sql_run(tx, err, SQL_BATCH_CANCEL, SQL_ID(id), SQL_INT(tx->now_us));

	TRY(changed);
	TRY(batch_get(tx, id, &row, err));
	if (!changed)
		return err_set(err, -EALREADY, "the batch is %s", batch_state_words[row.state]);
	return MIN(sql_run(tx, err, SQL_BATCH_DROP_NAMES, SQL_ID(id)), 0);
}

int batch_cancel_scans(struct store_tx *tx, struct uuid id, unsigned limit, struct uuid **ret,
		       size_t *ret_count, struct err *err)
{
	struct buf ids;
	int code;

	TRY(sql_run(tx, err, SQL_BATCH_CANCEL_RUNNING, SQL_ID(id), SQL_INT(tx->now_us)));

	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_BATCH_CANCEL_QUEUED, SQL_ID(id),
					    SQL_INT(tx->now_us), SQL_INT(limit));

	buf_init(&ids, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct uuid scan = sql_id(&q, 0);

		buf_put(&ids, &scan, sizeof scan);
	}
	TRY(code);
	*ret = (struct uuid *)ids.data;
	*ret_count = ids.len / sizeof **ret;
	return 0;
}

int batch_expire(struct store_tx *tx, int64_t before, unsigned limit, int64_t *cursor,
		 int64_t *ret_gone, bool *ret_is_end, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_BATCH_EXPIRABLE, SQL_INT(*cursor),
					    SQL_INT(before), SQL_INT(limit));
	int64_t last = *cursor;
	struct buf old;
	unsigned seen = 0;
	int code;

	buf_init(&old, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q), seen++) {
		last = sql_int(&q, 0);
		if (sql_bool(&q, 1))
			buf_put(&old, &last, sizeof last);
	}
	TRY(code);
	for (size_t i = 0; i < old.len / sizeof(int64_t); i++)
		TRY(sql_change(tx, err, SQL_BATCH_DELETE, SQL_INT(((int64_t *)old.data)[i])));
	*cursor = last;
	*ret_gone = (int64_t)(old.len / sizeof(int64_t));
	*ret_is_end = seen < limit;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which scans are there? */
#include "store/scan.h"

#include "store/keyset.h"
#include "store/scan_row.h"

const char *const scan_status_words[] = { "queued", "running",   "done", "incomplete",
					  "failed", "cancelled", NULL };
const char *const scan_priority_words[] = { "high", "normal", "bulk", NULL };

enum { INSERTED_VALUES = 11 };

static void insert_values(const struct scan_row *row, struct sql_value out[INSERTED_VALUES])
{
	const struct sql_value values[INSERTED_VALUES] = {
		SQL_ID(row->id),
		SQL_INT(row->workspace),
		SQL_INT(row->domain),
		SQL_INT(row->profile),
		SQL_INT(row->priority),
		SQL_INT(row->flags),
		SQL_ID_OR_NULL(row->batch),
		SQL_ID_OR_NULL(row->retry_of),
		SQL_TEXT_OR_NULL(row->recheck),
		SQL_ID_OR_NULL(row->created_by),
		SQL_TEXT_OR_NULL(row->trace),
	};

	memcpy(out, values, sizeof values);
}

int scan_insert_new(struct store_tx *tx, struct scan_row *rows, size_t count, int64_t *ret_made,
		    struct err *err)
{
	struct sql_value values[INSERTED_VALUES];
	int64_t made = 0;

	for (size_t i = 0; i < count; i++) {
		rows[i].id = uuid_new(tx->now_us);
		insert_values(&rows[i], values);
		TRY(sql_foresee_values(tx, err, SQL_SCAN_INSERT_NEW, values, ARRAY_COUNT(values)));
	}
	for (size_t i = 0; i < count; i++) {
		int inserted;

		insert_values(&rows[i], values);
		inserted =
			sql_run_values(tx, err, SQL_SCAN_INSERT_NEW, values, ARRAY_COUNT(values));
		TRY(inserted);
		made += inserted;
	}
	*ret_made = made;
	return 0;
}

static int insert(struct store_tx *tx, struct scan_row *row, bool is_sure, struct err *err)
{
	struct sql_value values[INSERTED_VALUES];
	struct scan_row fresh = *row;

	fresh.id = uuid_new(tx->now_us);
	insert_values(&fresh, values);
	TRY(is_sure ? sql_sure_values(tx, err, SQL_SCAN_INSERT, values, ARRAY_COUNT(values))
		    : sql_insert_values(tx, err, &row->no, SQL_SCAN_INSERT, values,
					ARRAY_COUNT(values)));
	row->id = fresh.id;
	row->created_at = uuid_time_us(row->id);
	row->status = SCAN_IS_QUEUED;
	row->score = -1;
	return 0;
}

int scan_insert(struct store_tx *tx, struct scan_row *row, struct err *err)
{
	return insert(tx, row, false, err);
}

int scan_insert_sure(struct store_tx *tx, struct scan_row *row, struct err *err)
{
	return insert(tx, row, true, err);
}

int scan_foresee(struct store_tx *tx, struct uuid id, struct err *err)
{
	return sql_foresee(tx, err, SQL_SCAN_GET, SQL_ID(id));
}

int scan_get(struct store_tx *tx, struct uuid id, struct scan_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_GET, SQL_ID(id));

	return scan_one_read(&q, ret);
}

int scan_foresee_open(struct store_tx *tx, int64_t domain, struct err *err)
{
	return sql_foresee(tx, err, SQL_SCAN_OPEN_OF, SQL_INT(domain));
}

int scan_open_of(struct store_tx *tx, int64_t domain, struct scan_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_OPEN_OF, SQL_INT(domain));

	return scan_one_read(&q, ret);
}

/* ---- lists ---- */

static int list_of_workspace(struct store_tx *tx, unsigned statement, int64_t workspace, int status,
			     int64_t after, unsigned limit, struct scan_row **ret,
			     size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, statement, SQL_INT(workspace), SQL_INT(after),
					    SQL_INT(status), SQL_INT(limit));

	return scan_rows_read(&q, ret, ret_count);
}

static int list_of_domain(struct store_tx *tx, const struct scan_filter *filter, int64_t after,
			  unsigned limit, struct scan_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SCAN_LIST_DOMAIN, SQL_INT(filter->workspace), SQL_INT(after),
			  SQL_INT(filter->status), SQL_INT(limit), SQL_INT(filter->domain),
			  SQL_INT(filter->is_open));

	return scan_rows_read(&q, ret, ret_count);
}

static int list_of_batch(struct store_tx *tx, const struct scan_filter *filter, int64_t after,
			 unsigned limit, struct scan_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SCAN_LIST_BATCH, SQL_INT(filter->workspace), SQL_INT(after),
			  SQL_INT(filter->status), SQL_INT(limit), SQL_ID(filter->batch),
			  SQL_INT(filter->is_open), SQL_INT(filter->domain));

	return scan_rows_read(&q, ret, ret_count);
}

/* Two lists that are newest first, as one of at most `limit`. */
static void merge(struct arena *a, const struct scan_row *left, size_t left_count,
		  const struct scan_row *right, size_t right_count, unsigned limit,
		  struct scan_row **ret, size_t *ret_count)
{
	size_t count = MIN(left_count + right_count, (size_t)limit);
	struct scan_row *rows = arena_array(a, count, sizeof *rows);

	for (size_t i = 0, l = 0, r = 0; i < count; i++)
		rows[i] = r == right_count || (l < left_count && left[l].no > right[r].no)
				  ? left[l++]
				  : right[r++];
	*ret = rows;
	*ret_count = count;
}

static int list_rows(struct store_tx *tx, const struct scan_filter *filter, int64_t after,
		     unsigned limit, struct scan_row **ret, size_t *ret_count, struct err *err)
{
	struct scan_row *queued, *running;
	size_t queued_count, running_count;

	if (!uuid_is_nil(filter->batch))
		return list_of_batch(tx, filter, after, limit, ret, ret_count, err);
	if (filter->domain)
		return list_of_domain(tx, filter, after, limit, ret, ret_count, err);
	if (!filter->is_open)
		return list_of_workspace(
			tx,
			filter->status < 0 || filter->status == SCAN_IS_DONE ? SQL_SCAN_LIST
									     : SQL_SCAN_LIST_RARE,
			filter->workspace, filter->status, after, limit, ret, ret_count, err);
	TRY(list_of_workspace(tx, SQL_SCAN_LIST_RARE, filter->workspace, SCAN_IS_QUEUED, after,
			      limit, &queued, &queued_count, err));
	TRY(list_of_workspace(tx, SQL_SCAN_LIST_RARE, filter->workspace, SCAN_IS_RUNNING, after,
			      limit, &running, &running_count, err));
	merge(tx->a, queued, queued_count, running, running_count, limit, ret, ret_count);
	return 0;
}

int scan_list(struct store_tx *tx, const struct scan_filter *filter, const struct page *page,
	      struct scan_row **ret, size_t *ret_count, struct str *ret_next, struct err *err)
{
	unsigned limit = page_limit(page->limit);
	bool is_of_batch = !uuid_is_nil(filter->batch);
	int64_t after = is_of_batch ? 0 : INT64_MAX;
	struct str place = page->after;
	struct scan_row *rows;
	struct buf next;
	size_t count;

	if (place.len && (keyset_take_int(&place, &after) < 0 || place.len))
		return err_set(err, -EINVAL, "this is no place in a list of scans");
	TRY(list_rows(tx, filter, after, limit + 1, &rows, &count, err));
	buf_init(&next, tx->a);
	if (count > limit)
		keyset_put_int(&next, is_of_batch ? rows[limit - 1].domain : rows[limit - 1].no);
	*ret = rows;
	*ret_count = MIN(count, (size_t)limit);
	*ret_next = buf_str(&next);
	return 0;
}

/* ---- what is old ---- */

/* The smallest id that could have been made at that time. */
static struct uuid first_id_at(int64_t at_us)
{
	struct uuid id = UUID_NIL;
	uint64_t ms = (uint64_t)at_us / 1000;

	for (size_t i = 0; i < 6; i++)
		id.octets[i] = (uint8_t)(ms >> (40 - 8 * i));
	return id;
}

int scan_expire(struct store_tx *tx, int64_t before, unsigned limit, struct uuid *cursor,
		int64_t *ret_gone, bool *ret_is_end, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_EXPIRABLE, SQL_ID(*cursor),
					    SQL_ID(first_id_at(before)), SQL_INT(limit));
	struct uuid last = *cursor;
	struct buf old;
	unsigned seen = 0;
	int code;

	buf_init(&old, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q), seen++) {
		int64_t no = sql_int(&q, 1);

		last = sql_id(&q, 0);
		if (sql_bool(&q, 2))
			buf_put(&old, &no, sizeof no);
	}
	TRY(code);
	for (size_t i = 0; i < old.len / sizeof(int64_t); i++)
		TRY(sql_change(tx, err, SQL_SCAN_DELETE, SQL_INT(((int64_t *)old.data)[i])));
	*cursor = last;
	*ret_gone = (int64_t)(old.len / sizeof(int64_t));
	*ret_is_end = seen < limit;
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which scans are there, who runs them, and how did they end? */
#include "store/scan.h"

#include "base/desc.h"
#include "store/fact.h"
#include "store/keyset.h"
#include "store/sql.h"

const char *const scan_status_words[] = { "queued", "running",   "done", "incomplete",
					  "failed", "cancelled", NULL };
const char *const scan_priority_words[] = { "high", "normal", "bulk", NULL };

/* ---- areas: for each one octet of flags and two varints ---- */

static struct str areas_encode(struct arena *a, const struct area_points areas[SCAN_AREAS])
{
	struct buf out;

	buf_init(&out, a);
	for (size_t i = 0; i < SCAN_AREAS; i++) {
		buf_put_char(&out, (char)(areas[i].applies | areas[i].is_incomplete << 1));
		buf_put_varint(&out, areas[i].points);
		buf_put_varint(&out, areas[i].max);
	}
	return buf_str(&out);
}

static int areas_decode(struct str bytes, struct area_points areas[SCAN_AREAS])
{
	for (size_t i = 0; i < SCAN_AREAS; i++) {
		uint64_t points, max;

		if (!bytes.len)
			return ERR_CORRUPT;
		areas[i].applies = bytes.data[0] & 1;
		areas[i].is_incomplete = bytes.data[0] >> 1 & 1;
		bytes = str_from(bytes, 1);
		TRY(varint_take(&bytes, &points));
		TRY(varint_take(&bytes, &max));
		areas[i].points = (uint16_t)points;
		areas[i].max = (uint16_t)max;
	}
	return 0;
}

/* ---- rows ---- */

static int read_documents(struct sql *q, struct scan_row *row)
{
	struct str areas;

	if (!sql_is_null(q, 28)) {
		TRY(document_decode(q->tx->a, sql_view(q, 28), &areas, q->err));
		if (areas_decode(areas, row->areas) < 0)
			return err_set(q->err, ERR_CORRUPT, "the areas of a scan are damaged");
	}
	if (!sql_is_null(q, 29))
		TRY(document_decode(q->tx->a, sql_view(q, 29), &row->algorithm, q->err));
	return 0;
}

static int row_read(struct sql *q, struct scan_row *ret)
{
	*ret = (struct scan_row){
		.no = sql_int(q, 0),
		.id = sql_id(q, 1),
		.workspace = sql_int(q, 2),
		.domain = sql_int(q, 3),
		.name = sql_text(q, 4),
		.status = (enum scan_status)sql_int_in(q, 5, 0, SCAN_STATUSES - 1),
		.profile = (int)sql_int(q, 6),
		.priority = sql_int_in(q, 7, 0, PRIORITY_COUNT - 1),
		.flags = (unsigned)sql_int(q, 8),
		.batch = sql_id(q, 9),
		.retry_of = sql_id(q, 10),
		.created_by = sql_id(q, 11),
		.recheck = sql_text(q, 12),
		.trace = sql_text(q, 13),
		.published_at = sql_time(q, 14),
		.cancel_at = sql_time(q, 15),
		.worker = sql_id(q, 16),
		.token = sql_int(q, 17),
		.attempt = (int)sql_int(q, 18),
		.deaths = (int)sql_int(q, 19),
		.started_at = sql_time(q, 20),
		.ended_at = sql_time(q, 21),
		.grade = (int)sql_int(q, 22),
		.score = (int)sql_int_or(q, 23, -1),
		.gaps = sql_int(q, 24),
		.fact_set = sql_int_or(q, 25, 0),
		.verdicts = sql_int_or(q, 26, 0),
		.error = sql_text(q, 27),
		.progress_event = sql_int_or(q, 30, 0),
		.progress = sql_text(q, 31),
	};
	ret->created_at = uuid_time_us(ret->id);
	return read_documents(q, ret);
}

static int rows_read(struct sql *q, struct scan_row **ret, size_t *ret_count)
{
	struct buf rows;
	int code;

	buf_init(&rows, q->tx->a);
	for (code = sql_step(q); code > 0; code = sql_step(q)) {
		struct scan_row row;

		TRY(row_read(q, &row));
		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct scan_row *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

static int one_read(struct sql *q, struct scan_row *ret)
{
	struct scan_row row;

	TRY(sql_one(q));
	TRY(row_read(q, &row));
	TRY(sql_end(q));
	*ret = row;
	return 0;
}

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

int scan_insert(struct store_tx *tx, struct scan_row *row, struct err *err)
{
	struct sql_value values[INSERTED_VALUES];
	struct scan_row fresh = *row;

	fresh.id = uuid_new(tx->now_us);
	insert_values(&fresh, values);
	TRY(sql_insert_values(tx, err, &row->no, SQL_SCAN_INSERT, values, ARRAY_COUNT(values)));
	row->id = fresh.id;
	row->created_at = uuid_time_us(row->id);
	row->status = SCAN_IS_QUEUED;
	row->score = -1;
	return 0;
}

int scan_foresee(struct store_tx *tx, struct uuid id, struct err *err)
{
	return sql_foresee(tx, err, SQL_SCAN_GET, SQL_ID(id));
}

int scan_get(struct store_tx *tx, struct uuid id, struct scan_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_GET, SQL_ID(id));

	return one_read(&q, ret);
}

int scan_open_of(struct store_tx *tx, int64_t domain, struct scan_row *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_OPEN_OF, SQL_INT(domain));

	return one_read(&q, ret);
}

/* ---- lists ---- */

static int list_of_workspace(struct store_tx *tx, unsigned statement, int64_t workspace, int status,
			     int64_t after, unsigned limit, struct scan_row **ret,
			     size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, statement, SQL_INT(workspace), SQL_INT(after),
					    SQL_INT(status), SQL_INT(limit));

	return rows_read(&q, ret, ret_count);
}

static int list_of_domain(struct store_tx *tx, const struct scan_filter *filter, int64_t after,
			  unsigned limit, struct scan_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SCAN_LIST_DOMAIN, SQL_INT(filter->workspace), SQL_INT(after),
			  SQL_INT(filter->status), SQL_INT(limit), SQL_INT(filter->domain),
			  SQL_INT(filter->is_open));

	return rows_read(&q, ret, ret_count);
}

static int list_of_batch(struct store_tx *tx, const struct scan_filter *filter, int64_t after,
			 unsigned limit, struct scan_row **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED =
		sql_query(tx, err, SQL_SCAN_LIST_BATCH, SQL_INT(filter->workspace), SQL_INT(after),
			  SQL_INT(filter->status), SQL_INT(limit), SQL_ID(filter->batch),
			  SQL_INT(filter->is_open), SQL_INT(filter->domain));

	return rows_read(&q, ret, ret_count);
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

/* ---- the relay ---- */

int scan_waiting_workspaces(struct store_tx *tx, int priority, int64_t **ret, size_t *ret_count,
			    struct err *err)
{
	struct buf found;
	int64_t workspace = 0;
	int code;

	buf_init(&found, tx->a);
	while ((code = sql_number(tx, err, &workspace, SQL_SCAN_NEXT_WAITING_WORKSPACE,
				  SQL_INT(priority), SQL_INT(workspace))) == 0)
		buf_put(&found, &workspace, sizeof workspace);
	if (code != -ENOENT)
		return code;
	*ret = (int64_t *)found.data;
	*ret_count = found.len / sizeof **ret;
	return 0;
}

int scan_waiting_list(struct store_tx *tx, int priority, int64_t workspace, unsigned limit,
		      struct scan_waiting **ret, size_t *ret_count, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_WAITING_LIST, SQL_INT(priority),
					    SQL_INT(workspace), SQL_INT(limit));
	struct buf rows;
	int code;

	buf_init(&rows, tx->a);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		struct scan_waiting row = { .id = sql_id(&q, 0),
					    .workspace = sql_int(&q, 1),
					    .priority = (int)sql_int(&q, 2),
					    .trace = sql_text(&q, 3) };

		buf_put(&rows, &row, sizeof row);
	}
	TRY(code);
	*ret = (struct scan_waiting *)rows.data;
	*ret_count = rows.len / sizeof **ret;
	return 0;
}

int scan_published(struct store_tx *tx, struct uuid id, struct err *err)
{
	return MIN(sql_run(tx, err, SQL_SCAN_PUBLISHED, SQL_ID(id), SQL_INT(tx->now_us)), 0);
}

int scan_unpublish(struct store_tx *tx, int64_t before, unsigned limit, int64_t *ret_count,
		   struct err *err)
{
	int count = sql_run(tx, err, SQL_SCAN_UNPUBLISH, SQL_INT(before), SQL_INT(limit));

	TRY(count);
	*ret_count = count;
	return 0;
}

int scan_waiting_count(struct store_tx *tx, int priority, int64_t workspace, int64_t *ret,
		       struct err *err)
{
	return sql_number(tx, err, ret, SQL_SCAN_WAITING_COUNT, SQL_INT(priority),
			  SQL_INT(workspace));
}

int scan_backlog_reaches(struct store_tx *tx, int64_t most, bool *ret, struct err *err)
{
	int64_t count;

	TRY(sql_number(tx, err, &count, SQL_SCAN_BACKLOG, SQL_INT(most)));
	*ret = count >= most;
	return 0;
}

int scan_in_flight(struct store_tx *tx, int64_t workspace, int64_t *ret_on_bus,
		   int64_t *ret_running, struct err *err)
{
	struct sql q SQL_CLOSED =
		workspace ? sql_query(tx, err, SQL_SCAN_IN_FLIGHT, SQL_INT(workspace))
			  : sql_query(tx, err, SQL_SCAN_IN_FLIGHT_ALL);
	int64_t on_bus, running;

	TRY(sql_one(&q));
	on_bus = sql_int(&q, 0);
	running = sql_int(&q, 1);
	TRY(sql_end(&q));
	*ret_on_bus = on_bus;
	*ret_running = running;
	return 0;
}

int scan_on_bus(struct store_tx *tx, struct scan_on_bus ret[PRIORITY_COUNT], struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_ON_BUS);
	int code;

	memset(ret, 0, PRIORITY_COUNT * sizeof *ret);
	for (code = sql_step(&q); code > 0; code = sql_step(&q)) {
		int64_t priority = sql_int(&q, 0);

		if (priority >= 0 && priority < PRIORITY_COUNT)
			ret[priority] = (struct scan_on_bus){ sql_int(&q, 1), sql_int(&q, 2),
							      sql_int(&q, 3) };
	}
	return code;
}

/* ---- the worker ---- */

int scan_foresee_take(struct store_tx *tx, struct uuid id, struct uuid worker, struct err *err)
{
	TRY(sql_foresee(tx, err, SQL_SCAN_TAKE, SQL_ID(id), SQL_ID(worker), SQL_INT(tx->now_us)));
	return scan_foresee(tx, id, err);
}

int scan_take(struct store_tx *tx, struct uuid id, struct uuid worker, struct scan_row *ret,
	      struct err *err)
{
	struct scan_row row;
	int taken =
		sql_run(tx, err, SQL_SCAN_TAKE, SQL_ID(id), SQL_ID(worker), SQL_INT(tx->now_us));

	TRY(taken);
	TRY(scan_get(tx, id, &row, err));
	if (!taken)
		return err_set(err, -EALREADY, "the scan is %s", scan_status_words[row.status]);
	*ret = row;
	return 0;
}

static int of_token(int changed, struct err *err)
{
	if (changed == 0)
		return err_set(err, -ESTALE, "the scan has gone to another worker, or has ended");
	return MIN(changed, 0);
}

int scan_count_death(struct store_tx *tx, struct uuid id, int64_t token, int *ret_deaths,
		     struct err *err)
{
	int64_t deaths;
	int code = sql_number(tx, err, &deaths, SQL_SCAN_COUNT_DEATH, SQL_ID(id), SQL_INT(token));

	if (code == -ENOENT)
		return of_token(0, err);
	TRY(code);
	*ret_deaths = (int)deaths;
	return 0;
}

int scan_set_progress(struct store_tx *tx, struct uuid id, int64_t token, int64_t sequence,
		      struct err *err)
{
	return of_token(
		sql_run(tx, err, SQL_SCAN_PROGRESS, SQL_ID(id), SQL_INT(token), SQL_INT(sequence)),
		err);
}

int scan_release(struct store_tx *tx, struct uuid id, int64_t token, bool is_to_publish,
		 struct err *err)
{
	return of_token(sql_run(tx, err, SQL_SCAN_RELEASE, SQL_ID(id), SQL_INT(token),
				SQL_INT(is_to_publish)),
			err);
}

static bool has_areas(const struct scan_row *row)
{
	for (size_t i = 0; i < SCAN_AREAS; i++)
		if (row->areas[i].applies || row->areas[i].max || row->areas[i].is_incomplete)
			return true;
	return false;
}

int scan_foresee_end(struct store_tx *tx, const struct scan_row *row, struct err *err)
{
	if (!sql_foresees(tx))
		return 0;
	if (has_areas(row))
		TRY(document_foresee(tx, areas_encode(tx->a, row->areas), err));
	return row->algorithm.len ? document_foresee(tx, row->algorithm, err) : 0;
}

/* is_held: this transaction has seen that it runs under this token. */
static int end(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
	       bool is_held, struct err *err)
{
	int (*run)(struct store_tx *, struct err *, unsigned, const struct sql_value *, size_t) =
		is_held ? sql_sure_values : sql_change_values;
	int64_t areas = 0, algorithm = 0;
	struct str kept;
	int code;

	if (has_areas(row))
		TRY(document_put(tx, areas_encode(tx->a, row->areas), &areas, err));
	if (row->algorithm.len)
		TRY(document_put(tx, row->algorithm, &algorithm, err));
	TRY(fact_volatile_put(tx, row->fact_set, row->is_first_of_set, volatile_blob, &kept, err));
	code = run(tx, err, SQL_SCAN_END,
		   SQL_VALUES(SQL_ID(row->id), SQL_INT(row->token), SQL_INT(row->status),
			      SQL_TIME(row->started_at),
			      SQL_INT(row->ended_at ? row->ended_at : tx->now_us),
			      SQL_INT(row->grade), SQL_INT_OR_NULL(row->score, -1),
			      SQL_INT_OR_NULL(areas, 0), SQL_INT(row->gaps),
			      SQL_INT_OR_NULL(algorithm, 0), SQL_INT_OR_NULL(row->fact_set, 0),
			      SQL_BLOB_OR_NULL(kept), SQL_INT_OR_NULL(row->verdicts, 0),
			      SQL_TEXT_OR_NULL(row->error)));
	sql_forget(tx, SQL_SCAN_GET, SQL_ID(row->id));
	return code == -ENOENT ? of_token(0, err) : code;
}

int scan_end(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
	     struct err *err)
{
	return end(tx, row, volatile_blob, false, err);
}

int scan_end_held(struct store_tx *tx, const struct scan_row *row, struct str volatile_blob,
		  struct err *err)
{
	return end(tx, row, volatile_blob, true, err);
}

int scan_volatile(struct store_tx *tx, struct uuid id, struct str *ret, struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_VOLATILE, SQL_ID(id));
	struct str kept;
	int64_t set;

	TRY(sql_one(&q));
	set = sql_int(&q, 0);
	kept = sql_blob(&q, 1);
	TRY(sql_end(&q));
	return fact_volatile_get(tx, set, kept, ret, err);
}

int scan_running(struct store_tx *tx, struct uuid worker, struct scan_row **ret, size_t *ret_count,
		 struct err *err)
{
	struct sql q SQL_CLOSED = uuid_is_nil(worker)
					  ? sql_query(tx, err, SQL_SCAN_LOST)
					  : sql_query(tx, err, SQL_SCAN_RUNNING, SQL_ID(worker));

	return rows_read(&q, ret, ret_count);
}

int scan_cancel(struct store_tx *tx, struct uuid id, struct scan_row *ret, struct err *err)
{
	struct scan_row row;
	int changed = sql_run(tx, err, SQL_SCAN_CANCEL_QUEUED, SQL_ID(id), SQL_INT(tx->now_us));

	if (changed == 0)
		changed = sql_run(tx, err, SQL_SCAN_ASK_CANCEL, SQL_ID(id), SQL_INT(tx->now_us));
	TRY(changed);
	TRY(scan_get(tx, id, &row, err));
	if (!changed)
		return err_set(err, -EALREADY, "the scan is %s", scan_status_words[row.status]);
	*ret = row;
	return 0;
}

int scan_cancel_asked(struct store_tx *tx, struct uuid worker, struct uuid **ret, size_t *ret_count,
		      struct err *err)
{
	struct sql q SQL_CLOSED = sql_query(tx, err, SQL_SCAN_CANCEL_ASKED, SQL_ID(worker));
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

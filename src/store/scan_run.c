/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs a scan, and how does it end? */
#include "store/scan.h"

#include "store/fact.h"
#include "store/scan_row.h"

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
		TRY(document_foresee(tx, scan_areas_encode(tx->a, row->areas), err));
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
		TRY(document_put(tx, scan_areas_encode(tx->a, row->areas), &areas, err));
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

	return scan_rows_read(&q, ret, ret_count);
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
